"""The stream of backfills: its lease, how far it has come, and what holds it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.backfill import RESUME, OpenBackfill
from counterpart.domain.windows import PassProgress
from counterpart.use_cases.backfill import LEASE, STREAM
from counterpart.use_cases.pulled_streams import LOOK_AGAIN
from counterpart.use_cases.stream_holds import approved, held_by

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.backfill import Backfill
    from counterpart.domain.guard import Hold
    from counterpart.domain.streams import Lease, StreamState
    from counterpart.ports import Clock, StreamRepository, Successor
    from counterpart.use_cases.guarded_pages import Judgement


class BackfillStream:
    """One invocation's hold on the backfill that is open, or a plan that is stored nowhere.

    Args:
        streams: Where it is kept.
        successor: Who goes on with it.
        clock: Ours.
        run_id: The run that moves it.
        settings_version: By which it goes.
        plan: Instead of the open one, this one from its beginning.

    Attributes:
        opened: The backfill, once it was opened; `None` if there is none to move.
        note: Why it was left alone, if it was.
        held: What it was found held by, or was held for by this run.
    """

    def __init__(
        self,
        streams: StreamRepository,
        successor: Successor,
        *,
        clock: Clock,
        run_id: str,
        settings_version: int,
        plan: Backfill | None,
    ) -> None:
        self._streams = streams
        self._successor = successor
        self._clock = clock
        self._run_id = run_id
        self._settings_version = settings_version
        self._plan = plan
        self._lease: Lease | None = None
        self._state: StreamState = streams.get(STREAM)
        self.opened: OpenBackfill | None = None
        self.note = ""
        self.held: Hold | None = None

    def open(self) -> bool:
        """Take the lease; return whether there is something to move."""
        if self._plan:
            self.opened = OpenBackfill(id=self._run_id, what=self._plan, total=0)
            self._state = replace(self._state, upper=None, progress={}, hold=None)
            return True
        self._lease = self._streams.acquire(STREAM, now=self._clock(), lasts=LEASE)
        if self._lease is None:
            self.note = "The backfill is being run at this moment."
            return False
        self._state = self._streams.get(STREAM)
        if self._state.backfill is None:
            self.note = "No backfill is open."
            return False
        hold = self._state.hold
        if hold and hold.waits(self._clock(), pause=LOOK_AGAIN):
            self.held = hold
            self.note = "The backfill stands still."
            return False
        self.opened = self._state.backfill
        # Should this run break off before its first page is applied, it is the one that tells why.
        self._state = replace(self._state, last_run=self._run_id)
        self.keep()
        self._state = approved(self._state, settings_version=self._settings_version)
        return True

    @property
    def upper(self) -> datetime | None:
        """Return where its window ends, once it has begun."""
        return self._state.upper

    @property
    def progress(self) -> PassProgress:
        """Return how far it has come."""
        return self._state.progress.get(STREAM, PassProgress())

    def begin(self, upper: datetime) -> None:
        """Note where its window ends, unless it has begun before."""
        self._state = replace(self._state, upper=self._state.upper or upper)

    def advance(self, progress: PassProgress, *, read: int) -> None:
        """Store that a page was applied.

        Raises:
            LeaseLostError: it was cancelled, or somebody else has taken it over.
        """
        if self.opened is None:
            raise AssertionError("it was opened before")
        self.opened = replace(self.opened, done=self.opened.done + read)
        self._state = replace(
            self._state, progress={STREAM: progress}, backfill=self.opened, hold=None
        )
        self.keep()

    def hold(self, judgement: Judgement) -> bool:
        """Let it stand still until somebody says yes; return `False` for a plan, which goes on.

        Raises:
            LeaseLostError: it was cancelled, or somebody else has taken it over.
        """
        if self._plan:
            return False
        self._state = held_by(
            judgement,
            self._state,
            step=STREAM,
            now=self._clock(),
            settings_version=self._settings_version,
        )
        self.held = self._state.hold
        self.keep()
        return True

    def keep(self) -> None:
        """Store it as it stands, and hold it for longer.

        Raises:
            LeaseLostError: it was cancelled, or somebody else has taken it over.
        """
        if self._lease:
            self._lease = replace(self._lease, until=self._clock() + LEASE)
            self._streams.save(self._state, self._lease)

    def finish(self) -> None:
        """Close the backfill: it was read to its end.

        Raises:
            LeaseLostError: it was cancelled, or somebody else has taken it over.
        """
        self._state = replace(
            self._state, backfill=None, upper=None, progress={}, finished_at=self._clock()
        )
        self.keep()

    def hand_over(self) -> bool:
        """Let the next invocation go on at once; return `False` for a plan, which ends here."""
        if self._plan:
            return False
        self.release()
        self._successor.start(RESUME)
        return True

    def release(self) -> None:
        """End the lease."""
        if self._lease:
            self._streams.release(self._lease)
            self._lease = None
