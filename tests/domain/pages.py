"""A database of two dictionaries, on which page plans are made and carried out, write by write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from counterpart.domain.contacts import Contact
from counterpart.domain.emails import email_key
from counterpart.domain.gathering import link_ids, replaced_formers, unanswered
from counterpart.domain.links import Link, LinkedBy, LinkState
from counterpart.domain.mapping import EMAIL
from counterpart.domain.page_plan import Known, PagePlan
from counterpart.domain.pulling import plan_page
from counterpart.domain.records import Conversion, Record, SObject
from counterpart.domain.subjects import People
from counterpart.domain.sync_settings import SyncSettings
from tests.domain.samples import (
    MINUTE,
    NOON,
    a_contact,
    a_counterpart,
    a_ledger,
    a_record,
    record_id,
)

LATER = NOON + 5 * MINUTE


@dataclass
class Book:
    """Contacts and links, and the org that can be looked at.

    Attributes:
        org: Records by id, as a look-up would return them.
    """

    contacts: dict[str, Contact] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    org: dict[str, Record] = field(default_factory=dict)

    def holds(self, contact: Contact, *others: Link) -> Book:
        """Store a contact with the link that leads to it."""
        self.contacts[contact.id] = contact
        if contact.counterpart:
            self.links[contact.counterpart.record_id] = Link(
                record_id=contact.counterpart.record_id,
                object=contact.counterpart.object,
                state=LinkState.LINKED,
                subject_id=contact.id,
                linked_by=LinkedBy.RECORD,
            )
        self.links |= {link.record_id: link for link in others}
        return self

    def plan(
        self,
        *records: Record,
        settings: SyncSettings | None = None,
        asked_at: datetime = LATER,
    ) -> PagePlan[Contact]:
        """Return what these records do, looked at as far as they ask for it."""
        looked_at: dict[str, Record] = {}
        while True:
            rows = [*records, *looked_at.values()]
            known, kind = self._gather(rows)
            wanted = unanswered(records, looked_at.values(), known, kind)
            found = {key: self.org[key] for key in wanted if key in self.org}
            if not found:
                break
            looked_at |= found
        return plan_page(
            records,
            looked_at.values(),
            kind=kind,
            known=known,
            settings=settings or SyncSettings(),
            now=LATER,
            asked_at=asked_at,
        )

    def pull(
        self,
        *records: Record,
        settings: SyncSettings | None = None,
        asked_at: datetime = LATER,
        crash_after: int | None = None,
    ) -> PagePlan[Contact]:
        """Plan these records and carry the plan out, or only its first writes."""
        plan = self.plan(*records, settings=settings, asked_at=asked_at)
        for write in self.writes(plan)[:crash_after]:
            write()
        return plan

    def writes(self, plan: PagePlan[Contact]) -> list[Callable[[], None]]:
        """Return the writes of a plan, in the order that it asks for."""
        return [
            *(self._link(link) for link, _ in plan.claims.values()),
            *(self._save(contact) for contact in plan.saves.values()),
            *(self._delete(contact) for contact in plan.deletions.values()),
            *(self._link(link) for link, _ in plan.closings.values()),
        ]

    def state(self) -> object:
        """Return all that matters in the end: no versions, and nobody's moments of writing."""
        contacts = {
            contact.id: (
                dict(contact.ledger.values),
                dict(contact.ledger.shadows),
                contact.counterpart.record_id if contact.counterpart else None,
                contact.former.record_id if contact.former else None,
                contact.waiting is not None,
            )
            for contact in self.contacts.values()
        }
        return contacts, {key: (link.state, link.subject_id) for key, link in self.links.items()}

    def copy(self) -> Book:
        """Return a book of its own with the same content."""
        return Book(contacts=dict(self.contacts), links=dict(self.links), org=dict(self.org))

    def _gather(self, records: Sequence[Record]) -> tuple[Known[Contact], People]:
        ids = set(link_ids(records)) | replaced_formers(records, self.links, self.contacts)
        links = {key: self.links[key] for key in ids if key in self.links}
        known = Known(links=links, subjects=self.contacts, matches=self._by_email())
        return known, People(links=links)

    def _by_email(self) -> Mapping[str, Sequence[Contact]]:
        found: dict[str, list[Contact]] = {}
        for contact in sorted(self.contacts.values(), key=lambda each: each.updated_at)[::-1]:
            key = email_key(contact.email)
            if key:
                found.setdefault(key, []).append(contact)
        return found

    def _link(self, link: Link) -> Callable[[], None]:
        return lambda: self.links.__setitem__(link.record_id, link)

    def _save(self, contact: Contact) -> Callable[[], None]:
        stored = replace(contact, version=contact.version + 1)
        return lambda: self.contacts.__setitem__(contact.id, stored)

    def _delete(self, contact: Contact) -> Callable[[], None]:
        return lambda: self.contacts.__delitem__(contact.id)


def a_person(
    number: int = 1,
    sobject: SObject = SObject.LEAD,
    *,
    email: str | None = "ada@example.com",
    **details: Any,  # noqa: ANN401 - what a record has
) -> Record:
    """Return a record with an address, and a title to tell versions apart."""
    values = {EMAIL: email, "job_title": details.pop("job_title", "Analyst")}
    return a_record(number, sobject, values=values, **details)


def somebody(
    contact_id: str = "ada",
    number: int | None = None,
    sobject: SObject = SObject.LEAD,
    *,
    email: str = "ada@example.com",
    **details: Any,  # noqa: ANN401 - what a contact has
) -> Contact:
    """Return a contact, linked to the *number*th record if there is one."""
    counterpart = a_counterpart(number, sobject) if number else None
    ledger = a_ledger(
        {EMAIL: email, "job_title": "Analyst"}, at=NOON - MINUTE, seen=number is not None
    )
    return a_contact(contact_id, **{"ledger": ledger, "counterpart": counterpart, **details})


def a_lead_that_became(contact: Record, number: int = 1, **details: Any) -> Record:  # noqa: ANN401 - what a record has
    """Return the converted lead of a Contact."""
    conversion = Conversion(contact_id=contact.id, account_id=None)
    return a_person(number, conversion=conversion, **details)


def merged_into(winner: Record, number: int, **details: Any) -> Record:  # noqa: ANN401 - what a record has
    """Return a record that lost a merge."""
    return a_person(number, winner.object, deleted=True, master_id=winner.id, **details)


def an_ended_link(number: int, state: LinkState, *, subject_id: str = "ada") -> Link:
    """Return what is left of the link to the *number*th lead."""
    return Link(
        record_id=record_id(number), object=SObject.LEAD, state=state, subject_id=subject_id
    )


def reasons(plan: PagePlan[Contact]) -> set[str]:
    """Return the reasons of a plan's outcomes."""
    return {str(outcome.reason) for outcome in plan.outcomes}


def counterpart_ids(contacts: Iterable[Contact]) -> list[str]:
    """Return the records that contacts are linked to, sorted."""
    return sorted(each.counterpart.record_id for each in contacts if each.counterpart)
