"""Opportunities as parts of the settings document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.document import Section
from counterpart.domain.opportunities import OpportunityField, OpportunitySettings
from counterpart.domain.selection_document import api_path, moment_to_document
from counterpart.domain.values import FieldType
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_MOST_FIELDS = 100
_SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
# What every opportunity has here by these names.
_TAKEN = frozenset(
    {"id", "name", "stage", "amount", "currency", "close_date", "closed", "won", "account_id"}
)


def opportunities_to_document(settings: OpportunitySettings) -> dict[str, object]:
    """Return whether and how opportunities come in, as JSON; their fields stand elsewhere."""
    return {
        "enabled": settings.enabled,
        "enabled_at": moment_to_document(settings.enabled_at),
        "interval_minutes": settings.interval_minutes,
    }


def opportunity_fields_to_document(fields: Iterable[OpportunityField]) -> dict[str, object]:
    """Return further fields of opportunities as JSON, by name."""
    return {one.name: {"type": one.type.value, "salesforce": one.path} for one in fields}


def opportunities_from_document(
    content: object, *, base: OpportunitySettings, intervals: Collection[int]
) -> OpportunitySettings:
    """Return what *content* describes; what it leaves out stays as in *base*.

    Raises:
        InputError: something is wrong with it.
    """
    section = Section(
        content, path="opportunities", allowed=("enabled", "enabled_at", "interval_minutes")
    )
    interval = section.get("interval_minutes")
    if "interval_minutes" not in section:
        interval = base.interval_minutes
    if not isinstance(interval, int) or isinstance(interval, bool) or interval not in intervals:
        raise InputError(
            f"must be one of {', '.join(map(str, intervals))}; 0 is by hand only",
            field=section.where("interval_minutes"),
        )
    return replace(
        base,
        enabled=section.boolean("enabled", default=base.enabled),
        enabled_at=section.moment("enabled_at") if "enabled_at" in section else base.enabled_at,
        interval_minutes=interval,
    )


def opportunity_fields_from_document(content: object, *, path: str) -> tuple[OpportunityField, ...]:
    """Return the further fields that *content* describes; there may be none.

    Args:
        content: As JSON.
        path: Where it stands, for messages.

    Raises:
        InputError: something is wrong with it.
    """
    if not isinstance(content, Mapping) or len(content) > _MOST_FIELDS:
        raise InputError(f"must be an object of up to {_MOST_FIELDS} fields by name", field=path)
    return tuple(_field(str(name), entry, path) for name, entry in content.items())


def _field(name: str, content: object, path: str) -> OpportunityField:
    where = f"{path}.{name}"
    if not _SNAKE_CASE.fullmatch(name):
        message = "a field's name is in snake case and begins with a letter, such as next_step"
        raise InputError(message, field=where)
    if name in _TAKEN:
        raise InputError("comes in without being mapped; choose another name", field=where)
    section = Section(content, path=where, allowed=("type", "salesforce"))
    return OpportunityField(
        name=name,
        type=section.choice("type", FieldType, default=FieldType.STRING),
        path=api_path(section.get("salesforce"), where=section.where("salesforce")),
    )
