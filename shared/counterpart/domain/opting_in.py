"""Opting in: the one way in which a refusal to be mailed is lifted, and always somebody's act."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.editing import Edited, with_values
from counterpart.domain.lifting import lifted_on_the_way
from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.marking import mark, wants_out
from counterpart.domain.notices import notices_of, opt_in_pending
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
    if not contact.opted_out or contact.ledger.values.get(OPTED_OUT) is False:
        return Edited(contact=contact, notices=_pending(contact))
    after = replace(with_values(contact, {OPTED_OUT: False}, now=now), updated_at=now)
    if contact.ledger.values.get(OPTED_OUT) is True:
        after = replace(after, secondaries=lifted_on_the_way(contact.secondaries, now=now))
    if not after.opted_out:
        return Edited(contact=after)
    fields = [mapped for mapped in settings.fields if mapped.name == OPTED_OUT]
    if any(wants_out(after, mapped, settings) for mapped in fields):
        after = replace(after, waiting=mark(after.waiting, lane=Lane.FRESH, now=now))
    notices = (*_pending(after), *notices_of(after, fields, settings))
    return Edited(contact=after, notices=notices)


def _pending(contact: Contact) -> tuple[Notice, ...]:
    return (opt_in_pending(),) if contact.opted_out else ()
