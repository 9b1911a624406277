"""The book of jobs: which of them are under way, kept with the lease of the push."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.guard import Danger
from counterpart.domain.streams import BulkJob, StreamState
from counterpart.use_cases.stream_holds import held_by

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from counterpart.domain.guard import Hold
    from counterpart.domain.records import SObject
    from counterpart.domain.streams import Lease
    from counterpart.ports import StreamRepository
    from counterpart.use_cases.guarded_pages import Judgement

# A job that ended early is made anew once; after a second one, rows go the other way for a while.
_MOST_MISSES = 2
_REST = timedelta(hours=1)


class JobBook:
    """The jobs of a push, as the store has them; only who holds the lease may write in it."""

    def __init__(self, streams: StreamRepository, stream: str) -> None:
        self._streams = streams
        self._state: StreamState = streams.get(stream)
        self.lease: Lease | None = None

    def read(self) -> None:
        """Read it anew, once the lease is ours."""
        self._state = self._streams.get(self._state.stream)

    def save(self) -> None:
        """Store it, and the end of the lease."""
        if self.lease:
            self._streams.save(self._state, self.lease)

    @property
    def hold(self) -> Hold | None:
        """Return why some edits wait for somebody's yes, if they do."""
        return self._state.hold

    def keep_hold(
        self, judgement: Judgement, *, objects: Collection[SObject], now: datetime
    ) -> None:
        """Hold edits of records of some objects back, or go on to."""
        self._state = held_by(judgement, self._state, step="", objects=objects, now=now)
        self.save()

    def spend(self, number: int) -> None:
        """Note, before it is done, that as many of those go whom somebody said yes to.

        A negative number is of those who did not go after all.
        """
        hold = self._state.hold
        if hold and number:
            left = max(0, hold.dangers.total - number)
            told = replace(hold.dangers, counts={Danger.BLANKED: left})
            self._state = replace(self._state, hold=replace(hold, dangers=told))
            self.save()

    def drop_hold(self) -> None:
        """Hold nothing back any more."""
        if self._state.hold:
            self._state = replace(self._state, hold=None)
            self.save()

    @property
    def job_ids(self) -> Collection[str]:
        """Return the ids of all jobs that are under way."""
        return {job.job_id for job in self._state.jobs.values() if job.job_id}

    def known_by_now(self) -> Collection[str]:
        """Return the ids of all jobs that are under way by now, whoever has opened them."""
        jobs = self._streams.get(self._state.stream).jobs
        return {job.job_id for job in jobs.values() if job.job_id}

    def under_way(self, sobject: SObject) -> BulkJob | None:
        """Return the job of an object, if one is under way."""
        job = self._state.jobs.get(sobject)
        return job if job and job.job_id else None

    def may_open(self, sobject: SObject, *, now: datetime) -> bool:
        """Return whether rows of an object may go by a job now."""
        job = self._state.jobs.get(sobject)
        if self.lease is None or (job and job.job_id):
            return False
        return job is None or job.misses < _MOST_MISSES or now - job.opened_at >= _REST

    def enter(self, sobject: SObject, job_id: str, *, now: datetime) -> None:
        """Enter a job, before it carries anything."""
        last = self._state.jobs.get(sobject)
        rested = last and last.misses >= _MOST_MISSES
        misses = last.misses if last and not rested else 0
        self._write(sobject, BulkJob(job_id=job_id, opened_at=now, misses=misses))

    def strike(self, sobject: SObject, *, whole: bool) -> None:
        """Strike a job out that has ended; *whole* if it has tried every row."""
        job = self._state.jobs[sobject]
        if whole:
            self._write(sobject, None)
        else:
            self._write(sobject, replace(job, job_id=None, misses=job.misses + 1))

    def _write(self, sobject: SObject, job: BulkJob | None) -> None:
        jobs: Mapping[SObject, BulkJob] = {
            name: each for name, each in self._state.jobs.items() if name is not sobject
        }
        self._state = replace(self._state, jobs={**jobs, sobject: job} if job else jobs)
        self.save()
