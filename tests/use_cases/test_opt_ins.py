"""An opt-in is for the refusal that it was said of, whatever becomes of the record, or of ours."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.outcomes import Action, Outcome
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.wishes import Wish
from tests.use_cases.refusing import BOX, answer_to_opt_in, opt_in, ticked
from tests.use_cases.test_opt_out import an_opt_in_without_an_answer
from tests.use_cases.world import MINUTE, World

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


def assert_it_stands(world: World, contact_id: str, record_id: str) -> None:
    """Check that a refusal stands on both sides, and that it was told that it undid an opt-in."""
    assert ticked(world, record_id)
    assert world.contact(contact_id).ledger.values["opted_out"] is True
    assert conflicts(world) == UNDONE


# --- While nothing goes out -----------------------------------------------------------------------

TAG = "created-from-salesforce-lead"


def _switched_off(world: World, contact_id: str) -> Callable[[], object]:
    assert contact_id
    world.switch_outbound(on=False)
    return lambda: world.switch_outbound(on=True)


def _paused(world: World, contact_id: str) -> Callable[[], object]:
    world.write(Wish(contact_id=contact_id, remove_tags=(TAG,)))
    return lambda: world.write(Wish(contact_id=contact_id, add_tags=(TAG,)))


@pytest.mark.parametrize("close", [_switched_off, _paused])
def test_an_opt_in_that_cannot_go_out_when_it_is_said(
    close: Callable[[World, str], Callable[[], object]],
) -> None:
    """It stays here, as other edits do, and the answer tells; said again later, it goes."""
    world = World()
    lead_id = world.lead(HasOptedOutOfEmail=True)
    world.pull()
    ada = world.of(lead_id).id
    world.wait()
    open_again = close(world, ada)

    first = answer_to_opt_in(world, ada).notices[0]
    world.settle(1)
    repeated = answer_to_opt_in(world, ada)
    open_again()
    world.settle(1)
    kept = (ticked(world, lead_id), world.contact(ada).opted_out)
    later = answer_to_opt_in(world, ada).notices[0]
    world.settle(1)

    assert first.message.endswith("say it again once it can")
    assert repeated.notices[0] == first
    assert kept == (True, True)
    assert later.message.endswith("until it has taken the opt-in")
    assert (ticked(world, lead_id), world.contact(ada).opted_out) == (False, False)


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

    assert_it_stands(world, contact_id, record_id)


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

    assert_it_stands(world, contact_id, record_id)
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


# --- Refusals of ours on their way ---------------------------------------------------------------


class Carried:
    """A world in which a slow job carries the refusal of Ada, whom somebody merges into Eve."""

    def __init__(self, *, lands_at_once: bool) -> None:
        self.world = World(SyncSettings(outbound=Outbound(bulk_above=1)))
        leads = [self.world.lead(f"{name}@example.com") for name in ("ada", "bob", "eve")]
        self.lead, _, self.own = leads
        self.world.wait()
        self.world.pull()
        self.world.wait(20)
        self.ada, bob, self.eve = (self.world.of(lead_id).id for lead_id in leads)
        for contact_id in (self.ada, bob):
            self.world.edit(contact_id, opted_out=True)
        self.world.salesforce.jobs.work = 30 * MINUTE
        self.world.push()
        if lands_at_once:
            self.land()
        self.world.wait(2)

    def land(self) -> None:
        """Let Salesforce write what the job carries, while nobody here asks for it."""
        self.world.wait(30)
        self.world.salesforce.jobs.look("750000000000000001")
        self.world.salesforce.jobs.work = timedelta(0)
        assert ticked(self.world, self.lead)


@pytest.mark.failure("F58")
def test_an_opt_in_after_a_refusal_that_a_job_has_brought() -> None:
    """The box of what is a further record by now is ours, and undoes nothing."""
    carried = Carried(lands_at_once=True)
    world = carried.world
    world.merge(carried.eve, carried.ada)
    world.wait(2)

    opt_in(world, carried.eve)
    world.settle(2)

    assert not world.contact(carried.eve).opted_out
    assert not ticked(world, carried.own)
    assert conflicts(world) == []


@pytest.mark.failure("F58")
@pytest.mark.parametrize("merged_first", [True, False])
def test_an_opt_in_before_a_refusal_that_a_job_brings(*, merged_first: bool) -> None:
    """It looks like one that somebody has given there since: it stands, which is told."""
    carried = Carried(lands_at_once=False)
    world = carried.world
    if merged_first:
        world.merge(carried.eve, carried.ada)
        opt_in(world, carried.eve)
    else:
        opt_in(world, carried.ada)
        world.merge(carried.eve, carried.ada)
    world.wait(2)
    carried.land()

    world.settle(2)

    assert world.contact(carried.eve).opted_out
    assert ticked(world, carried.own)
    assert conflicts(world) == UNDONE


@pytest.mark.failure("F58")
def test_an_opt_in_after_a_merge_was_undone_while_a_job_was_under_way() -> None:
    """What the job brings is known as its own, as if there had been no merge."""
    carried = Carried(lands_at_once=False)
    world = carried.world
    world.merge(carried.eve, carried.ada)
    world.wait()
    world.undo(carried.ada)
    world.wait()

    opt_in(world, carried.ada)
    world.wait()
    carried.land()
    world.settle(3)

    assert not world.contact(carried.ada).opted_out
    assert not ticked(world, carried.lead)
    assert conflicts(world) == []


# --- Merges here that are undone -----------------------------------------------------------------


@pytest.mark.parametrize("own", [False, True])
@FIRST
def test_a_refusal_that_was_given_anew_while_two_were_one(first: str, *, own: bool) -> None:
    """Whether or not the opt-in has gone out from the survivor, it was for the earlier one."""
    world, ada, lead_id = an_opt_in()
    if own:
        world.lead("bob@example.com")
        world.pull()
        (bob,) = (one.id for one in world.everybody() if one.id != ada)
    else:
        bob = world.add("bob@example.com")
    world.merge(bob, ada)
    world.wait()
    world.push()
    world.wait()
    world.org.edit(lead_id, {BOX: False})
    world.wait()
    world.pull()
    world.org.edit(lead_id, {BOX: True})
    world.wait()
    world.pull()
    told = len(conflicts(world))

    world.undo(ada)
    getattr(world, first)()
    world.settle(2)

    assert ticked(world, lead_id)
    assert world.contact(ada).ledger.values["opted_out"] is True
    assert conflicts(world)[told:] == UNDONE


def test_a_refusal_that_stood_while_two_were_one() -> None:
    """It is the one that was to be lifted, and is lifted once the contact is back."""
    world, ada, lead_id = an_opt_in()
    world.lead("bob@example.com")
    world.pull()
    (bob,) = (one.id for one in world.everybody() if one.id != ada)
    world.merge(bob, ada)
    world.wait()
    world.settle(1)

    world.undo(ada)
    world.settle(2)

    assert not ticked(world, lead_id)
    assert not world.contact(ada).opted_out
