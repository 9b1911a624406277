"""Stored changes of our campaigns, whoever else changes them meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.errors import ChangedMeanwhileError

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpart.domain.campaigns import Campaign
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts

_TRIES = 6


def store_changed_campaign(
    campaign: Campaign, change: Callable[[Campaign], Campaign | None], *, ports: CampaignPorts
) -> bool:
    """Change a campaign as it is now; say whether there was anything to change."""
    now: Campaign | None = campaign
    for _ in range(_TRIES):
        after = change(now) if now else None
        if after is None:
            return False
        try:
            ports.campaigns.save(replace(after, updated_at=ports.clock()))
        except ChangedMeanwhileError:
            now = ports.campaigns.get_many([campaign.id]).get(campaign.id)
        else:
            return True
    raise ChangedMeanwhileError(f"campaign {campaign.id} keeps being changed by others")
