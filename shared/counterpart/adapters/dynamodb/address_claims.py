"""Claims on addresses in the DynamoDB table of sync state, until they expire."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pynamodb.attributes import TTLAttribute, UnicodeAttribute
from pynamodb.models import Model

from counterpart.adapters.dynamodb.attributes import MomentAttribute
from counterpart.adapters.dynamodb.table import Table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime, timedelta

    from counterpart.adapters.dynamodb.database import Database

# Whoever creates records may write no other keys of this table; the template says so, too.
_PREFIX = "address/"


class _AddressItem(Model):
    stream = UnicodeAttribute(hash_key=True)
    holder = UnicodeAttribute()
    leased_until = MomentAttribute()
    # DynamoDB takes its time; until it has come, the end of the lease is what counts.
    expires_at = TTLAttribute()


class DynamoAddressClaims:
    """Claims on addresses; no address can be read from them."""

    def __init__(self, table_name: str, database: Database) -> None:
        self._table = Table(_AddressItem, table_name, database)

    def take(
        self, wanted: Mapping[str, str], *, now: datetime, lasts: timedelta
    ) -> Collection[str]:
        until = now + lasts
        taken = self._table.put_each(
            [
                (
                    self._table.model(
                        stream=_key_of(address),
                        holder=contact_id,
                        leased_until=until,
                        expires_at=until,
                    ),
                    _AddressItem.stream.does_not_exist()
                    | (_AddressItem.leased_until <= now)
                    | (_AddressItem.holder == contact_id),
                )
                for contact_id, address in wanted.items()
            ]
        )
        return {contact_id for contact_id, done in zip(wanted, taken, strict=True) if not done}

    def give_back(self, contact_id: str, address: str) -> None:
        self._table.delete(_key_of(address), _AddressItem.holder == contact_id)


def _key_of(address: str) -> str:
    return _PREFIX + hashlib.sha256(address.encode()).hexdigest()
