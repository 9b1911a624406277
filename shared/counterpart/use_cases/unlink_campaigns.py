"""End the links of campaigns that are no more in Salesforce; ours stay, and may be linked again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.campaigns import SyncOption
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import CampaignObject
from counterpart.use_cases.stored_campaigns import store_changed_campaign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.domain.campaigns import Campaign
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts, Followed
    from counterpart.use_cases.notes import Notes


class CampaignUnlinker:
    """Notices that links have come to their end.

    Args:
        ports: The world.
        notes: What became of campaigns is noted here.
    """

    def __init__(self, ports: CampaignPorts, notes: Notes) -> None:
        self._ports = ports
        self._notes = notes

    def unlink(self, campaign: Campaign) -> None:
        """End the link of a campaign whose counterpart was deleted; it stays, and may return.

        Who chose otherwise meanwhile is left alone.
        """
        if campaign.counterpart is None:
            return
        record_id = campaign.counterpart.record_id

        def unlinked(now: Campaign) -> Campaign | None:
            if now.counterpart is None or now.counterpart.record_id != record_id:
                return None
            # Should it return, it is linked again; what was made once is not made twice.
            sync = replace(now.sync, option=SyncOption.EXISTING, record_id=record_id)
            return replace(now, counterpart=None, sync=sync, updated_at=self._ports.clock())

        if not store_changed_campaign(campaign, unlinked, ports=self._ports):
            return
        self._notes.count(CampaignObject.CAMPAIGN, "unlinked")
        self._notes.tell_of(
            CampaignObject.CAMPAIGN,
            Action.UNLINKED,
            Reason.CAMPAIGN_DELETED,
            record_id=record_id,
            subject_id=campaign.id,
            message="The campaign was deleted in Salesforce; ours stays, and is linked again "
            "should it return.",
        )

    def missing(self, followed: Sequence[Followed]) -> list[Followed]:
        """Return which of these campaigns Salesforce does not have, or does not show to us."""
        records = self._ports.reader.read_plain(
            CampaignObject.CAMPAIGN, [], among={"Id": {each.record_id for each in followed}}
        )
        there = {record.id for record in records if not record.deleted}
        return [each for each in followed if each.record_id not in there]

    def find_gone(self, followed: Sequence[Followed], *, dry_run: bool) -> set[str]:
        """Return which of these campaigns are no more in Salesforce, and end their links."""
        gone = self.missing(followed)
        if not dry_run:
            for each in gone:
                self.unlink(each.campaign)
        return {each.record_id for each in gone}
