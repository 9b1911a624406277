"""What the use cases of campaigns need of the world, on the terms of the other ports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.campaigns import Campaign, CampaignType, DeletedCampaign
    from counterpart.domain.links import Move
    from counterpart.domain.members import Member, MemberKey, Unsettled
    from counterpart.domain.records import CampaignObject
    from counterpart.domain.waiting import Lane
    from counterpart.ports import ApiUsage, Json, Listing, RecordChange, RowAnswer, WriteAnswer


class CampaignTypeRepository(Protocol):
    """Types of campaigns, each one item."""

    def get_many(self, type_ids: Collection[str]) -> Mapping[str, CampaignType]:
        """Return types by id, read consistently."""

    def save(self, campaign_type: CampaignType) -> None:
        """Store a type unless it changed since, as a contact is.

        Raises:
            ChangedMeanwhileError: the stored version is another one.
        """

    def page(self, *, limit: int, after: str | None = None) -> Listing[CampaignType]:
        """Return types in the order of their ids."""


class CampaignRepository(Protocol):
    """Campaigns, each one item, and which Salesforce campaign belongs to which.

    One that was deleted is found nowhere; what is kept of it is that its id is used up.
    """

    def get_many(self, campaign_ids: Collection[str]) -> Mapping[str, Campaign]:
        """Return campaigns by id, read consistently."""

    def save(self, campaign: Campaign) -> None:
        """Store a campaign unless it changed since, as a contact is.

        Raises:
            ChangedMeanwhileError: the stored version is another one.
        """

    def delete(self, campaign: Campaign, *, now: datetime) -> None:
        """Delete a campaign unless it changed since; from then on it is leaving.

        Raises:
            ChangedMeanwhileError: the stored version is another one.
        """

    def was_deleted(self, campaign_id: str) -> bool:
        """Return whether there was a campaign of that id, read consistently."""

    def leaving(self) -> Sequence[DeletedCampaign]:
        """Return deleted campaigns that may have members still, read consistently."""

    def has_left(self, campaign_id: str) -> None:
        """Note that a deleted campaign has no members any more."""

    def page(
        self, *, type_id: str | None = None, limit: int, after: str | None = None
    ) -> Listing[Campaign]:
        """Return campaigns, of one type or all, in the order of their ids.

        All are read consistently; those of one type come from an index, which may lag behind.
        """

    def syncing(self) -> Sequence[str]:
        """Return the ids of all campaigns whose choice is in force, in their order.

        Comes from an index, which may lag behind.
        """

    def owners(self, record_ids: Collection[str]) -> Mapping[str, str]:
        """Return which campaign each Salesforce campaign belongs to, read consistently.

        Here, and nowhere else, a counterpart is unique: a campaign that is not the owner of its
        counterpart does not sync.
        """

    def claim(self, record_id: str, *, campaign_id: str, expected: str | None = None) -> bool:
        """Make a campaign the owner of a Salesforce campaign, if *expected* still is; say whether.

        Args:
            record_id: 18 characters.
            campaign_id: The new owner.
            expected: The owner that was read before; `None` if there was none.
        """

    def release(self, record_id: str, *, campaign_id: str) -> None:
        """Let a Salesforce campaign belong to nobody; nothing happens if another one owns it."""


class MemberRepository(Protocol):
    """Members, each one item, each written by one conditional write.

    Members whose removal has still to cross are among what is found by key, campaign and record.
    """

    def get_many(self, keys: Collection[MemberKey]) -> Mapping[MemberKey, Member]:
        """Return members by key, read consistently."""

    def find_by_record(
        self, campaign_ids: Mapping[str, str], *, besides: Mapping[str, MemberKey] | None = None
    ) -> Mapping[str, Member]:
        """Return the members that are linked to these CampaignMembers.

        Reads an index, which may lag behind; the members themselves are as they are now.

        Args:
            campaign_ids: Whose members may follow each, by its id. Those of a campaign that was
                synced with the same one before may be linked to it still.
            besides: Members that are looked for no longer, by their records.
        """

    def find_by_contact(self, contact_ids: Collection[str]) -> Mapping[str, Sequence[Member]]:
        """Return the members that these contacts are, in the order of their campaigns.

        Reads an index, which may lag behind; the members themselves are as they are now.
        """

    def save_many(self, members: Sequence[Member]) -> Collection[MemberKey]:
        """Store each member unless it changed since; return the keys of those that had."""

    def delete_many(self, members: Sequence[Member]) -> Collection[MemberKey]:
        """Delete each member unless it changed since; return the keys of those that had.

        One that is gone already has changed.
        """

    def page(self, campaign_id: str, *, limit: int, after: str | None = None) -> Listing[Member]:
        """Return the members of a campaign, as they are now, in the order of their contacts."""

    def page_of_status(
        self, campaign_id: str, label: str, *, limit: int, after: str | None = None
    ) -> Listing[Member]:
        """Return who is stored with this status, however it is spelt, and was not removed.

        Reads an index, which may lag behind; the members themselves are as they are now.
        """

    def count(self, campaign_ids: Collection[str], label: str) -> int:
        """Return how many an index, which may lag behind, has under this status altogether."""

    def waiting(
        self, campaign_id: str, lane: Lane, *, until: datetime, limit: int
    ) -> Sequence[str]:
        """Return contact ids of members whose mark in *lane* is due, longest wait first."""

    def unsettle(
        self, contact_ids: Collection[str], *, now: datetime, person_ids: Collection[str] = ()
    ) -> None:
        """Note that these contacts come or go this very moment, be it once more.

        Args:
            contact_ids: Who.
            now: By our clock.
            person_ids: The records that they leave behind, if they go for good.
        """

    def unsettle_moved(self, moves: Collection[Move], *, now: datetime) -> None:
        """Note that these records move this very moment, be it once more.

        Args:
            moves: Each beside what else is noted of its contact.
            now: By our clock.
        """

    def unsettled(self) -> Sequence[Unsettled]:
        """Return whoever comes, goes or has a record that moves, the longest noted first.

        Read consistently.
        """

    def settle(self, unsettled: Unsettled) -> None:
        """Note that nothing is left to do about one, unless it was noted once more since."""


class CampaignWriter(Protocol):
    """Writes campaigns, their statuses and their members in Salesforce.

    Each row succeeds or fails by itself. A lost answer raises `TransientError`: what was asked for
    may have happened.
    """

    def make_campaign(self, campaign_id: str, values: Mapping[str, Json]) -> RowAnswer:
        """Make a campaign under our id, or find it again; needs that field in the org."""

    def insert(self, sobject: CampaignObject, rows: Sequence[Mapping[str, Json]]) -> WriteAnswer:
        """Insert up to 1,000 rows with one API call."""

    def update(self, changes: Sequence[RecordChange]) -> WriteAnswer:
        """Write up to 1,000 changes with one API call."""

    def delete(self, record_ids: Sequence[str]) -> WriteAnswer:
        """Delete up to 1,000 rows with one API call."""

    def usage(self) -> ApiUsage:
        """Return what the calls so far have cost. Costs nothing itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignFound:
    """A campaign in Salesforce.

    Attributes:
        record_id: 18 characters.
        status: As Salesforce's picklist has it.
    """

    record_id: str
    name: str
    active: bool
    status: str | None = None

    def answer(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "id": self.record_id,
            "name": self.name,
            "active": self.active,
            "status": self.status,
        }


class CampaignSearch(Protocol):
    """Finds campaigns where Salesforce can be asked."""

    def search(self, name: str) -> Sequence[CampaignFound]:
        """Return campaigns whose name contains *name*, active ones first, at most 50."""
