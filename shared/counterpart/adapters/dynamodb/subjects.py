"""What the items of contacts and companies have in common, and how both are read and written."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from counterpart.adapters import tokens
from counterpart.adapters.dynamodb.attributes import MomentAttribute, ValuesAttribute
from counterpart.adapters.dynamodb.compact_json import to_json
from counterpart.adapters.dynamodb.subject_documents import (
    counterpart_of,
    counterpart_text,
    flight_of,
    flight_text,
    ledger_of,
    ledger_text,
    parked_of,
    parked_text,
)
from counterpart.adapters.dynamodb.table import Table
from counterpart.domain.contacts import Company, Contact
from counterpart.domain.waiting import Lane, Waiting
from counterpart.ports import Listing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from pynamodb.expressions.condition import Condition

    from counterpart.adapters.dynamodb.database import Database
    from counterpart.adapters.dynamodb.table import TransactionPart
    from counterpart.domain.links import Counterpart

# Everything that waits in a lane stands under one key of the index, and DynamoDB takes 1,000
# writes a second for one key: a bulk edit is spread over as many keys as this.
SHARDS = 4

# An item takes several times the memory of what it says, so few are held at a time.
_READ_AT_ONCE = 1000


class _ByWaitingIndex(GlobalSecondaryIndex["SubjectItem"]):  # type: ignore[no-untyped-call] # PynamoDB has no types here
    """What waits to go out; what does not wait is not in it."""

    class Meta:
        index_name = "by_waiting"
        projection = KeysOnlyProjection()

    waiting = UnicodeAttribute(hash_key=True)
    next_push_at = MomentAttribute(range_key=True)


class SubjectItem(Model):
    """A contact or company.

    `fields` and ids are there to be read and queried by people; `ledger`, `counterpart`,
    `former`, `in_flight` and `parked` are JSON for us alone. A contact of ten short fields stays
    below the 1 KB at which DynamoDB counts a second write unit.
    """

    id = UnicodeAttribute(hash_key=True)
    fields = ValuesAttribute()
    ledger = UnicodeAttribute()
    record_id = UnicodeAttribute(null=True)
    record_object = UnicodeAttribute(null=True)
    counterpart = UnicodeAttribute(null=True)
    former_record_id = UnicodeAttribute(null=True)
    former_record_object = UnicodeAttribute(null=True)
    former = UnicodeAttribute(null=True)
    waiting = UnicodeAttribute(null=True)
    next_push_at = MomentAttribute(null=True)
    attempts = NumberAttribute(null=True)
    in_flight = UnicodeAttribute(null=True)
    parked = UnicodeAttribute(null=True)
    created_at = MomentAttribute()
    updated_at = MomentAttribute()
    version = NumberAttribute()

    by_waiting = _ByWaitingIndex()


Subject = TypeVar("Subject", Contact, Company)
ItemT = TypeVar("ItemT", bound=SubjectItem)


class SubjectTable(Generic[Subject, ItemT]):
    """A table of contacts, or of companies.

    Args:
        attributes: What an item holds besides what all have.
        subject_of: Reads an item.
    """

    def __init__(
        self,
        model: type[ItemT],
        name: str,
        database: Database,
        *,
        attributes: Callable[[Subject], Mapping[str, Any]],
        subject_of: Callable[[ItemT, Mapping[str, Any]], Subject],
    ) -> None:
        self._table = Table(model, name, database)
        self._attributes: Callable[[Subject], Mapping[str, Any]] = attributes
        self._subject_of: Callable[[ItemT, Mapping[str, Any]], Subject] = subject_of

    def get_many(self, ids: Collection[str]) -> dict[str, Subject]:
        wanted = list(dict.fromkeys(ids))
        return {
            item.id: self.subject(item)
            for start in range(0, len(wanted), _READ_AT_ONCE)
            for item in self._table.get_many(wanted[start : start + _READ_AT_ONCE])
        }

    def find(self, index: str, keys: Collection[str]) -> list[Subject]:
        """Return what an index has under any of *keys*, as it is now."""
        return list(self.get_many({item.id for item in self.under(index, keys)}).values())

    def under(
        self,
        index: str,
        keys: Collection[str],
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[ItemT]:
        """Return what an index has under any of *keys*, at most *limit* of each.

        One that is sorted by id can begin *after* one.
        """
        beyond = self._table.model.id > after if after else None
        return self._table.query_each(list(dict.fromkeys(keys)), beyond, index=index, limit=limit)

    def save_many(self, subjects: Sequence[Subject]) -> set[str]:
        stored = self._table.put_each(
            [(self.item(subject), self._unchanged(subject)) for subject in subjects]
        )
        return {subject.id for subject, done in zip(subjects, stored, strict=True) if not done}

    def delete(self, subject: Subject) -> bool:
        return self._table.delete(subject.id, self._table.model.version == subject.version)

    def saving(self, subject: Subject) -> TransactionPart:
        return self._table.putting(self.item(subject), self._unchanged(subject))

    def deleting(self, subject: Subject) -> TransactionPart:
        return self._table.deleting(self.item(subject), self._unchanged(subject))

    def text(self, subject: Subject) -> str:
        return to_json({"version": subject.version, "item": self.item(subject).serialize()})

    def of_text(self, text: str) -> Subject:
        content = json.loads(text)
        subject = self.subject(self._table.model.from_raw_data(content["item"]))
        return replace(subject, version=content["version"])

    def _unchanged(self, subject: Subject) -> Condition:
        version, key = self._table.model.version, self._table.model.id
        unchanged: Condition = (
            version == subject.version if subject.version else key.does_not_exist()
        )
        return unchanged

    def page(self, *, limit: int, after: str | None) -> Listing[Subject]:
        key = tokens.decode(after, keys=["id"])["id"] if after is not None else None
        items, last = self._table.scan(limit=limit, after=key)
        following = tokens.encode({"id": last}) if last else None
        return Listing(items=[self.subject(item) for item in items], next=following)

    def waiting(self, lane: Lane, *, until: datetime, limit: int) -> list[str]:
        due = self._table.query_each(
            _shards(lane),
            self._table.model.next_push_at <= until,
            index="by_waiting",
            limit=limit,
        )
        due.sort(key=lambda item: (item.next_push_at, item.id))
        return [item.id for item in due[:limit]]

    def oldest_wait(self, lane: Lane) -> datetime | None:
        first = self._table.query_each(_shards(lane), index="by_waiting", limit=1)
        return min((item.next_push_at for item in first), default=None)

    def count_waiting(self, lane: Lane) -> int:
        return self._table.count_each(_shards(lane), index="by_waiting")

    def item(self, subject: Subject) -> ItemT:
        """Return *subject* as it is stored next."""
        counterpart, former, waiting = subject.counterpart, subject.former, subject.waiting
        return self._table.model(
            id=subject.id,
            fields=subject.ledger.values,
            ledger=ledger_text(subject.ledger),
            record_id=counterpart.record_id if counterpart else None,
            record_object=counterpart.object.value if counterpart else None,
            counterpart=counterpart_text(counterpart) if counterpart else None,
            former_record_id=former.record_id if former else None,
            former_record_object=former.object.value if former else None,
            former=counterpart_text(former) if former else None,
            waiting=_shards(waiting.lane)[_shard(subject.id)] if waiting else None,
            next_push_at=waiting.next_push_at if waiting else None,
            attempts=waiting.attempts if waiting else None,
            in_flight=flight_text(subject.in_flight) if subject.in_flight else None,
            parked=parked_text(subject.parked) if subject.parked else None,
            created_at=subject.created_at,
            updated_at=subject.updated_at,
            version=subject.version + 1,
            **self._attributes(subject),
        )

    def subject(self, item: ItemT) -> Subject:
        """Return what an item holds."""
        return self._subject_of(
            item,
            {
                "id": item.id,
                "ledger": ledger_of(item.fields, item.ledger),
                "counterpart": _counterpart_of(item),
                "former": _former_of(item),
                "waiting": _waiting_of(item),
                "in_flight": flight_of(item.in_flight) if item.in_flight else None,
                "parked": parked_of(item.parked) if item.parked else None,
                "created_at": item.created_at,
                "updated_at": item.updated_at,
                "version": int(item.version),
            },
        )


def _counterpart_of(item: SubjectItem) -> Counterpart | None:
    if not item.counterpart:
        return None
    return counterpart_of(item.record_id, item.record_object, item.counterpart)


def _former_of(item: SubjectItem) -> Counterpart | None:
    if not item.former:
        return None
    return counterpart_of(item.former_record_id, item.former_record_object, item.former)


def _waiting_of(item: SubjectItem) -> Waiting | None:
    if not item.waiting:
        return None
    return Waiting(
        lane=Lane(item.waiting.partition("#")[0]),
        next_push_at=item.next_push_at,
        attempts=int(item.attempts),
    )


def _shards(lane: Lane) -> list[str]:
    return [f"{lane.value}#{shard}" for shard in range(SHARDS)]


def _shard(subject_id: str) -> int:
    return zlib.crc32(subject_id.encode()) % SHARDS
