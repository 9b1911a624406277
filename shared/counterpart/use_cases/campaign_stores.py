"""Where campaigns are kept, and how one is found or said to be missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.errors import ConfigurationError, NotFoundError

if TYPE_CHECKING:
    from counterpart.domain.campaigns import Campaign, CampaignType
    from counterpart.ports.campaigns import (
        CampaignRepository,
        CampaignTypeRepository,
        MemberRepository,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignStores:
    """Types, campaigns and members."""

    types: CampaignTypeRepository
    campaigns: CampaignRepository
    members: MemberRepository

    def type(self, type_id: str, *, field: str = "id") -> CampaignType:
        """Return a type that was not deleted.

        Args:
            type_id: Which.
            field: Where the request names it.

        Raises:
            NotFoundError: there is no such type.
        """
        found = self.types.get_many([type_id]).get(type_id)
        if found is None or found.deleted_at:
            raise NotFoundError(f"there is no type {type_id}", field=field)
        return found

    def campaign(self, campaign_id: str) -> Campaign:
        """Return a campaign.

        Raises:
            NotFoundError: there is no such campaign.
        """
        found = self.campaigns.get_many([campaign_id]).get(campaign_id)
        if found is None:
            raise NotFoundError(f"there is no campaign {campaign_id}", field="id")
        return found

    def type_of(self, campaign: Campaign) -> CampaignType:
        """Return the type of a campaign, be it deleted.

        Raises:
            ConfigurationError: it is not there, which nothing here brings about.
        """
        found = self.types.get_many([campaign.type_id]).get(campaign.type_id)
        if found is None:
            message = f"the type {campaign.type_id} of campaign {campaign.id} is missing"
            raise ConfigurationError(message)
        return found
