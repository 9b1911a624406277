"""Write members of one campaign: add, move and remove many, each with an answer, in order.

One member's status, fields, times and waiting mark are stored by one write.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.marking import mark
from counterpart.domain.members import MemberKey
from counterpart.domain.memberships import Became, Fulfilled, MemberAct, Stage, fulfil
from counterpart.domain.waiting import Lane
from counterpart.errors import ChangedMeanwhileError, CounterpartError, InputError, NotFoundError
from counterpart.use_cases.merge_contacts import survivor_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.campaigns import Campaign
    from counterpart.domain.members import Member
    from counterpart.domain.memberships import MemberWish
    from counterpart.ports import ContactRepository, MergeRepository, SettingsRepository
    from counterpart.use_cases.campaign_stores import CampaignStores

Answer = Fulfilled | InputError | ChangedMeanwhileError

_TRIES = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberPorts:
    """What writing members needs of the world."""

    stores: CampaignStores
    contacts: ContactRepository
    merges: MergeRepository
    settings: SettingsRepository


def write_member(
    campaign_id: str, wish: MemberWish, *, now: datetime, ports: MemberPorts
) -> Fulfilled:
    """Fulfil one wish.

    Raises:
        InputError: it cannot be fulfilled.
        ChangedMeanwhileError: others kept changing the member.
    """
    (answer,) = write_members(campaign_id, [wish], lane=Lane.FRESH, now=now, ports=ports)
    if isinstance(answer, CounterpartError):
        raise answer
    return answer


def write_members(
    campaign_id: str,
    wishes: Sequence[MemberWish],
    *,
    lane: Lane,
    now: datetime,
    ports: MemberPorts,
) -> Sequence[Answer]:
    """Fulfil each wish by itself; answer each, in order.

    Wishes about one contact are fulfilled in order, by one write.

    Raises:
        NotFoundError: there is no such campaign.
    """
    stores = ports.stores
    campaign = stores.campaign(campaign_id)
    stage = Stage(
        campaign=campaign,
        campaign_type=stores.type_of(campaign),
        fields=ports.settings.current().member_fields,
        lane=lane,
        now=now,
    )
    added = {wish.contact_id for wish in wishes if wish.act is MemberAct.ADD}
    batch = _Batch(wishes, stage=stage, contacts=ports.contacts.get_many(added).keys())
    for _ in range(_TRIES):
        plan = batch.plan(stores.members.get_many(batch.open))
        lost = set(stores.members.save_many(plan.saves)) if plan.saves else set()
        if plan.deletions:
            lost |= set(stores.members.delete_many(plan.deletions))
        batch.settle(plan, lost=lost)
        if not batch.open:
            break
    batch.give_up()
    _look_again(batch.answers, campaign, lane=lane, now=now, ports=ports)
    return [_leading_on(*each, ports) for each in zip(wishes, batch.answers, strict=True)]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan:
    """What is to be written."""

    saves: Sequence[Member]
    deletions: Sequence[Member]


class _Batch:
    """The wishes, by the member that each is about, and their answers as they come about."""

    def __init__(
        self, wishes: Sequence[MemberWish], *, stage: Stage, contacts: Collection[str]
    ) -> None:
        self._wishes = wishes
        self._stage = stage
        self._contacts = contacts
        self._answers: dict[int, Answer] = {}
        self._places: dict[MemberKey, list[int]] = {}
        for place, wish in enumerate(wishes):
            key = MemberKey(stage.campaign.id, wish.contact_id)
            self._places.setdefault(key, []).append(place)
        self.open = set(self._places)

    @property
    def answers(self) -> list[Answer]:
        """Return the answers in the order of the wishes."""
        return [self._answers[place] for place in range(len(self._wishes))]

    def plan(self, known: Mapping[MemberKey, Member]) -> _Plan:
        """Return what is to be written; wishes that change nothing are settled already."""
        saves, deletions = [], []
        for key in sorted(self.open):
            stored = member = known.get(key)
            gone = False
            for place in self._places[key]:
                answer = self._answer(self._wishes[place], None if gone else member)
                self._answers[place] = answer
                if isinstance(answer, Fulfilled):
                    gone = answer.became is Became.DROPPED
                    # Whoever comes back after that takes the place of the item that is stored.
                    member = replace(answer.member, version=stored.version if stored else 0)
                    self._answers[place] = replace(answer, member=member)
            if gone and stored:
                deletions.append(stored)
            elif member and not gone and member != stored:
                saves.append(member)
            else:
                self.open.discard(key)
        return _Plan(saves=saves, deletions=deletions)

    def settle(self, plan: _Plan, *, lost: Collection[MemberKey]) -> None:
        """Take note of what was written; what was lost stays open."""
        for member in plan.deletions:
            if member.key not in lost:
                self.open.discard(member.key)
        for member in plan.saves:
            if member.key in lost:
                continue
            self.open.discard(member.key)
            for place, answer in self._fulfilled(member.key):
                stored = replace(answer.member, version=member.version + 1)
                self._answers[place] = replace(answer, member=stored)

    def give_up(self) -> None:
        """Answer the wishes whose members others kept changing."""
        for key in self.open:
            for place, _ in self._fulfilled(key):
                message = "others kept changing this member; try again"
                self._answers[place] = ChangedMeanwhileError(message)

    def _answer(self, wish: MemberWish, member: Member | None) -> Answer:
        if wish.act is MemberAct.ADD and wish.contact_id not in self._contacts:
            return NotFoundError(f"there is no contact {wish.contact_id}", field="contact_id")
        try:
            return fulfil(wish, member, self._stage)
        except InputError as exc:
            return exc

    def _fulfilled(self, key: MemberKey) -> list[tuple[int, Fulfilled]]:
        return [
            (place, answer)
            for place in self._places[key]
            if isinstance(answer := self._answers[place], Fulfilled)
        ]


def _leading_on(wish: MemberWish, answer: Answer, ports: MemberPorts) -> Answer:
    """Return an answer that names the contact which a missing one was merged into, if it was."""
    if not isinstance(answer, NotFoundError):
        return answer
    survivor_id = survivor_of(wish.contact_id, merges=ports.merges)
    if survivor_id is None:
        return answer
    message = f"contact {wish.contact_id} was merged into {survivor_id}; name that one"
    return NotFoundError(message, field="contact_id")


def _look_again(
    answers: Sequence[Answer],
    campaign: Campaign,
    *,
    lane: Lane,
    now: datetime,
    ports: MemberPorts,
) -> None:
    """Make good what could not be known when it was decided.

    A campaign that began to sync meanwhile may have been looked through already, so its new
    members have to be marked; a contact that was deleted meanwhile has no memberships.
    """
    members = ports.stores.members
    last = {one.member.contact_id: one for one in answers if isinstance(one, Fulfilled)}
    written = {
        each: one for each, one in last.items() if one.became in {Became.ADDED, Became.CHANGED}
    }
    if not written:
        return
    added = {each for each, one in written.items() if one.became is Became.ADDED}
    deleted = added - ports.contacts.get_many(added).keys()
    if deleted:
        members.delete_many([written[each].member for each in deleted])
    if campaign.syncs:
        return
    current = ports.stores.campaigns.get_many([campaign.id]).get(campaign.id)
    if current and current.syncs:
        members.save_many(
            [
                replace(one.member, waiting=mark(one.member.waiting, lane=lane, now=now))
                for each, one in written.items()
                if each not in deleted
            ]
        )
