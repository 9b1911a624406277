"""Why a contact is not in Salesforce."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.creation import object_for
from counterpart.domain.explaining import Why
from counterpart.domain.links import LinkState
from counterpart.domain.values import format_time

if TYPE_CHECKING:
    from counterpart.domain.contacts import Contact
    from counterpart.domain.links import Counterpart, Link
    from counterpart.domain.sync_settings import SyncSettings


class Absence(StrEnum):
    """Why a contact is not in Salesforce."""

    NOT_REQUESTED = "not_requested"
    REQUESTED = "requested"
    PARKED = "parked"
    DELETED_THERE = "deleted_there"
    MERGED_THERE = "merged_there"
    LEAD_CONVERTED = "lead_converted"
    NO_EMAIL = "no_email"
    OUTBOUND_DISABLED = "outbound_disabled"


def why_absent(contact: Contact, former: Link | None, settings: SyncSettings) -> Why | None:
    """Return why a contact is not in Salesforce; `None` if it is.

    Args:
        contact: Which.
        former: What the record means to us that it was linked to before.
        settings: As they are now.
    """
    if contact.counterpart:
        return None
    request, record = contact.creation, contact.former
    sobject = object_for(settings.creation, request.create_as if request else None)
    if request and request.refusal is not None:
        reason, message = Absence.PARKED, request.refusal
    elif not settings.outbound.writes(sobject):
        reason = Absence.OUTBOUND_DISABLED
        message = f"outbound is switched off for {sobject}; nobody is created"
    elif request:
        reason = Absence.REQUESTED
        message = f"asked for, to become a {sobject}; its job is on the creation queue"
        if contact.sent:
            message += f"; it was sent at {format_time(contact.sent.at)}, without an answer so far"
    elif record and (former is None or former.state is not LinkState.LINKED):
        reason, message = _lost(record, former)
    elif contact.email is None:
        reason, message = Absence.NO_EMAIL, "it has no address to be known by there"
    else:
        reason = Absence.NOT_REQUESTED
        message = (
            "nobody has asked for it: it was written without sync_to_salesforce, or while "
            "outbound was off"
        )
    return Why(reason=reason, message=message)


def _lost(record: Counterpart, former: Link | None) -> tuple[Absence, str]:
    """Return why a contact has lost its record, and the same for people."""
    taken_over = "that is another contact's; merge the two contacts"
    which = f"its {record.object} {record.record_id}"
    if former and former.state is LinkState.MERGED:
        message = f"{which} was merged in Salesforce into a record, and {taken_over}"
        return Absence.MERGED_THERE, message
    if former and former.state is LinkState.CONVERTED:
        return Absence.LEAD_CONVERTED, f"{which} was converted to a Contact, and {taken_over}"
    return Absence.DELETED_THERE, (
        f"{which} was deleted in Salesforce; it is linked again if that returns, and made anew "
        "only if somebody asks"
    )
