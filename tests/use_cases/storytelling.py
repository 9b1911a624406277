"""A world with campaigns in which people use the API, and how stories in it begin."""

from __future__ import annotations

from counterpart.domain.campaign_edits import CampaignEdit, SyncWish
from counterpart.domain.campaign_types import TypeEdit
from counterpart.domain.campaigns import MemberStatus, SyncOption
from counterpart.domain.memberships import Fulfilled, MemberWish
from counterpart.domain.waiting import Lane
from counterpart.use_cases.edit_campaign_types import change_type
from counterpart.use_cases.edit_campaigns import change_campaign
from counterpart.use_cases.write_members import MemberPorts, write_members
from tests.use_cases.campaigning import CampaignWorld

NONE = SyncWish(option=SyncOption.NONE)


class Story(CampaignWorld):
    """A world in which people use the API."""

    def choose_by(self, wish: SyncWish, campaign_id: str = "launch") -> None:
        """Choose whether and with what a campaign syncs."""
        edit = CampaignEdit(sync=wish)
        change_campaign(campaign_id, edit, version=None, now=self.now, stores=self.campaigns)

    def existing(self, record_id: str) -> SyncWish:
        """Return the choice of a campaign there."""
        return SyncWish(option=SyncOption.EXISTING, record_id=record_id)

    def wish(self, contact_id: str, **details: object) -> None:
        """Have one wish about a member fulfilled."""
        ports = MemberPorts(
            stores=self.campaigns,
            contacts=self.contacts,
            merges=self.merges,
            settings=self.settings,
        )
        wish = MemberWish(contact_id=contact_id, **details)  # type: ignore[arg-type] # what the story says
        (answer,) = write_members("launch", [wish], lane=Lane.FRESH, now=self.now, ports=ports)
        assert isinstance(answer, Fulfilled), answer

    def replace_status(self, label: str, replacement: str, *more: str) -> None:
        """Remove a status from the type, and perhaps add some."""
        kind = self.campaigns.type("webinar")
        left = [each for each in kind.statuses if each.label != label]
        edit = TypeEdit(
            statuses=[*left, *(MemberStatus(label=each) for each in more)],
            replacements={label: replacement},
        )
        change_type("webinar", edit, version=None, now=self.now, stores=self.campaigns)

    def rest(self, *, apart: float = 6) -> None:
        """Let everything come to rest, by runs that are so many minutes apart."""
        for _ in range(3):
            self.wait(apart)
            self.sync()


def a_pair(world: CampaignWorld, status: str = "Registered") -> tuple[str, str, str]:
    """Return a contact that is a member on both sides, its row and the campaign there."""
    ((ada, ada_there),) = world.linked("ada@example.com")
    record_id = world.their_campaign(labels=["Registered", "No show", "VIP", "Attended"])
    row_id = world.their_member(record_id, ada_there, status)
    world.campaign(to=record_id)
    world.sync()
    world.wait(30)
    return ada, row_id, record_id


def followed(world: CampaignWorld) -> str:
    """Return a campaign there that ours has followed for a while."""
    record_id = world.their_campaign(labels=["Registered", "Attended", "VIP"])
    world.campaign(to=record_id)
    world.sync()
    world.wait(30)
    return record_id
