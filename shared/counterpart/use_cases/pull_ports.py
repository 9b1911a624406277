"""What pulling, and reading once more, need of the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from counterpart.ports import (
        OpportunityRepository,
        PlainReader,
        RunRepository,
        SettingsRepository,
        StreamRepository,
        Successor,
    )
    from counterpart.use_cases.apply_page import PagePorts


@dataclass(frozen=True, kw_only=True, slots=True)
class PullPorts:
    """The world of a pull, or of a backfill."""

    pages: PagePorts
    plain: PlainReader
    opportunities: OpportunityRepository
    streams: StreamRepository
    settings: SettingsRepository
    runs: RunRepository
    successor: Successor
