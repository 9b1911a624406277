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
from counterpart.domain.outcomes import Action, Outcome, Reason, RunKind, RunStatus
from counterpart.domain.page_plan import Manner
from counterpart.domain.streams import PassProgress, after_page, narrowed
from counterpart.errors import (
    HaltError,
    InputError,
    LeaseLostError,
    MissingFieldError,
    QuotaExhaustedError,
    TransientError,
)
from counterpart.use_cases.allowance import percent_of, state_of
from counterpart.use_cases.apply_page import Tally, apply_page
from counterpart.use_cases.backfill import LEASE, RESUME, STREAM, backfill_query
from counterpart.use_cases.reports import Report, how_many

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from counterpart.domain.backfill import Backfill
    from counterpart.domain.records import Record
    from counterpart.domain.streams import Lease, StreamState
    from counterpart.ports import PageQuery, Poll
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
        self._hidden: set[str] = set()
        self._notes: list[str] = []
        self._status = RunStatus.COMPLETED
        self._error: str | None = None
        self._lease: Lease | None = None
        self._opened: OpenBackfill | None = None

    def go(self) -> Report:
        try:
            self._read()
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
        return replace(state, last_run=self._run_id)

    def _turn(self, state: StreamState) -> StreamState:
        """Read and apply one page; return the state with it."""
        if self._opened is None:
            raise AssertionError("a turn belongs to a backfill")
        what, before = self._opened.what, _progress(state)
        asked_at = self._clock()
        whole = backfill_query(what, self._settings, state.upper)
        poll = self._poll(whole, before)
        upper = whole.upper or poll.as_of
        state = replace(state, upper=state.upper or poll.as_of)
        (page,) = poll.pages
        if page.timed_out:
            after = narrowed(before, lower=what.since, upper=upper)
            if after is None:
                raise TransientError(
                    f"Salesforce gives up on a query for one second of {what.object}"
                )
        else:
            self._add(
                apply_page(
                    page.records,
                    ports=self._ports.pages,
                    settings=self._settings,
                    asked_at=asked_at,
                    dry_run=self._plan is not None,
                    manner=Manner(linked_only=bool(what.fields), lane=Lane.BULK),
                )
            )
            after = after_page(page.records, finished=page.finished, before=before, upper=upper)
        self._opened = replace(self._opened, done=self._opened.done + len(page.records))
        state = replace(state, progress={STREAM: after}, backfill=self._opened)
        self._save(state)
        return state

    def _poll(self, whole: PageQuery, before: PassProgress) -> Poll[Record]:
        """Ask for the next page, without the fields that the org does not show us."""
        lower: datetime | None = max(filter(None, (whole.lower, before.since)), default=None)
        query = replace(whole, lower=lower, upper=before.until or whole.upper, after=before.after)
        while True:
            shown = tuple(
                field for field in whole.fields if field.paths[whole.object] not in self._hidden
            )
            try:
                return self._salesforce.poll([replace(query, fields=shown)])
            except MissingFieldError as exc:
                missing = self._salesforce.hidden(
                    whole.object, [field.paths[whole.object] for field in shown]
                )
                hidden = [field for field in shown if field.paths[whole.object] in missing]
                if not hidden:
                    raise
                self._hidden |= {field.paths[whole.object] for field in hidden}
                self._tally.outcomes += [
                    Outcome(
                        action=Action.WARNED,
                        reason=Reason.FIELD_UNAVAILABLE,
                        at=self._clock(),
                        object=whole.object,
                        field=field.name,
                        message=exc.message,
                    )
                    for field in hidden
                ]

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
            outcomes=self._tally.outcomes,
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
