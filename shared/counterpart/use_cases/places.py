"""Places: settings with what Salesforce says of the fields that ours are mapped to.

It is asked only where a value crosses rightly by no other means, once for each object in the life
of the process.
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
    """Return *settings* with the places of those fields that have to be known.

    Where Salesforce does not answer, they stay unknown: its refusals tell of what does not fit.
    """
    known = _Known(describer)
    fields, company_fields = (
        known.with_places(settings.fields),
        known.with_places(settings.company_fields),
    )
    member_fields = known.with_places(settings.member_fields)
    if not known.objects:
        return settings
    return replace(
        settings, fields=fields, company_fields=company_fields, member_fields=member_fields
    )


class _Known:
    """Objects that were asked for.

    Attributes:
        objects: What is known of each; of one that is hidden, nothing.
    """

    def __init__(self, describer: Describer) -> None:
        self._describer = describer
        self.objects: dict[AnyObject, Mapping[str, Place]] = {}

    def with_places(self, fields: Sequence[FieldMapping]) -> tuple[FieldMapping, ...]:
        """Return *fields*, those that ask for their places with them."""
        return tuple(
            replace(field, places=self._places(field)) if asks_for_place(field) else field
            for field in fields
        )

    def _places(self, field: FieldMapping) -> Mapping[AnyObject, Place]:
        return {
            sobject: place
            for sobject, path in field.paths.items()
            if "." not in path and (place := self._of(sobject).get(path.lower()))
        }

    def _of(self, sobject: AnyObject) -> Mapping[str, Place]:
        if sobject not in self.objects:
            try:
                facts = self._describer.describe(sobject)
            except (TransientError, HaltError):
                facts = {}
            self.objects[sobject] = {path.lower(): one.place for path, one in facts.items()}
        return self.objects[sobject]
