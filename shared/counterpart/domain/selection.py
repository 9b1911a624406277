"""Selection: which records of an object come in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class SelectionMode(StrEnum):
    """The ways to choose records."""

    NONE = "none"
    ALL = "all"
    FROM_NOW_ON = "from_now_on"
    MARKED = "marked"
    CRITERIA = "criteria"


class Operator(StrEnum):
    """How a criterion compares a field with its value."""

    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    LESS_THAN = "less_than"
    GREATER_THAN = "greater_than"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    IN = "in"
    NOT_IN = "not_in"
    INCLUDES = "includes"
    IS_BLANK = "is_blank"
    IS_NOT_BLANK = "is_not_blank"


class Junction(StrEnum):
    """How the members of a group are joined."""

    ALL = "all"
    ANY = "any"


CriterionValue = str | int | float | bool | tuple[str, ...] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Criterion:
    """One comparison. *field* is an API name or a path to a parent's field, `Owner.Email`."""

    field: str
    operator: Operator
    value: CriterionValue = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Several criteria or groups, of which all or any must hold."""

    junction: Junction
    members: tuple[Criterion | Group, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Which records of one object come in.

    Attributes:
        since: For `from_now_on`: records created earlier stay outside.
        marker: For `marked`: API name of the checkbox that a Flow or a person sets.
        criteria: For `criteria`.
    """

    mode: SelectionMode = SelectionMode.ALL
    since: datetime | None = None
    marker: str = "Sync_to_Counterpart__c"
    criteria: Group | None = None
