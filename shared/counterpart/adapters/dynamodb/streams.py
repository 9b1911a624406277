"""Streams in a DynamoDB table: one item holds a stream's state and its lease."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from counterpart.adapters.dynamodb.attributes import MomentAttribute
from counterpart.adapters.dynamodb.stream_documents import state_of, state_text
from counterpart.adapters.dynamodb.table import Table
from counterpart.domain.streams import Lease, StreamState
from counterpart.errors import LeaseLostError

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from counterpart.adapters.dynamodb.database import Database


class _StreamItem(Model):
    stream = UnicodeAttribute(hash_key=True)
    state = UnicodeAttribute(null=True)
    fence = NumberAttribute()
    leased_until = MomentAttribute(null=True)
    holder = UnicodeAttribute(null=True)


class DynamoStreamRepository:
    """Streams; whoever moves one holds its lease."""

    def __init__(self, table_name: str, database: Database) -> None:
        self._table = Table(_StreamItem, table_name, database)

    def get(self, stream: str) -> StreamState:
        item = self._table.get(stream)
        if item is None or not item.state:
            return StreamState(stream=stream)
        return state_of(stream, item.state)

    def acquire(self, stream: str, *, now: datetime, lasts: timedelta) -> Lease | None:
        # Should the answer be lost, botocore asks again; by its holder, the lease is then known
        # to be ours already.
        holder = secrets.token_hex(8)
        # After a stream was discarded, its fences go on above all that it ever had.
        base = int(now.timestamp() * 1_000_000)
        until = now + lasts
        changed = self._table.update(
            stream,
            [
                _StreamItem.fence.set((_StreamItem.fence | base) + 1),
                _StreamItem.leased_until.set(until),
                _StreamItem.holder.set(holder),
            ],
            condition=_StreamItem.leased_until.does_not_exist()
            | (_StreamItem.leased_until <= now)
            | (_StreamItem.holder == holder),
        )
        if changed is None:
            return None
        return Lease(stream=stream, fence=int(changed["fence"]["N"]), until=until)

    def save(self, state: StreamState, lease: Lease) -> None:
        """Store a stream's state, and the end of the lease, which may have been moved on."""
        changed = self._table.update(
            lease.stream,
            [
                _StreamItem.state.set(state_text(state)),
                _StreamItem.leased_until.set(lease.until),
            ],
            condition=_StreamItem.fence == lease.fence,
        )
        if changed is None:
            raise LeaseLostError(f"Another run has taken {lease.stream} over")

    def release(self, lease: Lease) -> None:
        self._table.update(
            lease.stream,
            [_StreamItem.leased_until.remove(), _StreamItem.holder.remove()],
            condition=_StreamItem.fence == lease.fence,
        )

    def discard(self, lease: Lease) -> None:
        self._table.delete(lease.stream, _StreamItem.fence == lease.fence)
