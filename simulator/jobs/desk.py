"""Where jobs wait: each request that arrives moves them one step on, once their time has come."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from simulator.errors import SalesforceError
from simulator.ids import make_id
from simulator.rest.call import Call

if TYPE_CHECKING:
    from simulator.org import Org

JOB_PREFIX, BATCH_PREFIX, RESULT_PREFIX = "750", "751", "752"
LIFE_S = 7 * 24 * 3600
WAITING, WORKING = "UploadComplete", "InProgress"
DONE_STATES = frozenset({"JobComplete", "Failed", "Aborted"})


@dataclass(kw_only=True)
class Job:
    """One job of either bulk API."""

    id: str
    family: str
    operation: str
    object: str
    # The call that made it, whose headers and user its rows are written with.
    call: Call
    created_at: str
    created_s: float
    state: str
    # When it was last changed; once it has ended, that is when it did.
    changed_at: str = ""
    info: dict[str, Any] = field(default_factory=dict)
    handed_over_s: float = 0.0
    # Moves the job one step on; called by every request that arrives until it is taken away.
    step: Callable[["Job"], None] | None = None
    parts: list[Any] = field(default_factory=list)

    def become(self, state: str) -> None:
        """Take on another state."""
        self.state, self.changed_at = state, self.call.org.clock.stamp()

    def told(self) -> dict[str, Any]:
        """Return what every bulk API tells of a job."""
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.call.user_id,
            "createdDate": self.created_at,
            "systemModstamp": self.changed_at,
            "state": self.state,
            "apiVersion": float(self.call.version),
        }

    @property
    def dice(self) -> random.Random:
        """Chance that is the same whenever the job is made in the same order."""
        return random.Random(self.id)


class JobDesk:
    """The bulk jobs of an org."""

    def __init__(self, org: "Org") -> None:
        self._org = org
        self._jobs: dict[str, Job] = {}
        self._counts: dict[str, int] = {}

    def clear(self) -> None:
        """Forget all jobs."""
        self._jobs.clear()
        self._counts.clear()

    def next_id(self, prefix: str) -> str:
        """Return the next id of a job, a batch or a result."""
        self._counts[prefix] = self._counts.get(prefix, 0) + 1
        return make_id(prefix, self._counts[prefix])

    def open(self, call: Call, *, family: str, operation: str, name: str, state: str) -> Job:
        """Return a new job."""
        now = self._org.clock.stamp()
        job = Job(
            id=self.next_id(JOB_PREFIX),
            family=family,
            operation=operation,
            object=name,
            call=call,
            created_at=now,
            changed_at=now,
            created_s=self._org.clock.timestamp(),
            state=state,
        )
        self._jobs[job.id] = job
        return job

    def find(self, job_id: str, *families: str) -> Job:
        """Return a job that is still kept."""
        job = self._jobs.get(job_id) or self._jobs.get(self._long(job_id))
        if job is None or job.family not in families:
            raise SalesforceError("NOT_FOUND", "The requested resource does not exist")
        if self._org.clock.timestamp() - job.created_s > LIFE_S:
            raise SalesforceError("NOT_FOUND", "The requested resource does not exist")
        return job

    def _long(self, job_id: str) -> str:
        return next((known for known in self._jobs if known[:15] == job_id), job_id)

    def all(self, *families: str) -> list[Job]:
        """Return the jobs of some kind, newest first."""
        found = [job for job in self._jobs.values() if job.family in families]
        return sorted(found, key=lambda job: job.id, reverse=True)

    def drop(self, job_id: str, family: str) -> None:
        """Forget a job that has ended, and its results."""
        job = self.find(job_id, family)
        if job.state not in DONE_STATES:
            raise SalesforceError("INVALIDJOBSTATE", f"A job that is {job.state} can't be deleted")
        del self._jobs[job.id]

    def hand_over(self, job: Job, work: Callable[[Job], None]) -> None:
        """Let a job wait for its turn; *work* sets its last state."""

        def step(waiting: Job) -> None:
            if waiting.state == WAITING:
                waiting.become(WORKING)
            elif self.due(waiting):
                waiting.step = None
                with self._org.writing():
                    work(waiting)

        job.become(WAITING)
        job.step = step
        job.handed_over_s = self._org.clock.timestamp()

    def due(self, job: Job) -> bool:
        """Return whether a job has been worked on for long enough."""
        return self._org.clock.timestamp() >= job.handed_over_s + self._org.features.bulk_delay_s

    def advance(self) -> None:
        """Move every job one step on: from waiting to work, and from work to its end."""
        for job in [one for one in self._jobs.values() if one.step is not None]:
            if job.step is not None:
                job.step(job)
