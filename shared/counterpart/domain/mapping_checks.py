"""Checking a mapping: whether an org's field is one that ours can be mapped to, in its mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.mapping import EMAIL, Mode
from counterpart.domain.opportunities import OPPORTUNITY
from counterpart.domain.outgoing_fields import goes_out
from counterpart.domain.salesforce_types import BEST, COMPOUND, FITS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.opportunities import OpportunityField
    from counterpart.domain.places import Place
    from counterpart.domain.records import AnyObject
    from counterpart.domain.values import FieldType

# What a person or an organisation is known by; a formula is no name that somebody gave.
_NAMES = frozenset({EMAIL, "last_name", "name"})
_MASKED = "is encrypted, and our user sees a mask, which comes in as if it were the value"
_UNMASK = "give our user the permission View Encrypted Data"


@dataclass(frozen=True, kw_only=True, slots=True)
class MappingWanted:
    """Fields that are new, or mapped in another way.

    Attributes:
        fields: By section of the settings document.
        modeless: Paths in the document, such as `fields.score`, of those that name no mode.
        opportunity_fields: Of opportunities, which only ever come in.
    """

    fields: Mapping[str, Sequence[FieldMapping]]
    modeless: frozenset[str] = frozenset()
    opportunity_fields: Sequence[OpportunityField] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Misfit:
    """Why a field cannot be mapped to a place like that.

    Attributes:
        key: Which key of the field is wrong.
        what: What is wrong with it.
        advice: What to do instead.
    """

    key: str
    what: str
    advice: str

    @property
    def sentence(self) -> str:
        """Return both in one sentence."""
        return f"{self.what}; {self.advice}"


def complaint(
    field: FieldMapping, sobject: AnyObject, place: Place, *, modeless: bool
) -> Misfit | None:
    """Return what is wrong with a field, or `None` if it can be mapped like that.

    Args:
        field: One of ours.
        sobject: One of its objects.
        place: What it is mapped to there.
        modeless: Nobody has chosen its mode.
    """
    if field.mode is Mode.DO_NOT_SYNC:
        return None
    where = f"{field.paths[sobject]} of {sobject}"
    wrong = _in_any_mode(field, sobject, place, where)
    if wrong:
        return wrong
    if place.masked and field.mode is not Mode.ALWAYS_OURS:
        return Misfit(
            key="mode",
            what=f"{where} {_MASKED}",
            advice=f"{_UNMASK}, or map {field.name} as {Mode.ALWAYS_OURS}",
        )
    chosen = not modeless and field.mode is not Mode.RESTRICTIVE_WINS
    if chosen and "." not in field.paths[sobject] and goes_out(field) and not place.writable:
        whose = "" if place.calculated else " for our user"
        return Misfit(
            key="mode",
            what=f"{field.mode} writes to {where}, which is read-only{whose}",
            advice=f"map it as {Mode.ALWAYS_SALESFORCE}, or leave the mode out",
        )
    return None


def opportunity_complaint(field: OpportunityField, place: Place) -> Misfit | None:
    """Return what is wrong with a field of opportunities, or `None` if it can come in like that."""
    where = f"{field.path} of {OPPORTUNITY}"
    if place.type not in FITS[field.type]:
        return _another_type(field.name, field.type, place, where)
    if place.masked:
        return Misfit(key="salesforce", what=f"{where} {_MASKED}", advice=_UNMASK)
    return None


def _in_any_mode(
    field: FieldMapping, sobject: AnyObject, place: Place, where: str
) -> Misfit | None:
    """Return what is wrong with a field whatever its mode is, if anything is."""
    if place.calculated and field.name in _NAMES:
        return Misfit(
            key=f"salesforce.{sobject}",
            what=f"{where} is worked out by Salesforce, and nobody is known by that",
            advice=f"map {field.name} to a field that people fill",
        )
    if place.type not in FITS[field.type]:
        return _another_type(field.name, field.type, place, where)
    if place.rich and field.truncate:
        return Misfit(
            key="truncate",
            what=f"{where} is rich text, which cannot be cut anywhere",
            advice="leave truncate out, and what is too long stays here and is told",
        )
    return None


def _another_type(name: str, kind: FieldType, place: Place, where: str) -> Misfit:
    best = BEST.get(place.type)
    advice = f"nothing here holds such values, so map {name} to another field"
    if best:
        advice = f"give {name} the type {best}"
    elif place.type in COMPOUND:
        advice = "map its parts, each by itself"
    return Misfit(
        key="type",
        what=f"{where} has the type {place.type}, which {kind} does not hold",
        advice=advice,
    )


def is_read_only(field: FieldMapping, places: Mapping[AnyObject, Place]) -> bool:
    """Return whether some place of *field* cannot be written, so that it only ever comes in."""
    return any(
        not place.writable for sobject, place in places.items() if "." not in field.paths[sobject]
    )
