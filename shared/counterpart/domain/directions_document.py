"""The two directions, inbound and outbound, as parts of the settings document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.document import Section
from counterpart.domain.inbound_settings import INTERVALS, Inbound, InboundObject, OnRemoteDelete
from counterpart.domain.outbound_settings import Outbound, OutboundObject, Pace
from counterpart.domain.records import SObject
from counterpart.domain.selection_document import (
    moment_to_document,
    selection_from_document,
    selection_to_document,
)
from counterpart.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

_OBJECTS = tuple(sobject.value for sobject in SObject)
_ONE_DAY_IN_MINUTES = 1440


def inbound_to_document(inbound: Inbound) -> dict[str, object]:
    """Return how records come in, as JSON."""
    return {
        "objects": {
            sobject.value: {
                "enabled": wanted.enabled,
                "enabled_at": moment_to_document(wanted.enabled_at),
                "interval_minutes": wanted.interval_minutes,
                "selection": selection_to_document(wanted.selection),
            }
            for sobject, wanted in inbound.objects.items()
        },
        "overlap_minutes": inbound.overlap_minutes,
        "on_remote_delete": inbound.on_remote_delete.value,
    }


def outbound_to_document(outbound: Outbound) -> dict[str, object]:
    """Return how edits go out, as JSON."""
    return {
        "enabled": outbound.enabled,
        "enabled_at": moment_to_document(outbound.enabled_at),
        "objects": {
            sobject.value: {
                "enabled": wanted.enabled,
                "enabled_at": moment_to_document(wanted.enabled_at),
            }
            for sobject, wanted in outbound.objects.items()
        },
        "pace": outbound.pace.value,
        "max_waiting": outbound.max_waiting,
        "max_wait_minutes": outbound.max_wait_minutes,
        "max_attempts": outbound.max_attempts,
        "api_share_percent": outbound.api_share_percent,
        "bulk_above": outbound.bulk_above,
    }


def inbound_from_document(content: object, *, base: Inbound) -> Inbound:
    """Return what *content* describes; what it leaves out stays as in *base*.

    Raises:
        InputError: something is wrong with it.
    """
    section = Section(
        content,
        path="inbound",
        allowed=("objects", "overlap_minutes", "on_remote_delete"),
    )
    objects = dict(base.objects)
    for sobject, entry in _entries(section):
        objects[sobject] = _inbound_object(entry, sobject, base.objects[sobject])
    return Inbound(
        objects=objects,
        overlap_minutes=section.whole(
            "overlap_minutes",
            default=base.overlap_minutes,
            least=1,
            most=_ONE_DAY_IN_MINUTES,
        ),
        on_remote_delete=section.choice(
            "on_remote_delete", OnRemoteDelete, default=base.on_remote_delete
        ),
    )


def _inbound_object(content: object, sobject: SObject, base: InboundObject) -> InboundObject:
    section = Section(
        content,
        path=f"inbound.objects.{sobject}",
        allowed=("enabled", "enabled_at", "interval_minutes", "selection"),
    )
    interval = section.get("interval_minutes")
    if "interval_minutes" not in section:
        interval = base.interval_minutes
    if not isinstance(interval, int) or isinstance(interval, bool) or interval not in INTERVALS:
        raise InputError(
            f"must be one of {', '.join(map(str, INTERVALS))}; 0 is by hand only",
            field=section.where("interval_minutes"),
        )
    selection = base.selection
    if "selection" in section:
        selection = selection_from_document(
            section.get("selection"), base=base.selection, path=section.where("selection")
        )
    return InboundObject(
        enabled=section.boolean("enabled", default=base.enabled),
        enabled_at=_enabled_at(section, base.enabled_at),
        interval_minutes=interval,
        selection=selection,
    )


def outbound_from_document(content: object, *, base: Outbound) -> Outbound:
    """Return what *content* describes; what it leaves out stays as in *base*.

    Raises:
        InputError: something is wrong with it.
    """
    section = Section(
        content,
        path="outbound",
        allowed=(
            "enabled",
            "enabled_at",
            "objects",
            "pace",
            "max_waiting",
            "max_wait_minutes",
            "max_attempts",
            "api_share_percent",
            "bulk_above",
        ),
    )
    objects = dict(base.objects)
    for sobject, entry in _entries(section):
        objects[sobject] = _outbound_object(entry, sobject, base.objects[sobject])
    return Outbound(
        enabled=section.boolean("enabled", default=base.enabled),
        enabled_at=_enabled_at(section, base.enabled_at),
        objects=objects,
        pace=section.choice("pace", Pace, default=base.pace),
        max_waiting=section.whole("max_waiting", default=base.max_waiting, least=1, most=10_000),
        max_wait_minutes=section.whole(
            "max_wait_minutes",
            default=base.max_wait_minutes,
            least=1,
            most=_ONE_DAY_IN_MINUTES,
        ),
        max_attempts=section.whole("max_attempts", default=base.max_attempts, least=1, most=100),
        api_share_percent=section.whole(
            "api_share_percent", default=base.api_share_percent, least=1, most=100
        ),
        bulk_above=section.whole("bulk_above", default=base.bulk_above, least=0, most=1_000_000),
    )


def _outbound_object(content: object, sobject: SObject, base: OutboundObject) -> OutboundObject:
    path = f"outbound.objects.{sobject}"
    section = Section(content, path=path, allowed=("enabled", "enabled_at"))
    return OutboundObject(
        enabled=section.boolean("enabled", default=base.enabled),
        enabled_at=_enabled_at(section, base.enabled_at),
    )


def _entries(section: Section) -> list[tuple[SObject, object]]:
    """Return what was sent for each object."""
    if "objects" not in section:
        return []
    objects = Section(section.get("objects"), path=section.where("objects"), allowed=_OBJECTS)
    return [(sobject, objects.get(sobject)) for sobject in SObject if sobject in objects]


def _enabled_at(section: Section, base: datetime | None) -> datetime | None:
    return section.moment("enabled_at") if "enabled_at" in section else base
