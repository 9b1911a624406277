"""Which contacts may be the same person: how they are found, and whom a merge should keep."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.emails import domain_of
from counterpart.domain.free_mail import FREE_MAIL_DOMAINS
from counterpart.domain.records import SObject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.domain.contacts import Contact


class Likeness(StrEnum):
    """What two contacts have in common."""

    SAME_EMAIL = "same_email"
    # Both names, and the domain of an employer.
    SAME_NAME_AND_DOMAIN = "same_name_and_domain"


class DuplicateKind(StrEnum):
    """What several contacts of one address are in Salesforce."""

    LEAD_AND_CONTACT = "lead_and_contact"
    SEVERAL_RECORDS = "several_records"
    ONE_RECORD = "one_record"
    NO_RECORD = "no_record"


def name_key(contact: Contact) -> str | None:
    """Return what a contact is found by if its address is another: names and employer's domain.

    `None` where a name is missing, or the address says nothing of an employer.
    """
    values = contact.ledger.values
    names = [values.get("first_name"), values.get("last_name")]
    if contact.email is None or not all(isinstance(name, str) and name for name in names):
        return None
    domain = domain_of(contact.email)
    if not domain or domain in FREE_MAIL_DOMAINS:
        return None
    text = unicodedata.normalize("NFC", f"{names[0]} {names[1]}").casefold()
    return f"{' '.join(text.split())}@{domain}"


def kind_of(contacts: Sequence[Contact]) -> DuplicateKind:
    """Return what contacts of one address are in Salesforce."""
    objects = [one.counterpart.object for one in contacts if one.counterpart]
    if {SObject.LEAD, SObject.CONTACT} <= set(objects):
        return DuplicateKind.LEAD_AND_CONTACT
    if len(objects) > 1:
        return DuplicateKind.SEVERAL_RECORDS
    return DuplicateKind.ONE_RECORD if objects else DuplicateKind.NO_RECORD


def suggested_survivor(contacts: Sequence[Contact]) -> Contact:
    """Return whom a merge should keep: who has a Contact, else a Lead, else was updated last."""
    return max(
        contacts,
        key=lambda one: (
            one.counterpart is not None and one.counterpart.object is SObject.CONTACT,
            one.counterpart is not None,
            one.updated_at,
            one.id,
        ),
    )
