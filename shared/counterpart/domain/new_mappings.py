"""New mappings: what a document maps that was not mapped so before, and by which mode."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.document import Section
from counterpart.domain.mapping import Mode
from counterpart.domain.mapping_checks import MappingWanted
from counterpart.domain.mapping_document import (
    mapping_from_document,
    mapping_to_document,
    without_mode,
)
from counterpart.domain.opportunity_document import (
    opportunity_fields_from_document,
    opportunity_fields_to_document,
)
from counterpart.domain.settings_document import MAPPED_OBJECTS, OPPORTUNITY_FIELDS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.opportunities import OpportunityField
    from counterpart.domain.sync_settings import SyncSettings


def news_of(
    before: SyncSettings, wanted: SyncSettings, document: Mapping[str, object]
) -> dict[str, dict[str, object]]:
    """Return the fields, by section and name, that are new or mapped in another way.

    Args:
        before: As they are.
        wanted: As *document* has them.
        document: What was sent; of fields for which it names no mode, the answer names none.
    """
    news: dict[str, dict[str, object]] = {}
    for section, fields in _sections(wanted).items():
        if section not in document:
            continue
        # When a field got its place is for the system to say.
        known = {field.name: replace(field, mapped_at={}) for field in _sections(before)[section]}
        modeless = without_mode(document[section])
        changed = [
            field for field in fields if known.get(field.name) != replace(field, mapped_at={})
        ]
        entries = mapping_to_document(changed)
        for name in modeless & entries.keys():
            entry = entries[name]
            if isinstance(entry, dict):
                del entry["mode"]
        if entries:
            news[section] = entries
    if OPPORTUNITY_FIELDS in document:
        known_deals = set(before.opportunities.fields)
        deals = [one for one in wanted.opportunities.fields if one not in known_deals]
        if deals:
            news[OPPORTUNITY_FIELDS] = opportunity_fields_to_document(deals)
    return news


def mapping_wanted(content: object, *, path: str = "") -> MappingWanted:
    """Return the fields that *content* has, in the form of `news_of`.

    Args:
        content: As JSON.
        path: Where it stands, for messages.

    Raises:
        InputError: something is wrong with it.
    """
    sections = Section(content, path=path, allowed=(*MAPPED_OBJECTS, OPPORTUNITY_FIELDS))
    fields: dict[str, Sequence[FieldMapping]] = {}
    modeless: set[str] = set()
    for name, objects in MAPPED_OBJECTS.items():
        if name in sections:
            entries, where = sections.get(name), sections.where(name)
            fields[name] = mapping_from_document(entries, objects=objects, path=where, least=0)
            modeless |= {f"{name}.{field}" for field in without_mode(entries)}
    deals: Sequence[OpportunityField] = ()
    if OPPORTUNITY_FIELDS in sections:
        deals = opportunity_fields_from_document(
            sections.get(OPPORTUNITY_FIELDS), path=sections.where(OPPORTUNITY_FIELDS)
        )
    return MappingWanted(fields=fields, modeless=frozenset(modeless), opportunity_fields=deals)


def with_read_only(wanted: SyncSettings, read_only: Collection[object]) -> SyncSettings:
    """Return *wanted* with these fields, by path such as `fields.score`, coming in only."""
    if not read_only:
        return wanted
    sections = {
        section: tuple(
            replace(field, mode=Mode.ALWAYS_SALESFORCE)
            if f"{section}.{field.name}" in read_only
            else field
            for field in fields
        )
        for section, fields in _sections(wanted).items()
    }
    return replace(
        wanted,
        fields=sections["fields"],
        company_fields=sections["company_fields"],
        member_fields=sections["member_fields"],
    )


def _sections(settings: SyncSettings) -> Mapping[str, tuple[FieldMapping, ...]]:
    return {
        "fields": settings.fields,
        "company_fields": settings.company_fields,
        "member_fields": settings.member_fields,
    }
