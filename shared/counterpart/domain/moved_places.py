"""Moved places: fields that lie elsewhere in Salesforce by now than where they were last seen.

What is known of a field was seen in one place. Once it is mapped to another, it has never been met
there until its record is judged anew, be it by a change, a backfill, a meeting or a push.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.subjects import Subject

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Ledger
    from counterpart.domain.links import Counterpart
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import AnyObject, Record


def new_places(
    fields: Sequence[FieldMapping], sobject: AnyObject, since: datetime
) -> dict[str, datetime]:
    """Return the fields that were given their places on *sobject* after some moment, and when."""
    return {
        field.name: moment
        for field in fields
        if field.mapped_at and (moment := field.mapped_at.get(sobject, since)) > since
    }


def moved(subject: Subject, fields: Sequence[FieldMapping]) -> dict[str, datetime]:
    """Return the fields of *subject* that got their places after they were last seen, and when."""
    counterpart = subject.counterpart
    if counterpart is None or counterpart.modstamp is None:
        return {}
    later = new_places(fields, counterpart.object, counterpart.modstamp)
    return {name: at for name, at in later.items() if counterpart.placed.get(name) != at}


def without_elsewhere(subject: Subject, record: Record, fields: Sequence[FieldMapping]) -> Subject:
    """Return *subject* without what was seen of this record in places that its fields have no more.

    Nobody has cleared the blank of a place that was never met. But who cleared ours after it was
    given that place has said something, whatever is there.
    """
    since = moved(subject, fields)
    if not since:
        # So it is for nearly every record of a pull.
        return subject
    elsewhere = {
        name: moment
        for name, moment in since.items()
        # What the record does not show is not learned from it either.
        if name in subject.ledger.shadows and name in record.values
    }
    return replace(subject, ledger=_without(subject.ledger, elsewhere)) if elsewhere else subject


def met_in(record: Record, fields: Sequence[FieldMapping]) -> dict[str, datetime]:
    """Return when the places were given in which fields are met that *record* shows.

    Of those that it has been changed since, its own stamp tells.
    """
    later = new_places(fields, record.object, record.modstamp)
    return {name: moment for name, moment in later.items() if name in record.values}


def placed(
    counterpart: Counterpart,
    fields: Sequence[FieldMapping],
    *,
    seen: Collection[str],
    applied: datetime,
) -> dict[str, datetime]:
    """Return when the places were given in which fields were seen, by their names.

    Args:
        counterpart: As it was.
        fields: The mapping for its object.
        seen: The fields that were just seen, or written, in their places.
        applied: The version of the record that counts as applied, which tells of the rest.
    """
    later = new_places(fields, counterpart.object, applied)
    before = counterpart.placed
    return {
        name: moment for name, moment in later.items() if name in seen or before.get(name) == moment
    }


def learned(
    counterpart: Counterpart, fields: Sequence[FieldMapping], names: Collection[str]
) -> Counterpart:
    """Return *counterpart* once a push has seen, or written, these fields in their places."""
    if counterpart.modstamp is None:
        return counterpart
    places = placed(counterpart, fields, seen=names, applied=counterpart.modstamp)
    if not places:
        # So it is for nearly everybody.
        return counterpart
    # Who wrote may not know by which mapping.
    return replace(counterpart, placed={**counterpart.placed, **places})


def _without(ledger: Ledger, moved_at: Mapping[str, datetime]) -> Ledger:
    """Return *ledger* without what was seen of these fields, which moved then.

    Who cleared ours has said something, if that was after the move, or had not gone out before it.
    """
    shadows, passing = dict(ledger.shadows), dict(ledger.passing)
    for name, moment in moved_at.items():
        shadow = shadows.pop(name)
        cleared = name in ledger.times and ledger.values.get(name) is None
        if cleared and (shadow is not None or ledger.times[name] > moment):
            passing[name] = (*passing.get(name, ()), shadow)
    return replace(ledger, shadows=shadows, passing=passing)
