"""Editing a contact: what somebody's wish does to it, and to the mark that it waits.

Value, time and mark change together in the new contact, which is stored by one write: there is no
moment at which an edit is stored and nothing knows that it has to go out.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.account_choice import ACCOUNTS
from counterpart.domain.bounces import at_present_address
from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.creation import object_for
from counterpart.domain.creation_requests import CreationRequest
from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.marking import mark, mark_for, with_request
from counterpart.domain.notices import Notice, notices_of, outbound_disabled, outbound_paused
from counterpart.domain.passing_values import passed
from counterpart.domain.pausing import retag
from counterpart.domain.room import MOST_BYTES, size_of
from counterpart.domain.sync_tags import retagged, sync_tag
from counterpart.domain.waiting import Lane
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from counterpart.domain.creation_requests import CreateAs
    from counterpart.domain.creation_settings import Creation
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.domain.values import Value


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """What somebody wants; what it leaves out stays.

    Attributes:
        values: In normal form, by field name; `None` clears.
        tags: All of them, or `None` to leave them.
        add_tags: Further tags.
        remove_tags: Tags that go.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    tags: tuple[str, ...] | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Edited:
    """What became of a contact; the very same object if the edit changed nothing."""

    contact: Contact
    notices: tuple[Notice, ...] = ()


def born(
    contact_id: str, edit: Edit, *, settings: SyncSettings, request_key: str | None, now: datetime
) -> Edited:
    """Return a new contact, which stays local until somebody asks for more.

    A blank says nothing here, since there is nothing to clear.
    """
    values = {name: value for name, value in edit.values.items() if value is not None}
    check_size(values)
    contact = Contact(
        id=contact_id,
        ledger=Ledger(values=values, times=dict.fromkeys(values, now)),
        created_at=now,
        updated_at=now,
        request_key=request_key,
    )
    contact = replace(contact, tags=retagged(contact, tags=edit.tags).tags)
    fields = [mapped for mapped in settings.fields if mapped.name in values]
    return Edited(contact=contact, notices=notices_of(contact, fields, settings))


def edited(
    contact: Contact, edit: Edit, *, settings: SyncSettings, lane: Lane, now: datetime
) -> Edited:
    """Return *contact* after *edit*; only what really changed gets a new time.

    Raises:
        InputError: a person who has opted out would be opted in again, or a tag given that only
            the sync gives.
    """
    ledger = contact.ledger
    if edit.values.get(OPTED_OUT) is False and contact.opted_out:
        message = (
            "this person has opted out, which no edit undoes; "
            "POST /contacts/{contact_id}/opt-in says that they asked to be mailed again"
        )
        raise InputError(message, field=OPTED_OUT)

    changed = changes(ledger, edit.values)
    after, notices = retag(
        contact, tags=edit.tags, add=edit.add_tags, remove=edit.remove_tags, now=now
    )
    if not changed and after is contact:
        return Edited(contact=contact, notices=notices)

    after = with_values(after, changed, now=now)
    after = replace(after, bounce=at_present_address(after), updated_at=now)
    fields = [mapped for mapped in settings.fields if mapped.name in changed]
    after = replace(after, waiting=mark_for(after, fields, settings, lane=lane, now=now))
    return Edited(contact=after, notices=(*notices, *notices_of(after, fields, settings)))


def requested(
    contact: Contact, *, create_as: CreateAs | None, settings: SyncSettings, now: datetime
) -> Edited:
    """Return *contact* with the request to be created in Salesforce.

    A request that is on its way already stays as it is; one that was parked starts anew. What the
    contact becomes is settled here, so that a later change of the setting touches later contacts.
    """
    sobject = object_for(settings.creation, create_as)
    if not settings.outbound.writes(sobject):
        return Edited(contact=contact, notices=(outbound_disabled(sobject),))

    request = contact.creation
    if request and request.refusal is None and create_as in {None, request.create_as}:
        return Edited(contact=contact)
    request = request_for(settings.creation, create_as, now=now)
    return Edited(contact=with_request(contact, request, now=now))


def request_for(rules: Creation, create_as: CreateAs | None, *, now: datetime) -> CreationRequest:
    """Return a request that settles what a contact becomes, and which Account it wants."""
    return CreationRequest(
        requested_at=now,
        create_as=create_as or rules.create_as,
        account=ACCOUNTS[rules.match_accounts_by_domain, rules.create_accounts],
    )


def hurried(contact: Contact, *, settings: SyncSettings, now: datetime) -> Edited:
    """Return a linked contact marked so that the next look pushes it, whatever it waited for."""
    if contact.counterpart is None:
        return Edited(contact=contact)
    sobject = contact.counterpart.object
    if not settings.outbound.writes(sobject):
        return Edited(contact=contact, notices=(outbound_disabled(sobject),))
    tag = sync_tag(contact)
    if contact.outbound_paused_at and tag:
        return Edited(contact=contact, notices=(outbound_paused(tag),))
    # A look pushes what has waited for the longest time allowed.
    long_ago = now - timedelta(minutes=settings.outbound.max_wait_minutes)
    waiting = replace(mark(contact.waiting, lane=Lane.FRESH, now=long_ago), attempts=0)
    if waiting == contact.waiting:
        return Edited(contact=contact)
    return Edited(contact=replace(contact, waiting=waiting))


def is_expected(contact: Contact) -> bool:
    """Return whether a creation job for *contact* should be on its way."""
    return (
        contact.counterpart is None
        and contact.creation is not None
        and contact.creation.refusal is None
    )


def with_values(contact: Contact, changed: Mapping[str, Value], *, now: datetime) -> Contact:
    """Return *contact* with these values and their times."""
    if not changed:
        return contact
    is_linked = contact.counterpart is not None
    after = ledger_with(contact.ledger, changed, now=now, is_linked=is_linked)
    return replace(contact, ledger=after)


def ledger_with(
    ledger: Ledger, changed: Mapping[str, Value], *, now: datetime, is_linked: bool = False
) -> Ledger:
    """Return *ledger* with these values and their times.

    Args:
        ledger: As it is.
        changed: What becomes different.
        now: By our clock.
        is_linked: Its contact, or company, has a counterpart.

    Raises:
        InputError: the values take too much room.
    """
    values = {**ledger.values, **changed}
    check_size(values)
    # By Salesforce's clock, the value that is replaced may come from a little later than now.
    # The new one must not look older, or the record it came from would bring the old one back.
    times = {name: max(now, ledger.times.get(name, now)) for name in changed}
    return replace(
        ledger,
        values=values,
        times={**ledger.times, **times},
        insisted=ledger.insisted - changed.keys(),
        passing=passed(ledger, changed, is_linked=is_linked),
    )


def changes(ledger: Ledger, wanted: Mapping[str, Value]) -> dict[str, Value]:
    """Return those of the values in normal form that *ledger* does not hold yet."""
    return {
        name: value
        for name, value in wanted.items()
        if name not in ledger.values or _differ(ledger.values[name], value)
    }


def _differ(ours: Value, wanted: Value) -> bool:
    """Return whether two values in normal form are different to people."""
    # `True == 1` in Python, but not for people.
    return ours != wanted or isinstance(ours, bool) != isinstance(wanted, bool)


def check_size(values: Mapping[str, Value]) -> None:
    """Check that the values of one contact, or of one member, can be stored.

    Raises:
        InputError: they are too large.
    """
    size = size_of(values.values())
    if size > MOST_BYTES:
        message = f"the values may take {MOST_BYTES} bytes altogether; these take {size}"
        raise InputError(message, field="fields")
