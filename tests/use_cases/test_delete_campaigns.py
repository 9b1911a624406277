"""Deleting campaigns and types: what goes, what stays, what may come in between."""

from __future__ import annotations

from datetime import timedelta

import pytest

from counterpart.domain.campaign_edits import CampaignEdit
from counterpart.errors import ChangedMeanwhileError, ConflictError, NotFoundError
from counterpart.use_cases.delete_campaign_types import delete_type, list_types
from counterpart.use_cases.delete_campaigns import delete_campaign, dismiss_all
from counterpart.use_cases.edit_campaign_types import NewType, create_type
from counterpart.use_cases.edit_campaigns import NewCampaign, create_campaign
from counterpart.use_cases.outsiders import aside
from counterpart.use_cases.read_members import list_memberships
from tests.contracts.stores.samples import CAMPAIGN_ID, MINUTE, a_campaign, a_member, a_type
from tests.use_cases.campaigning import WEBINAR, CampaignWorld
from tests.use_cases.enrolling import EXISTING, Enrolling
from tests.use_cases.world import PowerCutError


def delete(world: Enrolling, campaign_id: str = "spring", *, steps: int = 1000) -> None:
    """Delete a campaign, with time for so many steps."""
    left = iter(range(steps))
    delete_campaign(
        campaign_id,
        now=world.now,
        enough=lambda: next(left, None) is None,
        stores=world.stores,
    )


def dismiss(world: Enrolling) -> int:
    """Let the members of deleted campaigns go; return how many went."""
    return dismiss_all(now=world.now, enough=lambda: False, stores=world.stores)


def make(world: Enrolling, *, key: str | None = None) -> str:
    """Make a campaign; return its id."""
    wanted = NewCampaign(type_id="webinar", edit=CampaignEdit(name="Winter"))
    return create_campaign(wanted, key=key, now=world.now, stores=world.stores).campaign.id


def without_campaigns() -> Enrolling:
    """Return a world in which nothing is of the type."""
    world = Enrolling()
    for name in ("spring", "autumn"):
        delete(world, name)
    return world


# --- Campaigns ----------------------------------------------------------------------------------


def test_a_campaign_goes_with_its_members() -> None:
    """And with them who is kept aside; other campaigns stay as they are."""
    world = Enrolling()
    world.add("ada", "bob")
    world.add("ada", campaign_id="autumn")
    world.members.save_many([a_member("00QAB00000abcDE2AY", aside("spring"))])

    delete(world)

    assert world.stored() == world.stored(aside("spring")) == {}
    assert world.stored("autumn") == {"ada": "Invited"}
    with pytest.raises(NotFoundError):
        world.stores.campaign("spring")


def test_a_campaign_is_deleted_once() -> None:
    """Doing so again changes nothing; who names one that never was is told."""
    world = Enrolling()
    delete(world)

    delete(world)

    with pytest.raises(NotFoundError) as caught:
        delete(world, "sprung")
    assert caught.value.detail == "there is no campaign sprung"


def test_another_campaign_may_have_what_a_deleted_one_owned() -> None:
    """What it is linked to, and what it was to be linked to."""
    world = Enrolling()
    world.choose(EXISTING)

    delete(world)

    assert world.stores.campaigns.owners([CAMPAIGN_ID]) == {}
    assert world.choose(EXISTING, "autumn").syncs


def test_a_crash_before_what_it_owned_is_let_go() -> None:
    """A claim of a campaign that is no more counts for nothing."""
    world = Enrolling()
    world.choose(EXISTING)
    world.cut_after = {"campaigns.delete"}
    with pytest.raises(PowerCutError):
        delete(world)

    world.choose(EXISTING, "autumn")

    assert world.stores.campaigns.owners([CAMPAIGN_ID]) == {CAMPAIGN_ID: "autumn"}


def test_more_members_than_a_request_has_time_for() -> None:
    """The schedule goes on; until then nobody sees them."""
    everybody = [f"c{place:04}" for place in range(700)]
    world = Enrolling(contacts=everybody)
    world.add(*everybody)
    delete(world, steps=0)
    assert len(world.stored()) == 200
    assert list_memberships("c0699", contacts=world.contacts, stores=world.stores) == []

    assert dismiss(world) == 200

    assert world.stored() == {}


def test_somebody_adds_members_to_a_campaign_that_goes() -> None:
    """Whoever knew it before may do so for a quarter of an hour; after that, it has left."""
    world = Enrolling()
    delete(world)
    world.members.save_many([a_member("ada")])
    assert dismiss(world) == 1

    world.now += timedelta(minutes=14)
    assert dismiss(world) == 0
    assert world.stores.campaigns.leaving()

    world.now += timedelta(minutes=1)
    dismiss(world)
    assert world.stores.campaigns.leaving() == []


def test_the_schedule_stops_when_its_time_is_over() -> None:
    """What is left is left to the next run."""
    world = Enrolling()
    world.add("ada")
    delete(world, "autumn")
    world.stores.campaigns.delete(world.campaign, now=world.now)

    assert dismiss_all(now=world.now, enough=lambda: True, stores=world.stores) == 0

    assert world.stored() == {"ada": "Invited"}


def test_a_campaign_that_is_renamed_while_it_is_deleted() -> None:
    """It goes all the same, unless others keep changing it."""
    world = Enrolling()

    def rename() -> None:
        world.stores.campaigns.save(world.campaign)

    world.before["campaigns.delete"] = rename
    delete(world)
    assert world.stores.campaigns.was_deleted("spring")

    def keep_renaming() -> None:
        world.stores.campaigns.save(world.stores.campaign("autumn"))
        world.before["campaigns.delete"] = keep_renaming

    world.before["campaigns.delete"] = keep_renaming
    with pytest.raises(ChangedMeanwhileError):
        delete(world, "autumn")


def test_the_key_of_a_campaign_that_was_deleted() -> None:
    """A late repetition of the request does not bring it back."""
    world = Enrolling()
    delete(world, make(world, key="k"))

    with pytest.raises(ConflictError) as caught:
        make(world, key="k")

    assert caught.value.detail == (
        "the campaign that this key has made was deleted; a new one needs a new key"
    )


def test_a_campaign_of_which_an_index_still_knows() -> None:
    """Its type is changed, and members move on, as if it had never been."""
    world = Enrolling(lagging_campaigns=True)
    world.add("ada", campaign_id="autumn", status="Registered")
    world.stores.campaigns.delete(world.campaign, now=world.now)

    world.remove_status("Registered", "Invited")
    world.members.catch_up()
    world.move_on()

    assert world.stored("autumn") == {"ada": "Invited"}


# --- Types --------------------------------------------------------------------------------------


def test_a_type_in_use_is_kept() -> None:
    """The answer says by which campaigns."""
    world = Enrolling()

    with pytest.raises(ConflictError) as caught:
        delete_type("webinar", now=world.now, stores=world.stores)

    assert caught.value.detail == (
        "campaigns autumn (Autumn), spring (Spring webinar) are of this type; delete them first"
    )
    assert world.type.deleted_at is None

    delete(world)
    with pytest.raises(ConflictError) as caught:
        delete_type("webinar", now=world.now, stores=world.stores)
    assert caught.value.detail == ("campaign autumn (Autumn) is of this type; delete it first")


def test_a_type_that_many_campaigns_use() -> None:
    """Five of them are named, and how many more there are."""
    world = Enrolling()
    for place in range(5):
        world.stores.campaigns.save(a_campaign(f"more{place}"))

    with pytest.raises(ConflictError) as caught:
        delete_type("webinar", now=world.now, stores=world.stores)

    assert "more3 (Spring webinar) and 2 more are of this type" in caught.value.detail


def test_a_type_that_nothing_uses_is_deleted() -> None:
    """Nobody sees it again, and no campaign begins with it; doing so twice changes nothing."""
    world = without_campaigns()

    delete_type("webinar", now=world.now, stores=world.stores)
    delete_type("webinar", now=world.now + MINUTE, stores=world.stores)

    with pytest.raises(NotFoundError):
        world.stores.type("webinar")
    with pytest.raises(NotFoundError) as caught:
        make(world)
    assert caught.value.field == "type_id"
    with pytest.raises(NotFoundError):
        delete_type("webbinar", now=world.now, stores=world.stores)


def test_a_list_of_types_passes_over_those_that_were_deleted() -> None:
    """Its pages are as long as ever."""
    world = without_campaigns()
    for name in ("a", "m", "z"):
        world.stores.types.save(a_type(name))
    delete_type("m", now=world.now, stores=world.stores)

    first = list_types(limit=2, after=None, stores=world.stores)
    second = list_types(limit=2, after=first.next, stores=world.stores)

    assert [[each.id for each in page.items] for page in (first, second)] == [
        ["a", "webinar"],
        ["z"],
    ]
    assert second.next is None


def test_the_key_of_a_type_that_was_deleted() -> None:
    """A late repetition of the request does not bring it back."""
    world = Enrolling()
    wanted = NewType(name="Fair", statuses=WEBINAR.statuses)
    made = create_type(wanted, key="k", now=world.now, stores=world.stores).campaign_type
    delete_type(made.id, now=world.now, stores=world.stores)

    with pytest.raises(ConflictError):
        create_type(wanted, key="k", now=world.now, stores=world.stores)


@pytest.mark.parametrize("write", ["campaign_types.save", "campaigns.save"])
def test_somebody_makes_a_campaign_of_a_type_that_is_being_deleted(write: str) -> None:
    """Of both requests at most one succeeds, however they meet, and no campaign lacks its type."""
    world = without_campaigns()
    done: list[str] = []

    def make_one() -> None:
        done.append(make(world))

    def delete_it() -> None:
        delete_type("webinar", now=world.now, stores=world.stores)
        done.append("deleted")

    first, second = (
        (delete_it, make_one) if write == "campaign_types.save" else (make_one, delete_it)
    )
    world.before[write] = second
    with pytest.raises((ConflictError, NotFoundError)):
        first()

    assert len(done) == 1
    left = world.stores.campaigns.page(limit=9).items
    assert bool(left) is ("deleted" not in done)
    assert all(world.stores.type_of(each).deleted_at is None for each in left)


def test_a_crash_leaves_a_type_marked_that_is_used() -> None:
    """Its campaigns go on; deleting it again brings it back, and says why."""
    world = without_campaigns()
    world.before["campaign_types.save"] = lambda: world.stores.campaigns.save(a_campaign("late"))
    world.cut_after = {"campaign_types.save"}
    with pytest.raises(PowerCutError):
        delete_type("webinar", now=world.now, stores=world.stores)
    assert world.stores.type_of(world.stores.campaign("late")).id == "webinar"

    with pytest.raises(ConflictError):
        delete_type("webinar", now=world.now, stores=world.stores)

    assert world.type.deleted_at is None


def test_others_keep_changing_a_type_that_is_to_be_deleted() -> None:
    """After some tries, the sender is told to try again."""
    world = without_campaigns()

    def interfere() -> None:
        world.stores.types.save(world.type)
        world.before["campaign_types.save"] = interfere

    world.before["campaign_types.save"] = interfere
    with pytest.raises(ChangedMeanwhileError):
        delete_type("webinar", now=world.now, stores=world.stores)


# --- In step with Salesforce --------------------------------------------------------------------


def a_synced_world() -> tuple[CampaignWorld, str, str, str]:
    """Return a world with a linked campaign and one member, and the ids of it all."""
    world = CampaignWorld()
    ((contact_id, person_id),) = world.linked("ada@example.com")
    record_id = world.their_campaign(labels=["Registered", "Attended"])
    world.campaign(to=record_id)
    world.ours.claim(record_id, campaign_id="launch")
    world.join("launch", contact_id)
    world.sync()
    assert world.members_there(record_id) == {person_id: "Registered"}
    return world, record_id, contact_id, person_id


def delete_ours(world: CampaignWorld) -> None:
    """Delete our campaign, without time for its members."""
    delete_campaign("launch", now=world.now, enough=lambda: True, stores=world.campaigns)


def test_what_is_in_salesforce_stays_there() -> None:
    """The campaign and its members; further runs write nothing anywhere."""
    world, record_id, _, person_id = a_synced_world()
    world.wait(20)
    delete_ours(world)
    before = world.org.rows("CampaignMember"), world.org.rows("Campaign")

    for _ in range(3):
        world.wait(10)
        world.sync()

    assert world.members_there(record_id) == {person_id: "Registered"}
    assert (world.org.rows("CampaignMember"), world.org.rows("Campaign")) == before
    assert world.members_here() == {}
    assert world.ours.leaving() == []
    assert world.ours.owners([record_id]) == {}


def test_an_edit_and_a_removal_that_waited_do_not_cross() -> None:
    """They went with the campaign."""
    world, record_id, contact_id, person_id = a_synced_world()
    world.remove("launch", contact_id)

    delete_ours(world)
    world.wait()
    world.sync()

    assert world.members_there(record_id) == {person_id: "Registered"}


def test_a_campaign_is_deleted_while_its_rows_come_in() -> None:
    """What the run adds is cleared away by a later one."""
    world, record_id, _, _ = a_synced_world()
    ((_, bob),) = world.linked("bob@example.com")
    world.their_member(record_id, bob, "Attended")
    world.wait()

    def rival(write: str) -> None:
        if write == "members.save" and not world.ours.leaving():
            delete_ours(world)

    world.rival = rival
    world.sync()
    assert world.members_here()

    world.wait(16)
    world.sync()
    world.wait(16)
    world.sync()
    assert world.members_here() == {}
    assert world.ours.leaving() == []


def test_a_campaign_is_deleted_just_before_its_members_go_out() -> None:
    """Nobody becomes a member there any more."""
    world, record_id, _, person_id = a_synced_world()
    ((bob, _),) = world.linked("bob@example.com")
    world.join("launch", bob)
    world.wait()
    world.on_write["streams.acquire"] = lambda: world.ours.delete(
        world.the_campaign(), now=world.now
    )

    report = world.sync(campaign_id="launch")

    assert world.members_there(record_id) == {person_id: "Registered"}
    assert not report.error


def test_the_same_campaign_in_salesforce_may_be_followed_anew() -> None:
    """By another campaign of ours, which begins with all of its members."""
    world, record_id, contact_id, _ = a_synced_world()
    delete_ours(world)
    world.campaign("again", to=record_id)

    world.wait()
    world.sync()

    assert world.members_here("again") == {contact_id: "Registered"}
