"""Pausing what goes out of one contact, by taking away the tag that its link gives.

A pause is a wish of somebody who looks after this contact, and so outlives conversions and merges.
Ending it is like switching outbound on: what was edited before stays here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.notices import (
    creation_withdrawn,
    not_paused,
    outbound_paused,
    outbound_resumed,
)
from counterpart.domain.sync_tags import retagged, sync_tag
from counterpart.domain.waiting import Lane, Waiting

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Contact
    from counterpart.domain.notices import Notice


def retag(
    contact: Contact,
    *,
    tags: Sequence[str] | None,
    add: Collection[str],
    remove: Collection[str],
    now: datetime,
) -> tuple[Contact, tuple[Notice, ...]]:
    """Return *contact* with its new tags, and what the writer should know of them.

    Raises:
        InputError: a tag would be given that only the sync gives.
    """
    if tags is None and not add and not remove:
        return contact, ()
    result = retagged(contact, tags=tags, add=add, remove=remove)
    after = contact if result.tags == contact.tags else replace(contact, tags=result.tags)
    tag = sync_tag(contact)
    if result.removed and tag and contact.counterpart is None:
        return replace(after, creation=None, waiting=None), (creation_withdrawn(tag),)
    if result.removed and tag:
        # The mark lets the next look take note of the pause, and of what it keeps here.
        waiting = after.waiting
        if waiting is None or waiting.lane is Lane.CREATE:
            waiting = Waiting(lane=Lane.FRESH, next_push_at=now)
        # A request that its record has answered would make another one, should that go.
        after = replace(after, creation=None, waiting=waiting)
        return replace(after, outbound_paused_at=now), (outbound_paused(tag),)
    if result.restored:
        after = replace(after, outbound_paused_at=None, outbound_resumed_at=now)
        return after, (outbound_resumed(),)
    if result.others and tag and contact.counterpart and contact.outbound_paused_at is None:
        # It may have been this contact's until its lead was converted.
        return after, (not_paused(result.others, tag),)
    return after, ()
