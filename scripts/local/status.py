"""Say what runs, and how far each stream is."""

from collections.abc import Iterable, Sequence
from typing import Any

import boto3

from scripts.local import aws, processes, world
from scripts.local.world import World


def show() -> bool:
    """Print what runs and how far it is; return whether the world is whole."""
    current = world.read()
    if not current.processes:
        print("Nothing is up; start it: make up")
        return False
    _print_table(("server", "state", "url"), _servers(current))
    if not current.is_whole:
        print("\nNot all of it is there; make up starts it afresh.")
        return False

    stack = world.read_stack()
    session = aws.connect(stack["aws_endpoint_url"])
    print()
    _print_table(("queue", "visible", "in flight"), _queues(session, stack["queues"]))
    print()
    _print_table(("waits to be pushed", "count"), _waiting(session, stack["tables"]))
    return True


def _servers(current: World) -> Iterable[Sequence[str]]:
    for name, process in current.processes.items():
        count = len(processes.members(process))
        state = f"runs ({count} processes)" if processes.is_running(process) else "gone"
        yield name, state, f"http://127.0.0.1:{process.port}"


def _queues(session: boto3.Session, queues: dict[str, str]) -> Iterable[Sequence[str]]:
    sqs = session.client("sqs")
    for name, url in queues.items():
        attributes = sqs.get_queue_attributes(
            QueueUrl=url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
            ],
        )["Attributes"]
        yield (
            name,
            attributes["ApproximateNumberOfMessages"],
            attributes["ApproximateNumberOfMessagesNotVisible"],
        )


def _waiting(session: boto3.Session, tables: dict[str, str]) -> Iterable[Sequence[str]]:
    pages = session.client("dynamodb").get_paginator("scan")
    for name in ("contacts", "companies"):
        # Sparse: the index holds only what waits.
        found = pages.paginate(TableName=tables[name], IndexName="by_waiting", Select="COUNT")
        yield name, str(sum(page["Count"] for page in found))


def _print_table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    table = [head, *rows]
    widths = [max(len(str(row[column])) for row in table) for column in range(len(head))]
    for number, row in enumerate(table):
        print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)))
        if number == 0:
            print("  ".join("-" * width for width in widths))
