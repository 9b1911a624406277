"""Accounts that come after their people: who has waited for them, and belongs to them now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.links import Link

# A page that broke off between a company and its people is read again within minutes, or after an
# outage; whoever waits for a company that is older than a night was found by a sweep.
LATELY = timedelta(days=1)


def linked_lately(companies: Iterable[Company], *, now: datetime) -> Mapping[str, str]:
    """Return, by Account, companies that were not long linked to it, and may be waited for."""
    return {
        company.counterpart.record_id: company.id
        for company in companies
        if company.counterpart and now - company.counterpart.linked_at < LATELY
    }


def companies_of(links: Iterable[Link]) -> Mapping[str, str]:
    """Return, by Account, the companies that links lead to."""
    return {link.record_id: link.subject_id for link in links if link.subject_id}


def joined(contact: Contact, companies: Mapping[str, str]) -> Contact | None:
    """Return the contact in the company that it waits for; `None` if none of these is it.

    Nothing else of it changes: that is nobody's edit.
    """
    company_id = companies.get(contact.awaits) if contact.awaits else None
    return replace(contact, company_id=company_id) if company_id else None
