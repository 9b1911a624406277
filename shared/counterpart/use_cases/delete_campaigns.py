"""Delete campaigns here. Nothing is ever deleted in Salesforce for it.

A campaign is gone for everybody from one write on. Its members go afterwards, a step at a time,
since they may be more than a request has time for; a run that knew the campaign before may even
add some meanwhile.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.errors import ChangedMeanwhileError, NotFoundError
from counterpart.use_cases.outsiders import aside

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from counterpart.domain.campaigns import Campaign
    from counterpart.use_cases.campaign_stores import CampaignStores

# No invocation that read the campaign before it was deleted lives longer than this.
_STRAGGLERS = timedelta(minutes=15)

_TRIES = 6
_STEP = 500


def delete_campaign(
    campaign_id: str, *, now: datetime, enough: Callable[[], bool], stores: CampaignStores
) -> None:
    """Delete a campaign; its members go until it is *enough*. One that was deleted stays so.

    Raises:
        NotFoundError: there never was such a campaign.
        ChangedMeanwhileError: others kept changing it.
    """
    for _ in range(_TRIES):
        campaign = stores.campaigns.get_many([campaign_id]).get(campaign_id)
        if campaign is None:
            if not stores.campaigns.was_deleted(campaign_id):
                raise NotFoundError(f"there is no campaign {campaign_id}", field="id")
            break
        try:
            drop_campaign(campaign, now=now, stores=stores)
        except ChangedMeanwhileError:
            continue
        break
    else:
        raise ChangedMeanwhileError("others kept changing this campaign; try again")
    _dismiss(campaign_id, enough=enough, stores=stores)


def drop_campaign(campaign: Campaign, *, now: datetime, stores: CampaignStores) -> None:
    """Delete a campaign as it is, and let the one in Salesforce that it owns go.

    A crash between the two leaves a claim that counts for nothing, as its campaign is no more.

    Raises:
        ChangedMeanwhileError: it is not so any more.
    """
    stores.campaigns.delete(campaign, now=now)
    held = campaign.counterpart.record_id if campaign.counterpart else None
    for record_id in {held, campaign.sync.record_id} - {None}:
        stores.campaigns.release(str(record_id), campaign_id=campaign.id)


def dismiss_all(*, now: datetime, enough: Callable[[], bool], stores: CampaignStores) -> int:
    """Let the members of all deleted campaigns go until it is *enough*; return how many went."""
    gone = 0
    for deleted in stores.campaigns.leaving():
        if enough():
            break
        found = _dismiss(deleted.id, enough=enough, stores=stores)
        gone += found
        if not found and now - deleted.deleted_at >= _STRAGGLERS:
            stores.campaigns.has_left(deleted.id)
    return gone


def _dismiss(campaign_id: str, *, enough: Callable[[], bool], stores: CampaignStores) -> int:
    """Delete the members of a campaign, and who is kept aside for it; return how many went."""
    gone = 0
    for place in (campaign_id, aside(campaign_id)):
        while found := stores.members.page(place, limit=_STEP).items:
            # Who was changed this very moment is found again.
            gone += len(found) - len(stores.members.delete_many(found))
            if enough():
                return gone
    return gone
