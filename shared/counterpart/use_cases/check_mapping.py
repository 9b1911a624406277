"""Check a mapping: hold fields against what our user sees of an org, before a value crosses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.mapping import Mode
from counterpart.domain.mapping_checks import complaint, is_read_only, opportunity_complaint
from counterpart.domain.opportunities import OPPORTUNITY
from counterpart.domain.settings_document import OPPORTUNITY_FIELDS
from counterpart.use_cases.known_objects import Complaint, KnownObjects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.mapping_checks import MappingWanted
    from counterpart.domain.places import Place
    from counterpart.domain.records import AnyObject
    from counterpart.ports import OrgSurvey


@dataclass(frozen=True, kw_only=True, slots=True)
class MappingChecked:
    """What came of it.

    Attributes:
        complaints: What cannot be mapped like that.
        read_only: Paths in the document of fields without a mode that can only come in.
    """

    complaints: Sequence[Complaint]
    read_only: Sequence[str]

    def answer(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "complaints": [each.answer() for each in self.complaints],
            "read_only": list(self.read_only),
        }


def check_mapping(wanted: MappingWanted, *, survey: OrgSurvey) -> MappingChecked:
    """Return what is wrong with these fields, and which of them are read-only.

    Args:
        wanted: The fields, and who of them has no mode yet.
        survey: Asks each object that is mapped to once.
    """
    known = KnownObjects(survey)
    complaints: list[Complaint] = []
    read_only: list[str] = []
    for section, fields in wanted.fields.items():
        for field in fields:
            path = f"{section}.{field.name}"
            modeless = path in wanted.modeless
            places = _places(field, path, known, complaints)
            for sobject, place in places.items():
                wrong = complaint(field, sobject, place, modeless=modeless)
                if wrong:
                    complaints.append(
                        Complaint(field=f"{path}.{wrong.key}", message=wrong.sentence)
                    )
            if modeless and is_read_only(field, places):
                read_only.append(path)
    for deal_field in wanted.opportunity_fields:
        path = f"{OPPORTUNITY_FIELDS}.{deal_field.name}"
        found = known.field(OPPORTUNITY, deal_field.path)
        if isinstance(found, str):
            complaints.append(Complaint(field=f"{path}.salesforce", message=found))
        elif wrong := opportunity_complaint(deal_field, found.place):
            complaints.append(Complaint(field=f"{path}.{wrong.key}", message=wrong.sentence))
    return MappingChecked(complaints=complaints, read_only=read_only)


def _places(
    field: FieldMapping, path: str, known: KnownObjects, complaints: list[Complaint]
) -> dict[AnyObject, Place]:
    """Return what a field is mapped to, and complain of what our user does not see."""
    places: dict[AnyObject, Place] = {}
    if field.mode is Mode.DO_NOT_SYNC:
        return places
    for sobject, target in field.paths.items():
        found = known.field(sobject, target)
        if isinstance(found, str):
            complaints.append(Complaint(field=f"{path}.salesforce.{sobject}", message=found))
        else:
            places[sobject] = found.place
    return places
