"""Carry the memberships of a contact that was merged away over to the one that stays.

Each is stored with the survivor before it is deleted with the loser, so that a crash between the
two leaves something that doing it once more completes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.member_merges import united
from counterpart.domain.members import MemberKey
from counterpart.domain.waiting import Lane
from counterpart.errors import ChangedMeanwhileError

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.use_cases.campaign_stores import CampaignStores

_TRIES = 6


def carry_memberships(
    loser_id: str, survivor_id: str, *, now: datetime, stores: CampaignStores
) -> bool:
    """Make whatever a contact is a member of the survivor's; doing so twice changes nothing.

    Returns:
        Whether it was a member of anything.

    Raises:
        ChangedMeanwhileError: others kept changing a membership.
    """
    for tries in range(_TRIES):
        found = stores.members.find_by_contact([loser_id]).get(loser_id, ())
        if not found:
            return tries > 0
        campaigns = stores.campaigns.get_many({each.campaign_id for each in found})
        types = stores.types.get_many({each.type_id for each in campaigns.values()})
        known = stores.members.get_many(
            {MemberKey(each.campaign_id, survivor_id) for each in found}
        )
        saves, done = [], []
        for loser in found:
            campaign = campaigns.get(loser.campaign_id)
            if campaign is None:
                # It was deleted; its members go by themselves.
                continue
            survivor = known.get(MemberKey(campaign.id, survivor_id))
            after = united(
                survivor,
                loser,
                survivor_id=survivor_id,
                campaign=campaign,
                campaign_type=types[campaign.type_id],
                lane=Lane.FRESH,
                now=now,
            )
            if after is not survivor:
                saves.append(after)
            done.append(loser)
        lost = {key.campaign_id for key in stores.members.save_many(saves)} if saves else set()
        gone = [loser for loser in done if loser.campaign_id not in lost]
        if not stores.members.delete_many(gone) and not lost:
            return True
    raise ChangedMeanwhileError("others kept changing a membership of this contact; try again")
