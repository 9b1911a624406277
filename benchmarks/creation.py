"""Drains a queue of new contacts, with one worker and with four at once.

Started as `python -m benchmarks.creation WORKERS PLACE`, it prints what it cost as JSON. The store
is in memory, behind one lock, so that each of its writes is as atomic as DynamoDB's; every worker
has a Salesforce session of its own, as each Lambda environment has.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from benchmarks.mapping import SETTINGS
from benchmarks.product import Place, new_client, now
from counterpart.adapters.memory import (
    InMemoryAddressClaims,
    InMemoryCompanyRepository,
    InMemoryContactRepository,
    InMemoryCreationQueue,
    InMemoryLinkRepository,
    InMemoryMemberRepository,
    InMemoryRunRepository,
    InMemorySettingsRepository,
)
from counterpart.adapters.public_suffixes import PublicSuffixes
from counterpart.adapters.salesforce.creator import SalesforceCreator
from counterpart.adapters.salesforce.reader import SalesforceReader
from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.editing import Edit, born, requested
from counterpart.ports import CreationJob, Delivery
from counterpart.use_cases.creation_ports import CreatePorts
from counterpart.use_cases.work_off_jobs import work_off_jobs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterpart.ports import (
        AddressClaims,
        CompanyRepository,
        ContactRepository,
        CreationQueue,
        LinkRepository,
        RunRepository,
    )

CREATED = 10_000
DOMAINS = 2_000
_BATCH = 200
_CREATION = replace(
    SETTINGS,
    creation=replace(SETTINGS.creation, create_as=CreateAs.CONTACT, create_accounts=True),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Drained:
    """What draining the queue cost.

    Attributes:
        redelivered: Jobs that failed in passing and came again.
        linked: Contacts that have a record in the end.
    """

    wall_s: float
    batches: int
    redelivered: int
    parked: int
    linked: int


class _OneAtATime:
    """A repository whose methods exclude one another."""

    def __init__(self, inner: object) -> None:
        self._inner = inner
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the method is
        method = getattr(self._inner, name)

        def alone(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - passed on
            with self._lock:
                return method(*args, **kwargs)

        return alone


class _World:
    """The store, the queue and what waits in it."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.contacts = InMemoryContactRepository()
        self._companies = _OneAtATime(InMemoryCompanyRepository())
        self._links = _OneAtATime(InMemoryLinkRepository())
        self._claims = _OneAtATime(InMemoryAddressClaims())
        self._runs = _OneAtATime(InMemoryRunRepository())
        self.queue = InMemoryCreationQueue()
        self._shared_contacts = _OneAtATime(self.contacts)
        self._shared_queue = _OneAtATime(self.queue)
        self.waiting: deque[Delivery] = deque()
        self.batches = 0
        self.redelivered = 0
        self._lock = threading.Lock()

    def fill(self) -> None:
        contacts = []
        for number in range(CREATED):
            edit = Edit(
                values={
                    "email": f"person.{number}@example-{number % DOMAINS}.example",
                    "last_name": f"Person {number}",
                }
            )
            new = born(f"{number:026d}", edit, settings=_CREATION, request_key=None, now=now())
            contacts.append(
                requested(new.contact, create_as=None, settings=_CREATION, now=now()).contact
            )
        self.contacts.save_many(contacts)
        for contact in contacts:
            job = CreationJob(contact_id=contact.id, requested_at=now())
            self.waiting.append(Delivery(message_id=contact.id, receipt=contact.id, job=job))

    def drain(self) -> None:
        """Work batches off until nothing waits, as one Lambda environment does."""
        client = new_client(self._place)
        ports = CreatePorts(
            salesforce=SalesforceCreator(client),
            reader=SalesforceReader(client),
            contacts=cast("ContactRepository", self._shared_contacts),
            companies=cast("CompanyRepository", self._companies),
            links=cast("LinkRepository", self._links),
            members=InMemoryMemberRepository(),
            claims=cast("AddressClaims", self._claims),
            domains=PublicSuffixes(),
            settings=InMemorySettingsRepository(_CREATION),
            runs=cast("RunRepository", self._runs),
            queue=cast("CreationQueue", self._shared_queue),
            clock=now,
        )
        while batch := self._receive():
            failures = set(work_off_jobs(batch, ports=ports).failures)
            again = [
                replace(delivery, attempts=delivery.attempts + 1)
                for delivery in batch
                if delivery.message_id in failures
            ]
            with self._lock:
                self.waiting.extend(again)
                self.redelivered += len(again)

    def _receive(self) -> list[Delivery]:
        with self._lock:
            batch = [self.waiting.popleft() for _ in range(min(_BATCH, len(self.waiting)))]
            self.batches += bool(batch)
        return batch


def main(workers: int, place: Mapping[str, str]) -> None:
    """Drain the queue and tell what it cost."""
    world = _World(Place(**place))
    world.fill()
    began = time.perf_counter()
    crew = [threading.Thread(target=world.drain) for _ in range(workers)]
    for worker in crew:
        worker.start()
    for worker in crew:
        worker.join()
    ids = [f"{number:026d}" for number in range(CREATED)]
    drained = Drained(
        wall_s=time.perf_counter() - began,
        batches=world.batches,
        redelivered=world.redelivered,
        parked=len(world.queue.parked),
        linked=sum(
            contact.counterpart is not None for contact in world.contacts.get_many(ids).values()
        ),
    )
    print(json.dumps(asdict(drained)))


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]))
