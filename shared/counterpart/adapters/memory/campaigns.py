"""Campaigns and their types in memory."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from counterpart.adapters.memory.paging import page_of
from counterpart.adapters.memory.writes import unwatched
from counterpart.domain.campaigns import Campaign, CampaignType, DeletedCampaign, StatusMap
from counterpart.errors import ChangedMeanwhileError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.adapters.memory.writes import WriteHook
    from counterpart.ports import Listing

Kept = TypeVar("Kept", Campaign, CampaignType)


class InMemoryCampaignTypeRepository:
    """Types of campaigns.

    Args:
        types: Stored to begin with, each with its next version.
        before_write: Called before each write; what it raises keeps the write from happening.
        after_write: Called after each write that happened.
    """

    def __init__(
        self,
        *types: CampaignType,
        before_write: WriteHook = unwatched,
        after_write: WriteHook = unwatched,
    ) -> None:
        self._types = {each.id: replace(each, version=each.version + 1) for each in types}
        self._before_write = before_write
        self._after_write = after_write

    def get_many(self, type_ids: Collection[str]) -> Mapping[str, CampaignType]:
        types = self._types
        return {type_id: types[type_id] for type_id in type_ids if type_id in types}

    def save(self, campaign_type: CampaignType) -> None:
        self._before_write("campaign_types.save")
        _check_version(self._types, campaign_type)
        stored = replace(campaign_type, version=campaign_type.version + 1)
        self._types[stored.id] = stored
        self._after_write("campaign_types.save")

    def page(self, *, limit: int, after: str | None = None) -> Listing[CampaignType]:
        return page_of(self._types, self._types, limit=limit, after=after)


class InMemoryCampaignRepository:
    """Campaigns, and who owns which Salesforce campaign.

    Args:
        campaigns: Stored to begin with, each with its next version.
        lagging_index: Indexes learn of writes only when `catch_up` is called.
        before_write: Called before each write; what it raises keeps the write from happening.
        after_write: Called after each write that happened.
    """

    def __init__(
        self,
        *campaigns: Campaign,
        lagging_index: bool = False,
        before_write: WriteHook = unwatched,
        after_write: WriteHook = unwatched,
    ) -> None:
        self._campaigns = {each.id: _sealed(each) for each in campaigns}
        # What the indexes know.
        self._known = dict(self._campaigns)
        self._owners: dict[str, str] = {}
        self._deleted: set[str] = set()
        self._leaving: dict[str, DeletedCampaign] = {}
        self._lagging = lagging_index
        self._before_write = before_write
        self._after_write = after_write

    def get_many(self, campaign_ids: Collection[str]) -> Mapping[str, Campaign]:
        kept = self._campaigns
        return {each: kept[each] for each in campaign_ids if each in kept}

    def save(self, campaign: Campaign) -> None:
        self._before_write("campaigns.save")
        _check_version(self._campaigns, campaign)
        self._campaigns[campaign.id] = _sealed(campaign)
        if not self._lagging:
            self.catch_up()
        self._after_write("campaigns.save")

    def delete(self, campaign: Campaign, *, now: datetime) -> None:
        self._before_write("campaigns.delete")
        if campaign.id not in self._campaigns:
            raise ChangedMeanwhileError(f"{campaign.id} was deleted by somebody else")
        _check_version(self._campaigns, campaign)
        del self._campaigns[campaign.id]
        self._deleted.add(campaign.id)
        self._leaving[campaign.id] = DeletedCampaign(id=campaign.id, deleted_at=now)
        if not self._lagging:
            self.catch_up()
        self._after_write("campaigns.delete")

    def was_deleted(self, campaign_id: str) -> bool:
        return campaign_id in self._deleted

    def leaving(self) -> Sequence[DeletedCampaign]:
        return [self._leaving[each] for each in sorted(self._leaving)]

    def has_left(self, campaign_id: str) -> None:
        self._before_write("campaigns.has_left")
        self._leaving.pop(campaign_id, None)
        self._after_write("campaigns.has_left")

    def page(
        self, *, type_id: str | None = None, limit: int, after: str | None = None
    ) -> Listing[Campaign]:
        found: Collection[str] = self._campaigns
        if type_id is not None:
            found = [
                each.id
                for each in self._known.values()
                if each.type_id == type_id and each.id in self._campaigns
            ]
        return page_of(self._campaigns, found, limit=limit, after=after)

    def syncing(self) -> Sequence[str]:
        return sorted(each.id for each in self._known.values() if each.syncs)

    def owners(self, record_ids: Collection[str]) -> Mapping[str, str]:
        owners = self._owners
        return {record_id: owners[record_id] for record_id in record_ids if record_id in owners}

    def claim(self, record_id: str, *, campaign_id: str, expected: str | None = None) -> bool:
        self._before_write("campaigns.claim")
        if self._owners.get(record_id) != expected:
            return False
        self._owners[record_id] = campaign_id
        self._after_write("campaigns.claim")
        return True

    def release(self, record_id: str, *, campaign_id: str) -> None:
        self._before_write("campaigns.release")
        if self._owners.get(record_id) == campaign_id:
            del self._owners[record_id]
            self._after_write("campaigns.release")

    def catch_up(self) -> None:
        """Let lagging indexes learn of all writes."""
        self._known = dict(self._campaigns)


def _check_version(kept: Mapping[str, Kept], wanted: Kept) -> None:
    stored = kept.get(wanted.id)
    if wanted.version != (stored.version if stored else 0):
        raise ChangedMeanwhileError(f"{wanted.id} was changed by somebody else")


def _sealed(campaign: Campaign) -> Campaign:
    """Return the next version of *campaign*, which nobody can change from outside."""
    return replace(
        campaign,
        version=campaign.version + 1,
        status_map=StatusMap(
            to_theirs=MappingProxyType(dict(campaign.status_map.to_theirs)),
            to_ours=MappingProxyType(dict(campaign.status_map.to_ours)),
        ),
    )
