"""Pull: what changed in Salesforce comes in.

A stream's progress is saved after each of its pages; should time run short, the next invocation
goes on from there at once. Its watermark moves when its window was read to the end.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.backfill import RESUME
from counterpart.domain.budget import Budget
from counterpart.domain.ids import new_id
from counterpart.domain.outcomes import RunKind, RunStatus
from counterpart.domain.pulling import BEFORE_LEADS
from counterpart.errors import (
    HaltError,
    MissingFieldError,
    QuotaExhaustedError,
    TransientError,
)
from counterpart.use_cases.allowance import percent_of, spent, state_of
from counterpart.use_cases.apply_page import Tally
from counterpart.use_cases.backfill import STREAM as BACKFILL
from counterpart.use_cases.detect_fields import FieldDetector
from counterpart.use_cases.guarded_pages import UnfinishedPageError
from counterpart.use_cases.heard_refusals import hear_refusals
from counterpart.use_cases.opportunity_streams import OpportunitySource, wanted_opportunities
from counterpart.use_cases.page_turner import PageTurner
from counterpart.use_cases.places import placed
from counterpart.use_cases.pulled_streams import PulledStreams
from counterpart.use_cases.record_streams import manner_of, told_of_hidden, wanted_streams
from counterpart.use_cases.reports import Report, how_many, seconds_behind, with_errors
from counterpart.use_cases.stream_holds import told_of
from counterpart.use_cases.told_first import ToldFirst
from counterpart.use_cases.turning import turn_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from counterpart.domain.page_plan import Manner
    from counterpart.domain.requests import PullRequest
    from counterpart.use_cases.guarded_pages import Judgement
    from counterpart.use_cases.pull_ports import PullPorts
    from counterpart.use_cases.pulled_streams import PulledStream

# Below this, no further page is begun: the longest page seen took a fifth of it.
MARGIN = timedelta(seconds=60)


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
        self._salesforce = ports.pages.salesforce
        self._started_at = self._clock()
        self._run_id = new_id(self._started_at)
        self._calls_before = self._salesforce.usage().calls
        self._settings = placed(ports.settings.current(), self._salesforce)
        self._streams = PulledStreams(
            ports.streams,
            clock=self._clock,
            run_id=self._run_id,
            scheduled=request.scheduled,
            since=request.since,
            dry_run=request.dry_run,
            settings_version=self._settings.version,
        )
        self._tally = Tally()
        self._told_first = ToldFirst(
            ports.runs,
            RunKind.PULL,
            run_id=self._run_id,
            started_at=self._started_at,
            settings_version=self._settings.version,
            clock=self._clock,
        )
        self._opportunities = OpportunitySource(
            self._settings,
            plain=ports.plain,
            repository=ports.opportunities,
            clock=self._clock,
            tally=self._tally,
            dry_run=request.dry_run,
        )
        self._notes = self._streams.notes
        self._opened: Sequence[PulledStream] = ()
        self._status = RunStatus.COMPLETED
        self._error: str | None = None

    def go(self) -> Report:
        try:
            if self._request.ids:
                self._fetch(self._request.ids)
            else:
                self._pull_streams()
                self._resume_backfill()
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

    def _fetch(self, record_ids: Sequence[str]) -> None:
        if self._overspent():
            return
        try:
            # What is left to do once they were read costs no calls, so it needs time alone.
            self._turner(BEFORE_LEADS, has_time=self._is_early).fetch(record_ids)
        except UnfinishedPageError:
            self._hand_over(())

    def _pull_streams(self) -> None:
        wanted, notes = wanted_streams(self._settings.inbound, only=self._request.objects)
        self._notes += notes
        self._opened = self._streams.open(wanted)
        # Whoever names a moment asks for what was read before it, too.
        manner = replace(manner_of(self._opened), overlaps=self._request.since is None)
        turner = self._turner(manner, has_time=self._has_time)
        turn_pages(
            self._opened,
            source=turner,
            saved_by=self._streams,
            clock=self._clock,
            may_go_on=self._may_go_on,
        )
        hear_refusals(
            turner.refusals(self._opened, of=self._streams.judged),
            pages=self._ports.pages,
            settings=self._settings,
            may_go_on=self._has_time,
            tell=self._told_first.tell,
        )
        self._pull_opportunities(turner.winners)
        self._tally.outcomes += told_of_hidden(
            self._streams.hidden, self._settings.inbound, now=self._clock()
        )
        self._tell_of_holds(turner.would_hold)

    def _turner(self, manner: Manner, *, has_time: Callable[[], bool]) -> PageTurner:
        return PageTurner(
            self._ports.pages,
            self._settings,
            manner=manner,
            tally=self._tally,
            detector=FieldDetector(
                self._ports.settings, wanted=self._settings.auto_detect_custom_fields
            ),
            has_time=has_time,
            tell=None if self._request.dry_run else self._told_first.tell,
        )

    def _tell_of_holds(self, would_hold: Mapping[str, Judgement]) -> None:
        self._tally.outcomes += told_of(self._streams.judged, self._settings.guard)
        for name, judgement in would_hold.items():
            total = judgement.dangers.total
            self._notes.append(f"{name} would be held: {total} of {judgement.of} at once.")
        if self._streams.held and self._status is RunStatus.COMPLETED:
            self._status = RunStatus.HELD

    def _has_time(self) -> bool:
        """Hold the streams while one of them takes long; return whether to go on with it."""
        self._streams.keep(self._opened)
        state = state_of(self._salesforce.usage(), self._settings)
        return state is not Budget.STOPPED and self._is_early()

    def _is_early(self) -> bool:
        return self._time_left() >= MARGIN

    def _pull_opportunities(self, winners: Collection[str]) -> None:
        """Read opportunities, by a call of their own, once the people in them are up to date."""
        if self._status is not RunStatus.COMPLETED:
            return
        wanted, notes = wanted_opportunities(self._settings, only=self._request.objects)
        self._notes += notes
        turn_pages(
            self._streams.open(wanted),
            source=self._opportunities,
            saved_by=self._streams,
            clock=self._clock,
            may_go_on=self._may_go_on,
        )
        if self._settings.opportunities.enabled:
            try:
                self._opportunities.follow(winners)
            except MissingFieldError as exc:
                # People are up to date; what our user may not see of deals stands in its stream.
                self._notes.append(f"Opportunities of merged records cannot be read: {exc.message}")

    def _may_go_on(self, turning: Sequence[PulledStream], turns: int) -> bool:
        # One turn there is in any case: to hand over for ever would be no progress.
        if turns and self._time_left() < MARGIN:
            self._hand_over(turning)
            return False
        if turns and not self._request.dry_run and self._is_overruled():
            self._hand_over(turning, why="The settings were changed")
            return False
        return not self._overspent()

    def _is_overruled(self) -> bool:
        """Return whether the settings have changed, by which the pages to come are taken."""
        return self._ports.settings.current().version != self._settings.version

    def _resume_backfill(self) -> None:
        """Let the open backfill go on, should it have stopped, once the streams are up to date."""
        if not self._request.scheduled or self._status is not RunStatus.COMPLETED:
            return
        flows = state_of(self._salesforce.usage(), self._settings) is Budget.FLOWING
        if flows and self._ports.streams.get(BACKFILL).backfill:
            self._ports.successor.start(RESUME)

    def _overspent(self) -> bool:
        why = spent(self._salesforce.usage(), self._settings)
        if why:
            self._status = RunStatus.BUDGET
            self._notes.append(f"{why} Progress is kept.")
        return why is not None

    def _hand_over(self, streams: Sequence[PulledStream], *, why: str = "Time ran short") -> None:
        self._status = RunStatus.CONTINUES
        if self._request.dry_run:
            self._notes.append("Time ran out; the plan covers what was read so far.")
            return
        self._streams.give_back(streams)
        self._ports.successor.start(self._request.payload())
        self._notes.append(f"{why}; the next invocation goes on with the rest at once.")

    # --- the report -----------------------------------------------------------------------------

    def _report(self) -> Report:
        now = self._clock()
        usage = self._salesforce.usage()
        status = with_errors(self._status, self._tally.outcomes)
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
            budget_used_percent=percent_of(usage, self._settings),
            more_remains=status
            in {RunStatus.CONTINUES, RunStatus.BUDGET, RunStatus.FAILED, RunStatus.HELD},
            held=[hold.id for hold in self._streams.held.values()],
            dry_run=self._request.dry_run,
            notes=self._notes,
            seconds_behind=seconds_behind(self._streams.watermarks, now=now),
            settings_version=self._settings.version,
            error=self._error,
            outcomes=[*self._told_first.outcomes, *self._tally.outcomes],
        )

    def _record(self, report: Report) -> None:
        """Keep the run for the list, unless it was an idle tick or an overlap that said nothing."""
        if self._request.dry_run:
            return
        told = report.outcomes or report.error or report.found_no_calls
        worth_it = self._tally.changed or told
        if worth_it or not self._request.scheduled:
            self._told_first.record(report)


def _summary(tally: Tally, *, dry_run: bool) -> str:
    read = sum(counts["read"] for counts in tally.changes.values())
    verb = "Would change" if dry_run else "Changed"
    return f"Read {how_many(read, 'record')} from Salesforce. {verb} {tally.changed} of ours."
