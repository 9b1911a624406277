"""Show what the functions of the local stack have logged."""

import time
from datetime import UTC, datetime
from operator import itemgetter

import boto3

from scripts.local import aws, place, world

_LOOK_BACK_S = 900
_PAUSE_S = 1.0


def show(function: str | None, *, follow: bool) -> None:
    """Print the last quarter of an hour of *function*, or of all, oldest first; or go on."""
    stack = world.read_stack()
    session = aws.connect(stack["aws_endpoint_url"])
    groups = aws.read_log_groups(session)
    if function is not None and function not in groups:
        raise place.LocalError(f"FUNCTION={function} is none of {', '.join(sorted(groups))}.")
    chosen = {name: group for name, group in groups.items() if function in {None, name}}

    since = int((time.time() - _LOOK_BACK_S) * 1000)
    shown: set[tuple[int, str, str]] = set()
    while True:
        for line in _read(session, chosen, since):
            if line not in shown:
                at, name, message = line
                moment = datetime.fromtimestamp(at / 1000, UTC).strftime("%H:%M:%S")
                print(f"{moment} {name:<15} {message}", flush=True)
                shown.add(line)
        if not follow:
            return
        time.sleep(_PAUSE_S)


def _read(session: boto3.Session, groups: dict[str, str], since: int) -> list[tuple[int, str, str]]:
    pages = session.client("logs").get_paginator("filter_log_events")
    lines = [
        (event["timestamp"], name, event["message"].rstrip())
        for name, group in groups.items()
        for page in pages.paginate(logGroupName=group, startTime=since)
        for event in page["events"]
    ]
    # Stable: what a function logged within one millisecond stays in its order.
    return sorted(lines, key=itemgetter(0))
