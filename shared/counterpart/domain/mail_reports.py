"""Reports on a contact's mail: it bounced, or it arrives after all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.bounces import Bounce, BounceKind, BounceSource, reported, still_standing
from counterpart.domain.editing import Edited
from counterpart.domain.emails import email_key
from counterpart.domain.notices import another_address

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.contacts import Contact


@dataclass(frozen=True, kw_only=True, slots=True)
class BounceReport:
    """Mail came back.

    Attributes:
        email: The address that it was sent to; `None` stands for the contact's present one.
        at: When; `None` stands for now.
    """

    kind: BounceKind
    email: str | None = None
    at: datetime | None = None
    reason: str = ""


def bounced(contact: Contact, report: BounceReport, *, now: datetime) -> Edited:
    """Return *contact* after a bounce, which opts nobody out."""
    key = email_key(contact.email)
    if key is None or (report.email is not None and email_key(report.email) != key):
        return Edited(contact=contact, notices=(another_address(),))
    bounce = Bounce(
        kind=report.kind,
        at=report.at or now,
        email_key=key,
        source=BounceSource.API,
        reason=report.reason,
    )
    after = reported(contact.bounce, bounce)
    if after == contact.bounce:
        return Edited(contact=contact)
    return Edited(contact=replace(contact, bounce=after, updated_at=now))


def arrives(contact: Contact, *, now: datetime) -> Edited:
    """Return *contact* without its bounce."""
    if contact.bounce is None:
        return Edited(contact=contact)
    counterpart = contact.counterpart
    if counterpart and still_standing(counterpart.bounce, contact.email):
        # What its record tells is contradicted as well, until that is read again.
        counterpart = replace(counterpart, bounce=None)
    return Edited(contact=replace(contact, bounce=None, counterpart=counterpart, updated_at=now))
