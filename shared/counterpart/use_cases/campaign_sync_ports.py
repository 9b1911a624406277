"""What the sync of campaigns needs of the world, and what it knows of a campaign it follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.passes import Pass, Rows
from counterpart.domain.records import CampaignObject

if TYPE_CHECKING:
    from counterpart.domain.campaigns import Campaign, CampaignCounterpart, CampaignType
    from counterpart.ports import (
        Clock,
        ContactRepository,
        LinkRepository,
        MergeRepository,
        OrgSurvey,
        PlainReader,
        RunRepository,
        SettingsRepository,
        StreamRepository,
        Successor,
    )
    from counterpart.ports.campaigns import (
        CampaignRepository,
        CampaignTypeRepository,
        CampaignWriter,
        MemberRepository,
    )

# The campaigns themselves first: what a campaign that is gone took along was not removed.
PASSES = (
    Pass(object=CampaignObject.CAMPAIGN, rows=Rows.ALL, stage=0),
    Pass(object=CampaignObject.MEMBER, rows=Rows.ALL, stage=1),
)
# All campaigns whose first reading has ended are read as one stream.
SHARED_STREAM = "campaigns"


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignPorts:
    """What syncing campaigns needs of the world."""

    reader: PlainReader
    writer: CampaignWriter
    survey: OrgSurvey
    campaigns: CampaignRepository
    types: CampaignTypeRepository
    members: MemberRepository
    contacts: ContactRepository
    links: LinkRepository
    merges: MergeRepository
    streams: StreamRepository
    settings: SettingsRepository
    runs: RunRepository
    successor: Successor
    clock: Clock


@dataclass(frozen=True, kw_only=True, slots=True)
class Followed:
    """A campaign that is linked, with its type."""

    campaign: Campaign
    counterpart: CampaignCounterpart
    kind: CampaignType

    @property
    def record_id(self) -> str:
        """Its campaign in Salesforce."""
        return self.counterpart.record_id


def own_stream(followed: Followed) -> str:
    """Return the stream of one campaign; its lease is the right to write its members there."""
    return stream_of(followed.campaign.id, followed.record_id)


def stream_of(campaign_id: str, record_id: str) -> str:
    """Return the stream of a campaign of ours while it follows one in Salesforce."""
    return f"campaign {campaign_id} {record_id}"
