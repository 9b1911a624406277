"""Readings of a counterpart: what each is judged against, and how far it is our own writing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.links import LinkedBy
from counterpart.domain.moved_places import without_elsewhere
from counterpart.domain.passing_values import brought
from counterpart.domain.pushing import having_seen
from counterpart.domain.sent_values import is_untouched, ours_there, sent_to
from counterpart.domain.subjects import Subject
from counterpart.domain.written_over import putting_back, written_over

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Ledger
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import Record
    from counterpart.domain.values import Value


def ledger_against(subject: Subject, record: Record, fields: Sequence[FieldMapping]) -> Ledger:
    """Return what is known of *subject*, as far as it says something about this record.

    The winner of a merge has never been met. What it leaves blank, nobody has cleared; what it
    holds instead of the loser's value, the merge has chosen. The Contact that a lead became gets
    all standard fields of the lead, so a blank there is one that somebody made; but of custom
    fields only those come along that the org's administrator has mapped.

    Args:
        subject: Ours.
        record: Its counterpart, as just read.
        fields: The mapping for this object.
    """
    counterpart = subject.counterpart
    subject = without_elsewhere(subject, record, fields)
    carried_over = _carried(subject, record)
    insisted = subject.ledger.insisted | written_over(subject.ledger, carried_over, fields)
    arrived = {
        **brought(subject.ledger, record, fields),
        **carried_over,
        **ours_there(subject.ledger, sent_to(subject, record), record, fields),
    }
    unmet = counterpart.linked_by if counterpart and not counterpart.modstamp else None
    merged, converted = unmet is LinkedBy.MERGE, unmet is LinkedBy.CONVERSION
    if not merged and not converted:
        if not arrived:
            return subject.ledger
        # What a job has brought is nobody's edit there, however late the record's time is.
        ledger = having_seen(subject.ledger, carried_over)
        shadows = {**ledger.shadows, **arrived}
        return replace(ledger, shadows=shadows, insisted=insisted)
    carried = {
        field.name
        for field in fields
        if converted and not field.paths.get(record.object, "").lower().endswith("__c")
    }
    shadows = {
        name: shadow
        for name, shadow in subject.ledger.shadows.items()
        if name in carried or shadow is None or record.values.get(name, shadow) is not None
    }
    return replace(subject.ledger, shadows=shadows | arrived, insisted=insisted)


def written_until(
    subject: Subject, record: Record, fields: Sequence[FieldMapping]
) -> datetime | None:
    """Return until when, by Salesforce's clock, we wrote to this record ourselves.

    While a job is under way nobody knows when it writes; a record that holds what it carries was
    written by it. So was one that holds just what was sent to make it.
    """
    if _carried(subject, record) or is_untouched(sent_to(subject, record), record, fields):
        return record.modified_at
    return subject.counterpart.written_until if subject.counterpart else None


def landed(
    subject: Subject, record: Record, fields: Sequence[FieldMapping], *, now: datetime
) -> Subject:
    """Return *subject* as one whose job has written to *record*, if that holds what it carries.

    The job may have ended unseen, and whoever was edited meanwhile is let go of it: what it wrote
    must not look like a value of theirs afterwards.
    """
    carried, counterpart = _carried(subject, record), subject.counterpart
    if not carried or counterpart is None:
        return subject
    after = replace(
        subject,
        ledger=having_seen(subject.ledger, carried),
        counterpart=replace(counterpart, written_at=now, written_until=record.modified_at),
    )
    return putting_back(after, subject.ledger, carried, fields)


def _carried(subject: Subject, record: Record) -> dict[str, Value]:
    """Return what a job carries, as far as this record holds it already."""
    flight = subject.in_flight
    if flight is None or flight.record_id != record.id:
        return {}
    return {
        name: value
        for name, value in flight.sent.items()
        if name in record.values and record.values[name] == value
    }
