"""The decision for one field, as data.

Pulling and pushing each ask one question of a field: what has each side got, has it changed since
both last agreed, and who is newer? The answers are the tables below, and for two-way fields those
of `conflicts`; `docs/decision-table.md` is printed from them. Behind every answer stands one idea:
a newer value is never replaced by an older one, field by field.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from counterpart.domain.mapping import Mode
from counterpart.domain.values import same

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.values import FieldType, Value


class Sides(StrEnum):
    """What the two sides hold, compared in normal form."""

    EQUAL = "both the same"
    DIFFER = "both filled, different"
    ONLY_OURS = "ours filled, theirs empty"
    ONLY_THEIRS = "ours empty, theirs filled"


class Gate(StrEnum):
    """Where there is no memory: is the record newer than our field?"""

    OPEN = "record newer"
    CLOSED = "field newer or as old"


class Changed(StrEnum):
    """For two-way fields: who has moved away from the shadow, and who did so later?"""

    NEITHER = "neither"
    OURS = "only ours"
    THEIRS = "only theirs"
    BOTH_OURS_LATER = "both, ours later"
    BOTH_THEIRS_LATER = "both, theirs later or at once"


class Verdict(StrEnum):
    """What happens to the field."""

    LEAVE = "leave"
    TAKE = "take theirs"
    SEND = "send ours"
    # Left alone though the sides differ: the mode protects Salesforce's value.
    PROTECT = "protect theirs"


class Because(StrEnum):
    """What settles a field before any row of the tables is looked up."""

    FIRST_MEETING = "nobody is known to have cleared what was never seen"
    BLANK_IS_KEPT_OUT = "a blank overwrites nothing here"
    CLEARED_AT_ONCE = "it was blank again as soon as we had written ours, and would be once more"
    NO_ADDRESS = "theirs is no address, and ours stands"
    ADDRESS_STANDS = "theirs is no address, and no pull would bring one"
    NEVER_SET = "ours was never set"
    NOTHING_NEW = "ours is what Salesforce was last known to hold"
    NOT_WRITABLE = "the field cannot be written on this object"
    BEFORE_SWITCHED_ON = "ours is older than the moment outbound was switched on"
    NOT_SHOWN = "the record does not show the field, or our user may not write it"
    UNREADABLE = (
        "theirs is no value of the field's type, or too large to be kept here, so both sides keep "
        "what they have"
    )
    SET_ASIDE = "the org hid it a while ago; pulls look for it again within the hour"
    LIFTED = "somebody here opted this person in again, over the refusal that Salesforce held"
    REFUSAL_SEEN = "a refusal counts as soon as it is seen there"
    REFUSED_AGAIN = "the refusal there may be another than the one that was lifted, so it stands"
    INSISTED = "somebody took ours, this once"
    AGREED = "both turned out to hold the same"
    # Said where nothing would be decided at all.
    NOT_LINKED = "there is no counterpart"
    GONE = "the record is gone from Salesforce, so nothing crosses"
    NOT_MAPPED = "the field has no place on this object, or is not to be synced"
    OUTBOUND_DISABLED = "outbound is switched off for this object"
    OUTBOUND_PAUSED = "the contact's sync tag was taken away, so its edits stay here"
    OUT_OF_SIGHT = "our user may not read the object at present, so nothing crosses"
    HELD = "the guard holds the contact's edits until somebody says yes"
    UNMARKED = "nothing of it waits, so it goes along with the next edit"
    TOO_LONG = "it is longer than the field in Salesforce, which refuses it"
    READ_ONLY = "our user may not write the field, so Salesforce refuses it"
    CUT_TO_FIT = "cut, since it is longer than the field in Salesforce"


class Judgement(NamedTuple):
    """What happens to a field, and the row of a table, or the reason besides, that says so."""

    verdict: Verdict
    row: tuple[StrEnum, ...]

    @property
    def why(self) -> str:
        """Return the row in words."""
        return "; ".join(self.row)


_UNLESS_EMPTY_IN = {
    (Gate.OPEN, Sides.EQUAL): Verdict.LEAVE,
    (Gate.OPEN, Sides.DIFFER): Verdict.TAKE,
    # Salesforce wins unless it is empty: the blank is filled, on the way out.
    (Gate.OPEN, Sides.ONLY_OURS): Verdict.SEND,
    (Gate.OPEN, Sides.ONLY_THEIRS): Verdict.TAKE,
    (Gate.CLOSED, Sides.EQUAL): Verdict.LEAVE,
    (Gate.CLOSED, Sides.DIFFER): Verdict.LEAVE,
    (Gate.CLOSED, Sides.ONLY_OURS): Verdict.SEND,
    (Gate.CLOSED, Sides.ONLY_THEIRS): Verdict.LEAVE,
}

_ALWAYS_THEIRS_IN = {
    (gate, sides): (
        Verdict.TAKE if gate is Gate.OPEN and sides is not Sides.EQUAL else Verdict.LEAVE
    )
    for gate in Gate
    for sides in Sides
}

_NEVER_IN = {(gate, sides): Verdict.LEAVE for gate in Gate for sides in Sides}

# A refusal to be mailed stands, whichever side it comes from and however old it is. A checkbox is
# "filled" when it is ticked.
_RESTRICTIVE_IN = {
    (gate, sides): {
        Sides.EQUAL: Verdict.LEAVE,
        Sides.DIFFER: Verdict.LEAVE,
        Sides.ONLY_OURS: Verdict.SEND,
        Sides.ONLY_THEIRS: Verdict.TAKE,
    }[sides]
    for gate in Gate
    for sides in Sides
}

# (mode) → (gate, sides) → verdict, when a record comes in.
PULL = {
    Mode.PREFER_SALESFORCE: _UNLESS_EMPTY_IN,
    Mode.ALWAYS_SALESFORCE: _ALWAYS_THEIRS_IN,
    Mode.ALWAYS_OURS: _NEVER_IN,
    Mode.DO_NOT_SYNC: _NEVER_IN,
    Mode.RESTRICTIVE_WINS: _RESTRICTIVE_IN,
}

# (mode) → sides → verdict, when our edit is about to go out and the record was just read.
PUSH = {
    Mode.PREFER_SALESFORCE: {
        Sides.EQUAL: Verdict.LEAVE,
        Sides.DIFFER: Verdict.PROTECT,
        Sides.ONLY_OURS: Verdict.SEND,
        Sides.ONLY_THEIRS: Verdict.LEAVE,
    },
    Mode.ALWAYS_SALESFORCE: {
        Sides.EQUAL: Verdict.LEAVE,
        Sides.DIFFER: Verdict.PROTECT,
        Sides.ONLY_OURS: Verdict.PROTECT,
        Sides.ONLY_THEIRS: Verdict.LEAVE,
    },
    Mode.ALWAYS_OURS: {
        Sides.EQUAL: Verdict.LEAVE,
        Sides.DIFFER: Verdict.SEND,
        Sides.ONLY_OURS: Verdict.SEND,
        # Only an explicit clear is considered at all, so this is one.
        Sides.ONLY_THEIRS: Verdict.SEND,
    },
    Mode.DO_NOT_SYNC: dict.fromkeys(Sides, Verdict.LEAVE),
    Mode.RESTRICTIVE_WINS: {
        Sides.EQUAL: Verdict.LEAVE,
        Sides.DIFFER: Verdict.LEAVE,
        Sides.ONLY_OURS: Verdict.SEND,
        Sides.ONLY_THEIRS: Verdict.LEAVE,
    },
}

# The modes in which our values can reach Salesforce.
OUTGOING = frozenset(
    {Mode.PREFER_SALESFORCE, Mode.ALWAYS_OURS, Mode.TWO_WAY, Mode.RESTRICTIVE_WINS}
)

# Absence of a shadow, or of a value of ours: never seen, never set.
UNKNOWN = object()


def compare(field: FieldMapping, *, ours: Value, theirs: Value) -> Sides:
    """Return what the two sides hold.

    A checkbox knows no blank, but where a refusal wins an unticked one says nothing.
    """
    if same(field.type, ours, theirs):
        return Sides.EQUAL
    restrictive = field.mode is Mode.RESTRICTIVE_WINS
    ours_blank = ours is None or (restrictive and ours is False)
    theirs_blank = theirs is None or (restrictive and theirs is False)
    if ours_blank:
        return Sides.EQUAL if theirs_blank else Sides.ONLY_THEIRS
    return Sides.ONLY_OURS if theirs_blank else Sides.DIFFER


def gate_of(
    kind: FieldType,
    *,
    ours: Value,
    theirs: Value,
    shadow: Value | object,
    our_time: datetime | None,
    modified_at: datetime,
    echo: bool,
) -> Gate:
    """Return whether a record counts as newer than our value of a field.

    Args:
        kind: The field's type.
        ours: Our value.
        theirs: The record's.
        shadow: What Salesforce was last known to hold, or `UNKNOWN`.
        our_time: When our value became what it is; `None` if it never had one.
        modified_at: When a user last changed the record.
        echo: Nobody has changed the record since we wrote to it.
    """
    if shadow is not UNKNOWN:
        if echo and same(kind, theirs, shadow):  # type: ignore[arg-type] # not UNKNOWN
            return Gate.CLOSED
        # Salesforce's stamps are of whole seconds: what was pulled may have been replaced
        # within the same one. Only an edit of ours is worth keeping out a record as old.
        if our_time == modified_at and same(kind, ours, shadow):  # type: ignore[arg-type] # likewise
            return Gate.OPEN
    return Gate.OPEN if our_time is None or modified_at > our_time else Gate.CLOSED


def lifted(field: FieldMapping, *, ours: Value, shadow: Value | object) -> bool:
    """Return whether somebody here lifted a refusal that Salesforce still holds.

    Nothing but an opt-in by hand leaves an unticked box of ours beside a ticked one that was seen
    there. It goes out over that refusal; over one that it did not know of it never does.
    """
    return field.mode is Mode.RESTRICTIVE_WINS and ours is False and shadow is True


def changes(
    kind: FieldType,
    *,
    ours: Value,
    theirs: Value,
    shadow: Value | object,
    our_time: datetime | None,
    their_time: datetime,
    said: bool = False,
) -> Changed:
    """Return who changed a two-way field since both last agreed.

    Without a shadow, on the first meeting, both count as changed, so that the later one wins; but
    a blank is no opinion then: nobody is known to have cleared the field. What somebody has *said*
    counts in any case.
    A field of ours that never had a value, and so has no time, never counts as changed.
    """
    if same(kind, ours, theirs):
        return Changed.NEITHER
    if our_time is None:
        return Changed.THEIRS
    if shadow is UNKNOWN:
        ours_changed = said or ours is not None
        theirs_changed = theirs is not None
    else:
        ours_changed = said or not same(kind, ours, shadow)  # type: ignore[arg-type] # not UNKNOWN
        theirs_changed = not same(kind, theirs, shadow)  # type: ignore[arg-type] # likewise
    if not ours_changed:
        return Changed.THEIRS
    if not theirs_changed:
        return Changed.OURS
    return Changed.BOTH_OURS_LATER if our_time > their_time else Changed.BOTH_THEIRS_LATER
