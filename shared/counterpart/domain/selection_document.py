"""The selection of an object's records, as a part of the settings document."""

from __future__ import annotations

import re
from datetime import UTC
from math import isfinite
from typing import TYPE_CHECKING, TypeGuard

from counterpart.domain.document import Section, choose
from counterpart.domain.selection import (
    Criterion,
    Group,
    Junction,
    Operator,
    Selection,
    SelectionMode,
)
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from counterpart.domain.selection import CriterionValue

# Groups within groups; Salesforce's own filter logic is as shallow, and people read no deeper.
_DEEPEST = 4
_MOST_CRITERIA = 50
_MOST_VALUES = 200
_LONGEST_VALUE = 255
# A path leads over at most five parents (SOQL and SOSL reference, "Relationship Query Limits").
_API_NAME = r"[A-Za-z][A-Za-z0-9_]{0,79}"
_PATH = re.compile(rf"{_API_NAME}(?:\.{_API_NAME}){{0,5}}")

_BLANKNESS = frozenset({Operator.IS_BLANK, Operator.IS_NOT_BLANK})
_LISTS = frozenset({Operator.IN, Operator.NOT_IN, Operator.INCLUDES})
_TEXTS = frozenset({Operator.CONTAINS, Operator.STARTS_WITH})
_EQUALITY = frozenset({Operator.EQUALS, Operator.NOT_EQUALS})


def api_path(value: object, *, where: str) -> str:
    """Return *value* if it has the form of an API name, or of a path to a parent's field.

    Raises:
        InputError: it has not.
    """
    if isinstance(value, str) and _PATH.fullmatch(value):
        return value
    raise InputError(
        "must be the API name of a field, such as Title, or a path, such as Owner.Email",
        field=where,
    )


def moment_to_document(moment: datetime | None) -> str | None:
    """Return *moment* as RFC 3339 with all its digits, so that it comes back as it was."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def selection_to_document(selection: Selection) -> dict[str, object]:
    """Return *selection* as JSON."""
    return {
        "mode": selection.mode.value,
        "since": moment_to_document(selection.since),
        "marker": selection.marker,
        "criteria": _group_to_document(selection.criteria) if selection.criteria else None,
    }


def selection_from_document(content: object, *, base: Selection, path: str) -> Selection:
    """Return the selection that *content* describes; what it leaves out stays as in *base*.

    Raises:
        InputError: something is wrong with it.
    """
    section = Section(content, path=path, allowed=("mode", "since", "marker", "criteria"))
    mode = section.choice("mode", SelectionMode, default=base.mode)
    marker = (
        api_path(section.get("marker"), where=section.where("marker"))
        if "marker" in section
        else base.marker
    )
    criteria = base.criteria
    if "criteria" in section:
        sent = section.get("criteria")
        criteria = None if sent is None else _Criteria().read_root(sent, section.where("criteria"))
    if mode is SelectionMode.CRITERIA and criteria is None:
        message = (
            "mode 'criteria' needs criteria, such as "
            '{"all": [{"field": "Rating", "operator": "equals", "value": "Hot"}]}'
        )
        raise InputError(message, field=section.where("criteria"))
    return Selection(
        mode=mode,
        since=section.moment("since") if "since" in section else base.since,
        marker=marker,
        criteria=criteria,
    )


def _group_to_document(group: Group) -> dict[str, object]:
    return {
        group.junction.value: [
            _group_to_document(member)
            if isinstance(member, Group)
            else _criterion_to_document(member)
            for member in group.members
        ]
    }


def _criterion_to_document(criterion: Criterion) -> dict[str, object]:
    document: dict[str, object] = {
        "field": criterion.field,
        "operator": criterion.operator.value,
    }
    if criterion.operator not in _BLANKNESS:
        value = criterion.value
        document["value"] = list(value) if isinstance(value, tuple) else value
    return document


class _Criteria:
    """One reading of a tree of criteria, which counts them."""

    def __init__(self) -> None:
        self._count = 0

    def read_root(self, content: object, path: str) -> Group:
        return self._group(content, path, depth=1)

    def _group(self, content: object, path: str, *, depth: int) -> Group:
        if depth > _DEEPEST:
            raise InputError(f"groups may lie {_DEEPEST} deep, no deeper", field=path)
        section = Section(content, path=path, allowed=("all", "any"))
        junctions = [junction for junction in Junction if junction.value in section]
        if len(junctions) != 1:
            raise InputError(
                "must have either 'all' or 'any', a list of criteria and groups", field=path
            )

        (junction,) = junctions
        members = section.get(junction.value)
        where = section.where(junction.value)
        if not isinstance(members, (list, tuple)) or not members:
            raise InputError("must be a list of at least one criterion or group", field=where)
        return Group(junction=junction, members=self._members(members, where, depth=depth))

    def _members(
        self, members: Sequence[object], where: str, *, depth: int
    ) -> tuple[Criterion | Group, ...]:
        read: list[Criterion | Group] = []
        for index, member in enumerate(members):
            path = f"{where}.{index}"
            is_group = isinstance(member, dict) and ("all" in member or "any" in member)
            read.append(
                self._group(member, path, depth=depth + 1)
                if is_group
                else self._criterion(member, path)
            )
        return tuple(read)

    def _criterion(self, content: object, path: str) -> Criterion:
        self._count += 1
        if self._count > _MOST_CRITERIA:
            raise InputError(f"there may be {_MOST_CRITERIA} criteria in all, no more", field=path)
        section = Section(content, path=path, allowed=("field", "operator", "value"))
        operator = choose(section.get("operator"), Operator, path=section.where("operator"))
        return Criterion(
            field=api_path(section.get("field"), where=section.where("field")),
            operator=operator,
            value=_value(section.get("value"), operator, section.where("value")),
        )


def _value(value: object, operator: Operator, where: str) -> CriterionValue:
    """Return *value* if *operator* takes such a one."""
    if operator in _BLANKNESS:
        if value is None:
            return None
        takes = "no value"
    elif operator in _LISTS:
        if _is_list(value):
            return tuple(str(item) for item in value)
        takes = (
            f"a list of 1 to {_MOST_VALUES} texts of up to {_LONGEST_VALUE} characters, or numbers"
        )
    elif operator in _TEXTS:
        if _is_text(value):
            return value
        takes = f"a text of 1 to {_LONGEST_VALUE} characters"
    else:
        if _is_text(value) or _is_number(value):
            return value
        takes = "a text or a number"
        if operator in _EQUALITY:
            if isinstance(value, bool):
                return value
            takes = "a text, a number, true or false; is_blank looks for blanks"
    raise InputError(f"{operator} takes {takes}", field=where)


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= _LONGEST_VALUE


def _is_list(value: object) -> TypeGuard[Sequence[str | int | float]]:
    return (
        isinstance(value, (list, tuple))
        and 0 < len(value) <= _MOST_VALUES
        and all(_is_text(item) or _is_number(item) for item in value)
    )


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
