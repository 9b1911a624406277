"""Streams in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from counterpart.adapters.memory.writes import unwatched
from counterpart.domain.streams import Lease, StreamState
from counterpart.errors import LeaseLostError

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from counterpart.adapters.memory.writes import WriteHook


@dataclass(kw_only=True, slots=True)
class _Stream:
    state: StreamState
    fence: int = 0
    leased_until: datetime | None = None


class InMemoryStreamRepository:
    """Streams and their leases.

    Args:
        before_write: Called before each write; what it raises keeps the write from happening.
        after_write: Called after each write that happened.
    """

    def __init__(
        self, *, before_write: WriteHook = unwatched, after_write: WriteHook = unwatched
    ) -> None:
        self._streams: dict[str, _Stream] = {}
        self._before_write = before_write
        self._after_write = after_write
        self._fence = 0

    def get(self, stream: str) -> StreamState:
        stored = self._streams.get(stream)
        return stored.state if stored else StreamState(stream=stream)

    def acquire(self, stream: str, *, now: datetime, lasts: timedelta) -> Lease | None:
        self._before_write("streams.acquire")
        stored = self._streams.get(stream) or _Stream(state=StreamState(stream=stream))
        if stored.leased_until and stored.leased_until > now:
            return None
        # Counted across streams, so that a stream that was discarded never sees a fence twice.
        self._fence += 1
        stored.fence, stored.leased_until = self._fence, now + lasts
        self._streams[stream] = stored
        lease = Lease(stream=stream, fence=stored.fence, until=stored.leased_until)
        self._after_write("streams.acquire")
        return lease

    def save(self, state: StreamState, lease: Lease) -> None:
        """Store a stream's state, and the end of the lease, which may have been moved on."""
        self._before_write("streams.save")
        stored = self._under(lease)
        if stored is None:
            raise LeaseLostError(f"Another run has taken {lease.stream} over")
        progress = MappingProxyType(dict(state.progress))
        jobs = MappingProxyType(dict(state.jobs))
        stored.state = replace(state, progress=progress, jobs=jobs)
        stored.leased_until = lease.until
        self._after_write("streams.save")

    def release(self, lease: Lease) -> None:
        self._before_write("streams.release")
        stored = self._under(lease)
        if stored:
            stored.leased_until = None
            self._after_write("streams.release")

    def discard(self, lease: Lease) -> None:
        self._before_write("streams.discard")
        if self._under(lease):
            del self._streams[lease.stream]
            self._after_write("streams.discard")

    def _under(self, lease: Lease) -> _Stream | None:
        stored = self._streams.get(lease.stream)
        return stored if stored and stored.fence == lease.fence else None
