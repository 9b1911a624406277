"""Campaigns in a DynamoDB table, one item each, and one for each Salesforce campaign owned."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from counterpart.adapters.dynamodb.attributes import MomentAttribute
from counterpart.adapters.dynamodb.campaign_items import CampaignsItem, page
from counterpart.adapters.dynamodb.compact_json import to_json
from counterpart.adapters.dynamodb.table import Table
from counterpart.domain.campaigns import (
    Campaign,
    CampaignCounterpart,
    CampaignLinkedBy,
    DeletedCampaign,
    StatusMap,
    SyncChoice,
    SyncOption,
)
from counterpart.errors import ChangedMeanwhileError
from counterpart.ports import Listing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.adapters.dynamodb.database import Database

_CAMPAIGN = "campaign"
_OWNED = "owned"
# Kept for good, so that no id is used twice.
_DELETED = "deleted"
_LEAVING = "leaving"
_SYNCS = "yes"


class _CampaignItem(CampaignsItem):
    name = UnicodeAttribute()
    sync_option = UnicodeAttribute()
    sync_chosen_at = MomentAttribute(null=True)
    sync_record_id = UnicodeAttribute(null=True)
    sync_refusal = UnicodeAttribute(null=True)
    record_id = UnicodeAttribute(null=True)
    linked_at = MomentAttribute(null=True)
    linked_by = UnicodeAttribute(null=True)
    followed_from = MomentAttribute(null=True)
    status_map = UnicodeAttribute(null=True)
    request_key = UnicodeAttribute(null=True)
    created_at = MomentAttribute()
    updated_at = MomentAttribute()
    version = NumberAttribute()


class _OwnerItem(CampaignsItem):
    """Which campaign a Salesforce campaign, whose id is the item's, belongs to."""

    campaign_id = UnicodeAttribute()


class _DeletedItem(CampaignsItem):
    """A campaign that was deleted, in one item for good and in one while it has members."""

    deleted_at = MomentAttribute()


class DynamoCampaignRepository:
    """Campaigns; a conditional write on the Salesforce campaign's id keeps a counterpart unique."""

    def __init__(self, table_name: str, database: Database) -> None:
        self._campaigns = Table(_CampaignItem, table_name, database)
        self._owners = Table(_OwnerItem, table_name, database)
        self._deleted = Table(_DeletedItem, table_name, database)

    def get_many(self, campaign_ids: Collection[str]) -> Mapping[str, Campaign]:
        items = self._campaigns.get_many([(_CAMPAIGN, each) for each in campaign_ids])
        return {item.id: _to_campaign(item) for item in items}

    def save(self, campaign: Campaign) -> None:
        condition = (
            _CampaignItem.version == campaign.version
            if campaign.version
            else _CampaignItem.id.does_not_exist()
        )
        if not self._campaigns.put(self._to_item(campaign), condition):
            raise ChangedMeanwhileError(f"Campaign {campaign.id} was changed by somebody else")

    def delete(self, campaign: Campaign, *, now: datetime) -> None:
        free = _DeletedItem.id.does_not_exist()
        stored = self._campaigns.model(kind=_CAMPAIGN, id=campaign.id)
        done = self._campaigns.transact(
            [
                self._campaigns.deleting(stored, _CampaignItem.version == campaign.version),
                *(
                    self._deleted.putting(
                        self._deleted.model(kind=kind, id=campaign.id, deleted_at=now), free
                    )
                    for kind in (_DELETED, _LEAVING)
                ),
            ]
        )
        if not done:
            raise ChangedMeanwhileError(f"Campaign {campaign.id} was changed by somebody else")

    def was_deleted(self, campaign_id: str) -> bool:
        return bool(self._deleted.get_many([(_DELETED, campaign_id)]))

    def leaving(self) -> Sequence[DeletedCampaign]:
        return [
            DeletedCampaign(id=item.id, deleted_at=item.deleted_at)
            for item in self._deleted.query(_LEAVING)
        ]

    def has_left(self, campaign_id: str) -> None:
        self._deleted.delete((_LEAVING, campaign_id), _DeletedItem.id.exists())

    def page(
        self, *, type_id: str | None = None, limit: int, after: str | None = None
    ) -> Listing[Campaign]:
        if type_id is None:
            items, following = page(self._campaigns, _CAMPAIGN, limit=limit, after=after)
            return Listing(items=[_to_campaign(item) for item in items], next=following)
        items, following = page(self._campaigns, type_id, index="by_type", limit=limit, after=after)
        found = self.get_many([item.id for item in items])
        return Listing(items=[found[each] for each in sorted(found)], next=following)

    def syncing(self) -> Sequence[str]:
        return [item.id for item in self._campaigns.query(_SYNCS, index="by_sync")]

    def owners(self, record_ids: Collection[str]) -> Mapping[str, str]:
        items = self._owners.get_many([(_OWNED, record_id) for record_id in record_ids])
        return {item.id: item.campaign_id for item in items}

    def claim(self, record_id: str, *, campaign_id: str, expected: str | None = None) -> bool:
        item = self._owners.model(kind=_OWNED, id=record_id, campaign_id=campaign_id)
        unchanged = (
            _OwnerItem.campaign_id == expected if expected else _OwnerItem.id.does_not_exist()
        )
        return self._owners.put(item, unchanged)

    def release(self, record_id: str, *, campaign_id: str) -> None:
        self._owners.delete((_OWNED, record_id), _OwnerItem.campaign_id == campaign_id)

    def _to_item(self, campaign: Campaign) -> _CampaignItem:
        counterpart, sync = campaign.counterpart, campaign.sync
        return self._campaigns.model(
            kind=_CAMPAIGN,
            id=campaign.id,
            type_id=campaign.type_id,
            syncs=_SYNCS if campaign.syncs else None,
            name=campaign.name,
            sync_option=sync.option.value,
            sync_chosen_at=sync.chosen_at,
            sync_record_id=sync.record_id,
            sync_refusal=sync.refusal,
            record_id=counterpart.record_id if counterpart else None,
            linked_at=counterpart.linked_at if counterpart else None,
            linked_by=counterpart.linked_by.value if counterpart else None,
            followed_from=counterpart.followed_from if counterpart else None,
            status_map=_map_text(campaign.status_map),
            request_key=campaign.request_key,
            created_at=campaign.created_at,
            updated_at=campaign.updated_at,
            version=campaign.version + 1,
        )


def _to_campaign(item: _CampaignItem) -> Campaign:
    return Campaign(
        id=item.id,
        name=item.name,
        type_id=item.type_id,
        sync=SyncChoice(
            option=SyncOption(item.sync_option),
            chosen_at=item.sync_chosen_at,
            record_id=item.sync_record_id,
            refusal=item.sync_refusal,
        ),
        counterpart=_to_counterpart(item),
        status_map=_to_map(item.status_map),
        request_key=item.request_key,
        created_at=item.created_at,
        updated_at=item.updated_at,
        version=int(item.version),
    )


def _to_counterpart(item: _CampaignItem) -> CampaignCounterpart | None:
    if not item.record_id:
        return None
    return CampaignCounterpart(
        record_id=item.record_id,
        linked_at=item.linked_at,
        linked_by=CampaignLinkedBy(item.linked_by),
        followed_from=item.followed_from,
    )


def _map_text(status_map: StatusMap) -> str | None:
    if not status_map.to_theirs and not status_map.to_ours:
        return None
    return to_json({"to_theirs": dict(status_map.to_theirs), "to_ours": dict(status_map.to_ours)})


def _to_map(text: str | None) -> StatusMap:
    return StatusMap(**json.loads(text)) if text else StatusMap()
