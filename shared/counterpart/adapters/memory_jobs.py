"""Bulk jobs of an org in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

from counterpart.adapters.memory.writes import unwatched
from counterpart.errors import TransientError
from counterpart.ports import JobProgress, JobResults, JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from counterpart.adapters.memory.writes import WriteHook
    from counterpart.adapters.memory_org import MemoryOrg
    from counterpart.domain.records import SObject
    from counterpart.ports import RecordChange, RowAnswer

# The words with which a table clears a field, which therefore it cannot hold as text.
_CLEAR = "#N/A"


@dataclass(kw_only=True)
class _Job:
    state: JobState = JobState.OPEN
    changes: Sequence[RecordChange] = ()
    done_at: datetime | None = None
    ended_at: datetime | None = None
    written: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)


class InMemoryJobs:
    """Jobs that change rows once their time has come, and are looked at.

    Args:
        org: Whose rows they change.
        call: Spends an API call.
        write: Changes one row.

    Attributes:
        available: Whether the org lets us have any.
        work: How long a job works.
        tries: How many rows a job tries before it fails; `None` is all of them.
    """

    def __init__(
        self,
        org: MemoryOrg,
        *,
        call: Callable[[], None],
        write: Callable[[RecordChange], RowAnswer],
    ) -> None:
        self.available = True
        self.work = timedelta(0)
        self.tries: int | None = None
        self._org = org
        self._call = call
        self._write = write
        self._jobs: dict[str, _Job] = {}
        # No id comes twice, be its job forgotten.
        self._numbers = count(1)
        self._lost_answers = 0
        self._before_write: WriteHook = unwatched
        self._after_write: WriteHook = unwatched

    def watch(self, before_write: WriteHook, after_write: WriteHook) -> None:
        """Hang hooks on either side of what changes something."""
        self._before_write, self._after_write = before_write, after_write

    def lose_answers(self, times: int = 1) -> None:
        """Let the next uploads and starts happen and their answers get lost."""
        self._lost_answers += times

    def forget(self) -> None:
        """Let Salesforce know nothing of any job, nor have done what waited."""
        self._jobs.clear()

    # --- RecordJobs -----------------------------------------------------------------------------

    def takes(self, change: RecordChange) -> bool:
        return _CLEAR not in change.values.values()

    def open(self, sobject: SObject) -> str | None:  # noqa: ARG002 - the rows say what they are
        self._act("open")
        if not self.available:
            return None
        job_id = f"750{next(self._numbers):015d}"
        self._jobs[job_id] = _Job()
        self._after_write("jobs.open")
        return job_id

    def upload(self, job_id: str, changes: Sequence[RecordChange]) -> None:
        self._act("upload")
        self._jobs[job_id].changes = tuple(changes)
        self._answer("upload")

    def start(self, job_id: str) -> None:
        self._act("start")
        job = self._jobs[job_id]
        job.state, job.done_at = JobState.WORKING, self._org.now() + self.work
        self._answer("start")

    def look(self, job_id: str) -> JobProgress:
        self._call()
        job = self._jobs.get(job_id)
        if job is None:
            return JobProgress(state=JobState.GONE, refused=0, as_of=self._org.now())
        if job.state is JobState.WORKING and job.done_at and self._org.now() >= job.done_at:
            self._finish(job)
        tried = len(job.written) + len(job.refused)
        return JobProgress(
            state=job.state,
            refused=len(job.refused),
            as_of=self._org.now(),
            ended_at=job.ended_at,
            message=f"{tried} rows were tried." if job.state is JobState.FAILED else "",
        )

    def abort(self, job_id: str) -> None:
        self._act("abort")
        job = self._jobs.get(job_id)
        if job and job.state in {JobState.OPEN, JobState.WORKING}:
            job.state, job.ended_at = JobState.ABORTED, self._org.now()
        self._after_write("jobs.abort")

    def results(self, job_id: str) -> JobResults:
        self._call()
        self._call()
        job = self._jobs[job_id]
        return JobResults(written=frozenset(job.written), refused=frozenset(job.refused))

    # --- How it is done -------------------------------------------------------------------------

    def _finish(self, job: _Job) -> None:
        for change in job.changes[: self.tries]:
            answer = self._write(change)
            (job.refused if answer.refusal else job.written).add(change.record_id)
        tried = len(job.written) + len(job.refused)
        job.state = JobState.COMPLETE if tried == len(job.changes) else JobState.FAILED
        job.ended_at = self._org.now()

    def _act(self, name: str) -> None:
        self._before_write(f"jobs.{name}")
        self._call()

    def _answer(self, name: str) -> None:
        self._after_write(f"jobs.{name}")
        if self._lost_answers:
            self._lost_answers -= 1
            raise TransientError("the answer was lost")
