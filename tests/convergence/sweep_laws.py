"""Laws of links after a nightly sweep, which completes what nothing else comes back to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.adapters.memory_records import is_gone
from counterpart.domain.subjects import further_of
from tests.convergence.structure import tells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from counterpart.adapters.salesforce.rows import Row
    from tests.convergence.chronicle import Chronicle
    from tests.convergence.world import World


def a_sweep_ends_what_was_left(
    world: World, chronicle: Chronicle, rows: dict[str, Row]
) -> Iterator[str]:
    """After it, no link leads from a record that is gone to somebody who has lost it."""
    subjects = {one.id: one for one in world.all_subjects()}
    for link in world.all_links():
        row, holder = rows.get(link.record_id), subjects.get(link.subject_id or "")
        if row is None or holder is None or not tells(link, row, world, chronicle):
            continue
        former = holder.former.record_id if holder.former else None
        further = further_of(holder, link.record_id)
        lost = holder.counterpart is None and former == link.record_id
        if is_gone(row) and (lost or (further is not None and further.gone)):
            yield f"{link.record_id} leads to {holder.id}, who has lost it, after a sweep"
