"""What creating needs of the world, and what it passes from step to step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from counterpart.domain.account_choice import AccountChoice
from counterpart.domain.emails import email_key
from counterpart.domain.links import Link, LinkedBy, LinkState
from counterpart.domain.outcomes import Reason
from counterpart.ports import LinkClaim
from counterpart.use_cases.claimed_links import claim_links

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.contacts import Contact
    from counterpart.domain.records import SObject
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import (
        AddressClaims,
        Clock,
        CompanyRepository,
        ContactRepository,
        CreationJob,
        CreationQueue,
        DomainNames,
        LinkRepository,
        RecordCreator,
        RecordReader,
        RunRepository,
        SettingsRepository,
    )
    from counterpart.ports.campaigns import MemberRepository
    from counterpart.use_cases.notes import Notes

# A conditional write loses only to somebody else's success, so a few tries are enough.
TRIES = 6
# Why a job is delivered again whose contact lost all of them.
KEPT_CHANGING = "others kept changing this contact"


@dataclass(frozen=True, kw_only=True, slots=True)
class CreatePorts:
    """What creating needs of the world."""

    salesforce: RecordCreator
    reader: RecordReader
    contacts: ContactRepository
    companies: CompanyRepository
    links: LinkRepository
    members: MemberRepository
    claims: AddressClaims
    domains: DomainNames
    settings: SettingsRepository
    runs: RunRepository
    queue: CreationQueue
    clock: Clock


@dataclass(frozen=True, kw_only=True, slots=True)
class CreationBatch:
    """One batch of jobs: what each step of its creation needs.

    Attributes:
        ports: The world.
        settings: By which all of it goes.
        notes: What becomes of its people is noted here.
        now: When it began, by our clock.
        dry_run: Decide for real and write nothing.
        failed: By contact, why its job has to be delivered again; it is added to.
    """

    ports: CreatePorts
    settings: SyncSettings
    notes: Notes
    now: datetime
    dry_run: bool
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One contact on its way to becoming a record.

    Attributes:
        domain: Of its employer; `None` for a free-mail address.
        host: What stands after the @ of its address, which may lie below the domain.
        left_out: Our fields that Salesforce would not take.
        allowed: It is to be saved although a duplicate rule warns of it.
    """

    job: CreationJob
    contact: Contact
    object: SObject
    domain: str | None
    host: str | None = None
    account: AccountChoice = field(default_factory=AccountChoice)
    left_out: frozenset[str] = frozenset()
    allowed: bool = False

    @property
    def key(self) -> str:
        """Return its normalised address."""
        return email_key(self.contact.email) or ""


def claim_record(
    ports: CreatePorts,
    *,
    record_id: str,
    sobject: SObject,
    subject_id: str,
    by: LinkedBy,
    now: datetime,
) -> bool:
    """Link a record to a contact or company; return whether it now belongs to that one."""
    link = Link(
        record_id=record_id,
        object=sobject,
        state=LinkState.LINKED,
        subject_id=subject_id,
        linked_at=now,
        linked_by=by,
    )
    held: Link | None = None
    for _ in range(TRIES):
        if held and held.state is LinkState.LINKED:
            return held.subject_id == subject_id
        if held and held.state is LinkState.SECONDARY and held.subject_id != subject_id:
            return False
        if held and held.state is LinkState.DELETED_HERE:
            link = replace(link, reason=Reason.DELETED_HERE)
        if not claim_links([LinkClaim(link=link, expected=held)], ports):
            return True
        held = ports.links.get_many([record_id]).get(record_id)
    return False
