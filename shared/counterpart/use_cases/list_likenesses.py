"""List duplicates and lookalikes: each page looks at so many contacts, however few it finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.emails import email_key
from counterpart.domain.likeness import (
    DuplicateKind,
    Likeness,
    kind_of,
    name_key,
    suggested_survivor,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.contacts import Contact
    from counterpart.ports import ContactRepository

# Of one group, as many are named; how many there are is said besides.
_MOST_NAMED = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Duplicates:
    """Contacts of one address.

    Attributes:
        contacts: The first twenty of them, those updated last first.
        count: Of all.
        survivor: Whom a merge should keep.
    """

    email: str
    kind: DuplicateKind
    contacts: Sequence[Contact]
    count: int
    survivor: Contact


@dataclass(frozen=True, kw_only=True, slots=True)
class Lookalike:
    """A contact without a record that resembles one with a record."""

    contact: Contact
    other: Contact
    likeness: Likeness


@dataclass(frozen=True, kw_only=True, slots=True)
class Duplicated:
    """One page of duplicates.

    Attributes:
        looked_at: How many contacts it took.
    """

    items: Sequence[Duplicates]
    looked_at: int
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Resembling:
    """One page of lookalikes."""

    items: Sequence[Lookalike]
    looked_at: int
    next: str | None


def list_duplicates(*, limit: int, after: str | None, contacts: ContactRepository) -> Duplicated:
    """Return groups of contacts that share an address, each on the page of its smallest id.

    Args:
        limit: How many contacts to look at.
        after: Where the page before ended.
        contacts: Where they are stored.

    Raises:
        InputError: nobody here gave out such an *after*.
    """
    page = contacts.page(limit=limit, after=after)
    ids = {contact.id for contact in page.items}
    groups = contacts.find_by_email(_keys(page.items))
    items = [
        Duplicates(
            email=group[0].email or key,
            kind=kind_of(group),
            contacts=group[:_MOST_NAMED],
            count=len(group),
            survivor=suggested_survivor(group),
        )
        for key, group in sorted(groups.items())
        if len(group) > 1 and min(one.id for one in group) in ids
    ]
    return Duplicated(items=items, looked_at=len(page.items), next=page.next)


def list_lookalikes(*, limit: int, after: str | None, contacts: ContactRepository) -> Resembling:
    """Return contacts without a record that resemble one with a record, and whom.

    Args:
        limit: How many contacts to look at.
        after: Where the page before ended.
        contacts: Where they are stored.

    Raises:
        InputError: nobody here gave out such an *after*.
    """
    page = contacts.page(limit=limit, after=after)
    alone = [contact for contact in page.items if contact.counterpart is None]
    by_email = contacts.find_by_email(_keys(alone))
    by_name = contacts.find_by_name({key for one in alone if (key := name_key(one))})
    items = []
    for contact in alone:
        found = _likeness(contact, by_email, by_name)
        if found:
            items.append(found)
    return Resembling(items=items, looked_at=len(page.items), next=page.next)


def _likeness(
    contact: Contact,
    by_email: Mapping[str, Sequence[Contact]],
    by_name: Mapping[str, Sequence[Contact]],
) -> Lookalike | None:
    for likeness, found in (
        (Likeness.SAME_EMAIL, by_email.get(email_key(contact.email) or "", ())),
        (Likeness.SAME_NAME_AND_DOMAIN, by_name.get(name_key(contact) or "", ())),
    ):
        linked = [one for one in found if one.counterpart]
        if linked:
            other = suggested_survivor(linked)
            return Lookalike(contact=contact, other=other, likeness=likeness)
    return None


def _keys(contacts: Sequence[Contact]) -> set[str]:
    return {key for contact in contacts if (key := email_key(contact.email))}
