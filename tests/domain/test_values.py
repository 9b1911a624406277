"""Values: one normal form for each, in which the two sides are compared."""

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.values import (
    FieldType,
    Value,
    format_time,
    normalise,
    parse_time,
    same,
    to_salesforce,
)
from tests.domain.samples import RAW_VALUES, law

KINDS = st.sampled_from(FieldType)


def normal_or_none(kind: FieldType, raw: object) -> Value:
    """Return the normal form, or nothing where *raw* is no value of this type."""
    try:
        return normalise(kind, raw)
    except ValueError:
        return None


@law
@given(st.data(), KINDS)
def test_what_is_normal_stays_as_it_is(data: st.DataObject, kind: FieldType) -> None:
    """Idempotent: a value that came back from the database is not changed by that."""
    once = normal_or_none(kind, data.draw(RAW_VALUES[kind]))

    again = normalise(kind, once)

    assert same(kind, once, again)
    assert repr(once) == repr(again)


@law
@given(st.data(), KINDS)
def test_what_goes_out_comes_back_the_same(data: st.DataObject, kind: FieldType) -> None:
    """Lossless: what we send is what we read, or it would go to and fro for ever."""
    ours = normal_or_none(kind, data.draw(RAW_VALUES[kind]))

    theirs = normalise(kind, to_salesforce(kind, ours))

    assert same(kind, ours, theirs)


@law
@given(st.data(), KINDS)
def test_sameness_does_not_depend_on_who_asks(data: st.DataObject, kind: FieldType) -> None:
    """Reflexive and symmetric."""
    one = normal_or_none(kind, data.draw(RAW_VALUES[kind]))
    other = normal_or_none(kind, data.draw(RAW_VALUES[kind]))

    assert same(kind, one, one)
    assert same(kind, one, other) == same(kind, other, one)


@given(KINDS, st.one_of(st.none(), st.text(), st.integers(), st.binary(), st.lists(st.none())))
@law
def test_whatever_comes_is_a_value_or_is_refused(kind: FieldType, raw: object) -> None:
    """Total: there is no third way out, whatever somebody sends."""
    try:
        value = normalise(kind, raw)
    except ValueError:
        with pytest.raises(ValueError, match=r"^must be"):
            normalise(kind, raw)
    else:
        assert value is None or isinstance(value, str | int | float | bool | tuple)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (FieldType.STRING, " Engineer ", "Engineer"),
        (FieldType.TEXT, "one\r\ntwo", "one\ntwo"),
        (FieldType.TEXT, "one\r\r\ntwo", "one\n\ntwo"),
        (FieldType.NUMBER, 1.0, 1),
        (FieldType.NUMBER, "25.50", 25.5),
        (FieldType.NUMBER, Decimal("1E+2"), 100),
        (FieldType.NUMBER, -0.0, 0),
        (FieldType.BOOLEAN, "TRUE", True),
        (FieldType.BOOLEAN, None, False),
        (FieldType.DATE, "2026-11-22", "2026-11-22T23:59:00.000+0000"),
        (FieldType.DATETIME, "2026-11-22T10:00:00.000+0000", "2026-11-22T11:00:00+01:00"),
        (FieldType.EMAIL, "Ada@Example.com", "ada@example.com "),
        (FieldType.PHONE, "(415) 555-0132", "415.555.0132"),
        (FieldType.PHONE, "+39\u00a0011\u202f555 0132", "+390115550132"),
        (FieldType.PHONE, "415-555-0132 EXT 7", "4155550132ext7"),
        (FieldType.STRING, 5.0, "5"),
        (FieldType.MULTI_ENUM, "sailing; chess", ["chess", "sailing"]),
        (FieldType.MULTI_ENUM, ["a;b", "a"], "b;a"),
        (FieldType.MULTI_ENUM, " ; ", None),
    ],
)
def test_a_difference_that_says_nothing(kind: FieldType, one: Any, other: Any) -> None:  # noqa: ANN401 - any value
    """Spaces, order, spelling and time zone are no edit, so nothing goes to and fro for them."""
    assert same(kind, normalise(kind, one), normalise(kind, other))


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (FieldType.STRING, "engineer", "Engineer"),
        (FieldType.STRING, "", "0"),
        (FieldType.NUMBER, 0, None),
        (FieldType.NUMBER, 1, 1.01),
        (FieldType.BOOLEAN, True, False),
        (FieldType.DATE, "2026-11-22", "2026-11-23"),
        (FieldType.EMAIL, "ada@example.com", "ada+news@example.com"),
        (FieldType.PHONE, "+415 555 0132", "415 555 0132"),
        (FieldType.PHONE, "415 555 0132", "415 555 0132 x7"),
        (FieldType.PHONE, "-", "()"),
        (FieldType.MULTI_ENUM, "a;b", "a"),
    ],
)
def test_a_difference_that_counts(kind: FieldType, one: Any, other: Any) -> None:  # noqa: ANN401 - any value
    """What people would call another value is another value."""
    assert not same(kind, normalise(kind, one), normalise(kind, other))


@pytest.mark.parametrize("kind", sorted(FieldType))
@pytest.mark.parametrize("blank", [None, "", "  \t"])
def test_a_blank(kind: FieldType, blank: str | None) -> None:
    """Nothing, or nothing but spaces, is no value; a checkbox is then not ticked."""
    assert normalise(kind, blank) is (False if kind is FieldType.BOOLEAN else None)


def test_one_is_not_true() -> None:
    """Python takes 1 for true; people do not."""
    ticked = True

    assert not same(FieldType.NUMBER, 1, ticked)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (FieldType.STRING, ["a"]),
        (FieldType.STRING, True),
        (FieldType.NUMBER, "many"),
        (FieldType.NUMBER, True),
        (FieldType.NUMBER, math.inf),
        (FieldType.STRING, math.inf),
        (FieldType.TEXT, -math.inf),
        (FieldType.NUMBER, "nan"),
        (FieldType.NUMBER, "1e999999999"),
        (FieldType.NUMBER, 10**400),
        (FieldType.BOOLEAN, "yes"),
        (FieldType.BOOLEAN, 1),
        (FieldType.DATE, "22.11.2026"),
        (FieldType.DATE, "2026-11-22 or so"),
        (FieldType.DATETIME, "2026-11-22T10:00:00"),
        (FieldType.DATETIME, "0001-01-01T00:00:00+14:00"),
        (FieldType.MULTI_ENUM, [1, 2]),
        (FieldType.MULTI_ENUM, 7),
    ],
)
def test_no_value_of_its_type(kind: FieldType, raw: Any) -> None:  # noqa: ANN401 - anything
    """It is refused with a sentence that says what is expected."""
    with pytest.raises(ValueError, match=r"^must be"):
        normalise(kind, raw)


def test_a_tiny_number_is_not_refused() -> None:
    """What is too small for a double is nothing, not an error."""
    assert normalise(FieldType.NUMBER, "1e-999999999") == 0


def test_types_keep_apart() -> None:
    """A text of digits stays a text, a number a number."""
    values = [normalise(kind, "12") for kind in (FieldType.STRING, FieldType.NUMBER)]

    assert values == ["12", 12]


@law
@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))  # noqa: DTZ001 - the zone is added
def test_a_time_is_read_as_it_was_written(naive: datetime) -> None:
    """Lossless to the millisecond, which is finer than Salesforce's stamps."""
    moment = naive.replace(tzinfo=UTC)

    read = parse_time(format_time(moment))

    assert read == moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert format_time(read) == format_time(moment)


def test_every_type_has_been_tried() -> None:
    """A new type gets its raw values, or the laws above say nothing about it."""
    assert set(RAW_VALUES) == set(FieldType)
