"""Jobs, opportunities and contacts as the product sees them.

Each call to an org is a point to be struck at, too; of contacts it is noted when they were read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.adapters.memory import InMemoryContactRepository
from counterpart.ports import JobState
from tests.convergence.salesforce import OurWrite, Sight

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.contacts import Contact
    from counterpart.domain.records import PlainRecord, SObject
    from counterpart.ports import (
        ApiUsage,
        Clock,
        FieldFacts,
        JobProgress,
        JobResults,
        PlainQuery,
        Poll,
        RecordChange,
    )
    from tests.convergence.hands import Hands
    from tests.convergence.salesforce import WatchedSalesforce
    from tests.convergence.watch import Calls


@dataclass(frozen=True)
class _Carried:
    """A row that a job carries."""

    change: RecordChange
    owner: str | None
    read_at: datetime | None
    sight: Sight | None


class WatchedJobs:
    """Bulk jobs, with points around each call; what they write is noted as it happens."""

    def __init__(self, hands: Hands, calls: Calls, salesforce: WatchedSalesforce) -> None:
        self._hands, self._calls, self._salesforce = hands, calls, salesforce
        # By job: what it carries and has not written yet.
        self._carried: dict[str, list[_Carried]] = {}

    def takes(self, change: RecordChange) -> bool:
        """Pass it on."""
        return self._hands.jobs.takes(change)

    def open(self, sobject: SObject) -> str | None:
        """Pass it on."""
        with self._calls.one():
            return self._hands.jobs.open(sobject)

    def upload(self, job_id: str, changes: Sequence[RecordChange]) -> None:
        """Pass it on, and take note."""
        read_at = [self._salesforce.read_at.get(change.record_id) for change in changes]
        sights = [self._salesforce.sights.get(change.record_id) for change in changes]
        with self._calls.one():
            self._salesforce.writes += len(changes)
            owners = self._salesforce.owners(changes)
            self._carried[job_id] = list(map(_Carried, changes, owners, read_at, sights))
            self._hands.jobs.upload(job_id, changes)

    def start(self, job_id: str) -> None:
        """Pass it on."""
        with self._calls.one():
            self._hands.jobs.start(job_id)

    def look(self, job_id: str) -> JobProgress:
        """Pass it on; a job that has ended writes nothing more."""
        with self._calls.one():
            progress = self._hands.jobs.look(job_id)
            if progress.state is not JobState.WORKING:
                self.note()
                self._carried.pop(job_id, None)
        return progress

    def abort(self, job_id: str) -> None:
        """Pass it on."""
        with self._calls.one():
            self._hands.jobs.abort(job_id)

    def results(self, job_id: str) -> JobResults:
        """Pass it on."""
        with self._calls.one():
            return self._hands.jobs.results(job_id)

    def note(self) -> None:
        """Note what jobs have written in this very second."""
        if not any(self._carried.values()):
            return
        now = self._hands.now()
        fresh = {row["Id"]: row for row in self._hands.rows() if row["LastModifiedDate"] == now}
        for job_id, carried in self._carried.items():
            written = [one for one in carried if _is_written(one.change, fresh)]
            for one in written:
                self._salesforce.note(
                    one.change.record_id,
                    OurWrite(
                        at=self._salesforce.clock(),
                        values=dict(one.change.values),
                        subject_id=one.owner,
                        taken=True,
                        read_at=one.read_at,
                        sight=one.sight,
                    ),
                )
            self._carried[job_id] = [one for one in carried if one not in written]


def _is_written(change: RecordChange, fresh: Mapping[str, Row]) -> bool:
    row = fresh.get(change.record_id)
    if row is None:
        return False
    # Automation may have replaced a title at once.
    return all(
        path == "Title" or str(row[path]).casefold() == str(value).casefold()
        for path, value in change.values.items()
    )


class WatchedContacts(InMemoryContactRepository):
    """Contacts; of each record it is known by which reading of its contact it was judged last."""

    def __init__(
        self, clock: Clock, *, lagging_index: bool, **hooks: Callable[[str], None]
    ) -> None:
        super().__init__(lagging_index=lagging_index, **hooks)
        self._clock = clock
        self.sights: dict[str, Sight] = {}

    def get_many(self, contact_ids: Collection[str]) -> Mapping[str, Contact]:
        """Return them by id, and take note."""
        found = super().get_many(contact_ids)
        for contact in found.values():
            if contact.record_id:
                self.sights[contact.record_id] = Sight(contact_id=contact.id, at=self._clock())
        return found


class WatchedPlain:
    """Rows that become neither contacts nor companies, with points around each call."""

    def __init__(self, hands: Hands, calls: Calls) -> None:
        self._hands, self._calls = hands, calls

    def poll_plain(self, queries: Sequence[PlainQuery]) -> Poll[PlainRecord]:
        """Pass it on."""
        with self._calls.one():
            return self._hands.plain.poll_plain(queries)

    def read_plain(
        self, sobject: str, paths: Sequence[str], *, among: Mapping[str, Collection[str]]
    ) -> Sequence[PlainRecord]:
        """Pass it on."""
        with self._calls.one():
            return self._hands.plain.read_plain(sobject, paths, among=among)

    def hidden(self, sobject: str, paths: Collection[str]) -> Collection[str]:
        """Pass it on."""
        with self._calls.one():
            return self._hands.plain.hidden(sobject, paths)

    def describe(self, sobject: str) -> Mapping[str, FieldFacts]:
        """Pass it on."""
        with self._calls.one():
            return self._hands.plain.describe(sobject)

    def usage(self) -> ApiUsage:
        """Pass it on."""
        return self._hands.plain.usage()
