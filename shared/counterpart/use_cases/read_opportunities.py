"""Read the opportunities of a contact, or of a company, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.opportunities import rolled_up
from counterpart.domain.records import SObject
from counterpart.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from counterpart.domain.contacts import Contact
    from counterpart.domain.opportunities import ContactRole, Opportunity, RollUp
    from counterpart.ports import (
        CompanyRepository,
        ContactRepository,
        LinkRepository,
        OpportunityRepository,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One opportunity of somebody.

    Attributes:
        role: Theirs in it; `None` for a company's, and for that of a person account without one.
        company_id: Ours, of its Account; `None` where that is not known here.
    """

    opportunity: Opportunity
    role: ContactRole | None
    company_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Deals:
    """The opportunities of somebody: the roll-up of all, and the latest of them."""

    roll_up: RollUp
    parts: Sequence[Part]


def opportunities_of_contact(
    contact_id: str,
    *,
    limit: int,
    today: date,
    contacts: ContactRepository,
    links: LinkRepository,
    opportunities: OpportunityRepository,
) -> Deals:
    """Return the opportunities in which the records of a contact have a role.

    Those of a person account are the person's, who is no company here, with a role or without.

    Raises:
        NotFoundError: there is no such contact.
    """
    contact = contacts.get_many([contact_id]).get(contact_id)
    if contact is None:
        raise NotFoundError(f"there is no contact {contact_id}", field="id")
    record_ids = _contact_records(contact)
    roles: dict[str, ContactRole] = {}
    for role in opportunities.roles_of(record_ids) if record_ids else ():
        if role.deleted:
            continue
        # Two roles in one opportunity are one part in it, the primary one.
        held = roles.get(role.opportunity_id)
        if held is None or (role.primary and not held.primary):
            roles[role.opportunity_id] = role
    found = dict(opportunities.get_many(roles)) if roles else {}
    if contact.account_id and contact.counterpart and contact.counterpart.person_account:
        found |= {one.id: one for one in opportunities.of_accounts([contact.account_id])}
    return _deals(list(found.values()), roles, limit=limit, today=today, links=links)


def opportunities_of_company(
    company_id: str,
    *,
    limit: int,
    today: date,
    companies: CompanyRepository,
    links: LinkRepository,
    opportunities: OpportunityRepository,
) -> Deals:
    """Return the opportunities of a company's Account.

    Raises:
        NotFoundError: there is no such company.
    """
    company = companies.get_many([company_id]).get(company_id)
    if company is None:
        raise NotFoundError(f"there is no company {company_id}", field="id")
    account = company.counterpart
    found = opportunities.of_accounts([account.record_id]) if account else ()
    return _deals(found, {}, limit=limit, today=today, links=links)


def _contact_records(contact: Contact) -> list[str]:
    """Return the Salesforce ids of the Contacts that a contact is; a Lead has no opportunities."""
    own = contact.counterpart
    ids = [own.record_id] if own and own.object is SObject.CONTACT else []
    further = [one.record_id for one in contact.secondaries if one.object is SObject.CONTACT]
    return ids + further


def _deals(
    found: Sequence[Opportunity],
    roles: Mapping[str, ContactRole],
    *,
    limit: int,
    today: date,
    links: LinkRepository,
) -> Deals:
    there = [one for one in found if not one.deleted]
    # What is open first, and the latest before the others.
    there.sort(key=lambda one: (one.close_date or "", one.id), reverse=True)
    there.sort(key=lambda one: one.closed)
    shown = there[:limit]
    account_ids = {one.account_id for one in shown if one.account_id}
    known = links.get_many(account_ids) if account_ids else {}
    parts = []
    for one in shown:
        link = known.get(one.account_id or "")
        company_id = link.subject_id if link else None
        parts.append(Part(opportunity=one, role=roles.get(one.id), company_id=company_id))
    return Deals(roll_up=rolled_up(there, today=today), parts=parts)
