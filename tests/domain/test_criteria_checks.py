"""Criteria against types: what Salesforce will take, and what it says of the rest."""

import pytest

from counterpart.domain.criteria_checks import complaint, is_too_long, operators_of, places
from counterpart.domain.selection import Criterion, CriterionValue, Group, Junction, Operator

KINDS = [
    "boolean",
    "combobox",
    "currency",
    "date",
    "datetime",
    "double",
    "email",
    "encryptedstring",
    "id",
    "int",
    "long",
    "multipicklist",
    "percent",
    "phone",
    "picklist",
    "reference",
    "string",
    "textarea",
    "time",
    "url",
]


def a_criterion(operator: Operator, value: CriterionValue = None) -> Criterion:
    """Return a comparison of some field."""
    return Criterion(field="Rating", operator=operator, value=value)


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_can_be_asked_something(kind: str) -> None:
    """Each takes equality; what is of no type that we know is asked as an ordered one."""
    assert operators_of(kind) >= {Operator.EQUALS, Operator.NOT_EQUALS}


@pytest.mark.parametrize(
    ("kind", "operator", "value"),
    [
        ("string", Operator.CONTAINS, "Acme"),
        ("picklist", Operator.IN, ("Hot", "Warm")),
        ("multipicklist", Operator.INCLUDES, ("A", "B")),
        ("boolean", Operator.EQUALS, True),
        ("boolean", Operator.NOT_EQUALS, "false"),
        ("currency", Operator.AT_LEAST, 1000),
        ("int", Operator.EQUALS, "12"),
        ("date", Operator.LESS_THAN, "2026-11-22"),
        ("date", Operator.AT_LEAST, "1700-01-01"),
        ("datetime", Operator.AT_MOST, "4000-12-31T00:00:00Z"),
        ("datetime", Operator.GREATER_THAN, "2026-11-22T10:00:00Z"),
        ("time", Operator.LESS_THAN, "10:00"),
        ("reference", Operator.IN, ("005000000000001AAA",)),
        ("email", Operator.IS_BLANK, None),
    ],
)
def test_what_salesforce_will_take(kind: str, operator: Operator, value: CriterionValue) -> None:
    """Nothing is said of it."""
    assert complaint(a_criterion(operator, value), kind, filterable=True) is None


@pytest.mark.parametrize(
    ("kind", "operator", "value", "key", "named"),
    [
        ("boolean", Operator.GREATER_THAN, 1, "operator", "equals"),
        ("boolean", Operator.IS_BLANK, None, "operator", "equals"),
        ("double", Operator.CONTAINS, "1", "operator", "at_least"),
        ("reference", Operator.STARTS_WITH, "005", "operator", "in"),
        ("multipicklist", Operator.IN, ("A",), "operator", "includes"),
        ("picklist", Operator.INCLUDES, ("A",), "operator", "in"),
        ("boolean", Operator.EQUALS, "yes", "value", "true or false"),
        ("int", Operator.EQUALS, "many", "value", "a number"),
        ("double", Operator.LESS_THAN, "inf", "value", "a number"),
        ("date", Operator.EQUALS, "22.11.2026", "value", "2026-11-22"),
        ("date", Operator.AT_LEAST, "0001-01-01", "value", "1700 to 4000"),
        ("datetime", Operator.AT_MOST, "2026-11-22T10:00:00", "value", "zone"),
        ("datetime", Operator.AT_MOST, "9999-12-31T00:00:00Z", "value", "1700 to 4000"),
        ("id", Operator.IN, ("005000000000001AAA", "Ada"), "value", "15 or 18"),
        ("id", Operator.EQUALS, "005000000000001AAB", "value", "fit the others"),
        ("int", Operator.EQUALS, True, "value", "true is not a number"),
        ("time", Operator.EQUALS, "10 o'clock", "value", "10:00:00"),
        ("time", Operator.EQUALS, "10:00:00+01:00", "value", "10:00:00"),
    ],
)
def test_what_salesforce_would_refuse(
    kind: str, operator: Operator, value: CriterionValue, key: str, named: str
) -> None:
    """The key that is wrong is told, and what is right."""
    told = complaint(a_criterion(operator, value), kind, filterable=True)

    assert told is not None
    assert told[0] == key
    assert named in told[1]


def test_a_field_that_no_query_can_be_narrowed_by() -> None:
    """Long texts are such."""
    told = complaint(a_criterion(Operator.EQUALS, "x"), "textarea", filterable=False)

    assert told == ("field", "Salesforce cannot select by Rating, a textarea")


@pytest.mark.parametrize(("lists", "wrong"), [(2, False), (12, True)])
def test_criteria_that_no_query_has_room_for(*, lists: int, wrong: bool) -> None:
    """Each list may be long, and all of them together may not."""
    some = a_criterion(Operator.IN, tuple(f"{number:025d}" for number in range(200)))
    inner = Group(junction=Junction.ANY, members=(some,) * (lists // 2))

    assert is_too_long(Group(junction=Junction.ALL, members=(inner, inner))) is wrong


@pytest.mark.parametrize(("char", "wrong"), [("x", False), ("'", True), ("\\", True), ("\t", True)])
def test_what_is_escaped_takes_twice_the_room(char: str, *, wrong: bool) -> None:
    """A query has no room for what it would have room for without backslashes."""
    some = a_criterion(Operator.NOT_IN, tuple(char * 100 for _ in range(200)))

    assert is_too_long(Group(junction=Junction.ALL, members=(some,))) is wrong


@pytest.mark.parametrize("kind", ["address", "location"])
@pytest.mark.parametrize("operator", [Operator.IS_BLANK, Operator.EQUALS])
def test_a_field_that_has_parts(kind: str, operator: Operator) -> None:
    """The parts can be selected by, the whole cannot, whatever is asked of it."""
    value = None if operator is Operator.IS_BLANK else "Bern"

    told = complaint(a_criterion(operator, value), kind, filterable=True)

    assert told is not None
    assert told[0] == "field"
    assert f"a whole {kind}" in told[1]


def test_the_places_of_criteria() -> None:
    """They are those of the settings document, groups within groups."""
    one, two, three = (a_criterion(Operator.EQUALS, value) for value in "abc")
    group = Group(
        junction=Junction.ALL,
        members=(one, Group(junction=Junction.ANY, members=(two, three))),
    )

    assert dict(places(group, "criteria")) == {
        "criteria.all.0": one,
        "criteria.all.1.any.0": two,
        "criteria.all.1.any.1": three,
    }
