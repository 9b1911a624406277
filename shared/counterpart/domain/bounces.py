"""Bounces: whether mail arrives at an address, which says nothing about what a person wants.

A bounce never opts anybody out, and an opt-out is no bounce. It belongs to an address, and ends
with it, on whichever side the address is changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.emails import email_key
from counterpart.domain.mapping import EMAIL, FieldMapping, Mode
from counterpart.domain.records import SObject
from counterpart.domain.values import FieldType

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from counterpart.domain.contacts import Contact
    from counterpart.domain.records import Record

BOUNCED_DATE = "EmailBouncedDate"
BOUNCED_REASON = "EmailBouncedReason"


class BounceKind(StrEnum):
    """Whether the address is of any use."""

    # There is no such mailbox.
    HARD = "hard"
    # It was full, or slow; the next mail may arrive.
    SOFT = "soft"


class BounceSource(StrEnum):
    """Who reported it."""

    API = "api"
    SALESFORCE = "salesforce"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounce:
    """Mail to an address came back.

    Attributes:
        email_key: The address, in normal form.
        reason: In the mail server's words; may be empty.
    """

    kind: BounceKind
    at: datetime
    email_key: str
    source: BounceSource
    reason: str = ""


def _read_only(path: str, kind: FieldType) -> FieldMapping:
    # No field of ours can bear such a name, which is no snake case.
    return FieldMapping(
        name=path,
        type=kind,
        mode=Mode.ALWAYS_SALESFORCE,
        paths={SObject.CONTACT: path, SObject.LEAD: path},
    )


# Read along with the mapped fields, and left out like those where the org does not show them.
# Whoever writes them in Salesforce starts no bounce handling there, so nothing of them goes out.
BOUNCE_FIELDS = (
    _read_only(BOUNCED_DATE, FieldType.DATETIME),
    _read_only(BOUNCED_REASON, FieldType.STRING),
)


def with_bounces(fields: Iterable[FieldMapping], sobject: SObject) -> tuple[FieldMapping, ...]:
    """Return *fields* and, for people, those that tell of bounces."""
    return (*fields, *BOUNCE_FIELDS) if sobject.is_person else tuple(fields)


def reported(before: Bounce | None, report: Bounce) -> Bounce:
    """Return what is known of an address after *report*: a hard bounce outlasts soft ones."""
    if before is None or before.email_key != report.email_key:
        return report
    return before if _outlasts(before, report) else report


def still_standing(bounce: Bounce | None, email: str | None) -> Bounce | None:
    """Return what is known of the address that a contact has by now."""
    return bounce if bounce and bounce.email_key == email_key(email) else None


def at_present_address(contact: Contact) -> Bounce | None:
    """Return what is known of the address that *contact* has by now, which may be another.

    It may be that of its record again, of which Salesforce told something while it was not ours.
    """
    known, counterpart = still_standing(contact.bounce, contact.email), contact.counterpart
    if known or counterpart is None:
        return known
    # Once it bears another address, what was told of the one before is over.
    there = contact.ledger.shadows.get(EMAIL)
    told = still_standing(counterpart.bounce, there if isinstance(there, str) else None)
    return still_standing(told, contact.email)


def told_by(record: Record, *, before: Bounce | None) -> Bounce | None:
    """Return what *record* tells of its own address; what was told *before* if it shows nothing."""
    mark, theirs = record.bounce, record.values.get(EMAIL)
    if mark is None or EMAIL not in record.values:
        return before
    key = email_key(theirs) if isinstance(theirs, str) else None
    if mark.at is None or key is None:
        return None
    return Bounce(
        kind=BounceKind.HARD,
        at=mark.at,
        email_key=key,
        source=BounceSource.SALESFORCE,
        reason=mark.reason,
    )


def after_record(
    bounce: Bounce | None, record: Record, email: str | None, *, told: Bounce | None
) -> Bounce | None:
    """Return what is known of an address once *record* was merged.

    Args:
        bounce: What was known so far.
        record: Its mark is about the address in the record, and counts only if that is ours.
        email: The contact's address after the merge.
        told: What this very record had told before. One that never told of a bounce, as the
            Contact that a lead has become, takes none back.
    """
    mark = record.bounce
    if bounce is None and (mark is None or mark.at is None):
        return None
    held = still_standing(bounce, email)
    key, theirs = email_key(email), record.values.get(EMAIL)
    if mark is None or key is None or not isinstance(theirs, str) or email_key(theirs) != key:
        return held
    if mark.at is None:
        # Salesforce takes its mark back; what was reported here, it never knew.
        ends = held and held.source is BounceSource.SALESFORCE and still_standing(told, email)
        return None if ends else held
    if held and held.source is BounceSource.API and held.kind is BounceKind.HARD:
        return held
    return told_by(record, before=None)


def _outlasts(before: Bounce, report: Bounce) -> bool:
    if before.kind is not report.kind:
        return before.kind is BounceKind.HARD
    return report.at <= before.at
