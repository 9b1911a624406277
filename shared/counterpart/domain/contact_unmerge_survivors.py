"""The survivor of a merge of two contacts, without what the loser brought besides values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.outgoing_fields import pending

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.contact_merge_plans import ContactMerge
    from counterpart.domain.contacts import Contact
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


def has_the_losers_company(merge: ContactMerge, survivor: Contact) -> bool:
    """Return whether the survivor, which has no record, belongs where the loser belonged."""
    return (
        merge.survivor.counterpart is None
        and survivor.counterpart is None
        and survivor.company_id == merge.loser.company_id
        and survivor.account_id == merge.loser.account_id
    )
