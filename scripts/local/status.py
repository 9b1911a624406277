"""Say what runs, and how far each stream is."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3

from counterpart.adapters.dynamodb.stream_documents import state_of
from counterpart.domain.outcomes import RunKind
from scripts.local import aws, processes, world
from scripts.local.world import World

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from counterpart.domain.streams import StreamState

_RUNS_SHOWN = 5


def show() -> bool:
    """Print what runs and how far it is; return whether the world is whole."""
    current = world.read()
    if not current.processes:
        print("Nothing is up; start it: make up")
        return False
    _print_table(("server", "state", "address"), _servers(current))
    if not current.is_whole:
        print("\nNot all of it is there; make up starts it afresh.")
        return False

    stack = world.read_stack()
    session = aws.connect(stack["aws_endpoint_url"])
    dynamodb, tables = session.client("dynamodb"), stack["tables"]
    _print_table(
        ("stream", "read up to", "behind", "last run ended", "now"),
        _streams(dynamodb, tables["sync_state"]),
    )
    _print_table(
        ("what waits", "count"),
        [*_waiting(dynamodb, tables), *_queued(session, stack["queues"])],
    )
    _print_table(
        ("last runs", "kind", "ended", "status", "summary"), _runs(dynamodb, tables["runs"])
    )
    return True


def _servers(current: World) -> Iterable[Sequence[str]]:
    for name, process in current.processes.items():
        count = len(processes.members(process))
        running = f"runs, {count} process{'es' if count > 1 else ''}"
        state = running if processes.is_running(process) else "gone"
        yield name, state, f"http://127.0.0.1:{process.port}"


def _streams(dynamodb: "DynamoDBClient", table: str) -> Iterable[Sequence[str]]:
    now = datetime.now(UTC)
    for page in dynamodb.get_paginator("scan").paginate(TableName=table):
        for item in sorted(page["Items"], key=lambda item: item["stream"]["S"]):
            if "state" in item:
                state = state_of(item["stream"]["S"], item["state"]["S"])
                watermark, ended = state.watermark, state.finished_at
                yield (
                    state.stream,
                    _clock(watermark),
                    f"{(now - watermark).total_seconds():.0f} s" if watermark else "",
                    _clock(ended),
                    what_it_does(state),
                )


def what_it_does(state: "StreamState") -> str:
    """Return what a stream does now; one that is held stands still in the middle of its window."""
    if state.hold and not state.hold.approved:
        return "is held"
    return "runs" if state.upper else "rests"


def _waiting(dynamodb: "DynamoDBClient", tables: dict[str, str]) -> Iterable[Sequence[str]]:
    for name in ("contacts", "companies"):
        # Sparse: the index holds only what waits.
        pages = dynamodb.get_paginator("scan").paginate(
            TableName=tables[name], IndexName="by_waiting", Select="COUNT"
        )
        yield f"{name} to push or create", str(sum(page["Count"] for page in pages))


def _queued(session: boto3.Session, queues: dict[str, str]) -> Iterable[Sequence[str]]:
    names = {
        "creation": "creation jobs",
        "creation_dead_letter": "creation jobs that failed",
        "run_dead_letter": "runs that failed",
    }
    for queue, name in names.items():
        attributes = session.client("sqs").get_queue_attributes(
            QueueUrl=queues[queue],
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
            ],
        )["Attributes"]
        yield name, str(sum(int(number) for number in attributes.values()))


def _runs(dynamodb: "DynamoDBClient", table: str) -> Iterable[Sequence[str]]:
    found = [
        item
        for kind in RunKind
        for item in dynamodb.query(
            TableName=table,
            IndexName="by_start",
            KeyConditionExpression="kind = :kind",
            ExpressionAttributeValues={":kind": {"S": str(kind)}},
            ScanIndexForward=False,
            Limit=_RUNS_SHOWN,
        )["Items"]
    ]
    found.sort(key=lambda item: item["started_at"]["S"], reverse=True)
    for item in found[:_RUNS_SHOWN]:
        ended = datetime.fromisoformat(item["finished_at"]["S"])
        parts = ("run_id", "kind", "status", "summary")
        run_id, kind, status, summary = (item[part]["S"] for part in parts)
        yield run_id, kind, _clock(ended), status, summary


def _clock(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else "never"


def _print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = [head, *rows]
    if len(table) == 1:
        table.append(["none yet", *[""] * (len(head) - 1)])
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    table.insert(1, ["-" * width for width in widths])
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    print()
