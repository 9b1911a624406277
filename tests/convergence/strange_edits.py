"""Edits of theirs that nobody there made: what somebody else here, or automation, left there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.records import object_of
from tests.convergence.chronicle import Edit
from tests.convergence.hands import NEAT, RAW

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping
    from tests.convergence.salesforce import OurWrite
    from tests.convergence.world import World


def strange_edits(
    world: World, record_ids: Sequence[str], field: FieldMapping, subject_id: str
) -> Iterator[Edit]:
    """Yield what our writes brought to a record, and was not ours of this contact or company.

    To it, what we wrote for another contact is theirs. So is what automation there made at once of
    what we wrote: we have not seen it, and it bears the time of the clock there.

    Args:
        world: Where it was written.
        record_ids: The record, and what it was before.
        field: Of which mapping.
        subject_id: The contact or company that follows the record.
    """
    for record_id in record_ids:
        sobject = object_of(record_id)
        path = field.paths.get(sobject) if sobject else None
        for write in world.salesforce.updates[record_id]:
            if path is None or not write.taken or path not in write.values:
                continue
            stamped = world.stamp(write.at)
            if write.subject_id != subject_id:
                yield Edit(value=write.values[path], stamped=stamped, seen=write.at)
            if _is_rewritten(write, path):
                yield Edit(value=NEAT, stamped=stamped, seen=write.at + timedelta.resolution)


def moves(
    world: World, writes: Sequence[OurWrite], path: str, subject_id: str
) -> Iterator[datetime]:
    """Yield the stamps of all our writes but those that left our value of a field there."""
    for write in writes:
        ours = path in write.values and write.subject_id == subject_id
        if not ours or _is_rewritten(write, path):
            yield world.stamp(write.at)


def _is_rewritten(write: OurWrite, path: str) -> bool:
    """Return whether automation replaced at once what we wrote to a field."""
    return str(write.values.get(path)).startswith(RAW)
