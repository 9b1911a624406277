"""The streams of one pull: opened under a lease, moved page by page, ended with a watermark."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.records import SObject
from counterpart.domain.selection import SelectionMode
from counterpart.domain.streams import PASSES, PassProgress, Rows, finished_run, is_due
from counterpart.domain.values import format_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from counterpart.domain.requests import PullRequest
    from counterpart.domain.streams import Lease, Pass, StreamState
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import Clock, StreamRepository

# Longer than a page takes, so that a lease outlives the work between two saves, and short enough
# that after a crash the stream does not stand still for long.
LEASE = timedelta(minutes=3)

# How long a field that the org does not show us is left out before it is looked for again.
_LOOK_AGAIN = timedelta(hours=1)


@dataclass(kw_only=True)
class PulledStream:
    """One object's stream, while a run moves it.

    Attributes:
        lease: `None` in a dry run, which moves nothing, and once the stream was given back.
        passes: What is read of the object.
        since: Where an ad hoc stream begins.
    """

    object: SObject
    state: StreamState
    lease: Lease | None
    passes: Sequence[Pass]
    since: datetime | None

    def progress(self, step: Pass) -> PassProgress:
        """Return how far a pass has come."""
        return self.state.progress.get(step.name, PassProgress())

    @property
    def finished(self) -> bool:
        """Return whether all of its passes have ended."""
        return all(self.progress(step).finished for step in self.passes)


class PulledStreams:
    """Opens streams, keeps their leases alive, saves how far they have come.

    Attributes:
        notes: Why a stream was left alone, for whoever asked for it.
        watermarks: Of the streams that should move by themselves.
    """

    def __init__(
        self,
        request: PullRequest,
        settings: SyncSettings,
        *,
        streams: StreamRepository,
        clock: Clock,
        run_id: str,
    ) -> None:
        self._request = request
        self._inbound = settings.inbound
        self._streams = streams
        self._clock = clock
        self._run_id = run_id
        self.notes: list[str] = []
        self.watermarks: list[datetime] = []

    def open(self) -> list[PulledStream]:
        """Return the streams that are wanted, due and free."""
        opened = []
        for sobject in (SObject.ACCOUNT, SObject.CONTACT, SObject.LEAD):
            if self._request.objects and sobject not in self._request.objects:
                continue
            passes = self._passes(sobject)
            if passes:
                stream = self._open(sobject, passes)
                if stream:
                    opened.append(stream)
            elif self._request.objects:
                self.notes.append(f"{sobject} is switched off in the settings; nothing read.")
        return opened

    def _passes(self, sobject: SObject) -> list[Pass]:
        """Return what is read of an object; links are kept up even while its data is not taken."""
        objects = self._inbound.objects
        entry = objects[sobject]
        taken = entry.enabled and entry.selection.mode is not SelectionMode.NONE
        people = any(each.enabled for name, each in objects.items() if name.is_person)
        return [
            step
            for step in PASSES
            if step.object is sobject and (taken or (step.rows is Rows.GONE and people))
        ]

    def _open(self, sobject: SObject, passes: Sequence[Pass]) -> PulledStream | None:
        since = self._request.since
        name = f"{sobject} since {format_time(since)}" if since else str(sobject)
        now = self._clock()
        if self._request.dry_run:
            state = self._streams.get(name)
            return PulledStream(object=sobject, state=state, lease=None, passes=passes, since=since)

        lease = self._streams.acquire(name, now=now, lasts=LEASE)
        if lease is None:
            self.notes.append(f"{sobject} is being pulled by another run at this moment.")
            return None
        state = self._streams.get(name)
        interval = self._inbound.objects[sobject].interval
        if self._request.scheduled and not is_due(state, now=now, interval=interval):
            self._streams.release(lease)
            if interval:
                self._note_watermark(state)
            return None
        if state.looked_at and now - state.looked_at > _LOOK_AGAIN:
            state = replace(state, set_aside=(), looked_at=None)
        if self._request.scheduled:
            # The schedule's rhythm; a person who pulls in between must not delay it.
            state = replace(state, started_at=now)
        if state.upper is None:
            state = replace(state, progress={})
        return PulledStream(object=sobject, state=state, lease=lease, passes=passes, since=since)

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

    def give_back(self, streams: Sequence[PulledStream]) -> None:
        """End the leases."""
        for stream in streams:
            if stream.lease:
                self._streams.release(stream.lease)
                stream.lease = None

    def _note_watermark(self, state: StreamState) -> None:
        if state.watermark:
            self.watermarks.append(state.watermark)
