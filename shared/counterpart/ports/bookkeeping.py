"""What is remembered of the work itself: how far streams are, settings, runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from counterpart.domain.outcomes import Outcome, Run, RunKind
from counterpart.domain.streams import Lease, StreamState
from counterpart.domain.sync_settings import SyncSettings
from counterpart.ports.world import Listing


class StreamRepository(Protocol):
    """How far each stream has come, and who may move it."""

    def get(self, stream: str) -> StreamState:
        """Return a stream's state; one that never ran has a fresh state."""

    def acquire(self, stream: str, *, now: datetime, lasts: timedelta) -> Lease | None:
        """Return a lease on a stream, or `None` while somebody else holds one."""

    def save(self, state: StreamState, lease: Lease) -> None:
        """Store a stream's state, and the lease's end as it stands in *lease*.

        Raises:
            LeaseLostError: a later lease was granted.
        """

    def release(self, lease: Lease) -> None:
        """End a lease; nothing happens if a later one was granted."""

    def discard(self, lease: Lease) -> None:
        """Forget a stream and its lease; for ad hoc runs that have ended."""


class SettingsRepository(Protocol):
    """The settings document, every version of it."""

    def current(self) -> SyncSettings:
        """Return the newest version; the default document, version 0, before any was stored."""

    def save(self, settings: SyncSettings, *, changed_by: str, changed_at: datetime) -> None:
        """Store *settings* as the version it bears.

        Raises:
            StaleVersionError: that version exists already, or is not the one after the newest.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldOutcome:
    """An outcome, and the run that told of it."""

    run_id: str
    outcome: Outcome


class RunRepository(Protocol):
    """What was done, for people to look up."""

    def record(self, run: Run, outcomes: Sequence[Outcome] = ()) -> None:
        """Store a run, or its newer state, and add *outcomes* to it."""

    def get(self, run_id: str) -> Run | None:
        """Return a run."""

    def page(
        self, *, kind: RunKind | None = None, limit: int, after: str | None = None
    ) -> Listing[Run]:
        """Return runs, newest first."""

    def outcomes(self, run_id: str, *, limit: int, after: str | None = None) -> Listing[Outcome]:
        """Return the outcomes of a run in the order they were recorded."""

    def about(self, subject_id: str, *, limit: int) -> Sequence[ToldOutcome]:
        """Return the last outcomes about a contact or company, newest first.

        Reads an index, which may lag behind.
        """
