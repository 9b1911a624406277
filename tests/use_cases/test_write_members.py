"""Members are written one by one and in batches, whatever others do meanwhile."""

from dataclasses import replace
from datetime import timedelta

import pytest

from counterpart.domain.contact_merge_plans import ContactMerge
from counterpart.domain.memberships import Became, Fulfilled, MemberAct, MemberWish
from counterpart.domain.waiting import Lane, Waiting
from counterpart.errors import ChangedMeanwhileError, NotFoundError
from counterpart.use_cases.write_members import write_member
from tests.contracts.stores.samples import NOON, a_contact
from tests.use_cases.enrolling import NEW, Enrolling


def test_a_thousand_members_are_added_at_once() -> None:
    """Each is stored by one write, and waits in the lane of its batch."""
    names = [f"contact-{number}" for number in range(1000)]
    world = Enrolling(contacts=names)
    world.choose(NEW)

    answers = world.write(*(MemberWish(contact_id=name) for name in names), lane=Lane.BULK)

    assert {one.became for one in answers if isinstance(one, Fulfilled)} == {Became.ADDED}
    assert len(world.stored()) == 1000
    waiting = world.members.waiting("spring", Lane.BULK, until=NOON, limit=2000)
    assert sorted(waiting) == sorted(names)


def test_wishes_about_one_contact_are_one_write() -> None:
    """They take effect in order; what was only here for a moment is never stored."""
    world = Enrolling()

    answers = world.write(
        MemberWish(contact_id="ada"),
        MemberWish(contact_id="ada", status="Attended"),
        MemberWish(contact_id="bob"),
        MemberWish(contact_id="bob", act=MemberAct.REMOVE),
    )

    assert [one.became.value for one in answers if isinstance(one, Fulfilled)] == [
        "added",
        "changed",
        "added",
        "dropped",
    ]
    ada = world.member("ada")
    assert ada
    assert (ada.status, ada.version) == ("Attended", 1)
    assert world.member("bob") is None


def test_who_is_removed_and_comes_back_in_one_batch() -> None:
    """The item that is stored is written over."""
    world = Enrolling()
    world.add("ada", status="Attended")

    world.write(MemberWish(contact_id="ada", act=MemberAct.REMOVE), MemberWish(contact_id="ada"))

    ada = world.member("ada")
    assert ada
    assert (ada.status, ada.version) == ("Invited", 2)


def test_somebody_else_moves_the_member_first() -> None:
    """The wish is fulfilled upon what is there by then."""
    world = Enrolling()
    world.add("ada")
    world.before["members.save"] = lambda: world.add("ada", status="Attended")

    (answer,) = world.write(MemberWish(contact_id="ada", status="Registered", automated=True))

    assert not isinstance(answer, Fulfilled)
    assert world.stored() == {"ada": "Attended"}


def test_somebody_else_removes_the_member_first() -> None:
    """There is nobody to be moved any more."""
    world = Enrolling()
    world.add("ada")
    wish = MemberWish(contact_id="ada", act=MemberAct.REMOVE)
    world.before["members.save"] = lambda: world.write(wish)

    (answer,) = world.write(MemberWish(contact_id="ada", act=MemberAct.CHANGE, status="Attended"))

    assert isinstance(answer, NotFoundError)


def test_others_keep_changing_the_member() -> None:
    """After some tries, the sender is told to try again."""
    world = Enrolling()
    world.add("ada")

    def interfere() -> None:
        ada = world.member("ada")
        assert ada
        world.before["members.save"] = lambda: None
        assert not world.members.save_many([ada])
        world.before["members.save"] = interfere

    world.before["members.save"] = interfere

    (answer,) = world.write(MemberWish(contact_id="ada", status="Attended"))

    assert isinstance(answer, ChangedMeanwhileError)


def test_the_contact_is_deleted_meanwhile() -> None:
    """Nobody is left behind who is nobody."""
    world = Enrolling()
    world.before["members.save"] = lambda: world.contacts.delete(a_contact("ada", version=1))

    world.write(MemberWish(contact_id="ada"), MemberWish(contact_id="bob"))

    assert world.stored() == {"bob": "Invited"}


def test_the_campaign_begins_to_sync_meanwhile() -> None:
    """Whoever looks through its members may have passed by already, so the new one is marked."""
    world = Enrolling()
    world.before["members.save"] = lambda: world.choose(NEW)

    world.write(MemberWish(contact_id="ada"))

    ada = world.member("ada")
    assert ada
    assert ada.waiting == Waiting(lane=Lane.FRESH, next_push_at=NOON)


def test_one_who_was_only_passing_is_not_marked() -> None:
    """Nobody is brought back who was removed in the same batch."""
    world = Enrolling()
    world.before["members.save"] = lambda: world.choose(NEW)

    world.write(
        MemberWish(contact_id="bob"),
        MemberWish(contact_id="ada"),
        MemberWish(contact_id="ada", act=MemberAct.REMOVE),
    )

    assert world.stored() == {"bob": "Invited"}


def test_a_campaign_that_does_not_exist() -> None:
    """The whole batch is refused."""
    with pytest.raises(NotFoundError):
        write_member("winter", MemberWish(contact_id="ada"), now=NOON, ports=Enrolling().ports)


def test_what_one_wish_is_refused_for_is_raised() -> None:
    """Alone, there is no list of answers."""
    with pytest.raises(NotFoundError, match="there is no contact nobody"):
        write_member("spring", MemberWish(contact_id="nobody"), now=NOON, ports=Enrolling().ports)


def test_who_was_merged_is_named_where_it_went() -> None:
    """Followed to the last; whoever is somebody still, or never was anybody, leads nowhere."""
    world = Enrolling(contacts=("ada", "bob", "eve"))
    for survivor_id, loser_id in (("bob", "eve"), ("ada", "bob")):
        pair = world.contacts.get_many([survivor_id, loser_id])
        survivor, loser = pair[survivor_id], pair[loser_id]
        merge = ContactMerge(survivor=survivor, loser=loser, taken={}, merged_at=NOON)
        assert world.merges.store(merge, survivor=survivor, loser=loser, links=[])

    answers = world.write(
        MemberWish(contact_id="eve"),
        MemberWish(contact_id="bob", act=MemberAct.REMOVE),
        MemberWish(contact_id="nobody"),
        MemberWish(contact_id="ada", act=MemberAct.CHANGE),
    )

    assert [str(each) for each in answers] == [
        "contact eve was merged into ada; name that one",
        "contact bob was merged into ada; name that one",
        "there is no contact nobody",
        "contact ada is not a member of this campaign",
    ]
    assert all(isinstance(each, NotFoundError) for each in answers)


def test_a_wish_repeated_makes_no_write() -> None:
    """The second answer is as the first, but that nothing was changed."""
    world = Enrolling()
    world.choose(NEW)
    wish = MemberWish(contact_id="ada", status="Attended")
    (first,) = world.write(wish)
    world.now += timedelta(minutes=5)

    (second,) = world.write(wish)

    assert isinstance(first, Fulfilled)
    assert isinstance(second, Fulfilled)
    assert second == replace(first, became=Became.UNCHANGED)
