"""Check criteria: hold them against what our user sees of an org, before a pull does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.criteria_checks import complaint, is_too_long, places
from counterpart.domain.selection import SelectionMode
from counterpart.use_cases.known_objects import Complaint, KnownObjects

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from counterpart.domain.records import SObject
    from counterpart.domain.selection import Criterion, Selection
    from counterpart.ports import OrgSurvey


def check_criteria(
    selections: Mapping[SObject, Selection], *, survey: OrgSurvey
) -> list[Complaint]:
    """Return what Salesforce would not take of these selections; none is well.

    Args:
        selections: By object; only those that go by criteria or a checkbox are looked at.
        survey: Asks each object that a path leads over once.
    """
    known = KnownObjects(survey)
    found: list[Complaint] = []
    for sobject, selection in selections.items():
        where = f"inbound.objects.{sobject}.selection"
        if selection.mode is SelectionMode.MARKED:
            found += _unmarkable(f"{where}.marker", sobject, selection.marker, known)
        if selection.mode is not SelectionMode.CRITERIA or selection.criteria is None:
            continue
        root = f"{where}.criteria"
        if is_too_long(selection.criteria):
            message = "are too long for one query; shorten lists, or let a formula field tell"
            found.append(Complaint(field=root, message=message))
        for place, criterion in places(selection.criteria, root):
            found += _complaints(place, criterion, sobject, known)
    return found


def _unmarkable(place: str, sobject: str, marker: str, known: KnownObjects) -> Iterator[Complaint]:
    field = known.field(sobject, marker)
    if isinstance(field, str):
        yield Complaint(field=place, message=field)
    elif field.type != "boolean":
        yield Complaint(field=place, message=f"{marker} is a {field.type}, and no checkbox")
    elif not field.filterable:
        yield Complaint(field=place, message=f"Salesforce cannot select by {marker}")


def _complaints(
    place: str, criterion: Criterion, sobject: str, known: KnownObjects
) -> Iterator[Complaint]:
    field = known.field(sobject, criterion.field)
    if isinstance(field, str):
        yield Complaint(field=f"{place}.field", message=field)
        return
    wrong = complaint(criterion, field.type, filterable=field.filterable)
    if wrong:
        yield Complaint(field=f"{place}.{wrong[0]}", message=wrong[1])
