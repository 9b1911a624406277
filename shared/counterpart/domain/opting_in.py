"""Opting in: the one way in which a refusal to be mailed is lifted, and always somebody's act."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.editing import Edited, with_values
from counterpart.domain.lifting import lifted_on_the_way
from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.marking import mark, wants_out
from counterpart.domain.notices import notices_of, opt_in_pending
from counterpart.domain.openings import is_paused, open_since
from counterpart.domain.opt_outs import boxes
from counterpart.domain.waiting import Lane

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.contacts import Contact
    from counterpart.domain.notices import Notice
    from counterpart.domain.sync_settings import SyncSettings


def opted_in(contact: Contact, *, settings: SyncSettings, now: datetime) -> Edited:
    """Return *contact* after somebody said that this person asked to be mailed again.

    Where Salesforce holds the refusal, the opt-in goes out, and the person stays opted out until
    Salesforce has taken it. A refusal that comes in meanwhile, and was not known here, stands.
    """
    if not contact.opted_out:
        return Edited(contact=contact)
    said_before = contact.ledger.values.get(OPTED_OUT) is False
    if said_before and not _came_to_nothing(contact, settings):
        return Edited(contact=contact, notices=_notices(contact, settings))
    if said_before:
        after = replace(_counting_from(contact, now), updated_at=now)
    else:
        after = replace(with_values(contact, {OPTED_OUT: False}, now=now), updated_at=now)
    if contact.ledger.values.get(OPTED_OUT) is True:
        after = replace(after, secondaries=lifted_on_the_way(contact.secondaries, now=now))
    if not after.opted_out:
        return Edited(contact=after)
    if _goes(after, settings):
        after = replace(after, waiting=mark(after.waiting, lane=Lane.FRESH, now=now))
    return Edited(contact=after, notices=_notices(after, settings))


def _came_to_nothing(contact: Contact, settings: SyncSettings) -> bool:
    """Return whether an opt-in stays here because nothing could go out when it was said.

    It may go by now, if somebody says it again.
    """
    counterpart = contact.counterpart
    if counterpart is None or is_paused(contact) or not _goes(contact, settings):
        return False
    since = open_since(contact, counterpart.object, settings.outbound)
    return since is not None and contact.ledger.times[OPTED_OUT] < since


def _counting_from(contact: Contact, now: datetime) -> Contact:
    """Return *contact*, whose opt-in counts as said now; what ours is stays as it is."""
    times = {**contact.ledger.times, OPTED_OUT: max(now, contact.ledger.times[OPTED_OUT])}
    return replace(contact, ledger=replace(contact.ledger, times=times))


def _goes(contact: Contact, settings: SyncSettings) -> bool:
    return any(wants_out(contact, mapped, settings) for mapped in boxes(settings))


def _notices(contact: Contact, settings: SyncSettings) -> tuple[Notice, ...]:
    pending = opt_in_pending(goes=_goes(contact, settings))
    return (pending, *notices_of(contact, boxes(settings), settings))
