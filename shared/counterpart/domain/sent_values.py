"""What was sent to make a record: by this our own work is known again if its answer was lost.

A record that is met later holds what we sent, or what somebody entered there since. What we sent
counts as entered by nobody there, however late the record's time is; but if somebody has changed
the record since, they may have entered just that, and what is lost by it is told.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from counterpart.domain.contacts import Contact
from counterpart.domain.creation_requests import Sent
from counterpart.domain.keeping import meant, same_there
from counterpart.domain.mapping import OPTED_OUT, Mode
from counterpart.domain.passing_values import SKEW
from counterpart.domain.policy import UNKNOWN
from counterpart.domain.values import same

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Company, Ledger
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import Record
    from counterpart.domain.subjects import Subject
    from counterpart.domain.values import Value

Item = TypeVar("Item")

# The modes in which what somebody enters there may have to stand against ours.
_NEWER_WINS = frozenset({Mode.TWO_WAY, Mode.RESTRICTIVE_WINS})

# Longer than any try lasts from its beginning until it takes effect in Salesforce.
ON_ITS_WAY = timedelta(minutes=15)


def with_try(sent: Sent | None, values: Mapping[str, Value], *, at: datetime) -> Sent:
    """Return what was sent, once a try sends these values, too; the same if nothing is new."""
    known = sent.values if sent else {}
    new = {name: value for name, value in values.items() if value not in known.get(name, ())}
    if sent and not new and sent.at == at:
        return sent
    return Sent(
        values={**known, **{name: (*known.get(name, ()), value) for name, value in new.items()}},
        at=at,
    )


def tried(contact: Contact, read: Contact, values: Mapping[str, Value], *, at: datetime) -> Contact:
    """Return *contact* once a try sends these values for it.

    What stands there for a blank of ours is no value that anybody cleared: before its record is
    met, a blank says nothing, whether it was ever filled or not. So it counts as never filled, and
    does not go out over what Salesforce insists on.

    Args:
        contact: As it is stored.
        read: As it was when the values were chosen.
        values: What is sent, by our field names.
        at: By our clock.
    """
    sent = with_try(contact.sent, values, at=at)
    if sent is contact.sent:
        return contact
    ledger, before = contact.ledger, read.ledger
    blank = {
        name
        for name, value in values.items()
        if value not in {None, False}
        and before.values.get(name, UNKNOWN) is None
        and ledger.times.get(name) == before.times.get(name)
        # An earlier try may have brought what was cleared since.
        and sent.values[name] == (value,)
    }
    if not blank:
        return replace(contact, sent=sent)
    never_filled = replace(
        ledger,
        values=_without(ledger.values, blank),
        times=_without(ledger.times, blank),
        insisted=ledger.insisted - blank,
        passing=_without(ledger.passing, blank),
    )
    return replace(contact, sent=sent, ledger=never_filled)


def _without(items: Mapping[str, Item], names: Collection[str]) -> dict[str, Item]:
    return {name: item for name, item in items.items() if name not in names}


def both_sent(own: Sent | None, other: Sent | None) -> Sent | None:
    """Return what was sent of two contacts that become one."""
    if own is None or other is None:
        return own or other
    values = dict(own.values)
    for name, sent in other.values.items():
        known = values.get(name, ())
        values[name] = (*known, *(value for value in sent if value not in known))
    return Sent(values=values, at=max(own.at, other.at))


def recognised(
    sent: Mapping[str, Sequence[Value]], record: Record, fields: Sequence[FieldMapping]
) -> dict[str, Value]:
    """Return what a record holds of what was sent, by our field names, as it was sent."""
    found: dict[str, Value] = {}
    if not sent:
        # So it is for nearly every record of a pull.
        return found
    for field in fields:
        if field.name not in record.values:
            continue
        held = (one for one in sent.get(field.name, ()) if _holds(record, field, one))
        for value in held:
            found[field.name] = value
    return found


def ours_there(
    ledger: Ledger,
    sent: Mapping[str, Sequence[Value]],
    record: Record,
    fields: Sequence[FieldMapping],
) -> dict[str, Value]:
    """Return what a record holds of what was sent, and nobody is taken to have entered there.

    In doubt a refusal is one that somebody has given there, and that nobody has lifted.
    """
    found = recognised(sent, record, fields)
    lifted_at = ledger.times.get(OPTED_OUT)
    lifts = found.get(OPTED_OUT) is True and ledger.values.get(OPTED_OUT) is False
    if lifts and lifted_at and record.modified_at > lifted_at - SKEW:
        del found[OPTED_OUT]
    return found


def doubtful(
    subject: Contact | Company, record: Record, fields: Sequence[FieldMapping]
) -> dict[str, Value]:
    """Return what somebody may have entered that a record holds of what was sent, by our names.

    Ours is another by now, Salesforce was not known to hold it, and by its time the record was
    changed after the last try; of a refusal it is enough that it counts as theirs.
    """
    sent, ledger = sent_to(subject, record), subject.ledger
    last = subject.sent.at if isinstance(subject, Contact) and subject.sent else None
    if not sent or last is None:
        return {}
    found = recognised(sent, record, fields)
    if record.modified_at <= last + SKEW:
        as_ours = ours_there(ledger, sent, record, fields)
        found = {name: value for name, value in found.items() if name not in as_ours}
    return {
        field.name: found[field.name]
        for field in fields
        if field.mode in _NEWER_WINS and field.name in found and field.name in ledger.values
        if ledger.shadows.get(field.name, UNKNOWN) != found[field.name]
        if not same_there(field, record.object, ledger.values[field.name], found[field.name])
    }


def _holds(record: Record, field: FieldMapping, sent: Value) -> bool:
    """Return whether *record* holds what was sent, as its place keeps that."""
    there = record.values[field.name]
    theirs = meant(field, record.object, there, ours=sent, shadow=UNKNOWN)
    return same(field.type, sent, theirs)


def is_untouched(
    sent: Mapping[str, Sequence[Value]], record: Record, fields: Sequence[FieldMapping]
) -> bool:
    """Return whether a record holds just what was sent."""
    if not sent:
        return False
    shown = {field.name for field in fields if field.name in record.values}
    return recognised(sent, record, fields).keys() == shown


def sent_to(subject: Contact | Company, record: Record) -> Mapping[str, Sequence[Value]]:
    """Return what of a try may be found in a record.

    At the first meeting it may be any of it. Afterwards it is what took effect since, which a
    change that somebody made long after the last try does not come from.
    """
    sent = subject.sent if isinstance(subject, Contact) else None
    if sent is None:
        return {}
    counterpart = subject.counterpart
    has_met = counterpart and (counterpart.modstamp or counterpart.written_until)
    if has_met and record.modified_at > sent.at + ON_ITS_WAY:
        return {}
    return sent.values


def met(subject: Subject, *, now: datetime, answered: Mapping[str, Value] | None = None) -> Subject:
    """Return *subject* after it met its record: what was sent is forgotten, unless it may be late.

    Args:
        subject: A contact, or a company, of which nothing is ever kept.
        now: By our clock.
        answered: What a try has sent that was answered. If it is all that was, none is left.
    """
    if not isinstance(subject, Contact):
        return subject
    if subject.sent is None:
        return subject
    if now - subject.sent.at <= ON_ITS_WAY:
        kept = subject.sent.values
        if answered is None or any(kept[name] != (answered.get(name),) for name in kept):
            return subject
    return replace(subject, sent=None)
