"""Requests that read or write many items of a table, and what DynamoDB leaves undone of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from counterpart.adapters.dynamodb.bound_models import ItemT
from counterpart.adapters.dynamodb.database import translated_pynamo_errors
from counterpart.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pynamodb.connection.table import TableConnection

    from counterpart.adapters.dynamodb.database import Database

# The hash key, with the sort key of a table that has one.
Key = str | tuple[str, str]

# DynamoDB developer guide, "Quotas": how long a key may be, in bytes.
_LONGEST_HASH_KEY = 2048
_LONGEST_SORT_KEY = 1024

# DynamoDB API reference: BatchGetItem takes 100 keys, BatchWriteItem 25 items.
_GET_BATCH = 100
_WRITE_BATCH = 25

# What a batch leaves undone is asked again after 0.05, 0.1, ... seconds; 6 s altogether.
_ROUNDS = 8
_FIRST_PAUSE_SECONDS = 0.05


class Batches(Generic[ItemT]):
    """Whatever is asked for at once, cut to what one request takes, several under way."""

    def __init__(
        self, model: type[ItemT], name: str, connection: TableConnection, database: Database
    ) -> None:
        self._model = model
        self._name = name
        self._connection = connection
        self._database = database

    def get(self, keys: Collection[Key]) -> list[ItemT]:
        """Return those of some items that exist, as they are now, in no particular order."""
        wanted = [key for key in dict.fromkeys(keys) if is_possible(key)]
        batches = [
            wanted[start : start + _GET_BATCH] for start in range(0, len(wanted), _GET_BATCH)
        ]
        return [
            item for items in self._database.crew.each(self._get_batch, batches) for item in items
        ]

    def put(self, raws: Sequence[Mapping[str, Any]]) -> None:
        """Store serialized items, without conditions."""
        self._database.crew.each(
            self._put_batch,
            [raws[start : start + _WRITE_BATCH] for start in range(0, len(raws), _WRITE_BATCH)],
        )

    def _get_batch(self, keys: Sequence[Key]) -> list[ItemT]:
        table = self._connection.get_meta_table()
        names = (table.hash_keyname, table.range_keyname)
        left: list[Any] = [
            {name: part for name, part in zip(names, key_parts(key), strict=True) if name}
            for key in keys
        ]
        items: list[ItemT] = []
        for round_ in range(_ROUNDS):
            self._wait(round_)
            with translated_pynamo_errors(self._name):
                answer = self._connection.batch_get_item(left, consistent_read=True)
            items += map(self._model.from_raw_data, answer["Responses"].get(self._name, []))
            left = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])
            if not left:
                return items
        raise TransientError(f"{self._name}: DynamoDB left {len(left)} keys unread")

    def _put_batch(self, raws: Sequence[Mapping[str, Any]]) -> None:
        left = raws
        for round_ in range(_ROUNDS):
            self._wait(round_)
            with translated_pynamo_errors(self._name):
                answer = self._connection.batch_write_item(put_items=left)
            undone = answer.get("UnprocessedItems", {}).get(self._name, [])
            left = [request["PutRequest"]["Item"] for request in undone]
            if not left:
                return
        raise TransientError(f"{self._name}: DynamoDB left {len(left)} items unwritten")

    def _wait(self, round_: int) -> None:
        if round_:
            self._database.pause(_FIRST_PAUSE_SECONDS * 2 ** (round_ - 1))


def key_parts(key: Key) -> tuple[str, str | None]:
    """Return the hash key, and the sort key if there is one."""
    return key if isinstance(key, tuple) else (key, None)


def is_possible(key: Key) -> bool:
    """Return whether any item can have *key*; what people send for an id may be anything."""
    hash_key, sort_key = key_parts(key)
    return _fits(hash_key, _LONGEST_HASH_KEY) and (
        sort_key is None or _fits(sort_key, _LONGEST_SORT_KEY)
    )


def _fits(part: str, longest: int) -> bool:
    try:
        return 0 < len(part.encode()) <= longest
    except UnicodeEncodeError:
        # Half of a surrogate pair, which JSON can hold and no text.
        return False
