"""Link campaigns to their counterparts, as somebody chose: to one that exists, or to a new one.

A campaign in Salesforce belongs to one of ours: whoever claims it first. A crash after the
campaign was made leaves one that is found again under our id.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.campaigns import (
    Campaign,
    CampaignCounterpart,
    CampaignLinkedBy,
    StatusMap,
    SyncOption,
)
from counterpart.domain.member_status import in_theirs
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import CampaignObject
from counterpart.domain.refusals import Remedy
from counterpart.domain.values import parse_time
from counterpart.errors import ChangedMeanwhileError
from counterpart.ports import RowAnswer
from counterpart.use_cases.first_reading import begin_anew
from counterpart.use_cases.make_statuses import StatusMaker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from counterpart.domain.campaigns import CampaignType
    from counterpart.domain.member_rows import TheirStatus
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import Json
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts, Followed
    from counterpart.use_cases.notes import Notes

EXTERNAL_ID = "Counterpart_Id__c"
_LONGEST_NAME = 80
# What Salesforce calls a campaign that runs; not every org does.
_RUNNING = "In Progress"
# Where nothing but its name tells our campaign from others, it is no older than the choice, on two
# clocks that may differ by so much.
_SKEW = timedelta(minutes=5)
_TRIES = 6


class CampaignLinker:
    """Carries out choices, and notices when they come to an end.

    Args:
        ports: The world.
        settings: Whether statuses are added to campaigns that exist.
        notes: What became of campaigns is noted here.
    """

    def __init__(self, ports: CampaignPorts, settings: SyncSettings, notes: Notes) -> None:
        self._ports = ports
        self._settings = settings
        self._notes = notes
        self._statuses = StatusMaker(ports, notes)

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
            if self._may_write():
                self._make(campaign, kinds[campaign.type_id])
            else:
                # The choice stands, and is carried out once outbound is on again.
                self._notes.skip(Reason.OUTBOUND_DISABLED)

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
            return replace(now, counterpart=None, sync=sync)

        if not self._change(campaign, unlinked):
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

    def completed(self, home: Followed, there: Sequence[TheirStatus]) -> Sequence[TheirStatus]:
        """Return the statuses that a campaign has in Salesforce once it has all that it should.

        Those of our type are made in a campaign that was made for ours, and in others if the
        settings say so.
        """
        ours = home.counterpart.linked_by is CampaignLinkedBy.CREATION
        if not (ours or self._settings.campaigns.create_missing_statuses):
            return there
        by_hand = home.campaign.status_map
        missing = [
            each
            for each in home.kind.statuses
            if not in_theirs(each.label, kind=home.kind, statuses=there, by_hand=by_hand).known
        ]
        if not missing or not self._may_write():
            return there
        return self._statuses.complete(home.record_id, missing, there)

    def _may_write(self) -> bool:
        # Asked each time: whoever switches outbound off means at once.
        return self._ports.settings.current().outbound.enabled

    # --- an existing one, and a new one ---------------------------------------------------------

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
            if nearest is None:
                return replace(now, counterpart=counterpart)
            status_map = now.status_map.completed(nearest)
            return replace(now, counterpart=counterpart, status_map=status_map)

        done = self._change(campaign, linked)
        if done:
            self._notes.count(CampaignObject.CAMPAIGN, "linked")
        return done

    def _still_wants(self, campaign_id: str, record_id: str) -> bool:
        other = self._ports.campaigns.get_many([campaign_id]).get(campaign_id)
        if other is None or not other.syncs:
            return False
        held = other.counterpart.record_id if other.counterpart else other.sync.record_id
        return held == record_id

    def _make(self, campaign: Campaign, kind: CampaignType) -> None:
        facts = self._ports.reader.describe(CampaignObject.CAMPAIGN)
        values: dict[str, Json] = {"Name": campaign.name[:_LONGEST_NAME], "IsActive": True}
        if "Status" in facts and _RUNNING in facts["Status"].choices:
            values["Status"] = _RUNNING
        if EXTERNAL_ID in facts and facts[EXTERNAL_ID].createable:
            answer = self._ports.writer.make_campaign(campaign.id, values)
        else:
            answer = self._make_without_key(campaign, values)
        if answer.refusal:
            if answer.refusal.remedy is not Remedy.RETRY:
                self._refuse(campaign, Reason.REFUSED, answer.refusal.message)
            return
        record_id = str(answer.record_id)
        if not self._claim(campaign, record_id):
            return
        nearest = self._statuses.make(record_id, kind)
        if self._link(campaign, record_id, CampaignLinkedBy.CREATION, nearest=nearest):
            self._notes.count(CampaignObject.CAMPAIGN, "created")

    def _make_without_key(self, campaign: Campaign, values: Mapping[str, Json]) -> RowAnswer:
        """Make a campaign in an org that lacks our key, unless one try has made it already."""
        since = (campaign.sync.chosen_at or campaign.created_at) - _SKEW
        alike = self._ports.reader.read_plain(
            CampaignObject.CAMPAIGN, ["CreatedDate"], among={"Name": [str(values["Name"])]}
        )
        made = sorted(
            record.id
            for record in alike
            if not record.deleted and parse_time(str(record.values["CreatedDate"])) >= since
        )
        owners = self._ports.campaigns.owners(made)
        free = [each for each in made if owners.get(each, campaign.id) == campaign.id]
        if free:
            return RowAnswer(record_id=free[0])
        return self._ports.writer.insert(CampaignObject.CAMPAIGN, [values]).rows[0]

    # --- what becomes of our campaign -----------------------------------------------------------

    def _refuse(self, campaign: Campaign, reason: Reason, message: str) -> None:
        """End a choice that cannot be carried out; somebody has to choose again."""
        chosen = campaign.sync
        self._change(
            campaign,
            lambda now: (
                replace(now, sync=replace(chosen, refusal=message)) if now.sync == chosen else None
            ),
        )
        self._notes.count(CampaignObject.CAMPAIGN, "refused")
        self._notes.tell_of(
            CampaignObject.CAMPAIGN,
            Action.REFUSED,
            reason,
            record_id=chosen.record_id,
            subject_id=campaign.id,
            message=message,
        )

    def _change(self, campaign: Campaign, change: Callable[[Campaign], Campaign | None]) -> bool:
        """Change a campaign as it is now; say whether there was anything to change."""
        now: Campaign | None = campaign
        for _ in range(_TRIES):
            after = change(now) if now else None
            if after is None:
                return False
            try:
                self._ports.campaigns.save(replace(after, updated_at=self._ports.clock()))
            except ChangedMeanwhileError:
                now = self._ports.campaigns.get_many([campaign.id]).get(campaign.id)
            else:
                return True
        raise ChangedMeanwhileError(f"campaign {campaign.id} keeps being changed by others")
