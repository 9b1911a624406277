"""A small world for the stories of creation, in memory."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

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
from counterpart.adapters.memory_org import MemoryOrg
from counterpart.adapters.memory_salesforce import InMemorySalesforce
from counterpart.adapters.public_suffixes import PublicSuffixes
from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.creation_settings import Creation
from counterpart.domain.editing import requested
from counterpart.domain.sync_settings import SyncSettings
from counterpart.ports import CreationJob, Delivery
from counterpart.use_cases.create_records import CreationReport, create_records
from counterpart.use_cases.creation_ports import CreatePorts
from tests.use_cases.world import NOON

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from counterpart.adapters.memory.writes import WriteHook
    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.creation_requests import CreateAs
    from counterpart.domain.outcomes import Outcome
    from counterpart.domain.records import SObject
    from counterpart.domain.values import Value


@cache
def domain_names() -> PublicSuffixes:
    """Return the lists, which take a moment to read."""
    return PublicSuffixes()


def person(name: str, *, email: str | None = None, **values: Value) -> Contact:
    """Return a contact of Acme that stays here."""
    known: dict[str, Value] = {"email": email or f"{name}@acme.example", "last_name": name.title()}
    known |= values
    return Contact(
        id=name,
        ledger=Ledger(values=known, times=dict.fromkeys(known, NOON)),
        created_at=NOON,
        updated_at=NOON,
    )


def settings(**creation: object) -> SyncSettings:
    """Return settings that differ from the usual ones in how records are created."""
    return SyncSettings(creation=Creation(**creation))  # type: ignore[arg-type] # tests name them


class World:
    """An org, a store, and a clock that stands still until it is told to go."""

    def __init__(
        self,
        *people: Contact,
        rules: SyncSettings | None = None,
        create_as: CreateAs | None = None,
        before_write: WriteHook = lambda _: None,
        after_write: WriteHook = lambda _: None,
    ) -> None:
        self.now = NOON
        rules = rules or SyncSettings()
        hooks: dict[str, Any] = {"before_write": before_write, "after_write": after_write}
        self.contacts = InMemoryContactRepository(
            *(
                requested(one, create_as=create_as, settings=rules, now=NOON).contact
                for one in people
            ),
            **hooks,
        )
        self.companies = InMemoryCompanyRepository(**hooks)
        self.links = InMemoryLinkRepository(**hooks)
        self.members = InMemoryMemberRepository(**hooks)
        self.claims = InMemoryAddressClaims(**hooks)
        self.queue = InMemoryCreationQueue(**hooks)
        self.runs = InMemoryRunRepository()
        self.settings = InMemorySettingsRepository(rules)
        self.org = MemoryOrg(self.clock)
        self.salesforce = InMemorySalesforce(self.org)
        self.ports = CreatePorts(
            salesforce=self.salesforce,
            reader=self.salesforce,
            contacts=self.contacts,
            companies=self.companies,
            links=self.links,
            members=self.members,
            claims=self.claims,
            domains=domain_names(),
            settings=self.settings,
            runs=self.runs,
            queue=self.queue,
            clock=self.clock,
        )

    def clock(self) -> datetime:
        """Return this moment."""
        return self.now

    def create(self, *names: str, dry_run: bool = False) -> CreationReport:
        """Work off the jobs of these contacts in one batch."""
        return create_records([job(name) for name in names], ports=self.ports, dry_run=dry_run)

    def contact(self, name: str) -> Contact:
        """Return a contact as it is stored."""
        return self.contacts.get_many([name])[name]

    def live(self, sobject: SObject) -> list[Row]:
        """Return the rows that people in Salesforce see."""
        return [row for row in self.org.rows(sobject) if not row["IsDeleted"]]

    def record(self, name: str) -> Mapping[str, object]:
        """Return the record that a contact is linked to."""
        counterpart = self.contact(name).counterpart
        assert counterpart
        return self.org.row(counterpart.record_id)


def job(name: str) -> CreationJob:
    """Return the job of a contact."""
    return CreationJob(contact_id=name, requested_at=NOON)


def delivery(name: str, *, attempts: int = 1) -> Delivery:
    """Return a delivery of that job."""
    return Delivery(message_id=f"m-{name}", receipt=f"r-{name}", job=job(name), attempts=attempts)


def told(report: CreationReport, name: str) -> list[Outcome]:
    """Return what a report tells of one contact."""
    return [one for one in report.report.outcomes if one.subject_id == name]
