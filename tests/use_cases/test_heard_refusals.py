"""Refusals in Salesforce, which the guard keeps outside with everything else: they are heard."""

from dataclasses import replace

import pytest

from counterpart.domain.mapping import Mode
from counterpart.domain.outcomes import Action, Reason, RunStatus
from counterpart.domain.records import SObject
from counterpart.domain.selection import Selection, SelectionMode
from counterpart.domain.sync_settings import Guard, SyncSettings
from tests.use_cases.refusing import BOX, opt_in, ticked
from tests.use_cases.world import World, with_mode

GUARD = Guard(share_percent=20, minimum=5)
TITLE_COMES_IN = with_mode(Mode.ALWAYS_SALESFORCE, "job_title")
BY_THEM = SyncSettings(guard=GUARD, fields=TITLE_COMES_IN)


def a_world(number: int = 20, **given: int) -> tuple[World, list[str]]:
    """Return a world with as many linked leads, pulled a while ago, and their ids."""
    world = World(BY_THEM, **given)  # type: ignore[arg-type] # numbers
    leads = [world.lead(f"{at}@example.com", Title="Clerk") for at in range(number)]
    world.wait()
    world.pull(scheduled=True)
    world.wait(60)
    world.pull(scheduled=True)
    return world, leads


def empty(world: World, leads: list[str]) -> None:
    """Empty the column of titles, one a minute."""
    for lead in leads:
        world.wait()
        world.org.edit(lead, {"Title": None})


def delete(world: World, leads: list[str]) -> None:
    """Delete leads, one a minute."""
    for lead in leads:
        world.wait()
        world.org.delete(lead)


def tick(world: World, lead: str) -> None:
    """Let somebody tick the box of a lead."""
    world.wait()
    world.org.edit(lead, {BOX: True, "City": "Bern"})
    world.wait()


def tick_along(world: World, lead: str) -> str:
    """Return the id of a contact whose lead is ticked while many are emptied, and pull."""
    empty(world, [one for one in world_leads(world) if one != lead][:12])
    tick(world, lead)
    assert world.pull(scheduled=True).status is RunStatus.HELD
    return world.of(lead).id


def world_leads(world: World) -> list[str]:
    """Return the ids of all leads."""
    return [str(row["Id"]) for row in world.org.rows(SObject.LEAD)]


@pytest.mark.failure("F67")
@pytest.mark.parametrize("page_size", [2000, 3])
@pytest.mark.parametrize("what", [empty, delete])
def test_somebody_refuses_among_what_is_held(what: object, page_size: int) -> None:
    """The person is opted out here at once; all else of the row waits for the yes."""
    world, leads = a_world(page_size=page_size)
    what(world, leads[:12])  # type: ignore[operator] # one of the two
    tick(world, leads[15])

    report = world.pull(scheduled=True)

    ada = world.of(leads[15])
    assert report.status is RunStatus.HELD
    assert ada.opted_out
    assert ada.ledger.values.get("city") is None
    assert sum(one.opted_out for one in world.everybody()) == 1

    world.approve(world.holds()[0]["id"])
    world.follow()
    world.settle(1)

    ada = world.of(leads[15])
    assert (ada.opted_out, ada.ledger.values.get("city")) == (True, "Bern")
    assert not world.waits(ada.id)


def test_somebody_refuses_while_a_stream_is_held() -> None:
    """It is heard when the hold is judged once more, with one call, and stored once."""
    world, leads = a_world()
    empty(world, leads[:12])
    world.wait()
    world.pull(scheduled=True)
    tick(world, leads[15])
    for _ in range(13):
        world.wait(5)
        world.pull(scheduled=True)
    assert world.of(leads[15]).opted_out
    version = world.of(leads[15]).version

    for _ in range(26):
        world.wait(5)
        world.pull(scheduled=True)

    assert world.of(leads[15]).version == version


def test_somebody_refuses_whose_record_is_deleted_among_many() -> None:
    """The contact refuses, and keeps its link until somebody says yes."""
    world, leads = a_world()
    tick(world, leads[3])
    delete(world, leads[:12])
    world.wait()
    world.pull(scheduled=True)
    world.wait()
    world.push()

    ada = world.of(leads[3])
    assert ada.opted_out
    assert ada.counterpart
    world.approve(world.holds()[0]["id"])
    world.follow()
    assert world.of(leads[3]).counterpart is None


def test_somebody_refuses_whose_further_record_is_held() -> None:
    """The other record is told by the next push, whatever stands still."""
    world, leads = a_world()
    ada = world.of(leads[14]).id
    world.merge(ada, world.of(leads[15]).id)
    world.settle(1)

    empty(world, leads[:12])
    tick(world, leads[15])
    assert world.pull(scheduled=True).status is RunStatus.HELD
    world.wait()
    world.push()

    assert world.contact(ada).opted_out
    assert ticked(world, leads[14])


def test_the_winner_of_a_merge_learns_of_a_refusal_that_was_heard_before() -> None:
    """Once somebody has said yes, as of any refusal."""
    world, leads = a_world(30)
    ada = world.of(leads[0]).id
    tick(world, leads[0])
    winner = world.lead(None)
    world.org.merge(winner, leads[0])
    delete(world, leads[1:12])
    world.wait()
    world.pull(scheduled=True)
    heard = world.contact(ada).opted_out

    world.approve(world.holds()[0]["id"])
    world.follow()
    world.settle(2)

    assert heard
    assert world.record_of(ada) == winner
    assert ticked(world, winner)


def test_a_refusal_after_an_opt_in_while_the_rest_is_held() -> None:
    """It is later and stands, which is told once; the opt-in before it was for another one."""
    world, leads = a_world()
    ada = world.of(leads[15]).id
    tick(world, leads[15])
    world.pull()
    world.wait()
    opt_in(world, ada)
    world.wait()
    world.push()
    assert not ticked(world, leads[15])

    tick_along(world, leads[15])

    assert world.contact(ada).opted_out
    world.approve(world.holds()[0]["id"])
    world.follow()
    world.settle(2)
    assert ticked(world, leads[15])
    assert world.contact(ada).opted_out


def test_an_opt_in_of_a_refusal_that_was_heard_while_the_rest_is_held() -> None:
    """It goes out, and what is held does not bring the refusal back."""
    world, leads = a_world()
    ada = tick_along(world, leads[15])
    world.wait()
    opt_in(world, ada)
    world.wait()
    world.push()
    for _ in range(13):
        world.wait(5)
        world.pull(scheduled=True)

    assert not world.contact(ada).opted_out
    world.approve(world.holds()[0]["id"])
    world.follow()
    world.settle(2)
    assert not ticked(world, leads[15])
    assert not world.contact(ada).opted_out


def test_a_refusal_in_a_record_that_is_not_selected_while_others_are_held() -> None:
    """No pull reads it, held or not."""
    world, leads = a_world()
    inbound = world.settings.current().inbound
    entry = replace(
        inbound.objects[SObject.LEAD],
        selection=Selection(mode=SelectionMode.MARKED),
    )
    for lead in leads[:12]:
        world.org.edit(lead, {"Sync_to_Counterpart__c": True})
    world.wait()
    world.change(inbound=replace(inbound, objects={**inbound.objects, SObject.LEAD: entry}))
    empty(world, leads[:12])
    tick(world, leads[15])
    tick(world, leads[11])

    assert world.pull(scheduled=True).status is RunStatus.HELD

    assert [world.of(leads[at]).opted_out for at in (15, 11)] == [False, True]


def test_a_rehearsal_of_what_would_be_held() -> None:
    """It writes nothing, no refusal either."""
    world, leads = a_world()
    empty(world, leads[:12])
    tick(world, leads[15])

    world.pull(dry_run=True)

    assert not world.of(leads[15]).opted_out


def test_the_box_is_hidden_while_the_rest_is_held() -> None:
    """Nothing is to be heard, and the run fails for nothing."""
    world, leads = a_world()
    world.org.hidden.add((SObject.LEAD, BOX))
    empty(world, leads[:12])
    world.wait()

    report = world.pull(scheduled=True)

    assert report.status is RunStatus.HELD
    assert [each.reason for each in report.outcomes if each.action is not Action.HELD] == [
        Reason.FIELD_UNAVAILABLE
    ]
