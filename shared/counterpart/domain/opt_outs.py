"""Opt-outs that Salesforce does not know yet: they go out, be the contact paused or not.

Where nothing may carry them, they go by themselves once outbound is on again.

Every other edit that is made while outbound is off stays here, also afterwards. Who refused to be
mailed keeps a mark in a lane of its own, which nobody looks at before something is switched on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.contacts import Lane, Waiting
from counterpart.domain.pushing import pending, refuses
from counterpart.domain.records import SObject

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.subjects import Subject
    from counterpart.domain.sync_settings import Outbound, SyncSettings

# Whoever marks somebody may have read the settings a moment before they were changed.
_MOMENT = timedelta(minutes=1)


def owes_opt_out(subject: Subject, settings: SyncSettings) -> bool:
    """Return whether the counterpart has to learn of a refusal."""
    counterpart = subject.counterpart
    return counterpart is not None and any(
        field.writes_to(counterpart.object)
        and refuses(subject.ledger, field)
        and pending(subject.ledger, field)
        for field in settings.fields_of(counterpart.object)
    )


def held_opt_out(subject: Subject, settings: SyncSettings, *, now: datetime) -> Waiting | None:
    """Return the mark of somebody whose opt-out waits for outbound; `None` if none does."""
    counterpart = subject.counterpart
    if counterpart is None or settings.outbound.writes(counterpart.object):
        return None
    owed = owes_opt_out(subject, settings)
    return Waiting(lane=Lane.OPT_OUT, next_push_at=now - _MOMENT) if owed else None


def due_opt_outs(outbound: Outbound) -> datetime | None:
    """Return until when opt-outs were held that may go by now; `None` if there can be none."""
    opened = (outbound.open_since(sobject) for sobject in SObject if outbound.writes(sobject))
    return max(filter(None, opened), default=None)
