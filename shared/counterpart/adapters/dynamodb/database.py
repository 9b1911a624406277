"""The connection to DynamoDB that all repositories of a process share, and its errors."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from pynamodb.connection import Connection
from pynamodb.exceptions import PynamoDBException, TableError

from counterpart.adapters.aws import (
    ATTEMPTS,
    CONNECT_TIMEOUT_SECONDS,
    READ_TIMEOUT_SECONDS,
    translated_errors,
    translation,
)
from counterpart.adapters.crew import Crew

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pynamodb.connection.base import MetaTable

# Enough to keep one virtual CPU busy while requests of 3 to 10 ms are under way.
_THREADS = 16


class Database:
    """A connection, the threads that use it, and a count of what they ask.

    Left to itself, PynamoDB builds a client for each table; one takes about 0.1 s of a cold start.

    Args:
        region: `None` leaves it to botocore, which looks at AWS_DEFAULT_REGION.
        pause: Waits some seconds before what DynamoDB left undone is asked again.
    """

    def __init__(
        self, *, region: str | None = None, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self.connection = Connection(
            region=region,
            connect_timeout_seconds=CONNECT_TIMEOUT_SECONDS,
            read_timeout_seconds=READ_TIMEOUT_SECONDS,
            # PynamoDB makes this botocore's standard retry mode.
            max_retry_attempts=ATTEMPTS - 1,
            max_pool_connections=_THREADS,
        )
        self.crew = Crew(_THREADS)
        self.pause = pause
        self._requests: Counter[str] = Counter()
        self._lock = Lock()
        with translated_errors("DynamoDB"):
            # Made here, because making it is not safe in several threads at once.
            events = self.connection.client.meta.events
        events.register_first("before-send.dynamodb.*", self._count)

    @property
    def requests(self) -> Mapping[str, int]:
        """Return how often each operation was sent so far, retries included."""
        with self._lock:
            return dict(self._requests)

    def introduce(self, table: MetaTable) -> None:
        """Tell the connection which keys a table and its indexes have."""
        try:
            self.connection.get_meta_table(table.table_name)
        except TableError:
            self.connection.add_meta_table(table)

    def _count(self, event_name: str, **_: object) -> None:
        operation = event_name.rpartition(".")[2]
        with self._lock:
            self._requests[operation] += 1


@contextmanager
def translated_pynamo_errors(table: str) -> Iterator[None]:
    """Raise what PynamoDB raises about *table* as what it means to us."""
    try:
        yield
    except PynamoDBException as exc:
        raise translation(exc.cause or exc, table) from exc
