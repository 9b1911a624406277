"""Running a backfill: the pages of one invocation."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.backfill import OpenBackfill
from counterpart.domain.budget import Budget
from counterpart.domain.contacts import Lane
from counterpart.domain.ids import new_id
from counterpart.domain.outcomes import RunKind, RunStatus
from counterpart.domain.page_plan import Manner
from counterpart.domain.streams import PassProgress, after_page, narrowed
from counterpart.errors import (
    HaltError,
    InputError,
    LeaseLostError,
    QuotaExhaustedError,
    TransientError,
)
from counterpart.use_cases.allowance import percent_of, state_of
from counterpart.use_cases.apply_page import Tally
from counterpart.use_cases.backfill import LEASE, RESUME, STREAM, backfill_query
from counterpart.use_cases.guarded_pages import GuardedPages, HeldBackError, told_of
from counterpart.use_cases.pulled_streams import LOOK_AGAIN, approved, held_by
from counterpart.use_cases.reports import Report, how_many
from counterpart.use_cases.visible_pages import VisiblePages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from counterpart.domain.backfill import Backfill
    from counterpart.domain.guard import Hold
    from counterpart.domain.records import Record
    from counterpart.domain.streams import Lease, StreamState
    from counterpart.ports import PageQuery
    from counterpart.use_cases.pull_records import PullPorts

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
        self._settings = ports.settings.current()
        self._calls_before = self._salesforce.usage().calls
        self._started_at = self._clock()
        self._run_id = new_id(self._started_at)
        self._tally = Tally()
        self._pages = VisiblePages(self._salesforce, self._clock)
        self._guard(plan)
        self._hold: Hold | None = None
        self._notes: list[str] = []
        self._status = RunStatus.COMPLETED
        self._error: str | None = None
        self._lease: Lease | None = None
        self._opened: OpenBackfill | None = None

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
            if self._lease:
                self._ports.streams.release(self._lease)
        report = self._report()
        self._record(report)
        return report

    def _read(self) -> None:
        state = self._open()
        if state is None:
            return
        turns = 0
        while not _progress(state).finished:
            if turns and self._time_left() < MARGIN:
                self._hand_over()
                return
            if self._is_tight():
                return
            state = self._turn(state)
            turns += 1
        if self._lease:
            ended = replace(
                state, backfill=None, upper=None, progress={}, finished_at=self._clock()
            )
            self._ports.streams.save(ended, self._lease)

    def _open(self) -> StreamState | None:
        """Return where the backfill stands, under a lease; `None` if there is nothing to do."""
        streams = self._ports.streams
        if self._plan:
            self._opened = OpenBackfill(id=self._run_id, what=self._plan, total=0)
            fresh = streams.get(f"{STREAM} {self._run_id}")
            return replace(fresh, backfill=self._opened)
        self._lease = streams.acquire(STREAM, now=self._clock(), lasts=LEASE)
        if self._lease is None:
            self._notes.append("The backfill is being run at this moment.")
            return None
        state = streams.get(STREAM)
        self._opened = state.backfill
        if state.backfill is None:
            self._notes.append("No backfill is open.")
            return None
        if state.hold and state.hold.waits(self._clock(), pause=LOOK_AGAIN):
            self._hold, self._status = state.hold, RunStatus.HELD
            return None
        self._guard(state.backfill.what)
        return replace(approved(state), last_run=self._run_id)

    def _guard(self, what: Backfill | None) -> None:
        fields_only = what is not None and bool(what.fields)
        self._guarded = GuardedPages(
            self._ports.pages,
            self._settings,
            manner=Manner(linked_only=fields_only, lane=Lane.BULK),
            may_count=self._may_count,
            dry_run=self._plan is not None,
        )

    def _turn(self, state: StreamState) -> StreamState:
        """Read and apply one page; return the state with it."""
        if self._opened is None:
            raise AssertionError("a turn belongs to a backfill")
        what, before = self._opened.what, _progress(state)
        asked_at = self._clock()
        whole = backfill_query(what, self._settings, state.upper)
        lower = max(filter(None, (whole.lower, before.since)), default=None)
        window = replace(whole, lower=lower, after=before.after)
        poll = self._pages.poll(replace(window, upper=before.until or whole.upper))
        upper = whole.upper or poll.as_of
        state = replace(state, upper=state.upper or poll.as_of)
        (page,) = poll.pages
        if page.timed_out:
            narrower = narrowed(before, lower=what.since, upper=upper)
            if narrower is None:
                raise TransientError(
                    f"Salesforce gives up on a query for one second of {what.object}"
                )
            after = narrower
        else:
            last = page.finished and before.until is None
            window = self._pages.shown(replace(window, upper=upper))
            cleared = self._apply(page.records, asked_at, state, window, last=last)
            before = replace(before, cleared=cleared)
            after = after_page(page.records, finished=page.finished, before=before, upper=upper)
        self._opened = replace(self._opened, done=self._opened.done + len(page.records))
        state = replace(state, progress={STREAM: after}, backfill=self._opened, hold=None)
        self._save(state)
        return state

    def _apply(
        self,
        records: Sequence[Record],
        asked_at: datetime,
        state: StreamState,
        window: PageQuery,
        *,
        last: bool,
    ) -> bool:
        """Apply a page; return whether the rest of the window is cleared by the guard.

        Raises:
            HeldBackError: it needs somebody's yes; the state says so.
        """
        cleared = _progress(state).cleared
        if cleared:
            self._add(self._guarded.apply_cleared(records, asked_at))
            return True
        try:
            tally, cleared = self._guarded.apply(records, asked_at, window=window, last=last)
        except HeldBackError as exc:
            if self._lease:
                held = held_by(exc.judgement, state, step=STREAM, now=self._clock())
                self._hold = held.hold
                self._save(held)
                raise
            self._notes.append("It would be held: much of it would be blanked at once.")
            tally, cleared = self._guarded.apply_cleared(records, asked_at), True
        self._add(tally)
        return cleared

    def _may_count(self) -> bool:
        if self._lease:
            self._save(self._ports.streams.get(STREAM))
        return self._time_left() >= MARGIN and not self._is_tight()

    def _save(self, state: StreamState) -> None:
        if self._lease:
            self._lease = replace(self._lease, until=self._clock() + LEASE)
            self._ports.streams.save(state, self._lease)

    def _add(self, tally: Tally) -> None:
        for name, counts in tally.changes.items():
            self._tally.changes.setdefault(name, Counter()).update(counts)
        self._tally.skipped.update(tally.skipped)
        self._tally.outcomes += tally.outcomes

    def _is_tight(self) -> bool:
        """Return whether calls are to be left to fresher work; the next tick looks again."""
        if state_of(self._salesforce.usage(), self._settings) is Budget.FLOWING:
            return False
        self._status = RunStatus.BUDGET
        self._notes.append("The API allowance runs low; the backfill goes on when it has grown.")
        return True

    def _hand_over(self) -> None:
        self._status = RunStatus.CONTINUES
        if self._lease is None:
            self._notes.append("Time ran out; the plan covers what was read so far.")
            return
        self._ports.streams.release(self._lease)
        self._lease = None
        self._ports.successor.start(RESUME)

    def _report(self) -> Report:
        usage = self._salesforce.usage()
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
            held=[self._hold.id] if self._hold else [],
            outcomes=[
                *self._pages.outcomes,
                *self._tally.outcomes,
                *told_of([self._hold], self._settings.guard),
            ],
        )

    def _summary(self) -> str:
        if self._opened is None:
            return "There was nothing to backfill."
        read = how_many(self._opened.done, f"{self._opened.what.object} record")
        if self._plan:
            return f"Read {read}. Would change {self._tally.changed} of ours."
        of_all = f"{self._opened.done} of {self._opened.total}"
        return f"Read {of_all} in all. Changed {self._tally.changed} of ours this time."

    def _record(self, report: Report) -> None:
        if self._plan is None and self._opened:
            self._ports.runs.record(report.run(), report.outcomes)


def _progress(state: StreamState) -> PassProgress:
    return state.progress.get(STREAM, PassProgress())
