"""What pushing needs of the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from counterpart.ports import (
        CreationQueue,
        RecordJobs,
        RecordWriter,
        RunRepository,
        SettingsRepository,
        StreamRepository,
    )
    from counterpart.use_cases.apply_page import PagePorts


@dataclass(frozen=True, kw_only=True, slots=True)
class PushPorts:
    """What pushing needs of the world.

    Attributes:
        pause: Waits for a while, until a job may have come further.
    """

    pages: PagePorts
    salesforce: RecordWriter
    jobs: RecordJobs
    streams: StreamRepository
    settings: SettingsRepository
    runs: RunRepository
    queue: CreationQueue
    pause: Callable[[timedelta], None]
