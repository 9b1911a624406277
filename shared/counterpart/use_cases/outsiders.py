"""People who are members in Salesforce and no contacts here.

They are kept aside, as members of a campaign that nobody sees, under the ids of their records; so
whoever becomes a contact later is a member from then on. They are looked at less and less often.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.members import ChangedBy, Member, MemberKey, Skip
from counterpart.domain.outcomes import Reason
from counterpart.domain.waiting import Lane, Waiting
from counterpart.use_cases.set_backs import set_back

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.member_rows import MemberRow
    from counterpart.ports import Clock
    from counterpart.ports.campaigns import MemberRepository


def aside(campaign_id: str) -> str:
    """Return the campaign as whose members people are kept aside."""
    return f"outside:{campaign_id}"


class Outsiders:
    """Keeps people aside who may become contacts one day."""

    def __init__(self, members: MemberRepository, clock: Clock) -> None:
        self._members = members
        self._clock = clock

    def known(self, campaign_id: str, person_ids: Collection[str]) -> set[str]:
        """Return which of these people are kept aside."""
        return {key.contact_id for key in self._get(campaign_id, person_ids)}

    def keep(self, campaign_id: str, rows: Iterable[MemberRow]) -> None:
        """Keep the people of these rows aside."""
        now = self._clock()
        self._members.save_many(
            [
                replace(
                    _awaited(aside(campaign_id), row.person_ids[0], now=now),
                    status=row.status,
                    status_changed_at=row.modified_at,
                )
                for row in rows
            ]
        )

    def keep_those_of(self, members: Iterable[Member], person_ids: Iterable[str]) -> None:
        """Keep the people aside whose rows members have that are about to go.

        Args:
            members: Of a contact that ceases to be one; whoever never went out has no row that is
                known.
            person_ids: Its records. A member follows one row alone, and one that was removed here
                perhaps none, though there are more.
        """
        now = self._clock()
        people: dict[MemberKey, None] = {}
        for one in members:
            if one.counterpart:
                people[MemberKey(aside(one.campaign_id), one.counterpart.person_id)] = None
            if one.counterpart or not one.present:
                people |= dict.fromkeys(
                    MemberKey(aside(one.campaign_id), each) for each in person_ids
                )
        if people:
            self._members.save_many([_awaited(*key, now=now) for key in people])

    def due(self, campaign_id: str, *, until: datetime, limit: int) -> Sequence[str]:
        """Return people who may be contacts by now, the longest wait first."""
        return self._members.waiting(aside(campaign_id), Lane.RETRY, until=until, limit=limit)

    def look_later(self, campaign_id: str, person_ids: Collection[str]) -> None:
        """Look at people again, later than the last time."""
        now = self._clock()
        self._members.save_many(
            [
                replace(one, waiting=set_back(one.waiting, now=now))
                for one in self._get(campaign_id, person_ids).values()
            ]
        )

    def look_now(self, campaign_id: str, person_ids: Collection[str]) -> None:
        """Have people looked at with the next run, be they kept aside or not."""
        now = self._clock()
        known = self._get(campaign_id, person_ids)
        place = aside(campaign_id)
        self._members.save_many(
            [
                replace(
                    known.get(MemberKey(place, each)) or _kept_aside(place, each, now=now),
                    waiting=Waiting(lane=Lane.RETRY, next_push_at=now),
                )
                for each in person_ids
            ]
        )

    def forget(self, campaign_id: str, person_ids: Collection[str]) -> None:
        """Keep people aside no longer."""
        self._members.delete_many(list(self._get(campaign_id, person_ids).values()))

    def _get(self, campaign_id: str, person_ids: Collection[str]) -> Mapping[MemberKey, Member]:
        place = aside(campaign_id)
        return self._members.get_many([MemberKey(place, each) for each in person_ids])


def _kept_aside(place: str, person_id: str, *, now: datetime) -> Member:
    return Member(
        campaign_id=place,
        contact_id=person_id,
        status="",
        status_changed_at=now,
        changed_by=ChangedBy.SALESFORCE,
        created_at=now,
        updated_at=now,
        skip=Skip(reason=Reason.NOT_A_CONTACT, since=now),
    )


def _awaited(place: str, person_id: str, *, now: datetime) -> Member:
    """Return somebody who is kept aside, and is looked at in a minute."""
    return replace(_kept_aside(place, person_id, now=now), waiting=set_back(None, now=now))
