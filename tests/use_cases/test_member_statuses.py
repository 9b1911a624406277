"""Statuses that only one side has: what a member falls back to there or here, and what it keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from counterpart.domain.campaign_types import TypeEdit
from counterpart.domain.campaigns import MemberStatus, StatusMap
from counterpart.domain.memberships import MemberAct
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import CampaignObject
from counterpart.use_cases.edit_campaign_types import change_type
from tests.use_cases.campaigning import WEBINAR, CampaignWorld
from tests.use_cases.storytelling import Story, a_pair, followed
from tests.use_cases.world import MINUTE

# Salesforce's clock, of ours.
_AHEAD = timedelta(seconds=45)


@pytest.fixture
def world() -> Story:
    """Return a world at noon."""
    return Story()


# --- A status that the other side lacks -----------------------------------------------------------


@pytest.mark.failure("F46")
def test_an_unknown_status_there_becomes_our_default_and_stays_there(
    world: CampaignWorld,
) -> None:
    """The source status is remembered: a fallback is no change of ours."""
    ada, row_id, _ = a_pair(world, "Attended")
    world.org.edit(row_id, {"Status": "VIP"})
    world.wait(5)

    world.sync()
    world.wait(5)
    world.sync()

    assert world.members_here() == {ada: "Registered"}
    assert world.org.row(row_id)["Status"] == "VIP"


@pytest.mark.failure("F46")
def test_an_unknown_status_here_becomes_their_default_and_stays_here(
    world: CampaignWorld,
) -> None:
    """Its neighbours are not concerned."""
    (ada, ada_there), (bob, bob_there) = world.linked("ada@example.com", "bob@example.com")
    record_id = world.their_campaign(labels=["Attended"])
    world.campaign(to=record_id)
    world.join("launch", ada, "No show")
    world.join("launch", bob, "Attended")

    world.sync()
    world.wait(5)
    world.sync()

    assert world.members_there(record_id) == {ada_there: "Sent", bob_there: "Attended"}
    assert world.members_here() == {ada: "No show", bob: "Attended"}
    assert Reason.STATUS_UNKNOWN in world.reasons()


@pytest.mark.failure("F46")
def test_a_status_that_is_replaced_without_a_word_is_read_back(world: CampaignWorld) -> None:
    """Somebody deletes the status between our look at it and our write."""
    ada, row_id, record_id = a_pair(world)
    world.move("launch", ada, "Attended")

    def take_away(name: str) -> None:
        for row in list(world.org.rows(CampaignObject.STATUS)):
            if name == "campaigns.update" and row["Label"] == "Attended":
                world.org.delete(row["Id"])

    world.rival = take_away

    world.sync()

    member = world.member("launch", ada)
    assert member.counterpart
    assert member.counterpart.agreed
    assert (member.counterpart.agreed.ours, member.counterpart.agreed.theirs) == (
        "Attended",
        "Sent",
    )
    assert world.members_there(record_id)
    assert world.org.row(row_id)["Status"] == "Sent"
    assert Reason.STATUS_REPLACED in world.reasons()


def test_a_map_by_hand_comes_before_the_labels(world: CampaignWorld) -> None:
    """In both directions."""
    (ada, ada_there), (bob, bob_there) = world.linked("ada@example.com", "bob@example.com")
    record_id = world.their_campaign(labels=["VIP"])
    world.their_member(record_id, ada_there, "VIP")
    by_hand = StatusMap(to_theirs={"No show": "Responded"}, to_ours={"VIP": "Attended"})
    world.campaign(to=record_id, by_hand=by_hand)
    world.join("launch", bob, "No show")

    world.sync()

    assert world.members_here() == {ada: "Attended", bob: "No show"}
    assert world.members_there(record_id)[bob_there] == "Responded"


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


def test_a_status_that_is_spelt_otherwise_is_no_change(world: Story) -> None:
    """Case tells no two statuses apart, so nobody has to go out for it."""
    ada, row_id, _ = a_pair(world, "Attended")
    shouted = replace(
        WEBINAR,
        statuses=(
            MemberStatus(label="Registered"),
            MemberStatus(label="ATTENDED", success=True),
            MemberStatus(label="No show"),
        ),
        version=world.kinds.get_many([WEBINAR.id])[WEBINAR.id].version,
    )
    world.kinds.save(shouted)
    world.org.edit(row_id, {"Table__c": "12"})
    world.now += MINUTE

    world.sync()
    report = world.sync()

    assert world.member("launch", ada).waiting is None
    assert report.api_calls == 1


def test_a_fallback_is_not_sent_when_the_default_is_given_another_name(world: Story) -> None:
    """Whoever had the default by choice goes along; what only Salesforce knows stays there."""
    (ada, ada_there), (bob, bob_there) = world.linked("ada@example.com", "bob@example.com")
    record_id = world.their_campaign(labels=["Registered", "Signed up", "VIP"])
    world.their_member(record_id, ada_there, "VIP")
    world.their_member(record_id, bob_there, "Registered")
    world.campaign(to=record_id)
    world.sync()
    world.wait(20)
    edit = TypeEdit(
        statuses=[MemberStatus(label="Signed up"), *WEBINAR.statuses[1:]],
        replacements={"Registered": "Signed up"},
    )
    change_type(WEBINAR.id, edit, version=None, now=world.now, stores=world.campaigns)

    world.rest(apart=20)

    assert world.members_here() == {ada: "Signed up", bob: "Signed up"}
    assert world.members_there(record_id) == {ada_there: "VIP", bob_there: "Signed up"}

    world.wish(ada, status="Attended")
    world.rest(apart=20)
    world.wish(ada, status="Signed up")
    world.rest(apart=20)
    assert world.members_there(record_id)[ada_there] == "Signed up"


# --- An answer that is lost, or a change that comes late ------------------------------------------


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


@pytest.mark.parametrize(("first", "there"), [("Attended", "Attended"), ("No show", "Sent")])
def test_a_new_member_is_moved_on_while_the_answer_is_lost(
    world: Story, first: str, there: str
) -> None:
    """What we wrote looks later than what it is now, by a clock that is ahead."""
    ((ada, _),) = world.linked("ada@example.com")
    followed(world)
    world.wish(ada, status=first)
    world.wait(1)
    world.salesforce.lose_answers()
    world.sync()
    assert the_row(world)["Status"] == there

    world.now -= _AHEAD
    world.wish(ada, act=MemberAct.CHANGE, status="Registered")
    world.now += _AHEAD
    world.rest()

    assert the_row(world)["Status"] == "Registered"
    assert world.members_here() == {ada: "Registered"}
    assert world.member("launch", ada).passing == ()


def test_a_status_is_put_back_while_a_clock_is_ahead(world: Story) -> None:
    """What it was in between looks later than what it is now, and is ours all the same."""
    ada, row_id, _ = a_pair(world)
    world.wish(ada, act=MemberAct.CHANGE, status="Attended")
    world.salesforce.lose_answers()
    world.sync()

    world.now -= _AHEAD
    world.wish(ada, act=MemberAct.CHANGE, status="Registered")
    world.now += _AHEAD
    world.rest()

    assert world.org.row(row_id)["Status"] == "Registered"
    assert world.members_here() == {ada: "Registered"}
    assert Reason.BOTH_CHANGED not in world.reasons()


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
