"""A shelf of versioned contacts or companies, with the indexes that find them."""

from __future__ import annotations

import heapq
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, TypeVar

from counterpart.adapters.memory.paging import page_of
from counterpart.domain.contacts import Company, Contact, Ledger
from counterpart.domain.waiting import Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.adapters.memory.writes import WriteHook
    from counterpart.ports import Listing

Subject = TypeVar("Subject", Contact, Company)
Item = TypeVar("Item")


class Index(Generic[Subject]):
    """What can be found by key, which may be less, or something else, than what is there.

    Args:
        key: What a subject is found by; whoever has none is not in it.
    """

    def __init__(self, key: Callable[[Subject], str | None]) -> None:
        self.key: Callable[[Subject], str | None] = key
        self._by_key: dict[str, set[str]] = {}
        self._known: dict[str, str] = {}

    def learn(self, subject_id: str, subject: Subject | None) -> None:
        """Take note of what a subject is now; `None` means deleted."""
        key = self.key(subject) if subject else None
        old_key = self._known.get(subject_id)
        if old_key == key:
            return
        if old_key:
            self._by_key[old_key].discard(subject_id)
            del self._known[subject_id]
        if key:
            self._by_key.setdefault(key, set()).add(subject_id)
            self._known[subject_id] = key

    def under(self, key: str) -> Collection[str]:
        """Return the ids under a key."""
        return self._by_key.get(key, ())


class Lanes(Generic[Subject]):
    """What waits to go out, by lane; it may know less as well."""

    def __init__(self) -> None:
        self._by_lane: dict[Lane, dict[str, datetime]] = {lane: {} for lane in Lane}
        self._known: dict[str, Lane] = {}

    def learn(self, subject_id: str, subject: Subject | None) -> None:
        """Take note of what a subject is now; `None` means deleted."""
        waiting = subject.waiting if subject else None
        old_lane = self._known.pop(subject_id, None)
        if old_lane and (waiting is None or old_lane is not waiting.lane):
            del self._by_lane[old_lane][subject_id]
        if waiting:
            self._by_lane[waiting.lane][subject_id] = waiting.next_push_at
            self._known[subject_id] = waiting.lane

    def in_lane(self, lane: Lane) -> list[tuple[datetime, str]]:
        """Return due times and ids of what waits in a lane."""
        return [(due, subject_id) for subject_id, due in self._by_lane[lane].items()]


class Shelf(Generic[Subject]):
    """The items themselves.

    Args:
        name: What hooks call it.
        keys: What a subject is found by, by the name of the index.
        lagging_index: Indexes learn of writes only when `catch_up` is called.
    """

    def __init__(
        self,
        name: str,
        *,
        keys: Mapping[str, Callable[[Subject], str | None]],
        lagging_index: bool,
        before_write: WriteHook,
        after_write: WriteHook,
    ) -> None:
        self._save, self._delete = f"{name}.save", f"{name}.delete"
        self._lagging = lagging_index
        self._before_write = before_write
        self._after_write = after_write
        self._items: dict[str, Subject] = {}
        self._indexes: dict[str, Index[Subject]] = {
            index: Index(key) for index, key in keys.items()
        }
        self._lanes: Lanes[Subject] = Lanes()
        self._unlearned: list[tuple[str, Subject | None]] = []

    def stock(self, subjects: Sequence[Subject]) -> None:
        """Put there what is there from the start; indexes know it, and no hook is called."""
        for subject in subjects:
            self._put(subject.id, _sealed(subject))
        self.catch_up()

    def get_many(self, ids: Collection[str]) -> dict[str, Subject]:
        items = self._items
        return {subject_id: items[subject_id] for subject_id in ids if subject_id in items}

    def save_many(self, subjects: Sequence[Subject]) -> set[str]:
        conflicts = set()
        for subject in subjects:
            self._before_write(self._save)
            if self._is_stale(subject):
                conflicts.add(subject.id)
                continue
            self._put(subject.id, _sealed(subject))
            self._after_write(self._save)
        return conflicts

    def delete(self, subject: Subject) -> bool:
        self._before_write(self._delete)
        stored = self._items.get(subject.id)
        if stored is None or stored.version != subject.version:
            return False
        self._put(subject.id, None)
        self._after_write(self._delete)
        return True

    def exchange(self, saved: Sequence[Subject], deleted: Sequence[Subject]) -> bool:
        """Store and delete all of them at once, unless one changed since; no hook is called."""
        if any(map(self._is_stale, saved)) or any(map(self._is_stale, deleted)):
            return False
        for subject in saved:
            self._put(subject.id, _sealed(subject))
        for subject in deleted:
            self._put(subject.id, None)
        return True

    def _is_stale(self, subject: Subject) -> bool:
        stored = self._items.get(subject.id)
        return subject.version != (stored.version if stored else 0)

    def find(self, name: str, keys: Collection[str]) -> dict[str, list[Subject]]:
        """Return, by key, what an index has there and what still belongs there."""
        index = self._indexes[name]
        found = {}
        for key in keys:
            subjects = [
                self._items[subject_id]
                for subject_id in index.under(key)
                if subject_id in self._items and index.key(self._items[subject_id]) == key
            ]
            if subjects:
                found[key] = subjects
        return found

    def ids(
        self, name: str, keys: Collection[str], *, limit: int, after: str | None
    ) -> dict[str, list[str]]:
        """Return, by key, which ids an index has there after another one, in their order."""
        found = {}
        for key in keys:
            beyond = (each for each in self._indexes[name].under(key) if each > (after or ""))
            if ids := heapq.nsmallest(limit, beyond):
                found[key] = ids
        return found

    def everything(self) -> Collection[Subject]:
        """Return all of them, in no particular order."""
        return self._items.values()

    def page(self, *, limit: int, after: str | None) -> Listing[Subject]:
        return page_of(self._items, self._items, limit=limit, after=after)

    def waiting(self, lane: Lane, *, until: datetime, limit: int) -> list[str]:
        due = (entry for entry in self._lanes.in_lane(lane) if entry[0] <= until)
        return [subject_id for _, subject_id in heapq.nsmallest(limit, due)]

    def oldest_wait(self, lane: Lane) -> datetime | None:
        return min((due for due, _ in self._lanes.in_lane(lane)), default=None)

    def count_waiting(self, lane: Lane) -> int:
        return len(self._lanes.in_lane(lane))

    def catch_up(self, writes: int | None = None) -> None:
        """Let the indexes learn of the oldest *writes* that they don't know; of all by default."""
        known = len(self._unlearned) if writes is None else writes
        for subject_id, subject in islice(self._unlearned, known):
            self._learn(subject_id, subject)
        del self._unlearned[:known]

    def _put(self, subject_id: str, subject: Subject | None) -> None:
        if subject is None:
            del self._items[subject_id]
        else:
            self._items[subject_id] = subject
        if self._lagging:
            self._unlearned.append((subject_id, subject))
        else:
            self._learn(subject_id, subject)

    def _learn(self, subject_id: str, subject: Subject | None) -> None:
        for index in self._indexes.values():
            index.learn(subject_id, subject)
        self._lanes.learn(subject_id, subject)


def _sealed(subject: Subject) -> Subject:
    """Return the next version of *subject*, which nobody can change from outside."""
    return replace(subject, version=subject.version + 1, ledger=sealed(subject.ledger))


def sealed(ledger: Ledger) -> Ledger:
    """Return *ledger* with maps that nobody can change."""
    return replace(
        ledger,
        values=frozen(ledger.values),
        times=frozen(ledger.times),
        shadows=frozen(ledger.shadows),
        passing=frozen(ledger.passing),
    )


def frozen(items: Mapping[str, Item]) -> Mapping[str, Item]:
    """Return a copy that nobody can change; what came from here is one already."""
    if isinstance(items, MappingProxyType):
        return items
    return MappingProxyType(dict(items))
