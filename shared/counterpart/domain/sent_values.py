"""What was sent to make a record: by this our own work is known again if its answer was lost.

A record that is met later holds what we sent, or what somebody entered there since. What we sent
was never entered by anybody there, however late the record's time is.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.contacts import Contact
from counterpart.domain.creation_requests import Sent
from counterpart.domain.keeping import meant
from counterpart.domain.policy import UNKNOWN
from counterpart.domain.values import same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Company
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import Record
    from counterpart.domain.subjects import Subject
    from counterpart.domain.values import Value

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
