"""Memberships of contacts that come or go are seen to, whatever kept others from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from counterpart.domain.inbound_settings import OnRemoteDelete
from tests.use_cases.pairing import Pair
from tests.use_cases.world import PowerCutError

if TYPE_CHECKING:
    from tests.use_cases.campaigning import CampaignWorld


class Notebook:
    """What is noted of contacts that come or go."""

    def __init__(self, world: CampaignWorld) -> None:
        self._world = world

    @property
    def ids(self) -> list[str]:
        """Return who is noted."""
        return [each.contact_id for each in self._world.people.unsettled()]

    def is_empty_in_the_end(self) -> bool:
        """Return whether runs come to an end with it."""
        for _ in range(3):
            self._world.wait(10)
            self._world.sync()
        return not self.ids


def cut(pair: Pair, act: str, writes: int) -> bool:
    """Merge, undo or delete, and let the power go after some writes; say whether it went."""
    pair.world.cut_the_power_after(writes)
    try:
        if act == "merge":
            pair.merge()
        elif act == "undo":
            pair.undo()
        else:
            pair.world.delete(pair.bob)
    except PowerCutError:
        return True
    finally:
        pair.world.start_again()
    return False


@pytest.mark.parametrize("writes", range(7))
def test_a_crash_while_memberships_are_carried_over(writes: int) -> None:
    """The next run completes what was merged, though nobody asks again."""
    pair = Pair()
    pair.world.campaign("autumn")
    pair.world.join("autumn", pair.bob, "Attended")
    pair.join(ada="Registered", bob="Attended")

    assert cut(pair, "merge", writes) or writes == 6
    pair.world.sync()

    merged = not pair.world.contacts.get_many([pair.bob])
    assert merged is (writes > 1)
    stays = pair.ada if merged else pair.bob
    assert pair.world.members_here("autumn") == {stays: "Attended"}
    assert pair.here["ada"] == ("Attended" if merged else "Registered")
    assert ("bob" in pair.here) is not merged
    assert Notebook(pair.world).is_empty_in_the_end()


@pytest.mark.parametrize("writes", range(8))
def test_a_crash_while_memberships_come_back(writes: int) -> None:
    """The next run completes what was undone, though nobody asks again."""
    pair = Pair()
    pair.world.campaign("autumn")
    pair.world.join("autumn", pair.bob, "Attended")
    pair.join(ada="Registered", bob="Attended")
    pair.merge()

    assert cut(pair, "undo", writes) or writes == 7
    pair.world.sync()
    pair.run()

    undone = bool(pair.world.contacts.get_many([pair.bob]))
    assert undone is (writes > 1)
    comes = pair.bob if undone else pair.ada
    assert pair.world.members_here("autumn") == {comes: "Attended"}
    assert Notebook(pair.world).is_empty_in_the_end()
    if undone:
        assert pair.here == pair.there == {"ada": "Registered", "bob": "Attended"}
        assert pair.rests()
    else:
        assert pair.here == {"ada": "Attended"}


@pytest.mark.parametrize("writes", range(7))
def test_a_crash_while_a_contact_is_deleted(writes: int) -> None:
    """Who is gone is a member of nothing; who is there can be deleted again."""
    pair = Pair(syncs=False)
    pair.world.join("launch", pair.bob)

    assert cut(pair, "delete", writes) or writes >= 4
    pair.world.sync()

    if not pair.world.contacts.get_many([pair.bob]):
        assert pair.here == {}
    assert Notebook(pair.world).is_empty_in_the_end()


@pytest.mark.parametrize("act", ["merge", "delete"])
def test_an_index_that_does_not_know_of_a_membership_yet(act: str) -> None:
    """One of the next runs finds it, without a crash or a request."""
    pair = Pair(lagging_index=True, syncs=False)
    pair.world.people.catch_up()
    pair.world.join("launch", pair.bob, "Attended")

    if act == "merge":
        pair.merge()
    else:
        pair.world.delete(pair.bob)
    pair.run()
    assert pair.here == {"bob": "Attended"}
    pair.world.people.catch_up()
    pair.run()

    assert pair.here == ({"ada": "Attended"} if act == "merge" else {})


def test_an_index_that_does_not_know_of_a_membership_with_further_rows_yet() -> None:
    """Whoever meets one of the records later is a member by its row."""
    pair = Pair(lagging_index=True)
    world = pair.world
    ((eve, eves),) = world.linked("eve@example.com")
    pair.merge()
    world.people.catch_up()
    world.their_member(pair.record_id, pair.adas, "Attended")
    world.their_member(pair.record_id, pair.bobs, "Registered")
    pair.run()
    # More than what windows read once more.
    world.wait(60)
    pair.run()
    assert pair.here == {"ada": "Attended"}
    world.delete(pair.ada)
    world.people.catch_up()
    pair.run()
    assert pair.here == {}

    world.org.merge(pair.bobs, eves)
    for _ in range(3):
        world.people.catch_up()
        world.wait(10)
        world.pull()
        world.sync()

    assert world.members_here() == {eve: "Registered"}


def test_somebody_who_has_read_the_contact_adds_it_afterwards() -> None:
    """As long as anybody may, it is looked at; after that it is over."""
    pair = Pair(syncs=False)
    pair.merge()
    pair.run()
    pair.world.wait(10)
    pair.world.join("launch", pair.bob, "Attended")
    assert Notebook(pair.world).ids == [pair.bob]

    pair.run()

    assert pair.here == {"ada": "Attended"}
    assert Notebook(pair.world).is_empty_in_the_end()


def test_a_record_that_takes_its_contact_along() -> None:
    """Whoever deletes a contact notes it, a pull as well."""
    pair = Pair(syncs=False)
    inbound = replace(pair.world.settings.current().inbound, on_remote_delete=OnRemoteDelete.DELETE)
    pair.world.change(inbound=inbound)
    pair.world.wait()
    pair.world.org.delete(pair.bobs)
    pair.world.pull()
    assert Notebook(pair.world).ids == [pair.bob]

    pair.world.join("launch", pair.bob)
    pair.run()

    assert pair.here == {}


def test_the_survivor_of_a_crash_is_merged_in_turn() -> None:
    """What it gets afterwards goes on to the last of them, and back step by step."""
    pair = Pair(lagging_index=True, syncs=False)
    eve = pair.world.add("eve@example.com")
    pair.world.join("launch", pair.bob, "Attended")
    pair.world.people.catch_up()
    assert cut(pair, "merge", 2)
    pair.world.wait(60)
    pair.world.merge(eve, pair.ada)
    pair.world.wait(60)
    for _ in range(3):
        pair.run()
        pair.world.people.catch_up()

    assert pair.world.members_here() == {eve: "Attended"}
    pair.world.undo(pair.ada)
    assert pair.here == {"ada": "Attended"}
    pair.undo()
    assert pair.here == {"bob": "Attended"}


def test_an_undoing_that_was_cut_short_and_another_merge() -> None:
    """What is the loser's comes back before it goes to somebody else."""
    pair = Pair(syncs=False)
    eve = pair.world.add("eve@example.com")
    pair.world.join("launch", pair.bob, "Attended")
    pair.merge()
    assert cut(pair, "undo", 2)

    pair.world.merge(eve, pair.bob)

    assert pair.world.members_here() == {eve: "Attended"}


def test_a_run_that_has_no_time_left() -> None:
    """Whoever was noted is seen to by the next."""
    pair = Pair(syncs=False)
    pair.world.join("launch", pair.bob)
    assert cut(pair, "merge", 2)
    pair.world.deadline = pair.world.now
    pair.world.sync()
    assert pair.here == {"bob": "Registered"}

    pair.world.deadline = None
    pair.run()

    assert pair.here == {"ada": "Registered"}


def test_a_rehearsal_sees_to_nobody() -> None:
    """It writes nothing."""
    pair = Pair(syncs=False)
    pair.world.join("launch", pair.bob)
    assert cut(pair, "merge", 2)

    pair.world.sync(dry_run=True)

    assert pair.here == {"bob": "Registered"}


def test_others_keep_changing_a_membership() -> None:
    """The others do not wait for it, and it is looked at again."""
    pair = Pair(syncs=False)
    pair.world.join("launch", pair.bob)
    assert cut(pair, "merge", 2)

    def rival(write: str) -> None:
        if write == "members.delete":
            pair.world.move("launch", pair.bob, "Attended")

    pair.world.rival = rival
    pair.world.sync()
    assert Notebook(pair.world).ids == [pair.bob]
    pair.world.rival = None
    pair.run()

    assert pair.here == {"ada": "Attended"}
