"""A box that is ticked, and a record that is gone before the next pull: the refusal stands."""

from collections.abc import Callable

import pytest

from counterpart.domain.inbound_settings import Inbound, OnRemoteDelete
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import SObject
from counterpart.domain.sync_settings import SyncSettings
from tests.use_cases.refusing import BOX, opt_in, ticked
from tests.use_cases.world import World


def a_lead_that_is_linked(world: World, email: str = "ada@example.com") -> str:
    """Return the id of a lead that was pulled a minute ago."""
    lead_id = world.lead(email)
    world.pull()
    world.wait()
    return lead_id


def two_leads_that_are_linked(world: World, email: str) -> tuple[str, str]:
    """Return the ids of Ada's lead and of another, which were pulled a minute ago."""
    first_id = world.lead()
    return first_id, a_lead_that_is_linked(world, email)


def refuse(world: World, record_id: str) -> None:
    """Tick the box, a minute before something else happens."""
    world.org.edit(record_id, {BOX: True})
    world.wait()


# --- One record takes over ------------------------------------------------------------------------


def _merged(world: World, lead_id: str) -> str:
    winner_id = world.lead(None)
    world.org.merge(winner_id, lead_id)
    return winner_id


def _converted(world: World, lead_id: str) -> str:
    return world.org.convert(lead_id)


def _converted_into_a_contact_that_was_there(world: World, lead_id: str) -> str:
    return world.org.convert(lead_id, contact_id=world.person(None))


def _converted_and_merged(world: World, lead_id: str) -> str:
    contact_id, winner_id = world.org.convert(lead_id), world.person(None)
    world.org.edit(contact_id, {BOX: False})
    world.org.merge(winner_id, contact_id)
    return winner_id


@pytest.mark.failure("F58")
@pytest.mark.parametrize(
    "way",
    [_merged, _converted, _converted_into_a_contact_that_was_there, _converted_and_merged],
)
def test_a_record_is_ticked_and_another_takes_over(way: Callable[[World, str], str]) -> None:
    """The contact refuses, and what took over is told, whatever it said before."""
    world = World()
    lead_id = a_lead_that_is_linked(world)
    ada = world.of(lead_id).id
    refuse(world, lead_id)

    heir = way(world, lead_id)
    world.settle(2)

    assert world.record_of(ada) == heir
    assert world.contact(ada).opted_out
    assert ticked(world, heir)


@pytest.mark.failure("F58")
def test_an_opt_in_waits_while_its_record_is_ticked_anew_and_merged() -> None:
    """The answer to the opt-in was lost, so the refusal may be a later one; it is told."""
    world = World()
    lead_id = a_lead_that_is_linked(world)
    ada = world.of(lead_id).id
    refuse(world, lead_id)
    world.pull()
    opt_in(world, ada)
    world.salesforce.lose_answers()
    world.push()
    assert not ticked(world, lead_id)
    world.wait()
    refuse(world, lead_id)

    winner_id = _merged(world, lead_id)
    world.settle(2)

    assert world.contact(ada).opted_out
    assert ticked(world, winner_id)
    assert Reason.BOTH_CHANGED in world.reasons()


@pytest.mark.failure("F58")
def test_an_opt_in_for_the_refusal_that_a_record_held_when_it_went() -> None:
    """It was known, so the opt-in goes on, to the record that took over."""
    world = World()
    lead_id = a_lead_that_is_linked(world)
    ada = world.of(lead_id).id
    refuse(world, lead_id)
    world.pull()
    opt_in(world, ada)
    world.wait()

    contact_id = _converted(world, lead_id)
    world.settle(2)

    assert not world.contact(ada).opted_out
    assert not ticked(world, contact_id)


# --- Both have a contact here ---------------------------------------------------------------------


def _into_anothers_record(world: World, lead_id: str, other_id: str) -> None:
    world.org.merge(other_id, lead_id)


def _into_anothers_contact(world: World, lead_id: str, other_id: str) -> None:
    world.org.convert(lead_id, contact_id=other_id)


@pytest.mark.failure("F58")
@pytest.mark.parametrize("known", [True, False], ids=["known here", "not yet pulled"])
@pytest.mark.parametrize("way", [_into_anothers_record, _into_anothers_contact])
def test_a_record_that_refused_becomes_somebody_elses(
    way: Callable[[World, str, str], None], *, known: bool
) -> None:
    """There they are one person, who has refused."""
    world = World()
    merged = way is _into_anothers_record
    lead_id = world.lead()
    other_id = world.lead("grace@example.com") if merged else world.person("grace@example.com")
    world.pull()
    world.wait()
    ada, grace = world.of(lead_id).id, world.of(other_id).id
    refuse(world, lead_id)
    if known:
        world.pull()

    way(world, lead_id, other_id)
    world.settle(2)

    assert world.contact(ada).counterpart is None
    assert world.record_of(grace) == other_id
    assert world.contact(ada).opted_out
    assert world.contact(grace).opted_out
    assert ticked(world, other_id)
    (why,) = (one.message for one in world.outcomes() if one.subject_id == grace)
    assert why == f"{ada} and {grace} are one person there, who has refused"


@pytest.mark.failure("F58")
def test_a_further_record_that_refused_becomes_somebody_elses() -> None:
    """Its own contact refuses, with all its records, and so does the other."""
    world = World()
    own_id, further_id = world.lead(), world.lead("augusta@example.com")
    other_id = world.lead("grace@example.com")
    world.pull()
    world.wait()
    ada, grace = world.of(own_id).id, world.of(other_id).id
    world.merge(ada, world.of(further_id).id)
    refuse(world, further_id)

    world.org.merge(other_id, further_id)
    world.settle(2)

    assert (world.contact(ada).opted_out, world.contact(grace).opted_out) == (True, True)
    assert (ticked(world, own_id), ticked(world, other_id)) == (True, True)


@pytest.mark.failure("F58")
def test_whoever_takes_over_was_about_to_be_opted_in() -> None:
    """In doubt the refusal stands, and the outcome tells of the opt-in."""
    world = World()
    lead_id, other_id = world.lead(), world.lead("grace@example.com", HasOptedOutOfEmail=True)
    world.pull()
    world.wait()
    grace = world.of(other_id).id
    refuse(world, lead_id)
    opt_in(world, grace)

    world.org.merge(other_id, lead_id)
    world.pull()

    assert world.contact(grace).ledger.values["opted_out"] is True
    assert Reason.BOTH_CHANGED in world.reasons()


# --- Nothing takes over ---------------------------------------------------------------------------


@pytest.mark.failure("F58")
def test_a_record_is_ticked_and_deleted() -> None:
    """Its contact stays, and refuses; the next record that it meets is told."""
    world = World()
    lead_id = a_lead_that_is_linked(world)
    ada = world.of(lead_id).id
    refuse(world, lead_id)
    world.org.delete(lead_id)
    world.settle(1)
    unlinked = world.contact(ada)

    person_id = world.person()
    world.settle(2)

    assert unlinked.counterpart is None
    assert unlinked.opted_out
    assert world.record_of(ada) == person_id
    assert world.contact(ada).opted_out
    assert ticked(world, person_id)


@pytest.mark.failure("F58")
def test_a_further_record_is_ticked_and_deleted() -> None:
    """The contact's own record is told."""
    world = World()
    own_id, further_id = two_leads_that_are_linked(world, "augusta@example.com")
    ada = world.of(own_id).id
    world.merge(ada, world.of(further_id).id)
    refuse(world, further_id)

    world.org.delete(further_id)
    world.settle(2)

    assert world.contact(ada).opted_out
    assert ticked(world, own_id)


@pytest.mark.failure("F58")
def test_a_record_is_ticked_and_deleted_where_deletions_are_ignored() -> None:
    """The refusal is none of what is ignored; read once more, it undoes no opt-in."""
    world = World(SyncSettings(inbound=Inbound(on_remote_delete=OnRemoteDelete.IGNORE)))
    lead_id = a_lead_that_is_linked(world)
    ada = world.of(lead_id).id
    refuse(world, lead_id)

    world.org.delete(lead_id)
    world.pull()
    refused = world.contact(ada)
    opt_in(world, ada)
    world.wait()
    world.pull()

    assert refused.opted_out
    assert world.contact(ada).ledger.values["opted_out"] is False


# --- Who finds out --------------------------------------------------------------------------------


def _a_push(world: World, contact_id: str) -> None:
    world.edit(contact_id, job_title="Countess")
    world.push()


def _a_sweep(world: World, contact_id: str) -> None:
    assert contact_id
    world.sweep()


def _a_pull_of_contacts_alone(world: World, contact_id: str) -> None:
    assert contact_id
    world.pull(objects=("Contact",))


@pytest.mark.failure("F58")
@pytest.mark.parametrize("first", [_a_push, _a_sweep, _a_pull_of_contacts_alone])
@pytest.mark.parametrize("way", [_converted_into_a_contact_that_was_there, _merged])
def test_who_is_the_first_to_find_a_record_gone(
    way: Callable[[World, str], str], first: Callable[[World, str], None]
) -> None:
    """Whoever it is hears the refusal."""
    world = World()
    lead_id = a_lead_that_is_linked(world)
    ada = world.of(lead_id).id
    refuse(world, lead_id)
    heir = way(world, lead_id)
    world.wait()

    first(world, ada)
    world.settle(2)

    assert world.record_of(ada) == heir
    assert world.contact(ada).opted_out
    assert ticked(world, heir)


@pytest.mark.failure("F58")
@pytest.mark.parametrize("first", [_a_push, _a_sweep])
def test_who_is_the_first_to_find_a_record_deleted(first: Callable[[World, str], None]) -> None:
    """It is the last chance to hear of the refusal."""
    world = World()
    lead_id = a_lead_that_is_linked(world)
    ada = world.of(lead_id).id
    refuse(world, lead_id)
    world.org.delete(lead_id)
    world.wait()

    first(world, ada)
    world.settle(1)

    assert world.contact(ada).counterpart is None
    assert world.contact(ada).opted_out


@pytest.mark.failure("F58")
def test_the_box_of_leads_is_hidden_while_contacts_are_read_first() -> None:
    """The contact follows its lead all the same."""
    world = World()
    lead_id = a_lead_that_is_linked(world)
    ada = world.of(lead_id).id
    world.org.hidden.add((SObject.LEAD, BOX))
    heir = _converted_into_a_contact_that_was_there(world, lead_id)
    world.org.edit(heir, {"Email": "ada@example.com"})

    world.pull(objects=("Contact",))

    assert world.record_of(ada) == heir


@pytest.mark.failure("F58")
@pytest.mark.parametrize("read_before", [True, False])
def test_a_record_becomes_that_of_somebody_who_refused(*, read_before: bool) -> None:
    """There they are one person, so whoever loses the record has refused as well."""
    world = World()
    lead_id, other_id = two_leads_that_are_linked(world, "grace@example.com")
    ada, grace = world.of(lead_id).id, world.of(other_id).id
    refuse(world, other_id)
    if read_before:
        world.pull()

    world.org.merge(other_id, lead_id)
    world.settle(2)

    assert world.contact(ada).counterpart is None
    assert (world.contact(ada).opted_out, world.contact(grace).opted_out) == (True, True)


# --- Merged here, and undone ----------------------------------------------------------------------


def _ticked_and_deleted(world: World, survivor_id: str, record_id: str) -> None:
    assert survivor_id
    refuse(world, record_id)
    world.org.delete(record_id)
    world.settle(2)


def _refused_here_after_a_deletion(world: World, survivor_id: str, record_id: str) -> None:
    world.org.delete(record_id)
    world.settle(1)
    world.edit(survivor_id, opted_out=True)
    world.settle(1)


@pytest.mark.failure("F58")
@pytest.mark.parametrize("way", [_ticked_and_deleted, _refused_here_after_a_deletion])
def test_a_refusal_while_two_were_one_and_one_record_is_gone(
    way: Callable[[World, str, str], None],
) -> None:
    """Nobody is opted in again by undoing the merge, with a record or without."""
    world = World()
    own_id, further_id = two_leads_that_are_linked(world, "augusta@example.com")
    ada, augusta = world.of(own_id).id, world.of(further_id).id
    world.merge(ada, augusta)
    world.wait()
    way(world, ada, further_id)

    undone = world.undo(augusta)

    assert (world.contact(ada).opted_out, world.contact(augusta).opted_out) == (True, True)
    assert any("opted out by now" in told for told in undone.kept)


@pytest.mark.failure("F58")
def test_a_refusal_from_before_two_were_one() -> None:
    """It was of the survivor alone, and is so again."""
    world = World()
    ada, augusta = world.add(), world.add("augusta@example.com")
    world.edit(ada, opted_out=True)
    world.merge(ada, augusta)

    world.undo(augusta)

    assert (world.contact(ada).opted_out, world.contact(augusta).opted_out) == (True, False)
