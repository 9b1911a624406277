"""Both halves together: what people do by the API, and what the sync makes of it."""

from datetime import timedelta

import pytest

from counterpart.domain.campaign_edits import SyncWish
from counterpart.domain.campaigns import SyncOption
from counterpart.domain.memberships import MemberAct
from counterpart.domain.records import CampaignObject
from counterpart.domain.waiting import Lane
from counterpart.use_cases.campaign_sync_ports import stream_of
from tests.use_cases.storytelling import NONE, Story


@pytest.fixture
def story() -> Story:
    """Return a world with one campaign that does not sync."""
    world = Story()
    world.campaign()
    return world


def test_the_whole_way(story: Story) -> None:
    """Added, moved and removed here; each arrives there, and nothing is written twice."""
    ((ada, person),) = story.linked("ada@example.com")
    record_id = story.their_campaign(labels=["Registered", "Attended"])
    story.choose_by(story.existing(record_id))
    story.wish(ada)
    story.rest()
    assert story.members_there(record_id) == {person: "Registered"}

    story.wish(ada, status="Attended", automated=True)
    story.rest()
    assert story.members_there(record_id) == {person: "Attended"}

    story.wish(ada, act=MemberAct.REMOVE)
    story.rest()
    assert story.members_there(record_id) == {}
    assert story.people.page("launch", limit=9).items == []


def test_what_was_edited_while_nothing_synced_goes_out_afterwards(story: Story) -> None:
    """Choosing the same campaign again goes on where it stopped."""
    ((ada, person),) = story.linked("ada@example.com")
    record_id = story.their_campaign(labels=["Registered", "Attended"])
    story.choose_by(story.existing(record_id))
    story.wish(ada)
    story.rest()
    story.choose_by(NONE)
    story.wait(1)
    story.wish(ada, status="Attended")
    story.rest()
    assert story.members_there(record_id) == {person: "Registered"}

    story.choose_by(story.existing(record_id))
    story.rest()

    assert story.members_there(record_id) == {person: "Attended"}
    assert story.members_here() == {ada: "Attended"}


def test_another_choice_leaves_the_first_campaign_alone(story: Story) -> None:
    """Its members stay as they are; those of the other one come in, and ours go out."""
    (ada, person), (bob, other) = story.linked("ada@example.com", "bob@example.com")
    first = story.their_campaign("First", labels=["Registered", "Attended"])
    second = story.their_campaign("Second", labels=["Registered", "Attended"])
    story.their_member(second, other, "Attended")
    story.choose_by(story.existing(first))
    story.wish(ada)
    story.rest()

    story.choose_by(story.existing(second))
    story.rest()

    assert story.members_there(first) == {person: "Registered"}
    assert story.members_there(second) == {person: "Registered", other: "Attended"}
    assert story.members_here() == {ada: "Registered", bob: "Attended"}


def test_a_removal_is_not_meant_for_what_is_chosen_later(story: Story) -> None:
    """It was to cross to another campaign; who is a member of the new one comes in."""
    ((ada, person),) = story.linked("ada@example.com")
    first = story.their_campaign("First", labels=["Registered"])
    second = story.their_campaign("Second", labels=["Registered"])
    story.their_member(second, person, "Registered")
    story.choose_by(story.existing(first))
    story.wish(ada)
    story.rest()
    story.wish(ada, act=MemberAct.REMOVE)
    story.wait(1)

    story.choose_by(story.existing(second))
    story.rest()

    assert story.members_there(second) == {person: "Registered"}
    assert story.members_here() == {ada: "Registered"}


@pytest.mark.parametrize("names", [("launch", "fair"), ("fair", "launch")])
def test_another_campaign_syncs_with_what_one_was_synced_with(
    story: Story, names: tuple[str, str]
) -> None:
    """A row that goes is lost by its own member, whatever another one was linked to before."""
    former, latter = names
    story.campaign("fair")
    ((ada, person),) = story.linked("ada@example.com")
    first = story.their_campaign("First", labels=["Registered"])
    second = story.their_campaign("Second", labels=["Registered"])
    row_id = story.their_member(first, person, "Registered")
    story.choose_by(story.existing(first), former)
    story.rest()
    # So that nobody goes out to the second one, and what is known of the first one stays.
    story.switch_outbound(on=False)
    story.choose_by(story.existing(second), former)
    story.choose_by(story.existing(first), latter)
    story.rest()
    linked = [story.member(each, ada).counterpart for each in names]
    assert [each and each.record_id for each in linked] == [row_id, row_id]

    story.org.delete(person)
    story.wait()
    story.pull()
    story.rest()

    assert story.members_here(former) == {ada: "Registered"}
    assert story.members_here(latter) == {}


def test_a_campaign_that_is_chosen_again_is_read_wholly(story: Story) -> None:
    """Who was removed while another one was chosen is a member there still, and comes in again."""
    ((ada, person),) = story.linked("ada@example.com")
    first = story.their_campaign("First", labels=["Registered"])
    second = story.their_campaign("Second", labels=["Registered"])
    story.their_member(first, person, "Registered")
    story.choose_by(story.existing(first))
    story.rest()
    assert story.members_here() == {ada: "Registered"}
    story.choose_by(story.existing(second))
    story.rest()
    story.wish(ada, act=MemberAct.REMOVE)
    story.rest()
    assert story.members_here() == {}
    # More than what windows read once more.
    story.wait(60)

    story.choose_by(story.existing(first))
    story.rest()

    assert story.members_there(first) == {person: "Registered"}
    assert story.members_here() == {ada: "Registered"}


def test_a_campaign_that_is_chosen_again_waits_for_a_run_that_reads_it(story: Story) -> None:
    """Two that read the same stream would hide from one another how far they have come."""
    ((ada, person),) = story.linked("ada@example.com")
    record_id = story.their_campaign(labels=["Registered"])
    story.their_member(record_id, person, "Registered")
    story.choose_by(story.existing(record_id))
    story.rest()
    story.choose_by(NONE)
    story.wait(1)
    story.choose_by(story.existing(record_id))
    lasts = timedelta(minutes=30)
    lease = story.streams.acquire(stream_of("launch", record_id), now=story.now, lasts=lasts)
    assert lease

    story.sync()
    assert story.the_campaign().counterpart is None
    story.streams.release(lease)
    story.sync()

    assert story.the_campaign().counterpart
    assert story.members_here() == {ada: "Registered"}


def test_a_campaign_that_was_made_and_is_found_again_keeps_its_statuses(story: Story) -> None:
    """What people have added there since is theirs, be it used or not."""
    new = SyncWish(option=SyncOption.NEW)
    story.choose_by(new)
    story.rest()
    counterpart = story.the_campaign().counterpart
    assert counterpart
    record_id = counterpart.record_id
    vip = {"CampaignId": record_id, "Label": "VIP", "SortOrder": 90, "HasResponded": True}
    story.org.add(CampaignObject.STATUS, vip)
    there = story.statuses_there(record_id)
    story.choose_by(NONE)
    story.rest()

    story.choose_by(new)
    story.rest()

    again = story.the_campaign().counterpart
    assert again
    assert again.record_id == record_id
    assert story.statuses_there(record_id) == there
    assert ("VIP", False, True) in there


def test_a_status_is_replaced_by_one_that_is_there(story: Story) -> None:
    """Every member goes out with it, by itself."""
    ((ada, person),) = story.linked("ada@example.com")
    record_id = story.their_campaign(labels=["Registered", "No show", "Attended"])
    story.choose_by(story.existing(record_id))
    story.wish(ada, status="No show")
    story.rest()

    story.replace_status("No show", "Registered")
    story.rest()

    assert story.members_there(record_id) == {person: "Registered"}
    assert story.members_here() == {ada: "Registered"}


def test_a_status_gets_another_name(story: Story) -> None:
    """Where Salesforce has the old name alone, that goes on to stand for the new one."""
    ((ada, person), (bob, other)) = story.linked("ada@example.com", "bob@example.com")
    record_id = story.their_campaign(labels=["Registered", "No show", "Attended"])
    story.choose_by(story.existing(record_id))
    story.wish(ada, status="No show")
    story.rest()
    story.replace_status("No show", "Absent", "Absent")
    story.rest()
    story.their_member(record_id, other, "No show")
    story.rest()

    assert story.members_here() == {ada: "Absent", bob: "Absent"}
    assert story.members_there(record_id) == {person: "No show", other: "No show"}

    story.wish(bob, status="Attended")
    story.wish(ada, status="Registered")
    story.rest()
    story.wish(ada, status="Absent")
    story.rest()
    assert story.members_there(record_id) == {person: "No show", other: "Attended"}


def test_two_contacts_are_merged_here(story: Story) -> None:
    """The survivor has the status that is further along, and so has its row."""
    (ada, person), (bob, other) = story.linked("ada@example.com", "bob@example.com")
    record_id = story.their_campaign(labels=["Registered", "Attended"])
    story.choose_by(story.existing(record_id))
    story.wish(ada)
    story.wish(bob, status="Attended")
    story.rest()

    story.merge(ada, bob)
    story.rest()

    assert story.members_here() == {ada: "Attended"}
    assert story.members_there(record_id) == {person: "Attended", other: "Attended"}


def test_a_campaign_that_nobody_syncs_any_more_costs_nothing(story: Story) -> None:
    """What waits in it waits until somebody chooses again."""
    ((ada, _),) = story.linked("ada@example.com")
    record_id = story.their_campaign(labels=["Registered"])
    story.choose_by(story.existing(record_id))
    story.wish(ada)
    story.choose_by(NONE)

    story.rest()

    assert story.members_there(record_id) == {}
    assert story.people.waiting(
        "launch", Lane.FRESH, until=story.now + timedelta(days=1), limit=9
    ) == [ada]
