"""Link campaigns to their counterparts, as somebody chose: to one that exists, or to a new one.

A campaign in Salesforce belongs to one of ours: whoever claims it first. A crash after the
campaign was made leaves one that is found again under our id.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.campaigns import (
    Campaign,
    CampaignCounterpart,
    CampaignLinkedBy,
    StatusMap,
    SyncOption,
)
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import CampaignObject
from counterpart.domain.refusals import Remedy
from counterpart.use_cases.first_reading import begin_anew, was_followed
from counterpart.use_cases.make_campaigns import make_campaign
from counterpart.use_cases.make_statuses import StatusMaker
from counterpart.use_cases.stored_campaigns import store_changed_campaign

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from counterpart.domain.campaigns import CampaignType
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts
    from counterpart.use_cases.notes import Notes


class CampaignLinker:
    """Carries out choices.

    Args:
        ports: The world.
        settings: Whether statuses are added to campaigns that exist.
        notes: What became of campaigns is noted here.
        is_overspent: Tells whether our share of the API allowance is used up.
    """

    def __init__(
        self,
        ports: CampaignPorts,
        settings: SyncSettings,
        notes: Notes,
        *,
        is_overspent: Callable[[], bool],
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._notes = notes
        self._is_overspent = is_overspent
        self._statuses = StatusMaker(ports, settings, notes)

    def link(self, campaigns: Sequence[Campaign], kinds: Mapping[str, CampaignType]) -> None:
        """Link those campaigns that are not linked yet, as far as that is possible now."""
        existing = [each for each in campaigns if each.sync.option is SyncOption.EXISTING]
        wanted = {each.sync.record_id for each in existing if each.sync.record_id}
        reader = self._ports.reader
        found = {
            record.id: record
            for record in reader.read_plain(CampaignObject.CAMPAIGN, [], among={"Id": wanted})
        }
        for campaign in existing:
            record = found.get(campaign.sync.record_id or "")
            if record is None:
                self._refuse(
                    campaign, Reason.NOT_FOUND, "Salesforce has no such campaign, or hides it."
                )
            elif record.deleted:
                # It may come out of the recycle bin again.
                self._notes.skip(Reason.CAMPAIGN_DELETED)
            elif self._claim(campaign, record.id):
                if self._settings.campaigns.create_missing_statuses:
                    self._statuses.add_missing(
                        record.id, kinds[campaign.type_id], may_write=self._may_write()
                    )
                self._link(campaign, record.id, CampaignLinkedBy.CHOICE)
        for campaign in campaigns:
            if campaign.sync.option is not SyncOption.NEW:
                continue
            if self._is_overspent():
                return
            if self._may_write():
                self._make(campaign, kinds[campaign.type_id])
            else:
                # The choice stands, and is carried out once outbound is on again.
                self._notes.skip(Reason.OUTBOUND_DISABLED)

    def _may_write(self) -> bool:
        # Asked each time: whoever switches outbound off means at once.
        return self._ports.settings.current().outbound.enabled

    def _claim(self, campaign: Campaign, record_id: str) -> bool:
        """Return whether a campaign in Salesforce belongs to ours from now on."""
        campaigns = self._ports.campaigns
        owner = campaigns.owners([record_id]).get(record_id)
        if owner == campaign.id:
            return True
        if owner is not None and self._still_wants(owner, record_id):
            message = f"{record_id} is the counterpart of campaign {owner}; choose another one."
            self._refuse(campaign, Reason.CAMPAIGN_TAKEN, message)
            return False
        # Should somebody be faster, the next run sees who.
        return campaigns.claim(record_id, campaign_id=campaign.id, expected=owner)

    def _link(
        self,
        campaign: Campaign,
        record_id: str,
        by: CampaignLinkedBy,
        *,
        nearest: StatusMap | None = None,
    ) -> bool:
        """Link a campaign, unless somebody chose otherwise meanwhile; say whether it is linked.

        Args:
            campaign: As its choice was read.
            record_id: Its counterpart, which belongs to it already.
            by: How it came by it.
            nearest: What stands for statuses, where nobody has said by hand.
        """
        if not begin_anew(campaign.id, record_id, ports=self._ports):
            # The next run links it.
            return False
        counterpart = CampaignCounterpart(
            record_id=record_id, linked_at=self._ports.clock(), linked_by=by
        )
        chosen = campaign.sync

        def linked(now: Campaign) -> Campaign | None:
            if now.sync != chosen:
                return None
            after = replace(now, counterpart=counterpart, updated_at=self._ports.clock())
            if nearest is None:
                return after
            return replace(after, status_map=now.status_map.completed(nearest))

        if not store_changed_campaign(campaign, linked, ports=self._ports):
            return False
        self._notes.count(CampaignObject.CAMPAIGN, "linked")
        return True

    def _still_wants(self, campaign_id: str, record_id: str) -> bool:
        other = self._ports.campaigns.get_many([campaign_id]).get(campaign_id)
        if other is None or not other.syncs:
            return False
        held = other.counterpart.record_id if other.counterpart else other.sync.record_id
        return held == record_id

    def _make(self, campaign: Campaign, kind: CampaignType) -> None:
        answer = make_campaign(campaign, ports=self._ports)
        if answer.refusal:
            if answer.refusal.remedy is not Remedy.RETRY:
                self._refuse(campaign, Reason.REFUSED, answer.refusal.message)
            return
        record_id = str(answer.record_id)
        if not self._claim(campaign, record_id):
            return
        # One that was made before, and is found again, has the statuses that people left there.
        known = was_followed(campaign.id, record_id, ports=self._ports)
        nearest = None if known else self._statuses.make(record_id, kind)
        if self._link(campaign, record_id, CampaignLinkedBy.CREATION, nearest=nearest):
            self._notes.count(CampaignObject.CAMPAIGN, "created")

    def _refuse(self, campaign: Campaign, reason: Reason, message: str) -> None:
        """End a choice that cannot be carried out; somebody has to choose again."""
        chosen = campaign.sync

        def refused(now: Campaign) -> Campaign | None:
            if now.sync != chosen:
                return None
            sync = replace(chosen, refusal=message)
            return replace(now, sync=sync, updated_at=self._ports.clock())

        self._notes.count(CampaignObject.CAMPAIGN, "refused")
        self._notes.tell_of(
            CampaignObject.CAMPAIGN,
            Action.REFUSED,
            reason,
            record_id=chosen.record_id,
            subject_id=campaign.id,
            message=message,
        )
        self._notes.keep()
        store_changed_campaign(campaign, refused, ports=self._ports)
