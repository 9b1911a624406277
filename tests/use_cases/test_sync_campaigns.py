"""The sync of campaigns: linking, members, statuses, removals."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from counterpart.domain.campaigns import SyncOption
from counterpart.domain.links import LinkState
from counterpart.domain.mapping import Mode
from counterpart.domain.members import MemberKey
from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.outcomes import Reason, RunStatus
from counterpart.domain.records import CampaignObject
from counterpart.domain.refusals import Refusal
from counterpart.domain.sync_settings import Campaigns, OnRemoteRemoval, SyncSettings
from counterpart.domain.waiting import Lane
from counterpart.errors import NotFoundError
from counterpart.ports import ApiUsage
from counterpart.use_cases import member_rounds
from counterpart.use_cases.outsiders import aside
from tests.use_cases.campaigning import WEBINAR, CampaignWorld, a_member_field
from tests.use_cases.storytelling import Story, a_pair
from tests.use_cases.world import MINUTE, PowerCutError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@pytest.fixture
def world() -> CampaignWorld:
    """Return a world at noon."""
    return CampaignWorld()


# --- The four cases -------------------------------------------------------------------------------


def test_a_new_campaign_makes_one_there(world: CampaignWorld) -> None:
    """Same name, active, the statuses of its type in order, and none besides."""
    world.campaign(new=True)

    world.sync()

    campaign = world.the_campaign()
    assert campaign.counterpart
    record_id = campaign.counterpart.record_id
    row = world.org.row(record_id)
    assert (row["Name"], row["IsActive"], row["Counterpart_Id__c"]) == ("Launch", True, "launch")
    assert world.statuses_there(record_id) == [
        ("Registered", True, False),
        ("Attended", False, True),
        ("No show", False, False),
    ]
    assert world.ours.owners([record_id]) == {record_id: "launch"}


def test_members_of_an_existing_campaign_come_into_a_new_one(world: CampaignWorld) -> None:
    """Those who are contacts here; a status that we lack becomes our default."""
    (ada, ada_there), (bob, bob_there) = world.linked("ada@example.com", "bob@example.com")
    record_id = world.their_campaign(labels=["Attended", "VIP"])
    world.their_member(record_id, ada_there, "Attended")
    world.their_member(record_id, bob_there, "VIP")
    world.their_member(record_id, world.lead("eve@example.com"), "Attended")
    world.campaign(to=record_id)

    report = world.sync()

    assert world.members_here() == {ada: "Attended", bob: "Registered"}
    assert report.skipped == {Reason.NOT_A_CONTACT: 1}
    assert Reason.STATUS_UNKNOWN in world.reasons()
    assert world.members_there(record_id)[bob_there] == "VIP"


def test_members_here_go_out_with_their_fields_to_a_new_campaign() -> None:
    """They were members before anybody chose to sync."""
    world = CampaignWorld(SyncSettings(member_fields=(a_member_field(),)))
    ((ada, ada_there),) = world.linked("ada@example.com")
    world.campaign()
    world.join("launch", ada, "Attended", table="12")
    world.choose("launch")

    world.sync()

    counterpart = world.the_campaign().counterpart
    assert counterpart
    assert world.members_there(counterpart.record_id) == {ada_there: "Attended"}
    member = world.member("launch", ada)
    assert member.counterpart
    assert member.counterpart.responded
    assert member.waiting is None
    assert world.org.row(member.counterpart.record_id)["Table__c"] == "12"


def test_two_existing_campaigns_are_brought_together(world: CampaignWorld) -> None:
    """Salesforce comes in first, then ours go out; a status that it lacks becomes its default."""
    (ada, ada_there), (bob, bob_there) = world.linked("ada@example.com", "bob@example.com")
    record_id = world.their_campaign()
    world.their_member(record_id, bob_there, "Responded")
    world.campaign()
    world.join("launch", ada, "No show")
    world.choose("launch", to=record_id)

    world.sync()

    assert world.members_here() == {ada: "No show", bob: "Registered"}
    assert world.members_there(record_id) == {ada_there: "Sent", bob_there: "Responded"}


def test_an_inactive_campaign_can_be_linked(world: CampaignWorld) -> None:
    """Active or not, it is one that exists."""
    record_id = world.their_campaign()
    assert not world.org.row(record_id)["IsActive"]
    world.campaign(to=record_id)

    world.sync()

    assert world.the_campaign().counterpart


def test_a_campaign_without_a_choice_costs_nothing(world: CampaignWorld) -> None:
    """No sync is the default."""
    world.campaign()

    assert world.sync().api_calls == 0


def test_a_campaign_that_is_not_there_ends_the_choice(world: CampaignWorld) -> None:
    """With the reason, and until somebody chooses again."""
    world.campaign(to="701000000000001AAA")

    report = world.sync()

    assert report.status is RunStatus.COMPLETED_WITH_ERRORS
    assert "no such campaign" in str(world.the_campaign().sync.refusal)
    assert world.sync().api_calls == 0


def test_a_campaign_there_belongs_to_one_of_ours(world: CampaignWorld) -> None:
    """The second who chooses it is told whose it is."""
    record_id = world.their_campaign()
    world.campaign("first", to=record_id)
    world.sync()
    world.campaign("second", to=record_id)

    world.sync()

    assert "first" in str(world.the_campaign("second").sync.refusal)
    assert world.the_campaign("first").counterpart


def test_an_org_without_our_key_looks_before_it_makes_a_campaign(world: CampaignWorld) -> None:
    """F40: an answer that was lost makes nothing twice."""
    world.org.hidden.add((CampaignObject.CAMPAIGN, "Counterpart_Id__c"))
    world.campaign(new=True)
    world.salesforce.lose_answers()

    assert world.sync().status is RunStatus.FAILED
    world.wait(5)
    world.sync()

    assert len(world.org.rows(CampaignObject.CAMPAIGN)) == 1
    assert world.the_campaign().counterpart


def test_an_org_that_makes_no_statuses_gets_the_nearest(world: CampaignWorld) -> None:
    """Success is a response; everything else is its default."""
    world.survey.invisible.add(CampaignObject.STATUS)
    ((ada, ada_there),) = world.linked("ada@example.com")
    world.campaign(new=True)
    world.join("launch", ada, "Attended")

    world.sync()

    campaign = world.the_campaign()
    assert campaign.counterpart
    assert campaign.status_map.to_theirs["Attended"] == "Responded"
    assert world.members_there(campaign.counterpart.record_id) == {ada_there: "Responded"}
    assert world.members_here() == {ada: "Attended"}


def test_statuses_are_added_to_an_existing_campaign_only_on_demand(world: CampaignWorld) -> None:
    """A setting; otherwise it keeps its own."""
    first, second = world.their_campaign(), world.their_campaign()
    world.campaign("first", to=first)
    world.sync()
    world.change(campaigns=Campaigns(create_missing_statuses=True))
    world.campaign("second", to=second)
    world.sync()

    assert [label for label, _, _ in world.statuses_there(first)] == ["Sent", "Responded"]
    assert [label for label, _, _ in world.statuses_there(second)] == [
        "Sent",
        "Responded",
        "Registered",
        "Attended",
        "No show",
    ]


# --- Statuses, both ways --------------------------------------------------------------------------


def test_a_local_change_is_always_sent(world: CampaignWorld) -> None:
    """Even if the row was changed later, in a moment that the pull did not see."""
    ada, row_id, _ = a_pair(world)
    world.move("launch", ada, "Attended")
    world.wait(1)
    # Right before our write, somebody changes the row.
    world.rival = lambda name: (
        world.org.edit(row_id, {"Status": "No show"}) if name == "campaigns.update" else None
    )

    world.sync()

    assert world.org.row(row_id)["Status"] == "Attended"
    assert world.org.row(row_id)["HasResponded"]
    member = world.member("launch", ada)
    assert member.counterpart
    assert member.counterpart.responded


@pytest.mark.failure("F29")
def test_many_members_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """They go in rounds, each of which asks for as many as it takes, however many have gone."""
    monkeypatch.setattr(member_rounds, "ROUND", 5)
    world = CampaignWorld()
    people = world.linked(*(f"{number}@example.com" for number in range(30)))
    record_id = world.their_campaign(labels=["Registered", "No show", "VIP", "Attended"])
    rows = [world.their_member(record_id, there, "Registered") for _, there in people]
    world.campaign(to=record_id)
    world.sync()
    world.wait(30)
    for here, _ in people:
        world.move("launch", here, "Attended")
    asked: list[int] = []
    waiting = world.people.waiting

    def counted(campaign_id: str, lane: Lane, *, until: datetime, limit: int) -> Sequence[str]:
        asked.append(limit)
        return waiting(campaign_id, lane, until=until, limit=limit)

    monkeypatch.setattr(world.people, "waiting", counted)

    world.sync()

    assert {world.org.row(one)["Status"] for one in rows} == {"Attended"}
    assert max(asked) == 5


def test_an_allowance_that_runs_low(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fresh edits of members go out; a backlog waits until there is more."""
    world = CampaignWorld(SyncSettings(outbound=Outbound(api_share_percent=100)))
    (ada, ada_there), (bob, bob_there) = world.linked("ada@example.com", "bob@example.com")
    record_id = world.their_campaign(labels=["Registered", "No show", "VIP", "Attended"])
    rows = [world.their_member(record_id, one, "Registered") for one in (ada_there, bob_there)]
    world.campaign(to=record_id)
    world.sync()
    world.wait(30)
    world.move("launch", ada, "Attended")
    world.move("launch", bob, "Attended")
    late = world.member("launch", bob)
    assert late.waiting
    world.people.save_many([replace(late, waiting=replace(late.waiting, lane=Lane.BULK))])

    with monkeypatch.context() as low:
        usage = ApiUsage(calls=0, used=85, allowed=100)
        low.setattr(world.salesforce, "usage", lambda: usage)
        report = world.sync()

    assert [world.org.row(one)["Status"] for one in rows] == ["Attended", "Registered"]
    assert "The API allowance runs low: only fresh edits go out." in report.notes
    world.wait(5)
    world.sync()
    assert world.org.row(rows[1])["Status"] == "Attended"


def test_a_change_there_comes_in(world: CampaignWorld) -> None:
    """With the time of the row, forwards or back."""
    ada, row_id, _ = a_pair(world, "Attended")
    world.org.edit(row_id, {"Status": "Registered"})
    changed_at = world.now
    world.wait(5)

    world.sync()

    member = world.member("launch", ada)
    assert (member.status, member.status_changed_at) == ("Registered", changed_at)


@pytest.mark.parametrize(("ours_later", "winner"), [(True, "No show"), (False, "Attended")])
def test_of_two_changes_the_later_wins_on_the_way_in(
    world: CampaignWorld, winner: str, *, ours_later: bool
) -> None:
    """Both sides end with the same, and the loser is told."""
    ada, row_id, _ = a_pair(world)

    def theirs() -> None:
        world.org.edit(row_id, {"Status": "Attended"})

    def ours() -> None:
        world.move("launch", ada, "No show")

    for act in (theirs, ours) if ours_later else (ours, theirs):
        world.wait(1)
        act()
    world.wait(1)

    world.sync()

    assert world.members_here() == {ada: winner}
    assert world.org.row(row_id)["Status"] == winner
    (told,) = [each for each in world.outcomes() if each.reason is Reason.BOTH_CHANGED]
    assert {told.kept, told.lost} == {"ours", "Attended"} if ours_later else {"theirs", "No show"}


def test_our_own_write_comes_back_and_changes_nothing(world: CampaignWorld) -> None:
    """F49: the next run reads it, and writes on neither side."""
    ada, row_id, _ = a_pair(world)
    world.move("launch", ada, "Attended")
    world.sync()
    world.wait(5)
    stamp, written = world.org.row(row_id)["SystemModstamp"], world.writes_of("members")

    report = world.sync()

    assert report.total("read") == 1
    assert world.writes_of("members") == written
    assert world.org.row(row_id)["SystemModstamp"] == stamp


# --- Members --------------------------------------------------------------------------------------


def test_a_person_who_becomes_a_contact_later_is_a_member_then(world: CampaignWorld) -> None:
    """The skip was told once, and is taken up by itself."""
    record_id = world.their_campaign(labels=["Attended"])
    lead_id = world.lead("eve@example.com")
    world.their_member(record_id, lead_id, "Attended")
    world.campaign(to=record_id)
    world.sync()
    world.wait(5)
    world.sync()
    assert world.reasons().count(Reason.NOT_A_CONTACT) == 1

    world.wait(30)
    world.pull()
    world.sync()

    assert world.members_here() == {world.of(lead_id).id: "Attended"}


def test_whose_link_leads_to_a_contact_that_is_no_more_is_kept_outside(
    world: CampaignWorld,
) -> None:
    """A creation broke off after the link, and its contact was merged before the job came again."""
    lead_id = world.lead("eve@example.com")
    eve = world.add("eve@example.com", sync=True)
    world.wait()
    world.cut_the_power_after(1)
    with pytest.raises(PowerCutError):
        world.create()
    world.start_again()
    world.merge(world.add("ada@example.com"), eve)
    link = world.links.get_many([lead_id])[lead_id]
    assert (link.state, link.subject_id) == (LinkState.LINKED, eve)
    record_id = world.their_campaign(labels=["Attended"])
    world.their_member(record_id, lead_id, "Attended")
    world.campaign(to=record_id)

    world.sync()

    assert world.members_here() == {}
    assert Reason.NOT_A_CONTACT in world.reasons()
    assert world.members.get_many([MemberKey(aside("launch"), lead_id)])


def born_by_half(world: CampaignWorld) -> tuple[str, str]:
    """Return a lead whose link alone was written as a contact was to be born of it; and its row."""
    lead_id = world.lead("ada@example.com")
    record_id = world.their_campaign(labels=["Attended"])
    row_id = world.their_member(record_id, lead_id, "Attended")
    world.campaign(to=record_id)
    world.wait()
    world.cut_the_power_after(1)
    with pytest.raises(PowerCutError):
        world.pull(ids=(lead_id,))
    world.start_again()
    assert world.links.get_many([lead_id])[lead_id].state is LinkState.LINKED
    assert world.everybody() == []
    return lead_id, row_id


def test_who_is_born_by_half_is_a_member_once_the_contact_is_there(world: CampaignWorld) -> None:
    """A link alone makes no member; the row is awaited, and is not read by any window again."""
    lead_id, row_id = born_by_half(world)
    world.sync()
    assert world.members_here() == {}

    world.wait(30)
    world.pull()
    world.sync()

    ada = world.of(lead_id).id
    assert world.members_here() == {ada: "Attended"}
    assert world.row_followed(ada) == row_id


@pytest.mark.parametrize("converted", [False, True])
def test_who_is_born_by_half_is_not_born_after_all(
    world: CampaignWorld, *, converted: bool
) -> None:
    """As the record has no address any more, or became a Contact that has none."""
    lead_id, row_id = born_by_half(world)
    world.sync()
    world.org.edit(lead_id, {"Email": None})
    if converted:
        world.org.convert(lead_id)

    for _ in range(3):
        world.wait(30)
        world.pull()
        world.sync()

    assert world.everybody() == []
    assert world.members_here() == {}
    assert not world.org.row(row_id)["IsDeleted"]


def test_an_account_that_is_a_member_there_stays_outside_and_is_told_of(
    world: CampaignWorld,
) -> None:
    """Orgs may have Accounts as members; the skip is counted each time, and told once."""
    ada, row_id, record_id = a_pair(world)
    account = {"CampaignId": record_id, "AccountId": world.account(), "Status": "Registered"}
    member_id = world.org.add(CampaignObject.MEMBER, account)
    world.wait(5)

    reports = [world.sync()]
    world.wait(5)
    world.org.edit(row_id, {"Status": "Attended"})
    reports.append(world.sync())

    assert [each.skipped[Reason.NOT_A_CONTACT] for each in reports] == [1, 1]
    told = [each for each in world.outcomes() if each.reason is Reason.NOT_A_CONTACT]
    assert [each.record_id for each in told] == [member_id]
    assert world.members_here() == {ada: "Attended"}


def test_the_rows_of_a_contact_that_was_deleted_here_let_nobody_in(world: CampaignWorld) -> None:
    """As long as its record is nobody's, whatever it says; looking at it costs no call."""
    ((ada, person_id),) = world.linked("ada@example.com")
    record_id = world.their_campaign(labels=["Attended"])
    row_id = world.their_member(record_id, person_id, "Attended")
    world.campaign(to=record_id)
    world.sync()
    world.delete(ada)
    world.wait(60)
    world.org.edit(row_id, {"Status": "Sent"})
    world.sync()
    world.wait(7 * 60)

    report = world.sync()

    assert report.api_calls == 1
    assert world.members_here() == {}
    assert world.members_there(record_id) == {person_id: "Sent"}


def test_a_member_whose_contact_is_created_there_later_goes_out_then(
    world: CampaignWorld,
) -> None:
    """Nobody is created for a campaign; the skip is told once."""
    record_id = world.their_campaign(labels=["Registered"])
    eve = world.add("eve@example.com")
    world.campaign(to=record_id)
    world.join("launch", eve)
    world.sync()
    world.wait(5)
    world.sync()
    assert world.members_there(record_id) == {}
    skip = world.member("launch", eve).skip
    assert skip
    assert skip.reason is Reason.NOT_LINKED
    assert world.reasons().count(Reason.NOT_LINKED) == 1

    lead_id = world.lead("eve@example.com")
    world.pull()
    world.wait(60)
    world.sync()

    assert world.members_there(record_id) == {lead_id: "Registered"}
    assert world.member("launch", eve).skip is None


@pytest.mark.failure("F45")
def test_already_a_member_is_success(world: CampaignWorld) -> None:
    """The row is found, linked and then given our status."""
    ((ada, ada_there),) = world.linked("ada@example.com")
    record_id = world.their_campaign(labels=["Registered", "Attended"])
    world.campaign(to=record_id)
    world.sync()
    world.join("launch", ada, "Attended")
    made: list[str] = []

    def be_faster(name: str) -> None:
        if name == "CampaignMember.insert" and not made:
            made.append(world.their_member(record_id, ada_there, "Registered"))

    world.rival = be_faster

    report = world.sync()

    assert world.row_followed(ada) == made[0]
    assert world.members_there(record_id) == {ada_there: "Attended"}
    assert report.status is RunStatus.COMPLETED


def test_who_is_being_deleted_gives_no_status_to_whom_its_record_belongs_now() -> None:
    """The row came in with this very run, so the index does not know yet who follows it."""
    world = CampaignWorld(lagging_index=True)
    (ada, person), (bob, other) = world.linked("ada@example.com", "bob@example.com")
    record_id = world.their_campaign(labels=["Registered"])
    world.campaign(to=record_id)
    world.join("launch", ada, "Registered")
    world.people.catch_up()
    world.cut_the_power_after(1)
    with pytest.raises(PowerCutError):
        world.delete(ada)
    world.start_again()
    world.org.merge(person, other)
    world.their_member(record_id, person, "Sent")
    world.settle(1)
    assert world.of(person).id == bob

    world.sync()

    assert world.members_there(record_id) == {person: "Sent"}
    assert world.members_here() == {ada: "Registered", bob: "Registered"}
    assert world.row_followed(bob)
    assert world.member("launch", ada).counterpart is None


@pytest.mark.failure("F47")
def test_a_member_of_another_campaign_is_never_touched(world: CampaignWorld) -> None:
    """Who is a member already is looked for within the campaign."""
    ((ada, ada_there),) = world.linked("ada@example.com")
    mine, other = (world.their_campaign(labels=["Registered", "Attended"]) for _ in range(2))
    other_row = world.their_member(other, ada_there, "Registered")
    world.campaign(to=mine)
    world.sync()
    world.join("launch", ada, "Attended")

    def be_faster(name: str) -> None:
        if name == "CampaignMember.insert" and not world.members_there(mine):
            world.their_member(mine, ada_there, "Registered")

    world.rival = be_faster

    world.sync()

    assert world.members_there(mine) == {ada_there: "Attended"}
    assert world.org.row(other_row)["Status"] == "Registered"
    assert world.members_here() == {ada: "Attended"}


def test_a_removal_here_crosses(world: CampaignWorld) -> None:
    """The row is deleted, and then nothing is left of the member."""
    ada, _, record_id = a_pair(world)
    world.remove("launch", ada)

    world.sync()

    assert world.members_there(record_id) == {}
    assert world.people.page("launch", limit=10).items == []


def test_who_was_removed_here_is_not_pulled_back_in(world: CampaignWorld) -> None:
    """Somebody changes the row before the removal has crossed."""
    ada, row_id, record_id = a_pair(world)
    world.remove("launch", ada)
    world.wait(1)
    world.org.edit(row_id, {"Status": "Attended"})
    world.wait(1)

    world.sync()

    assert world.members_here() == {}
    assert world.members_there(record_id) == {}


@pytest.mark.parametrize(
    ("rule", "left"), [(OnRemoteRemoval.REMOVE, False), (OnRemoteRemoval.KEEP, True)]
)
def test_a_removal_there_crosses_or_not(
    world: CampaignWorld, rule: OnRemoteRemoval, *, left: bool
) -> None:
    """A setting; who is kept does not go out again by itself."""
    world.change(campaigns=Campaigns(on_remote_removal=rule))
    ada, row_id, record_id = a_pair(world)
    world.org.delete(row_id)
    world.wait(5)

    world.sync()
    world.wait(5)
    world.sync()

    assert (ada in world.members_here()) is left
    assert world.members_there(record_id) == {}


def test_a_campaign_that_is_deleted_there_stays_here(world: CampaignWorld) -> None:
    """It is unlinked with its members, and linked again when it returns."""
    ada, _, record_id = a_pair(world)
    world.org.delete(record_id)
    world.wait(5)
    world.sync()
    world.wait(5)
    world.sync()
    assert world.the_campaign().counterpart is None
    assert world.members_here() == {ada: "Registered"}

    world.org.undelete(record_id)
    world.wait(5)
    world.sync()
    world.move("launch", ada, "Attended")
    world.sync()

    campaign = world.the_campaign()
    assert campaign.counterpart
    assert campaign.counterpart.record_id == record_id
    assert list(world.members_there(record_id).values()) == ["Attended"]


def test_a_lead_is_converted_while_its_campaign_is_in_the_recycle_bin(
    world: CampaignWorld,
) -> None:
    """Whoever has the Contact in the end is a member by the row of the lead."""
    lead_id = world.lead()
    ((bob, bobs),) = world.linked("bob@example.com")
    ada = world.of(lead_id).id
    record_id = world.their_campaign(labels=["Registered"])
    world.their_member(record_id, lead_id, "Registered")
    world.campaign(to=record_id)
    world.sync()
    assert world.members_here() == {ada: "Registered"}
    world.org.delete(record_id)
    contact_id = world.org.convert(lead_id)
    world.org.undelete(record_id)
    world.org.merge(contact_id, bobs)
    # The row is read before it is known what has become of the people.
    world.wait(5)
    world.sync()
    # More than what windows read once more.
    world.wait(60)
    world.sync()
    assert world.members_here() == {ada: "Registered"}

    world.pull()
    for _ in range(2):
        world.wait(60)
        world.sync()

    assert world.of(contact_id).id == bob
    assert world.members_here() == {bob: "Registered"}


def test_a_campaign_that_we_made_is_not_made_again(world: CampaignWorld) -> None:
    """Somebody deleted it; that is their choice."""
    world.campaign(new=True)
    world.sync()
    counterpart = world.the_campaign().counterpart
    assert counterpart
    world.org.delete(counterpart.record_id)
    world.wait(5)

    world.sync()
    world.wait(5)
    world.sync()

    assert len(world.org.rows(CampaignObject.CAMPAIGN)) == 1
    assert world.the_campaign().sync.option is SyncOption.EXISTING


def test_member_fields_follow_their_modes() -> None:
    """Two-way by default, in both directions."""
    world = CampaignWorld(SyncSettings(member_fields=(a_member_field(),)))
    ada, row_id, _ = a_pair(world)
    world.org.edit(row_id, {"Table__c": "7"})
    world.wait(5)
    world.sync()
    assert world.member("launch", ada).ledger.values["table"] == "7"

    world.set_field("launch", ada, table="9")
    world.wait(1)
    world.sync()

    assert world.org.row(row_id)["Table__c"] == "9"
    assert world.member("launch", ada).waiting is None


@pytest.mark.parametrize(
    ("mode", "comes_in", "goes_out"),
    [
        (Mode.TWO_WAY, True, True),
        (Mode.PREFER_SALESFORCE, True, False),
        (Mode.ALWAYS_SALESFORCE, True, False),
        (Mode.ALWAYS_OURS, False, True),
        (Mode.DO_NOT_SYNC, False, False),
    ],
)
def test_each_mode_lets_a_member_field_cross_as_its_table_says(
    mode: Mode, *, comes_in: bool, goes_out: bool
) -> None:
    """An edit there, and then one here of what is filled there."""
    world = CampaignWorld(SyncSettings(member_fields=(a_member_field(mode=mode),)))
    ada, row_id, _ = a_pair(world)
    world.org.edit(row_id, {"Table__c": "7"})
    world.wait(5)
    world.sync()
    assert (world.member("launch", ada).ledger.values.get("table") == "7") is comes_in

    world.set_field("launch", ada, table="9")
    world.wait(1)
    world.sync()

    assert world.org.row(row_id)["Table__c"] == ("9" if goes_out else "7")
    assert world.member("launch", ada).waiting is None


def test_a_member_field_that_is_hidden_is_set_aside(world: CampaignWorld) -> None:
    """With a warning; statuses go on crossing."""
    world = CampaignWorld(SyncSettings(member_fields=(a_member_field(),)))
    world.org.hidden.add((CampaignObject.MEMBER, "Table__c"))
    ada, row_id, _ = a_pair(world)
    world.move("launch", ada, "Attended")

    world.sync()

    assert world.org.row(row_id)["Status"] == "Attended"
    assert Reason.FIELD_UNAVAILABLE in world.reasons()


@pytest.mark.parametrize("from_the_start", [True, False])
def test_what_was_entered_in_a_hidden_field_of_members_comes_in_once_it_is_shown(
    *, from_the_start: bool
) -> None:
    """Those rows are read once more, and no others; be it hidden at the first reading or later."""
    world = CampaignWorld(SyncSettings(member_fields=(a_member_field(),)))
    hidden = {(CampaignObject.MEMBER, "Table__c")}
    if from_the_start:
        world.org.hidden |= hidden
    ada, row_id, _ = a_pair(world)
    world.wait(5)
    world.sync()
    world.org.hidden |= hidden
    world.wait(5)
    world.org.edit(row_id, {"Table__c": "7"})
    for _ in range(2):
        # Farther than windows overlap.
        world.wait(30)
        world.sync()
    assert "table" not in world.member("launch", ada).ledger.values

    world.org.hidden -= hidden
    world.wait(61)
    world.sync()

    assert world.member("launch", ada).ledger.values["table"] == "7"
    world.wait(5)
    assert world.sync().counts.get(CampaignObject.MEMBER, {}) == {}


@pytest.mark.parametrize("writes", range(1, 8))
def test_a_crash_while_a_choice_is_refused(world: CampaignWorld, writes: int) -> None:
    """Whoever looks at the campaign, which says that it was refused, finds an outcome, too."""
    world.campaign(to="701MEM999999999YBA")
    world.cut_the_power_after(writes)
    with suppress(PowerCutError):
        world.sync()
    world.start_again()

    world.sync()

    assert world.the_campaign().sync.refusal
    assert Reason.NOT_FOUND in world.reasons()


# --- Campaigns that are gone without a trace ------------------------------------------------------


def idle(world: CampaignWorld, *names: str) -> dict[str, str]:
    """Let campaigns be linked with nothing to do; return their Salesforce campaigns."""
    record_ids = {name: world.their_campaign(name) for name in names}
    for name, record_id in record_ids.items():
        world.campaign(name, to=record_id)
    for _ in range(2):
        world.sync()
        world.wait(5)
    return record_ids


def test_a_campaign_that_was_purged_while_nobody_went_out(world: CampaignWorld) -> None:
    """The first run of the next day asks for all of them with one call, and ends its link."""
    record_ids = idle(world, "spring", "autumn")
    world.org.purge(record_ids["spring"])
    assert world.sync(scheduled=True).api_calls == 1
    assert world.the_campaign("spring").counterpart
    world.wait(12 * 60)

    report = world.sync(scheduled=True)

    assert report.counts[CampaignObject.CAMPAIGN]["unlinked"] == 1
    assert world.the_campaign("spring").counterpart is None
    assert world.the_campaign("autumn").counterpart
    assert world.reasons() == [Reason.CAMPAIGN_DELETED]
    world.wait(5)
    world.sync(scheduled=True)
    refusal = world.the_campaign("spring").sync.refusal
    assert refusal == "Salesforce has no such campaign, or hides it."


def test_looking_for_purged_campaigns_costs_one_call_a_day(world: CampaignWorld) -> None:
    """Be it in the first run alone."""
    idle(world, "spring", "autumn")
    world.wait(24 * 60)

    calls = [world.sync(scheduled=True).api_calls]
    world.wait(5)
    calls.append(world.sync(scheduled=True).api_calls)

    assert calls == [2, 1]


def test_whoever_syncs_a_purged_campaign_by_hand_is_told_at_once(world: CampaignWorld) -> None:
    """Its link ends; in a rehearsal it stays."""
    record_ids = idle(world, "spring", "autumn")
    world.org.purge(record_ids["spring"])

    world.sync(campaign_id="spring", dry_run=True)
    assert world.the_campaign("spring").counterpart
    world.sync(campaign_id="spring")

    assert world.the_campaign("spring").counterpart is None
    assert world.reasons() == [Reason.CAMPAIGN_DELETED]


def test_salesforce_shows_no_campaign_at_all(world: CampaignWorld) -> None:
    """A right is missing, rather than all of them: no link ends, and somebody is told."""
    record_ids = idle(world, "spring", "autumn")
    for record_id in record_ids.values():
        world.org.purge(record_id)
    world.wait(24 * 60)

    report = world.sync(scheduled=True)

    assert all(world.the_campaign(name).counterpart for name in record_ids)
    assert world.reasons() == [Reason.OBJECT_UNAVAILABLE]
    assert report.status is RunStatus.COMPLETED_WITH_ERRORS


# --- Mechanics ------------------------------------------------------------------------------------


def test_finding_nothing_costs_one_call(world: CampaignWorld) -> None:
    """For all campaigns together."""
    for number in range(3):
        world.campaign(f"campaign {number}", to=world.their_campaign(f"Campaign {number}"))
    world.sync()
    world.wait(5)

    assert world.sync(scheduled=True).api_calls == 1


def test_the_schedule_waits_for_its_interval(world: CampaignWorld) -> None:
    """The tick comes every five minutes; whether campaigns are due is a setting."""
    world.change(campaigns=Campaigns(interval_minutes=60))
    world.campaign(to=world.their_campaign())
    world.sync(scheduled=True)
    world.wait(5)
    assert world.sync(scheduled=True).api_calls == 0

    world.wait(55)

    assert world.sync(scheduled=True).api_calls == 1


def test_pages_follow_one_another(world: CampaignWorld) -> None:
    """Many members come in page by page, the first time and later."""
    world = CampaignWorld(page_size=2)
    people = world.linked(*(f"{number}@example.com" for number in range(7)))
    record_id = world.their_campaign(labels=["Registered", "Attended"])
    rows = [world.their_member(record_id, there, "Registered") for _, there in people]
    world.campaign(to=record_id)
    world.wait(1)
    world.sync()
    assert len(world.members_here()) == 7
    world.wait(5)
    for row_id in rows:
        world.org.edit(row_id, {"Status": "Attended"})
    world.wait(5)

    world.sync()

    assert set(world.members_here().values()) == {"Attended"}


def test_a_run_that_is_short_of_time_hands_over(world: CampaignWorld) -> None:
    """Its successor goes on at once, whatever the interval."""
    world = CampaignWorld(page_size=2)
    people = world.linked(*(f"{number}@example.com" for number in range(7)))
    record_id = world.their_campaign(labels=["Registered"])
    for _, there in people:
        world.their_member(record_id, there, "Registered")
    eve = world.linked("eve@example.com")[0]
    world.campaign(to=record_id)
    world.join("launch", eve[0])
    world.seconds_per_call = 60
    world.deadline = world.now + 4 * MINUTE

    report = world.sync(scheduled=True)
    reports = world.go_on()

    assert report.status is RunStatus.CONTINUES
    assert report.more_remains
    assert reports[-1].status is RunStatus.COMPLETED
    assert len(world.members_here()) == 8
    assert len(world.members_there(record_id)) == 8


def test_one_campaign_is_synced_on_demand(world: CampaignWorld) -> None:
    """With what was put off, whatever the schedule says."""
    ada, row_id, _ = a_pair(world)
    world.org.edit(row_id, {"Status": "Attended"})
    world.wait(1)

    report = world.sync(campaign_id="launch")

    assert world.members_here() == {ada: "Attended"}
    assert report.total("updated") == 1


def test_a_campaign_that_does_not_exist_is_refused(world: CampaignWorld) -> None:
    """The request is wrong, not the world."""
    with pytest.raises(NotFoundError):
        world.sync(campaign_id="nobody")


def test_a_dry_run_writes_nothing(world: CampaignWorld) -> None:
    """And says what would be."""
    ada, row_id, record_id = a_pair(world)
    ((bob, _),) = world.linked("bob@example.com")
    world.org.edit(row_id, {"Status": "Attended"})
    world.join("launch", bob)
    world.campaign("other", new=True)
    world.wait(1)
    before = list(world.written)

    report = world.sync(dry_run=True)

    assert world.written == before
    assert world.members_here() == {ada: "Registered", bob: "Registered"}
    assert len(world.members_there(record_id)) == 1
    assert report.total("updated") == 1
    assert report.total("would_send") == 1
    assert "Would link 1 campaign." in report.notes


def test_two_workers_never_write_one_campaign(world: CampaignWorld) -> None:
    """The second finds the lease held, and leaves the campaign to the first."""
    ada, _, record_id = a_pair(world)
    world.move("launch", ada, "Attended")
    nested = []

    def meanwhile(name: str) -> None:
        if name == "campaigns.update":
            nested.append(world.sync(campaign_id="launch"))

    world.rival = meanwhile

    world.sync()

    assert len(nested) == 1
    assert any("another run" in note for note in nested[0].notes)
    assert world.written.count("campaigns.update") == 1
    assert list(world.members_there(record_id).values()) == ["Attended"]


def test_outbound_switched_off_cancels_what_waits(world: CampaignWorld) -> None:
    """Switched on again, it sends nothing from before."""
    ada, row_id, _ = a_pair(world)
    outbound = world.settings.current().outbound
    world.change(outbound=replace(outbound, enabled=False))
    world.move("launch", ada, "Attended")
    world.sync()
    world.change(outbound=outbound)
    world.wait(5)
    world.sync()

    assert world.org.row(row_id)["Status"] == "Registered"
    assert Reason.OUTBOUND_DISABLED in world.reasons()


def test_one_bad_row_costs_one_row(world: CampaignWorld) -> None:
    """It is shown with Salesforce's words, and its neighbours go out."""
    (ada, ada_there), (bob, bob_there) = world.linked("ada@example.com", "bob@example.com")
    record_id = world.their_campaign(labels=["Registered"])
    world.campaign(to=record_id)
    world.join("launch", ada)
    world.join("launch", bob)
    world.org.refusals[bob_there] = Refusal(
        code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="Not this one."
    )

    report = world.sync()

    assert world.members_there(record_id) == {ada_there: "Registered"}
    assert report.status is RunStatus.COMPLETED_WITH_ERRORS
    skip = world.member("launch", bob).skip
    assert skip
    assert skip.message == "Not this one."
    assert world.member("launch", bob).waiting is None


def test_a_field_that_refers_to_what_is_gone() -> None:
    """Salesforce names the field, so it stays here, and the member's status goes out at once."""
    world = Story(SyncSettings(member_fields=(a_member_field(),)))
    ada, row_id, _ = a_pair(world)
    world.org.rules.append(
        lambda _, row: (
            Refusal(code="INVALID_CROSS_REFERENCE_KEY", message="gone", fields=("Table__c",))
            if row.get("Table__c") == "gone"
            else None
        )
    )
    world.wish(ada, status="Attended", fields={"table": "gone"})

    world.sync()

    row = world.org.row(row_id)
    assert (row["Status"], row["Table__c"]) == ("Attended", None)
    assert Reason.FIELD_SET_ASIDE in world.reasons()
    assert world.member("launch", ada).waiting is None


def test_a_locked_row_is_tried_again(world: CampaignWorld) -> None:
    """Later, and not for ever."""
    ada, row_id, _ = a_pair(world)
    world.move("launch", ada, "Attended")
    world.org.locked.add(row_id)
    world.sync()
    waiting = world.member("launch", ada).waiting
    assert waiting
    assert waiting.attempts == 1

    world.org.locked.clear()
    world.wait(10)
    world.sync()

    assert world.org.row(row_id)["Status"] == "Attended"


def test_an_answer_that_is_lost_costs_nothing(world: CampaignWorld) -> None:
    """F21: members that were made are found and linked; none is made twice."""
    (ada, ada_there), (bob, bob_there) = world.linked("ada@example.com", "bob@example.com")
    record_id = world.their_campaign(labels=["Registered"])
    world.campaign(to=record_id)
    world.sync()
    world.join("launch", ada)
    world.join("launch", bob)
    world.salesforce.lose_answers()

    assert world.sync().status is RunStatus.FAILED
    world.wait(5)
    world.sync()

    assert world.members_there(record_id) == dict.fromkeys((ada_there, bob_there), "Registered")
    assert not any(world.member("launch", each).waiting for each in (ada, bob))


def test_a_late_commit_is_not_missed(world: CampaignWorld) -> None:
    """F01: the overlap of the windows reads it."""
    ada, row_id, _ = a_pair(world)
    world.org.edit(row_id, {"Status": "Attended"}, commit_at=world.now + 8 * MINUTE)
    world.wait(5)
    world.sync()
    world.wait(5)

    world.sync()

    assert world.members_here() == {ada: "Attended"}


def test_a_type_that_is_replaced_is_read_by_its_replacement() -> None:
    """The labels of the type at the moment count."""
    world = CampaignWorld(kind=replace(WEBINAR, statuses=WEBINAR.statuses[:2]))
    ((ada, ada_there),) = world.linked("ada@example.com")
    record_id = world.their_campaign(labels=["No show"])
    world.their_member(record_id, ada_there, "No show")
    world.campaign(to=record_id)

    world.sync()

    assert world.members_here() == {ada: "Registered"}
