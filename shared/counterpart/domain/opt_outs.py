"""Opt-outs that Salesforce does not know yet: they go out, be the contact paused or not.

Where nothing may carry them, they go by themselves once outbound is on again.

Every other edit that is made while outbound is off stays here, also afterwards. Who refused to be
mailed keeps a mark in a lane of its own, which nobody looks at before something is switched on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.outgoing_fields import pending, refuses
from counterpart.domain.records import SObject
from counterpart.domain.subjects import secondaries_of
from counterpart.domain.waiting import Lane, Waiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.links import Secondary
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.outbound_settings import Outbound
    from counterpart.domain.sync_settings import SyncSettings

# Whoever marks somebody may have read the settings a moment before they were changed.
_MOMENT = timedelta(minutes=1)


def owes_opt_out(subject: Contact | Company, settings: SyncSettings) -> bool:
    """Return whether a record of this contact has to learn of a refusal."""
    return bool(_owed(subject, settings))


def boxes(settings: SyncSettings) -> list[FieldMapping]:
    """Return where Salesforce says of its objects that somebody refuses to be mailed."""
    return [mapped for mapped in settings.fields if mapped.name == OPTED_OUT]


def may_tell_refusal(subject: Contact | Company, settings: SyncSettings) -> bool:
    """Return whether a record has to learn of a refusal, and may be told of it now."""
    return any(map(settings.outbound.writes, _owed(subject, settings)))


def unaware(
    subject: Contact | Company, settings: SyncSettings
) -> list[tuple[Secondary, FieldMapping]]:
    """Return the further records that have to learn of a refusal, and their field for it.

    Nothing else is ever written to a further record.
    """
    return [
        (record, field)
        for record in secondaries_of(subject)
        if not record.gone
        for field in _refused(subject, record.object, settings)
        if record.shadows.get(field.name) is not True
    ]


def held_opt_out(
    subject: Contact | Company, settings: SyncSettings, *, now: datetime
) -> Waiting | None:
    """Return the mark of somebody whose opt-out waits for outbound; `None` if none does.

    A further record learns of it together with the counterpart, or later, but not before.
    """
    writes = settings.outbound.writes
    owed, counterpart = _owed(subject, settings), subject.counterpart
    if not owed or counterpart is None or all(writes(each) for each in [counterpart.object, *owed]):
        return None
    return Waiting(lane=Lane.OPT_OUT, next_push_at=now - _MOMENT)


def _owed(subject: Contact | Company, settings: SyncSettings) -> set[SObject]:
    """Return the objects of the records that have to learn of a refusal."""
    counterpart = subject.counterpart
    if counterpart is None:
        return set()
    owed = {record.object for record, _ in unaware(subject, settings)}
    refused = _refused(subject, counterpart.object, settings)
    if any(pending(subject.ledger, field) for field in refused):
        owed.add(counterpart.object)
    return owed


def _refused(
    subject: Contact | Company, sobject: SObject, settings: SyncSettings
) -> Iterator[FieldMapping]:
    """Yield the fields of an object that can tell it of a refusal which stands here."""
    fields = settings.fields if sobject.is_person else settings.company_fields
    for field in fields:
        if refuses(subject.ledger, field) and field.writes_to(sobject):
            yield field


def mark_when_met(
    subject: Contact | Company, settings: SyncSettings, *, goes: bool, now: datetime
) -> Waiting | None:
    """Return the mark of somebody whose record was met; `None` if nothing has to go out.

    A pull may meet half a million of them, and nobody has just edited them; only an opt-out has to
    be there as soon as it can.

    Args:
        subject: As the meeting has left it, linked to the record.
        settings: By which something goes out.
        goes: A push would write to the record.
        now: By our clock.
    """
    counterpart, writes = subject.counterpart, settings.outbound.writes
    if counterpart is not None and writes(counterpart.object):
        # A further record learns of a refusal though the counterpart lacks nothing.
        goes = goes or any(writes(one.object) for one, _ in unaware(subject, settings))
    if not goes:
        return held_opt_out(subject, settings, now=now)
    lane = Lane.FRESH if owes_opt_out(subject, settings) else Lane.BULK
    return Waiting(lane=lane, next_push_at=now)


def due_opt_outs(outbound: Outbound) -> datetime | None:
    """Return until when opt-outs were held that may go by now; `None` if there can be none."""
    opened = (outbound.open_since(sobject) for sobject in SObject if outbound.writes(sobject))
    return max(filter(None, opened), default=None)
