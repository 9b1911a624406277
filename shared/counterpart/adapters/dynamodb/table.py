"""One table: PynamoDB's model of its items, bound to its name, and how we read and write it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pynamodb.connection.base import MetaTable
from pynamodb.connection.table import TableConnection
from pynamodb.exceptions import DoesNotExist, PynamoDBException, TransactWriteError
from pynamodb.models import Model

from counterpart.adapters.aws import translation
from counterpart.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from pynamodb.expressions.condition import Condition
    from pynamodb.expressions.update import Action

    from counterpart.adapters.dynamodb.database import Database

ItemT = TypeVar("ItemT", bound=Model)

# The hash key, with the sort key of a table that has one.
Key = str | tuple[str, str]

# DynamoDB API reference: BatchGetItem takes 100 keys, BatchWriteItem 25 items.
_GET_BATCH = 100
_WRITE_BATCH = 25

# What a batch leaves undone is asked again after 0.05, 0.1, ... seconds; 6 s altogether.
_ROUNDS = 8
_FIRST_PAUSE_SECONDS = 0.05

_CONDITION_FAILED = "ConditionalCheckFailedException"

# Why a transaction was cancelled if somebody else was quicker (API reference, TransactWriteItems).
_LOST = frozenset({"ConditionalCheckFailed", "TransactionConflict"})


@dataclass(frozen=True, kw_only=True, slots=True)
class TransactionPart:
    """One write of a transaction, as PynamoDB's connection takes it."""

    put: dict[str, Any] | None = None
    delete: dict[str, Any] | None = None


class Table(Generic[ItemT]):
    """A table on a shared connection.

    Attributes:
        model: A class of its own for each `Table`, so that two of them never mix up their names.
    """

    def __init__(self, model: type[ItemT], name: str, database: Database) -> None:
        self.name = name
        self.model, self._connection = _bound(model, name, database)
        self._database = database

    def get(self, key: str, sort_key: str | None = None) -> ItemT | None:
        """Return an item as it is now."""
        with self._translated_errors():
            try:
                return self.model.get(key, sort_key, consistent_read=True)
            except DoesNotExist:
                return None

    def get_many(self, keys: Collection[Key]) -> list[ItemT]:
        """Return those of some items that exist, as they are now, in no particular order."""
        wanted = list(dict.fromkeys(keys))
        batches = [
            wanted[start : start + _GET_BATCH] for start in range(0, len(wanted), _GET_BATCH)
        ]
        return [
            item for items in self._database.crew.each(self._get_batch, batches) for item in items
        ]

    def put(self, item: ItemT, condition: Condition) -> bool:
        """Store an item; return whether the condition held."""
        with self._translated_errors():
            try:
                item.save(condition)
            except PynamoDBException as exc:
                if exc.cause_response_code == _CONDITION_FAILED:
                    return False
                raise
        return True

    def put_each(self, puts: Sequence[tuple[ItemT, Condition]]) -> list[bool]:
        """Store items, each under its condition; return for each whether that held."""
        return self._database.crew.each(lambda put: self.put(*put), puts)

    def delete_each(self, deletions: Sequence[tuple[Key, Condition]]) -> list[bool]:
        """Delete items, each under its condition; return for each whether that held."""
        return self._database.crew.each(lambda deletion: self.delete(*deletion), deletions)

    def put_all(self, items: Sequence[ItemT]) -> None:
        """Store items in batches, without conditions."""
        raws = [item.serialize() for item in items]
        self._database.crew.each(
            self._put_batch,
            [raws[start : start + _WRITE_BATCH] for start in range(0, len(raws), _WRITE_BATCH)],
        )

    def update(
        self,
        key: str,
        actions: Sequence[Action],
        *,
        sort_key: str | None = None,
        condition: Condition | None = None,
    ) -> Mapping[str, Any] | None:
        """Change an item; return what it changed to, or `None` if the condition didn't hold."""
        with self._translated_errors():
            try:
                answer = self._connection.update_item(
                    key,
                    range_key=sort_key,
                    actions=actions,
                    condition=condition,
                    return_values="UPDATED_NEW",
                )
            except PynamoDBException as exc:
                if exc.cause_response_code == _CONDITION_FAILED:
                    return None
                raise
        # A change that only takes attributes away leaves nothing to tell.
        changed: Mapping[str, Any] = answer.get("Attributes", {})
        return changed

    def delete(self, key: Key, condition: Condition) -> bool:
        """Delete an item; return whether the condition held."""
        with self._translated_errors():
            try:
                hash_key, sort_key = _parts(key)
                self._connection.delete_item(hash_key, sort_key, condition=condition)
            except PynamoDBException as exc:
                if exc.cause_response_code == _CONDITION_FAILED:
                    return False
                raise
        return True

    def putting(self, item: ItemT, condition: Condition) -> TransactionPart:
        """Return what stores an item within a transaction."""
        return TransactionPart(put=item.get_save_kwargs_from_instance(condition=condition))

    def deleting(self, item: ItemT, condition: Condition) -> TransactionPart:
        """Return what deletes an item within a transaction."""
        return TransactionPart(delete=item.get_delete_kwargs_from_instance(condition=condition))

    def transact(self, parts: Sequence[TransactionPart]) -> bool:
        """Do all parts, of this and other tables, or none; return whether all conditions held."""
        with self._translated_errors():
            try:
                self._database.connection.transact_write_items(
                    condition_check_items=[],
                    delete_items=[part.delete for part in parts if part.delete],
                    put_items=[part.put for part in parts if part.put],
                    update_items=[],
                )
            except TransactWriteError as exc:
                reasons = {reason.code for reason in exc.cancellation_reasons if reason}
                if reasons and reasons <= _LOST:
                    return False
                raise
        return True

    def query(
        self,
        key: str,
        condition: Condition | None = None,
        *,
        index: str | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> list[ItemT]:
        """Return the items under a key in the order of their sort key.

        The table itself answers with what is there now, an index with what it knows.
        """
        with self._translated_errors():
            return list(
                self.model.query(
                    key,
                    condition,
                    index_name=index,
                    consistent_read=index is None,
                    scan_index_forward=not newest_first,
                    limit=limit,
                )
            )

    def query_each(
        self,
        keys: Sequence[str],
        condition: Condition | None = None,
        *,
        index: str,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> list[ItemT]:
        """Return what an index has under each of some keys, at most *limit* items of each."""

        def under(key: str) -> list[ItemT]:
            return self.query(key, condition, index=index, newest_first=newest_first, limit=limit)

        return [item for items in self._database.crew.each(under, keys) for item in items]

    def count_each(self, keys: Sequence[str], *, index: str) -> int:
        """Return how many items an index has under some keys altogether."""

        def under(key: str) -> int:
            with self._translated_errors():
                return self.model.count(key, index_name=index)

        return sum(self._database.crew.each(under, keys))

    def scan(self, *, limit: int, after: str | None) -> tuple[list[ItemT], str | None]:
        """Return some items, and the key after which the others follow, if there may be any."""
        hash_key = self._connection.get_meta_table().hash_keyname
        with self._translated_errors():
            answer = self._connection.scan(limit=limit, exclusive_start_key=after)
        last = answer.get("LastEvaluatedKey")
        items = [self.model.from_raw_data(raw) for raw in answer["Items"]]
        return items, last[hash_key]["S"] if last else None

    def _get_batch(self, keys: Sequence[Key]) -> list[ItemT]:
        table = self._connection.get_meta_table()
        names = (table.hash_keyname, table.range_keyname)
        left: list[Any] = [
            {name: part for name, part in zip(names, _parts(key), strict=True) if name}
            for key in keys
        ]
        items: list[ItemT] = []
        for round_ in range(_ROUNDS):
            self._wait(round_)
            with self._translated_errors():
                answer = self._connection.batch_get_item(left, consistent_read=True)
            items += map(self.model.from_raw_data, answer["Responses"].get(self.name, []))
            left = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
            if not left:
                return items
        raise TransientError(f"{self.name}: DynamoDB left {len(left)} keys unread")

    def _put_batch(self, raws: Sequence[Mapping[str, Any]]) -> None:
        left = raws
        for round_ in range(_ROUNDS):
            self._wait(round_)
            with self._translated_errors():
                answer = self._connection.batch_write_item(put_items=left)
            undone = answer.get("UnprocessedItems", {}).get(self.name, [])
            left = [request["PutRequest"]["Item"] for request in undone]
            if not left:
                return
        raise TransientError(f"{self.name}: DynamoDB left {len(left)} items unwritten")

    def _wait(self, round_: int) -> None:
        if round_:
            self._database.pause(_FIRST_PAUSE_SECONDS * 2 ** (round_ - 1))

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except PynamoDBException as exc:
            raise translation(exc.cause or exc, self.name) from exc


def _parts(key: Key) -> tuple[str, str | None]:
    return key if isinstance(key, tuple) else (key, None)


def _bound(
    model: type[ItemT], name: str, database: Database
) -> tuple[type[ItemT], TableConnection]:
    """Return *model* as the model of one table; the class itself stays free of names."""

    class Meta:
        table_name = name

    metaclass: Any = type(model)
    bound: type[ItemT] = metaclass(model.__name__, (model,), {"Meta": Meta})
    connection = TableConnection(name)
    connection.connection = database.connection
    # PynamoDB would make a client for each table, and knows no public way around it.
    bound._connection = connection  # noqa: SLF001
    database.introduce(_described(name, bound))
    return bound, connection


def _described(name: str, model: type[Model]) -> MetaTable:
    schema = model._get_schema()  # noqa: SLF001 - there is no public way to it
    return MetaTable(
        {
            "TableName": name,
            "KeySchema": schema["key_schema"],
            "AttributeDefinitions": schema["attribute_definitions"],
            "GlobalSecondaryIndexes": [
                {"IndexName": index["index_name"], "KeySchema": index["key_schema"]}
                for index in schema["global_secondary_indexes"]
            ],
        }
    )
