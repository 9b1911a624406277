"""Places: settings with what Salesforce says of the fields that ours are mapped to.

It is asked only where a value crosses rightly by no other means, and not before one is about to:
once for each object in the life of the process.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from counterpart.domain.keeping import asks_for_place
from counterpart.errors import HaltError, TransientError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.places import Place
    from counterpart.domain.records import AnyObject
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import FieldFacts


class Describer(Protocol):
    """Who can be asked what an object's fields are."""

    def describe(self, sobject: str) -> Mapping[str, FieldFacts]:
        """Return what our user may see of an object, by API name of the field."""


def placed(settings: SyncSettings, describer: Describer) -> SyncSettings:
    """Return *settings* in which the places of those fields are known that have to be.

    Salesforce is asked when the first of them is looked at. Where it does not answer, they stay
    unknown: its refusals tell of what does not fit.
    """
    known = KnownPlaces(describer)
    return replace(
        settings,
        fields=_with_places(settings.fields, known),
        company_fields=_with_places(settings.company_fields, known),
        member_fields=_with_places(settings.member_fields, known),
    )


def _with_places(fields: Sequence[FieldMapping], known: KnownPlaces) -> tuple[FieldMapping, ...]:
    return tuple(
        replace(field, places=_Places(field.paths, known)) if asks_for_place(field) else field
        for field in fields
    )


class _Places:
    """The places of one field, looked up when they are asked for."""

    def __init__(self, paths: Mapping[AnyObject, str], known: KnownPlaces) -> None:
        self._paths = paths
        self._known = known

    def get(self, sobject: AnyObject, /) -> Place | None:
        path = self._paths.get(sobject, ".")
        # A parent's field is never written.
        return None if "." in path else self._known.places_on(sobject).get(path.lower())


class KnownPlaces:
    """What is known of objects, each of which is asked for once; of one that is hidden, nothing.

    Args:
        describer: Whom to ask.
    """

    def __init__(self, describer: Describer) -> None:
        self._describer = describer
        self._objects: dict[AnyObject, Mapping[str, Place]] = {}

    def places_on(self, sobject: AnyObject) -> Mapping[str, Place]:
        """Return the places on an object, by API name in lower case."""
        if sobject not in self._objects:
            try:
                facts = self._describer.describe(sobject)
            except (TransientError, HaltError):
                facts = {}
            self._objects[sobject] = {path.lower(): one.place for path, one in facts.items()}
        return self._objects[sobject]
