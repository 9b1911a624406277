"""Campaigns in step while somebody acts at the very same moment, or has switched outbound off."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from counterpart.domain.campaign_types import TypeEdit
from counterpart.domain.campaigns import MemberStatus, SyncOption
from counterpart.domain.mapping import ConflictPolicy
from counterpart.domain.memberships import MemberAct
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import CampaignObject
from counterpart.domain.sync_settings import Campaigns, SyncSettings
from counterpart.use_cases.edit_campaign_types import change_type
from tests.use_cases.campaigning import WEBINAR, a_member_field
from tests.use_cases.test_campaign_stories import NONE, Story
from tests.use_cases.world import MINUTE

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def world() -> Story:
    """Return a world at noon."""
    return Story()


def a_pair(world: Story, status: str = "Registered") -> tuple[str, str, str]:
    """Return a contact that is a member on both sides, its row and the campaign there."""
    ((ada, ada_there),) = world.linked("ada@example.com")
    record_id = world.their_campaign(labels=["Registered", "No show", "Attended"])
    row_id = world.their_member(record_id, ada_there, status)
    world.campaign(to=record_id)
    world.sync()
    world.wait(30)
    return ada, row_id, record_id


def switch_outbound(world: Story, *, on: bool) -> None:
    """Switch outbound on or off, now."""
    outbound = world.settings.current().outbound
    world.change(outbound=replace(outbound, enabled=on))


def come_to_rest(world: Story) -> None:
    """Sync until nothing is left to do."""
    for _ in range(3):
        world.sync()
        world.wait(20)


# --- Outbound is off, or was ----------------------------------------------------------------------


def test_no_campaign_is_made_while_outbound_is_off(world: Story) -> None:
    """The choice stands, and is carried out once it is on again."""
    switch_outbound(world, on=False)
    world.campaign(new=True)

    report = world.sync()

    assert world.org.rows(CampaignObject.CAMPAIGN) == []
    assert report.skipped == {Reason.OUTBOUND_DISABLED: 1}

    switch_outbound(world, on=True)
    world.sync()
    assert world.the_campaign().counterpart


def test_no_status_is_made_while_outbound_is_off(world: Story) -> None:
    """What is there comes in all the same, and somebody is told."""
    world.change(campaigns=Campaigns(create_missing_statuses=True))
    switch_outbound(world, on=False)
    record_id = world.their_campaign()
    before = world.statuses_there(record_id)
    world.campaign(to=record_id)

    world.sync()

    assert world.statuses_there(record_id) == before
    assert world.the_campaign().counterpart
    assert Reason.STATUS_NOT_CREATED in {each.reason for each in world.outcomes()}


def test_a_status_from_a_pause_stays_here_when_its_row_is_read_again(world: Story) -> None:
    """What somebody else changes in the row sends nothing after."""
    ada, row_id, _ = a_pair(world)
    switch_outbound(world, on=False)
    world.wish(ada, status="Attended")
    world.sync()
    world.wait(5)
    switch_outbound(world, on=True)
    world.wait(5)
    world.org.edit(row_id, {"Table__c": "12"})

    come_to_rest(world)

    assert world.org.row(row_id)["Status"] == "Registered"
    assert world.members_here() == {ada: "Attended"}
    assert world.member("launch", ada).waiting is None


def test_a_removal_from_a_pause_stays_here_when_its_row_is_read_again(world: Story) -> None:
    """Nobody is removed there for what was called off."""
    ada, row_id, record_id = a_pair(world)
    switch_outbound(world, on=False)
    world.wish(ada, act=MemberAct.REMOVE)
    world.sync()
    world.wait(5)
    switch_outbound(world, on=True)
    world.wait(5)
    world.org.edit(row_id, {"Status": "Attended"})

    come_to_rest(world)

    assert list(world.members_there(record_id).values()) == ["Attended"]
    assert world.members_here() == {}


def test_who_becomes_a_member_there_brings_fields_from_before_outbound_was_on() -> None:
    """A row that is made has what ours has; there is nothing that it could replace."""
    world = Story(SyncSettings(member_fields=(a_member_field(),)))
    ((ada, _),) = world.linked("ada@example.com")
    world.campaign()
    switch_outbound(world, on=False)
    world.wish(ada, status="Attended", fields={"table": "12"})
    world.wait(5)
    switch_outbound(world, on=True)
    world.wait(5)
    world.choose("launch")

    come_to_rest(world)

    (row,) = world.org.rows(CampaignObject.MEMBER)
    assert (row["Status"], row["Table__c"]) == ("Attended", "12")


def test_what_was_done_before_the_campaign_was_chosen_goes_out() -> None:
    """Also if outbound was switched on in between, and into a row that is there."""
    world = Story(SyncSettings(member_fields=(a_member_field(),)))
    ada, row_id, record_id = a_pair(world)
    world.choose_by(NONE)
    switch_outbound(world, on=False)
    world.wish(ada, status="Attended", fields={"table": "12"})
    world.wait(5)
    switch_outbound(world, on=True)
    world.wait(5)
    world.choose_by(world.existing(record_id))

    come_to_rest(world)

    row = world.org.row(row_id)
    assert (row["Status"], row["Table__c"]) == ("Attended", "12")


# --- Somebody acts meanwhile ----------------------------------------------------------------------


@pytest.mark.parametrize("status", ["Registered", "Attended"])
def test_who_is_added_again_while_the_removal_crosses_is_a_member(
    world: Story, status: str
) -> None:
    """Its row was deleted a moment too late, so another one is made."""
    ada, _, record_id = a_pair(world)
    world.wish(ada, act=MemberAct.REMOVE)
    world.on_write["campaigns.delete"] = lambda: world.wish(ada, status=status)

    come_to_rest(world)

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

    come_to_rest(world)

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
    come_to_rest(world)

    assert world.members_here() == {}
    assert world.members_there(record_id) == {}


def test_a_status_given_there_before_ours_is_read_back_comes_in(world: Story) -> None:
    """It is a person's change, not Salesforce's answer to our write."""
    ada, row_id, _ = a_pair(world)
    world.wish(ada, status="Attended")

    def go_home() -> None:
        world.wait(1)
        world.org.edit(row_id, {"Status": "No show"})

    world.on_write["campaigns.update"] = go_home
    come_to_rest(world)

    assert world.org.row(row_id)["Status"] == "No show"
    assert world.members_here() == {ada: "No show"}
    assert Reason.STATUS_REPLACED not in {each.reason for each in world.outcomes()}


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
    come_to_rest(world)

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

    come_to_rest(world)

    assert world.members_here() == {ada: "Signed up", bob: "Signed up"}
    assert world.members_there(record_id) == {ada_there: "VIP", bob_there: "Signed up"}

    world.wish(ada, status="Attended")
    come_to_rest(world)
    world.wish(ada, status="Signed up")
    come_to_rest(world)
    assert world.members_there(record_id)[ada_there] == "Signed up"


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

    come_to_rest(world)

    assert world.org.row(row_id)["Table__c"] == kept
    assert world.member("launch", ada).ledger.values["table"] == kept
