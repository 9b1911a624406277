"""What operators do: they choose what syncs with what, and what the statuses are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.campaign_edits import CampaignEdit, SyncWish
from counterpart.domain.campaign_types import TypeEdit
from counterpart.domain.campaigns import MemberStatus, StatusMap, SyncOption, status_key
from counterpart.domain.records import CampaignObject
from counterpart.domain.sync_settings import OnRemoteRemoval
from counterpart.use_cases.edit_campaign_types import change_type
from counterpart.use_cases.edit_campaigns import change_campaign
from tests.convergence.campaign_acts import OURS, campaign_of
from tests.convergence.campaign_org_acts import THEIRS

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpart.domain.campaigns import Campaign
    from tests.convergence.chronicle import Chronicle
    from tests.convergence.steps import Numbers
    from tests.convergence.world import Mishap, World

_OPTIONS = (*[SyncOption.EXISTING] * 3, SyncOption.NEW, SyncOption.NEW, SyncOption.NONE)
_INTERVALS = (0, 5, 5, 60)


class CampaignOperatorActs:
    """Acts of operators, written down where the laws must know of them."""

    def __init__(self, world: World, chronicle: Chronicle) -> None:
        self._world, self._side = world, world.campaigns
        self._chronicle = chronicle.campaigns

    def choose_sync(self, numbers: Numbers, mishap: Mishap) -> str:
        """Let a campaign sync with one there, or with a new one, or not at all."""
        campaign, rows = (
            campaign_of(self._world, numbers[1]),
            self._side.rows(CampaignObject.CAMPAIGN),
        )
        option = _OPTIONS[numbers[2] % len(_OPTIONS)]
        record_id = None
        if option is SyncOption.EXISTING and rows:
            record_id = str(rows[numbers[3] % len(rows)]["Id"])
        wish = SyncWish(option=option, record_id=record_id)
        done = self._change(campaign, CampaignEdit(sync=wish), mishap)
        return f"{campaign.id} {option} {record_id} {done}"

    def map_statuses(self, numbers: Numbers, mishap: Mishap) -> str:
        """Say by hand which status stands for which, or no longer."""
        campaign = campaign_of(self._world, numbers[1])
        kind = self._side.stores.type_of(campaign)
        ours = kind.statuses[numbers[2] % len(kind.statuses)].label
        theirs = THEIRS[numbers[3] % len(THEIRS)]
        status_map = StatusMap(to_theirs={ours: theirs}, to_ours={theirs: ours})
        if numbers[4] % 4 == 0:
            status_map = StatusMap()
        done = self._change(campaign, CampaignEdit(status_map=status_map), mishap)
        return f"{campaign.id} {status_map} {done}"

    def _change(self, campaign: Campaign, edit: CampaignEdit, mishap: Mishap) -> bool:
        world = self._world

        def act() -> None:
            change_campaign(
                campaign.id, edit, version=None, now=world.clock(), stores=self._side.stores
            )

        ended = world.invoke(act, mishap)
        after = self._side.stores.campaign(campaign.id)
        if after.sync != campaign.sync:
            self._chronicle.chosen[campaign.id] = world.clock()
            self._chronicle.choices[campaign.id] += 1
        if after.status_map != campaign.status_map:
            self._chronicle.worded[campaign.id] = world.clock()
        return ended

    def change_type(self, numbers: Numbers, mishap: Mishap) -> str:
        """Give the type one more status, or take one away and say what replaces it."""
        world = self._world
        campaign = campaign_of(self._world, numbers[1])
        kind = self._side.stores.type_of(campaign)
        label = OURS[numbers[2] % len(OURS)]
        others = [each for each in kind.statuses if status_key(each.label) != status_key(label)]
        if kind.find(label) is None:
            added = MemberStatus(label=label, success=label == "Attended")
            edit = TypeEdit(statuses=[*kind.statuses, added])
        elif any(each.success for each in others):
            replacement = others[numbers[3] % len(others)].label
            edit = TypeEdit(statuses=others, replacements={label: replacement})
        else:
            # Somebody has to have responded.
            statuses = [replace(each, success=True) for each in kind.statuses]
            edit = TypeEdit(statuses=statuses)

        def act() -> None:
            change_type(kind.id, edit, version=None, now=world.clock(), stores=self._side.stores)

        ended = world.invoke(act, mishap)
        if self._side.stores.type_of(campaign) != kind:
            for each in self._side.all():
                self._chronicle.worded[each.id] = world.clock()
                self._chronicle.note_replaced(each.id, edit.replacements or {})
        return f"{[each.label for each in self._side.stores.type_of(campaign).statuses]} {ended}"

    def keep_in_step(self, numbers: Numbers, _: Mishap) -> str:
        """Change what holds for all campaigns."""
        world = self._world
        now = world.settings.current()
        wanted = replace(
            now.campaigns,
            interval_minutes=_INTERVALS[numbers[1] % len(_INTERVALS)],
            create_missing_statuses=numbers[2] % 2 > 0,
            on_remote_removal=tuple(OnRemoteRemoval)[numbers[3] % 2],
        )
        if wanted.on_remote_removal is not now.campaigns.on_remote_removal:
            self._chronicle.kept = world.clock()
        self._chronicle.ever_kept |= wanted.on_remote_removal is OnRemoteRemoval.KEEP
        after = replace(now, campaigns=wanted, version=now.version + 1)
        world.settings.save(after, changed_by="somebody", changed_at=world.clock())
        return str(wanted)


CAMPAIGN_OPERATOR_ACTS: dict[str, Callable[[CampaignOperatorActs, Numbers, Mishap], str]] = {
    name: getattr(CampaignOperatorActs, name)
    for name in ("choose_sync", "map_statuses", "change_type", "keep_in_step")
}
