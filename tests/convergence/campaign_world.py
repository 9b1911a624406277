"""The campaigns of a world: their stores, the function that syncs them, and what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from counterpart.adapters.memory import (
    InMemoryCampaignRepository,
    InMemoryCampaignTypeRepository,
    InMemorySuccessor,
)
from counterpart.domain.campaigns import (
    Campaign,
    CampaignType,
    MemberStatus,
    SyncChoice,
    SyncOption,
)
from counterpart.domain.records import CampaignObject
from counterpart.use_cases.campaign_stores import CampaignStores
from counterpart.use_cases.campaign_sync_ports import CampaignPorts
from counterpart.use_cases.outsiders import aside
from counterpart.use_cases.write_members import MemberPorts
from tests.convergence.campaign_calls import WatchedCampaigns
from tests.convergence.watch import DAWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.members import Member
    from tests.convergence.world import World

LAUNCH, FAIR = "launch", "fair"
# Statuses of the first campaign there, besides those that every campaign is born with.
_THEIRS = ("Registered", "Attended", "VIP")
_KIND = CampaignType(
    id="webinar",
    name="Webinar",
    statuses=(
        MemberStatus(label="Registered"),
        MemberStatus(label="Attended", success=True),
        MemberStatus(label="No show"),
    ),
    created_at=DAWN,
    updated_at=DAWN,
)


class CampaignSide:
    """What a world has of campaigns.

    One campaign here follows one there from the start; another one of each is alone.

    Args:
        world: Otherwise ready.
        lagging: Whether indexes learn of writes only later.
        hooks: Called at each write.
    """

    def __init__(self, world: World, *, lagging: bool, hooks: Mapping[str, Any]) -> None:
        self._world = world
        self.calls = WatchedCampaigns(world.hands, world.calls, world.clock, self.members)
        hands = world.hands
        first, _ = (
            hands.add(CampaignObject.CAMPAIGN, {"Name": name}, 0) for name in ("Launch", "Expo")
        )
        for place, label in enumerate(_THEIRS, 10):
            hands.add(CampaignObject.STATUS, status_of(str(first), label, place), 0)
        choice = SyncChoice(
            option=SyncOption.EXISTING, chosen_at=world.clock(), record_id=str(first)
        )
        self.types = InMemoryCampaignTypeRepository(_KIND, **hooks)
        self.repository = InMemoryCampaignRepository(
            _campaign(LAUNCH, choice), _campaign(FAIR, SyncChoice()), lagging_index=lagging, **hooks
        )
        self.repository.claim(str(first), campaign_id=LAUNCH)
        self.stores = CampaignStores(
            types=self.types, campaigns=self.repository, members=world.members
        )
        self.member_ports = MemberPorts(
            stores=self.stores,
            contacts=world.contacts,
            merges=world.merges,
            settings=world.settings,
        )
        self.successor = InMemorySuccessor()
        self.ports = CampaignPorts(
            reader=self.calls,
            writer=self.calls,
            survey=hands.survey,
            campaigns=self.repository,
            types=self.types,
            members=world.members,
            contacts=world.contacts,
            links=world.links,
            merges=world.merges,
            streams=world.streams,
            settings=world.settings,
            runs=world.runs,
            successor=self.successor,
            clock=world.clock,
        )

    def all(self) -> list[Campaign]:
        """Return every campaign here."""
        return list(self.repository.page(limit=1000).items)

    def members(self) -> list[Member]:
        """Return every member here; people who are kept aside are none."""
        members = self._world.members._members.values()
        return [each for each in members if not each.campaign_id.startswith(aside(""))]

    def rows(self, sobject: CampaignObject = CampaignObject.MEMBER) -> list[Row]:
        """Return the rows there that live, in the order of their ids."""
        rows = [row for row in self._world.hands.campaign_rows(sobject) if not row["IsDeleted"]]
        return sorted(rows, key=lambda row: str(row["Id"]))


def status_of(record_id: str, label: str, place: int) -> dict[str, Any]:
    """Return the row of a new status of a campaign there."""
    return {
        "CampaignId": record_id,
        "Label": label,
        "SortOrder": place,
        "IsDefault": False,
        "HasResponded": label in {"Attended", "VIP"},
    }


def _campaign(campaign_id: str, choice: SyncChoice) -> Campaign:
    return Campaign(
        id=campaign_id,
        name=campaign_id.title(),
        type_id=_KIND.id,
        created_at=DAWN,
        updated_at=DAWN,
        sync=choice,
    )
