"""Checking a mapping: whether an org's field is one that ours can be mapped to, in its mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.mapping import EMAIL, Mode
from counterpart.domain.outgoing_fields import goes_out
from counterpart.domain.salesforce_types import BEST, FITS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.places import Place
    from counterpart.domain.records import AnyObject

# What a person or an organisation is known by; a formula is no name that somebody gave.
_NAMES = frozenset({EMAIL, "last_name", "name"})
UNMASK = "give our user the permission View Encrypted Data"


@dataclass(frozen=True, kw_only=True, slots=True)
class MappingWanted:
    """Fields that are new, or mapped in another way.

    Attributes:
        fields: By section of the settings document.
        modeless: Paths in the document, such as `fields.score`, of those that name no mode.
    """

    fields: Mapping[str, Sequence[FieldMapping]]
    modeless: frozenset[str] = frozenset()


def complaint(
    field: FieldMapping, sobject: AnyObject, place: Place, *, modeless: bool
) -> tuple[str, str] | None:
    """Return which key of a field is wrong and why, or `None` if it can be mapped like that.

    Args:
        field: One of ours.
        sobject: One of its objects.
        place: What it is mapped to there.
        modeless: Nobody has chosen its mode.
    """
    path = field.paths[sobject]
    if field.mode is Mode.DO_NOT_SYNC:
        return None
    if place.calculated and field.name in _NAMES:
        return f"salesforce.{sobject}", (
            f"{path} of {sobject} is worked out by Salesforce, but {field.name} has to be mapped "
            "to a field that people fill"
        )
    if place.type not in FITS[field.type]:
        best = BEST.get(place.type)
        advice = f"give {field.name} the type {best}" if best else "map its parts, each by itself"
        return "type", f"{path} of {sobject} is a {place.type}, not a {field.type}; {advice}"
    if place.masked and field.mode is not Mode.ALWAYS_OURS:
        return "mode", (
            f"{path} of {sobject} is encrypted, and our user sees a mask, which would come in as "
            f"if it were the value; {UNMASK}, or map {field.name} as {Mode.ALWAYS_OURS}"
        )
    chosen = not modeless and field.mode is not Mode.RESTRICTIVE_WINS
    if chosen and "." not in path and goes_out(field) and not place.writable:
        return "mode", (
            f"{field.mode} writes to {path} of {sobject}, which is read-only"
            f"{' for our user' if not place.calculated else ''}; map it as "
            f"{Mode.ALWAYS_SALESFORCE}, or leave the mode out"
        )
    return None


def is_read_only(field: FieldMapping, places: Mapping[AnyObject, Place]) -> bool:
    """Return whether some place of *field* cannot be written, so that it only ever comes in."""
    return any(
        not place.writable for sobject, place in places.items() if "." not in field.paths[sobject]
    )
