"""Free records: those of a contact's address that it may be linked to instead of being created."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.links import LinkState
from counterpart.domain.records import SObject

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from counterpart.domain.links import Link
    from counterpart.domain.records import Record


def free_record(
    found: Sequence[Record], links: Mapping[str, Link], contact_id: str, taken: Collection[str]
) -> tuple[Record | None, tuple[str, ...]]:
    """Return the record that a contact is linked to instead of creating one, and the others.

    One that was linked to it already comes first: an earlier try broke off right after that. A
    Contact comes before a Lead; among several, the most recently modified, then the smaller id.
    A record that belongs to another contact is not free; one whose contact was deleted here is.
    """
    free = [
        record
        for record in found
        if record.id not in taken
        and not record.deleted
        and record.conversion is None
        and _belongs_to_nobody_else(links.get(record.id), contact_id)
    ]
    free.sort(
        key=lambda record: (
            not _belongs_to(links.get(record.id), contact_id),
            record.object is not SObject.CONTACT,
            -record.modified_at.timestamp(),
            record.id,
        )
    )
    if not free:
        return None, ()
    return free[0], tuple(record.id for record in free[1:])


def occupied(
    found: Sequence[Record], links: Mapping[str, Link], contact_id: str, taken: Collection[str]
) -> tuple[str, ...]:
    """Return the records, of those with a contact's address, that are another contact's."""
    return tuple(
        record.id
        for record in found
        if not record.deleted
        and record.conversion is None
        and (record.id in taken or not _belongs_to_nobody_else(links.get(record.id), contact_id))
    )


def _belongs_to(link: Link | None, contact_id: str) -> bool:
    return link is not None and link.state is LinkState.LINKED and link.subject_id == contact_id


def _belongs_to_nobody_else(link: Link | None, contact_id: str) -> bool:
    if link is None or link.subject_id in {None, contact_id}:
        return True
    return link.state is LinkState.DELETED_HERE
