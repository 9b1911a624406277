"""Ended jobs: what Salesforce tells of a job once it works no more, and when it is given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.errors import (
    AuthenticationError,
    HaltError,
    QuotaExhaustedError,
    TransientError,
)
from counterpart.ports import JobProgress, JobResults, JobState

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.records import SObject
    from counterpart.domain.streams import BulkJob
    from counterpart.ports import RecordJobs

# Longer than any job of ours takes; whoever is not through by then is not waited for.
LONGEST = timedelta(hours=2)

_NOTHING = JobResults(written=(), refused=())


@dataclass(frozen=True, kw_only=True, slots=True)
class EndedJob:
    """How a job has ended.

    Attributes:
        results: What became of its rows; `None` if all of them were written.
    """

    progress: JobProgress
    results: JobResults | None

    @property
    def is_whole(self) -> bool:
        """Return whether every row was tried."""
        return self.progress.state is JobState.COMPLETE

    def early_end(self, sobject: SObject, job_id: str, *, now: datetime) -> Outcome | None:
        """Return what people are told of a job that was begun and has not tried every row."""
        if self.is_whole or self.progress.state is JobState.OPEN:
            return None
        return Outcome(
            action=Action.FAILED,
            reason=Reason.JOB_ENDED_EARLY,
            at=now,
            object=sobject,
            message=f"{job_id}: {self.progress.state}. {self.progress.message}".strip(),
        )


def ask_after(
    job: BulkJob, job_id: str, *, jobs: RecordJobs, wanted: bool, now: datetime
) -> EndedJob | None:
    """Return how a job has ended, or `None` while it works; nobody waits for one for ever.

    Args:
        job: As it was entered.
        job_id: Its id.
        jobs: Salesforce's.
        wanted: Edits still go out to its object; a job that is not wanted is ended.
        now: By our clock.

    Raises:
        TransientError: nothing can be learned of it now.
        HaltError: Salesforce tells nobody of anything.
    """
    late = now - job.opened_at > LONGEST
    try:
        return _ask(job_id, jobs, give_up=late or not wanted)
    except (AuthenticationError, QuotaExhaustedError):
        raise
    except HaltError as exc:
        if not late:
            raise TransientError(str(exc)) from exc
    # Salesforce will not tell: its rows are read afresh, which shows what was written.
    gone = JobProgress(state=JobState.GONE, refused=0, as_of=job.opened_at)
    return EndedJob(progress=gone, results=_NOTHING)


def _ask(job_id: str, jobs: RecordJobs, *, give_up: bool) -> EndedJob | None:
    progress = jobs.look(job_id)
    if progress.state is JobState.WORKING:
        if not give_up:
            return None
        jobs.abort(job_id)
        progress = jobs.look(job_id)
        if progress.state is JobState.WORKING:
            return None
    if progress.state is JobState.OPEN:
        # It was never started, and so has written nothing.
        jobs.abort(job_id)
    return EndedJob(progress=progress, results=_results(job_id, progress, jobs))


def _results(job_id: str, progress: JobProgress, jobs: RecordJobs) -> JobResults | None:
    if progress.state is JobState.COMPLETE and not progress.refused:
        return None
    if progress.state in {JobState.OPEN, JobState.GONE}:
        return _NOTHING
    return jobs.results(job_id)
