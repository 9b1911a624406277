"""How long a fresh edit takes while half a million changes wait: in memory, on a virtual clock.

Each call to Salesforce takes some seconds of that clock, as it would with a thousand rows and their
triggers, a job takes a minute, and each contact that is stored some milliseconds. Fresh edits come
in all the time, in the middle of a push, too; every other one is of somebody who waits already, is
on the way, or had a turn. What is measured is the product's order of work, not the speed of this
machine, nor that of DynamoDB.
"""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from benchmarks.mapping import SETTINGS
from counterpart.adapters.memory import (
    InMemoryCompanyRepository,
    InMemoryContactRepository,
    InMemoryCreationQueue,
    InMemoryLinkRepository,
    InMemoryMemberRepository,
    InMemoryRunRepository,
    InMemorySettingsRepository,
    InMemoryStreamRepository,
)
from counterpart.adapters.memory_org import MemoryOrg
from counterpart.adapters.memory_salesforce import InMemorySalesforce
from counterpart.adapters.public_suffixes import PublicSuffixes
from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.editing import Edit, edited
from counterpart.domain.links import Counterpart, LinkedBy
from counterpart.domain.outbound_settings import Outbound, Pace
from counterpart.domain.records import SObject
from counterpart.domain.requests import PushRequest
from counterpart.domain.standard_fields import COMPANY_FIELDS, CONTACT_FIELDS
from counterpart.domain.waiting import Lane, Waiting
from counterpart.use_cases.apply_page import PagePorts
from counterpart.use_cases.push_edits import push_edits
from counterpart.use_cases.push_ports import PushPorts

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from counterpart.ports import RecordChange, WriteAnswer

WAITING = 500_000
# What an edit takes is to be the backlog's doing, not that of a pace that saves calls.
_SETTINGS = replace(SETTINGS, outbound=Outbound(pace=Pace.NEAR_REAL_TIME))
# Contacts that nobody has changed in bulk, for whom edits come in by hand.
_BYSTANDERS = 1_000
_BETWEEN_EDITS = timedelta(seconds=20)
# For a read or a write of many rows; and for a job.
_CALL = timedelta(seconds=2)
_JOB = timedelta(minutes=1)
# A write of its own for each contact: botocore's work on a part of a processor, several at once.
_STORED = timedelta(milliseconds=4)
# Steps through the crowd so that neighbours of the index are no neighbours here.
_STRIDE = 7919
_TICK = timedelta(minutes=1)
_INVOCATION = timedelta(minutes=15)
_START = datetime(2026, 11, 22, 9, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """What came of it.

    Attributes:
        fresh: Fresh edits that went out while others waited.
        median_s: What they took from the moment they were made.
        worst_s: The longest of that, of those whom no bulk edit had touched.
        worst_of_crowd_s: The same of those who waited themselves; whom a job carries at that moment
            has to wait until it has ended.
        drained_h: When the last of the half million had gone out.
    """

    fresh: int
    median_s: float
    worst_s: float
    worst_of_crowd_s: float
    drained_h: float
    api_calls: int


class _Salesforce(InMemorySalesforce):
    """Takes its time with each call, and tells what it writes."""

    def __init__(self, world: _World) -> None:
        super().__init__(world.org)
        self._world = world
        self.jobs.work = _JOB

    def update(self, changes: Sequence[RecordChange]) -> WriteAnswer:
        answer = super().update(changes)
        for change in changes:
            self._world.arrived(change.record_id)
        return answer

    def _call(self) -> None:
        super()._call()
        self._world.let_pass(_CALL)


class _Contacts(InMemoryContactRepository):
    """Takes its time to store."""

    def __init__(self, world: _World, *contacts: Contact) -> None:
        super().__init__(*contacts)
        self._world = world

    def save_many(self, contacts: Sequence[Contact]) -> Collection[str]:
        lost = super().save_many(contacts)
        self._world.let_pass(_STORED * len(contacts))
        return lost

    def edit(self, contact: Contact) -> None:
        """Store what somebody else has edited meanwhile."""
        super().save_many([contact])


class _World:
    """A database in which nearly everybody has been changed at once."""

    def __init__(self, waiting: int) -> None:
        self.now = _START
        self.org = MemoryOrg(lambda: self.now, fields=(*CONTACT_FIELDS, *COMPANY_FIELDS))
        # Of bystanders, and of the crowd.
        self._delays: tuple[list[float], list[float]] = ([], [])
        # When somebody was edited, and to which of them they belong.
        self._made: dict[str, tuple[datetime, bool]] = {}
        self._next_edit = _START
        people = [self._contact(number, waits=True) for number in range(waiting)]
        bystanders = [self._contact(waiting + n, waits=False) for n in range(_BYSTANDERS)]
        self._crowd = [one.id for one in people]
        self._bystanders = [one.id for one in bystanders]
        self.contacts = _Contacts(self, *people, *bystanders)
        self._edits = 0
        salesforce = _Salesforce(self)
        self.salesforce = salesforce
        settings = InMemorySettingsRepository(_SETTINGS)
        self._ports = PushPorts(
            pages=PagePorts(
                salesforce=salesforce,
                contacts=self.contacts,
                companies=InMemoryCompanyRepository(),
                links=InMemoryLinkRepository(),
                members=InMemoryMemberRepository(),
                domains=PublicSuffixes(),
                clock=lambda: self.now,
            ),
            salesforce=salesforce,
            jobs=salesforce.jobs,
            streams=InMemoryStreamRepository(),
            settings=settings,
            runs=InMemoryRunRepository(),
            queue=InMemoryCreationQueue(),
            pause=self.let_pass,
        )

    def drain(self) -> Share:
        """Let the schedule look each minute until nothing of the backlog waits, nor any edit."""
        self._look_while(Lane.BULK, Lane.SENT)
        drained = self.now
        self._next_edit = datetime.max.replace(tzinfo=UTC)
        self._look_while(Lane.FRESH, Lane.BULK, Lane.SENT)
        if self._made:
            raise AssertionError(f"{len(self._made)} edits never arrived")
        return Share(
            fresh=sum(map(len, self._delays)),
            median_s=statistics.median(chain(*self._delays)),
            worst_s=max(self._delays[False]),
            worst_of_crowd_s=max(self._delays[True]),
            drained_h=(drained - _START) / timedelta(hours=1),
            api_calls=self.salesforce.usage().calls,
        )

    def _look_while(self, *lanes: Lane) -> None:
        while any(map(self.contacts.count_waiting, lanes)):
            started = self.now
            push_edits(
                PushRequest(scheduled=True),
                ports=self._ports,
                time_left=lambda started=started: _INVOCATION - (self.now - started),  # type: ignore[misc] # mypy knows no defaults of a lambda
            )
            # The next whole minute, at which the schedule asks again.
            passed = (self.now - _START) % _TICK
            self.let_pass(_TICK - passed)

    def let_pass(self, time: timedelta) -> None:
        """Let time pass; meanwhile somebody edits."""
        end = self.now + time
        while self._next_edit <= end:
            self.now = self._next_edit
            self._edit()
            self._next_edit += _BETWEEN_EDITS
        self.now = end

    def arrived(self, record_id: str) -> None:
        """Take note that a record was written by a collection."""
        if record_id in self._made:
            made_at, in_crowd = self._made.pop(record_id)
            self._delays[in_crowd].append((self.now - made_at).total_seconds())

    def _edit(self) -> None:
        self._edits += 1
        in_crowd = self._edits % 2 == 0
        group = self._crowd if in_crowd else self._bystanders
        contact_id = group[self._edits * _STRIDE % len(group)]
        contact = self.contacts.get_many([contact_id])[contact_id]
        edit = Edit(values={"job_title": f"Chief {self._edits}"})
        after = edited(contact, edit, settings=_SETTINGS, lane=Lane.FRESH, now=self.now).contact
        self.contacts.edit(after)
        if after.counterpart:
            self._made.setdefault(after.counterpart.record_id, (self.now, in_crowd))

    def _contact(self, number: int, *, waits: bool) -> Contact:
        record_id = self.org.add(SObject.CONTACT, {"LastName": "Ray", "Title": "Analyst"})
        before = {"last_name": "Ray", "job_title": "Analyst"}
        values = {**before, "job_title": "Head"} if waits else before
        return Contact(
            id=f"{number:026d}",
            ledger=Ledger(values=values, times=dict.fromkeys(values, _START), shadows=before),
            created_at=_START,
            updated_at=_START,
            counterpart=Counterpart(
                record_id=record_id,
                object=SObject.CONTACT,
                linked_at=_START,
                linked_by=LinkedBy.RECORD,
            ),
            waiting=Waiting(lane=Lane.BULK, next_push_at=_START) if waits else None,
        )


def measure(waiting: int = WAITING) -> Share:
    """Return what fresh edits take while *waiting* changes go out."""
    return _World(waiting).drain()


if __name__ == "__main__":
    print(json.dumps(asdict(measure())))
