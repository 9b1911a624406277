"""Contacts, or companies, as a push sees them: a line of those who wait, and a way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from counterpart.domain.subjects import Subject
from counterpart.use_cases.push_batch import BatchPusher
from counterpart.use_cases.push_jobs import PushJobs
from counterpart.use_cases.waiting_line import WaitingLine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from counterpart.domain.records import SObject
    from counterpart.ports import RecordJobs, RecordWriter, SettingsRepository
    from counterpart.use_cases.apply_page import PagePorts
    from counterpart.use_cases.job_book import JobBook
    from counterpart.use_cases.notes import Notes
    from counterpart.use_cases.push_guard import PushGuard
    from counterpart.use_cases.waiting_line import WaitingRepository

_REFUSED_AT_ONCE = 5000


class PushedKind(Generic[Subject]):
    """What a push does with contacts, it does with companies.

    Args:
        repository: Where they are stored.
        jobs: Salesforce's, for many rows at once.
        book: Which of those are under way.
        pages: For the reading side.
        salesforce: For the writing side.
        settings: By which modes the fields cross.
        notes: What became of them is noted here.
        may_go_on: Tells whether there is time for more; called now and then.
        dry_run: Plan for real and write nothing.
        objects: What their records are.

    Attributes:
        line: Who waits.
    """

    def __init__(
        self,
        repository: WaitingRepository[Subject],
        *,
        jobs: RecordJobs,
        book: JobBook,
        pages: PagePorts,
        salesforce: RecordWriter,
        settings: SettingsRepository,
        notes: Notes,
        may_go_on: Callable[[], bool],
        dry_run: bool,
        objects: Sequence[SObject],
    ) -> None:
        self._objects = objects
        self._repository: WaitingRepository[Subject] = repository
        self._pages = pages
        self._salesforce = salesforce
        self._settings = settings
        self._notes = notes
        self._may_go_on = may_go_on
        self._dry_run = dry_run
        self._book = book
        self._jobs: PushJobs[Subject] = PushJobs(
            repository, jobs=jobs, book=book, clock=pages.clock, notes=notes
        )
        self.line: WaitingLine[Subject] = WaitingLine(repository)

    @property
    def has_jobs(self) -> bool:
        """Return whether a job of theirs is under way."""
        return any(self._book.under_way(sobject) for sobject in self._objects)

    @property
    def awaits_jobs(self) -> bool:
        """Return whether a job is under way of which something may be learned soon."""
        silent = self._jobs.silent
        return any(self._book.under_way(each) and each not in silent for each in self._objects)

    @property
    def has_broken_off(self) -> bool:
        """Return whether a job has ended before it had tried every row."""
        return self._jobs.broken_off

    @property
    def silent_jobs(self) -> Mapping[SObject, str]:
        """Return the objects of whose job nothing could be learned, and why."""
        return self._jobs.silent

    def look_after_jobs(self) -> bool:
        """Settle the rows of jobs that have ended; return whether one has.

        A job is ended where nothing goes out any more.
        """
        ended = False
        for sobject in self._objects:
            if not self._book.under_way(sobject):
                continue
            refused = self._jobs.look(sobject, self._settings.current())
            if refused is None:
                continue
            ended = True
            for start in range(0, len(refused), _REFUSED_AT_ONCE):
                if not self._may_go_on():
                    # They wait in the lane of what was sent; the next look goes on with them.
                    break
                self.push(refused[start : start + _REFUSED_AT_ONCE], by_job=False)
        return ended

    def recall(self) -> None:
        """Let those wait as others do whom a job has left behind that is not under way any more."""
        self._jobs.recall()

    def let_pass(self, guard: PushGuard, subject_ids: Sequence[str]) -> list[str]:
        """Return who of these may go now."""
        return guard.let_pass(self._repository, subject_ids)

    def push(self, subject_ids: Sequence[str], *, by_job: bool = True) -> Sequence[str]:
        """Push these, by the settings of this moment; *by_job* where there are many.

        Return the ids of those who did not go, because time or the allowance ended.
        """
        return self._pusher().push(subject_ids, by_job=by_job)

    def push_refusals(self, subject_ids: Sequence[str]) -> None:
        """Push that these refuse to be mailed, and nothing else; the rest of them waits on."""
        if subject_ids:
            self._pusher().push(subject_ids, by_job=False, refusals_alone=True)

    def _pusher(self) -> BatchPusher[Subject]:
        return BatchPusher(
            repository=self._repository,
            jobs=self._jobs,
            book=self._book,
            pages=self._pages,
            salesforce=self._salesforce,
            settings=self._settings,
            notes=self._notes,
            may_go_on=self._may_go_on,
            dry_run=self._dry_run,
        )
