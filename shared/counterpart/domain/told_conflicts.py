"""Conflicts as people are told of them: which side's value stands, and the one that was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.outcomes import Action, Outcome, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from counterpart.domain.merging import Conflict
    from counterpart.domain.records import Record


def told(
    conflicts: Iterable[Conflict], record: Record, *, subject_id: str, at: datetime
) -> list[Outcome]:
    """Return what is told of conflicts between a contact, or company, and its record."""
    return [
        Outcome(
            action=Action.CONFLICTED,
            reason=Reason.BOTH_CHANGED,
            at=at,
            object=record.object,
            record_id=record.id,
            subject_id=subject_id,
            field=conflict.field,
            kept="ours" if conflict.ours_won else "theirs",
            lost=None if conflict.lost is None else str(conflict.lost),
        )
        for conflict in conflicts
    ]
