"""Campaigns in step while somebody acts at the very same moment, or has switched outbound off."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from counterpart.domain.campaigns import SyncOption
from counterpart.domain.mapping import ConflictPolicy
from counterpart.domain.memberships import MemberAct
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import CampaignObject
from counterpart.domain.sync_settings import Campaigns, SyncSettings
from tests.use_cases.campaigning import a_member_field
from tests.use_cases.storytelling import NONE, Story, a_pair, followed

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def world() -> Story:
    """Return a world at noon."""
    return Story()


# --- Outbound is off, or was ----------------------------------------------------------------------


def test_no_campaign_is_made_while_outbound_is_off(world: Story) -> None:
    """The choice stands, and is carried out once it is on again."""
    world.switch_outbound(on=False)
    world.campaign(new=True)

    report = world.sync()

    assert world.org.rows(CampaignObject.CAMPAIGN) == []
    assert report.skipped == {Reason.OUTBOUND_DISABLED: 1}

    world.switch_outbound(on=True)
    world.sync()
    assert world.the_campaign().counterpart


def test_no_status_is_made_while_outbound_is_off(world: Story) -> None:
    """What is there comes in all the same, and somebody is told."""
    world.change(campaigns=Campaigns(create_missing_statuses=True))
    world.switch_outbound(on=False)
    record_id = world.their_campaign()
    before = world.statuses_there(record_id)
    world.campaign(to=record_id)

    world.sync()

    assert world.statuses_there(record_id) == before
    assert world.the_campaign().counterpart
    assert Reason.STATUS_NOT_CREATED in world.reasons()


def test_a_status_from_a_pause_stays_here_when_its_row_is_read_again(world: Story) -> None:
    """What somebody else changes in the row sends nothing after."""
    ada, row_id, _ = a_pair(world)
    world.switch_outbound(on=False)
    world.wish(ada, status="Attended")
    world.sync()
    world.wait(5)
    world.switch_outbound(on=True)
    world.wait(5)
    world.org.edit(row_id, {"Table__c": "12"})

    world.rest(apart=20)

    assert world.org.row(row_id)["Status"] == "Registered"
    assert world.members_here() == {ada: "Attended"}
    assert world.member("launch", ada).waiting is None


def test_a_removal_from_a_pause_stays_here_when_its_row_is_read_again(world: Story) -> None:
    """Nobody is removed there for what was called off."""
    ada, row_id, record_id = a_pair(world)
    world.switch_outbound(on=False)
    world.wish(ada, act=MemberAct.REMOVE)
    world.sync()
    world.wait(5)
    world.switch_outbound(on=True)
    world.wait(5)
    world.org.edit(row_id, {"Status": "Attended"})

    world.rest(apart=20)

    assert list(world.members_there(record_id).values()) == ["Attended"]
    assert world.members_here() == {}


def test_who_becomes_a_member_there_brings_fields_from_before_outbound_was_on() -> None:
    """A row that is made has what ours has; there is nothing that it could replace."""
    world = Story(SyncSettings(member_fields=(a_member_field(),)))
    ((ada, _),) = world.linked("ada@example.com")
    world.campaign()
    world.switch_outbound(on=False)
    world.wish(ada, status="Attended", fields={"table": "12"})
    world.wait(5)
    world.switch_outbound(on=True)
    world.wait(5)
    world.choose("launch")

    world.rest(apart=20)

    (row,) = world.org.rows(CampaignObject.MEMBER)
    assert (row["Status"], row["Table__c"]) == ("Attended", "12")


def test_what_was_done_before_the_campaign_was_chosen_goes_out() -> None:
    """Also if outbound was switched on in between, and into a row that is there."""
    world = Story(SyncSettings(member_fields=(a_member_field(),)))
    ada, row_id, record_id = a_pair(world)
    world.choose_by(NONE)
    world.switch_outbound(on=False)
    world.wish(ada, status="Attended", fields={"table": "12"})
    world.wait(5)
    world.switch_outbound(on=True)
    world.wait(5)
    world.choose_by(world.existing(record_id))

    world.rest(apart=20)

    row = world.org.row(row_id)
    assert (row["Status"], row["Table__c"]) == ("Attended", "12")


def called_off() -> tuple[Story, str, str]:
    """Return a world, a contact and its row: it was removed while nothing goes out."""
    world = Story(SyncSettings(member_fields=(a_member_field(),)))
    ((ada, there),) = world.linked("ada@example.com")
    record_id = followed(world)
    row_id = world.their_member(record_id, there, "Registered", Table__c="4")
    world.rest()
    world.switch_outbound(on=False)
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


# --- Somebody acts meanwhile ----------------------------------------------------------------------


@pytest.mark.parametrize("status", ["Registered", "Attended"])
def test_who_is_added_again_while_the_removal_crosses_is_a_member(
    world: Story, status: str
) -> None:
    """Its row was deleted a moment too late, so another one is made."""
    ada, _, record_id = a_pair(world)
    world.wish(ada, act=MemberAct.REMOVE)
    world.on_write["campaigns.delete"] = lambda: world.wish(ada, status=status)

    world.rest(apart=20)

    assert world.members_here() == {ada: status}
    assert list(world.members_there(record_id).values()) == [status]


@pytest.mark.parametrize("status", ["Registered", "Attended"])
def test_who_is_added_again_after_a_crash_in_the_removal_is_a_member(
    world: Story, status: str
) -> None:
    """The row is gone for a removal that somebody has called off since."""
    ada, _, record_id = a_pair(world)
    world.wish(ada, act=MemberAct.REMOVE)

    def crash() -> None:
        raise KeyboardInterrupt

    world.on_write["campaigns.delete"] = crash
    with pytest.raises(KeyboardInterrupt):
        world.sync()
    world.wait(20)
    world.wish(ada, status=status)

    world.rest(apart=20)

    assert world.members_here() == {ada: status}
    assert list(world.members_there(record_id).values()) == [status]


def test_who_is_removed_while_the_row_is_made_stays_removed(world: Story) -> None:
    """The row is younger than the removal, and is ours all the same."""
    ((ada, _),) = world.linked("ada@example.com")
    record_id = world.their_campaign(labels=["Registered"])
    world.campaign(to=record_id)
    world.sync()
    world.wish(ada)

    def remove() -> None:
        world.wish(ada, act=MemberAct.REMOVE)
        world.wait(1)

    world.rival = _once("CampaignMember.insert", world, remove)
    world.rest(apart=20)

    assert world.members_here() == {}
    assert world.members_there(record_id) == {}


def test_who_is_removed_while_an_answer_is_lost_stays_removed(world: Story) -> None:
    """The row looks younger than the removal, by a clock that is ahead, and is our own."""
    ((ada, _),) = world.linked("ada@example.com")
    record_id = followed(world)
    world.wish(ada, status="Attended")
    world.salesforce.lose_answers()
    world.sync()
    assert list(world.members_there(record_id).values()) == ["Attended"]

    world.now -= timedelta(seconds=45)
    world.wish(ada, act=MemberAct.REMOVE)
    world.now += timedelta(seconds=45)
    world.rest()

    assert world.members_here() == {}
    assert world.members_there(record_id) == {}


def test_who_is_added_again_while_an_answer_is_lost_stays(world: Story) -> None:
    """The row was deleted for the removal, and looks as if that had come after the return."""
    ada, _, record_id = a_pair(world)
    world.wish(ada, act=MemberAct.REMOVE)
    world.salesforce.lose_answers()
    world.sync()
    assert world.members_there(record_id) == {}

    world.now -= timedelta(seconds=45)
    world.wish(ada)
    world.now += timedelta(seconds=45)
    world.rest()

    assert world.members_here() == {ada: "Registered"}
    assert list(world.members_there(record_id).values()) == ["Registered"]


@pytest.mark.parametrize("crossed", [False, True])
def test_who_is_removed_here_was_being_added_there(world: Story, *, crossed: bool) -> None:
    """The removal came later, though the row was not to be seen by then."""
    ((ada, there),) = world.linked("ada@example.com")
    record_id = followed(world)
    world.wish(ada)
    world.org.add(
        CampaignObject.MEMBER,
        {"CampaignId": record_id, "ContactId": there, "Status": "VIP"},
        commit_at=world.now + timedelta(minutes=10),
    )
    world.wait(1)
    world.wish(ada, act=MemberAct.REMOVE)
    if crossed:
        world.sync()
        assert world.members_there(record_id) == {}

    world.wait(10)
    world.rest()

    assert world.members_here() == {}
    assert world.members_there(record_id) == {}
    assert world.people.page("launch", limit=10).items == []


def test_a_removal_waits_as_long_as_somebody_may_be_added_there_unseen(world: Story) -> None:
    """And no longer: then nothing is left of it."""
    ((ada, _),) = world.linked("ada@example.com")
    followed(world)
    world.wish(ada)
    world.wait(1)
    world.wish(ada, act=MemberAct.REMOVE)

    world.wait(14)
    world.sync()
    (left,) = world.people.page("launch", limit=10).items
    assert not left.present
    world.wait(2)
    world.sync()

    assert world.people.page("launch", limit=10).items == []


def test_who_is_added_there_after_a_removal_that_is_waited_for(world: Story) -> None:
    """It is the later wish."""
    ((ada, there),) = world.linked("ada@example.com")
    record_id = followed(world)
    world.wish(ada)
    world.wait(1)
    world.wish(ada, act=MemberAct.REMOVE)
    world.sync()
    world.wait(5)
    world.their_member(record_id, there, "VIP")

    world.rest()

    assert world.members_here() == {ada: "Registered"}
    assert world.members_there(record_id) == {there: "VIP"}


def test_a_status_given_there_before_ours_is_read_back_comes_in(world: Story) -> None:
    """It is a person's change, not Salesforce's answer to our write."""
    ada, row_id, _ = a_pair(world)
    world.wish(ada, status="Attended")

    def go_home() -> None:
        world.wait(1)
        world.org.edit(row_id, {"Status": "No show"})

    world.on_write["campaigns.update"] = go_home
    world.rest(apart=20)

    assert world.org.row(row_id)["Status"] == "No show"
    assert world.members_here() == {ada: "No show"}
    assert Reason.STATUS_REPLACED not in world.reasons()


def test_a_status_given_there_right_after_the_first_meeting_comes_in() -> None:
    """Both had the same when it was decided that only a field is to be sent."""
    world = Story(SyncSettings(member_fields=(a_member_field(),)))
    ((ada, ada_there),) = world.linked("ada@example.com")
    record_id = world.their_campaign(labels=["Registered", "No show"])
    world.campaign(to=record_id)
    world.sync()
    world.wish(ada, fields={"table": "12"})

    def join_there() -> None:
        world.their_member(record_id, ada_there, "Registered")

    def go_home() -> None:
        world.wait(1)
        (row,) = world.org.rows(CampaignObject.MEMBER)
        world.org.edit(row["Id"], {"Status": "No show"})

    world.rival = _once("CampaignMember.insert", world, join_there)
    world.on_write["campaigns.update"] = go_home
    world.rest(apart=20)

    assert world.members_there(record_id) == {ada_there: "No show"}
    assert world.members_here() == {ada: "No show"}


@pytest.mark.parametrize("option", [SyncOption.NONE, SyncOption.EXISTING])
def test_a_choice_made_while_the_campaign_was_deleted_there_stands(
    world: Story, option: SyncOption
) -> None:
    """The run that sees the deletion has read the campaign before that."""
    _, _, record_id = a_pair(world)
    other = world.their_campaign("Other")
    wish = NONE if option is SyncOption.NONE else world.existing(other)
    world.org.delete(record_id)
    world.wait(1)
    world.rival = _once("campaigns.save", world, lambda: world.choose_by(wish))

    world.sync()

    sync = world.the_campaign().sync
    assert (sync.option, sync.record_id) == (option, wish.record_id)


def _once(name: str, world: Story, act: Callable[[], None]) -> Callable[[str], None]:
    """Return a rival who acts right before the first write of that name."""

    def rival(written: str) -> None:
        if name in written:
            world.rival = None
            act()

    return rival


@pytest.mark.parametrize(
    ("policy", "kept"),
    [(ConflictPolicy.THREE_WAY, "ours"), (ConflictPolicy.SALESFORCE_WINS, "theirs")],
)
def test_the_conflict_policy_holds_for_fields_of_members(policy: ConflictPolicy, kept: str) -> None:
    """It is one for the whole deployment."""
    world = Story(SyncSettings(member_fields=(a_member_field(),), conflict_policy=policy))
    ada, row_id, _ = a_pair(world)
    world.org.edit(row_id, {"Table__c": "theirs"})
    world.wait(1)
    world.wish(ada, fields={"table": "ours"})
    world.wait(1)

    world.rest(apart=20)

    assert world.org.row(row_id)["Table__c"] == kept
    assert world.member("launch", ada).ledger.values["table"] == kept
