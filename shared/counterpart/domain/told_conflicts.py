"""Conflicts as people are told of them: which side's value stands, and the one that was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.domain.policy import UNKNOWN
from counterpart.domain.sent_values import doubtful

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Company, Contact, Ledger
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.merging import Conflict
    from counterpart.domain.records import AnyObject, Record
    from counterpart.domain.values import Value


class Named(Protocol):
    """A row of Salesforce's, as far as somebody who is told of it has to know it."""

    @property
    def object(self) -> AnyObject: ...

    @property
    def id(self) -> str: ...


def told(
    conflicts: Iterable[Conflict], record: Named, *, subject_id: str, at: datetime
) -> list[Outcome]:
    """Return what is told of conflicts between a contact, company or member and its record."""
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


def told_of_doubts(
    subject: Contact | Company,
    after: Ledger,
    record: Record,
    fields: Sequence[FieldMapping],
    *,
    at: datetime,
) -> list[Outcome]:
    """Return what is told of values that count as sent by us, and may have been entered there.

    Args:
        subject: As it was before *record* was looked at.
        after: What it knows then.
        record: Its counterpart.
        fields: The mapping for its object.
        at: By our clock.
    """
    before, outcomes = subject.ledger, []
    for name, theirs in doubtful(subject, record, fields).items():
        ours = before.values[name]
        if after.values[name] == ours:
            kept, lost = "ours", theirs
        elif before.shadows.get(name, UNKNOWN) == ours:
            # Theirs came after both had agreed, so nothing is lost.
            continue
        else:
            kept, lost = "theirs", ours
        outcomes.append(lost_value(name, lost, record, kept=kept, subject_id=subject.id, at=at))
    return outcomes


def undone_opt_in(record: Named, *, subject_id: str, at: datetime) -> Outcome:
    """Return what is told of an opt-in over which a refusal stands that may be a later one."""
    wanted = False
    return lost_value(OPTED_OUT, wanted, record, kept="theirs", subject_id=subject_id, at=at)


def conflicts_among(outcomes: Iterable[Outcome]) -> tuple[list[Outcome], list[Outcome]]:
    """Return the conflicts of some outcomes, and the rest, each in their order.

    What is lost is told before it is lost, since nothing shows afterwards that it was there; the
    rest can still be seen after a crash, or was not lost.
    """
    conflicts: list[Outcome] = []
    rest: list[Outcome] = []
    for each in outcomes:
        (conflicts if each.action is Action.CONFLICTED else rest).append(each)
    return conflicts, rest


def lost_values(
    lost: Mapping[str, Value], record: Named, *, kept: str, subject_id: str, at: datetime
) -> list[Outcome]:
    """Return what is told of values that were lost, by our field names, to the same side."""
    return [
        lost_value(name, value, record, kept=kept, subject_id=subject_id, at=at)
        for name, value in lost.items()
    ]


def lost_value(
    name: str, lost: Value, record: Named, *, kept: str, subject_id: str, at: datetime
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
