"""Rows of members that go over to somebody else, by a conversion or a merge in Salesforce."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import replace

import pytest

from counterpart.domain.links import LinkState
from counterpart.domain.members import MemberKey
from counterpart.domain.outcomes import Reason
from counterpart.domain.sync_settings import Campaigns, OnRemoteRemoval
from counterpart.domain.waiting import Lane, Waiting
from counterpart.use_cases.outsiders import Outsiders
from tests.use_cases.campaigning import CampaignWorld
from tests.use_cases.storytelling import Story, followed
from tests.use_cases.world import PowerCutError


@pytest.fixture
def world() -> Story:
    """Return a world at noon."""
    return Story()


@pytest.mark.failure("F56")
@pytest.mark.parametrize("pulled_first", [True, False])
def test_a_conversion_keeps_the_membership(world: CampaignWorld, *, pulled_first: bool) -> None:
    """The row stays and is about the Contact now; in either order of the two functions."""
    lead_id = world.lead("ada@example.com")
    world.pull()
    ada = world.of(lead_id).id
    record_id = world.their_campaign(labels=["Registered", "Attended"])
    row_id = world.their_member(record_id, lead_id, "Registered")
    world.campaign(to=record_id)
    world.sync()
    world.wait(5)
    contact_id = world.org.convert(lead_id)
    world.wait(5)

    for act in (world.pull, world.sync) if pulled_first else (world.sync, world.pull):
        act()
    world.wait(5)
    world.sync()
    world.move("launch", ada, "Attended")
    world.sync()

    member = world.member("launch", ada)
    assert member.counterpart
    assert (member.counterpart.record_id, member.counterpart.person_id) == (row_id, contact_id)
    assert world.members_here() == {ada: "Attended"}
    assert world.members_there(record_id) == {contact_id: "Attended"}


@pytest.mark.failure("F56")
def test_a_conversion_into_a_member_leaves_one_member(world: CampaignWorld) -> None:
    """Lead and Contact were both members: one row goes, and nobody is removed here for it."""
    lead_id = world.lead("ada@example.com")
    world.pull()
    ada = world.of(lead_id).id
    contact_id = world.person(None, LastName="Lovelace")
    record_id = world.their_campaign(labels=["Registered", "Attended"])
    world.their_member(record_id, lead_id, "Registered")
    other_row = world.their_member(record_id, contact_id, "Attended")
    world.campaign(to=record_id)
    world.sync()
    world.wait(5)
    world.org.convert(lead_id, contact_id=contact_id)
    world.wait(5)

    world.sync()
    world.pull()
    world.wait(5)
    world.sync()

    assert world.members_here() == {ada: "Attended"}
    assert world.row_followed(ada) == other_row


@pytest.mark.failure("F55")
@pytest.mark.failure("F56")
@pytest.mark.parametrize("page_size", [1, 2000])
def test_a_merge_into_a_converted_lead_leaves_one_member(page_size: int) -> None:
    """Both were members: what is left is the winner's row, whichever row is read first."""
    world = CampaignWorld(page_size=page_size)
    lead_id = world.lead("ada@example.com")
    world.pull()
    ((_, loser),) = world.linked("bob@example.com")
    record_id = world.their_campaign(labels=["Registered", "Attended"])
    row_id = world.their_member(record_id, lead_id, "Registered")
    world.their_member(record_id, loser, "Attended")
    world.campaign(to=record_id)
    world.sync()
    world.wait(5)
    winner = world.org.convert(lead_id)
    world.wait(5)
    world.org.merge(winner, loser)
    world.wait(5)

    world.pull()
    world.sync()
    world.wait(5)
    world.sync()

    link = world.links.get_many([winner])[winner]
    assert world.row_followed(str(link.subject_id)) == row_id
    assert len(world.members_here()) == 1


def test_a_member_goes_on_by_another_row_of_the_same_person(world: Story) -> None:
    """What it fell back to here is no wish of ours, whichever row is the older one."""
    record_id = followed(world)
    there = world.person(None)
    row_id = world.their_member(record_id, there, "VIP")
    world.wait(1)
    lead_id = world.lead("ada@example.com")
    world.their_member(record_id, lead_id, "VIP")
    world.wait(1)
    world.pull()
    world.rest()
    ada = world.of(lead_id).id
    assert world.members_here() == {ada: "Registered"}
    world.org.convert(lead_id, contact_id=there)
    world.wait(1)
    world.pull()

    world.rest()

    assert world.row_followed(ada) == row_id
    assert world.org.row(row_id)["Status"] == "VIP"
    assert world.members_here() == {ada: "Registered"}


@pytest.mark.failure("F56")
def test_a_contact_outside_outlives_the_row_of_the_lead_that_it_was(world: CampaignWorld) -> None:
    """Its own row lets it in once it is a contact here, though the lead's row was deleted."""
    lead_id = world.lead("ada@example.com")
    world.pull()
    ada = world.of(lead_id).id
    record_id = world.their_campaign(labels=["Registered", "Attended"])
    gone_id = world.their_member(record_id, lead_id, "Registered")
    world.campaign(to=record_id)
    world.sync()
    contact_id = world.person(None, LastName="Lovelace")
    row_id = world.their_member(record_id, contact_id, "Attended")
    world.wait(5)
    world.sync()
    world.remove("launch", ada)
    world.sync()
    world.wait(30)
    world.org.convert(lead_id, contact_id=contact_id)
    world.org.touch(gone_id)
    world.wait(5)

    world.sync()
    world.wait(5)
    world.pull()
    world.wait(60)
    world.sync()

    link = world.links.get_many([contact_id])[contact_id]
    assert world.row_followed(str(link.subject_id)) == row_id


@pytest.mark.parametrize("comes_back", [True, False])
def test_a_row_that_was_deleted_long_ago_is_read_again(
    world: CampaignWorld, *, comes_back: bool
) -> None:
    """As by a window that broke off; whoever is outside by another row is awaited all the same."""
    record_id = world.their_campaign(labels=["Registered", "Attended"])
    world.campaign(to=record_id)
    contact_id = world.person(None, LastName="Lovelace")
    gone_id = world.their_member(record_id, contact_id, "Registered")
    world.sync()
    world.org.delete(gone_id)
    if comes_back:
        world.their_member(record_id, contact_id, "Attended")
    world.wait(30)
    world.sync()
    world.wait(30)
    world.org.touch(gone_id)
    world.wait(5)

    world.sync()

    assert Outsiders(world.people, world.clock).known("launch", [contact_id]) == (
        {contact_id} if comes_back else set()
    )
    world.org.edit(contact_id, {"Email": "ada@example.com"})
    world.wait(5)
    world.pull()
    world.wait(400)
    world.sync()
    assert list(world.members_here().values()) == (["Attended"] if comes_back else [])


def test_who_loses_a_row_to_another_contact_goes_on_by_its_own(world: Story) -> None:
    """Be it that its own was read before, when it followed the other."""
    (ada, ada_there), (_, bob_there) = world.linked("ada@example.com", "bob@example.com")
    record_id = followed(world)
    row_id = world.their_member(record_id, ada_there, "Registered")
    world.rest()
    world.org.merge(bob_there, ada_there)
    own = world.person("ada@example.com")
    own_row_id = world.their_member(record_id, own, "Attended")
    world.wait(1)
    world.org.touch(row_id)
    world.wait(1)
    world.pull()
    assert world.of(own).id == ada

    # Past every overlap.
    world.wait(30)
    world.sync()
    world.wait(30)
    world.sync()

    assert world.row_followed(ada) == own_row_id
    assert world.members_here() == {ada: "Attended", world.of(bob_there).id: "Registered"}


@pytest.mark.parametrize("by_conversion", [False, True])
def test_somebody_goes_out_whose_row_is_another_contacts_by_now(
    world: Story, *, by_conversion: bool
) -> None:
    """The index did not know who followed it when it was read: nothing is written to it."""
    (ada, ada_there), (bob, bob_there) = world.linked("ada@example.com", "bob@example.com")
    record_id = followed(world)
    # A row that is about a Contact goes on naming the lead that this was.
    lead_id = world.lead(email=None)
    own, other = (
        world.their_member(record_id, each, "Registered")
        for each in (ada_there, lead_id if by_conversion else bob_there)
    )
    if by_conversion:
        world.org.convert(lead_id, contact_id=bob_there)
    world.rest()
    member = world.member("launch", ada)
    assert member.counterpart
    person_id = lead_id if by_conversion else member.counterpart.person_id
    world.members.save_many(
        [
            replace(
                member,
                status="Attended",
                status_changed_at=world.now,
                counterpart=replace(member.counterpart, record_id=other, person_id=person_id),
                waiting=Waiting(lane=Lane.FRESH, next_push_at=world.now),
            )
        ]
    )

    world.rest()

    assert (world.row_followed(ada), world.row_followed(bob)) == (own, other)
    assert world.members_there(record_id) == {ada_there: "Attended", bob_there: "Registered"}
    assert world.member("launch", ada).waiting is None


@pytest.mark.parametrize("writes", range(8))
def test_a_row_goes_over_to_another_contact_and_the_process_dies(world: Story, writes: int) -> None:
    """Whoever has the row in the end, nobody else follows it."""
    lead_id = world.lead("ada@example.com")
    ((bob, there),) = world.linked("bob@example.com")
    ada = world.of(lead_id).id
    record_id = followed(world)
    row_id = world.their_member(record_id, lead_id, "Attended")
    world.rest()
    assert world.members_here() == {ada: "Attended"}
    world.org.convert(lead_id, contact_id=there)
    world.wait(1)

    world.cut_the_power_after(writes)
    try:
        world.sync()
    except PowerCutError:
        pass
    finally:
        world.start_again()
    world.rest()

    assert world.members_here() == {bob: "Attended"}
    assert [*world.people.find_by_record({row_id: "launch"})] == [row_id]


@pytest.mark.parametrize("writes", range(8))
@pytest.mark.parametrize("rule", [OnRemoteRemoval.REMOVE, OnRemoteRemoval.KEEP])
def test_a_row_goes_over_to_somebody_who_has_lost_another_and_the_process_dies(
    world: Story, rule: OnRemoteRemoval, writes: int
) -> None:
    """Whoever goes on by it waits until the former member has let go of it."""
    world.change(campaigns=Campaigns(on_remote_removal=rule))
    lead_id = world.lead("ada@example.com")
    ((bob, there),) = world.linked("bob@example.com")
    record_id = followed(world)
    row_id = world.their_member(record_id, lead_id, "Attended")
    own = world.their_member(record_id, there, "Registered")
    world.rest()
    world.org.delete(own)
    world.org.convert(lead_id, contact_id=there)
    world.wait(1)

    world.cut_the_power_after(writes)
    with suppress(PowerCutError):
        world.sync()
    world.start_again()
    world.rest()

    members = world.people.page("launch", limit=9).items
    assert [one.contact_id for one in members if one.counterpart] == [bob]
    assert world.row_followed(bob) == row_id


def _each_with_the_others_row(world: Story) -> dict[str, str]:
    """Return the rows of two contacts, each of whom follows that of the other; both are read."""
    people = world.linked("ada@example.com", "bob@example.com")
    record_id = followed(world)
    rows = {each: world.their_member(record_id, there, "Sent") for each, there in people}
    world.rest()
    ada, bob = (world.member("launch", each) for each in rows)
    world.people.save_many(
        [replace(ada, counterpart=bob.counterpart), replace(bob, counterpart=ada.counterpart)]
    )
    for row_id in rows.values():
        world.org.edit(row_id, {"Status": "Attended"})
    world.wait(1)
    return rows


@pytest.mark.parametrize("writes", range(8))
def test_two_have_each_others_rows_and_the_process_dies(world: Story, writes: int) -> None:
    """Neither can let go first, so it is asked once more who else follows either row."""
    rows = _each_with_the_others_row(world)

    world.cut_the_power_after(writes)
    with suppress(PowerCutError):
        world.sync()
    world.start_again()
    world.rest()

    assert {each: world.row_followed(each) for each in rows} == rows
    assert world.members_here() == dict.fromkeys(rows, "Attended")
    assert not world.people.page("outside:launch", limit=9).items


@pytest.mark.parametrize("place", [0, 1])
def test_two_have_each_others_rows_while_somebody_moves_one(world: Story, place: int) -> None:
    """The other one was stored already, and its row is asked about once more."""
    rows = _each_with_the_others_row(world)
    moved = [*rows][place]
    wishes = ["No show"]

    def somebody_moves(name: str) -> None:
        if name == "members.save" and wishes:
            world.wish(moved, status=wishes.pop())

    world.rival = somebody_moves
    world.rest()

    assert {each: world.row_followed(each) for each in rows} == rows
    assert world.members_here() == {
        each: "No show" if each == moved else "Attended" for each in rows
    }


@pytest.mark.parametrize("rule", [OnRemoteRemoval.REMOVE, OnRemoteRemoval.KEEP])
def test_a_row_goes_over_to_another_contact_while_somebody_moves_the_first(
    world: Story, rule: OnRemoteRemoval
) -> None:
    """Whoever has the row now waits until the first one has let go of it."""
    world.change(campaigns=Campaigns(on_remote_removal=rule))
    lead_id = world.lead("ada@example.com")
    ((bob, there),) = world.linked("bob@example.com")
    ada = world.of(lead_id).id
    row_id = world.their_member(followed(world), lead_id, "Registered")
    world.rest()
    world.org.convert(lead_id, contact_id=there)
    world.wait(30)

    wishes = ["Attended"]

    def somebody_moves(name: str) -> None:
        if name in {"members.delete", "members.save"} and wishes:
            world.wish(ada, status=wishes.pop())

    world.rival = somebody_moves
    world.sync()

    members = world.people.page("launch", limit=9).items
    followers = [one.contact_id for one in members if one.counterpart]
    assert followers == [bob]
    assert world.row_followed(bob) == row_id
    assert world.member("launch", ada).status == "Attended"


@pytest.mark.failure("F55")
@pytest.mark.parametrize("rule", [OnRemoteRemoval.REMOVE, OnRemoteRemoval.KEEP])
@pytest.mark.parametrize("crashes", [False, True])
def test_a_row_goes_over_in_the_run_that_has_read_it_to_somebody_who_goes_out(
    rule: OnRemoteRemoval, *, crashes: bool
) -> None:
    """It is adopted, and its former member, whom the index does not know yet, lets go of it."""
    world = Story(lagging_index=True)
    world.change(campaigns=Campaigns(on_remote_removal=rule))
    (ada, winner), (_, loser) = world.linked("ada@example.com", "bob@example.com")
    row_id = world.their_member(followed(world), loser, "Registered")
    world.wish(ada, status="Attended")

    def somebody_merges(name: str) -> None:
        if name == "CampaignMember.insert" and not world.org.row(loser)["IsDeleted"]:
            world.org.merge(winner, loser)

    world.rival = somebody_merges
    if crashes:
        world.on_write["campaigns.update"] = lambda: world.cut_the_power_after(1)
    world.people.catch_up()
    with pytest.raises(PowerCutError) if crashes else nullcontext():
        world.sync()
    world.start_again()
    world.pull()
    for _ in range(3):
        world.wait(30)
        world.people.catch_up()
        world.sync()

    members = world.people.page("launch", limit=9).items
    assert [one.contact_id for one in members if one.counterpart] == [ada]
    assert world.row_followed(ada) == row_id
    assert world.org.row(row_id)["Status"] == "Attended"


@pytest.mark.failure("F55")
def test_the_record_of_a_contact_that_was_deleted_here_becomes_another_ones(
    world: CampaignWorld,
) -> None:
    """As the winner of a merge; its row, which nothing touches, makes that contact a member."""
    ((ada, winner), (bob, loser)) = world.linked("ada@example.com", "bob@example.com")
    record_id = world.their_campaign(labels=["Attended"])
    row_id = world.their_member(record_id, winner, "Attended")
    world.campaign(to=record_id)
    world.sync()
    world.wait(60)
    world.delete(ada)
    world.wait(60)
    world.sync()
    assert world.members_here() == {}

    world.org.merge(winner, loser)
    world.wait(60)
    world.pull()
    world.wait(6 * 60)
    world.sync()

    assert world.of(winner).id == bob
    assert world.members_here() == {bob: "Attended"}
    member = world.member("launch", bob)
    assert member.counterpart
    assert (member.counterpart.record_id, member.counterpart.person_id) == (row_id, winner)
    assert world.members_there(record_id) == {winner: "Attended"}
    assert Reason.NOT_A_CONTACT not in world.reasons()


def test_somebody_outside_was_merged_and_comes_apart_again(world: Story) -> None:
    """With a row of its own it goes on being awaited."""
    winner, loser = world.person("ada@example.com"), world.person("eve@example.com")
    world.wait(1)
    world.pull()
    world.org.merge(winner, loser)
    world.wait(1)
    world.pull()
    assert world.links.get_many([loser])[loser].state is LinkState.MERGED
    record_id = followed(world)
    world.org.edit(loser, {"IsDeleted": False, "MasterRecordId": None})
    world.their_member(record_id, loser, "Attended")

    world.rest()
    world.wait(60)
    world.sync()
    assert world.people.get_many([MemberKey("outside:launch", loser)])
    world.pull()
    world.wait(400)
    world.sync()

    assert world.members_here() == {world.of(loser).id: "Attended"}


def test_a_row_is_read_before_the_conversion_that_gives_it_to_another(world: Story) -> None:
    """Whose it is in the end, the links tell once the conversion is known."""
    record_id = followed(world)
    first, second = world.lead("ada@example.com"), world.lead("bob@example.com")
    world.wait(1)
    world.pull()
    ada = world.of(first).id
    row_id = world.their_member(record_id, second, "Attended")
    contact_id = world.org.convert(first)
    world.org.convert(second, contact_id=contact_id)
    # Past every overlap.
    for _ in range(2):
        world.wait(30)
        world.sync()
    world.pull()
    assert world.of(contact_id).id == ada

    world.wait(60)
    world.rest()

    assert world.members_here() == {ada: "Attended"}
    held = world.member("launch", ada).counterpart
    assert held
    assert held.record_id == row_id
