"""What the items of the campaigns' table have in common: a kind, and an id within it.

The kinds are small and few, and lists of them are read in the order of their ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from counterpart.adapters import tokens

if TYPE_CHECKING:
    from counterpart.adapters.dynamodb.table import Table


class _ByTypeIndex(GlobalSecondaryIndex["CampaignsItem"]):  # type: ignore[no-untyped-call] # PynamoDB has no types here
    class Meta:
        index_name = "by_type"
        projection = KeysOnlyProjection()

    type_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class _BySyncIndex(GlobalSecondaryIndex["CampaignsItem"]):  # type: ignore[no-untyped-call] # PynamoDB has no types here
    """Campaigns that sync; one that does not is not in it."""

    class Meta:
        index_name = "by_sync"
        projection = KeysOnlyProjection()

    syncs = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class CampaignsItem(Model):
    """A campaign, a type, or who owns a Salesforce campaign."""

    kind = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    type_id = UnicodeAttribute(null=True)
    syncs = UnicodeAttribute(null=True)

    by_type = _ByTypeIndex()
    by_sync = _BySyncIndex()


ItemT = TypeVar("ItemT", bound=CampaignsItem)


def page(
    table: Table[ItemT], key: str, *, index: str | None = None, limit: int, after: str | None
) -> tuple[list[ItemT], str | None]:
    """Return some items under a key in the order of their ids, and where to go on."""
    last = tokens.decode(after, keys=["id"])["id"] if after is not None else None
    beyond = table.model.id > last if last else None
    items = table.query(key, beyond, index=index, limit=limit + 1)
    listed = items[:limit]
    return listed, tokens.encode({"id": listed[-1].id}) if len(items) > limit else None
