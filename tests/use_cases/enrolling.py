"""A world of campaigns for stories: three contacts, one type, one campaign."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from counterpart.adapters.memory import (
    InMemoryCampaignRepository,
    InMemoryCampaignTypeRepository,
    InMemoryContactRepository,
    InMemoryLinkRepository,
    InMemoryMemberRepository,
    InMemoryMergeRepository,
    InMemorySettingsRepository,
)
from counterpart.domain.campaign_edits import CampaignEdit, SyncWish
from counterpart.domain.campaign_types import TypeEdit
from counterpart.domain.campaigns import Campaign, CampaignType, MemberStatus, SyncOption
from counterpart.domain.members import Member, MemberKey
from counterpart.domain.memberships import MemberWish
from counterpart.domain.waiting import Lane
from counterpart.use_cases.campaign_stores import CampaignStores
from counterpart.use_cases.edit_campaign_types import change_type
from counterpart.use_cases.edit_campaigns import change_campaign
from counterpart.use_cases.move_members_on import move_members_on
from counterpart.use_cases.read_members import list_members
from counterpart.use_cases.write_members import Answer, MemberPorts, write_members
from tests.contracts.stores.samples import CAMPAIGN_ID, NOON, a_campaign, a_contact, a_type
from tests.use_cases.world import PowerCutError

if TYPE_CHECKING:
    from datetime import datetime

NEW = SyncWish(option=SyncOption.NEW)
NONE = SyncWish(option=SyncOption.NONE)
EXISTING = SyncWish(option=SyncOption.EXISTING, record_id=CAMPAIGN_ID)


class Enrolling:
    """Stores in memory, and what people do by the API.

    Attributes:
        now: The time.
        before: What happens right before the next write of a name, once.
        cut_after: Names of writes after which the process dies, once.
    """

    def __init__(
        self,
        *,
        lagging_index: bool = False,
        lagging_campaigns: bool = False,
        contacts: Sequence[str] = (),
        labels: Sequence[str] = (),
    ) -> None:
        self.now: datetime = NOON
        self.before: dict[str, Callable[[], object]] = {}
        self.cut_after: set[str] = set()
        hooks: dict[str, Any] = {"before_write": self._before, "after_write": self._after}
        people = (a_contact(name) for name in contacts or ("ada", "bob", "eve"))
        self.contacts = InMemoryContactRepository(*people, **hooks)
        self.members = InMemoryMemberRepository(lagging_index=lagging_index, **hooks)
        self.stores = CampaignStores(
            types=InMemoryCampaignTypeRepository(a_type("webinar", *labels), **hooks),
            campaigns=InMemoryCampaignRepository(
                a_campaign(),
                a_campaign("autumn", name="Autumn"),
                lagging_index=lagging_campaigns,
                **hooks,
            ),
            members=self.members,
        )
        self.links = InMemoryLinkRepository()
        self.merges = InMemoryMergeRepository(self.contacts, self.links)
        self.ports = MemberPorts(
            stores=self.stores,
            contacts=self.contacts,
            merges=self.merges,
            settings=InMemorySettingsRepository(),
        )

    @property
    def type(self) -> CampaignType:
        """Return the type as it is stored."""
        return self.stores.type("webinar")

    @property
    def campaign(self) -> Campaign:
        """Return the campaign as it is stored."""
        return self.stores.campaign("spring")

    def choose(self, wish: SyncWish, campaign_id: str = "spring") -> Campaign:
        """Choose whether and with what a campaign syncs."""
        edit = CampaignEdit(sync=wish)
        return change_campaign(campaign_id, edit, version=None, now=self.now, stores=self.stores)

    def write(
        self, *wishes: MemberWish, lane: Lane = Lane.FRESH, campaign_id: str = "spring"
    ) -> Sequence[Answer]:
        """Fulfil wishes."""
        return write_members(campaign_id, wishes, lane=lane, now=self.now, ports=self.ports)

    def add(self, *contact_ids: str, status: str = "Invited", campaign_id: str = "spring") -> None:
        """Add members."""
        self.write(
            *(MemberWish(contact_id=each, status=status) for each in contact_ids),
            campaign_id=campaign_id,
        )

    def remove_status(self, label: str, replacement: str | None = None) -> CampaignType:
        """Remove a status from the type."""
        left = [each.label for each in self.type.statuses if each.label != label]
        return self.restate(left, {label: replacement} if replacement else None)

    def restate(
        self, labels: Sequence[str], replacements: Mapping[str, str] | None = None
    ) -> CampaignType:
        """Give the type these statuses, each of them a success."""
        statuses = [MemberStatus(label=label, success=True) for label in labels]
        edit = TypeEdit(statuses=statuses, replacements=replacements)
        return change_type("webinar", edit, version=None, now=self.now, stores=self.stores)

    def move_on(self, *, steps: int = 1000) -> int:
        """Move members on for so many steps; return how many were moved."""
        left = iter(range(steps))
        return move_members_on(
            self.type, now=self.now, enough=lambda: next(left, None) is None, stores=self.stores
        )

    def member(self, contact_id: str, campaign_id: str = "spring") -> Member | None:
        """Return a member as it is stored."""
        key = MemberKey(campaign_id, contact_id)
        return self.members.get_many([key]).get(key)

    def stored(self, campaign_id: str = "spring") -> dict[str, str]:
        """Return the stored status of each member, by contact."""
        listing = self.members.page(campaign_id, limit=10_000)
        return {each.contact_id: each.status for each in listing.items}

    def listed(self, status: str, *, limit: int = 2) -> list[str]:
        """Return who is listed under a status, page after page."""
        found: list[str] = []
        after: str | None = None
        while True:
            page = list_members(
                "spring", status=status, limit=limit, after=after, stores=self.stores
            )
            found += [each.member.contact_id for each in page.items]
            after = page.next
            if after is None:
                return found

    def _before(self, name: str) -> None:
        act = self.before.pop(name, None)
        if act:
            act()

    def _after(self, name: str) -> None:
        if name in self.cut_after:
            self.cut_after.discard(name)
            raise PowerCutError
