"""Stored changes of our campaigns, whoever else changes them meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.errors import ChangedMeanwhileError

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpart.domain.campaigns import Campaign
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts

_TRIES = 6


def store_changed_campaign(
    campaign: Campaign, change: Callable[[Campaign], Campaign | None], *, ports: CampaignPorts
) -> Campaign | None:
    """Change a campaign as it is now, and return what it was changed to.

    Args:
        campaign: As it was read.
        change: What becomes of it; `None` if there is nothing to change any more.
        ports: The world.

    Raises:
        ChangedMeanwhileError: others kept changing it.
    """
    now: Campaign | None = campaign
    for _ in range(_TRIES):
        after = change(now) if now else None
        if after is None:
            return None
        try:
            ports.campaigns.save(after)
        except ChangedMeanwhileError:
            now = ports.campaigns.get_many([campaign.id]).get(campaign.id)
        else:
            return after
    raise ChangedMeanwhileError(f"campaign {campaign.id} keeps being changed by others")
