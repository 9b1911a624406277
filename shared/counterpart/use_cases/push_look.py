"""One look of a push: what its parts share, and what they have come to so far."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.budget import Budget
from counterpart.domain.ids import new_id
from counterpart.domain.outcomes import RunKind, RunStatus
from counterpart.domain.records import SObject
from counterpart.domain.streams import PUSH
from counterpart.domain.subjects import Subject
from counterpart.use_cases.allowance import RUNS_LOW, state_of, stopped
from counterpart.use_cases.job_book import JobBook
from counterpart.use_cases.notes import Notes
from counterpart.use_cases.pushed_kind import PushedKind
from counterpart.use_cases.reports import under_way

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.guard import Hold
    from counterpart.domain.outcomes import Outcome
    from counterpart.domain.requests import PushRequest
    from counterpart.use_cases.push_ports import PushPorts
    from counterpart.use_cases.waiting_line import WaitingRepository

LEASE = timedelta(minutes=5)
# With less left nothing more is begun. A call may take 150 seconds until we give up on it, and what
# it has written is stored after that.
MARGIN = timedelta(minutes=3)

_PEOPLE = tuple(sobject for sobject in SObject if sobject.is_person)
_COMPANIES = tuple(sobject for sobject in SObject if not sobject.is_person)


class PushLook:
    """One look: what is asked of it, what it works with, and what is to be reported.

    Args:
        request: What to push, and whether it has to be enough of it.
        ports: The world.
        time_left: How long this invocation may still take.

    Attributes:
        settings: As they were when it was last asked whether outbound is off.
        remarks: Sentences for whoever reads the report, each once.
        more: Work is left to a later look.
        hold: What waits for somebody's yes.
    """

    def __init__(
        self, request: PushRequest, ports: PushPorts, time_left: Callable[[], timedelta]
    ) -> None:
        self.request = request
        self.ports = ports
        self.time_left = time_left
        self.clock = ports.pages.clock
        self.started_at = self.clock()
        self.run_id = new_id(self.started_at)
        self.settings = ports.settings.current()
        self.calls_before = ports.salesforce.usage().calls
        self.notes = Notes(clock=self.clock, store=self._keep, run_id=self.run_id)
        self.book = JobBook(ports.streams, PUSH)
        self.people: PushedKind[Contact] = self._kind(ports.pages.contacts, _PEOPLE)
        self.companies: PushedKind[Company] = self._kind(ports.pages.companies, _COMPANIES)
        self.kinds = (self.people, self.companies)
        self.remarks: dict[str, None] = {}
        self.status = RunStatus.COMPLETED
        self.error: str | None = None
        self.more = False
        self.hold: Hold | None = None

    def _kind(
        self, repository: WaitingRepository[Subject], objects: Sequence[SObject]
    ) -> PushedKind[Subject]:
        return PushedKind(
            repository,
            jobs=self.ports.jobs,
            book=self.book,
            objects=objects,
            pages=self.ports.pages,
            salesforce=self.ports.salesforce,
            settings=self.ports.settings,
            notes=self.notes,
            may_go_on=self.may_go_on,
            dry_run=self.request.dry_run,
        )

    def is_off(self) -> bool:
        """Return whether outbound is off; whatever waits is cancelled then."""
        asked_at = self.clock()
        self.settings = self.ports.settings.current()
        if self.settings.outbound.enabled:
            return False
        self.remark("Outbound is switched off in the settings; nothing goes out.")
        if self.request.dry_run or not self._has_to_end_something():
            return True
        # Whoever holds the lease instead of us sees the switch by itself; of many that wait, two
        # would cancel each a second time, and tell so.
        if self.book.lease or self.acquire():
            # A job goes on writing until it is ended, and cancelling what waits may take a while.
            for kind in self.kinds:
                kind.look_after_jobs()
                self.tell_of_silent_jobs(kind.silent_jobs)
            for kind in self.kinds:
                kind.recall()
                if not kind.line.cancel(
                    self.notes,
                    settings=self.settings,
                    now=asked_at,
                    may_go_on=self.may_go_on,
                ):
                    self.more = True
        return True

    def _has_to_end_something(self) -> bool:
        return self.has_jobs() or any(kind.line.has_edits() for kind in self.kinds)

    def has_jobs(self) -> bool:
        """Return whether a job is under way."""
        return any(kind.has_jobs for kind in self.kinds)

    def awaits_jobs(self) -> bool:
        """Return whether a job is under way of which something may be learned soon."""
        return any(kind.awaits_jobs for kind in self.kinds)

    def tell_of_silent_jobs(self, silent: Mapping[SObject, str]) -> None:
        """Tell of jobs of which nothing could be learned; everybody else goes on."""
        for sobject, words in silent.items():
            self.more = True
            self.error = f"Nothing can be learned of the job of {sobject} rows: {words}"
            self.remark("Rows that a job carries wait until Salesforce tells of it.")

    def acquire(self) -> bool:
        """Take the lease; return whether it is ours, and not another push's."""
        self.book.lease = self.ports.streams.acquire(PUSH, now=self.clock(), lasts=LEASE)
        self.book.read()
        return self.book.lease is not None

    def has_time(self) -> bool:
        """Return whether this invocation has time for more."""
        return self.time_left() >= MARGIN

    def may_go_on(self) -> bool:
        """Return whether there is time for more; the lease lives on meanwhile."""
        lease = self.book.lease
        if lease and lease.until - self.clock() < LEASE / 2:
            self.renew()
        return self.has_time()

    @property
    def is_stopped(self) -> bool:
        """Return whether no more calls may be spent, as far as is known."""
        return state_of(self.ports.salesforce.usage(), self.settings) is Budget.STOPPED

    def budget(self) -> Budget:
        """Return how freely calls may be spent, and remark on it if they may not."""
        usage = self.ports.salesforce.usage()
        state = state_of(usage, self.settings)
        if state is Budget.STOPPED:
            self.status = RunStatus.BUDGET
            self.more = True
            self.remark(f"{stopped(usage, self.settings)} What waits goes on waiting.")
        elif state is Budget.SLOW:
            self.remark(RUNS_LOW)
        return state

    def renew(self) -> None:
        """Prolong the lease, if it is ours."""
        if self.book.lease:
            self.book.lease = replace(self.book.lease, until=self.clock() + LEASE)
            self.book.save()

    def remark(self, sentence: str) -> None:
        """Tell whoever reads the report."""
        self.remarks[sentence] = None

    def _keep(self, outcomes: Sequence[Outcome]) -> None:
        run = under_way(
            self.run_id,
            RunKind.PUSH,
            started_at=self.started_at,
            now=self.clock(),
            settings_version=self.settings.version,
        )
        self.ports.runs.record(run, outcomes)
