"""How records come in, by the settings: which objects, how often, and which of their records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.records import SObject
from counterpart.domain.selection import Selection, SelectionMode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from counterpart.domain.records import Record


class OnRemoteDelete(StrEnum):
    """What the deletion of a record does to its contact."""

    UNLINK = "unlink"
    DELETE = "delete"
    IGNORE = "ignore"


# Minutes between two polls of an object; 0 means by hand only.
INTERVALS = (0, 5, 60, 120, 180, 240, 360, 480, 720, 1440)


@dataclass(frozen=True, kw_only=True, slots=True)
class InboundObject:
    """How one object comes in.

    Attributes:
        enabled_at: When it last began to come in, because it was switched on or its selection
            stopped to be `none`; `None` if it has from the start. Records changed before that
            stay outside.
    """

    enabled: bool = True
    enabled_at: datetime | None = None
    interval_minutes: int = 5
    selection: Selection = field(default_factory=Selection)

    @property
    def comes_in(self) -> bool:
        """Return whether any record of it comes in."""
        return self.enabled and self.selection.mode is not SelectionMode.NONE

    @property
    def interval(self) -> timedelta | None:
        """Return the time between two polls; `None` means by hand only."""
        return timedelta(minutes=self.interval_minutes) if self.interval_minutes else None

    def takes(self, record: Record) -> bool:
        """Return whether *record* comes in for certain."""
        return self._is_read(record) and self.selection.mode is SelectionMode.ALL

    def may_take(self, record: Record) -> bool:
        """Return whether it is for Salesforce to judge whether *record* comes in."""
        certain = {SelectionMode.ALL, SelectionMode.NONE}
        return self._is_read(record) and self.selection.mode not in certain

    def _is_read(self, record: Record) -> bool:
        fresh = self.enabled_at is None or record.modstamp >= self.enabled_at
        return self.enabled and fresh


@dataclass(frozen=True, kw_only=True, slots=True)
class Inbound:
    """How records come in."""

    objects: Mapping[SObject, InboundObject] = field(
        default_factory=lambda: {sobject: InboundObject() for sobject in SObject}
    )
    overlap_minutes: int = 15
    on_remote_delete: OnRemoteDelete = OnRemoteDelete.UNLINK

    def follows(self, sobject: SObject) -> bool:
        """Return whether what is deleted, merged or converted of an object is read.

        It is even while the data of the object rests, as long as anything of people comes in.
        """
        people = any(each.enabled for name, each in self.objects.items() if name.is_person)
        return people or self.objects[sobject].comes_in
