"""Values in passing: what ours was for a while, between two sights of the same in Salesforce.

Somebody changes a value and puts it back, which looks like no edit. But a push may have brought the
one in between to Salesforce without an answer, and would be met there as if somebody had entered
it. So it is remembered, and what is no newer than the moment at which it was put back is ours; so
it is if it was changed once more, as of two clocks the one there may be ahead.
While it is remembered, whoever replaces ours replaces what was said here, and that is told.

What a field was that was never seen there, and is cleared here, is remembered, too: who clears it
of somebody who is linked has something to say, which the blank itself does not tell.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.keeping import meant, same_there
from counterpart.domain.mapping import Mode
from counterpart.domain.policy import UNKNOWN
from counterpart.domain.room import size_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from counterpart.domain.contacts import Ledger
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import Readable
    from counterpart.domain.values import Value

# Between two clocks.
SKEW = timedelta(minutes=1)

# Nobody edits a field more often before it has gone out; a program that does is no reason to keep
# all of it.
_MOST = 5
# In bytes, for all fields together: long texts are not remembered, as there is no room for them.
_ROOM = 8 * 1024


def passed(
    ledger: Ledger, changed: Mapping[str, Value], *, is_linked: bool
) -> Mapping[str, Sequence[Value]]:
    """Return the values in passing of a ledger that is about to hold *changed*."""
    after = dict(ledger.passing)
    for name, value in changed.items():
        ours = ledger.values.get(name)
        if name in ledger.shadows:
            passes = name in ledger.values and ours != ledger.shadows[name]
        else:
            passes = is_linked and value is None and ours is not None
        if passes and ours not in after.get(name, ()):
            others = size_of(
                was for each, all_of in after.items() if each != name for was in all_of
            )
            was = (*after.get(name, ()), ours)[-_MOST:]
            while was and others + size_of(was) > _ROOM:
                was = was[1:]
            # Of what was never seen there it counts that somebody cleared it, and not what it was.
            after[name] = was or (() if name in ledger.shadows else (None,))
    return {name: was for name, was in after.items() if was}


def is_cleared(ledger: Ledger, name: str) -> bool:
    """Return whether somebody cleared ours although it is not known what is there."""
    if not ledger.passing:
        # So it is for nearly everybody.
        return False
    unseen = name in ledger.passing and name not in ledger.shadows
    return unseen and ledger.values.get(name) is None


def is_said(ledger: Ledger, name: str) -> bool:
    """Return whether somebody has said ours, although it looks like no edit.

    They cleared what was never seen there, or took ours when both seemed to hold the same.
    """
    return name in ledger.insisted or is_cleared(ledger, name)


def brought(
    ledger: Ledger, record: Readable, fields: Iterable[FieldMapping]
) -> Mapping[str, Value]:
    """Return what a record holds of ours that was replaced here since, by our field names.

    Nobody there has changed the record since, so that it can be nobody's later edit.
    """
    if not ledger.passing:
        # So it is for nearly every record of a pull.
        return {}
    found: dict[str, Value] = {}
    for field in fields:
        name = field.name
        if name not in ledger.passing or name not in record.values or name not in ledger.shadows:
            continue
        ours, shadow = ledger.values.get(name), ledger.shadows[name]
        moved_on = not same_there(field, record.object, ours, shadow)
        if moved_on and field.mode is not Mode.TWO_WAY:
            # Ours may never have gone there, and theirs wins.
            continue
        # In doubt a refusal is one that somebody has given there, and that nobody has lifted.
        leeway = -SKEW if field.mode is Mode.RESTRICTIVE_WINS else SKEW
        if record.modified_at > ledger.times[name] + leeway:
            continue
        for value in ledger.passing[name]:
            theirs = meant(field, record.object, record.values[name], ours=value, shadow=UNKNOWN)
            if same_there(field, record.object, value, theirs):
                found[name] = theirs
    return found


def is_doubtful(ledger: Ledger, record: Readable, field: FieldMapping, theirs: Value) -> bool:
    """Return whether *theirs*, which counts as ours in passing, may be somebody's edit there.

    By the two clocks the record was changed after ours was put back.
    """
    was = ledger.passing.get(field.name, ())
    if not was or record.modified_at <= ledger.times[field.name]:
        return False
    return any(same_there(field, record.object, value, theirs) for value in was)


def with_brought(ledger: Ledger, record: Readable, fields: Iterable[FieldMapping]) -> Ledger:
    """Return *ledger* with what a record holds of ours as what Salesforce was known to hold."""
    found = brought(ledger, record, fields)
    return replace(ledger, shadows={**ledger.shadows, **found}) if found else ledger
