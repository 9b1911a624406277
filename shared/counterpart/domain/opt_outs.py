"""Opt-outs that Salesforce does not know yet: they go out, be the contact paused or not.

Where nothing may carry them, they go by themselves once outbound is on again.

Every other edit that is made while outbound is off stays here, also afterwards. Who refused to be
mailed keeps a mark in a lane of its own, which nobody looks at before something is switched on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.outgoing_fields import pending, refuses
from counterpart.domain.records import SObject
from counterpart.domain.subjects import secondaries_of
from counterpart.domain.waiting import Lane, Waiting

if TYPE_CHECKING:
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


def unaware(
    subject: Contact | Company, settings: SyncSettings
) -> list[tuple[Secondary, FieldMapping]]:
    """Return the further records that have to learn of a refusal, and their field for it.

    Nothing else is ever written to a further record.
    """
    return [
        (record, field)
        for record in secondaries_of(subject)
        for field in settings.fields_of(record.object)
        if refuses(subject.ledger, field)
        and field.writes_to(record.object)
        and record.shadows.get(field.name) is not True
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
    if any(
        refuses(subject.ledger, field)
        and field.writes_to(counterpart.object)
        and pending(subject.ledger, field)
        for field in settings.fields_of(counterpart.object)
    ):
        owed.add(counterpart.object)
    return owed


def lane_when_met(subject: Contact | Company, settings: SyncSettings) -> Lane:
    """Return where somebody waits whose record was met, and lacks something that is ours.

    A pull may meet half a million of them, and nobody has just edited them; only an opt-out has to
    be there as soon as it can.
    """
    return Lane.FRESH if owes_opt_out(subject, settings) else Lane.BULK


def due_opt_outs(outbound: Outbound) -> datetime | None:
    """Return until when opt-outs were held that may go by now; `None` if there can be none."""
    opened = (outbound.open_since(sobject) for sobject in SObject if outbound.writes(sobject))
    return max(filter(None, opened), default=None)
