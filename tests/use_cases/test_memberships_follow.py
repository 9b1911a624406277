"""What becomes of memberships when their contact is deleted, or merged into another."""

from contextlib import suppress
from dataclasses import replace

import pytest

from counterpart.adapters.memory import InMemoryMemberRepository
from counterpart.domain.inbound_settings import OnRemoteDelete
from counterpart.domain.waiting import Lane
from counterpart.errors import ChangedMeanwhileError
from counterpart.use_cases.carry_memberships import carry_memberships
from counterpart.use_cases.forget_memberships import forget_memberships
from tests.contracts.stores.samples import (
    CONTACT_ID,
    LEAD_ID,
    MINUTE,
    NOON,
    a_campaign,
    a_member,
    a_member_counterpart,
    a_type,
)
from tests.use_cases.enrolling import NEW, Enrolling
from tests.use_cases.world import PowerCutError, World


def members_of(world: World) -> dict[str, str]:
    """Return the status of each member, by contact."""
    listing = world.members.page("spring", limit=9)
    return {each.contact_id: each.status for each in listing.items}


def cut_at_once(_: str) -> None:
    """End the process after a write."""
    raise PowerCutError


def carry(world: Enrolling) -> None:
    """Carry over what Bob is a member of to Ada."""
    carry_memberships("bob", "ada", now=world.now, stores=world.stores)


def test_a_contact_that_is_deleted_leaves_all_its_campaigns() -> None:
    """A removal that had still to cross is forgotten as well: nothing is deleted there."""
    world = World()
    ada, bob = world.add("ada@example.com"), world.add("bob@example.com")
    world.members.save_many(
        [
            a_member(ada),
            a_member(ada, "autumn", removed_at=NOON),
            a_member(bob),
        ]
    )

    world.delete(ada)

    assert members_of(world) == {bob: "Invited"}
    assert world.members.page("autumn", limit=9).items == []


def test_a_record_that_is_deleted_takes_the_memberships_along() -> None:
    """Where the settings say that its contact goes with it."""
    world = World()
    world.change(
        inbound=replace(world.settings.current().inbound, on_remote_delete=OnRemoteDelete.DELETE)
    )
    lead_id = world.lead()
    world.wait()
    world.pull()
    contact_id = world.of(lead_id).id
    world.members.save_many([a_member(contact_id), a_member("bob")])
    world.wait(20)
    world.org.delete(lead_id)

    world.pull()

    assert not world.contacts.get_many([contact_id])
    assert members_of(world) == {"bob": "Invited"}


def test_a_crash_between_the_memberships_and_the_contact() -> None:
    """The contact is still there, and can be deleted again."""
    world = World()
    ada = world.add()
    world.members.save_many([a_member(ada), a_member(ada, "autumn")])

    def cut() -> None:
        raise PowerCutError

    world.on_write["members.delete"] = cut
    with pytest.raises(PowerCutError):
        world.delete(ada)
    assert world.contacts.get_many([ada])

    world.delete(ada)

    assert members_of(world) == {}
    assert world.members.page("autumn", limit=9).items == []


def test_somebody_adds_the_contact_just_before_it_is_deleted() -> None:
    """Nobody stays behind who is nobody."""
    world = World()
    ada = world.add()
    world.on_write["contacts.delete"] = lambda: world.members.save_many([a_member(ada)])

    world.delete(ada)

    assert members_of(world) == {}


def test_whose_rows_stay_there_is_kept_aside() -> None:
    """Each record of a contact that followed a row, or was removed here; nobody without a row."""
    members = InMemoryMemberRepository()
    members.save_many(
        [
            a_member("ada", "followed", counterpart=a_member_counterpart()),
            a_member("ada", "removed", removed_at=NOON),
            a_member("ada", "never out"),
            a_member("bob", "never out", counterpart=a_member_counterpart("00v000000000001AAA")),
        ]
    )

    forget_memberships("ada", members=members, now=NOON, person_ids=[LEAD_ID, CONTACT_ID])

    aside = {
        campaign_id: {
            each.contact_id for each in members.page(f"outside:{campaign_id}", limit=9).items
        }
        for campaign_id in ("followed", "removed", "never out")
    }
    assert aside == {
        "followed": {LEAD_ID, CONTACT_ID},
        "removed": {LEAD_ID, CONTACT_ID},
        "never out": set(),
    }
    assert [each.contact_id for each in members.page("never out", limit=9).items] == ["bob"]
    late = NOON + MINUTE
    assert len(members.waiting("outside:followed", Lane.RETRY, until=late, limit=9)) == 2


def test_a_crash_after_somebody_was_kept_aside() -> None:
    """The members are still there, and go when it is done again."""
    members = InMemoryMemberRepository(after_write=cut_at_once)
    forgotten = a_member("ada", counterpart=a_member_counterpart())
    with suppress(PowerCutError):
        members.save_many([forgotten])
    with suppress(PowerCutError):
        forget_memberships("ada", members=members, now=NOON)
    assert members.get_many([forgotten.key])

    for _ in range(2):
        with suppress(PowerCutError):
            forget_memberships("ada", members=members, now=NOON)

    assert not members.get_many([forgotten.key])
    assert members.page("outside:spring", limit=9).items


def test_others_keep_changing_a_membership_that_is_to_go() -> None:
    """After some tries, the sender is told to try again."""
    world = Enrolling()
    world.add("ada")

    def interfere() -> None:
        ada = world.member("ada")
        assert ada
        world.members.save_many([ada])
        world.before["members.delete"] = interfere

    world.before["members.delete"] = interfere

    with pytest.raises(ChangedMeanwhileError):
        forget_memberships("ada", members=world.members, now=world.now)


def test_a_merge_unites_the_memberships() -> None:
    """The status that is further along wins; asking again changes nothing."""
    world = World()
    world.campaigns.types.save(a_type())
    world.campaigns.campaigns.save(a_campaign())
    world.campaigns.campaigns.save(a_campaign("autumn"))
    ada, bob = world.add("ada@example.com"), world.add("bob@example.com")
    world.members.save_many(
        [
            a_member(ada, status="Registered"),
            a_member(bob, status="Attended"),
            a_member(bob, "autumn"),
        ]
    )

    world.merge(ada, bob)
    world.merge(ada, bob)

    assert members_of(world) == {ada: "Attended"}
    (autumn,) = world.members.page("autumn", limit=9).items
    assert (autumn.contact_id, autumn.version) == (ada, 1)


@pytest.mark.parametrize("write", ["members.save", "members.delete"])
def test_a_merge_that_crashed_is_asked_for_again(write: str) -> None:
    """Doing it once more completes it, and nothing else changes."""
    world = Enrolling()
    world.choose(NEW)
    world.add("bob", status="Attended")
    world.add("bob", campaign_id="autumn")
    world.add("ada")
    world.cut_after = {write}
    with pytest.raises(PowerCutError):
        carry(world)

    carry(world)
    carry(world)

    assert world.stored() == {"ada": "Attended"}
    assert world.stored("autumn") == {"ada": "Invited"}


def test_somebody_moves_the_survivor_meanwhile() -> None:
    """What is there by then is united."""
    world = Enrolling()
    world.add("bob", status="Registered")
    world.add("ada")
    world.before["members.save"] = lambda: world.add("ada", status="Attended")

    carry(world)

    assert world.stored() == {"ada": "Attended"}


def test_somebody_moves_the_loser_meanwhile() -> None:
    """Its last move is not lost."""
    world = Enrolling()
    world.add("bob")
    world.before["members.delete"] = lambda: world.add("bob", status="Attended")

    carry(world)

    assert world.stored() == {"ada": "Attended"}


def test_others_keep_moving_the_loser() -> None:
    """After some tries, the sender is told to try again."""
    world = Enrolling()
    world.add("bob")

    def interfere() -> None:
        bob = world.member("bob")
        assert bob
        world.members.save_many([bob])
        world.before["members.delete"] = interfere

    world.before["members.delete"] = interfere

    with pytest.raises(ChangedMeanwhileError):
        carry(world)
