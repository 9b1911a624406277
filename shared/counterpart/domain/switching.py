"""What a new version of the settings switches on, and since when.

A change takes effect at once for what happens afterwards and never for what happened before:
switching something on remembers the moment, and what is older stays where it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from counterpart.domain.mapping import placed_at

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.inbound_settings import InboundObject
    from counterpart.domain.selection import Selection
    from counterpart.domain.sync_settings import SyncSettings


def switched(before: SyncSettings, after: SyncSettings, *, now: datetime) -> SyncSettings:
    """Return *after* as the next version of *before*, with the moment at what was switched on."""
    # Salesforce's stamps have no fractions: what comes right after the switch must not look older.
    second = now.replace(microsecond=0)
    inbound = {
        sobject: replace(
            wanted,
            enabled_at=_comes_in_since(before.inbound.objects[sobject], wanted, second),
            selection=_since(before.inbound.objects[sobject].selection, wanted.selection, second),
        )
        for sobject, wanted in after.inbound.objects.items()
    }
    outbound = {
        sobject: replace(
            wanted, enabled_at=_enabled_at(before.outbound.objects[sobject], wanted, now)
        )
        for sobject, wanted in after.outbound.objects.items()
    }
    return replace(
        after,
        version=before.version + 1,
        fields=placed_at(before.fields, after.fields, now=now),
        company_fields=placed_at(before.company_fields, after.company_fields, now=now),
        inbound=replace(after.inbound, objects=inbound),
        outbound=replace(
            after.outbound,
            objects=outbound,
            enabled_at=_enabled_at(before.outbound, after.outbound, now),
        ),
        opportunities=replace(
            after.opportunities,
            enabled_at=_enabled_at(before.opportunities, after.opportunities, second),
        ),
    )


class _Switch(Protocol):
    """What remembers since when it is on."""

    @property
    def enabled(self) -> bool: ...

    @property
    def enabled_at(self) -> datetime | None: ...


def _enabled_at(before: _Switch, after: _Switch, now: datetime) -> datetime | None:
    return now if after.enabled and not before.enabled else before.enabled_at


def _comes_in_since(before: InboundObject, after: InboundObject, now: datetime) -> datetime | None:
    return now if after.comes_in and not before.comes_in else before.enabled_at


def _since(before: Selection, after: Selection, now: datetime) -> Selection:
    return replace(after, since=before.since if after.mode is before.mode else now)
