"""Judges in memory which rows a selection takes, as Salesforce would."""

from __future__ import annotations

import operator
from datetime import datetime
from typing import TYPE_CHECKING, Any

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


def takes(selection: Selection, row: Mapping[str, Any]) -> bool:
    """Return whether *row*, by API names and with its parents' rows inside, is selected."""
    match selection.mode:
        case SelectionMode.ALL:
            return True
        case SelectionMode.NONE:
            return False
        case SelectionMode.MARKED:
            return row[selection.marker] is True
        case SelectionMode.FROM_NOW_ON:
            return selection.since is None or row["CreatedDate"] >= selection.since
        case SelectionMode.CRITERIA:
            return selection.criteria is not None and _holds(selection.criteria, row)


def _holds(condition: Criterion | Group, row: Mapping[str, Any]) -> bool:
    if isinstance(condition, Group):
        join = all if condition.junction is Junction.ALL else any
        return join(_holds(member, row) for member in condition.members)

    found: Any = row
    for step in condition.field.split("."):
        found = found[step] if found is not None else None
    return _TESTS[condition.operator](_comparable(found), condition.value)


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
        if isinstance(found, (int, float)):
            return float(str(wanted))
    except ValueError as exc:
        raise MissingFieldError(f"{wanted!r} is no {type(found).__name__}") from exc
    return _comparable(wanted)


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
    return not {_comparable(value) for value in values}.isdisjoint((found or "").split(";"))


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
