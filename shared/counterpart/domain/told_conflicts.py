"""Conflicts as people are told of them: which side's value stands, and the one that was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.outcomes import Action, Outcome, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from counterpart.domain.merging import Conflict
    from counterpart.domain.records import Record
    from counterpart.domain.values import Value


def told(
    conflicts: Iterable[Conflict], record: Record, *, subject_id: str, at: datetime
) -> list[Outcome]:
    """Return what is told of conflicts between a contact, or company, and its record."""
    return [
        lost_value(
            conflict.field,
            conflict.lost,
            record,
            kept="ours" if conflict.ours_won else "theirs",
            subject_id=subject_id,
            at=at,
        )
        for conflict in conflicts
    ]


def lost_value(
    name: str, lost: Value, record: Record, *, kept: str, subject_id: str, at: datetime
) -> Outcome:
    """Return what is told of one value that was lost, and of the side whose value stands."""
    return Outcome(
        action=Action.CONFLICTED,
        reason=Reason.BOTH_CHANGED,
        at=at,
        object=record.object,
        record_id=record.id,
        subject_id=subject_id,
        field=name,
        kept=kept,
        lost=None if lost is None else str(lost),
    )
