"""Campaigns and types are changed, whatever others do meanwhile and wherever a crash falls."""

from datetime import timedelta

import pytest

from counterpart.domain.campaign_edits import CampaignEdit, SyncWish
from counterpart.domain.campaigns import SyncOption
from counterpart.domain.waiting import Lane, Waiting
from counterpart.errors import ChangedMeanwhileError, ConflictError
from counterpart.use_cases.edit_campaigns import NewCampaign, create_campaign
from counterpart.use_cases.move_members_on import move_all_members_on
from tests.contracts.stores.samples import CAMPAIGN_ID, MINUTE, NOON, a_campaign
from tests.use_cases.enrolling import EXISTING, NEW, NONE, Enrolling
from tests.use_cases.world import PowerCutError

OTHER = SyncWish(option=SyncOption.EXISTING, record_id="701AB00000abcDFYAY")


def owner(world: Enrolling) -> str | None:
    """Return which campaign owns the Salesforce campaign."""
    return world.stores.campaigns.owners([CAMPAIGN_ID]).get(CAMPAIGN_ID)


def settled(world: Enrolling) -> bool:
    """Return whether nobody is stored any more with the status that was removed."""
    (removal,) = world.type.removals
    return removal.settled


# --- The choice -----------------------------------------------------------------------------------


def test_a_salesforce_campaign_is_let_go_of_when_the_sync_ends() -> None:
    """Another campaign may have it then."""
    world = Enrolling()
    world.choose(EXISTING)
    with pytest.raises(ConflictError, match=r"campaign spring \(Spring webinar\) syncs with"):
        world.choose(EXISTING, "autumn")

    world.choose(NONE)
    assert owner(world) is None
    world.choose(EXISTING, "autumn")

    assert owner(world) == "autumn"


@pytest.mark.parametrize("wish", [NONE, NEW, OTHER])
def test_a_crash_before_it_is_let_go_of(wish: SyncWish) -> None:
    """The claim that is left counts for nothing."""
    world = Enrolling()
    world.choose(EXISTING)
    world.cut_after = {"campaigns.save"}
    with pytest.raises(PowerCutError):
        world.choose(wish)
    assert owner(world) == "spring"

    world.choose(EXISTING, "autumn")

    assert owner(world) == "autumn"


def test_a_crash_before_the_choice_is_stored() -> None:
    """The claim that is left counts for nothing, and its own campaign can still choose."""
    world = Enrolling()
    world.cut_after = {"campaigns.claim"}
    with pytest.raises(PowerCutError):
        world.choose(EXISTING)
    assert not world.campaign.syncs

    world.choose(EXISTING)
    assert (owner(world), world.campaign.syncs) == ("spring", True)


def test_two_campaigns_choose_the_same_one_at_once() -> None:
    """One of them has it, the other is told."""
    world = Enrolling()
    world.before["campaigns.claim"] = lambda: world.choose(EXISTING, "autumn")

    with pytest.raises(ConflictError):
        world.choose(EXISTING)

    assert owner(world) == "autumn"
    assert not world.campaign.syncs


def test_a_new_campaign_claims_what_it_chose() -> None:
    """Before it is there."""
    world = Enrolling()
    world.choose(EXISTING)
    wanted = NewCampaign(type_id="webinar", edit=CampaignEdit(name="Copy", sync=EXISTING))

    with pytest.raises(ConflictError):
        create_campaign(wanted, key=None, now=NOON, stores=world.stores)

    assert len(world.stores.campaigns.page(limit=9).items) == 2


def test_somebody_else_changes_the_campaign_first() -> None:
    """Both changes stand."""
    world = Enrolling()
    renamed = a_campaign(name="Spring 2027", version=1)
    world.before["campaigns.save"] = lambda: world.stores.campaigns.save(renamed)

    world.choose(NEW)

    assert (world.campaign.name, world.campaign.syncs) == ("Spring 2027", True)


def test_others_keep_changing_the_campaign() -> None:
    """After some tries, the sender is told to try again."""
    world = Enrolling()

    def interfere() -> None:
        world.before["campaigns.save"] = lambda: None
        world.stores.campaigns.save(world.campaign)
        world.before["campaigns.save"] = interfere

    world.before["campaigns.save"] = interfere

    with pytest.raises(ChangedMeanwhileError):
        world.choose(NEW)


# --- Statuses that are removed --------------------------------------------------------------------


def test_members_of_all_campaigns_count() -> None:
    """Those too who have it only because another one was removed."""
    world = Enrolling()
    world.add("ada", status="Registered")
    world.add("bob", status="Attended", campaign_id="autumn")
    world.remove_status("Registered", "Attended")

    with pytest.raises(ConflictError, match="2 members have this status"):
        world.remove_status("Attended")


def test_everybody_has_the_replacement_from_the_removal_on() -> None:
    """Also before anybody was moved on, page after page."""
    world = Enrolling()
    world.add("ada", "eve", status="Registered")
    world.add("bob", status="Attended")

    world.remove_status("Registered", "Attended")

    assert world.stored() == {"ada": "Registered", "bob": "Attended", "eve": "Registered"}
    assert sorted(world.listed("Attended", limit=1)) == ["ada", "bob", "eve"]


def test_members_move_on_in_steps_that_can_be_interrupted() -> None:
    """Whoever goes on begins where the other stopped, and nobody is moved twice."""
    names = [f"contact-{number:04}" for number in range(1200)]
    world = Enrolling(contacts=names)
    world.add(*names, status="Registered")
    world.remove_status("Registered", "Attended")

    moved = [world.move_on(steps=1), world.move_on(steps=1), world.move_on()]

    assert moved == [500, 500, 200]
    assert set(world.stored().values()) == {"Attended"}
    assert {each.version for each in world.members.page("spring", limit=2000).items} == {2}


def test_a_crash_among_the_members_that_move_on() -> None:
    """There is no half: who was not moved has the replacement all the same."""
    world = Enrolling()
    world.add("ada", "bob", "eve", status="Registered")
    world.remove_status("Registered", "Attended")
    world.cut_after = {"members.save"}
    with pytest.raises(PowerCutError):
        world.move_on()
    assert list(world.stored().values()).count("Registered") == 2
    assert len(world.listed("Attended")) == 3

    world.move_on()

    assert set(world.stored().values()) == {"Attended"}


def test_who_moves_on_goes_out() -> None:
    """As an edit of the moment of the removal; what Salesforce changed later is later."""
    world = Enrolling()
    world.choose(NEW)
    world.add("ada", status="Registered")
    world.now += MINUTE
    world.remove_status("Registered", "Attended")
    world.now += 5 * MINUTE

    world.move_on()

    ada = world.member("ada")
    assert ada
    assert ada.status_changed_at == NOON + MINUTE
    assert ada.waiting == Waiting(lane=Lane.FRESH, next_push_at=NOON)


def test_a_removal_is_settled_when_nobody_can_come_late() -> None:
    """Who read the type before the removal may store the old status a little later."""
    world = Enrolling(lagging_index=True)
    world.add("ada", status="Registered")
    world.remove_status("Registered", "Attended")

    # The index knows of nobody yet.
    assert world.move_on() == 0
    assert not settled(world)

    world.members.catch_up()
    world.now += timedelta(minutes=15)
    assert world.move_on() == 1
    assert not settled(world)

    world.members.catch_up()
    assert world.move_on() == 0
    assert settled(world)
    assert world.move_on() == 0


def test_somebody_changes_the_type_while_members_move_on() -> None:
    """The next look settles it."""
    world = Enrolling()
    world.remove_status("Registered")
    world.now += timedelta(minutes=15)
    world.before["campaign_types.save"] = lambda: world.stores.types.save(world.type)

    world.move_on()
    assert not settled(world)

    world.move_on()
    assert settled(world)


def test_the_members_of_every_type_move_on() -> None:
    """Whoever does it by the clock looks at all types."""
    world = Enrolling()
    world.add("ada", status="Registered")
    world.remove_status("Registered", "Attended")

    moved = move_all_members_on(now=world.now, enough=lambda: False, stores=world.stores)

    assert moved == 1
    assert world.stored() == {"ada": "Attended"}
