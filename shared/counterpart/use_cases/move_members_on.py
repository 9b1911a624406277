"""Move members on whose status was removed from their type, a step at a time.

Nobody has to wait for it: whoever reads a member sees the replacement from the removal on. What
is left to do is to store it, and to let it go out where the campaign syncs.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.campaign_types import settled
from counterpart.domain.memberships import Stage, moved_on
from counterpart.domain.waiting import Lane
from counterpart.errors import ChangedMeanwhileError
from counterpart.use_cases.edit_campaign_types import campaigns_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from counterpart.domain.campaigns import Campaign, CampaignType, Removal
    from counterpart.use_cases.campaign_stores import CampaignStores

# Whoever read the type before the removal may store the old status as late as this, and the index
# may learn of it a little later still.
_STRAGGLERS = timedelta(minutes=15)

_STEP = 500
_PAGE = 200


def move_all_members_on(
    *, now: datetime, enough: Callable[[], bool], stores: CampaignStores
) -> int:
    """Move on the members of every type; return how many were."""
    moved = 0
    after: str | None = None
    while True:
        listing = stores.types.page(limit=_PAGE, after=after)
        for campaign_type in listing.items:
            moved += move_members_on(campaign_type, now=now, enough=enough, stores=stores)
        after = listing.next
        if after is None or enough():
            return moved


def move_members_on(
    campaign_type: CampaignType,
    *,
    now: datetime,
    enough: Callable[[], bool],
    stores: CampaignStores,
) -> int:
    """Move on members whose status was removed, until all are or it is *enough*; say how many.

    Who was moved is found no more, so that the next call goes on where this one stopped.

    Args:
        campaign_type: As it is stored.
        now: By our clock.
        enough: Says whether to stop; asked after each step.
        stores: Where campaigns are kept.
    """
    due = [each for each in campaign_type.removals if not each.settled]
    if not due:
        return 0
    moved = 0
    late: set[str] = set()
    for campaign_id in list(campaigns_of(campaign_type, stores=stores)):
        campaign = stores.campaigns.get_many([campaign_id]).get(campaign_id)
        if campaign is None:
            # It was deleted, and the index lags behind.
            continue
        for removal in due:
            stage = Stage(
                campaign=campaign,
                campaign_type=campaign_type,
                fields=(),
                lane=Lane.BULK,
                # What somebody did later than that, on either side, is the later change.
                now=removal.removed_at,
            )
            found = _move(campaign, removal, stage=stage, enough=enough, stores=stores)
            moved += found
            if found:
                late.add(removal.label)
            if enough():
                return moved
    _settle(campaign_type, due, late=late, now=now, stores=stores)
    return moved


def _move(
    campaign: Campaign,
    removal: Removal,
    *,
    stage: Stage,
    enough: Callable[[], bool],
    stores: CampaignStores,
) -> int:
    """Move on the members of one campaign; return how many were found."""
    moved = 0
    after: str | None = None
    while True:
        listing = stores.members.page_of_status(
            campaign.id, removal.label, limit=_STEP, after=after
        )
        moved += len(listing.items)
        # One that somebody else has just changed is found again, if it still has to be.
        stores.members.save_many([moved_on(member, stage) for member in listing.items])
        after = listing.next
        if after is None or enough():
            return moved


def _settle(
    campaign_type: CampaignType,
    due: Collection[Removal],
    *,
    late: Collection[str],
    now: datetime,
    stores: CampaignStores,
) -> None:
    """Note the removals by which nobody was found, and nobody can be any more."""
    over = [
        each.label
        for each in due
        if each.label not in late and now - each.removed_at >= _STRAGGLERS
    ]
    if not over:
        return
    try:
        stores.types.save(settled(campaign_type, over))
    except ChangedMeanwhileError:
        # Somebody changed the type; the next look settles it.
        return
