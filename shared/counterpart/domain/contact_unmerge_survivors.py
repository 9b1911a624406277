"""The survivor of a merge of two contacts, without what the loser brought besides values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.outgoing_fields import pending
from counterpart.domain.values import same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from counterpart.domain.contact_merge_plans import ContactMerge
    from counterpart.domain.contact_unmerge_losers import SeenRecord
    from counterpart.domain.contacts import Contact
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.sync_settings import SyncSettings


def paused_since(
    paused_at: datetime | None,
    merge: ContactMerge,
    survivor: Contact,
    kept: list[str],
    *,
    settings: SyncSettings,
    now: datetime,
) -> Contact:
    """Return the survivor with the pause that it has left, if any.

    What waited before the merge may go; what was edited during the pause stays here, as after any.

    Args:
        paused_at: Of that pause; `None` if it was the loser's alone.
        merge: As it is kept.
        survivor: With its values as they are once the merge is undone.
        kept: What could not be undone is added to these.
        settings: By which its values go out.
        now: By our clock.
    """
    if paused_at or survivor.outbound_paused_at is None:
        return replace(survivor, outbound_paused_at=paused_at)
    times = survivor.ledger.times
    edited = any(
        pending(survivor.ledger, field)
        and merge.merged_at < times.get(field.name, merge.merged_at) < now
        for field in settings.fields
    )
    if edited:
        kept.append(f"what was edited of {survivor.id} while it was paused stays here")
    since = now if edited else merge.survivor.outbound_resumed_at
    return replace(survivor, outbound_paused_at=None, outbound_resumed_at=since)


def brought_since(
    merge: ContactMerge,
    survivor: Contact,
    seen: SeenRecord | None,
    fields: Iterable[FieldMapping],
) -> Iterator[str]:
    """Yield what stays with the survivor that the loser's record has brought it since the merge.

    Args:
        merge: As it is kept.
        survivor: With its values as they are once the merge is undone.
        seen: The record, if it goes back to the loser.
        fields: Of contacts.
    """
    if seen is None:
        return
    before, given, now = merge.survivor.ledger, merge.loser.ledger, survivor.ledger
    for field in fields:
        name = field.name
        if name in merge.taken or name not in now.values or name not in seen.shadows:
            continue
        there, was = seen.shadows[name], given.shadows.get(name)
        is_news = not same(field.type, there, was) and same(field.type, there, now.values[name])
        if is_news and not same(field.type, there, before.values.get(name)):
            yield f"{name} of {survivor.id} came from the record of {merge.id} since, and stays"


def has_the_losers_company(merge: ContactMerge, survivor: Contact) -> bool:
    """Return whether the survivor, which has no record, belongs where the loser belonged."""
    return (
        merge.survivor.counterpart is None
        and survivor.counterpart is None
        and survivor.company_id == merge.loser.company_id
        and survivor.account_id == merge.loser.account_id
    )
