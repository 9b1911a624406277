"""What a pull would do with a record, found out by planning it for real."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.outcomes import Reason
from counterpart.domain.page_plan import Manner
from counterpart.use_cases.apply_page import apply_page

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.records import Record
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.use_cases.apply_page import PagePorts

# As a poll reads it, for which nobody asked.
POLLED = Manner(overlaps=True)

# What a tally counts besides what was done.
_COUNTS = {"read", "skipped"}


def foretold(record: Record, *, pages: PagePorts, settings: SyncSettings, now: datetime) -> str:
    """Return what a pull that reads *record* would do, or why it would do nothing."""
    tally = apply_page(
        [record], ports=pages, settings=settings, asked_at=now, manner=POLLED, tell=None
    )
    did = [name for name in tally.changes[record.object] if name not in _COUNTS]
    return str(next(iter((*did, *tally.skipped)), Reason.NO_CHANGE))
