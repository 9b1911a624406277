"""What several rows of one person come to, before anything is written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.member_rows import new_row
from counterpart.domain.member_steps import MemberChange, MemberStep
from counterpart.use_cases.member_drafts import MemberDraft
from tests.contracts.stores.samples import NOON, a_member, a_member_counterpart

if TYPE_CHECKING:
    from counterpart.domain.members import Member


def test_who_goes_by_one_row_and_comes_by_another_is_stored_over() -> None:
    """As the next version of what is stored; as a new member it could never be written."""
    stored, again = a_member(version=4), a_member(status="Attended")
    row = new_row(campaign_id="701", person_id="003", fields=(), now=NOON)
    draft = MemberDraft(members={stored.key: stored}, places={}, linked=set())

    draft.carry(row, stored.key, MemberStep(verdict=MemberChange.DELETED, delete=stored))
    draft.carry(row, stored.key, MemberStep(verdict=MemberChange.CREATED, save=again))

    assert draft.deletions == {}
    assert [(each.status, each.version) for each in draft.saves.values()] == [("Attended", 4)]


def _follows(contact_id: str, row_id: str | None) -> Member:
    held = a_member_counterpart(row_id) if row_id else None
    return a_member(contact_id, counterpart=held, version=1)


def _drafted(*moves: tuple[str, str | None, str | None]) -> MemberDraft:
    """Return a draft of one row, for which members leave one row and follow another."""
    row = replace(new_row(campaign_id="701", person_id="003", fields=(), now=NOON), id="read")
    stored = [_follows(contact_id, before) for contact_id, before, _ in moves]
    draft = MemberDraft(members={one.key: one for one in stored}, places={}, linked=set())
    for contact_id, _, after in moves:
        save = _follows(contact_id, after)
        draft.carry(row, save.key, MemberStep(verdict=MemberChange.UPDATED, save=save))
    return draft


def _in_turn(draft: MemberDraft) -> tuple[list[list[str]], list[str]]:
    turns, entangled = draft.turns()
    names = [sorted(key.contact_id for key in turn) for turn in (*turns, entangled)]
    return names[:-1], names[-1]


def test_who_loses_a_row_goes_before_whoever_goes_on_by_it() -> None:
    """Whatever row was read, such as the one whose loss has the second member go on by this."""
    draft = _drafted(("ada", "read", "other"), ("bob", "other", None))

    assert _in_turn(draft) == ([["bob"], ["ada"]], [])


def test_a_chain_of_rows_that_go_over_is_stored_from_its_end() -> None:
    """In as many turns as it has members; who has nothing to do with it goes at once."""
    draft = _drafted(
        ("ada", None, "1"),
        ("bob", "1", "2"),
        ("cy", "2", "3"),
        ("di", "3", None),
        ("eve", "4", "4"),
    )

    assert _in_turn(draft) == ([["di", "eve"], ["cy"], ["bob"], ["ada"]], [])


def test_who_was_to_go_and_comes_by_another_row_has_lost_the_first_all_the_same() -> None:
    """It is stored over, which is when it lets go."""
    row = replace(new_row(campaign_id="701", person_id="003", fields=(), now=NOON), id="1")
    stored, heir = _follows("bob", "1"), _follows("ada", "1")
    draft = MemberDraft(members={stored.key: stored}, places={}, linked=set())

    draft.carry(row, stored.key, MemberStep(verdict=MemberChange.DELETED, delete=stored))
    draft.carry(row, heir.key, MemberStep(verdict=MemberChange.CREATED, save=heir))
    again = _follows("bob", "2")
    draft.carry(row, again.key, MemberStep(verdict=MemberChange.CREATED, save=again))

    assert _in_turn(draft) == ([["bob"], ["ada"]], [])


def test_who_have_each_others_rows_are_left() -> None:
    """And whoever waits for one of them; none of them can be first."""
    draft = _drafted(("ada", "1", "2"), ("bob", "2", "1"), ("cy", "3", None), ("di", None, "3"))

    assert _in_turn(draft) == ([["cy"], ["di"]], ["ada", "bob"])
