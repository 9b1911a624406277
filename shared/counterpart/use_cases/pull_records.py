"""Pull: what changed in Salesforce comes in.

One poll asks for the next page of every pass at once, so that finding nothing costs one call.
Pages are applied in the order of the passes, and a stream's progress is saved after each of its
pages; should time run short, the next invocation goes on from there at once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.budget import Budget, budget, used_percent
from counterpart.domain.ids import new_id
from counterpart.domain.outcomes import Action, Outcome, Reason, RunKind, RunStatus
from counterpart.domain.records import SObject, object_of
from counterpart.domain.selection import SelectionMode
from counterpart.domain.streams import (
    PASSES,
    PassProgress,
    Rows,
    after_page,
    finished_run,
    is_due,
    lower_bound,
)
from counterpart.domain.values import format_time
from counterpart.errors import (
    HaltError,
    MissingFieldError,
    QuotaExhaustedError,
    TransientError,
)
from counterpart.ports import PageQuery
from counterpart.use_cases.apply_page import PagePorts, Tally, apply_page
from counterpart.use_cases.reports import Report, how_many

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import Record
    from counterpart.domain.requests import PullRequest
    from counterpart.domain.streams import Lease, Pass, StreamState
    from counterpart.ports import (
        RunRepository,
        SettingsRepository,
        StreamRepository,
        Successor,
    )

# Longer than a page takes, so that a lease outlives the work between two saves, and short enough
# that after a crash the stream does not stand still for long.
LEASE = timedelta(minutes=3)

# Below this, no further page is begun: the longest page seen took a fifth of it.
MARGIN = timedelta(seconds=60)

# How long a field that the org does not show us is left out before it is looked for again.
_LOOK_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class PullPorts:
    """What pulling needs of the world."""

    pages: PagePorts
    streams: StreamRepository
    settings: SettingsRepository
    runs: RunRepository
    successor: Successor


@dataclass(kw_only=True)
class _Stream:
    """One object's stream, while this run moves it."""

    object: SObject
    state: StreamState
    lease: Lease | None
    passes: list[Pass]
    since: datetime | None
    missing: set[str] = field(default_factory=set)

    def progress(self, step: Pass) -> PassProgress:
        return self.state.progress.get(step.name, PassProgress())

    @property
    def finished(self) -> bool:
        return all(self.progress(step).finished for step in self.passes)


def pull_records(
    request: PullRequest, *, ports: PullPorts, time_left: Callable[[], timedelta]
) -> Report:
    """Bring in what changed, and report what became of it.

    Args:
        request: What to pull.
        ports: The world.
        time_left: How long this invocation may still take.

    Raises:
        HaltError: a person is needed; what was applied so far is kept.
    """
    return _Run(request, ports, time_left).go()


class _Run:
    """One invocation."""

    def __init__(
        self, request: PullRequest, ports: PullPorts, time_left: Callable[[], timedelta]
    ) -> None:
        self._request = request
        self._ports = ports
        self._time_left = time_left
        self._clock = ports.pages.clock
        self._started_at = self._clock()
        self._run_id = new_id(self._started_at)
        self._settings = ports.settings.current()
        self._calls_before = ports.pages.salesforce.usage().calls
        self._tally = Tally()
        self._notes: list[str] = []
        self._status = RunStatus.COMPLETED
        self._error: str | None = None
        self._watermarks: list[datetime] = []

    def go(self) -> Report:
        try:
            if self._request.ids:
                self._pull_ids()
            else:
                self._pull_streams()
        except QuotaExhaustedError as exc:
            self._status = RunStatus.BUDGET
            self._error = str(exc)
        except (TransientError, HaltError) as exc:
            self._status = RunStatus.FAILED
            self._error = str(exc)
            if isinstance(exc, HaltError):
                self._record(self._report())
                raise
        report = self._report()
        self._record(report)
        return report

    # --- by id ----------------------------------------------------------------------------------

    def _pull_ids(self) -> None:
        asked_at = self._clock()
        wanted: dict[SObject, list[str]] = {}
        for record_id in self._request.ids:
            sobject = object_of(record_id)
            if sobject:
                wanted.setdefault(sobject, []).append(record_id)
        for sobject in (SObject.ACCOUNT, SObject.CONTACT, SObject.LEAD):
            ids = wanted.get(sobject, [])
            if not ids:
                continue
            fields = self._settings.fields_of(sobject)
            found = self._ports.pages.salesforce.read({sobject: ids}, fields)
            for record_id in ids:
                if record_id not in found:
                    self._tally.skipped[Reason.NOT_FOUND] += 1
                    self._tally.outcomes.append(
                        Outcome(
                            action=Action.SKIPPED,
                            reason=Reason.NOT_FOUND,
                            at=self._clock(),
                            object=sobject,
                            record_id=record_id,
                            message="Salesforce has no such record, or hides it from our user",
                        )
                    )
            self._apply([found[record_id] for record_id in ids if record_id in found], asked_at)

    # --- by stream ------------------------------------------------------------------------------

    def _pull_streams(self) -> None:
        streams = self._open_streams()
        try:
            turning = streams
            while turning:
                if self._time_left() < MARGIN:
                    self._hand_over(turning)
                    break
                if self._overspent():
                    break
                self._turn(turning)
                for stream in turning:
                    if stream.finished:
                        self._finish(stream)
                turning = [stream for stream in turning if not stream.finished]
        finally:
            for stream in streams:
                if stream.lease:
                    self._ports.streams.release(stream.lease)

    def _open_streams(self) -> list[_Stream]:
        streams = []
        for sobject in (SObject.ACCOUNT, SObject.CONTACT, SObject.LEAD):
            passes = self._passes(sobject)
            if self._request.objects and sobject not in self._request.objects:
                continue
            if not passes:
                if sobject in self._request.objects:
                    self._notes.append(f"{sobject} is switched off in the settings; nothing read.")
                continue
            stream = self._open(sobject, passes)
            if stream:
                streams.append(stream)
        return streams

    def _passes(self, sobject: SObject) -> list[Pass]:
        """Return what is read of an object; links are kept up even while its data is not taken."""
        inbound = self._settings.inbound.objects
        taken = (
            inbound[sobject].enabled and inbound[sobject].selection.mode is not SelectionMode.NONE
        )
        people = any(
            entry.enabled for name, entry in inbound.items() if name is not SObject.ACCOUNT
        )
        return [
            step
            for step in PASSES
            if step.object is sobject and (taken or (step.rows is Rows.GONE and people))
        ]

    def _open(self, sobject: SObject, passes: list[Pass]) -> _Stream | None:
        since = self._request.since
        name = f"{sobject} since {format_time(since)}" if since else str(sobject)
        now = self._clock()
        if self._request.dry_run:
            state = self._ports.streams.get(name)
            return _Stream(object=sobject, state=state, lease=None, passes=passes, since=since)

        lease = self._ports.streams.acquire(name, now=now, lasts=LEASE)
        if lease is None:
            self._notes.append(f"{sobject} is being pulled by another run at this moment.")
            return None
        state = self._ports.streams.get(name)
        interval = self._settings.inbound.objects[sobject].interval
        if self._request.scheduled and not is_due(state, now=now, interval=interval):
            self._ports.streams.release(lease)
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
        return _Stream(object=sobject, state=state, lease=lease, passes=passes, since=since)

    def _turn(self, streams: Sequence[_Stream]) -> None:
        """Ask for the next page of every pass, in one call, and apply what comes."""
        steps = [
            (stream, step)
            for step in PASSES
            for stream in streams
            if step in stream.passes and not stream.progress(step).finished
        ]
        asked_at = self._clock()
        try:
            poll = self._ports.pages.salesforce.poll(
                [self._query(stream, step) for stream, step in steps]
            )
        except MissingFieldError as exc:
            self._set_aside(streams, exc)
            return

        for stream in streams:
            if stream.state.upper is None:
                stream.state = replace(stream.state, upper=poll.as_of)
        for (stream, step), page in zip(steps, poll.pages, strict=True):
            self._apply(page.records, asked_at)
            before = stream.progress(step)
            after = after_page(page.records, finished=page.finished, before=before)
            stream.state = replace(
                stream.state, progress={**stream.state.progress, step.name: after}
            )
            if page.records and not stream.finished:
                self._save(stream)

    def _query(self, stream: _Stream, step: Pass) -> PageQuery:
        settings = self._settings.inbound
        entry = settings.objects[stream.object]
        narrowed = step.rows is not Rows.GONE
        lower = stream.since or lower_bound(
            watermark=stream.state.watermark,
            overlap=timedelta(minutes=settings.overlap_minutes),
            not_before=entry.enabled_at if narrowed else None,
        )
        return PageQuery(
            object=stream.object,
            rows=step.rows,
            fields=self._fields(stream),
            lower=lower,
            upper=stream.state.upper,
            after=stream.progress(step).after,
            selection=entry.selection if narrowed else None,
        )

    def _fields(self, stream: _Stream) -> tuple[FieldMapping, ...]:
        aside = set(stream.state.set_aside)
        return tuple(
            mapping
            for mapping in self._settings.fields_of(stream.object)
            if mapping.paths[stream.object] not in aside
        )

    def _set_aside(self, streams: Sequence[_Stream], exc: MissingFieldError) -> None:
        """Go on without the fields that the org does not show us, and say so once."""
        found_any = False
        for stream in streams:
            facts = self._ports.pages.salesforce.describe(stream.object)
            for mapping in self._fields(stream):
                path = mapping.paths[stream.object]
                if "." in path or path in facts:
                    continue
                found_any = True
                stream.state = replace(
                    stream.state,
                    set_aside=(*stream.state.set_aside, path),
                    looked_at=self._clock(),
                )
                self._tally.outcomes.append(
                    Outcome(
                        action=Action.WARNED,
                        reason=Reason.FIELD_UNAVAILABLE,
                        at=self._clock(),
                        object=stream.object,
                        field=mapping.name,
                        message=exc.message,
                    )
                )
        if not found_any:
            raise exc

    def _apply(self, records: Sequence[Record], asked_at: datetime) -> None:
        tally = apply_page(
            records,
            ports=self._ports.pages,
            settings=self._settings,
            asked_at=asked_at,
            dry_run=self._request.dry_run,
        )
        for name, counts in tally.changes.items():
            self._tally.changes.setdefault(name, Counter()).update(counts)
        self._tally.skipped.update(tally.skipped)
        self._tally.outcomes += tally.outcomes

    def _save(self, stream: _Stream) -> None:
        if stream.lease:
            stream.lease = replace(stream.lease, until=self._clock() + LEASE)
            self._ports.streams.save(stream.state, stream.lease)

    def _finish(self, stream: _Stream) -> None:
        if stream.lease is None:
            return
        if stream.since:
            self._ports.streams.discard(stream.lease)
            stream.lease = None
            return
        after = finished_run(stream.state, now=self._clock(), run_id=self._run_id)
        self._ports.streams.save(after, stream.lease)
        self._note_watermark(after)

    def _note_watermark(self, state: StreamState) -> None:
        if state.watermark:
            self._watermarks.append(state.watermark)

    def _overspent(self) -> bool:
        usage = self._ports.pages.salesforce.usage()
        share = self._settings.outbound.api_share_percent
        state = budget(used=usage.used, allowed=usage.allowed, share_percent=share)
        if state is not Budget.STOPPED:
            return False
        self._status = RunStatus.BUDGET
        self._notes.append(
            f"Stopped to spare the org's API allowance: {usage.used} of {usage.allowed} calls "
            f"are used, and our share ends at {share} %. Progress is kept."
        )
        return True

    def _hand_over(self, streams: Sequence[_Stream]) -> None:
        self._status = RunStatus.CONTINUES
        if self._request.dry_run:
            self._notes.append("Time ran out; the plan covers what was read so far.")
            return
        for stream in streams:
            if stream.lease:
                self._ports.streams.release(stream.lease)
                stream.lease = None
        self._ports.successor.start(self._request.payload())
        self._notes.append("Time ran short; the next invocation goes on with the rest at once.")

    # --- the report -----------------------------------------------------------------------------

    def _report(self) -> Report:
        now = self._clock()
        usage = self._ports.pages.salesforce.usage()
        failed = any(
            outcome.action in {Action.FAILED, Action.REFUSED} for outcome in self._tally.outcomes
        )
        status = self._status
        if status is RunStatus.COMPLETED and failed:
            status = RunStatus.COMPLETED_WITH_ERRORS
        return Report(
            run_id=self._run_id,
            kind=RunKind.PULL,
            status=status,
            started_at=self._started_at,
            finished_at=now,
            summary=_summary(self._tally, dry_run=self._request.dry_run),
            counts=self._tally.changes,
            skipped=self._tally.skipped,
            api_calls=usage.calls - self._calls_before,
            budget_used_percent=used_percent(
                used=usage.used,
                allowed=usage.allowed,
                share_percent=self._settings.outbound.api_share_percent,
            ),
            more_remains=status in {RunStatus.CONTINUES, RunStatus.BUDGET, RunStatus.FAILED},
            dry_run=self._request.dry_run,
            notes=self._notes,
            seconds_behind=self._seconds_behind(now),
            settings_version=self._settings.version,
            error=self._error,
            outcomes=self._tally.outcomes,
        )

    def _seconds_behind(self, now: datetime) -> float | None:
        """Return the age of the oldest watermark that was seen.

        Salesforce's clock and ours may differ by seconds; an alarm thinks in minutes.
        """
        if not self._watermarks:
            return None
        return max((now - min(self._watermarks)).total_seconds(), 0.0)

    def _record(self, report: Report) -> None:
        """Keep the run for the list, unless it was an idle tick or an overlap that said nothing."""
        if self._request.dry_run:
            return
        worth_it = self._tally.changed or report.outcomes or report.error
        if worth_it or not self._request.scheduled:
            self._ports.runs.record(report.run(), report.outcomes)


def _summary(tally: Tally, *, dry_run: bool) -> str:
    read = sum(counts["read"] for counts in tally.changes.values())
    verb = "Would change" if dry_run else "Changed"
    return f"Read {how_many(read, 'record')} from Salesforce. {verb} {tally.changed} of ours."
