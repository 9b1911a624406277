"""How edits go out, by the settings: to which objects, when, and at what cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.records import SObject

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Pace(StrEnum):
    """When waiting edits go out."""

    # When enough contacts wait, or one has waited long enough.
    BATCHED = "batched"
    # Each minute.
    NEAR_REAL_TIME = "near_real_time"


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboundObject:
    """Whether edits go out to one object, and since when."""

    enabled: bool = True
    enabled_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outbound:
    """How edits go out.

    Attributes:
        max_waiting: Go when as many contacts wait.
        max_wait_minutes: Go when one has waited as long.
        max_attempts: Give up on a row after as many passing failures, and show it.
        api_share_percent: Leave the rest of the org's daily API allowance to others.
        bulk_above: More rows of one object than this go by a job in the background; 0 is never.
    """

    enabled: bool = True
    enabled_at: datetime | None = None
    objects: Mapping[SObject, OutboundObject] = field(
        default_factory=lambda: {sobject: OutboundObject() for sobject in SObject}
    )
    pace: Pace = Pace.BATCHED
    max_waiting: int = 100
    max_wait_minutes: int = 10
    max_attempts: int = 10
    api_share_percent: int = 90
    bulk_above: int = 2000

    def open_since(self, sobject: SObject) -> datetime | None:
        """Return the moment before which no edit goes out to *sobject*, if there is one."""
        moments = [at for at in (self.enabled_at, self.objects[sobject].enabled_at) if at]
        return max(moments, default=None)

    def writes(self, sobject: SObject) -> bool:
        """Return whether edits go out to *sobject* now."""
        return self.enabled and self.objects[sobject].enabled

    def has_written_since(self, sobject: SObject, moment: datetime) -> bool:
        """Return whether edits go out to *sobject*, and have done so ever since a moment."""
        since = self.open_since(sobject)
        return self.writes(sobject) and (since is None or since <= moment)
