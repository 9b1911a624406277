"""Judges in memory which rows a selection takes, as Salesforce would."""

from __future__ import annotations

import operator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from counterpart.domain.ids import given_id
from counterpart.domain.selection import (
    Criterion,
    CriterionValue,
    Group,
    Junction,
    Operator,
    Selection,
    SelectionMode,
)
from counterpart.domain.values import parse_time
from counterpart.errors import MissingFieldError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def takes(
    selection: Selection,
    row: Mapping[str, Any],
    kind_of: Callable[[str], str | None] = lambda _: None,
) -> bool:
    """Return whether a row is selected.

    Args:
        selection: By what.
        row: By API names, with its parents' rows inside.
        kind_of: Tells the Salesforce type of a field; a text of which it knows none is a text.
    """
    match selection.mode:
        case SelectionMode.ALL:
            return True
        case SelectionMode.NONE:
            return False
        case SelectionMode.MARKED:
            return _found(row, selection.marker) is True
        case SelectionMode.FROM_NOW_ON:
            return selection.since is None or row["CreatedDate"] >= selection.since
        case SelectionMode.CRITERIA:
            return selection.criteria is not None and _holds(selection.criteria, row, kind_of)


def _holds(
    condition: Criterion | Group, row: Mapping[str, Any], kind_of: Callable[[str], str | None]
) -> bool:
    if isinstance(condition, Group):
        join = all if condition.junction is Junction.ALL else any
        return join(_holds(member, row, kind_of) for member in condition.members)
    kind = kind_of(condition.field)
    found = _read(_found(row, condition.field), kind)
    return _TESTS[condition.operator](_comparable(found), _meant(condition.value, kind))


def _found(row: Mapping[str, Any], path: str) -> Any:  # noqa: ANN401 - whatever a row holds
    """Return what stands in a field, whose name ignores case; nothing where a parent is missing."""
    found: Any = row
    for step in path.lower().split("."):
        if found is None:
            return None
        (found,) = (value for name, value in found.items() if name.lower() == step)
    return found


def _read(found: Any, kind: str | None) -> Any:  # noqa: ANN401 - whatever a row holds
    """Return a time as one, however its text is written."""
    if isinstance(found, str) and kind == "datetime":
        return parse_time(found)
    if isinstance(found, str) and kind == "date":
        return date.fromisoformat(found)
    return found


def _meant(value: CriterionValue, kind: str | None) -> CriterionValue:
    """Return an id as rows have it, however it was given, and any other value as it is."""
    if kind not in {"id", "reference"} or not isinstance(value, (str, tuple)):
        return value
    if isinstance(value, str):
        return given_id(value) or value
    return tuple(given_id(each) or each for each in value)


def _comparable(value: Any) -> Any:  # noqa: ANN401 - whatever a row holds
    """Return *value* so that texts of different case are the same."""
    return value.casefold() if isinstance(value, str) else value


def _like(found: Any, wanted: CriterionValue) -> Any:  # noqa: ANN401 - whatever a row holds
    """Return *wanted* in the type of *found*.

    Raises:
        MissingFieldError: it is none of that type, for which Salesforce refuses the whole query.
    """
    if isinstance(found, bool):
        return str(wanted).lower() == "true"
    try:
        if isinstance(found, datetime):
            return parse_time(str(wanted))
        if isinstance(found, date):
            return date.fromisoformat(str(wanted))
        if isinstance(found, (int, float)):
            return float(str(wanted))
    except ValueError as exc:
        raise MissingFieldError(f"{wanted!r} is no {type(found).__name__}") from exc
    return _comparable(str(wanted))


def _compared(test: Callable[[Any, Any], bool]) -> Callable[[Any, CriterionValue], bool]:
    def judge(found: Any, wanted: CriterionValue) -> bool:  # noqa: ANN401 - whatever a row holds
        if found is None or wanted is None:
            return test(found, wanted) if test in {operator.eq, operator.ne} else False
        return test(found, _like(found, wanted))

    return judge


def _listed(found: Any, wanted: CriterionValue) -> bool:  # noqa: ANN401 - whatever a row holds
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    return any(found == _like(found, value) for value in values)


def _included(found: Any, wanted: CriterionValue) -> bool:  # noqa: ANN401 - whatever a row holds
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    held = set((found or "").split(";"))
    # Of `Tea;Chess`, a record has to have both.
    return any(set(_comparable(value).split(";")) <= held for value in values)


_TESTS: Mapping[Operator, Callable[[Any, CriterionValue], bool]] = {
    Operator.EQUALS: _compared(operator.eq),
    Operator.NOT_EQUALS: _compared(operator.ne),
    Operator.LESS_THAN: _compared(operator.lt),
    Operator.GREATER_THAN: _compared(operator.gt),
    Operator.AT_MOST: _compared(operator.le),
    Operator.AT_LEAST: _compared(operator.ge),
    Operator.CONTAINS: _compared(operator.contains),
    Operator.STARTS_WITH: _compared(str.startswith),
    Operator.IN: _listed,
    Operator.NOT_IN: lambda found, wanted: not _listed(found, wanted),
    Operator.INCLUDES: _included,
    Operator.IS_BLANK: lambda found, _: found is None,
    Operator.IS_NOT_BLANK: lambda found, _: found is not None,
}
