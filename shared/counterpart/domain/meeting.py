"""A contact meets a record that exists: whose values stand when both have some already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.keeping import meant
from counterpart.domain.merging import merge_record
from counterpart.domain.policy import UNKNOWN
from counterpart.domain.values import same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.contacts import Ledger
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import Record
    from counterpart.domain.values import Value


@dataclass(frozen=True, kw_only=True, slots=True)
class Meeting:
    """What comes of a meeting.

    Attributes:
        ledger: What is known of each field from now on.
        untouched: The record holds just what we would have written to it ourselves.
    """

    ledger: Ledger
    untouched: bool


def meet(
    ledger: Ledger, record: Record, fields: Sequence[FieldMapping], *, sent: Mapping[str, Value]
) -> Meeting:
    """Return what comes of it: what was never seen before is settled by whose is later.

    Args:
        ledger: Ours; what Salesforce held of an earlier counterpart says nothing here.
        record: As just read.
        fields: The mapping for its object.
        sent: What we would write to it, by our field names, if it bears our id; nothing otherwise.
            Where it holds that, we wrote it, and nobody is taken to have entered it there.
    """
    mapped = {field.name: field for field in fields}
    values = record.values
    written = {
        name: value
        for name, value in sent.items()
        if name in values and _holds(mapped[name], record, value)
    }
    entered = {name: value for name, value in values.items() if name not in written}
    merge = merge_record(
        replace(ledger, shadows=written),
        replace(record, values=entered),
        fields,
        written_until=None,
    )
    return Meeting(ledger=merge.ledger, untouched=bool(sent) and not entered)


def _holds(field: FieldMapping, record: Record, sent: Value) -> bool:
    """Return whether *record* holds what was sent, as its place keeps that."""
    there = record.values[field.name]
    theirs = meant(field, record.object, there, ours=sent, shadow=UNKNOWN)
    return same(field.type, sent, theirs)
