"""Members of campaigns in memory."""

from __future__ import annotations

import heapq
from bisect import bisect_right, insort
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from counterpart.adapters import tokens
from counterpart.adapters.memory.shelf import sealed
from counterpart.adapters.memory.writes import unwatched
from counterpart.domain.campaigns import status_key
from counterpart.domain.members import MemberKey, Unsettled
from counterpart.ports import Listing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from counterpart.adapters.memory.writes import WriteHook
    from counterpart.domain.links import Move
    from counterpart.domain.members import Member
    from counterpart.domain.waiting import Lane

# What an index has members under: a record, a contact, or a campaign with a status or a lane.
_Place = tuple[str, ...]


class _Index:
    """What can be found by anything but the key, which may be less than what is there."""

    def __init__(self) -> None:
        self._under: dict[_Place, dict[MemberKey, Member]] = {}
        self._places: dict[MemberKey, list[_Place]] = {}

    def learn(self, key: MemberKey, member: Member | None) -> None:
        """Take note of what a member is now; `None` means deleted."""
        for place in self._places.pop(key, ()):
            del self._under[place][key]
        if member:
            self._places[key] = _places(member)
            for place in self._places[key]:
                self._under.setdefault(place, {})[key] = member

    def under(self, *place: str) -> Mapping[MemberKey, Member]:
        """Return what stands in a place, as it was when the index learned of it."""
        return self._under.get(place, {})


class InMemoryMemberRepository:
    """Members.

    Args:
        members: Stored to begin with, each with its next version.
        lagging_index: Indexes learn of writes only when `catch_up` is called.
        before_write: Called before each write; what it raises keeps the write from happening.
        after_write: Called after each write that happened.
    """

    def __init__(
        self,
        *members: Member,
        lagging_index: bool = False,
        before_write: WriteHook = unwatched,
        after_write: WriteHook = unwatched,
    ) -> None:
        self._members: dict[MemberKey, Member] = {}
        self._contacts: dict[str, list[str]] = {}
        self._unsettled: dict[tuple[str, str | None], Unsettled] = {}
        self._index = _Index()
        self._unlearned: list[tuple[MemberKey, Member | None]] = []
        self._lagging = lagging_index
        self._before_write = before_write
        self._after_write = after_write
        for member in members:
            self._put(member.key, _sealed(member))
        self.catch_up()

    def get_many(self, keys: Collection[MemberKey]) -> Mapping[MemberKey, Member]:
        members = self._members
        return {key: members[key] for key in keys if key in members}

    def find_by_record(
        self, campaign_ids: Mapping[str, str], *, besides: Mapping[str, MemberKey] | None = None
    ) -> Mapping[str, Member]:
        known = besides or {}
        found = {}
        for record_id, campaign_id in campaign_ids.items():
            for member in self._now(self._index.under("record", record_id)):
                held = member.counterpart
                if (
                    held
                    and held.record_id == record_id
                    and member.campaign_id == campaign_id
                    and member.key != known.get(record_id)
                ):
                    found[record_id] = member
        return found

    def find_by_contact(self, contact_ids: Collection[str]) -> Mapping[str, Sequence[Member]]:
        found = {
            contact_id: sorted(
                self._now(self._index.under("contact", contact_id)), key=lambda each: each.key
            )
            for contact_id in contact_ids
        }
        return {contact_id: members for contact_id, members in found.items() if members}

    def save_many(self, members: Sequence[Member]) -> Collection[MemberKey]:
        conflicts = set()
        for member in members:
            self._before_write("members.save")
            stored = self._members.get(member.key)
            if member.version != (stored.version if stored else 0):
                conflicts.add(member.key)
                continue
            self._put(member.key, _sealed(member))
            self._after_write("members.save")
        return conflicts

    def delete_many(self, members: Sequence[Member]) -> Collection[MemberKey]:
        conflicts = set()
        for member in members:
            self._before_write("members.delete")
            stored = self._members.get(member.key)
            if stored is None or stored.version != member.version:
                conflicts.add(member.key)
                continue
            self._put(member.key, None)
            self._after_write("members.delete")
        return conflicts

    def page(self, campaign_id: str, *, limit: int, after: str | None = None) -> Listing[Member]:
        contacts = self._contacts.get(campaign_id, [])
        return self._page(campaign_id, contacts, limit=limit, after=after)

    def page_of_status(
        self, campaign_id: str, label: str, *, limit: int, after: str | None = None
    ) -> Listing[Member]:
        wanted = status_key(label)
        known = self._index.under("status", campaign_id, wanted)
        listing = self._page(
            campaign_id, sorted(key.contact_id for key in known), limit=limit, after=after
        )
        items = [each for each in listing.items if ("status", campaign_id, wanted) in _places(each)]
        return replace(listing, items=items)

    def count(self, campaign_ids: Collection[str], label: str) -> int:
        wanted = status_key(label)
        return sum(len(self._index.under("status", each, wanted)) for each in campaign_ids)

    def waiting(
        self, campaign_id: str, lane: Lane, *, until: datetime, limit: int
    ) -> Sequence[str]:
        due = (
            (member.waiting.next_push_at, key.contact_id)
            for key, member in self._index.under("waiting", campaign_id, lane).items()
            if member.waiting and member.waiting.next_push_at <= until
        )
        return [contact_id for _, contact_id in heapq.nsmallest(limit, due)]

    def unsettle(
        self, contact_ids: Collection[str], *, now: datetime, person_ids: Collection[str] = ()
    ) -> None:
        records = frozenset(person_ids)
        for contact_id in contact_ids:
            self._note(Unsettled(contact_id=contact_id, noted_at=now, person_ids=records))

    def unsettle_moved(self, moves: Collection[Move], *, now: datetime) -> None:
        for move in moves:
            self._note(Unsettled(contact_id=move.contact_id, noted_at=now, moved=move.record_id))

    def unsettled(self) -> Sequence[Unsettled]:
        return sorted(
            self._unsettled.values(),
            key=lambda each: (each.noted_at, each.contact_id, each.moved or ""),
        )

    def settle(self, unsettled: Unsettled) -> None:
        key = (unsettled.contact_id, unsettled.moved)
        self._before_write("unsettled.delete")
        if self._unsettled.get(key) == unsettled:
            del self._unsettled[key]
        self._after_write("unsettled.delete")

    def catch_up(self, writes: int | None = None) -> None:
        """Let lagging indexes learn of the oldest *writes* they don't know; of all by default."""
        known = len(self._unlearned) if writes is None else writes
        for key, member in islice(self._unlearned, known):
            self._index.learn(key, member)
        del self._unlearned[:known]

    def _note(self, unsettled: Unsettled) -> None:
        key = (unsettled.contact_id, unsettled.moved)
        self._before_write("unsettled.save")
        known = self._unsettled.get(key)
        if known is None or known.noted_at < unsettled.noted_at:
            self._unsettled[key] = unsettled
        self._after_write("unsettled.save")

    def _put(self, key: MemberKey, member: Member | None) -> None:
        contacts = self._contacts.setdefault(key.campaign_id, [])
        if member is None:
            del self._members[key]
            contacts.remove(key.contact_id)
        else:
            if key not in self._members:
                insort(contacts, key.contact_id)
            self._members[key] = member
        self._unlearned.append((key, member))
        if not self._lagging:
            self.catch_up()

    def _now(self, keys: Iterable[MemberKey]) -> list[Member]:
        return [self._members[key] for key in keys if key in self._members]

    def _page(
        self, campaign_id: str, contacts: Sequence[str], *, limit: int, after: str | None
    ) -> Listing[Member]:
        last = tokens.decode(after, keys=["contact"])["contact"] if after is not None else ""
        start = bisect_right(contacts, last)
        listed = contacts[start : start + limit]
        more = start + limit < len(contacts)
        return Listing(
            items=self._now(MemberKey(campaign_id, contact_id) for contact_id in listed),
            next=tokens.encode({"contact": listed[-1]}) if more else None,
        )


def _places(member: Member) -> list[_Place]:
    places: list[_Place] = [("contact", member.contact_id)]
    if member.counterpart:
        places.append(("record", member.counterpart.record_id))
    if member.present:
        places.append(("status", member.campaign_id, status_key(member.status)))
    if member.waiting:
        places.append(("waiting", member.campaign_id, member.waiting.lane))
    return places


def _sealed(member: Member) -> Member:
    """Return the next version of *member*, which nobody can change from outside."""
    return replace(member, version=member.version + 1, ledger=sealed(member.ledger))
