"""Merges of contacts in a DynamoDB table, each stored together with all that it changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from counterpart.adapters import tokens
from counterpart.adapters.dynamodb.attributes import MomentAttribute, TextsAttribute
from counterpart.adapters.dynamodb.compact_json import to_json
from counterpart.adapters.dynamodb.table import Table
from counterpart.adapters.moments import from_text, to_text
from counterpart.domain.contact_merge_plans import ContactMerge, MergeState
from counterpart.errors import InputError
from counterpart.ports import Listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.adapters.dynamodb.contacts import DynamoContactRepository
    from counterpart.adapters.dynamodb.database import Database
    from counterpart.adapters.dynamodb.links import DynamoLinkRepository
    from counterpart.domain.contacts import Contact
    from counterpart.ports import LinkClaim

# An item holds 400 KB (DynamoDB developer guide, "Quotas"); the rest is for what is besides.
_MOST_BYTES = 380 * 1024


class _MergeItem(Model):
    loser_id = UnicodeAttribute(hash_key=True)
    survivor_id = UnicodeAttribute()
    state = UnicodeAttribute()
    merged_at = MomentAttribute()
    undone_at = MomentAttribute(null=True)
    taken = UnicodeAttribute()
    campaign_ids = TextsAttribute(null=True)
    loser = UnicodeAttribute()
    survivor = UnicodeAttribute()


class DynamoMergeRepository:
    """Merges, each one item that holds both contacts as they were.

    Args:
        contacts: Which they change.
        links: Which they change.
    """

    def __init__(
        self,
        table_name: str,
        database: Database,
        *,
        contacts: DynamoContactRepository,
        links: DynamoLinkRepository,
    ) -> None:
        self._table = Table(_MergeItem, table_name, database)
        self._contacts = contacts
        self._links = links

    def get(self, loser_id: str) -> ContactMerge | None:
        item = self._table.get(loser_id)
        return self._to_merge(item) if item else None

    def page(self, *, limit: int, after: str | None = None) -> Listing[ContactMerge]:
        key = tokens.decode(after, keys=["id"])["id"] if after is not None else None
        items, last = self._table.scan(limit=limit, after=key)
        following = tokens.encode({"id": last}) if last else None
        return Listing(items=[self._to_merge(item) for item in items], next=following)

    def store(
        self,
        merge: ContactMerge,
        *,
        survivor: Contact,
        loser: Contact,
        links: Sequence[LinkClaim],
        revised: Sequence[ContactMerge] = (),
    ) -> bool:
        undoes = merge.state is MergeState.UNDONE
        loser_id, state = _MergeItem.loser_id, _MergeItem.state
        stands = state == MergeState.DONE.value
        free = loser_id.does_not_exist() | (state == MergeState.UNDONE.value)
        return self._table.transact(
            [
                self._contacts.saving(survivor),
                self._contacts.saving(loser) if undoes else self._contacts.deleting(loser),
                self._table.putting(self._to_item(merge), stands if undoes else free),
                *(self._table.putting(self._to_item(one), stands) for one in revised),
                *map(self._links.claiming, links),
            ]
        )

    def _to_item(self, merge: ContactMerge) -> _MergeItem:
        loser, survivor = self._contacts.text(merge.loser), self._contacts.text(merge.survivor)
        if len(loser.encode()) + len(survivor.encode()) > _MOST_BYTES:
            message = "these contacts are too large to be merged so that it can be undone"
            raise InputError(message, field="loser")
        return self._table.model(
            loser_id=merge.loser.id,
            survivor_id=merge.survivor.id,
            state=merge.state.value,
            merged_at=merge.merged_at,
            undone_at=merge.undone_at,
            taken=to_json({name: to_text(time) for name, time in merge.taken.items()}),
            campaign_ids=merge.campaign_ids,
            loser=loser,
            survivor=survivor,
        )

    def _to_merge(self, item: _MergeItem) -> ContactMerge:
        return ContactMerge(
            loser=self._contacts.of_text(item.loser),
            survivor=self._contacts.of_text(item.survivor),
            taken={name: from_text(time) for name, time in json.loads(item.taken).items()},
            merged_at=item.merged_at,
            campaign_ids=tuple(item.campaign_ids or ()),
            state=MergeState(item.state),
            undone_at=item.undone_at,
        )
