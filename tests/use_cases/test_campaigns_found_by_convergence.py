"""What histories of campaigns have found, each as short as it can be told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from counterpart.domain.campaigns import StatusMap
from counterpart.domain.links import LinkState
from counterpart.domain.members import MemberKey
from counterpart.domain.memberships import MemberAct
from counterpart.domain.records import CampaignObject
from counterpart.domain.sync_settings import SyncSettings
from tests.use_cases.campaigning import a_member_field
from tests.use_cases.test_campaign_stories import Story
from tests.use_cases.test_memberships_come_back import Pair
from tests.use_cases.world import PowerCutError


@pytest.fixture
def world() -> Story:
    """Return a world at noon."""
    return Story()


def followed(world: Story, *labels: str) -> str:
    """Return a campaign there that ours has followed for a while."""
    record_id = world.their_campaign(labels=labels or ["Registered", "Attended", "VIP"])
    world.campaign(to=record_id)
    world.sync()
    world.wait(30)
    return record_id


def the_row(world: Story) -> dict[str, object]:
    """Return the one member there."""
    (row,) = (each for each in world.org.rows(CampaignObject.MEMBER) if not each["IsDeleted"])
    return row


def test_the_answer_to_a_new_member_is_lost(world: Story) -> None:
    """The status that ours fell back to there is no news from there, and ours stays."""
    ((ada, _),) = world.linked("ada@example.com")
    followed(world)
    world.wish(ada, status="No show")
    world.salesforce.lose_answers()

    world.rest()

    assert the_row(world)["Status"] == "Sent"
    assert world.members_here() == {ada: "No show"}
    assert world.member("launch", ada).waiting is None


def test_the_answer_to_the_first_status_of_a_row_is_lost(world: Story) -> None:
    """Where both were members before they met."""
    ((ada, there),) = world.linked("ada@example.com")
    record_id = followed(world)
    row_id = world.their_member(record_id, there, "VIP")
    world.wait(1)
    world.wish(ada, status="No show")
    world.wait(1)
    world.salesforce.lose_answers()

    world.rest()

    assert world.org.row(row_id)["Status"] == "Sent"
    assert world.members_here() == {ada: "No show"}


def test_who_became_a_member_there_later_is_what_it_is_there(world: Story) -> None:
    """If that is nothing that ours falls back to."""
    ((ada, there),) = world.linked("ada@example.com")
    record_id = followed(world)
    world.wish(ada, status="No show")
    world.wait(1)
    world.their_member(record_id, there, "Attended")

    world.rest()

    assert world.members_here() == {ada: "Attended"}


def test_a_status_is_left_and_taken_up_again(world: Story) -> None:
    """What stood behind the fallback is replaced: somebody here has chosen by now."""
    ((ada, there),) = world.linked("ada@example.com")
    record_id = followed(world)
    row_id = world.their_member(record_id, there, "No such")
    world.org.edit(row_id, {"Status": "VIP"})
    world.rest()
    assert world.members_here() == {ada: "Registered"}

    world.wish(ada, act=MemberAct.CHANGE, status="Attended")
    world.wait(1)
    world.wish(ada, act=MemberAct.CHANGE, status="Registered")
    world.rest()

    assert world.org.row(row_id)["Status"] == "Registered"
    assert world.members_here() == {ada: "Registered"}


def test_somebody_is_removed_and_added_again_with_the_status_of_before(world: Story) -> None:
    """What stood behind the fallback is replaced, as somebody has named it."""
    ((ada, there),) = world.linked("ada@example.com")
    record_id = followed(world)
    row_id = world.their_member(record_id, there, "VIP")
    world.rest()

    world.wish(ada, act=MemberAct.REMOVE)
    world.wait(1)
    world.wish(ada, status="Registered")
    world.rest()

    assert world.org.row(row_id)["Status"] == "Registered"
    assert world.members_here() == {ada: "Registered"}


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

    held = world.member("launch", ada).counterpart
    assert held
    assert held.record_id == own_row_id
    assert world.members_here() == {ada: "Attended", world.of(bob_there).id: "Registered"}


def test_a_status_is_taken_up_again_while_the_answer_is_lost(world: Story) -> None:
    """What it was in between comes back from there, and is older than what it is now."""
    ((ada, there),) = world.linked("ada@example.com")
    record_id = followed(world)
    row_id = world.their_member(record_id, there, "Registered")
    world.rest()
    world.wish(ada, act=MemberAct.CHANGE, status="Attended")
    world.salesforce.lose_answers()
    world.sync()
    assert world.org.row(row_id)["Status"] == "Attended"

    world.wait(1)
    world.wish(ada, act=MemberAct.CHANGE, status="Registered")
    world.rest()

    assert world.org.row(row_id)["Status"] == "Registered"
    assert world.members_here() == {ada: "Registered"}


def test_an_older_change_commits_after_ours_was_agreed_upon(world: Story) -> None:
    """It is the older one, although nothing of ours had to be written."""
    ((ada, there),) = world.linked("ada@example.com")
    record_id = followed(world)
    row_id = world.their_member(record_id, there, "Sent")
    world.rest()
    late = world.now + timedelta(minutes=8)
    world.org.edit(row_id, {"Status": "VIP"}, commit_at=late)
    world.wait(5)
    world.wish(ada, act=MemberAct.CHANGE, status="No show")
    world.sync()
    agreed = world.member("launch", ada).counterpart
    assert agreed
    assert agreed.agreed
    assert (agreed.agreed.ours, agreed.agreed.theirs) == ("No show", "Sent")

    world.rest()

    assert world.org.row(row_id)["Status"] == "Sent"
    assert world.members_here() == {ada: "No show"}


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
    assert [*world.people.find_by_record([row_id])] == [row_id]


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

    held = world.member("launch", ada).counterpart
    assert held
    assert held.record_id == row_id
    assert world.org.row(row_id)["Status"] == "VIP"
    assert world.members_here() == {ada: "Registered"}


def test_the_map_says_otherwise_than_the_labels_while_the_answer_is_lost(world: Story) -> None:
    """What we wrote ourselves is not translated back."""
    ((ada, _),) = world.linked("ada@example.com")
    record_id = world.their_campaign(labels=["Registered", "Attended"])
    world.campaign(to=record_id, by_hand=StatusMap(to_ours={"Registered": "No show"}))
    world.sync()
    world.wait(30)
    world.wish(ada, status="Registered")
    world.salesforce.lose_answers()

    world.rest()

    assert world.members_here() == {ada: "Registered"}


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


def called_off() -> tuple[Story, str, str]:
    """Return a world, a contact and its row: it was removed while nothing goes out."""
    world = Story(SyncSettings(member_fields=(a_member_field(),)))
    ((ada, there),) = world.linked("ada@example.com")
    record_id = followed(world)
    row_id = world.their_member(record_id, there, "Registered", Table__c="4")
    world.rest()
    world.change(outbound=replace(world.settings.current().outbound, enabled=False))
    world.wait(1)
    world.wish(ada, act=MemberAct.REMOVE)
    world.rest()
    return world, ada, row_id


def test_who_is_added_again_has_what_the_row_was_given_meanwhile() -> None:
    """It was read while the member was removed, and nothing reads it a second time."""
    world, ada, row_id = called_off()
    world.org.edit(row_id, {"Status": "Attended", "Table__c": "7"})
    world.rest()
    assert world.members_here() == {}

    # Past every overlap.
    world.wait(30)
    world.wish(ada, fields={"table": "9"})
    world.rest()

    member = world.member("launch", ada)
    assert member.ledger.values == {"table": "9"}
    assert member.ledger.shadows == {"table": "7"}
    assert member.counterpart
    assert member.counterpart.agreed
    assert member.counterpart.agreed.theirs == "Attended"


def test_a_row_that_is_read_again_says_nothing_new_of_who_was_removed() -> None:
    """The removal stays called off, and is not written again."""
    world, ada, row_id = called_off()
    world.org.edit(row_id, {"Table__c": "7"})
    world.rest()
    before = world.member("launch", ada)

    world.org.touch(row_id)
    world.rest()

    assert world.member("launch", ada) == before
    assert before.waiting is None
    assert not before.present


def test_who_was_removed_is_added_there_by_a_further_record() -> None:
    """The removal is called off, and the contact's own row is followed, which is there still."""
    pair = Pair()
    pair.merge()
    world = pair.world
    row_id = world.their_member(pair.record_id, pair.adas, "Attended")
    pair.run()
    world.remove("launch", pair.ada)
    world.wait(1)
    world.their_member(pair.record_id, pair.bobs, "Attended")

    pair.run()

    held = world.member("launch", pair.ada).counterpart
    assert held
    assert held.record_id == row_id
    assert pair.here == {"ada": "Attended"}
    assert pair.there == {"ada": "Attended", "bob": "Attended"}
    assert pair.rests()


def test_the_own_row_is_gone_of_who_was_removed_and_added_by_a_further_record() -> None:
    """Then the further row is the one to follow."""
    pair = Pair()
    pair.merge()
    world = pair.world
    row_id = world.their_member(pair.record_id, pair.adas, "Attended")
    pair.run()
    world.remove("launch", pair.ada)
    world.wait(1)
    further = world.their_member(pair.record_id, pair.bobs, "Attended")
    world.org.delete(row_id)

    pair.run()

    held = world.member("launch", pair.ada).counterpart
    assert held
    assert held.record_id == further
    assert pair.there == {"bob": "Attended"}


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
