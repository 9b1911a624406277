"""Criteria held against what an org knows: whether a field can be asked this at all.

The rules are those of SOQL's `WHERE` (SOQL and SOSL reference, "Comparison Operators"). A query
that breaks one fails as a whole, and with it every pull of its object.
"""

from __future__ import annotations

from datetime import date
from math import isfinite
from typing import TYPE_CHECKING

from counterpart.domain.document import said
from counterpart.domain.ids import given_id
from counterpart.domain.selection import Criterion, Operator
from counterpart.domain.values import parse_clock, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from counterpart.domain.selection import CriterionValue, Group

_NUMBERS = frozenset({"int", "long", "double", "currency", "percent"})
_IDS = frozenset({"id", "reference"})
# Their parts are fields by themselves; `describe` calls the whole filterable all the same.
_COMPOUND = frozenset({"address", "location"})
_TEXTS = frozenset(
    {"string", "picklist", "combobox", "email", "phone", "url", "textarea", "encryptedstring"}
)
_BLANKS = frozenset({Operator.IS_BLANK, Operator.IS_NOT_BLANK})
_EQUALITY = frozenset({Operator.EQUALS, Operator.NOT_EQUALS})
_LISTS = frozenset({Operator.IN, Operator.NOT_IN})
_PATTERNS = frozenset({Operator.CONTAINS, Operator.STARTS_WITH})
_ORDER = frozenset({Operator.LESS_THAN, Operator.GREATER_THAN, Operator.AT_MOST, Operator.AT_LEAST})


# A statement may have 100,000 characters (SOQL limits), of which a page's ids may take 42,000, and
# 500 fields, the most that there are, 22,000.
_LONGEST = 35_000

# Each of these stands behind a backslash in a query, or does where it is compared with a pattern.
_ESCAPED = frozenset("\\'\"\n\r\t\b\f%_")

# Of no others does Salesforce know days (SOQL and SOSL reference, "Date Formats").
_FIRST_YEAR, _LAST_YEAR = 1700, 4000
_YEARS = f"of the years {_FIRST_YEAR} to {_LAST_YEAR}"

# What a comparison has besides names and values: its operator, quotes, and how it is joined.
_AROUND = 20


def is_too_long(group: Group) -> bool:
    """Return whether a query with all of this could have more characters than Salesforce takes."""
    length = 0
    for _, criterion in places(group, ""):
        values = criterion.value if isinstance(criterion.value, tuple) else (criterion.value,)
        length += len(criterion.field) + _AROUND + sum(_written(str(value)) for value in values)
    return length > _LONGEST


def _written(value: str) -> int:
    """Return how many characters a value takes at most, with its quotes and a comma."""
    return len(value) + sum(char in _ESCAPED for char in value) + 3


def places(group: Group, path: str) -> Iterator[tuple[str, Criterion]]:
    """Yield each criterion of a group with its place in the settings document."""
    for at, member in enumerate(group.members):
        place = f"{path}.{group.junction}.{at}"
        if isinstance(member, Criterion):
            yield place, member
        else:
            yield from places(member, place)


def operators_of(kind: str) -> frozenset[Operator]:
    """Return the operators that a field of this Salesforce type can be asked with."""
    if kind == "boolean":
        return _EQUALITY
    if kind == "multipicklist":
        return _EQUALITY | _BLANKS | {Operator.INCLUDES}
    if kind in _IDS:
        return _EQUALITY | _LISTS | _BLANKS
    if kind in _TEXTS:
        return _EQUALITY | _LISTS | _BLANKS | _ORDER | _PATTERNS
    return _EQUALITY | _LISTS | _BLANKS | _ORDER


def complaint(criterion: Criterion, kind: str, *, filterable: bool) -> tuple[str, str] | None:
    """Return which key of a criterion is wrong and why, or `None` if Salesforce will take it.

    Args:
        criterion: One comparison.
        kind: The Salesforce type of its field.
        filterable: Whether Salesforce lets a query be narrowed by the field.
    """
    if kind in _COMPOUND:
        return "field", (
            f"Salesforce cannot select by {criterion.field}, a whole {kind}; name a part of it"
        )
    if not filterable:
        return "field", f"Salesforce cannot select by {criterion.field}, a {kind}"
    allowed = operators_of(kind)
    if criterion.operator not in allowed:
        return "operator", (
            f"{criterion.field} is a {kind}, which takes {', '.join(sorted(allowed))}"
        )
    if criterion.operator in _BLANKS:
        return None
    for value in criterion.value if isinstance(criterion.value, tuple) else (criterion.value,):
        expected = _misfit(kind, value)
        if expected:
            return "value", f"{criterion.field} is a {kind}: {said(value)} is not {expected}"
    return None


def _misfit(kind: str, value: CriterionValue) -> str | None:
    """Return what a value of this type is, if *value* is none."""
    fits, expected = _VALUES.get(kind, (lambda _: True, ""))
    return None if fits(str(value)) else expected


def _reads(read: Callable[[str], object]) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return fits


def _dated(read: Callable[[str], date]) -> Callable[[str], date]:
    def within(text: str) -> date:
        day = read(text)
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise ValueError(text)
        return day

    return within


def _is_number(text: str) -> bool:
    return _reads(float)(text) and isfinite(float(text))


_NUMBER = (_is_number, "a number")
_ID = (
    lambda text: given_id(text) is not None,
    "an id of 15 or 18 characters, the last three of which fit the others",
)
# By type: whether a text is a value of it, and what to say if not.
_VALUES: dict[str, tuple[Callable[[str], bool], str]] = {
    **dict.fromkeys(_NUMBERS, _NUMBER),
    **dict.fromkeys(_IDS, _ID),
    "boolean": (lambda text: text.lower() in {"true", "false"}, "true or false"),
    "date": (
        _reads(_dated(date.fromisoformat)),
        f"a date {_YEARS}, such as 2026-11-22",
    ),
    "datetime": (
        _reads(_dated(parse_time)),
        f"a time {_YEARS} with its zone, such as 2026-11-22T10:00:00Z",
    ),
    "time": (_reads(parse_clock), "a time of day, such as 10:00:00"),
}
