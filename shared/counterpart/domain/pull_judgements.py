"""Judging a pull: what a record that comes in does to one field of ours, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.conflicts import judge_two_way
from counterpart.domain.emails import is_address
from counterpart.domain.keeping import fitted
from counterpart.domain.mapping import EMAIL, Mode
from counterpart.domain.passing_values import is_said
from counterpart.domain.policy import (
    PULL,
    UNKNOWN,
    Because,
    Judgement,
    Verdict,
    compare,
    gate_of,
    lifted,
)
from counterpart.domain.values import same

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.contacts import Ledger
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import Readable
    from counterpart.domain.values import Value


def pulled(
    field: FieldMapping,
    ledger: Ledger,
    record: Readable,
    theirs: Value,
    *,
    written_until: datetime | None,
) -> Judgement:
    """Return what a pull of *record* does with one field, and why.

    Args:
        field: Which.
        ledger: What we know of the contact or company.
        record: Its counterpart, as just read.
        theirs: What that holds, as it is meant here.
        written_until: As for `merge_record`.
    """
    name = field.name
    return judge_pull(
        field,
        ours=fitted(field, record.object, ledger.values.get(name)),
        theirs=theirs,
        shadow=ledger.shadows.get(name, UNKNOWN),
        our_time=ledger.times.get(name),
        modified_at=record.modified_at,
        echo=is_echo(record, written_until),
        said=is_said(ledger, name),
    )


def is_echo(record: Readable, written_until: datetime | None) -> bool:
    """Return whether nobody has changed *record* since we last wrote to it ourselves."""
    return written_until is not None and record.modified_at <= written_until


def judge_pull(
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
    """Return what a record that comes in does to one field, and why.

    Args:
        field: Which, and by which mode.
        ours: Our value.
        theirs: The record's.
        shadow: What Salesforce was last known to hold, or `UNKNOWN`.
        our_time: When our value became what it is; `None` if it never had one.
        modified_at: When a user last changed the record.
        echo: Nobody has changed the record since we wrote to it.
        said: Somebody has said ours, although it may look like no edit.
    """
    filled = theirs is None and field.mode is Mode.PREFER_SALESFORCE
    if field.name == EMAIL and not is_address(theirs) and not filled:
        # An address identifies a person: a blank or broken one never replaces ours.
        return Judgement(Verdict.LEAVE, (Because.NO_ADDRESS,))
    if lifted(field, ours=ours, shadow=shadow):
        return Judgement(Verdict.SEND if theirs else Verdict.LEAVE, (Because.LIFTED,))
    if field.mode is Mode.TWO_WAY:
        return judge_two_way(
            field,
            ours=ours,
            theirs=theirs,
            shadow=shadow,
            our_time=our_time,
            modified_at=modified_at,
            echo=echo,
            said=said,
        )
    if filled and echo and ours is not None:
        ours_was_there = shadow is not UNKNOWN and same(field.type, ours, shadow)  # type: ignore[arg-type] # not UNKNOWN
        if ours_was_there:
            # By automation: whatever was blank when we read it before our write went along with it.
            return Judgement(Verdict.LEAVE, (Because.CLEARED_AT_ONCE,))
    sides = compare(field, ours=ours, theirs=theirs)
    gate = gate_of(
        field.type,
        ours=ours,
        theirs=theirs,
        shadow=shadow,
        our_time=our_time,
        modified_at=modified_at,
        echo=echo,
    )
    verdict = PULL[field.mode][gate, sides]
    if verdict is Verdict.TAKE and theirs is None and not field.blank_overwrites:
        return Judgement(Verdict.LEAVE, (Because.BLANK_IS_KEPT_OUT,))
    return Judgement(verdict, (gate, sides))
