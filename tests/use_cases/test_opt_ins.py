"""An opt-in is for the refusal that it was said of, whatever becomes of the record."""

from collections.abc import Callable

import pytest

from counterpart.domain.outcomes import Action, Outcome
from tests.use_cases.test_opt_out import BOX, an_opt_in_without_an_answer, opt_in, ticked
from tests.use_cases.world import World

FIRST = pytest.mark.parametrize("first", ["pull", "push"])


def an_opt_in() -> tuple[World, str, str]:
    """Return a world in which an opt-in over the refusal of a lead waits to go out, and the ids."""
    world = World()
    lead_id = world.lead(HasOptedOutOfEmail=True)
    world.pull()
    world.wait()
    contact_id = world.of(lead_id).id
    opt_in(world, contact_id)
    world.wait()
    return world, contact_id, lead_id


def conflicts(world: World) -> list[tuple[str | None, str | None, str | None]]:
    """Return what was told of values that were lost."""
    told: list[Outcome] = [one for one in world.outcomes() if one.action is Action.CONFLICTED]
    return [(one.field, one.kept, one.lost) for one in told]


UNDONE = [("opted_out", "theirs", "False")]


# --- Records that take over ----------------------------------------------------------------------


def _converted(world: World, lead_id: str) -> str:
    contact_id = world.org.convert(lead_id)
    world.wait()
    world.org.edit(contact_id, {BOX: True})
    return contact_id


def _ticked_and_converted(world: World, lead_id: str) -> str:
    world.org.edit(lead_id, {BOX: True})
    world.wait()
    return world.org.convert(lead_id)


def _ticked_and_taken_out_of_the_bin(world: World, lead_id: str) -> str:
    world.org.delete(lead_id)
    world.wait()
    world.pull()
    world.wait()
    world.org.undelete(lead_id)
    world.org.edit(lead_id, {BOX: True})
    return lead_id


@pytest.mark.failure("F58")
@FIRST
@pytest.mark.parametrize(
    "way", [_converted, _ticked_and_converted, _ticked_and_taken_out_of_the_bin]
)
def test_a_refusal_after_an_opt_in_without_an_answer(
    way: Callable[[World, str], str], first: str
) -> None:
    """It stands, whatever became of the record meanwhile, and that is told."""
    world, lead_id = an_opt_in_without_an_answer()
    contact_id = world.of(lead_id).id
    record_id = way(world, lead_id)
    world.wait()

    getattr(world, first)()
    world.settle(2)

    assert ticked(world, record_id)
    assert world.contact(contact_id).ledger.values["opted_out"] is True
    assert conflicts(world) == UNDONE


def _merged_into_another(world: World, lead_id: str) -> str:
    winner_id = world.lead(None, HasOptedOutOfEmail=True)
    world.wait()
    world.org.merge(winner_id, lead_id)
    return winner_id


def _converted_into_another(world: World, lead_id: str) -> str:
    contact_id = world.person(None, HasOptedOutOfEmail=True)
    world.wait()
    world.org.convert(lead_id, contact_id=contact_id)
    return contact_id


@pytest.mark.failure("F58")
@FIRST
@pytest.mark.parametrize("way", [_merged_into_another, _converted_into_another])
def test_an_opt_in_and_the_refusal_of_another_record(
    way: Callable[[World, str], str], first: str
) -> None:
    """Nobody here knew of it, so it stands; another opt-in lifts it."""
    world, contact_id, lead_id = an_opt_in()
    record_id = way(world, lead_id)
    world.wait()

    getattr(world, first)()
    world.settle(2)

    assert ticked(world, record_id)
    assert world.contact(contact_id).ledger.values["opted_out"] is True
    assert conflicts(world) == UNDONE
    world.wait()
    opt_in(world, contact_id)
    world.settle(2)
    assert not ticked(world, record_id)
    assert not world.contact(contact_id).opted_out


@FIRST
def test_an_opt_in_of_a_lead_that_is_converted(first: str) -> None:
    """The new Contact holds the refusal that was lifted, and no other."""
    world, contact_id, lead_id = an_opt_in()
    record_id = world.org.convert(lead_id)
    world.wait()

    getattr(world, first)()
    world.settle(2)

    assert not ticked(world, record_id)
    assert not world.contact(contact_id).opted_out
    assert conflicts(world) == []


@FIRST
def test_an_opt_in_of_a_record_that_is_deleted_and_comes_back(first: str) -> None:
    """It holds the refusal that was lifted."""
    world, contact_id, lead_id = an_opt_in()
    world.org.delete(lead_id)
    world.wait()
    world.pull()
    world.wait()
    world.org.undelete(lead_id)
    world.wait()

    getattr(world, first)()
    world.settle(2)

    assert not ticked(world, lead_id)
    assert not world.contact(contact_id).opted_out
    assert conflicts(world) == []


@pytest.mark.failure("F58")
@pytest.mark.parametrize("seen", [True, False])
def test_a_record_that_took_over_goes_back_with_the_loser_of_a_merge(*, seen: bool) -> None:
    """The loser was opted in before anybody here knew of the refusal in that record."""
    world, loser, lead_id = an_opt_in()
    survivor = world.add("eve@example.com")
    world.merge(survivor, loser)
    record_id = _merged_into_another(world, lead_id)
    world.wait()
    if seen:
        world.settle(1)
    else:
        world.pull()
    world.wait()

    world.undo(loser)
    world.wait()
    world.settle(2)

    assert world.contact(loser).record_id == record_id
    assert ticked(world, record_id)
    assert world.contact(loser).ledger.values["opted_out"] is True
