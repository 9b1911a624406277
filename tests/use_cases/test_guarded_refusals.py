"""Refusals to be mailed of people whose edits the guard holds: they go out, and nothing else."""

import pytest

from counterpart.domain.mapping import Mode
from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.outcomes import RunStatus
from counterpart.domain.records import SObject
from counterpart.domain.refusals import Refusal
from counterpart.domain.sync_settings import Guard, SyncSettings
from tests.use_cases.refusing import BOX, ticked
from tests.use_cases.world import World, with_mode

GUARD = Guard(share_percent=20, minimum=5)


def held(mode: Mode = Mode.ALWAYS_OURS, *, bulk_above: int = 2000) -> tuple[World, list[str]]:
    """Return a world in which the titles of all are cleared here and held, and our ids."""
    world = World(
        SyncSettings(
            guard=GUARD,
            fields=with_mode(mode, "job_title"),
            outbound=Outbound(bulk_above=bulk_above),
        )
    )
    people = world.analysts(12)
    for contact_id in people:
        world.edit(contact_id, job_title=None)
    assert world.push().status is RunStatus.HELD
    return world, people


def calls_of_five_looks(world: World) -> int:
    """Let five looks go by, and return how many calls they cost."""
    before = world.salesforce.usage().calls
    for _ in range(5):
        world.wait()
        world.push(scheduled=True)
    return world.salesforce.usage().calls - before


def title(world: World, contact_id: str) -> object:
    """Return the title that Salesforce holds."""
    return world.row_of(contact_id)["Title"]


@pytest.mark.failure("F67")
@pytest.mark.parametrize("mode", [Mode.ALWAYS_OURS, Mode.TWO_WAY])
@pytest.mark.parametrize("bulk_above", [0, 1, 2000])
def test_somebody_refuses_whose_edit_is_held(mode: Mode, bulk_above: int) -> None:
    """The next look tells Salesforce so; the edit goes with the yes, whatever is pulled before."""
    world, (ada, bob, *others) = held(mode, bulk_above=bulk_above)
    world.edit(ada, opted_out=True)
    world.edit(bob, opted_out=True)
    world.wait()

    report = world.push(scheduled=True)

    assert report.status is RunStatus.HELD
    assert [ticked(world, world.record_of(one)) for one in (ada, bob, others[0])] == [
        *(True, True),
        False,
    ]
    assert {title(world, one) for one in (ada, bob, *others)} == {"Analyst"}
    (hold,) = world.holds()
    assert hold["counts"] == {"blanked": 12}

    world.wait(5)
    world.pull()
    world.approve(hold["id"])
    world.push()
    world.settle(1)

    assert {title(world, one) for one in (ada, bob, *others)} == {None}
    assert world.contact(ada).opted_out
    assert not any(world.waits(one) for one in (ada, bob, *others))


def test_a_refusal_along_with_an_edit_that_is_held() -> None:
    """It goes with the very look that holds the rest."""
    world = World(SyncSettings(guard=GUARD, fields=with_mode(Mode.ALWAYS_OURS, "job_title")))
    people = world.analysts(12)
    for contact_id in people:
        world.edit(contact_id, job_title=None, first_name="Ada", opted_out=True)

    rehearsal = world.push(dry_run=True, everything_waiting=True)
    report = world.push()

    assert rehearsal.counts["Lead"]["would_update"] >= 12 - GUARD.minimum
    assert report.status is RunStatus.HELD
    assert all(ticked(world, world.record_of(one)) for one in people)
    assert {title(world, one) for one in people} == {"Analyst"}
    assert world.holds()[0]["counts"] == {"blanked": 12}


def test_a_refusal_that_went_alone_costs_nothing_more() -> None:
    """Looks that find the rest held ask Salesforce nothing."""
    world, (ada, *_) = held()
    world.edit(ada, opted_out=True)
    world.wait()
    world.push(scheduled=True)
    calls, writes = world.salesforce.usage().calls, world.writes_of("contacts")

    for _ in range(5):
        world.wait()
        assert world.push(scheduled=True).status is RunStatus.HELD

    assert world.salesforce.usage().calls == calls
    assert world.writes_of("contacts") == writes


def test_a_box_that_is_hidden_while_the_rest_is_held() -> None:
    """It is looked for once an hour, and not at each look."""
    world, (ada, *_) = held()
    world.org.hidden.add((SObject.LEAD, BOX))
    world.edit(ada, opted_out=True)
    world.wait()
    world.push(scheduled=True)
    in_between = calls_of_five_looks(world)
    world.org.hidden.clear()
    world.wait(60)
    world.push(scheduled=True)

    assert in_between == 0
    assert ticked(world, world.record_of(ada))
    assert title(world, ada) == "Analyst"


def test_a_record_that_is_locked_while_somebody_refuses_and_the_rest_is_held() -> None:
    """The refusal is tried again; the rest stays."""
    world, (ada, *_) = held()
    lock = Refusal(code="UNABLE_TO_LOCK_ROW", message="locked")
    world.org.refusals[world.record_of(ada)] = lock
    world.edit(ada, opted_out=True)
    world.wait()
    world.push(scheduled=True)
    world.org.refusals.clear()

    world.wait(5)
    world.push(scheduled=True)

    assert ticked(world, world.record_of(ada))
    assert title(world, ada) == "Analyst"


def test_a_further_record_that_does_not_take_a_refusal_while_the_rest_is_held() -> None:
    """Her own record takes it; the further one is asked again in an hour, not at each look."""
    world, (ada, *_) = held()
    further = world.lead("augusta@example.com")
    world.pull()
    world.wait()
    world.merge(ada, world.of(further).id)
    world.org.refusals[further] = Refusal(code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="No.")
    world.edit(ada, opted_out=True)
    world.wait()
    world.push(scheduled=True)
    in_between = calls_of_five_looks(world)
    world.org.refusals.clear()
    world.wait(60)
    world.push(scheduled=True)

    assert in_between == 0
    assert ticked(world, world.record_of(ada))
    assert ticked(world, further)
    assert title(world, ada) == "Analyst"
