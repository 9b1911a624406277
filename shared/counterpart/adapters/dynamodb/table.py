"""One table: how its items are read and written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic

from pynamodb.exceptions import DoesNotExist, PynamoDBException, TransactWriteError

from counterpart.adapters.dynamodb.batches import Batches, is_possible, key_parts
from counterpart.adapters.dynamodb.bound_models import ItemT, bound
from counterpart.adapters.dynamodb.database import translated_pynamo_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pynamodb.expressions.condition import Condition
    from pynamodb.expressions.update import Action

    from counterpart.adapters.dynamodb.batches import Key
    from counterpart.adapters.dynamodb.database import Database

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
        self.model, self._connection = bound(model, name, database)
        self._database = database
        self._batches: Batches[ItemT] = Batches(self.model, name, self._connection, database)

    def get(self, key: str, sort_key: str | None = None) -> ItemT | None:
        """Return an item as it is now."""
        if not is_possible(key if sort_key is None else (key, sort_key)):
            return None
        with translated_pynamo_errors(self.name):
            try:
                return self.model.get(key, sort_key, consistent_read=True)
            except DoesNotExist:
                return None

    def get_many(self, keys: Collection[Key]) -> list[ItemT]:
        """Return those of some items that exist, as they are now, in no particular order."""
        return self._batches.get(keys)

    def put(self, item: ItemT, condition: Condition) -> bool:
        """Store an item; return whether the condition held."""
        with translated_pynamo_errors(self.name):
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
        self._batches.put([item.serialize() for item in items])

    def update(
        self,
        key: str,
        actions: Sequence[Action],
        *,
        sort_key: str | None = None,
        condition: Condition | None = None,
    ) -> Mapping[str, Any] | None:
        """Change an item; return what it changed to, or `None` if the condition didn't hold."""
        with translated_pynamo_errors(self.name):
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
        with translated_pynamo_errors(self.name):
            try:
                hash_key, sort_key = key_parts(key)
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
        with translated_pynamo_errors(self.name):
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
        if not is_possible(key):
            return []
        with translated_pynamo_errors(self.name):
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
            with translated_pynamo_errors(self.name):
                return self.model.count(key, index_name=index)

        return sum(self._database.crew.each(under, keys))

    def scan(self, *, limit: int, after: str | None) -> tuple[list[ItemT], str | None]:
        """Return some items, and the key after which the others follow, if there may be any."""
        hash_key = self._connection.get_meta_table().hash_keyname
        with translated_pynamo_errors(self.name):
            answer = self._connection.scan(limit=limit, exclusive_start_key=after)
        last = answer.get("LastEvaluatedKey")
        items = [self.model.from_raw_data(raw) for raw in answer["Items"]]
        return items, last[hash_key]["S"] if last else None
