"""Selection: which records of an object come in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.values import format_time

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

    def also_by(self, other: Selection) -> Selection:
        """Return the selection of what both of these take."""
        if SelectionMode.NONE in {self.mode, other.mode}:
            return Selection(mode=SelectionMode.NONE)
        members = tuple(one for each in (self, other) for one in each.as_criteria())
        if not members:
            return Selection()
        both = Group(junction=Junction.ALL, members=members)
        return Selection(mode=SelectionMode.CRITERIA, criteria=both)

    def as_criteria(self) -> tuple[Criterion | Group, ...]:
        """Return what must hold of a record that is taken, where any is."""
        match self.mode:
            case SelectionMode.MARKED:
                return (Criterion(field=self.marker, operator=Operator.EQUALS, value=True),)
            case SelectionMode.FROM_NOW_ON if self.since:
                since = format_time(self.since)
                return (Criterion(field="CreatedDate", operator=Operator.AT_LEAST, value=since),)
            case SelectionMode.CRITERIA if self.criteria:
                return (self.criteria,)
        return ()
