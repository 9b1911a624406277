"""Auto-detection: custom fields that an org has and the mapping does not know yet.

A field that is mapped already, by whatever mode, stays as it is. One whose name we would give to a
field that exists joins it; any other becomes a field of ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.mapping import OWN_KEY, FieldMapping, Mode
from counterpart.domain.salesforce_types import BEST, FITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from counterpart.domain.records import SObject
    from counterpart.domain.sync_settings import SyncSettings

# More would make a query, and the settings document, unwieldy (`mapping_from_document`).
MOST_FIELDS = 500
_LONGEST_NAME = 78
_CUSTOM = re.compile(r"(?P<stem>\w+?)__[cs]", re.ASCII)
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER = re.compile(r"[^a-z0-9]+")
# What we have put there ourselves (salesforce/).
_OURS = frozenset({OWN_KEY.lower(), "sync_to_counterpart__c"})
# What is encrypted may be shown to us as a mask, and somebody hides it for a reason.
_TAKEN = BEST.keys() - {"encryptedstring"}


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenField:
    """A field as our user sees it.

    Attributes:
        type: Salesforce's.
        writable: Our user may create and change it.
    """

    path: str
    type: str
    writable: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Detected:
    """A field that the mapping did not know.

    Attributes:
        name: Ours, by which it was taken in; `None` if the mapping has no room for it.
    """

    object: SObject
    path: str
    name: str | None


def detected(
    settings: SyncSettings, seen: Mapping[SObject, Sequence[SeenField]]
) -> tuple[SyncSettings, Sequence[Detected]]:
    """Return the settings with what they did not know, and what that is.

    Args:
        settings: As they are; the very same come back if they know everything.
        seen: The fields of some objects.
    """
    people = _Mapping(settings.fields)
    companies = _Mapping(settings.company_fields)
    found: list[Detected] = []
    for sobject, fields in seen.items():
        mapping = people if sobject.is_person else companies
        marker = settings.inbound.objects[sobject].selection.marker.lower()
        for field in sorted(fields, key=lambda one: one.path.lower()):
            custom = _CUSTOM.fullmatch(field.path)
            if not custom or field.path.lower() in _OURS | {marker} or field.type not in _TAKEN:
                continue
            if not mapping.knows(sobject, field):
                name = mapping.take(sobject, field, custom["stem"])
                found.append(Detected(object=sobject, path=field.path, name=name))
    if not any(one.name for one in found):
        return settings, tuple(found)
    after = replace(settings, fields=people.fields, company_fields=companies.fields)
    return after, found


class _Mapping:
    """A mapping that grows."""

    def __init__(self, fields: Iterable[FieldMapping]) -> None:
        self._by_name = {field.name: field for field in fields}
        self._taken = {
            (sobject, path.lower())
            for field in self._by_name.values()
            for sobject, path in field.paths.items()
        }

    @property
    def fields(self) -> tuple[FieldMapping, ...]:
        """Return all fields, new ones last."""
        return tuple(self._by_name.values())

    def knows(self, sobject: SObject, seen: SeenField) -> bool:
        """Return whether a field is mapped, be it not to cross."""
        return (sobject, seen.path.lower()) in self._taken

    def take(self, sobject: SObject, seen: SeenField, stem: str) -> str | None:
        """Take a field in and return our name of it; `None` if there is no room."""
        for name in _names(stem):
            mapped = self._by_name.get(name)
            if mapped is None and len(self._by_name) >= MOST_FIELDS:
                return None
            if mapped is None or _joins(mapped, sobject, seen):
                self._by_name[name] = _with(mapped, name, sobject, seen)
                self._taken.add((sobject, seen.path.lower()))
                return name
        return None


def _names(stem: str) -> Iterator[str]:
    """Yield the names that a field could have here, the best one first."""
    name = _OTHER.sub("_", _HUMPS.sub("_", stem).lower()).strip("_")[:_LONGEST_NAME].strip("_")
    if not name[:1].isalpha():
        name = f"field_{name}".strip("_")[:_LONGEST_NAME].strip("_")
    yield name
    yield f"{name}_c"
    yield from (f"{name}_{number}" for number in range(2, 10))


def _joins(mapped: FieldMapping, sobject: SObject, seen: SeenField) -> bool:
    """Return whether a field may become the place on *sobject* of a field that we have."""
    if sobject in mapped.paths or seen.type not in FITS[mapped.type]:
        return False
    return seen.writable or mapped.mode in {Mode.ALWAYS_SALESFORCE, Mode.DO_NOT_SYNC}


def _with(
    mapped: FieldMapping | None, name: str, sobject: SObject, seen: SeenField
) -> FieldMapping:
    if mapped:
        return replace(mapped, paths={**mapped.paths, sobject: seen.path})
    return FieldMapping(
        name=name,
        type=BEST[seen.type],
        mode=Mode.PREFER_SALESFORCE if seen.writable else Mode.ALWAYS_SALESFORCE,
        paths={sobject: seen.path},
    )
