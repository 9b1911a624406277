"""Whatever people do with members and statuses, in any order, the roster is as they left it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as checks
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)

from counterpart.domain.memberships import Became, Fulfilled, MemberAct, MemberWish
from counterpart.domain.waiting import Lane
from counterpart.errors import ConflictError, NotFoundError
from counterpart.use_cases.carry_memberships import carry_memberships
from counterpart.use_cases.forget_memberships import forget_memberships
from tests.contracts.stores.samples import MINUTE
from tests.use_cases.enrolling import EXISTING, NEW, NONE, Enrolling

if TYPE_CHECKING:
    from datetime import datetime

NAMES = ["ada", "bob", "eve"]
LABELS = ["A", "B", "C", "D"]
PEOPLE = st.sampled_from(NAMES)


class Roster(RuleBasedStateMachine):
    """A campaign, and what a sheet of paper says of it.

    Attributes:
        paper: The status of each member.
        order: The statuses of the type.
        pending: Who was changed since when, while the campaign synced.
    """

    def __init__(self) -> None:
        super().__init__()
        self.world = Enrolling(labels=LABELS)
        self.paper: dict[str, str] = {}
        self.order = list(LABELS)
        self.syncing = False
        self.pending: dict[str, datetime] = {}

    @rule(who=PEOPLE, place=st.none() | st.integers(0, 3), automated=st.booleans())
    def add(self, who: str, place: int | None, *, automated: bool) -> None:
        """Add somebody, who may be a member already."""
        status = None if place is None else self.order[place % len(self.order)]
        self._move(who, MemberAct.ADD, status, automated=automated)

    @rule(who=PEOPLE, place=st.integers(0, 3), automated=st.booleans())
    def change(self, who: str, place: int, *, automated: bool) -> None:
        """Move somebody, who may be no member."""
        status = self.order[place % len(self.order)]
        self._move(who, MemberAct.CHANGE, status, automated=automated)

    @rule(who=PEOPLE)
    def remove(self, who: str) -> None:
        """Remove somebody, who may be no member."""
        (answer,) = self.world.write(MemberWish(contact_id=who, act=MemberAct.REMOVE))
        if who not in self.paper:
            assert isinstance(answer, NotFoundError)
            return
        assert isinstance(answer, Fulfilled)
        del self.paper[who]
        self._changed(who)

    @precondition(lambda self: len(self.order) > 1)
    @rule(first=st.integers(0, 3), second=st.integers(0, 2), named=st.booleans())
    def remove_status(self, first: int, second: int, *, named: bool) -> None:
        """Take a status out of the type."""
        label = self.order[first % len(self.order)]
        left = [each for each in self.order if each != label]
        replacement = left[second % len(left)]
        in_use = sum(status == label for status in self.paper.values())
        if in_use and not named:
            words = "1 member has" if in_use == 1 else f"{in_use} members have"
            with pytest.raises(ConflictError, match=f"^{words} this status"):
                self.world.remove_status(label)
            return
        self.world.remove_status(label, replacement if named else None)
        self.order = left
        for who, status in self.paper.items():
            if status == label:
                self.paper[who] = replacement

    @rule(label=st.sampled_from(LABELS))
    def bring_back(self, label: str) -> None:
        """Give the type a status that it has had, at the end."""
        if label in self.order:
            return
        unsettled = any(
            each.label == label and not each.settled for each in self.world.type.removals
        )
        if unsettled:
            with pytest.raises(ConflictError, match=f"^{label} was removed"):
                self.world.restate([*self.order, label])
            return
        self.world.restate([*self.order, label])
        self.order.append(label)

    @rule(steps=st.integers(0, 3))
    def move_on(self, steps: int) -> None:
        """Let somebody store replacements for a while."""
        self.world.move_on(steps=steps)

    @rule(minutes=st.sampled_from([1, 20]))
    def wait(self, minutes: int) -> None:
        """Let time pass."""
        self.world.now += minutes * MINUTE

    @rule(wish=st.sampled_from([NONE, NEW, EXISTING]))
    def choose(self, wish: object) -> None:
        """Choose whether the campaign syncs."""
        self.world.choose(wish)  # type: ignore[arg-type] # one of the three
        self.syncing = wish is not NONE

    @rule(who=PEOPLE)
    def delete_contact(self, who: str) -> None:
        """Let a contact leave all its campaigns."""
        forget_memberships(who, members=self.world.members, now=self.world.now)
        self.paper.pop(who, None)
        self.pending.pop(who, None)

    @rule(loser=PEOPLE, survivor=PEOPLE)
    def merge(self, loser: str, survivor: str) -> None:
        """Let one contact take over the memberships of another."""
        if loser == survivor:
            return
        carry_memberships(loser, survivor, now=self.world.now, stores=self.world.stores)
        gone = self.paper.pop(loser, None)
        self.pending.pop(loser, None)
        if gone is None:
            return
        kept = self.paper.get(survivor)
        if kept is None:
            # Whose removal may have waited: it is a member again, and that waits instead.
            self.pending.pop(survivor, None)
        if kept is None or self.order.index(gone) > self.order.index(kept):
            self.paper[survivor] = gone
            self._changed(survivor)

    @invariant()
    def everybody_has_the_status_on_the_paper(self) -> None:
        """By status and page by page, nobody is missing, and nobody is there twice."""
        for label in self.order:
            expected = [who for who in NAMES if self.paper.get(who) == label]
            assert sorted(self.world.listed(label, limit=1)) == expected

    @invariant()
    def who_was_changed_waits(self) -> None:
        """No edit of a campaign that syncs is forgotten, removals included."""
        for who, since in self.pending.items():
            member = self.world.member(who)
            assert member
            assert member.waiting
            assert member.waiting.next_push_at <= since
            assert member.waiting.lane in {Lane.FRESH, Lane.BULK}

    def _move(self, who: str, act: MemberAct, status: str | None, *, automated: bool) -> None:
        wish = MemberWish(contact_id=who, act=act, status=status, automated=automated)
        (answer,) = self.world.write(wish)
        now_at = self.paper.get(who)
        if now_at is None and act is MemberAct.CHANGE:
            assert isinstance(answer, NotFoundError)
            return
        wanted = status or now_at or self.order[0]
        back = now_at is not None and self.order.index(wanted) < self.order.index(now_at)
        if automated and back:
            assert isinstance(answer, ConflictError)
            return
        assert isinstance(answer, Fulfilled)
        if now_at is None:
            assert answer.became is Became.ADDED
        else:
            assert (answer.became is Became.CHANGED) is (wanted != now_at)
        self.paper[who] = wanted
        if wanted != now_at:
            self._changed(who)

    def _changed(self, who: str) -> None:
        if self.syncing:
            self.pending.setdefault(who, self.world.now)
        elif who not in self.paper:
            self.pending.pop(who, None)


Roster.TestCase.settings = checks(max_examples=60, stateful_step_count=40)
test_the_roster = Roster.TestCase
