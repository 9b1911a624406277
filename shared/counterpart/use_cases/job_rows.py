"""Rows of a job: marked before the job may write, and settled once it has ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Generic

from counterpart.domain.lifting import announced, opts_in
from counterpart.domain.opt_outs import held_opt_out
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.pushing import settled
from counterpart.domain.records import SObject
from counterpart.domain.subjects import Subject
from counterpart.domain.waiting import InFlight, Lane, Waiting
from counterpart.domain.written_over import putting_back
from counterpart.errors import ChangedMeanwhileError
from counterpart.use_cases.push_rows import told_of_overruled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import Clock, JobProgress
    from counterpart.use_cases.ended_jobs import EndedJob
    from counterpart.use_cases.job_book import JobBook
    from counterpart.use_cases.notes import Notes
    from counterpart.use_cases.push_rows import PushRow
    from counterpart.use_cases.waiting_line import WaitingRepository

# Rows that one job carries; the calls that it costs are the same for any number.
MOST_ROWS = 10_000

_AT_ONCE = 1000
_TRIES = 6
_FAR = timedelta(days=3650)


class JobRows(Generic[Subject]):
    """Stores with contacts, or companies, what a job carries of them, and what became of it.

    Args:
        repository: Where they are stored; its index may lag behind.
        clock: Ours.
        notes: What became of them is noted here.
    """

    def __init__(
        self, repository: WaitingRepository[Subject], *, clock: Clock, notes: Notes
    ) -> None:
        self._repository: WaitingRepository[Subject] = repository
        self._clock = clock
        self._notes = notes
        # Known without the index, as long as this invocation lasts.
        self._sent: dict[SObject, list[str]] = {}

    def mark(
        self, sobject: SObject, rows: Sequence[PushRow[Subject]], job_id: str
    ) -> list[PushRow[Subject]]:
        """Write down what a job is to carry of *rows*; return those that it may."""
        # What they replace there is told before the job may; once marked they have seen it.
        self._notes.outcomes += told_of_overruled(rows, at=self._clock())
        self._notes.keep()
        sent: list[PushRow[Subject]] = []
        for start in range(0, len(rows), _AT_ONCE):
            batch = rows[start : start + _AT_ONCE]
            lost = self._repository.save_many([self._marked(row, job_id) for row in batch])
            # Whoever was changed meanwhile keeps the mark, and is looked at again.
            sent += [row for row in batch if row.subject.id not in lost]
        self._sent[sobject] = [row.subject.id for row in sent]
        return sent

    def settle(
        self, sobject: SObject, job_id: str, ended: EndedJob, settings: SyncSettings
    ) -> list[str]:
        """Settle each row by what became of it; return those that were refused.

        Where nothing goes out any more, none goes again but an opt-out, once something does.

        Raises:
            ChangedMeanwhileError: others kept changing them.
        """
        results, wanted = ended.results, settings.outbound.writes(sobject)
        refused: list[str] = []
        for carried in self._carried(sobject, job_id):
            written, cancelled = [], []
            for subject in carried:
                record_id = subject.in_flight.record_id if subject.in_flight else ""
                if results is None or record_id in results.written:
                    written.append(subject)
                elif not wanted:
                    cancelled.append(subject)
                elif record_id in results.refused:
                    refused.append(subject.id)
            for ones, how in ((written, ended.progress), (cancelled, None)):
                self._store(
                    sobject, {one.id: one for one in ones}, job_id, settings=settings, written=how
                )
        self._sent.pop(sobject, None)
        return refused

    def recall(self, book: JobBook) -> None:
        """Let those wait as others do whom a job has left behind that is not under way any more.

        A run may break off between the end of a job and the other way for what that refused.
        """
        until, limit = self._clock() + _FAR, len(SObject) * MOST_ROWS
        ids = self._repository.waiting(Lane.SENT, until=until, limit=limit)
        for start in range(0, len(ids), _AT_ONCE):
            subjects = self._repository.get_many(ids[start : start + _AT_ONCE]).values()
            # Read after them: a job is entered before anybody is marked for it.
            jobs = book.known_by_now()
            left = [
                replace(one, waiting=replace(one.waiting, lane=Lane.BULK))
                for one in subjects
                if one.waiting and one.waiting.lane is Lane.SENT
                if not (one.in_flight and one.in_flight.job_id in jobs)
            ]
            self._repository.save_many(left)

    # --- how it is done -------------------------------------------------------------------------

    def _marked(self, row: PushRow[Subject], job_id: str) -> Subject:
        subject, plan = row.subject, row.plan
        waiting = Waiting(
            lane=Lane.SENT,
            next_push_at=self._clock(),
            attempts=subject.waiting.attempts if subject.waiting else 0,
        )
        flight = InFlight(
            job_id=job_id, record_id=row.record.id, sent=plan.sent, version=subject.version + 1
        )
        ledger = subject.ledger
        if plan.agreed:
            ledger = replace(ledger, shadows={**ledger.shadows, **plan.agreed})
        if opts_in(plan.sent):
            subject = announced(subject, row.record)
        return replace(subject, ledger=ledger, waiting=waiting, in_flight=flight)

    def _carried(self, sobject: SObject, job_id: str) -> Iterator[Sequence[Subject]]:
        """Yield those whose rows the job carries, some at a time.

        Whoever was edited meanwhile stands in another lane; the next push of theirs sees what
        the job has done.
        """
        until = self._clock() + _FAR
        known: Sequence[str] = self._sent.get(sobject, ())
        found: Sequence[str] = self._repository.waiting(
            Lane.SENT, until=until, limit=len(SObject) * MOST_ROWS
        )
        ids = list(dict.fromkeys([*known, *found]))
        for start in range(0, len(ids), _AT_ONCE):
            subjects = self._repository.get_many(ids[start : start + _AT_ONCE]).values()
            yield [one for one in subjects if one.in_flight and one.in_flight.job_id == job_id]

    def _store(
        self,
        sobject: SObject,
        subjects: Mapping[str, Subject],
        job_id: str,
        *,
        settings: SyncSettings,
        written: JobProgress | None,
    ) -> None:
        """Store what became of rows, in one write each: *written* by a job, or cancelled."""
        left, fields = dict(subjects), settings.fields_of(sobject)
        if written is None:
            for subject_id in left:
                self._notes.tell(Action.SKIPPED, Reason.OUTBOUND_DISABLED, subject_id)
            self._notes.keep()
        for _ in range(_TRIES):
            if not left:
                return
            after = [self._landed(one, settings, fields, written) for one in left.values()]
            lost = self._repository.save_many(after)
            for _ in left.keys() - set(lost):
                if written:
                    self._notes.count(sobject, "updated")
                else:
                    self._notes.skip(Reason.OUTBOUND_DISABLED)
            left = {
                key: one
                for key, one in (self._repository.get_many(lost) if lost else {}).items()
                if one.in_flight and one.in_flight.job_id == job_id
            }
        if left:
            raise ChangedMeanwhileError(f"{len(left)} items keep being changed by others")

    def _landed(
        self,
        subject: Subject,
        settings: SyncSettings,
        fields: Sequence[FieldMapping],
        written: JobProgress | None,
    ) -> Subject:
        """Return a row's contact, or company, after its job has ended."""
        flight, mark = subject.in_flight, subject.waiting
        if flight is None:
            return subject
        if mark and mark.lane is Lane.SENT:
            # Somebody has changed it since: the next look sees whether something has to go.
            again = Waiting(lane=Lane.BULK, next_push_at=self._clock())
            mark = None if subject.version == flight.version else again
            if written is None:
                mark = held_opt_out(subject, settings, now=self._clock())
        after = replace(subject, in_flight=None, waiting=mark)
        counterpart = subject.counterpart
        if written is None or not counterpart:
            return after
        if counterpart.record_id != flight.record_id:
            # It is linked to another record by now, which has nothing to do with the job.
            return after
        if counterpart.modstamp and written.ended_at and counterpart.modstamp > written.ended_at:
            # A later version has been applied already, and that is what Salesforce holds.
            seen = subject.ledger.shadows
            held = {name: value for name, value in flight.sent.items() if seen.get(name) == value}
            done = settled(after, shadows=held, written_at=None, written_until=None)
            return replace(done, parked=None)
        done = settled(
            after, shadows=flight.sent, written_at=self._clock(), written_until=written.as_of
        )
        done = putting_back(done, subject.ledger, flight.sent, fields)
        return replace(done, parked=None) if done.parked else done
