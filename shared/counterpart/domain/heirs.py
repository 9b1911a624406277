"""Heirs: which record took over from another, that was merged or converted, and who is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.lifting import was_there_before
from counterpart.domain.links import Counterpart, LinkedBy, LinkState
from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.marking import mark
from counterpart.domain.records import SObject
from counterpart.domain.waiting import Lane

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from counterpart.domain.contacts import Ledger
    from counterpart.domain.records import Record
    from counterpart.domain.subjects import Subject
    from counterpart.domain.values import Value

# A chain of merges longer than this is followed on the next pass.
_LONGEST_CHAIN = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Heir:
    """The record that took over, and by what: a conversion, merges, or both one after another.

    Attributes:
        was_there: It, or one on the way to it, may have been there before it took over.
    """

    record_id: str
    object: SObject
    converted: bool
    merged: bool
    was_there: bool

    @property
    def by(self) -> LinkedBy:
        """How the link came about: of a merge on the way, values may have been left behind."""
        return LinkedBy.MERGE if self.merged else LinkedBy.CONVERSION

    @property
    def origin(self) -> LinkedBy | None:
        """What the link's story begins with, if that is new."""
        return LinkedBy.CONVERSION if self.converted and self.merged else None


def heir_of(record: Record, rows: Mapping[str, Record], *, in_bin: bool = False) -> Heir | None:
    """Return what a record lives on as, followed as far as is known; `None` if it doesn't.

    Args:
        record: That is gone.
        rows: What is known of others, by id.
        in_bin: What it would live on as counts, too, if that was deleted and may come back.
    """
    heir: Heir | None = None
    row: Record | None = record
    for _ in range(_LONGEST_CHAIN):
        if row is None:
            break
        if row.conversion and row.conversion.contact_id:
            merged = heir is not None and heir.merged
            contact_id = row.conversion.contact_id
            heir = Heir(
                record_id=contact_id,
                object=SObject.CONTACT,
                converted=True,
                merged=merged,
                was_there=merged or was_there_before(row, rows.get(contact_id)),
            )
        elif row.master_id:
            converted = heir is not None and heir.converted
            heir = Heir(
                record_id=row.master_id,
                object=row.object,
                converted=converted,
                merged=True,
                was_there=True,
            )
        else:
            is_over = row.conversion or (row.deleted and not in_bin)
            return None if is_over else heir
        row = rows.get(heir.record_id)
    return heir


def ended_by(record: Record) -> LinkState:
    """Return how the link of a record that is gone has ended."""
    if record.conversion:
        return LinkState.CONVERTED
    return LinkState.MERGED if record.master_id else LinkState.DELETED_THERE


def as_counterpart(heir: Heir, before: Counterpart | None, *, now: datetime) -> Counterpart:
    """Return an heir as the counterpart of whoever was linked to *before*."""
    began_by = before.began_by if before else None
    return Counterpart(
        record_id=heir.record_id,
        object=heir.object,
        linked_at=now,
        linked_by=heir.by,
        origin=heir.origin if heir.converted else began_by,
        came_from=before.came_from if before else None,
    )


def nearest_first(gone: Iterable[Record], rows: Mapping[str, Record]) -> list[Record]:
    """Return records that are gone, those that took over from others before those others.

    Of several people whose records became one, whoever had the one that went last keeps it, as if
    each had been read by a pull of its own.

    Args:
        gone: In the order they were read.
        rows: What is known of others, by id.
    """
    return sorted(gone, key=lambda record: _steps(record, rows))


def _steps(record: Record, rows: Mapping[str, Record]) -> int:
    """Return how many others took over from *record*, one after the other, as far as is known."""
    steps, row = 0, rows.get(record.id)
    while row and steps < _LONGEST_CHAIN:
        heir_id = row.conversion.contact_id if row.conversion else row.master_id
        if heir_id is None:
            break
        row = rows.get(heir_id)
        steps += 1
    return steps


def untold(subject: Subject) -> Subject:
    """Return *subject*, whose record has an heir, as if that were not told of a refusal."""
    ledger = subject.ledger
    return replace(subject, ledger=replace(ledger, shadows=told_to_none(ledger, ledger.shadows)))


def told_to_none(ledger: Ledger, shadows: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return what was seen of a record, without the refusal of ours that it was told of.

    Its heir may hold another answer, by the choice of whoever merged the two, or since it was there
    before the lead that was converted into it.
    """
    if ledger.values.get(OPTED_OUT) is not True:
        return shadows
    return {name: shadow for name, shadow in shadows.items() if name != OPTED_OUT}


def to_be_told(subject: Subject, *, now: datetime) -> Subject:
    """Return *subject*, a record of which has an heir, marked if it refuses to be mailed.

    No pull may ever read the heir; a push sees to it that it learns of the refusal.
    """
    if subject.ledger.values.get(OPTED_OUT) is not True:
        return subject
    return replace(subject, waiting=mark(subject.waiting, lane=Lane.FRESH, now=now))
