"""Push by jobs: many rows of one object go out in the background, and are settled when it is done.

What a job carries is written down with each row before the job may write, so that any later
invocation can settle it, and a row that is under way is not written by another path. The job's id
is kept with the lease of the push. Whatever goes wrong, a row that is not known to be written is
read afresh and pushed again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from counterpart.domain.records import SObject
from counterpart.domain.subjects import Subject
from counterpart.errors import TransientError
from counterpart.use_cases.ended_jobs import ask_after
from counterpart.use_cases.job_rows import MOST_ROWS, JobRows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import Clock, RecordJobs
    from counterpart.use_cases.job_book import JobBook
    from counterpart.use_cases.notes import Notes
    from counterpart.use_cases.push_rows import PushRow
    from counterpart.use_cases.waiting_line import WaitingRepository

# A table may have 150 MB in base 64, which is 100 of ours (Bulk API 2.0 guide, "Limits"); a
# character takes up to four bytes.
_MOST_CHARACTERS = 25_000_000


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
        self._rows: JobRows[Subject] = JobRows(repository, clock=clock, notes=notes)
        self._jobs = jobs
        self._book = book
        self._clock = clock
        self._notes = notes

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
        fresh = [row for row in fit if row.is_fresh]
        older = [row for row in fit if not row.is_fresh]
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
        sent = self._rows.mark(sobject, rows, job_id)
        if sent:
            self._jobs.upload(
                job_id, [row.change for row in sorted(sent, key=lambda row: row.parent)]
            )
            if wanted(sobject):
                self._jobs.start(job_id)
        return True

    def look(self, sobject: SObject, settings: SyncSettings) -> Sequence[str] | None:
        """See how far the job of *sobject* is, and settle its rows if it has ended.

        Args:
            sobject: Whose job is under way.
            settings: Whether edits still go out to this object; a job that is not wanted is ended,
                and so is one from before they were switched off and on.

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
        wanted = settings.outbound.has_written_since(sobject, job.opened_at)
        try:
            ended = ask_after(job, job.job_id, jobs=self._jobs, wanted=wanted, now=self._clock())
        except TransientError as exc:
            # One job of which nothing can be learned must not hold up everybody else.
            self.silent[sobject] = str(exc)
            return None
        if ended is None:
            return None
        refused = self._rows.settle(sobject, job.job_id, ended, settings)
        early = ended.early_end(sobject, job.job_id, now=self._clock()) if wanted else None
        if early:
            self.broken_off = True
            self._notes.outcomes.append(early)
            self._notes.keep()
        self._book.strike(sobject, whole=ended.is_whole or not wanted)
        return refused

    def recall(self) -> None:
        """Let those wait as others do whom a job has left behind that is not under way any more."""
        self._rows.recall(self._book)

    def _opened(self, sobject: SObject) -> str | None:
        """Return the id of a new job; `None` if the org lets us have none, or not now."""
        try:
            return self._jobs.open(sobject)
        except TransientError:
            # Nothing is in it, so the rows may go the other way, if there is one at present.
            return None
