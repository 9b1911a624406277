"""Turns a selection into a SOQL condition.

Fields and operators come from settings and are checked against `describe`; every value is quoted
by the library, so that nothing a person typed can become SOQL.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING

from simple_salesforce.format import format_soql

from counterpart.adapters.salesforce.soql import field_path, moment
from counterpart.domain.selection import Criterion, Junction, Operator, SelectionMode
from counterpart.domain.values import parse_clock, parse_time
from counterpart.errors import MissingFieldError

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpart.domain.selection import CriterionValue, Group, Selection

_ALWAYS = "Id != null"
_NEVER = "Id = null"

_COMPARISONS = {
    Operator.EQUALS: "{:literal} = {:literal}",
    Operator.NOT_EQUALS: "{:literal} != {:literal}",
    Operator.LESS_THAN: "{:literal} < {:literal}",
    Operator.GREATER_THAN: "{:literal} > {:literal}",
    Operator.AT_MOST: "{:literal} <= {:literal}",
    Operator.AT_LEAST: "{:literal} >= {:literal}",
}
_LISTS = {
    Operator.IN: "{:literal} IN ({:literal})",
    Operator.NOT_IN: "{:literal} NOT IN ({:literal})",
    Operator.INCLUDES: "{:literal} INCLUDES ({:literal})",
}
_PATTERNS = {
    Operator.CONTAINS: "{:literal} LIKE '%{:like}%'",
    Operator.STARTS_WITH: "{:literal} LIKE '{:like}%'",
}
_BLANKS = {
    Operator.IS_BLANK: "{:literal} = null",
    Operator.IS_NOT_BLANK: "{:literal} != null",
}


def condition(selection: Selection, type_of: Callable[[str], str]) -> str:
    """Return the condition that holds for the records of *selection*; empty if all belong to it.

    Args:
        type_of: Tells the Salesforce type of a field.
    """
    match selection.mode:
        case SelectionMode.ALL:
            return ""
        case SelectionMode.NONE:
            return _NEVER
        case SelectionMode.MARKED:
            return format_soql("{:literal} = true", field_path(selection.marker))
        case SelectionMode.FROM_NOW_ON:
            since = selection.since
            return "" if since is None else f"CreatedDate >= {moment(since)}"
        case SelectionMode.CRITERIA:
            return _NEVER if selection.criteria is None else _group(selection.criteria, type_of)


def _group(group: Group, type_of: Callable[[str], str]) -> str:
    if not group.members:
        return _ALWAYS if group.junction is Junction.ALL else _NEVER
    word = " AND " if group.junction is Junction.ALL else " OR "
    return f"({word.join(_member(member, type_of) for member in group.members)})"


def _member(member: Criterion | Group, type_of: Callable[[str], str]) -> str:
    if not isinstance(member, Criterion):
        return _group(member, type_of)

    path = field_path(member.field)
    if member.operator in _BLANKS:
        return format_soql(_BLANKS[member.operator], path)

    kind = type_of(path)
    if member.operator in _PATTERNS:
        return format_soql(_PATTERNS[member.operator], path, member.value)
    if member.operator in _LISTS:
        values = member.value if isinstance(member.value, tuple) else (member.value,)
        literals = ",".join(_literal(member, kind, value) for value in values)
        return format_soql(_LISTS[member.operator], path, literals) if literals else _NEVER
    return format_soql(_COMPARISONS[member.operator], path, _literal(member, kind, member.value))


def _literal(criterion: Criterion, kind: str, value: CriterionValue) -> str:
    """Return *value* as SOQL writes a value of this Salesforce type.

    Raises:
        MissingFieldError: it is none, perhaps since the field has another type; only what is
            selected by it stands still.
    """
    if value is None:
        return "null"
    try:
        return _LITERALS.get(kind, _text)(value)
    except (LookupError, TypeError, ValueError) as exc:
        raise MissingFieldError(f"{criterion.field} is a {kind}; {value!r} is none") from exc


def _text(value: CriterionValue) -> str:
    return format_soql("{}", ";".join(value) if isinstance(value, tuple) else str(value))


def _number(value: CriterionValue) -> str:
    number = float(str(value))
    if not isfinite(number):
        raise ValueError(value)
    # With all its digits, for SOQL is not known to read `1e-07`.
    digits = Decimal(int(number)) if number.is_integer() else Decimal(repr(number))
    return format_soql("{:literal}", f"{digits:f}")


def _boolean(value: CriterionValue) -> str:
    return format_soql("{}", {"true": True, "false": False}[str(value).lower()])


def _date(value: CriterionValue) -> str:
    return format_soql("{}", date.fromisoformat(str(value)))


def _clock(value: CriterionValue) -> str:
    return parse_clock(str(value)).isoformat(timespec="milliseconds") + "Z"


def _moment(value: CriterionValue) -> str:
    return moment(parse_time(str(value)))


_LITERALS: dict[str, Callable[[CriterionValue], str]] = {
    "boolean": _boolean,
    "int": _number,
    "long": _number,
    "double": _number,
    "currency": _number,
    "percent": _number,
    "date": _date,
    "datetime": _moment,
    "time": _clock,
}
