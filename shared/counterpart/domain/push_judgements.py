"""Judging a push: what it does with one field of ours, seen against what is there now, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.conflicts import judge_two_way
from counterpart.domain.emails import is_address
from counterpart.domain.keeping import fitted, meant
from counterpart.domain.mapping import EMAIL, Mode
from counterpart.domain.openings import WHILE_PAUSED
from counterpart.domain.outgoing_fields import goes_out, pending, refuses
from counterpart.domain.passing_values import is_said
from counterpart.domain.policy import PUSH, UNKNOWN, Because, Judgement, Verdict, compare, lifted
from counterpart.domain.pull_judgements import is_echo
from counterpart.domain.values import same

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.contacts import Ledger
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import Readable
    from counterpart.domain.values import Value


def judge_push(
    field: FieldMapping,
    ledger: Ledger,
    record: Readable,
    *,
    open_since: datetime | None,
    written_until: datetime | None = None,
) -> Judgement:
    """Return what a push does with one field of ours, and why; the arguments of `plan_push`."""
    because = _settled_before(field, ledger, record, open_since)
    if because:
        return Judgement(Verdict.LEAVE, (because,))
    name = field.name
    ours = fitted(field, record.object, ledger.values[name])
    theirs = theirs_as_meant(field, ledger, record)
    if lifted(field, ours=ours, shadow=ledger.shadows.get(name, UNKNOWN)):
        return Judgement(Verdict.SEND, (Because.LIFTED,))
    if name in ledger.insisted and goes_out(field):
        later = record.modified_at > ledger.times[name]
        if not later or same(field.type, theirs, ledger.shadows.get(name)):
            return Judgement(Verdict.SEND, (Because.INSISTED,))
    if field.mode is not Mode.TWO_WAY:
        sides = compare(field, ours=ours, theirs=theirs)
        return Judgement(PUSH[field.mode][sides], (sides,))
    verdict, row = judge_two_way(
        field,
        ours=ours,
        theirs=theirs,
        shadow=ledger.shadows.get(name, UNKNOWN),
        our_time=ledger.times.get(name),
        modified_at=record.modified_at,
        echo=is_echo(record, written_until),
        said=is_said(ledger, name),
    )
    if name == EMAIL and verdict is Verdict.TAKE and not is_address(theirs):
        # No pull would ever bring it, and ours would stay outside for good.
        return Judgement(Verdict.SEND, (*row, Because.ADDRESS_STANDS))
    return Judgement(verdict, row)


def _settled_before(
    field: FieldMapping, ledger: Ledger, record: Readable, open_since: datetime | None
) -> Because | None:
    """Return why no table is asked about a field, or `None` if one is."""
    name = field.name
    waits = pending(ledger, field, record.object) or _fills(field, ledger, record)
    put_back = name in ledger.passing
    insists = name in ledger.insisted and goes_out(field)
    if not waits and (put_back or insists) and _agree(field, ledger, record):
        # What it was in between never arrived, or is gone from there.
        return Because.AGREED
    # Where ours always stands, putting it back says that it stands; and whoever insists on ours
    # may know better than we what is there by now.
    if not waits and not insists and not (put_back and field.mode is Mode.ALWAYS_OURS):
        never = ledger.values.get(name) is None and name not in ledger.shadows
        return Because.NEVER_SET if never else Because.NOTHING_NEW
    if not field.writes_to(record.object):
        return Because.NOT_WRITABLE
    our_time = ledger.times.get(name)
    too_old = open_since and (our_time is None or our_time < open_since)
    if too_old and not refuses(ledger, field):
        paused = open_since == WHILE_PAUSED
        return Because.OUTBOUND_PAUSED if paused else Because.BEFORE_SWITCHED_ON
    if name not in record.values:
        return not_shown(name, record)
    return Because.AGREED if _agree(field, ledger, record) else None


def not_shown(name: str, record: Readable) -> Because:
    """Return why a record, as it was read, does not show one of our fields."""
    return Because.UNREADABLE if name in record.unreadable else Because.NOT_SHOWN


def _fills(field: FieldMapping, ledger: Ledger, record: Readable) -> bool:
    """Return whether somebody there has cleared what the mode fills, and no pull has seen that."""
    cleared = record.values.get(field.name, UNKNOWN) is None
    prefers = field.mode is Mode.PREFER_SALESFORCE
    return prefers and cleared and ledger.values.get(field.name) is not None


def _agree(field: FieldMapping, ledger: Ledger, record: Readable) -> bool:
    """Return whether the record shows the field, and holds what we do."""
    if field.name not in record.values:
        return False
    ours = fitted(field, record.object, ledger.values[field.name])
    return same(field.type, ours, theirs_as_meant(field, ledger, record))


def theirs_as_meant(field: FieldMapping, ledger: Ledger, record: Readable) -> Value:
    """Return what the record holds, as it is meant here."""
    name = field.name
    return meant(
        field,
        record.object,
        record.values[name],
        ours=ledger.values.get(name),
        shadow=ledger.shadows.get(name, UNKNOWN),
    )
