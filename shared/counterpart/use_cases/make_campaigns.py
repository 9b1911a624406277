"""Make a campaign in Salesforce for one of ours, once: under our key, or told by its name.

A crash after the campaign was made leaves one that is found again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.records import CampaignObject
from counterpart.domain.values import parse_time
from counterpart.ports import RowAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterpart.domain.campaigns import Campaign
    from counterpart.ports import Json
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts

EXTERNAL_ID = "Counterpart_Id__c"
_LONGEST_NAME = 80
# What Salesforce calls a campaign that runs; not every org does.
_RUNNING = "In Progress"
# Where nothing but its name tells our campaign from others, it is no older than the choice, on two
# clocks that may differ by so much.
_SKEW = timedelta(minutes=5)


def make_campaign(campaign: Campaign, *, ports: CampaignPorts) -> RowAnswer:
    """Make a campaign in Salesforce, unless it was made already; return the answer about it."""
    facts = ports.reader.describe(CampaignObject.CAMPAIGN)
    values: dict[str, Json] = {"Name": campaign.name[:_LONGEST_NAME], "IsActive": True}
    if "Status" in facts and _RUNNING in facts["Status"].choices:
        values["Status"] = _RUNNING
    if EXTERNAL_ID in facts and facts[EXTERNAL_ID].createable:
        return ports.writer.make_campaign(campaign.id, values)
    return _make_without_key(campaign, values, ports=ports)


def _make_without_key(
    campaign: Campaign, values: Mapping[str, Json], *, ports: CampaignPorts
) -> RowAnswer:
    """Make a campaign in an org that lacks our key, unless one try has made it already."""
    since = (campaign.sync.chosen_at or campaign.created_at) - _SKEW
    alike = ports.reader.read_plain(
        CampaignObject.CAMPAIGN, ["CreatedDate"], among={"Name": [str(values["Name"])]}
    )
    made = sorted(
        record.id
        for record in alike
        if not record.deleted and parse_time(str(record.values["CreatedDate"])) >= since
    )
    owners = ports.campaigns.owners(made)
    free = [each for each in made if owners.get(each, campaign.id) == campaign.id]
    if free:
        return RowAnswer(record_id=free[0])
    return ports.writer.insert(CampaignObject.CAMPAIGN, [values]).rows[0]
