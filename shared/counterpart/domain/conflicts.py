"""Two-way fields: what becomes of them by each conflict policy, as data.

The same tables decide in both directions, so that a pull and a push never undo one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.mapping import ConflictPolicy
from counterpart.domain.policy import (
    UNKNOWN,
    Because,
    Changed,
    Gate,
    Judgement,
    Sides,
    Verdict,
    changes,
    compare,
    gate_of,
)
from counterpart.domain.values import same

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.values import Value

# (policy) → who changed it → verdict: merges against the shadow, field by field.
BY_CHANGE = {
    ConflictPolicy.THREE_WAY: {
        Changed.NEITHER: Verdict.LEAVE,
        # Ours is sent even if the record is newer, because that field of it is not.
        Changed.OURS: Verdict.SEND,
        Changed.THEIRS: Verdict.TAKE,
        Changed.BOTH_OURS_LATER: Verdict.SEND,
        Changed.BOTH_THEIRS_LATER: Verdict.TAKE,
    },
    ConflictPolicy.SALESFORCE_WINS: {
        Changed.NEITHER: Verdict.LEAVE,
        Changed.OURS: Verdict.SEND,
        Changed.THEIRS: Verdict.TAKE,
        # A value that is not the shadow is a change that we have not pulled yet.
        Changed.BOTH_OURS_LATER: Verdict.TAKE,
        Changed.BOTH_THEIRS_LATER: Verdict.TAKE,
    },
}

# (gate, sides) → verdict: the record's clock stands for every field of it. A newer record replaces
# even an edit of ours that has not gone out yet, and that nobody there has touched.
NEWEST_RECORD = {
    (Gate.OPEN, Sides.EQUAL): Verdict.LEAVE,
    (Gate.OPEN, Sides.DIFFER): Verdict.TAKE,
    (Gate.OPEN, Sides.ONLY_OURS): Verdict.TAKE,
    (Gate.OPEN, Sides.ONLY_THEIRS): Verdict.TAKE,
    (Gate.CLOSED, Sides.EQUAL): Verdict.LEAVE,
    (Gate.CLOSED, Sides.DIFFER): Verdict.SEND,
    (Gate.CLOSED, Sides.ONLY_OURS): Verdict.SEND,
    # Our field has a time, so it was cleared by somebody.
    (Gate.CLOSED, Sides.ONLY_THEIRS): Verdict.SEND,
}


def judge_two_way(
    field: FieldMapping,
    *,
    ours: Value,
    theirs: Value,
    shadow: Value | object,
    our_time: datetime | None,
    modified_at: datetime,
    echo: bool,
    said: bool = False,
) -> Judgement:
    """Return what becomes of a two-way field, in either direction.

    For the arguments, see `gate_of`, and for *said* `changes`.
    """
    blank = _blank_that_stays(field, ours=ours, theirs=theirs, shadow=shadow)
    if blank:
        return Judgement(blank, (Because.BLANK_IS_KEPT_OUT,))
    if field.conflict is not ConflictPolicy.NEWEST_RECORD:
        who = changes(
            field.type,
            ours=ours,
            theirs=theirs,
            shadow=shadow,
            our_time=our_time,
            their_time=modified_at,
            said=said,
        )
        return Judgement(BY_CHANGE[field.conflict][who], (who,))

    sides = compare(field, ours=ours, theirs=theirs)
    if shadow is UNKNOWN and not said and sides in {Sides.ONLY_OURS, Sides.ONLY_THEIRS}:
        verdict = Verdict.SEND if sides is Sides.ONLY_OURS else Verdict.TAKE
        return Judgement(verdict, (Because.FIRST_MEETING, sides))
    if our_time is None:
        # Ours was never set, so whatever is there is news, be it what we put in for it.
        gate = Gate.OPEN
    else:
        gate = gate_of(
            field.type,
            ours=ours,
            theirs=theirs,
            shadow=shadow,
            our_time=our_time,
            modified_at=modified_at,
            echo=echo,
        )
    return Judgement(NEWEST_RECORD[gate, sides], (gate, sides))


def _blank_that_stays(
    field: FieldMapping, *, ours: Value, theirs: Value, shadow: Value | object
) -> Verdict | None:
    """Return what becomes of a field of which one side is blank, where blanks overwrite nothing.

    The blank says nothing, so only what the other side has done since both agreed counts.
    """
    if field.blank_overwrites or (ours is None) == (theirs is None):
        return None
    filled, verdict = (theirs, Verdict.TAKE) if ours is None else (ours, Verdict.SEND)
    known = shadow is not UNKNOWN and same(field.type, filled, shadow)  # type: ignore[arg-type] # not UNKNOWN
    return Verdict.LEAVE if known else verdict
