"""Push: our edits go out, when enough wait or one has waited long enough.

The look each minute also finds creation requests whose job got lost, and sends it again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.budget import Budget
from counterpart.domain.ids import new_id
from counterpart.domain.outcomes import Action, RunKind, RunStatus
from counterpart.domain.records import SObject
from counterpart.domain.subjects import Subject
from counterpart.domain.sync_settings import Pace
from counterpart.errors import HaltError, QuotaExhaustedError, TransientError
from counterpart.use_cases.allowance import percent_of, state_of, stopped
from counterpart.use_cases.guarded_pages import told_of
from counterpart.use_cases.job_book import JobBook
from counterpart.use_cases.lost_requests import resend_lost_requests
from counterpart.use_cases.notes import Notes
from counterpart.use_cases.places import placed
from counterpart.use_cases.push_guard import PushGuard
from counterpart.use_cases.push_jobs import MOST_ROWS
from counterpart.use_cases.pushed_kind import PushedKind
from counterpart.use_cases.reports import Report, how_many, under_way
from counterpart.use_cases.waiting_line import PUT_OFF_AT_MOST, ROUND

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.guard import Hold
    from counterpart.domain.outcomes import Outcome
    from counterpart.domain.requests import PushRequest
    from counterpart.ports import (
        CreationQueue,
        RecordJobs,
        RecordWriter,
        RunRepository,
        SettingsRepository,
        StreamRepository,
    )
    from counterpart.use_cases.apply_page import PagePorts
    from counterpart.use_cases.waiting_line import WaitingRepository

STREAM = "push"
LEASE = timedelta(minutes=5)
MARGIN = timedelta(seconds=90)

# Seconds between two looks at a job while there is nothing else to do; the next invocation is
# less than a minute away.
_WAITS = (2, 4, 8, 15, 15, 15)

_PEOPLE = tuple(sobject for sobject in SObject if sobject.is_person)
_COMPANIES = tuple(sobject for sobject in SObject if not sobject.is_person)


@dataclass(frozen=True, kw_only=True, slots=True)
class PushPorts:
    """What pushing needs of the world.

    Attributes:
        pause: Waits for a while, until a job may have come further.
    """

    pages: PagePorts
    salesforce: RecordWriter
    jobs: RecordJobs
    streams: StreamRepository
    settings: SettingsRepository
    runs: RunRepository
    queue: CreationQueue
    pause: Callable[[timedelta], None]


def push_edits(
    request: PushRequest, *, ports: PushPorts, time_left: Callable[[], timedelta]
) -> Report:
    """Send out what waits, and report what became of it.

    Args:
        request: What to push, and whether it has to be enough of it.
        ports: The world.
        time_left: How long this invocation may still take.

    Raises:
        HaltError: a person is needed; what waits goes on waiting.
    """
    return _Run(request, ports, time_left).go()


class _Run:
    """One look."""

    def __init__(
        self, request: PushRequest, ports: PushPorts, time_left: Callable[[], timedelta]
    ) -> None:
        self._request = request
        self._ports = ports
        self._time_left = time_left
        self._clock = ports.pages.clock
        self._started_at = self._clock()
        self._run_id = new_id(self._started_at)
        self._settings = ports.settings.current()
        self._calls_before = ports.salesforce.usage().calls
        self._notes = Notes(clock=self._clock, store=self._keep, run_id=self._run_id)
        self._book = JobBook(ports.streams, STREAM)
        self._people: PushedKind[Contact] = self._kind(ports.pages.contacts, _PEOPLE)
        self._companies: PushedKind[Company] = self._kind(ports.pages.companies, _COMPANIES)
        self._kinds = (self._people, self._companies)
        # Sentences for whoever reads the report, each once.
        self._remarks: dict[str, None] = {}
        self._status = RunStatus.COMPLETED
        self._error: str | None = None
        self._more = False
        self._hold: Hold | None = None

    def _kind(
        self, repository: WaitingRepository[Subject], objects: Sequence[SObject]
    ) -> PushedKind[Subject]:
        return PushedKind(
            repository,
            jobs=self._ports.jobs,
            book=self._book,
            objects=objects,
            pages=self._ports.pages,
            salesforce=self._ports.salesforce,
            settings=self._ports.settings,
            notes=self._notes,
            dry_run=self._request.dry_run,
        )

    def go(self) -> Report:
        try:
            self._look()
        except QuotaExhaustedError as exc:
            self._status = RunStatus.BUDGET
            self._error = str(exc)
        except (TransientError, HaltError) as exc:
            self._status = RunStatus.FAILED
            self._error = str(exc)
            if isinstance(exc, HaltError):
                self._record(self._report())
                raise
        finally:
            if self._book.lease:
                self._ports.streams.release(self._book.lease)
        report = self._report()
        self._record(report)
        return report

    def _look(self) -> None:
        if not self._request.dry_run:
            sent = resend_lost_requests(
                contacts=self._ports.pages.contacts, queue=self._ports.queue, now=self._clock()
            )
            if sent:
                self._remark(f"Sent {how_many(sent, 'creation request')} again: no job had come.")
        if self._is_off():
            return
        if self._request.contact_ids:
            self._people.push(self._request.contact_ids)
            self._budget()
        elif not self._request.scheduled or self._is_ready():
            self._push_waiting()

    def _is_off(self) -> bool:
        """Return whether outbound is off; whatever waits is cancelled then."""
        asked_at = self._clock()
        self._settings = self._ports.settings.current()
        if self._settings.outbound.enabled:
            return False
        self._remark("Outbound is switched off in the settings; nothing goes out.")
        if not self._request.dry_run:
            for kind in self._kinds:
                kind.recall()
                if not kind.line.cancel(
                    self._notes,
                    settings=self._settings,
                    now=asked_at,
                    may_go_on=self._has_time,
                ):
                    self._more = True
            # Whoever holds the lease instead of us sees the switch by itself.
            if self._has_jobs() and (self._book.lease or self._acquire()):
                for kind in self._kinds:
                    kind.look_after_jobs()
        return True

    def _is_ready(self) -> bool:
        outbound, now = self._settings.outbound, self._clock()
        return (
            outbound.pace is Pace.NEAR_REAL_TIME
            or self._has_jobs()
            or any(kind.line.is_ready(outbound, now=now) for kind in self._kinds)
        )

    def _has_jobs(self) -> bool:
        return any(kind.has_jobs for kind in self._kinds)

    def _acquire(self) -> bool:
        self._book.lease = self._ports.streams.acquire(STREAM, now=self._clock(), lasts=LEASE)
        self._book.read()
        return self._book.lease is not None

    def _has_time(self) -> bool:
        return self._time_left() >= MARGIN

    def _push_waiting(self) -> None:
        if self._request.dry_run:
            self._push_rounds(None)
            return
        if not self._acquire():
            self._remark("Another push is under way; it takes what waits along.")
            return
        guard = PushGuard(
            self._book,
            reader=self._ports.pages.salesforce,
            settings=placed(self._settings, self._ports.pages.salesforce),
            keep=self._renew,
        )
        self._push_rounds(guard)
        if not self._has_time():
            # Nobody goes any more, but what was counted may be too much already.
            guard.judge(now=self._clock(), complete=False)
        self._tell_of(guard)

    def _push_rounds(self, guard: PushGuard | None) -> None:
        pushed: set[str] = set()
        waits = iter(_WAITS)
        while not self._is_off():
            if not self._has_time():
                self._more = True
                self._remark("Time ran short; the next look goes on with the rest.")
                return
            state = self._budget()
            if state is Budget.STOPPED:
                return
            slow = state is Budget.SLOW
            if self._push_round(pushed, guard, slow=slow) or self._let_go(guard, slow=slow):
                waits = iter(_WAITS)
            elif not self._has_jobs() or not self._wait(next(waits, None)):
                return

    def _push_round(self, pushed: set[str], guard: PushGuard | None, *, slow: bool) -> bool:
        """Push those whose turn it is; return whether there were any, or a job has ended."""
        moved = False
        for kind in self._kinds:
            if self._book.lease and kind.look_after_jobs():
                moved = True
            ids = kind.line.next_round(
                until=self._until,
                now=self._clock(),
                fresh_only=slow or kind.has_jobs,
                pushed=pushed,
                outbound=self._settings.outbound,
                most=self._most,
            )
            if ids:
                moved = True
                kind.push(kind.let_pass(guard, ids) if guard else ids)
                pushed.update(ids)
        self._renew()
        return moved

    def _let_go(self, guard: PushGuard | None, *, slow: bool) -> bool:
        """Judge who stands aside, after all that waits was seen; return whether anybody went."""
        if guard is None:
            return False
        complete = not slow and not self._has_jobs()
        free = guard.judge(now=self._clock(), complete=complete)
        for sobject, ids in free.items():
            kind = self._people if sobject.is_person else self._companies
            for start in range(0, len(ids), self._most):
                # Who is not reached goes on waiting, and is looked at by the next look.
                if self._has_time() and self._budget() is not Budget.STOPPED:
                    kind.push(ids[start : start + self._most])
                    self._renew()
        return bool(free)

    @property
    def _most(self) -> int:
        """Return how many go at once."""
        return MOST_ROWS if self._settings.outbound.bulk_above else ROUND

    def _wait(self, seconds: int | None) -> bool:
        """Give a job some time; return `False` if it is left to a later look."""
        if seconds is None or self._time_left() < MARGIN + timedelta(seconds=seconds):
            self._more = True
            self._remark("Salesforce works at a job; a later look settles its rows.")
            return False
        self._ports.pause(timedelta(seconds=seconds))
        return True

    def _tell_of(self, guard: PushGuard) -> None:
        """Tell who has to wait for somebody's yes, because too many would be blanked at once."""
        number = guard.waiting
        if not number:
            return
        self._more = True
        hold = self._book.hold
        if hold is None or hold.approved:
            self._remark(f"{how_many(number, 'edit')} that blank something wait to be counted.")
            return
        self._hold = hold
        self._remark(f"Held: {hold.id} needs a yes; {how_many(number, 'edit')} wait.")
        if hold.looked_at >= self._started_at:
            # It is told by the look that judged it, not by each that finds it.
            self._notes.outcomes += told_of([hold], self._settings.guard)

    @property
    def _until(self) -> datetime:
        """Return up to when older work that waits is for this look.

        What is marked from its beginning on is for the next, so that it comes to an end; a person
        who asks for everything means what was put off, too.
        """
        return self._started_at + (timedelta(0) if self._request.scheduled else PUT_OFF_AT_MOST)

    def _budget(self) -> Budget:
        usage = self._ports.salesforce.usage()
        state = state_of(usage, self._settings)
        if state is Budget.STOPPED:
            self._status = RunStatus.BUDGET
            self._more = True
            self._remark(f"{stopped(usage, self._settings)} What waits goes on waiting.")
        elif state is Budget.SLOW:
            self._remark("The API allowance runs low: only fresh edits go out.")
        return state

    def _renew(self) -> None:
        if self._book.lease:
            self._book.lease = replace(self._book.lease, until=self._clock() + LEASE)
            self._book.save()

    def _remark(self, sentence: str) -> None:
        self._remarks[sentence] = None

    def _report(self) -> Report:
        now = self._clock()
        usage = self._ports.salesforce.usage()
        status = self._status
        troubled = {Action.REFUSED, Action.FAILED}
        if status is RunStatus.COMPLETED and any(
            outcome.action in troubled for outcome in self._notes.outcomes
        ):
            status = RunStatus.COMPLETED_WITH_ERRORS
        if status is RunStatus.COMPLETED and self._hold:
            status = RunStatus.HELD
        updated, refused = self._notes.total("updated"), self._notes.total("refused")
        planned = self._notes.total("would_update")
        summary = f"Pushed {how_many(updated, 'update')} to Salesforce; {refused} refused."
        if self._request.dry_run:
            summary = f"Would push {how_many(planned, 'update')} to Salesforce."
        waits = (kind.line.oldest() for kind in self._kinds)
        oldest = min(filter(None, waits), default=now)
        return Report(
            run_id=self._run_id,
            kind=RunKind.PUSH,
            status=status,
            started_at=self._started_at,
            finished_at=now,
            summary=summary,
            counts=self._notes.counts,
            skipped=self._notes.skipped,
            api_calls=usage.calls - self._calls_before,
            budget_used_percent=percent_of(usage, self._settings),
            more_remains=self._more,
            dry_run=self._request.dry_run,
            notes=list(self._remarks),
            oldest_wait_seconds=max((now - oldest).total_seconds(), 0.0),
            settings_version=self._settings.version,
            error=self._error,
            held=[self._hold.id] if self._hold else [],
            outcomes=self._notes.outcomes,
        )

    def _record(self, report: Report) -> None:
        """Keep the run for the list, unless it was a look that found nothing to do."""
        if self._request.dry_run:
            return
        if report.counts or report.outcomes or report.error or not self._request.scheduled:
            self._ports.runs.record(report.run(), self._notes.fresh())

    def _keep(self, outcomes: Sequence[Outcome]) -> None:
        run = under_way(
            self._run_id,
            RunKind.PUSH,
            started_at=self._started_at,
            now=self._clock(),
            settings_version=self._settings.version,
        )
        self._ports.runs.record(run, outcomes)
