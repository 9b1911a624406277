"""Marking: whether what changed in a contact has to go out, and the mark by which it waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.opt_outs import held_opt_out, unaware
from counterpart.domain.outgoing_fields import is_due, refuses
from counterpart.domain.waiting import Lane, Waiting

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from counterpart.domain.contacts import Contact
    from counterpart.domain.creation_requests import CreationRequest
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.sync_settings import SyncSettings

# The freshest first.
_LANES = (
    *(Lane.FRESH, Lane.BULK, Lane.RETRY, Lane.CREATE, Lane.SENT),
    *(Lane.OPT_OUT, Lane.PARKED),
)

# When the minute's look sends a creation job once more; until then the first may be on its way.
_JOB_LOST_AFTER = timedelta(minutes=15)


def mark(existing: Waiting | None, *, lane: Lane, now: datetime) -> Waiting:
    """Return the mark after another reason to wait: the fresher lane, the earlier time."""
    if existing is None:
        return Waiting(lane=lane, next_push_at=now)
    return replace(
        existing,
        lane=min(existing.lane, lane, key=_LANES.index),
        next_push_at=min(existing.next_push_at, now),
    )


def mark_for(
    contact: Contact,
    fields: Iterable[FieldMapping],
    settings: SyncSettings,
    *,
    lane: Lane,
    now: datetime,
) -> Waiting | None:
    """Return the mark of a contact in which something has changed; a refusal may be held.

    Args:
        contact: As it is now, with the mark that it bears.
        fields: Those that may have to go out.
        settings: By which they go.
        lane: Where it waits if one does.
        now: By our clock.
    """
    if any(wants_out(contact, mapped, settings) for mapped in fields):
        return mark(contact.waiting, lane=lane, now=now)
    if held := held_opt_out(contact, settings, now=now):
        return mark(contact.waiting, lane=held.lane, now=held.next_push_at)
    return contact.waiting


def mark_of_linked(
    contact: Contact, settings: SyncSettings, now: datetime, *, carried: bool
) -> Waiting | None:
    """Return the mark of a contact with a record, which a merge has changed, or the undoing of one.

    Args:
        contact: As it is now, with the mark that it bears.
        settings: By which its values go out.
        now: By our clock.
        carried: A job is about to write to its record, and a push has to see to that.
    """
    if contact.waiting and contact.waiting.lane in {Lane.CREATE, Lane.OPT_OUT}:
        # It has its record; and what a refusal was held for may have left with a further one.
        contact = replace(contact, waiting=None)
    if carried:
        return mark(contact.waiting, lane=Lane.FRESH, now=now)
    return mark_for(contact, settings.fields, settings, lane=Lane.FRESH, now=now)


def awaiting_job(*, now: datetime) -> Waiting:
    """Return the mark of a contact whose creation job is about to be sent."""
    return Waiting(lane=Lane.CREATE, next_push_at=now + _JOB_LOST_AFTER)


def with_request(contact: Contact, request: CreationRequest, *, now: datetime) -> Contact:
    """Return *contact* with an open request, whose job is about to be sent.

    Who asks for a record asks for what goes with it, so that a pause ends.
    """
    waiting = awaiting_job(now=now)
    return replace(contact, creation=request, waiting=waiting, outbound_paused_at=None)


def wants_out(contact: Contact, mapped: FieldMapping, settings: SyncSettings) -> bool:
    """Return whether our value of a field is one for a push to decide on.

    Or to carry to a further record, if it is a refusal.
    """
    if contact.counterpart is None or not settings.outbound.writes(contact.counterpart.object):
        return False
    if contact.outbound_paused_at and not refuses(contact.ledger, mapped):
        return False
    if is_due(contact.ledger, mapped, contact.counterpart.object):
        return True
    writes = settings.outbound.writes
    further = unaware(contact, settings) if refuses(contact.ledger, mapped) else []
    return any(field.name == mapped.name and writes(one.object) for one, field in further)
