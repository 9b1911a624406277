"""Running a backfill: the pages of one invocation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.budget import Budget
from counterpart.domain.ids import new_id
from counterpart.domain.outcomes import RunKind, RunStatus
from counterpart.domain.page_plan import Manner
from counterpart.domain.windows import after_page, narrowed
from counterpart.errors import (
    HaltError,
    InputError,
    LeaseLostError,
    MissingFieldError,
    QuotaExhaustedError,
    TransientError,
)
from counterpart.use_cases.allowance import percent_of, state_of
from counterpart.use_cases.apply_page import Tally
from counterpart.use_cases.backfill import backfill_query, unreadable
from counterpart.use_cases.backfill_stream import BackfillStream
from counterpart.use_cases.guarded_pages import GuardedPages, HeldBackError, UnfinishedPageError
from counterpart.use_cases.places import placed
from counterpart.use_cases.reports import Report, how_many
from counterpart.use_cases.stream_holds import told_of
from counterpart.use_cases.told_first import ToldFirst
from counterpart.use_cases.visible_pages import VisiblePages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from counterpart.domain.backfill import Backfill
    from counterpart.domain.records import Record
    from counterpart.ports import PageQuery
    from counterpart.use_cases.pull_ports import PullPorts

MARGIN = timedelta(seconds=60)


def run_backfill(
    *, ports: PullPorts, time_left: Callable[[], timedelta], plan: Backfill | None = None
) -> Report:
    """Go on with the open backfill as far as time and calls allow.

    Args:
        ports: The world.
        time_left: How long this invocation may still take.
        plan: Instead of the open one, plan this one from its beginning and write nothing.

    Raises:
        HaltError: a person is needed; what was applied so far is kept.
        InputError: the settings no longer allow what is planned.
    """
    return _Run(ports, time_left, plan).go()


class _Run:
    """One invocation."""

    def __init__(
        self, ports: PullPorts, time_left: Callable[[], timedelta], plan: Backfill | None
    ) -> None:
        self._ports = ports
        self._time_left = time_left
        self._plan = plan
        self._salesforce = ports.pages.salesforce
        self._clock = ports.pages.clock
        self._calls_before = self._salesforce.usage().calls
        self._settings = placed(ports.settings.current(), self._salesforce)
        self._started_at = self._clock()
        self._run_id = new_id(self._started_at)
        self._tally = Tally()
        self._told_first = ToldFirst(
            ports.runs,
            RunKind.BACKFILL,
            run_id=self._run_id,
            started_at=self._started_at,
            settings_version=self._settings.version,
            clock=self._clock,
        )
        self._pages = VisiblePages(self._salesforce, self._clock)
        self._stream = BackfillStream(
            ports.streams,
            ports.successor,
            clock=self._clock,
            run_id=self._run_id,
            settings_version=self._settings.version,
            plan=plan,
        )
        self._notes: list[str] = []
        self._status = RunStatus.COMPLETED
        self._error: str | None = None

    def go(self) -> Report:
        try:
            self._read()
        except HeldBackError:
            self._status = RunStatus.HELD
        except LeaseLostError:
            self._notes.append("The backfill was cancelled, or another invocation has taken over.")
        except QuotaExhaustedError as exc:
            self._status = RunStatus.BUDGET
            self._error = str(exc)
        except InputError as exc:
            if self._plan:
                raise
            self._status = RunStatus.FAILED
            self._error = f"{exc.detail}; mend it, or cancel the backfill"
        except (TransientError, HaltError) as exc:
            self._status = RunStatus.FAILED
            self._error = str(exc)
            if isinstance(exc, HaltError):
                self._record(self._report())
                raise
        finally:
            self._stream.release()
        report = self._report()
        self._record(report)
        return report

    def _read(self) -> None:
        if not self._stream.open():
            if self._stream.held:
                self._status = RunStatus.HELD
            return
        turns = 0
        while not self._stream.progress.finished:
            if turns and (self._time_left() < MARGIN or self._is_overruled()):
                self._hand_over()
                return
            if self._is_tight():
                return
            what = self._what()
            try:
                self._turn(what)
            except MissingFieldError as exc:
                raise unreadable(what, exc) from exc
            turns += 1
        self._stream.finish()

    def _is_overruled(self) -> bool:
        """Return whether the settings have changed, by which the pages to come are taken."""
        version = self._settings.version
        return self._plan is None and self._ports.settings.current().version != version

    def _what(self) -> Backfill:
        if self._stream.opened is None:
            raise AssertionError("a turn belongs to a backfill")
        return self._stream.opened.what

    def _turn(self, what: Backfill) -> None:
        """Read and apply one page."""
        before = self._stream.progress
        asked_at = self._clock()
        whole = backfill_query(what, self._settings, self._stream.upper)
        lower = max(filter(None, (whole.lower, before.since)), default=None)
        window = replace(whole, lower=lower, after=before.after)
        poll = self._pages.poll(replace(window, upper=before.until or whole.upper))
        self._stream.begin(poll.as_of)
        upper = whole.upper or poll.as_of
        (page,) = poll.pages
        if page.timed_out:
            narrower = narrowed(before, lower=what.since, upper=upper)
            if narrower is None:
                message = f"Salesforce gives up on a query for one second of {what.object}"
                raise TransientError(message)
            self._stream.advance(narrower, read=0)
            return
        last = page.finished and before.until is None
        window = self._pages.shown(replace(window, upper=upper))
        try:
            cleared = self._apply(page.records, asked_at, window, last=last)
        except UnfinishedPageError:
            # The next turn, or invocation, asks for this page once more.
            return
        after = after_page(
            page.records,
            finished=page.finished,
            before=replace(before, cleared_by=self._settings.version if cleared else None),
            upper=upper,
        )
        self._stream.advance(after, read=len(page.records))

    def _apply(
        self, records: Sequence[Record], asked_at: datetime, window: PageQuery, *, last: bool
    ) -> bool:
        """Apply a page; return whether the rest of the window is cleared by the guard.

        Raises:
            HeldBackError: it needs somebody's yes.
            UnfinishedPageError: there was no time for all of it.
        """
        guarded = self._guarded()
        if self._stream.progress.cleared_by is not None:
            self._count(guarded.apply_cleared(records, asked_at))
            return True
        try:
            tally, cleared = guarded.apply(records, asked_at, window=window, last=last)
        except HeldBackError as exc:
            if self._stream.hold(exc.judgement):
                raise
            self._notes.append("It would be held: much of it would be blanked at once.")
            tally, cleared = guarded.apply_cleared(records, asked_at), True
        self._count(tally)
        return cleared

    def _count(self, tally: Tally) -> None:
        self._tally.add(tally)
        if tally.unfinished:
            raise UnfinishedPageError

    def _guarded(self) -> GuardedPages:
        return GuardedPages(
            self._ports.pages,
            self._settings,
            manner=Manner(linked_only=bool(self._what().fields)),
            has_time=self._has_time,
            tell=self._told_first.tell if self._plan is None else None,
        )

    def _has_time(self) -> bool:
        self._stream.keep()
        return self._time_left() >= MARGIN and not self._is_tight()

    def _is_tight(self) -> bool:
        """Return whether calls are to be left to fresher work; the next tick looks again."""
        if state_of(self._salesforce.usage(), self._settings) is Budget.FLOWING:
            return False
        self._status = RunStatus.BUDGET
        self._notes.append("The API allowance runs low; the backfill goes on when it has grown.")
        return True

    def _hand_over(self) -> None:
        self._status = RunStatus.CONTINUES
        if not self._stream.hand_over():
            self._notes.append("Time ran out; the plan covers what was read so far.")

    def _report(self) -> Report:
        usage = self._salesforce.usage()
        held = self._stream.held
        # It is told by the run that judged it, not by each that finds it.
        judged = held if held and held.looked_at >= self._started_at else None
        return Report(
            run_id=self._run_id,
            kind=RunKind.BACKFILL,
            status=self._status,
            started_at=self._started_at,
            finished_at=self._clock(),
            summary=self._summary(),
            counts=self._tally.changes,
            skipped=self._tally.skipped,
            api_calls=usage.calls - self._calls_before,
            budget_used_percent=percent_of(usage, self._settings),
            more_remains=self._status is not RunStatus.COMPLETED,
            dry_run=self._plan is not None,
            notes=self._notes,
            settings_version=self._settings.version,
            error=self._error,
            held=[held.id] if held else [],
            outcomes=[
                *self._told_first.outcomes,
                *self._pages.outcomes,
                *self._tally.outcomes,
                *told_of([judged], self._settings.guard),
            ],
        )

    def _summary(self) -> str:
        opened = self._stream.opened
        if opened is None:
            return self._stream.note
        if self._plan:
            read = how_many(opened.done, f"{opened.what.object} record")
            return f"Read {read}. Would change {self._tally.changed} of ours."
        of_all = f"{opened.done} of {opened.total}"
        return f"Read {of_all} in all. Changed {self._tally.changed} of ours this time."

    def _record(self, report: Report) -> None:
        """Keep the run for the list, unless nothing was to be done."""
        if self._plan is None and self._stream.opened:
            self._told_first.record(report)
