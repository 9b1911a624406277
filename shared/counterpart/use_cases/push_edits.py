"""Push: our edits go out, when enough wait or one has waited long enough.

The look each minute also finds creation requests whose job got lost, and sends it again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.budget import Budget, budget, used_percent
from counterpart.domain.contacts import Lane, Waiting
from counterpart.domain.ids import new_id
from counterpart.domain.outcomes import Action, Outcome, Reason, RunKind, RunStatus
from counterpart.domain.pushing import goes_now
from counterpart.domain.subjects import Subject
from counterpart.domain.sync_settings import Pace
from counterpart.errors import HaltError, QuotaExhaustedError, TransientError
from counterpart.ports import CreationJob
from counterpart.use_cases.push_batch import BatchPusher, PushTally
from counterpart.use_cases.reports import Report, how_many

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.requests import PushRequest
    from counterpart.domain.streams import Lease
    from counterpart.ports import (
        CompanyRepository,
        ContactRepository,
        CreationQueue,
        RecordWriter,
        RunRepository,
        SettingsRepository,
        StreamRepository,
    )
    from counterpart.use_cases.apply_page import PagePorts

STREAM = "push"
LEASE = timedelta(minutes=5)
MARGIN = timedelta(seconds=90)

# Read in one or two calls, written in five; what is held of them in memory stays small.
_ROUND = 5000
# Of a round, this much at most is for fresh edits while older work waits, and the other way round.
_FRESH_SHARE = 0.8
# A request whose job was not worked off after this long is sent again.
RESEND_AFTER = timedelta(minutes=15)
_MOST_RESENT = 200
_CANCELLED_AT_ONCE = 1000

_PUT_OFF_AT_MOST = timedelta(days=1)

_EDIT_LANES = (Lane.FRESH, Lane.BULK, Lane.RETRY)


@dataclass(frozen=True, kw_only=True, slots=True)
class PushPorts:
    """What pushing needs of the world."""

    pages: PagePorts
    salesforce: RecordWriter
    streams: StreamRepository
    settings: SettingsRepository
    runs: RunRepository
    queue: CreationQueue


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
        self._contacts: ContactRepository = ports.pages.contacts
        self._companies: CompanyRepository = ports.pages.companies
        self._clock = ports.pages.clock
        self._started_at = self._clock()
        self._run_id = new_id(self._started_at)
        self._settings = ports.settings.current()
        self._calls_before = ports.salesforce.usage().calls
        self._tally = PushTally()
        self._notes: list[str] = []
        self._status = RunStatus.COMPLETED
        self._error: str | None = None
        self._more = False
        self._waiting_again = 0
        self._lease: Lease | None = None

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
            if self._lease:
                self._ports.streams.release(self._lease)
        report = self._report()
        self._record(report)
        return report

    def _look(self) -> None:
        if not self._request.dry_run:
            self._resend_lost_requests()
        if not self._settings.outbound.enabled:
            self._cancel_all()
            return
        if self._request.contact_ids:
            self._push_contacts(list(self._request.contact_ids))
            return
        if not self._request.scheduled or self._enough_waits():
            self._push_waiting()

    # --- what is to be done ---------------------------------------------------------------------

    def _enough_waits(self) -> bool:
        now = self._clock()
        outbound = self._settings.outbound
        if outbound.pace is Pace.NEAR_REAL_TIME:
            return True
        for repository in (self._contacts, self._companies):
            oldest = [
                at for lane in (Lane.FRESH, Lane.BULK) if (at := repository.oldest_wait(lane))
            ]
            waiting = sum(
                len(repository.waiting(lane, until=now, limit=outbound.max_waiting))
                for lane in (Lane.FRESH, Lane.BULK)
                if oldest
            )
            if goes_now(
                oldest=min(oldest, default=None),
                waiting=waiting,
                now=now,
                longest=timedelta(minutes=outbound.max_wait_minutes),
                most=outbound.max_waiting,
            ):
                return True
            # What was put off has had its wait.
            if repository.waiting(Lane.RETRY, until=now, limit=1):
                return True
        return False

    def _push_waiting(self) -> None:
        if not self._request.dry_run:
            self._lease = self._ports.streams.acquire(STREAM, now=self._clock(), lasts=LEASE)
            if self._lease is None:
                self._notes.append("Another push is under way; it takes what waits along.")
                return
        # Marks set from here on are for the next look, so that one look comes to an end; a person
        # who asks for everything means what was put off, too.
        until = self._started_at + (timedelta(0) if self._request.scheduled else _PUT_OFF_AT_MOST)
        pushed: set[str] = set()
        while True:
            if self._time_left() < MARGIN:
                self._more = True
                self._notes.append("Time ran short; the next look goes on with the rest.")
                return
            state = self._budget()
            if state is Budget.STOPPED:
                return
            ids = self._next_round(self._contacts, until, state, pushed)
            if ids:
                self._push_contacts(ids)
            company_ids = self._next_round(self._companies, until, state, pushed)
            if company_ids:
                self._pusher_of_companies().push(company_ids)
            if not ids and not company_ids:
                return
            pushed.update(ids, company_ids)
            self._renew()

    def _next_round(
        self,
        repository: ContactRepository | CompanyRepository,
        until: datetime,
        state: Budget,
        pushed: set[str],
    ) -> list[str]:
        """Return whose turn it is: fresh edits first, but older work always gets its share."""
        fresh = self._waiting(repository, Lane.FRESH, until, pushed)
        if state is Budget.SLOW:
            return fresh[:_ROUND]
        older = [
            subject_id
            for lane in (Lane.RETRY, Lane.BULK)
            for subject_id in self._waiting(repository, lane, until, pushed)
        ]
        room = max(_ROUND - len(older), int(_ROUND * _FRESH_SHARE))
        chosen = fresh[:room]
        return chosen + older[: _ROUND - len(chosen)]

    def _waiting(
        self,
        repository: ContactRepository | CompanyRepository,
        lane: Lane,
        until: datetime,
        pushed: set[str],
    ) -> list[str]:
        """Return who waits in a lane, without those who were pushed by this look already.

        Few of them wait again, those who were edited meanwhile or put off; so as many more are
        asked for as were seen to.
        """
        while True:
            ids = repository.waiting(lane, until=until, limit=_ROUND + self._waiting_again)
            left = [subject_id for subject_id in ids if subject_id not in pushed]
            again = len(ids) - len(left)
            if left or again <= self._waiting_again:
                return left
            self._waiting_again = again

    def _budget(self) -> Budget:
        usage = self._ports.salesforce.usage()
        share = self._settings.outbound.api_share_percent
        state = budget(used=usage.used, allowed=usage.allowed, share_percent=share)
        if state is Budget.STOPPED:
            self._status = RunStatus.BUDGET
            self._more = True
            self._notes.append(
                f"Stopped to spare the org's API allowance: {usage.used} of {usage.allowed} "
                f"calls are used, and our share ends at {share} %. What waits goes on waiting."
            )
        elif state is Budget.SLOW:
            self._notes.append("The API allowance runs low: only fresh edits go out.")
        return state

    # --- doing it -------------------------------------------------------------------------------

    def _push_contacts(self, contact_ids: Sequence[str]) -> None:
        pusher: BatchPusher[Contact] = BatchPusher(
            repository=self._contacts,
            pages=self._ports.pages,
            salesforce=self._ports.salesforce,
            settings=self._settings,
            tally=self._tally,
            dry_run=self._request.dry_run,
        )
        pusher.push(contact_ids)

    def _pusher_of_companies(self) -> BatchPusher[Company]:
        return BatchPusher(
            repository=self._companies,
            pages=self._ports.pages,
            salesforce=self._ports.salesforce,
            settings=self._settings,
            tally=self._tally,
            dry_run=self._request.dry_run,
        )

    def _renew(self) -> None:
        if self._lease:
            self._lease = replace(self._lease, until=self._clock() + LEASE)
            self._ports.streams.save(self._ports.streams.get(STREAM), self._lease)

    def _cancel_all(self) -> None:
        """Outbound is off: whatever waits is taken off, each with the reason."""
        self._notes.append("Outbound is switched off in the settings; nothing goes out.")
        if self._request.dry_run:
            return
        for lane in _EDIT_LANES:
            for repository in (self._contacts, self._companies):
                self._cancel(repository, lane)

    def _cancel(self, repository: ContactRepository | CompanyRepository, lane: Lane) -> None:
        # The index may go on naming whom we have dealt with already.
        seen: set[str] = set()
        while True:
            until, limit = self._clock() + _PUT_OFF_AT_MOST, _CANCELLED_AT_ONCE + len(seen)
            waiting = repository.waiting(lane, until=until, limit=limit)
            ids = [subject_id for subject_id in waiting if subject_id not in seen]
            if not ids:
                return
            seen.update(ids)
            for subject_id in self._unmark(repository, ids):
                self._tally.skipped[Reason.OUTBOUND_DISABLED] += 1
                self._tell(Action.SKIPPED, Reason.OUTBOUND_DISABLED, subject_id)
            if self._time_left() < MARGIN:
                self._more = True
                return

    def _unmark(
        self, repository: ContactRepository | CompanyRepository, ids: Sequence[str]
    ) -> list[str]:
        """Take the marks of edits off, and return whose; a request to be created stays."""
        if repository is self._contacts:
            contacts = _without_marks(self._contacts.get_many(ids).values())
            lost = self._contacts.save_many(contacts)
            return [contact.id for contact in contacts if contact.id not in lost]
        companies = _without_marks(self._companies.get_many(ids).values())
        lost = self._companies.save_many(companies)
        return [company.id for company in companies if company.id not in lost]

    def _resend_lost_requests(self) -> None:
        now = self._clock()
        ids = self._contacts.waiting(Lane.CREATE, until=now, limit=_MOST_RESENT)
        if not ids:
            return
        jobs = []
        renewed = []
        for contact in self._contacts.get_many(ids).values():
            if contact.waiting is None or contact.waiting.lane is not Lane.CREATE:
                # The index lags: what waits by now is something else, or nothing.
                continue
            if contact.counterpart:
                # A pull has linked it meanwhile, and what had to go out found this mark in place.
                waiting = Waiting(lane=Lane.FRESH, next_push_at=now)
                renewed.append(replace(contact, waiting=waiting))
                continue
            if contact.creation is None:
                renewed.append(replace(contact, waiting=None))
                continue
            waiting = Waiting(lane=Lane.CREATE, next_push_at=now + RESEND_AFTER)
            renewed.append(replace(contact, waiting=waiting))
            jobs.append(
                CreationJob(
                    contact_id=contact.id,
                    requested_at=contact.creation.requested_at,
                    create_as=contact.creation.create_as,
                )
            )
        self._ports.queue.send(jobs)
        self._contacts.save_many(renewed)
        if jobs:
            self._notes.append(f"Sent {len(jobs)} creation requests again whose job had not come.")

    # --- the report -----------------------------------------------------------------------------

    def _tell(self, action: Action, reason: Reason, subject_id: str) -> None:
        self._tally.outcomes.append(
            Outcome(action=action, reason=reason, at=self._clock(), subject_id=subject_id)
        )

    def _report(self) -> Report:
        now = self._clock()
        usage = self._ports.salesforce.usage()
        status = self._status
        troubled = {Action.REFUSED, Action.FAILED}
        if status is RunStatus.COMPLETED and any(
            outcome.action in troubled for outcome in self._tally.outcomes
        ):
            status = RunStatus.COMPLETED_WITH_ERRORS
        updated = sum(counts["updated"] for counts in self._tally.counts.values())
        refused = sum(counts["refused"] for counts in self._tally.counts.values())
        planned = sum(counts["would_update"] for counts in self._tally.counts.values())
        summary = f"Pushed {how_many(updated, 'update')} to Salesforce; {refused} refused."
        if self._request.dry_run:
            summary = f"Would push {how_many(planned, 'update')} to Salesforce."
        oldest = [
            at
            for lane in (Lane.FRESH, Lane.BULK)
            for repository in (self._contacts, self._companies)
            if (at := repository.oldest_wait(lane))
        ]
        return Report(
            run_id=self._run_id,
            kind=RunKind.PUSH,
            status=status,
            started_at=self._started_at,
            finished_at=now,
            summary=summary,
            counts=self._tally.counts,
            skipped=self._tally.skipped,
            api_calls=usage.calls - self._calls_before,
            budget_used_percent=used_percent(
                used=usage.used,
                allowed=usage.allowed,
                share_percent=self._settings.outbound.api_share_percent,
            ),
            more_remains=self._more,
            dry_run=self._request.dry_run,
            notes=self._notes,
            oldest_wait_seconds=max((now - min(oldest)).total_seconds(), 0.0) if oldest else 0.0,
            settings_version=self._settings.version,
            error=self._error,
            outcomes=self._tally.outcomes,
        )

    def _record(self, report: Report) -> None:
        """Keep the run for the list, unless it was a look that found nothing to do."""
        if self._request.dry_run:
            return
        if report.counts or report.outcomes or report.error or not self._request.scheduled:
            self._ports.runs.record(report.run(), report.outcomes)


def _without_marks(subjects: Iterable[Subject]) -> list[Subject]:
    return [
        replace(subject, waiting=None)
        for subject in subjects
        if subject.waiting and subject.waiting.lane in _EDIT_LANES
    ]
