"""Types of campaigns in a DynamoDB table, one item each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from counterpart.adapters.dynamodb.attributes import MomentAttribute
from counterpart.adapters.dynamodb.campaign_items import CampaignsItem, page
from counterpart.adapters.dynamodb.compact_json import to_json
from counterpart.adapters.dynamodb.table import Table
from counterpart.adapters.moments import from_text, to_short_text
from counterpart.domain.campaigns import CampaignType, MemberStatus, Removal
from counterpart.errors import ChangedMeanwhileError
from counterpart.ports import Listing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from counterpart.adapters.dynamodb.database import Database

_KIND = "type"


class _TypeItem(CampaignsItem):
    name = UnicodeAttribute()
    description = UnicodeAttribute(null=True)
    statuses = UnicodeAttribute()
    removals = UnicodeAttribute(null=True)
    request_key = UnicodeAttribute(null=True)
    deleted_at = MomentAttribute(null=True)
    created_at = MomentAttribute()
    updated_at = MomentAttribute()
    version = NumberAttribute()


class DynamoCampaignTypeRepository:
    """Types of campaigns, in one table with the campaigns."""

    def __init__(self, table_name: str, database: Database) -> None:
        self._table = Table(_TypeItem, table_name, database)

    def get_many(self, type_ids: Collection[str]) -> Mapping[str, CampaignType]:
        items = self._table.get_many([(_KIND, type_id) for type_id in type_ids])
        return {item.id: _to_type(item) for item in items}

    def save(self, campaign_type: CampaignType) -> None:
        condition = (
            _TypeItem.version == campaign_type.version
            if campaign_type.version
            else _TypeItem.id.does_not_exist()
        )
        if not self._table.put(self._to_item(campaign_type), condition):
            raise ChangedMeanwhileError(f"Type {campaign_type.id} was changed by somebody else")

    def page(self, *, limit: int, after: str | None = None) -> Listing[CampaignType]:
        items, following = page(self._table, _KIND, limit=limit, after=after)
        return Listing(items=[_to_type(item) for item in items], next=following)

    def _to_item(self, campaign_type: CampaignType) -> _TypeItem:
        return self._table.model(
            kind=_KIND,
            id=campaign_type.id,
            name=campaign_type.name,
            description=campaign_type.description or None,
            statuses=to_json([[each.label, each.success] for each in campaign_type.statuses]),
            removals=_removals_text(campaign_type.removals),
            request_key=campaign_type.request_key,
            deleted_at=campaign_type.deleted_at,
            created_at=campaign_type.created_at,
            updated_at=campaign_type.updated_at,
            version=campaign_type.version + 1,
        )


def _to_type(item: _TypeItem) -> CampaignType:
    return CampaignType(
        id=item.id,
        name=item.name,
        description=item.description or "",
        statuses=tuple(
            MemberStatus(label=label, success=success)
            for label, success in json.loads(item.statuses)
        ),
        removals=tuple(
            Removal(
                label=content["label"],
                replacement=content["replacement"],
                removed_at=from_text(content["removed_at"]),
                settled=content["settled"],
            )
            for content in json.loads(item.removals or "[]")
        ),
        request_key=item.request_key,
        deleted_at=item.deleted_at,
        created_at=item.created_at,
        updated_at=item.updated_at,
        version=int(item.version),
    )


def _removals_text(removals: tuple[Removal, ...]) -> str | None:
    if not removals:
        return None
    return to_json(
        [
            {
                "label": each.label,
                "replacement": each.replacement,
                "removed_at": to_short_text(each.removed_at),
                "settled": each.settled,
            }
            for each in removals
        ]
    )
