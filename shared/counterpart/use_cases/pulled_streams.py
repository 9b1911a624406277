"""The streams of one pull: opened under a lease, moved page by page, ended with a watermark."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.guard import Hold
from counterpart.domain.streams import EVERYTHING, finished_run, is_due
from counterpart.domain.values import format_time
from counterpart.domain.windows import PassProgress, Window
from counterpart.use_cases.stream_holds import approved, held_by

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from counterpart.domain.passes import Pass
    from counterpart.domain.streams import Lease, StreamState
    from counterpart.errors import MissingFieldError
    from counterpart.ports import Clock, StreamRepository
    from counterpart.use_cases.guarded_pages import Judgement

# Longer than a page takes, so that a lease outlives the work between two saves, and short enough
# that after a crash the stream does not stand still for long.
LEASE = timedelta(minutes=3)

# How long a field that the org does not show us is left out before it is looked for again.
LOOK_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A stream to be moved, if it is due and free.

    Attributes:
        name: Under which its state is kept, such as that of its object.
        passes: What is read.
        interval: How often by itself; `None` means by hand only.
    """

    name: str
    passes: Sequence[Pass]
    interval: timedelta | None


@dataclass(kw_only=True)
class PulledStream:
    """A stream, while a run moves it.

    Attributes:
        name: As it was wanted; that of an ad hoc stream's state says since when, too.
        lease: `None` in a dry run, which moves nothing, and once the stream was given back.
        passes: What is read.
        since: Where an ad hoc stream begins.
    """

    name: str
    state: StreamState
    lease: Lease | None
    passes: Sequence[Pass]
    since: datetime | None

    def progress(self, step: Pass) -> PassProgress:
        """Return how far a pass has come."""
        return self.state.progress.get(step.name, PassProgress())

    def window(self, step: Pass, beginning: datetime | None) -> Window:
        """Return what a pass asks for next, of a window that begins there."""
        progress = self.progress(step)
        bounds = (beginning, progress.since)
        return Window(
            lower=max((bound for bound in bounds if bound), default=None),
            upper=progress.until or self.state.upper,
            after=progress.after,
        )

    @property
    def finished(self) -> bool:
        """Return whether all of its passes have ended."""
        return all(self.progress(step).finished for step in self.passes)


class PulledStreams:
    """Opens streams, keeps their leases alive, saves how far they have come.

    Attributes:
        notes: Why a stream was left alone, for whoever asked for it.
        watermarks: Of the streams that should move by themselves.
        hidden: Streams that our user may not read, and what Salesforce said, by name.
        held: Streams that stand still until somebody says yes, by name.
        judged: Those of them that were held, or judged once more, by this run.

    Args:
        streams: Where they are stored.
        clock: Ours.
        run_id: The run that moves them.
        scheduled: Asked by the schedule: a stream whose interval has not passed is left alone.
        since: Read once more what was changed at or after this moment, apart from the streams.
        dry_run: Move nothing.
        settings_version: By which the run goes, and a yes counts.
    """

    def __init__(
        self,
        streams: StreamRepository,
        *,
        clock: Clock,
        run_id: str,
        scheduled: bool = False,
        since: datetime | None = None,
        dry_run: bool = False,
        settings_version: int = 0,
    ) -> None:
        self._streams = streams
        self._settings_version = settings_version
        self._clock = clock
        self._run_id = run_id
        self._scheduled = scheduled
        self._since = since
        self._dry_run = dry_run
        self.notes: list[str] = []
        self.watermarks: list[datetime] = []
        self.hidden: dict[str, str] = {}
        self.held: dict[str, Hold] = {}
        self.judged: list[Hold] = []

    def open(self, wanted: Sequence[Wanted]) -> list[PulledStream]:
        """Return those of the streams that are due and free."""
        opened = map(self._open, wanted)
        return [stream for stream in opened if stream]

    def _open(self, wanted: Wanted) -> PulledStream | None:
        since = self._since
        name = f"{wanted.name} since {format_time(since)}" if since else wanted.name
        now = self._clock()
        lease = None
        if not self._dry_run:
            lease = self._streams.acquire(name, now=now, lasts=LEASE)
            if lease is None:
                self.notes.append(f"{wanted.name} is being pulled by another run at this moment.")
                return None
        state = self._streams.get(name)
        stream = PulledStream(
            name=wanted.name, state=state, lease=lease, passes=wanted.passes, since=since
        )
        if lease is None:
            return stream
        if self._scheduled and self._rests(wanted, state, now):
            self._streams.release(lease)
            return None
        between_runs = state.upper is None
        if between_runs and state.looked_at and now - state.looked_at > LOOK_AGAIN:
            state = replace(state, set_aside=(), looked_at=None)
        state = approved(state, settings_version=self._settings_version)
        state = replace(state, set_aside=tuple(p for p in state.set_aside if p != EVERYTHING))
        if self._scheduled:
            # The schedule's rhythm; a person who pulls in between must not delay it.
            state = replace(state, started_at=now)
        if state.upper is None:
            state = replace(state, progress={})
        stream.state = state
        return stream

    def _rests(self, wanted: Wanted, state: StreamState, now: datetime) -> bool:
        """Return whether the schedule leaves a stream alone at this tick."""
        if not is_due(state, now=now, interval=wanted.interval):
            if wanted.interval:
                self._note_watermark(state)
            return True
        looked_lately = state.looked_at and now - state.looked_at <= LOOK_AGAIN
        if looked_lately and EVERYTHING in state.set_aside:
            self._note_watermark(state)
            return True
        if state.hold and state.hold.waits(now, pause=LOOK_AGAIN):
            self._note_watermark(state)
            self.held[wanted.name] = state.hold
            self.notes.append(f"{wanted.name} is held: {state.hold.id} needs a yes.")
            return True
        return False

    def save(self, stream: PulledStream) -> None:
        """Store how far a stream has come, and hold it for longer.

        Raises:
            LeaseLostError: somebody else has taken it over.
        """
        if stream.lease:
            stream.lease = replace(stream.lease, until=self._clock() + LEASE)
            self._streams.save(stream.state, stream.lease)

    def keep(self, streams: Sequence[PulledStream]) -> None:
        """Hold streams for longer that wait for their turn.

        Raises:
            LeaseLostError: somebody else has taken one over.
        """
        for stream in streams:
            if stream.lease and stream.lease.until - self._clock() < LEASE / 2:
                self.save(stream)

    def finish(self, stream: PulledStream) -> None:
        """End a stream that was read to its end.

        Raises:
            LeaseLostError: somebody else has taken it over.
        """
        if stream.lease is None:
            return
        if stream.since:
            self._streams.discard(stream.lease)
            stream.lease = None
            return
        after = finished_run(stream.state, now=self._clock(), run_id=self._run_id)
        self._streams.save(after, stream.lease)
        self._note_watermark(after)

    def hide(self, stream: PulledStream, exc: MissingFieldError) -> None:
        """Let a stream stand still that our user may not read; it is tried again in an hour.

        Raises:
            LeaseLostError: somebody else has taken it over.
        """
        self.hidden[stream.name] = exc.message
        self.notes.append(f"{stream.name} cannot be read: {exc.message}. The others go on.")
        set_aside = (*stream.state.set_aside, EVERYTHING)
        stream.state = replace(stream.state, set_aside=set_aside, looked_at=self._clock())
        self.save(stream)
        self._note_watermark(stream.state)

    def hold(self, stream: PulledStream, step: Pass, judgement: Judgement) -> None:
        """Let a stream stand still where it is, until somebody says yes or the cause is gone.

        Raises:
            LeaseLostError: somebody else has taken it over.
        """
        stream.state = held_by(
            judgement,
            stream.state,
            step=step.name,
            now=self._clock(),
            settings_version=self._settings_version,
        )
        self.save(stream)
        hold = stream.state.hold
        if hold is None:
            raise AssertionError("it was held a moment ago")
        self.held[stream.name] = hold
        self.judged.append(hold)
        self._note_watermark(stream.state)

    def stops(self, stream: PulledStream) -> bool:
        """Return whether a stream was left to stand still."""
        return stream.name in self.hidden or stream.name in self.held

    def give_back(self, streams: Sequence[PulledStream]) -> None:
        """End the leases."""
        for stream in streams:
            if stream.lease:
                self._streams.release(stream.lease)
                stream.lease = None

    def pass_on(self, stream: PulledStream, step: Pass) -> None:
        """Drop the hold of a stream that has come past what was held."""
        if stream.state.hold and stream.state.hold.step == step.name:
            stream.state = replace(stream.state, hold=None)

    def _note_watermark(self, state: StreamState) -> None:
        if state.watermark:
            self.watermarks.append(state.watermark)
