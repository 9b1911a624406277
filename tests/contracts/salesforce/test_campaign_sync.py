"""Campaigns and members in step, sentence by sentence, in memory and with the simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from counterpart.domain.campaigns import StatusMap
from counterpart.domain.outcomes import Reason, RunStatus
from counterpart.domain.records import CampaignObject, SObject
from counterpart.errors import ConflictError, MissingFieldError, NotFoundError
from counterpart.use_cases.delete_campaigns import delete_campaign
from tests.contracts.salesforce.desk import LABELS, NEW, NONE, Desk, existing

if TYPE_CHECKING:
    from tests.contracts.salesforce.orgs import Org

DAY = 24 * 3600


@pytest.fixture
def desk(org: Org) -> Desk:
    """Return a desk with nothing on it."""
    return Desk(org)


def told(desk: Desk, reason: Reason) -> list[str]:
    """Return what was told for a reason."""
    return [each.message for each in desk.outcomes() if each.reason is reason]


# --- The three options, and the four cases ------------------------------------------------------


def test_a_new_campaign_makes_one_there(desk: Desk) -> None:
    """Of the same name, active, with the statuses of the type and no others."""
    campaign_id = desk.campaign(NEW)

    desk.sync()

    record_id = desk.record_of(campaign_id)
    made = desk.org.values(record_id)
    assert (made["Name"], made["IsActive"]) == ("Spring webinar", True)
    assert desk.statuses_there(record_id) == ["Invited*", "Registered", "Attended!"]


@pytest.mark.parametrize("active", ["active", "inactive"])
def test_a_new_campaign_with_an_existing_one(desk: Desk, active: str) -> None:
    """Who is a contact here comes in, with the default where the type lacks the status."""
    record_id = desk.theirs("VIP", "Attended", IsActive=active == "active")
    (ada, adas), (bob, bobs) = desk.person(), desk.person(SObject.LEAD)
    stranger = desk.org.add(SObject.CONTACT, LastName="Stranger")
    for person_id, status in ((adas, "Attended"), (bobs, "VIP"), (stranger, "Attended")):
        desk.enrol(record_id, person_id, status)
    campaign_id = desk.campaign(existing(record_id))

    for _ in range(3):
        desk.sync()

    assert desk.here(campaign_id) == {ada: "Attended", bob: "Invited"}
    # The fallback is not pushed back.
    assert desk.there(campaign_id)[bobs] == "VIP"
    assert len(told(desk, Reason.NOT_A_CONTACT)) == 1
    assert len(told(desk, Reason.STATUS_UNKNOWN)) == 1


def test_an_existing_campaign_with_a_new_one(desk: Desk) -> None:
    """Who is there goes out, and who is not is skipped, with its reason, and never created."""
    campaign_id = desk.campaign()
    (ada, adas), bob = desk.person(), desk.contact()
    desk.wish(campaign_id, ada, "Attended")
    desk.wish(campaign_id, bob, "Registered")
    desk.sync()
    desk.change(campaign_id, sync=NEW)

    desk.sync()

    assert desk.there(campaign_id) == {adas: "Attended"}
    assert len(told(desk, Reason.NOT_LINKED)) == 1
    skip = desk.member(campaign_id, bob).member.skip
    assert skip
    assert skip.reason is Reason.NOT_LINKED

    bobs = desk.org.add(SObject.CONTACT, LastName="Bob")
    desk.link(bob, bobs)
    desk.sync(wait=DAY)
    assert desk.there(campaign_id) == {adas: "Attended", bobs: "Registered"}


def test_two_existing_campaigns(desk: Desk) -> None:
    """Salesforce comes in first; a status that it lacks becomes its default, and stays ours."""
    record_id = desk.theirs("Attended")
    (ada, adas), (bob, bobs) = desk.person(), desk.person()
    campaign_id = desk.campaign()
    desk.wish(campaign_id, bob, "Registered")
    desk.enrol(record_id, adas, "Attended")
    desk.change(campaign_id, sync=existing(record_id))

    for _ in range(3):
        desk.sync()

    assert desk.here(campaign_id) == {ada: "Attended", bob: "Registered"}
    assert desk.there(campaign_id) == {adas: "Attended", bobs: "Sent"}
    (message,) = told(desk, Reason.STATUS_UNKNOWN)
    assert message.startswith("The campaign in Salesforce has no status 'Registered'")
    # The setting did not say so.
    assert desk.statuses_there(record_id) == ["Sent*", "Responded!", "Attended!"]


def test_statuses_are_added_where_the_setting_says_so(org: Org) -> None:
    """When the campaign is linked, and for a status that the type gets later."""
    desk = Desk(org, create_missing_statuses=True)
    record_id = desk.theirs("Attended")
    type_id = desk.type()
    ada, adas = desk.person()
    campaign_id = desk.campaign(existing(record_id), type_id=type_id)
    desk.sync()
    assert desk.statuses_there(record_id)[2:] == ["Attended!", "Invited", "Registered"]

    desk.restate(type_id, *LABELS, "Spoke")
    desk.wish(campaign_id, ada, "Spoke")
    desk.sync()

    assert desk.there(campaign_id) == {adas: "Spoke"}


def test_a_choice_is_changed_to_and_fro(desk: Desk) -> None:
    """Each campaign there keeps what it had; the one that was made once is not made twice."""
    record_id = desk.theirs(*LABELS)
    ada, adas = desk.person()
    campaign_id = desk.campaign()
    desk.wish(campaign_id, ada, "Registered")
    desk.change(campaign_id, sync=existing(record_id))
    desk.sync()
    desk.change(campaign_id, sync=NEW)
    desk.sync()
    made = desk.record_of(campaign_id)
    assert made != record_id

    desk.wish(campaign_id, ada, "Attended")
    desk.sync()
    assert desk.there(campaign_id) == {adas: "Attended"}
    desk.change(campaign_id, sync=NONE)
    desk.org.advance(60)
    desk.wish(campaign_id, ada, "Invited")
    desk.sync()
    desk.change(campaign_id, sync=existing(record_id))
    desk.sync()
    assert desk.there(campaign_id) == {adas: "Invited"}
    desk.change(campaign_id, sync=NEW)
    desk.sync()

    assert desk.record_of(campaign_id) == made
    assert desk.there(campaign_id) == {adas: "Invited"}


def test_two_campaigns_choose_the_same(desk: Desk) -> None:
    """The second is refused, and told by which one it is taken."""
    record_id = desk.theirs()
    first = desk.campaign(existing(record_id), name="First")

    with pytest.raises(ConflictError) as caught:
        desk.campaign(existing(record_id))

    assert caught.value.detail == f"campaign {first} (First) syncs with this one already"


def test_what_was_chosen_is_not_there(desk: Desk) -> None:
    """Nothing is tried again until somebody chooses again."""
    campaign_id = desk.campaign(existing("701000000000009AAA"))

    for _ in range(2):
        desk.sync()

    assert desk.stores.campaign(campaign_id).sync.refusal == (
        "Salesforce has no such campaign, or hides it."
    )
    assert len(told(desk, Reason.NOT_FOUND)) == 1


# --- Statuses -----------------------------------------------------------------------------------


def test_a_type_gets_a_status_later(desk: Desk) -> None:
    """The campaign that was made for ours gets it, too, before anybody goes out with it."""
    type_id = desk.type()
    ada, adas = desk.person()
    campaign_id = desk.campaign(NEW, type_id=type_id)
    desk.sync()
    desk.restate(type_id, "Invited", "Registered", "Waitlisted", "Attended")

    desk.wish(campaign_id, ada, "Waitlisted")
    desk.sync()

    assert desk.there(campaign_id) == {adas: "Waitlisted"}
    assert desk.statuses_there(desk.record_of(campaign_id)) == [
        "Invited*",
        "Registered",
        "Attended!",
        "Waitlisted",
    ]
    assert told(desk, Reason.STATUS_UNKNOWN) == []


def test_a_status_is_renamed_and_another_one_removed(desk: Desk) -> None:
    """Who has it moves on, here at once and there with the next run."""
    type_id = desk.type()
    (ada, adas), (bob, bobs) = desk.person(), desk.person()
    campaign_id = desk.campaign(NEW, type_id=type_id)
    desk.wish(campaign_id, ada, "Invited")
    desk.wish(campaign_id, bob, "Registered")
    desk.sync()

    desk.restate(
        type_id, "Asked", "Attended", replacements={"Invited": "Asked", "Registered": "Attended"}
    )

    assert desk.here(campaign_id) == {ada: "Asked", bob: "Attended"}
    desk.sync()
    # The one that was given another name keeps it there.
    assert desk.there(campaign_id) == {adas: "Invited", bobs: "Attended"}
    desk.sync()
    assert desk.here(campaign_id) == {ada: "Asked", bob: "Attended"}


def test_a_status_that_is_spelt_otherwise(desk: Desk) -> None:
    """Case is of no matter on either side."""
    record_id = desk.theirs("INVITED", "registered", "ATTENDED")
    ada, adas = desk.person()
    campaign_id = desk.campaign(existing(record_id))
    desk.wish(campaign_id, ada, "rEGISTERED")

    for _ in range(2):
        desk.sync()

    assert desk.here(campaign_id) == {ada: "Registered"}
    assert desk.there(campaign_id) == {adas: "registered"}
    assert desk.outcomes() == []


def test_a_map_by_hand(desk: Desk) -> None:
    """It says which stands for which; a label that is not there is told of by its name."""
    record_id = desk.theirs("VIP", "Came")
    (ada, adas), (bob, bobs) = desk.person(), desk.person()
    by_hand = StatusMap(
        to_theirs={"Registered": "vip", "Attended": "Nowhere"}, to_ours={"came": "attended"}
    )
    campaign_id = desk.campaign(existing(record_id), status_map=by_hand)
    desk.wish(campaign_id, ada, "Registered")
    desk.enrol(record_id, bobs, "Came")
    desk.sync()
    assert desk.here(campaign_id) == {ada: "Registered", bob: "Attended"}
    assert desk.there(campaign_id) == {adas: "VIP", bobs: "Came"}

    desk.wish(campaign_id, ada, "Attended")
    desk.sync()

    assert desk.there(campaign_id)[adas] == "Sent"
    (message,) = told(desk, Reason.STATUS_UNKNOWN)
    assert message.startswith(
        "The campaign in Salesforce has no status 'Nowhere', which is to stand for 'Attended'; "
    )


def test_a_fallback_that_is_there_already_is_told(desk: Desk) -> None:
    """Nothing has to be written, and still somebody may ask why Salesforce says otherwise."""
    record_id = desk.theirs()
    ada, adas = desk.person()
    campaign_id = desk.campaign(existing(record_id))
    desk.wish(campaign_id, ada, "Registered")
    desk.sync()

    desk.wish(campaign_id, ada, "Attended")
    desk.sync()
    desk.sync()

    assert desk.there(campaign_id) == {adas: "Sent"}
    assert len(told(desk, Reason.STATUS_UNKNOWN)) == 2


def test_a_local_change_is_pushed_and_the_newer_wins_on_the_way_in(desk: Desk) -> None:
    """Two-way, by the moments of both changes; Salesforce may go back."""
    record_id = desk.theirs(*LABELS)
    ada, adas = desk.person()
    row_id = desk.enrol(record_id, adas, "Attended")
    campaign_id = desk.campaign(existing(record_id))
    desk.sync()

    desk.org.edit(row_id, Status="Registered")
    desk.org.advance(10)
    desk.wish(campaign_id, ada, "Invited")
    desk.sync()
    assert desk.here(campaign_id) == {ada: "Invited"}
    assert desk.there(campaign_id) == {adas: "Invited"}

    desk.wish(campaign_id, ada, "Attended")
    desk.org.advance(10)
    desk.org.edit(row_id, Status="Registered")
    desk.sync()
    assert desk.here(campaign_id) == {ada: "Registered"}
    assert desk.there(campaign_id) == {adas: "Registered"}


def test_a_response_follows_the_status(desk: Desk) -> None:
    """On both sides."""
    ada, _ = desk.person()
    campaign_id = desk.campaign(NEW)
    desk.wish(campaign_id, ada, "Attended")

    desk.sync()

    counterpart = desk.member(campaign_id, ada).member.counterpart
    assert counterpart
    assert counterpart.responded
    assert desk.org.values(counterpart.record_id)["HasResponded"] is True


# --- Members ------------------------------------------------------------------------------------


def test_who_is_a_member_there_already(desk: Desk) -> None:
    """Is linked, and gets our status."""
    record_id = desk.theirs(*LABELS)
    ada, adas = desk.person()
    campaign_id = desk.campaign(existing(record_id))
    desk.sync()
    row_id = desk.enrol(record_id, adas, "Invited")
    # Whoever commits late is not seen by the run that goes out.
    desk.org.advance(60)
    desk.wish(campaign_id, ada, "Registered")

    desk.sync()

    counterpart = desk.member(campaign_id, ada).member.counterpart
    assert counterpart
    assert counterpart.record_id == row_id
    assert desk.there(campaign_id) == {adas: "Registered"}


def test_a_conversion_keeps_the_membership(desk: Desk) -> None:
    """And later changes go to the same row."""
    record_id = desk.theirs(*LABELS)
    ada, lead_id = desk.person(SObject.LEAD)
    campaign_id = desk.campaign(existing(record_id))
    desk.wish(campaign_id, ada, "Registered")
    desk.sync()
    person_id, _ = desk.org.convert(lead_id)
    desk.sync()
    assert desk.here(campaign_id) == {ada: "Registered"}

    desk.wish(campaign_id, ada, "Attended")
    desk.sync()

    assert desk.there(campaign_id) == {person_id: "Attended"}


def test_removals_cross_both_ways(desk: Desk) -> None:
    """And who is added again is a member again."""
    record_id = desk.theirs(*LABELS)
    ada, adas = desk.person()
    campaign_id = desk.campaign(existing(record_id))
    desk.wish(campaign_id, ada, "Registered")
    desk.sync()
    desk.remove(campaign_id, ada)
    desk.sync()
    assert desk.there(campaign_id) == {}

    desk.wish(campaign_id, ada, "Attended")
    desk.sync()
    assert desk.there(campaign_id) == {adas: "Attended"}
    counterpart = desk.member(campaign_id, ada).member.counterpart
    assert counterpart
    desk.org.delete(counterpart.record_id)
    desk.sync()

    assert desk.here(campaign_id) == {}


def test_a_person_who_is_deleted_there_and_comes_back(desk: Desk) -> None:
    """Takes the membership along, both times."""
    record_id = desk.theirs(*LABELS)
    ada, adas = desk.person()
    desk.enrol(record_id, adas, "Attended")
    campaign_id = desk.campaign(existing(record_id))
    desk.sync()
    desk.org.delete(adas)
    desk.sync()
    assert desk.here(campaign_id) == {}

    desk.org.undelete(adas)
    desk.sync()

    assert desk.here(campaign_id) == {ada: "Attended"}


def test_somebody_outside_becomes_a_contact(desk: Desk) -> None:
    """And is a member without anybody's doing."""
    record_id = desk.theirs(*LABELS)
    person_id = desk.org.add(SObject.CONTACT, LastName="Stranger")
    desk.enrol(record_id, person_id, "Attended")
    campaign_id = desk.campaign(existing(record_id))
    desk.sync()
    assert desk.here(campaign_id) == {}
    ada = desk.contact()
    desk.link(ada, person_id)

    desk.sync(wait=DAY)

    assert desk.here(campaign_id) == {ada: "Attended"}


# --- What becomes of campaigns there, and here --------------------------------------------------


def test_a_campaign_is_deleted_there_and_comes_back(desk: Desk) -> None:
    """Ours stays, and what was done meanwhile goes out."""
    record_id = desk.theirs(*LABELS)
    ada, adas = desk.person()
    campaign_id = desk.campaign(existing(record_id))
    desk.wish(campaign_id, ada, "Registered")
    desk.sync()
    desk.org.delete(record_id)
    desk.sync()
    assert desk.stores.campaign(campaign_id).counterpart is None
    desk.wish(campaign_id, ada, "Attended")
    desk.sync()
    assert desk.here(campaign_id) == {ada: "Attended"}

    desk.org.undelete(record_id)
    for _ in range(2):
        desk.sync()

    assert desk.there(campaign_id) == {adas: "Attended"}


def test_a_campaign_is_gone_without_a_trace(desk: Desk) -> None:
    """Whoever goes out next finds out, members stay, and the choice ends with its reason."""
    record_id = desk.theirs(*LABELS)
    (ada, _), (bob, _) = desk.person(), desk.person()
    campaign_id = desk.campaign(existing(record_id))
    desk.wish(campaign_id, ada, "Registered")
    desk.sync()
    desk.org.delete(record_id)
    desk.org.purge(record_id)
    desk.wish(campaign_id, ada, "Attended")
    desk.wish(campaign_id, bob)

    for _ in range(2):
        desk.sync()

    assert desk.here(campaign_id) == {ada: "Attended", bob: "Invited"}
    assert desk.stores.campaign(campaign_id).sync.refusal == (
        "Salesforce has no such campaign, or hides it."
    )


def test_our_campaign_is_deleted(desk: Desk) -> None:
    """Nothing changes in Salesforce, whatever runs afterwards."""
    record_id = desk.theirs(*LABELS)
    ada, adas = desk.person()
    campaign_id = desk.campaign(existing(record_id))
    desk.wish(campaign_id, ada, "Registered")
    desk.sync()
    desk.wish(campaign_id, ada, "Attended")

    delete_campaign(campaign_id, now=desk.now, enough=lambda: False, stores=desk.stores)
    desk.sync()

    assert desk.org.values(record_id)["Name"] == "Spring fair"
    again = desk.campaign(existing(record_id))
    desk.sync()
    assert desk.here(again) == {ada: "Registered"}
    assert desk.there(again) == {adas: "Registered"}


def test_a_dry_run_writes_nothing(desk: Desk) -> None:
    """Neither here nor there, for all campaigns and for one."""
    record_id = desk.theirs(*LABELS)
    (ada, adas), (bob, _) = desk.person(), desk.person()
    desk.enrol(record_id, adas, "Attended")
    campaign_id = desk.campaign(existing(record_id))
    new = desk.campaign(NEW)
    report = desk.sync(dry_run=True)
    assert "Would link 2 campaigns." in report.notes
    assert desk.stores.campaign(campaign_id).counterpart is None
    assert desk.stores.campaign(new).counterpart is None
    desk.sync()
    desk.wish(campaign_id, bob, "Registered")
    desk.wish(campaign_id, ada, "Invited")

    reports = [desk.sync(dry_run=True), desk.sync(dry_run=True, campaign_id=campaign_id)]

    assert {each.summary for each in reports} == {
        "Would change 0 members here and send 2 to Salesforce."
    }
    assert desk.there(campaign_id) == {adas: "Attended"}


def test_a_campaign_that_nobody_knows(desk: Desk) -> None:
    """The answer says so."""
    with pytest.raises(NotFoundError) as caught:
        desk.sync(campaign_id="nobody")

    assert caught.value.detail == "no campaign has the id nobody"


# --- Rights that our user lacks -----------------------------------------------------------------


def test_members_that_our_user_may_not_read(desk: Desk) -> None:
    """Are no success; the outcome says what to do."""
    ada, _ = desk.person()
    campaign_id = desk.campaign(existing(desk.theirs(*LABELS)))
    desk.wish(campaign_id, ada)
    desk.org.hide_object(CampaignObject.MEMBER)

    report = desk.sync()

    assert report.status is RunStatus.COMPLETED_WITH_ERRORS
    (message,) = told(desk, Reason.OBJECT_UNAVAILABLE)
    assert "Tick Marketing User for our user in Salesforce" in message


def test_campaigns_that_our_user_may_not_see(desk: Desk) -> None:
    """Stop the run, which is kept with what to do."""
    desk.campaign(existing(desk.theirs()))
    desk.org.hide_object(CampaignObject.CAMPAIGN)

    with pytest.raises(MissingFieldError):
        desk.sync()

    (run,) = desk.runs.page(limit=9).items
    assert run.error
    assert "Tick Marketing User for our user in Salesforce" in run.error
