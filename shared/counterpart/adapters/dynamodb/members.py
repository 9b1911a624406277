"""Members of campaigns in a DynamoDB table, one item each, those of a campaign together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute
from pynamodb.models import Model

from counterpart.adapters import tokens
from counterpart.adapters.dynamodb.attributes import MomentAttribute
from counterpart.adapters.dynamodb.member_items import (
    MemberItem,
    queue,
    standing,
    to_item,
    to_member,
)
from counterpart.adapters.dynamodb.table import Table
from counterpart.domain.members import MemberKey, Unsettled
from counterpart.ports import Listing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from counterpart.adapters.dynamodb.database import Database
    from counterpart.domain.links import Move
    from counterpart.domain.members import Member
    from counterpart.domain.waiting import Lane


# Neither a campaign nor a contact has such an id.
_UNSETTLED = "unsettled:"


class _UnsettledItem(Model):
    """A contact that comes or goes, or whose record moves, beside the members.

    In no index is it under its own id.
    """

    campaign_id = UnicodeAttribute(hash_key=True)
    contact_id = UnicodeAttribute(range_key=True)
    noted_at = MomentAttribute()
    person_ids = UnicodeSetAttribute(null=True)
    moved = UnicodeAttribute(null=True)


class DynamoMemberRepository:
    """Members, found by key, contact, record, status and by what waits."""

    def __init__(self, table_name: str, database: Database) -> None:
        self._table = Table(MemberItem, table_name, database)
        self._unsettled = Table(_UnsettledItem, table_name, database)

    def get_many(self, keys: Collection[MemberKey]) -> Mapping[MemberKey, Member]:
        found = (to_member(item) for item in self._table.get_many(keys))
        return {member.key: member for member in found}

    def find_by_record(
        self, campaign_ids: Mapping[str, str], *, besides: Mapping[str, MemberKey] | None = None
    ) -> Mapping[str, Member]:
        known = besides or {}
        found = self._now(self._table.query_each(list(campaign_ids), index="by_record"))
        # The index may still have a member under a record that it is no longer linked to.
        return {
            member.counterpart.record_id: member
            for member in found
            if member.counterpart
            and campaign_ids.get(member.counterpart.record_id) == member.campaign_id
            and member.key != known.get(member.counterpart.record_id)
        }

    def find_by_contact(self, contact_ids: Collection[str]) -> Mapping[str, Sequence[Member]]:
        found: dict[str, list[Member]] = {}
        items = self._table.query_each(list(dict.fromkeys(contact_ids)), index="by_contact")
        for member in self._now(items):
            found.setdefault(member.contact_id, []).append(member)
        return found

    def save_many(self, members: Sequence[Member]) -> Collection[MemberKey]:
        stored = self._table.put_each(
            [
                (
                    to_item(member, self._table.model),
                    MemberItem.version == member.version
                    if member.version
                    else MemberItem.contact_id.does_not_exist(),
                )
                for member in members
            ]
        )
        return {member.key for member, done in zip(members, stored, strict=True) if not done}

    def delete_many(self, members: Sequence[Member]) -> Collection[MemberKey]:
        deleted = self._table.delete_each(
            [(member.key, MemberItem.version == member.version) for member in members]
        )
        return {member.key for member, done in zip(members, deleted, strict=True) if not done}

    def page(self, campaign_id: str, *, limit: int, after: str | None = None) -> Listing[Member]:
        items, following = self._after(campaign_id, limit=limit, after=after)
        return Listing(items=[to_member(item) for item in items], next=following)

    def page_of_status(
        self, campaign_id: str, label: str, *, limit: int, after: str | None = None
    ) -> Listing[Member]:
        place = standing(campaign_id, label)
        items, following = self._after(place, index="by_status", limit=limit, after=after)
        found = [
            member
            for member in self._now(items)
            # The index may still have a member under a status that it no longer has.
            if member.present and standing(campaign_id, member.status) == place
        ]
        return Listing(items=found, next=following)

    def count(self, campaign_ids: Collection[str], label: str) -> int:
        places = [standing(campaign_id, label) for campaign_id in campaign_ids]
        return self._table.count_each(places, index="by_status")

    def waiting(
        self, campaign_id: str, lane: Lane, *, until: datetime, limit: int
    ) -> Sequence[str]:
        due = self._table.query(
            queue(campaign_id, lane),
            MemberItem.next_push_at <= until,
            index="by_waiting",
            limit=limit,
        )
        return [item.contact_id for item in due]

    def unsettle(
        self, contact_ids: Collection[str], *, now: datetime, person_ids: Collection[str] = ()
    ) -> None:
        records = frozenset(person_ids)
        self._note(
            [Unsettled(contact_id=each, noted_at=now, person_ids=records) for each in contact_ids]
        )

    def unsettle_moved(self, moves: Collection[Move], *, now: datetime) -> None:
        self._note(
            [
                Unsettled(contact_id=contact_id, noted_at=now, moved=record_id)
                for contact_id, record_id in moves
            ]
        )

    def unsettled(self) -> Sequence[Unsettled]:
        found = [
            Unsettled(
                contact_id=item.contact_id.removeprefix(_UNSETTLED).removesuffix(
                    _suffix(item.moved)
                ),
                noted_at=item.noted_at,
                person_ids=frozenset(item.person_ids or ()),
                moved=item.moved,
            )
            for item in self._unsettled.query(_UNSETTLED)
        ]
        return sorted(found, key=lambda each: (each.noted_at, each.contact_id, each.moved or ""))

    def settle(self, unsettled: Unsettled) -> None:
        key = (_UNSETTLED, _noted_as(unsettled))
        self._unsettled.delete(key, _UnsettledItem.noted_at == unsettled.noted_at)

    def _note(self, notes: Sequence[Unsettled]) -> None:
        noted_at = _UnsettledItem.noted_at
        self._unsettled.put_each(
            [
                (
                    self._unsettled.model(
                        campaign_id=_UNSETTLED,
                        contact_id=_noted_as(each),
                        noted_at=each.noted_at,
                        person_ids=set(each.person_ids) or None,
                        moved=each.moved,
                    ),
                    noted_at.does_not_exist() | (noted_at < each.noted_at),
                )
                for each in notes
            ]
        )

    def _now(self, items: Iterable[MemberItem]) -> list[Member]:
        """Return the members that an index told of, as they are now, in the order of their keys."""
        found = self.get_many([MemberKey(item.campaign_id, item.contact_id) for item in items])
        return [found[key] for key in sorted(found)]

    def _after(
        self, key: str, *, index: str | None = None, limit: int, after: str | None
    ) -> tuple[list[MemberItem], str | None]:
        last = tokens.decode(after, keys=["contact"])["contact"] if after is not None else None
        beyond = MemberItem.contact_id > last if last else None
        items = self._table.query(key, beyond, index=index, limit=limit + 1)
        listed = items[:limit]
        more = len(items) > limit
        return listed, tokens.encode({"contact": listed[-1].contact_id}) if more else None


def _noted_as(unsettled: Unsettled) -> str:
    return f"{_UNSETTLED}{unsettled.contact_id}{_suffix(unsettled.moved)}"


def _suffix(moved: str | None) -> str:
    return f":{moved}" if moved else ""
