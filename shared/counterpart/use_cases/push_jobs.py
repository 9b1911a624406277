"""Push by jobs: many rows of one object go out in the background, and are settled when it is done.

What a job carries is written down with each row before the job may write, so that any later
invocation can settle it, and a row that is under way is not written by another path. The job's id
is kept with the lease of the push. Whatever goes wrong, a row that is not known to be written is
read afresh and pushed again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Generic

from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.pushing import settled
from counterpart.domain.records import SObject
from counterpart.domain.subjects import Subject
from counterpart.domain.waiting import InFlight, Lane, Waiting
from counterpart.errors import ChangedMeanwhileError, TransientError
from counterpart.use_cases.ended_jobs import ask_after

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from counterpart.ports import Clock, RecordJobs
    from counterpart.use_cases.ended_jobs import EndedJob
    from counterpart.use_cases.job_book import JobBook
    from counterpart.use_cases.notes import Notes
    from counterpart.use_cases.push_rows import PushRow
    from counterpart.use_cases.waiting_line import WaitingRepository

# Rows that one job carries; the calls that it costs are the same for any number.
MOST_ROWS = 10_000
# A table may have 150 MB in base 64, which is 100 of ours (Bulk API 2.0 guide, "Limits"); a
# character takes up to four bytes.
_MOST_CHARACTERS = 25_000_000

_AT_ONCE = 1000
_TRIES = 6
_FAR = timedelta(days=3650)


class PushJobs(Generic[Subject]):
    """Sends rows of contacts, or companies, by jobs, one job for each object at a time.

    Args:
        repository: Where they are stored; its index may lag behind.
        jobs: Salesforce's.
        book: Which jobs are under way.
        clock: Ours.
        notes: What became of them is noted here.

    Attributes:
        silent: Objects of whose job nothing could be learned this time, and why.
        broken_off: A job has ended before it had tried every row, so some go again.
    """

    def __init__(
        self,
        repository: WaitingRepository[Subject],
        *,
        jobs: RecordJobs,
        book: JobBook,
        clock: Clock,
        notes: Notes,
    ) -> None:
        self.silent: dict[SObject, str] = {}
        self.broken_off = False
        self._repository: WaitingRepository[Subject] = repository
        self._jobs = jobs
        self._book = book
        self._clock = clock
        self._notes = notes
        # Known without the index, as long as this invocation lasts.
        self._sent: dict[SObject, list[str]] = {}

    def choose(
        self, sobject: SObject, rows: Sequence[PushRow[Subject]], *, above: int
    ) -> list[PushRow[Subject]]:
        """Return those of *rows*, all of one object, that are to go by a job; none if too few.

        Fresh edits and older work are counted apart, so that a few fresh ones never wait for a
        job because of a backlog.
        """
        if not above or not self._book.may_open(sobject, now=self._clock()):
            return []
        # What was set aside of a row is remembered where its answer is known at once.
        fit = [row for row in rows if not row.is_incomplete and self._jobs.takes(row.change)]
        fresh = [row for row in fit if _lane(row) is Lane.FRESH]
        older = [row for row in fit if _lane(row) is not Lane.FRESH]
        chosen = [row for group in (fresh, older) if len(group) > above for row in group]
        room, most = _MOST_CHARACTERS, MOST_ROWS
        for place, row in enumerate(chosen):
            room -= sum(len(str(value)) + 3 for value in row.plan.values.values()) + 24
            if room < 0 or place == most:
                return chosen[:place]
        return chosen

    def send(
        self,
        sobject: SObject,
        rows: Sequence[PushRow[Subject]],
        *,
        wanted: Callable[[SObject], bool],
    ) -> bool:
        """Send *rows*, all of one object, by a job; return whether there is one to be had.

        Args:
            sobject: Whose rows they are.
            rows: What the job carries.
            wanted: Tells whether edits still go out to an object. Until everybody is marked and all
                is uploaded it takes a while; a job that is not started then is ended by the next
                round, and has written nothing.

        Raises:
            TransientError: nobody knows how far it came; the next look finds out.
        """
        job_id = self._opened(sobject)
        if job_id is None:
            return False
        self._book.enter(sobject, job_id, now=self._clock())
        sent: list[PushRow[Subject]] = []
        for start in range(0, len(rows), _AT_ONCE):
            batch = rows[start : start + _AT_ONCE]
            lost = self._repository.save_many([self._marked(row, job_id) for row in batch])
            # Whoever was changed meanwhile keeps the mark, and is looked at again.
            sent += [row for row in batch if row.subject.id not in lost]
        self._sent[sobject] = [row.subject.id for row in sent]
        if sent:
            self._jobs.upload(job_id, [row.change for row in sorted(sent, key=_parent)])
            if wanted(sobject):
                self._jobs.start(job_id)
        return True

    def look(self, sobject: SObject, *, wanted: bool) -> Sequence[str] | None:
        """See how far the job of *sobject* is, and settle its rows if it has ended.

        Args:
            sobject: Whose job is under way.
            wanted: Edits still go out to this object; a job that is not wanted is ended.

        Returns:
            `None` while it works or nothing can be learned of it, otherwise ids of those whose rows
            Salesforce refused: they are to be pushed in the other way, which tells what it has
            against which field.
        """
        job = self._book.under_way(sobject)
        if job is None or job.job_id is None:
            return ()
        if sobject in self.silent:
            return None
        try:
            ended = ask_after(job, job.job_id, jobs=self._jobs, wanted=wanted, now=self._clock())
        except TransientError as exc:
            # One job of which nothing can be learned must not hold up everybody else.
            self.silent[sobject] = str(exc)
            return None
        if ended is None:
            return None
        refused = self._settle(sobject, job.job_id, ended, wanted=wanted)
        early = ended.early_end(sobject, job.job_id, now=self._clock()) if wanted else None
        if early:
            self.broken_off = True
            self._notes.outcomes.append(early)
            self._notes.keep()
        self._book.strike(sobject, whole=ended.is_whole or not wanted)
        self._sent.pop(sobject, None)
        return refused

    def recall(self) -> None:
        """Let those wait as others do whom a job has left behind that is not under way any more.

        A run may break off between the end of a job and the other way for what that refused.
        """
        until, limit = self._clock() + _FAR, len(SObject) * MOST_ROWS
        ids = self._repository.waiting(Lane.SENT, until=until, limit=limit)
        for start in range(0, len(ids), _AT_ONCE):
            subjects = self._repository.get_many(ids[start : start + _AT_ONCE]).values()
            # Read after them: a job is entered before anybody is marked for it.
            jobs = self._book.known_by_now()
            left = [
                replace(one, waiting=replace(one.waiting, lane=Lane.BULK))
                for one in subjects
                if one.waiting and one.waiting.lane is Lane.SENT
                if not (one.in_flight and one.in_flight.job_id in jobs)
            ]
            self._repository.save_many(left)

    # --- how it is done -------------------------------------------------------------------------

    def _opened(self, sobject: SObject) -> str | None:
        """Return the id of a new job; `None` if the org lets us have none, or not now."""
        try:
            return self._jobs.open(sobject)
        except TransientError:
            # Nothing is in it, so the rows may go the other way, if there is one at present.
            return None

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
        ledger = replace(subject.ledger, shadows={**subject.ledger.shadows, **plan.agreed})
        return replace(subject, ledger=ledger, waiting=waiting, in_flight=flight)

    def _settle(self, sobject: SObject, job_id: str, ended: EndedJob, *, wanted: bool) -> list[str]:
        """Settle each row by what became of it; return those that were refused."""
        results = ended.results
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
            self._store(
                sobject, {one.id: one for one in written}, job_id, until=ended.progress.as_of
            )
            self._store(sobject, {one.id: one for one in cancelled}, job_id, until=None)
        return refused

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
        until: datetime | None,
    ) -> None:
        """Store what became of rows, in one write each: written *until* then, or cancelled."""
        left = dict(subjects)
        if until is None:
            for subject_id in left:
                self._notes.tell(Action.SKIPPED, Reason.OUTBOUND_DISABLED, subject_id)
            self._notes.keep()
        for _ in range(_TRIES):
            if not left:
                return
            after = [self._landed(one, until=until) for one in left.values()]
            lost = self._repository.save_many(after)
            for _ in left.keys() - set(lost):
                if until:
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

    def _landed(self, subject: Subject, *, until: datetime | None) -> Subject:
        """Return a row's contact, or company, after its job has ended."""
        flight, waiting = subject.in_flight, subject.waiting
        if flight is None:
            return subject
        after = replace(subject, in_flight=None)
        if waiting and waiting.lane is Lane.SENT:
            # Somebody has changed it since: the next look sees whether something has to go.
            again = Waiting(lane=Lane.BULK, next_push_at=self._clock())
            untouched = subject.version == flight.version or until is None
            after = replace(after, waiting=None if untouched else again)
        if until is None or not subject.counterpart:
            return after
        if subject.counterpart.record_id != flight.record_id:
            # It is linked to another record by now, which has nothing to do with the job.
            return after
        return replace(
            settled(after, shadows=flight.sent, written_at=self._clock(), written_until=until),
            parked=None,
        )


def _lane(row: PushRow[Subject]) -> Lane:
    return row.subject.waiting.lane if row.subject.waiting else Lane.FRESH


def _parent(row: PushRow[Subject]) -> tuple[str, str, str]:
    return row.parent
