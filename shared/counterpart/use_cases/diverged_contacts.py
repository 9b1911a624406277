"""List fields in which both sides go on differing, and take one side's value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.divergence import diverged_fields, with_ours, with_theirs
from counterpart.errors import ChangedMeanwhileError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Contact
    from counterpart.domain.divergence import DivergedField
    from counterpart.ports import ContactRepository, SettingsRepository

_TRIES = 6


class Side(StrEnum):
    """Whose value to take."""

    OURS = "ours"
    THEIRS = "theirs"


@dataclass(frozen=True, kw_only=True, slots=True)
class Diverged:
    """A contact, and its fields that differ."""

    contact: Contact
    fields: Sequence[DivergedField]


@dataclass(frozen=True, kw_only=True, slots=True)
class DivergedPage:
    """One page of them.

    Attributes:
        looked_at: How many contacts it took.
    """

    items: Sequence[Diverged]
    looked_at: int
    next: str | None


def list_diverged(
    *,
    limit: int,
    after: str | None,
    contacts: ContactRepository,
    settings: SettingsRepository,
) -> DivergedPage:
    """Return contacts with fields that differ and that nothing resolves by itself.

    Args:
        limit: How many contacts to look at.
        after: Where the page before ended.
        contacts: Where they are stored.
        settings: By which it is judged.

    Raises:
        InputError: nobody here gave out such an *after*.
    """
    rules = settings.current()
    page = contacts.page(limit=limit, after=after)
    found = ((contact, diverged_fields(contact, rules)) for contact in page.items)
    items = [Diverged(contact=contact, fields=fields) for contact, fields in found if fields]
    return DivergedPage(items=items, looked_at=len(page.items), next=page.next)


def take_side(
    contact_id: str,
    name: str,
    side: Side,
    *,
    now: datetime,
    contacts: ContactRepository,
    settings: SettingsRepository,
) -> Contact:
    """Take what Salesforce was last known to hold, or let ours go out over it.

    Args:
        contact_id: Whose field.
        name: Which.
        side: Whose value.
        now: By our clock.
        contacts: Where contacts are stored.
        settings: By which ours may go out.

    Raises:
        InputError: that side has no value to be taken.
        NotFoundError: there is no such contact.
        ChangedMeanwhileError: others kept changing it.
    """
    rules = settings.current()
    take = with_theirs if side is Side.THEIRS else with_ours
    for _ in range(_TRIES):
        contact = contacts.get_many([contact_id]).get(contact_id)
        if contact is None:
            raise NotFoundError(f"there is no contact {contact_id}", field="id")
        after = take(contact, name, settings=rules, now=now)
        if not contacts.save_many([after]):
            return replace(after, version=contact.version + 1)
    raise ChangedMeanwhileError("others kept changing this contact; try again")
