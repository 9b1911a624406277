"""A sweep looks whether the records that we are linked to are still there.

A record that was deleted for good, or whose deletion passed while nothing ran for longer than
Salesforce keeps its recycle bin (15 days), is told by no query for changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from counterpart.domain.contacts import Counterpart


def gone_records(
    counterparts: Iterable[Counterpart], found: Mapping[str, Record], *, now: datetime
) -> list[Record]:
    """Return the records that do not live any more, as they would have been read.

    Args:
        counterparts: What we are linked to.
        found: What Salesforce has of it, its recycle bin included; one that it lacks is deleted.
        now: By our clock.
    """
    gone = []
    for counterpart in counterparts:
        record = found.get(counterpart.record_id) or Record(
            id=counterpart.record_id,
            object=counterpart.object,
            modified_at=now,
            modstamp=now,
            values={},
            deleted=True,
        )
        if record.deleted or record.conversion:
            gone.append(record)
    return gone
