"""The policy: tables that answer every question, and the questions themselves."""

from datetime import datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.conflicts import BY_CHANGE
from counterpart.domain.mapping import ConflictPolicy, Mode
from counterpart.domain.policy import (
    OUTGOING,
    PULL,
    PUSH,
    UNKNOWN,
    Changed,
    Gate,
    Sides,
    Verdict,
    changes,
    compare,
)
from counterpart.domain.values import FieldType, Value
from tests.domain.samples import MINUTE, NOON, TEXTS, a_field, law, moments

ONE_WAY = [mode for mode in Mode if mode is not Mode.TWO_WAY]
TWO_WAY = BY_CHANGE[ConflictPolicy.THREE_WAY]
SHADOWS: st.SearchStrategy[Value | object] = TEXTS | st.just(UNKNOWN)
TICKS = st.sampled_from([True, False, None])


def test_pulling_has_an_answer_for_everything() -> None:
    """Total: each mode but two-way, gate open or closed, whatever the sides hold."""
    assert set(PULL) == set(ONE_WAY)
    for mode in ONE_WAY:
        assert set(PULL[mode]) == set(product(Gate, Sides))


def test_pushing_has_an_answer_for_everything() -> None:
    """Total: each mode but two-way, whatever the sides hold."""
    assert set(PUSH) == set(ONE_WAY)
    for mode in ONE_WAY:
        assert set(PUSH[mode]) == set(Sides)


@pytest.mark.failure("F15")
@pytest.mark.parametrize("mode", ONE_WAY)
def test_two_sides_that_agree(mode: Mode) -> None:
    """Nothing is written where nothing differs."""
    assert PUSH[mode][Sides.EQUAL] is Verdict.LEAVE
    for gate in Gate:
        assert PULL[mode][gate, Sides.EQUAL] is Verdict.LEAVE


@pytest.mark.parametrize("mode", ONE_WAY)
def test_a_mode_keeps_its_direction(mode: Mode) -> None:
    """What only comes in never goes out, what only goes out never comes in."""
    answers = {*PULL[mode].values(), *PUSH[mode].values()}

    assert (Verdict.SEND in answers) == (mode in OUTGOING)
    assert (Verdict.TAKE in PULL[mode].values()) == (
        mode in {Mode.PREFER_SALESFORCE, Mode.ALWAYS_SALESFORCE, Mode.RESTRICTIVE_WINS}
    )
    assert Verdict.TAKE not in PUSH[mode].values()


@pytest.mark.parametrize("sides", Sides)
def test_a_closed_gate_lets_nothing_in(sides: Sides) -> None:
    """A field of ours that is as new as the record is not replaced by it, whatever the mode."""
    for mode in set(ONE_WAY) - {Mode.RESTRICTIVE_WINS}:
        assert PULL[mode][Gate.CLOSED, sides] is not Verdict.TAKE


@pytest.mark.parametrize(
    ("mode", "sides", "verdict"),
    [
        # Job title, prefers Salesforce unless empty: a form fills the blank,
        (Mode.PREFER_SALESFORCE, Sides.ONLY_OURS, Verdict.SEND),
        # and a later form does not replace what a rep has written.
        (Mode.PREFER_SALESFORCE, Sides.DIFFER, Verdict.PROTECT),
        (Mode.PREFER_SALESFORCE, Sides.ONLY_THEIRS, Verdict.LEAVE),
        # Account tier, always Salesforce: an edit of ours stays here.
        (Mode.ALWAYS_SALESFORCE, Sides.DIFFER, Verdict.PROTECT),
        (Mode.ALWAYS_SALESFORCE, Sides.ONLY_OURS, Verdict.PROTECT),
        (Mode.ALWAYS_OURS, Sides.DIFFER, Verdict.SEND),
        # An explicit clear clears.
        (Mode.ALWAYS_OURS, Sides.ONLY_THEIRS, Verdict.SEND),
        (Mode.DO_NOT_SYNC, Sides.DIFFER, Verdict.LEAVE),
        # A refusal goes out; its absence does not.
        (Mode.RESTRICTIVE_WINS, Sides.ONLY_OURS, Verdict.SEND),
        (Mode.RESTRICTIVE_WINS, Sides.ONLY_THEIRS, Verdict.LEAVE),
    ],
)
def test_our_edit_on_its_way_out(mode: Mode, sides: Sides, verdict: Verdict) -> None:
    """The modes, as operators read them."""
    assert PUSH[mode][sides] is verdict


@pytest.mark.parametrize(
    ("mode", "sides", "verdict"),
    [
        (Mode.PREFER_SALESFORCE, Sides.DIFFER, Verdict.TAKE),
        (Mode.PREFER_SALESFORCE, Sides.ONLY_THEIRS, Verdict.TAKE),
        (Mode.PREFER_SALESFORCE, Sides.ONLY_OURS, Verdict.SEND),
        (Mode.ALWAYS_SALESFORCE, Sides.DIFFER, Verdict.TAKE),
        # A clear there is a clear here.
        (Mode.ALWAYS_SALESFORCE, Sides.ONLY_OURS, Verdict.TAKE),
        (Mode.ALWAYS_OURS, Sides.DIFFER, Verdict.LEAVE),
        (Mode.DO_NOT_SYNC, Sides.ONLY_THEIRS, Verdict.LEAVE),
        (Mode.RESTRICTIVE_WINS, Sides.ONLY_THEIRS, Verdict.TAKE),
        (Mode.RESTRICTIVE_WINS, Sides.ONLY_OURS, Verdict.SEND),
    ],
)
def test_a_newer_record_comes_in(mode: Mode, sides: Sides, verdict: Verdict) -> None:
    """The modes, as operators read them."""
    assert PULL[mode][Gate.OPEN, sides] is verdict


@law
@given(st.sampled_from(Mode), TEXTS, TEXTS)
def test_what_the_sides_hold(mode: Mode, ours: Value, theirs: Value) -> None:
    """Total, and symmetric but for the names of the sides."""
    field = a_field(mode=mode)
    mirror = {
        Sides.ONLY_OURS: Sides.ONLY_THEIRS,
        Sides.ONLY_THEIRS: Sides.ONLY_OURS,
        Sides.EQUAL: Sides.EQUAL,
        Sides.DIFFER: Sides.DIFFER,
    }

    sides = compare(field, ours=ours, theirs=theirs)

    assert compare(field, ours=theirs, theirs=ours) is mirror[sides]
    assert (sides is Sides.EQUAL) == (ours == theirs)


@law
@given(TICKS, TICKS)
def test_a_box_that_is_not_ticked_says_nothing(ours: Value, theirs: Value) -> None:
    """Where a refusal wins there is no difference between false and blank."""
    field = a_field("opted_out", Mode.RESTRICTIVE_WINS, FieldType.BOOLEAN)

    sides = compare(field, ours=ours, theirs=theirs)

    assert (sides is Sides.EQUAL) == (bool(ours) == bool(theirs))
    assert (sides is Sides.ONLY_OURS) == (bool(ours) > bool(theirs))


@law
@given(TEXTS, TEXTS, SHADOWS, st.none() | moments(), moments())
def test_who_changed_a_two_way_field(
    ours: Value,
    theirs: Value,
    shadow: Value | object,
    our_time: datetime | None,
    their_time: datetime,
) -> None:
    """A side has changed a field if it differs from what both last agreed on, and only then."""
    who = changes(
        FieldType.STRING,
        ours=ours,
        theirs=theirs,
        shadow=shadow,
        our_time=our_time,
        their_time=their_time,
    )

    if ours == theirs:
        assert who is Changed.NEITHER
    elif our_time is None or ours == (None if shadow is UNKNOWN else shadow):
        assert who is Changed.THEIRS
    elif theirs == (None if shadow is UNKNOWN else shadow):
        assert who is Changed.OURS
    elif our_time > their_time:
        assert who is Changed.BOTH_OURS_LATER
    else:
        assert who is Changed.BOTH_THEIRS_LATER


@law
@given(TEXTS, TEXTS, SHADOWS, moments(), moments())
def test_both_sides_tell_the_same_story(
    ours: Value, theirs: Value, shadow: Value | object, our_time: datetime, their_time: datetime
) -> None:
    """Symmetric: seen from the other side, the other side changed it; a tie alone is theirs."""
    mirror = {
        Changed.NEITHER: Changed.NEITHER,
        Changed.OURS: Changed.THEIRS,
        Changed.THEIRS: Changed.OURS,
        Changed.BOTH_OURS_LATER: Changed.BOTH_THEIRS_LATER,
        Changed.BOTH_THEIRS_LATER: Changed.BOTH_OURS_LATER,
    }
    kind = FieldType.STRING
    here = changes(
        kind, ours=ours, theirs=theirs, shadow=shadow, our_time=our_time, their_time=their_time
    )
    there = changes(
        kind, ours=theirs, theirs=ours, shadow=shadow, our_time=their_time, their_time=our_time
    )

    if our_time != their_time:
        assert there is mirror[here]


def test_a_two_way_field_that_never_had_a_value_here() -> None:
    """Theirs comes in, also where it was seen long ago, when the field had another mode."""
    who = changes(
        FieldType.STRING,
        ours=None,
        theirs="Director",
        shadow="Director",
        our_time=None,
        their_time=NOON,
    )

    assert TWO_WAY[who] is Verdict.TAKE


@pytest.mark.failure("F51")
@pytest.mark.parametrize(("minutes", "verdict"), [(1, Verdict.SEND), (0, Verdict.TAKE)])
def test_both_changed_one_field(minutes: int, verdict: Verdict) -> None:
    """The later change wins; at the same moment, Salesforce's."""
    who = changes(
        FieldType.STRING,
        ours="Engineer",
        theirs="Director",
        shadow="Analyst",
        our_time=NOON + minutes * MINUTE,
        their_time=NOON,
    )

    assert TWO_WAY[who] is verdict
