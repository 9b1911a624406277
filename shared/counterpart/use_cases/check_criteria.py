"""Check criteria: hold them against what our user sees of an org, before a pull does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.criteria_checks import complaint, places
from counterpart.domain.selection import SelectionMode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from counterpart.domain.records import SObject
    from counterpart.domain.selection import Criterion, Selection
    from counterpart.ports import FieldFacts, ObjectFacts, OrgSurvey


@dataclass(frozen=True, kw_only=True, slots=True)
class Complaint:
    """What is wrong with one criterion.

    Attributes:
        field: Where in the settings document.
    """

    field: str
    message: str

    def answer(self) -> dict[str, str]:
        """Return it as JSON."""
        return {"field": self.field, "message": self.message}


def check_criteria(
    selections: Mapping[SObject, Selection], *, survey: OrgSurvey
) -> list[Complaint]:
    """Return what Salesforce would not take of these selections; none is well.

    Args:
        selections: By object; only those that go by criteria are looked at.
        survey: Asks each object that a path leads over once.
    """
    known = _Known(survey)
    return [
        each
        for sobject, selection in selections.items()
        if selection.mode is SelectionMode.CRITERIA and selection.criteria
        for place, criterion in places(
            selection.criteria, f"inbound.objects.{sobject}.selection.criteria"
        )
        for each in _complaints(place, criterion, sobject, known)
    ]


class _Known:
    """Objects that were asked for."""

    def __init__(self, survey: OrgSurvey) -> None:
        self._survey = survey
        self._objects: dict[str, ObjectFacts | None] = {}

    def object(self, name: str) -> ObjectFacts | None:
        """Return what our user sees of an object."""
        if name not in self._objects:
            self._objects[name] = self._survey.object(name)
        return self._objects[name]


def _complaints(
    place: str, criterion: Criterion, sobject: str, known: _Known
) -> Iterator[Complaint]:
    *parents, name = criterion.field.split(".")
    owner = sobject
    for relationship in parents:
        facts = known.object(owner)
        above = facts.parents.get(relationship.lower()) if facts else None
        if above is None:
            message = f"our user sees no relationship {relationship} on {owner}"
            yield Complaint(field=f"{place}.field", message=message)
            return
        owner = above
    field = _field(known.object(owner), name)
    if field is None:
        message = f"our user sees no field {name} on {owner}"
        yield Complaint(field=f"{place}.field", message=message)
        return
    wrong = complaint(criterion, field.type, filterable=field.filterable)
    if wrong:
        yield Complaint(field=f"{place}.{wrong[0]}", message=wrong[1])


def _field(facts: ObjectFacts | None, name: str) -> FieldFacts | None:
    if facts is None:
        return None
    return next((each for path, each in facts.fields.items() if path.lower() == name.lower()), None)
