"""A refusal to be mailed, on every path: it crosses and stands until somebody lifts it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.inbound_settings import Inbound, InboundObject
from counterpart.domain.mapping import Mode
from counterpart.domain.outbound_settings import Outbound, OutboundObject
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import SObject
from counterpart.domain.refusals import Refusal
from counterpart.domain.selection import Selection, SelectionMode
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.waiting import Lane
from counterpart.domain.wishes import Wish
from counterpart.errors import InputError, TransientError
from counterpart.use_cases.write_contacts import write_contacts
from tests.use_cases.refusing import BOX, opt_in, ticked
from tests.use_cases.world import PowerCutError, World, with_mode

# --- Ways for a refusal of theirs ----------------------------------------------------------------


def _born_of_a_record(world: World) -> str:
    return world.lead(HasOptedOutOfEmail=True)


def _ticked_later(world: World) -> str:
    lead_id = world.lead()
    world.pull()
    world.wait()
    world.org.edit(lead_id, {BOX: True})
    return lead_id


def _met_by_address(world: World) -> str:
    world.add()
    return world.person(HasOptedOutOfEmail=True)


def _met_before_creating(world: World) -> str:
    lead_id = world.lead(HasOptedOutOfEmail=True)
    world.add(sync=True)
    world.create()
    return lead_id


def _opted_out_before_it_was_converted(world: World) -> str:
    lead_id = world.lead()
    world.pull()
    world.wait()
    contact_id = world.org.convert(lead_id)
    world.org.edit(contact_id, {BOX: True})
    return contact_id


def _winner_of_a_merge(world: World) -> str:
    loser_id, winner_id = world.lead(), world.lead(None, HasOptedOutOfEmail=True)
    world.pull()
    world.wait()
    world.org.edit(winner_id, {"Email": "ada@example.com"})
    world.org.merge(winner_id, loser_id)
    return winner_id


def _taken_out_of_the_bin(world: World) -> str:
    lead_id = world.lead()
    world.pull()
    world.org.delete(lead_id)
    world.wait()
    world.pull()
    world.org.undelete(lead_id)
    world.org.edit(lead_id, {BOX: True})
    return lead_id


def _older_than_an_edit_of_ours(world: World) -> str:
    lead_id = world.lead()
    world.pull()
    world.org.edit(lead_id, {BOX: True})
    world.wait()
    world.edit(world.the_contact().id, job_title="Director", opted_out=False)
    return lead_id


def _read_by_id(world: World) -> str:
    lead_id = world.lead()
    world.pull()
    world.org.edit(lead_id, {BOX: True})
    world.pull(ids=(lead_id,))
    return lead_id


@pytest.mark.failure("F58")
@pytest.mark.parametrize("selected", [True, False])
def test_a_refusal_of_theirs_that_no_pull_brings(*, selected: bool) -> None:
    """A push reads the record of whoever was edited here, and takes it along."""
    world = World()
    lead_id = world.lead()
    world.pull()
    world.wait()
    inbound = world.settings.current().inbound
    lead = inbound.objects[SObject.LEAD]
    lead = (
        replace(lead, enabled=False)
        if selected
        else replace(lead, selection=Selection(mode=SelectionMode.NONE))
    )
    world.change(inbound=replace(inbound, objects={**inbound.objects, SObject.LEAD: lead}))
    world.org.edit(lead_id, {BOX: True, "City": "Turin"})
    world.pull()
    ada = world.of(lead_id).id
    assert not world.contact(ada).opted_out
    world.wait()
    world.edit(ada, job_title="Director")

    world.push()

    assert world.contact(ada).opted_out
    assert world.contact(ada).ledger.shadows["opted_out"] is True
    assert world.contact(ada).ledger.values.get("city") != "Turin"
    assert ticked(world, lead_id)
    assert world.contact(ada).waiting is None


@pytest.mark.failure("F58")
@pytest.mark.parametrize(
    "way",
    [
        _born_of_a_record,
        _ticked_later,
        _met_by_address,
        _met_before_creating,
        _opted_out_before_it_was_converted,
        _winner_of_a_merge,
        _taken_out_of_the_bin,
        _older_than_an_edit_of_ours,
        _read_by_id,
    ],
)
def test_a_refusal_of_theirs_comes_in(way: Callable[[World], str]) -> None:
    """However the contact and the record met, and whatever is newer."""
    world = World()

    record_id = way(world)
    world.settle(2)

    assert world.of(record_id).opted_out
    assert ticked(world, record_id)


# --- Ways for a refusal of ours ------------------------------------------------------------------


def _made_with_it(world: World) -> str:
    (written,) = world.write(Wish(email="ada@example.com", opted_out=True, sync_to_salesforce=True))
    world.create()
    return written.contact.id


def _made_as_a_contact(world: World) -> str:
    wish = Wish(
        email="ada@example.com",
        opted_out=True,
        sync_to_salesforce=True,
        create_as=CreateAs.CONTACT,
    )
    (written,) = world.write(wish)
    world.create()
    return written.contact.id


def _edited_later(world: World, lane: Lane = Lane.FRESH) -> str:
    world.lead()
    world.pull()
    world.wait()
    contact_id = world.the_contact().id
    world.edit(contact_id, opted_out=True, lane=lane)
    return contact_id


def _edited_in_a_batch(world: World) -> str:
    return _edited_later(world, Lane.BULK)


def _refused_before_they_met(world: World) -> str:
    (written,) = world.write(Wish(email="ada@example.com", opted_out=True))
    world.lead()
    return written.contact.id


def _found_before_creating(world: World) -> str:
    world.lead()
    (written,) = world.write(Wish(email="ada@example.com", opted_out=True, sync_to_salesforce=True))
    world.create()
    return written.contact.id


def _while_the_lead_was_converted(world: World) -> str:
    contact_id = _edited_later(world)
    world.org.convert(world.record_of(contact_id))
    return contact_id


def _before_a_merge_with_somebody_opted_in(world: World) -> str:
    contact_id = _edited_later(world)
    world.push()
    winner_id = world.lead(None)
    world.wait()
    world.org.edit(winner_id, {"Email": "ada@example.com"})
    world.org.merge(winner_id, world.record_of(contact_id))
    return contact_id


def _through_a_push_that_failed(world: World) -> str:
    contact_id = _edited_later(world)
    world.salesforce.fail(TransientError("busy"))
    world.push()
    world.wait()
    return contact_id


def _through_a_lost_answer(world: World) -> str:
    contact_id = _edited_later(world)
    world.salesforce.lose_answers()
    world.push()
    world.wait(10)
    return contact_id


def _unticked_there_afterwards(world: World) -> str:
    contact_id = _edited_later(world)
    world.push()
    world.wait()
    world.org.edit(world.record_of(contact_id), {BOX: False})
    return contact_id


@pytest.mark.failure("F58")
@pytest.mark.parametrize(
    "way",
    [
        _made_with_it,
        _made_as_a_contact,
        _edited_later,
        _edited_in_a_batch,
        _refused_before_they_met,
        _found_before_creating,
        _while_the_lead_was_converted,
        _before_a_merge_with_somebody_opted_in,
        _through_a_push_that_failed,
        _through_a_lost_answer,
        _unticked_there_afterwards,
    ],
)
def test_a_refusal_of_ours_goes_out(way: Callable[[World], str]) -> None:
    """Whatever happens on the way, and whoever unticks the box."""
    world = World()

    contact_id = way(world)
    world.settle(2)

    assert world.contact(contact_id).opted_out
    assert ticked(world, world.record_of(contact_id))


# --- While outbound is off -----------------------------------------------------------------------


def _everything() -> Outbound:
    return Outbound(enabled=False)


def _leads_alone() -> Outbound:
    return Outbound(objects={**Outbound().objects, SObject.LEAD: OutboundObject(enabled=False)})


def _waiting_already(world: World, off: Outbound) -> str:
    contact_id = _edited_later(world)
    world.change(outbound=off)
    return contact_id


def _edited_meanwhile(world: World, off: Outbound) -> str:
    world.lead()
    world.pull()
    world.change(outbound=off)
    world.wait()
    contact_id = world.the_contact().id
    world.edit(contact_id, opted_out=True)
    return contact_id


def _met_meanwhile(world: World, off: Outbound) -> str:
    (written,) = world.write(Wish(email="ada@example.com", opted_out=True))
    world.change(outbound=off)
    world.lead()
    world.wait()
    world.pull()
    return written.contact.id


def _merged_meanwhile(world: World, off: Outbound) -> str:
    world.lead()
    world.pull()
    contact_id = world.the_contact().id
    (written,) = world.write(Wish(email="grace@example.com", opted_out=True))
    world.change(outbound=off)
    world.merge(contact_id, written.contact.id)
    return contact_id


def _switched_off_at_the_last_moment(world: World, off: Outbound) -> str:
    contact_id = _edited_later(world)
    read = world.salesforce.read

    def read_and_switch_off(*asked: Any, **how: Any) -> Any:  # noqa: ANN401 - passed on
        world.change(outbound=off)
        world.salesforce.read = read  # type: ignore[method-assign]
        return read(*asked, **how)

    world.salesforce.read = read_and_switch_off  # type: ignore[method-assign]
    return contact_id


def _merged_into_another_lead(world: World, lead_id: str) -> str:
    winner_id = world.lead("winner@example.com")
    world.org.merge(winner_id, lead_id)
    return winner_id


def _converted_into_a_contact_that_was_there(world: World, lead_id: str) -> str:
    return world.org.convert(lead_id, contact_id=world.person("grace@example.com"))


@pytest.mark.failure("F58")
@pytest.mark.parametrize("known", [True, False], ids=["known there", "not yet known there"])
@pytest.mark.parametrize("outbound", [True, False], ids=["on", "off for a while"])
@pytest.mark.parametrize(
    ("way", "off"),
    [
        (_merged_into_another_lead, SObject.LEAD),
        (_converted_into_a_contact_that_was_there, SObject.CONTACT),
    ],
)
def test_a_record_that_no_pull_reads_takes_over_from_one_that_refused(
    way: Callable[[World, str], str], off: SObject, *, known: bool, outbound: bool
) -> None:
    """What the one before it knew says nothing of this one: it is told, whatever comes in."""
    world = World()
    lead_id = world.lead()
    world.pull()
    world.wait()
    contact_id = world.the_contact().id
    world.edit(contact_id, opted_out=True)
    if known:
        world.settle(2)
        assert ticked(world, lead_id)
    objects = {**Inbound().objects, off: InboundObject(enabled=False)}
    world.change(inbound=Inbound(objects=objects), outbound=Outbound(enabled=outbound))

    heir = way(world, lead_id)
    world.settle(2)
    if not outbound:
        assert not ticked(world, heir)
        world.switch_outbound(on=True)
        world.wait(11)
        world.push(scheduled=True)

    assert world.record_of(contact_id) == heir
    assert ticked(world, heir)
    assert world.contact(contact_id).waiting is None


@pytest.mark.failure("F58")
def test_a_record_that_no_pull_reads_takes_over_from_a_further_one() -> None:
    """It is told like the one before it."""
    world = World()
    lead_id, further_id = world.lead(), world.lead("ada2@example.com")
    world.pull()
    contact_id = world.of(lead_id).id
    world.merge(contact_id, world.of(further_id).id)
    world.edit(contact_id, opted_out=True)
    world.settle(2)
    assert ticked(world, further_id)
    objects = {**Inbound().objects, SObject.LEAD: InboundObject(enabled=False)}
    world.change(inbound=Inbound(objects=objects))

    heir = _merged_into_another_lead(world, further_id)
    world.settle(2)

    assert [one.record_id for one in world.contact(contact_id).secondaries] == [heir]
    assert ticked(world, heir)


@pytest.mark.failure("F58")
@pytest.mark.parametrize("off", [_everything(), _leads_alone()], ids=["everything", "leads"])
@pytest.mark.parametrize(
    "way",
    [
        _waiting_already,
        _edited_meanwhile,
        _met_meanwhile,
        _merged_meanwhile,
        _switched_off_at_the_last_moment,
    ],
)
def test_a_refusal_of_ours_while_outbound_is_off(
    way: Callable[[World, Outbound], str], off: Outbound
) -> None:
    """It goes out by itself once outbound is on again, unlike anything else that was edited."""
    world = World()
    contact_id = way(world, off)
    world.edit(contact_id, phone="+49 30 123456")
    for _ in range(3):
        world.wait(6)
        world.push(scheduled=True)
    record_id = world.record_of(contact_id)
    assert not ticked(world, record_id)
    waiting = world.contact(contact_id).waiting
    assert waiting
    assert waiting.lane is Lane.OPT_OUT
    world.written.clear()
    calls = world.salesforce.usage().calls
    world.wait()
    world.push(scheduled=True)
    assert world.written == []
    assert world.salesforce.usage().calls == calls
    world.wait(60)

    world.change(outbound=Outbound())
    world.wait()
    world.push(scheduled=True)

    assert ticked(world, record_id)
    assert world.org.row(record_id)["Phone"] is None
    assert world.contact(contact_id).waiting is None


def test_a_refusal_that_is_held_while_something_else_is_switched_on() -> None:
    """It is looked at once, and held on."""
    world = World()
    contact_id = _edited_meanwhile(world, Outbound(enabled=False))
    world.wait(5)

    world.change(outbound=_leads_alone())
    for _ in range(3):
        world.wait()
        world.push(scheduled=True)
    world.written.clear()
    world.wait()
    world.push(scheduled=True)
    assert world.written == []
    assert not ticked(world, world.record_of(contact_id))
    world.wait(5)
    world.change(outbound=Outbound())
    world.wait()
    world.push(scheduled=True)

    assert ticked(world, world.record_of(contact_id))


def test_a_refusal_that_is_held_for_a_lead_which_is_converted() -> None:
    """Contacts are written, so it need not wait any longer, though none of them comes in."""
    world = World()
    contact_id = _edited_meanwhile(world, _leads_alone())
    marked = InboundObject(selection=Selection(mode=SelectionMode.MARKED))
    usual = Inbound()
    world.change(inbound=replace(usual, objects={**usual.objects, SObject.CONTACT: marked}))
    record_id = world.org.convert(world.record_of(contact_id))
    world.wait(20)

    world.pull()
    world.wait(11)
    world.push(scheduled=True)

    assert ticked(world, record_id)


@pytest.mark.parametrize("how", ["undone", "converted", "merged", "deleted"])
def test_a_refusal_that_is_held_for_a_further_lead_which_leaves(how: str) -> None:
    """Nothing waits once the only record that is to be told is another contact's, or is gone."""
    world = World()
    contact_id = world.person(HasOptedOutOfEmail=True)
    others = world.person("bob@example.com"), world.lead("cleo@example.com")
    world.wait()
    world.pull()
    world.wait()
    lead_id = world.lead()
    world.pull()
    ada, loser = world.of(contact_id).id, world.of(lead_id).id
    world.change(outbound=_leads_alone())
    world.merge(ada, loser)
    world.wait(2)
    world.push(scheduled=True)
    held = world.contact(ada).waiting
    assert held
    assert held.lane is Lane.OPT_OUT

    if how == "undone":
        world.undo(loser)
    elif how == "converted":
        world.org.convert(lead_id, contact_id=others[0])
    elif how == "merged":
        world.org.merge(others[1], lead_id)
    else:
        world.org.delete(lead_id)
    world.settle(2)

    assert len(world.contact(ada).secondaries) == (how == "deleted")
    assert world.contact(ada).waiting is None


def test_what_is_said_of_a_refusal_that_is_held() -> None:
    """Whoever writes it is told, and whoever asks later."""
    world = World()
    world.lead()
    world.pull()
    world.switch_outbound(on=False)
    contact_id = world.the_contact().id

    (written,) = world.write(Wish(contact_id=contact_id, opted_out=True))

    (notice,) = written.notices
    assert notice.message.endswith("; the opt-out alone goes out once it is on again")
    told = world.explain(contact_id)["contact"]["waiting"]
    assert told["message"] == "its opt-out goes out as soon as outbound is on again"
    assert told["goes_at"] is None


# --- Lifting it ----------------------------------------------------------------------------------


@pytest.mark.parametrize("lane", [Lane.FRESH, Lane.BULK])
def test_no_edit_opts_in(lane: Lane) -> None:
    """Neither one contact's nor a batch's, where a column may say anything."""
    world = World()
    contact_id = world.add()
    world.edit(contact_id, opted_out=True)

    (answer,) = write_contacts(
        [Wish(contact_id=contact_id, opted_out=False)],
        lane=lane,
        now=world.now,
        contacts=world.contacts,
        settings=world.settings,
        queue=world.queue,
    )

    assert isinstance(answer, InputError)
    assert world.contact(contact_id).opted_out


@pytest.mark.failure("F58")
def test_a_person_asks_to_be_mailed_again() -> None:
    """The newest explicit change wins: it goes out, and only then counts here."""
    world = World()
    lead_id = world.lead(HasOptedOutOfEmail=True)
    world.pull()
    world.wait()

    at_once = opt_in(world, world.of(lead_id).id)
    world.pull()
    meanwhile = world.of(lead_id)
    world.settle(2)

    assert at_once.opted_out
    assert meanwhile.opted_out
    assert not ticked(world, lead_id)
    assert not world.of(lead_id).opted_out
    world.wait()
    assert world.push().counts == {}


@pytest.mark.failure("F58")
@pytest.mark.parametrize("pull_first", [True, False])
def test_a_person_asks_to_be_mailed_again_while_an_answer_is_lost(*, pull_first: bool) -> None:
    """The refusal that Salesforce got from us was lifted since."""
    world = World()
    lead_id = world.lead()
    world.pull()
    ada = world.of(lead_id).id
    world.edit(ada, opted_out=True)
    world.wait()
    world.salesforce.lose_answers()
    world.push()
    assert ticked(world, lead_id)
    world.wait()

    opt_in(world, ada)
    world.wait(6)
    if pull_first:
        world.pull()
    world.settle(2)

    assert not ticked(world, lead_id)
    assert not world.contact(ada).opted_out


@pytest.mark.failure("F58")
def test_a_box_is_unticked_before_a_write_of_which_a_part_is_refused() -> None:
    """What Salesforce set aside waits for its next try; the refusal does not wait with it."""
    world = World()
    lead_id = world.lead()
    world.pull()
    world.wait()
    ada = world.of(lead_id).id
    world.edit(ada, opted_out=True)
    world.settle(2)
    assert ticked(world, lead_id)
    world.wait()
    world.org.edit(lead_id, {BOX: False})
    world.edit(ada, city="Bern", first_name="Ada")
    refusal = Refusal(code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="No.", fields=("City",))
    world.org.rules.append(lambda _, row: refusal if row.get("City") else None)
    world.push(everything_waiting=True)
    assert world.contact(ada).parked
    assert not ticked(world, lead_id)
    world.wait()

    world.pull()
    world.wait(10)
    world.push(scheduled=True)

    assert ticked(world, lead_id)
    assert world.contact(ada).parked


def an_opt_in_without_an_answer() -> tuple[World, str]:
    """Return a world in which an opt-in has reached Salesforce, and nobody was told so."""
    world = World()
    lead_id = world.lead(HasOptedOutOfEmail=True)
    world.pull()
    world.wait()
    opt_in(world, world.of(lead_id).id)
    world.wait(10)
    world.salesforce.lose_answers()
    world.push()
    assert not ticked(world, lead_id)
    assert world.of(lead_id).opted_out
    world.wait()
    return world, lead_id


@pytest.mark.failure("F58")
@pytest.mark.parametrize("first", ["pull", "push"])
@pytest.mark.parametrize("inbound", [True, False])
def test_a_refusal_after_an_opt_in_whose_answer_was_lost(first: str, *, inbound: bool) -> None:
    """It is later, and stands on both sides, which is told; another opt-in lifts it."""
    world, lead_id = an_opt_in_without_an_answer()
    if not inbound:
        objects = world.settings.current().inbound.objects
        lead = replace(objects[SObject.LEAD], enabled=False)
        world.change(
            inbound=replace(
                world.settings.current().inbound, objects={**objects, SObject.LEAD: lead}
            )
        )
    world.org.edit(lead_id, {BOX: True})
    world.wait()

    getattr(world, first)()
    world.settle(2)

    assert ticked(world, lead_id)
    ada = world.of(lead_id)
    assert (ada.opted_out, ada.ledger.values["opted_out"]) == (True, True)
    told = [one for one in world.outcomes() if one.action is Action.CONFLICTED]
    assert [(one.field, one.kept, one.lost) for one in told] == [("opted_out", "theirs", "False")]

    world.wait()
    opt_in(world, ada.id)
    world.settle(2)
    assert not ticked(world, lead_id)
    assert not world.of(lead_id).opted_out


@pytest.mark.failure("F58")
@pytest.mark.parametrize("first", ["pull", "push"])
def test_an_opt_in_whose_answer_was_lost(first: str) -> None:
    """Whoever edits something else afterwards finds the box unticked, and so do we."""
    world, lead_id = an_opt_in_without_an_answer()
    world.org.edit(lead_id, {"City": "Basel"})

    getattr(world, first)()
    world.settle(2)

    assert not ticked(world, lead_id)
    assert not world.of(lead_id).opted_out
    assert [one for one in world.outcomes() if one.action is Action.CONFLICTED] == []


@pytest.mark.failure("F58")
@pytest.mark.parametrize("locked", [True, False])
def test_an_opt_in_that_did_not_arrive(*, locked: bool) -> None:
    """It goes again; where Salesforce said that it took nothing, whatever somebody edits."""
    world = World()
    lead_id = world.lead(HasOptedOutOfEmail=True)
    world.pull()
    world.wait()
    opt_in(world, world.of(lead_id).id)
    world.wait(10)
    if locked:
        words = "unable to obtain exclusive access to this record"
        world.org.refusals[lead_id] = Refusal(code="UNABLE_TO_LOCK_ROW", message=words)
        world.push()
        del world.org.refusals[lead_id]
        world.wait()
        world.org.edit(lead_id, {"City": "Basel"})
    else:
        world.rival = lambda name: _end(world, name)
        with pytest.raises(PowerCutError):
            world.push()
        world.rival = None
        world.start_again()
        world.wait()

    world.settle(30)

    assert not ticked(world, lead_id)
    assert not world.of(lead_id).opted_out


def _end(world: World, name: str) -> None:
    """Let a process end right before it writes to Salesforce."""
    if name.startswith("salesforce"):
        world.cut_the_power_after(0)


def test_what_an_opt_in_costs() -> None:
    """One write of the contact more than another edit; that is what tells a later refusal apart."""
    world = World()
    lead_id = world.lead(HasOptedOutOfEmail=True)
    world.pull()
    world.wait()
    world.edit(world.of(lead_id).id, city="Bern")
    world.wait(10)
    world.written.clear()
    world.push()
    another = world.writes_of("contacts", "salesforce")
    opt_in(world, world.of(lead_id).id)
    world.wait(10)
    world.written.clear()

    world.push()

    assert not ticked(world, lead_id)
    assert world.writes_of("contacts", "salesforce") == another + 1
    held = world.of(lead_id).counterpart
    assert held
    assert held.lifted_over is None


@pytest.mark.failure("F58")
def test_a_refusal_after_an_opt_in() -> None:
    """It is newer, and stands."""
    world = World()
    lead_id = world.lead(HasOptedOutOfEmail=True)
    world.pull()
    opt_in(world, world.of(lead_id).id)
    world.settle(1)
    assert not ticked(world, lead_id)

    world.org.edit(lead_id, {BOX: True})
    world.settle(2)

    assert world.of(lead_id).opted_out
    assert ticked(world, lead_id)


@pytest.mark.failure("F58")
def test_a_box_that_was_ticked_and_unticked_between_two_polls() -> None:
    """What it ended as is all that Salesforce tells: nobody refused."""
    world = World()
    lead_id = world.lead()
    world.pull()
    world.wait()
    world.org.edit(lead_id, {BOX: True})
    world.org.edit(lead_id, {BOX: False})

    world.settle(2)

    assert not world.of(lead_id).opted_out
    assert not ticked(world, lead_id)


def test_salesforce_does_not_take_the_opt_in() -> None:
    """The refusal stands on both sides, and people see why."""
    world = World()
    lead_id = world.lead(HasOptedOutOfEmail=True)
    world.pull()
    words = "Unable to create/update fields: HasOptedOutOfEmail"
    world.org.refusals[lead_id] = Refusal(
        code="INVALID_FIELD_FOR_INSERT_UPDATE", message=words, fields=(BOX,)
    )

    opt_in(world, world.of(lead_id).id)
    world.settle(2)

    assert world.of(lead_id).opted_out
    assert ticked(world, lead_id)
    assert any(outcome.message == words for outcome in world.outcomes())


# --- A box that our user may not see -------------------------------------------------------------


@pytest.mark.failure("F58")
@pytest.mark.failure("F25")
def test_the_box_is_hidden() -> None:
    """It costs that field alone, with one warning for each object; nobody is opted in or out."""
    world = World()
    lead_id = world.lead(HasOptedOutOfEmail=True)
    world.pull()
    world.org.hidden.add((SObject.LEAD, BOX))
    world.wait()
    world.org.edit(lead_id, {"Title": "Director"})

    reports = [world.pull() for _ in range(3)]

    ada = world.of(lead_id)
    assert ada.opted_out
    assert ada.ledger.values["job_title"] == "Director"
    warnings = [(each.reason, each.field) for report in reports for each in report.outcomes]
    assert warnings == [(Reason.FIELD_UNAVAILABLE, "opted_out")]


def test_a_refusal_of_ours_where_the_box_is_hidden() -> None:
    """The rest of the edit goes out, and the refusal stands here, with a warning."""
    world = World()
    lead_id = world.lead()
    world.pull()
    world.org.hidden.add((SObject.LEAD, BOX))
    world.wait()
    world.edit(world.of(lead_id).id, opted_out=True, phone="+49 30 123456")

    report = world.push()

    assert world.org.row(lead_id)["Phone"] == "+49 30 123456"
    assert world.of(lead_id).opted_out
    told: list[Any] = [(each.action, each.reason, each.field) for each in report.outcomes]
    assert told == [(Action.WARNED, Reason.FIELD_UNAVAILABLE, "opted_out")]


def test_a_contact_that_opted_out_is_created_where_the_box_is_hidden() -> None:
    """The record is made without it, and the refusal stands here."""
    world = World()
    world.org.hidden.add((SObject.LEAD, BOX))
    (written,) = world.write(Wish(email="ada@example.com", opted_out=True, sync_to_salesforce=True))

    report = world.create().report

    contact = world.contact(written.contact.id)
    assert contact.counterpart
    assert contact.opted_out
    warned = [each.field for each in report.outcomes if each.action is Action.WARNED]
    assert warned == ["opted_out"]


# --- What else of a row Salesforce refuses -------------------------------------------------------


def _by_a_collection(world: World, contact_id: str) -> None:
    world.edit(contact_id, job_title="King", opted_out=True)
    world.push()


def _after_it_was_parked(world: World, contact_id: str) -> None:
    world.edit(contact_id, job_title="King")
    world.settle(1)
    world.edit(contact_id, opted_out=True)
    world.push()


def _by_a_job(world: World, contact_id: str) -> None:
    for contact in world.everybody():
        world.edit(contact.id, job_title="Queen")
    world.edit(contact_id, job_title="King", opted_out=True)
    assert world.push().counts["Lead"] == {"updated": 4, "refused": 1}
    assert world.writes_of("jobs.open") == 1


def _after_some_patience(world: World, contact_id: str) -> None:
    world.edit(contact_id, job_title="King", opted_out=True)
    for _ in range(4):
        world.push()
        world.wait(60)


@pytest.mark.failure("F19")
@pytest.mark.failure("F58")
@pytest.mark.parametrize(
    ("way", "code", "reason"),
    [
        (_by_a_collection, "FIELD_CUSTOM_VALIDATION_EXCEPTION", Reason.REFUSED),
        (_by_a_collection, "DUPLICATES_DETECTED", Reason.REFUSED),
        (_after_it_was_parked, "FIELD_CUSTOM_VALIDATION_EXCEPTION", Reason.REFUSED),
        (_by_a_job, "FIELD_CUSTOM_VALIDATION_EXCEPTION", Reason.REFUSED),
        (_after_some_patience, "CANNOT_EXECUTE_FLOW_TRIGGER", Reason.GAVE_UP),
        (_after_some_patience, "INVALID_CROSS_REFERENCE_KEY", Reason.GAVE_UP),
    ],
)
def test_a_refusal_beside_what_salesforce_does_not_take(
    way: Callable[[World, str], None], code: str, reason: Reason
) -> None:
    """It names no field, so the whole row is parked; but the refusal arrives by itself."""
    fields = with_mode(Mode.TWO_WAY, "job_title")
    outbound = Outbound(bulk_above=2 if way is _by_a_job else 0, max_attempts=3)
    world = World(SyncSettings(fields=fields, outbound=outbound))
    lead_id = world.lead()
    others = [world.lead(f"{name}@example.com") for name in ("bob", "cleo", "dan")]
    world.wait()
    world.pull()
    world.wait()
    no_kings = Refusal(code=code, message="No kings.")
    world.org.rules.append(lambda _, row: no_kings if row.get("Title") == "King" else None)
    ada = world.of(lead_id).id

    way(world, ada)

    assert ticked(world, lead_id)
    assert world.org.row(lead_id).get("Title") != "King"
    assert not any(ticked(world, other) for other in others)
    contact = world.contact(ada)
    assert contact.waiting
    assert contact.waiting.lane is Lane.PARKED
    assert contact.parked
    assert (contact.parked.code, contact.parked.fields, contact.parked.further) == (code, (), ())
    assert reason in {one.reason for one in world.outcomes() if one.subject_id == ada}

    world.org.rules.clear()
    world.wait(60 * 24 * 7)
    world.push()
    assert world.org.row(lead_id)["Title"] == "King"
    assert world.contact(ada).parked is None


def test_a_refusal_that_salesforce_does_not_take_either() -> None:
    """It is told once, and parked with the rest."""
    world = World(SyncSettings(fields=with_mode(Mode.TWO_WAY, "job_title")))
    lead_id = world.lead()
    world.pull()
    world.wait()
    world.org.refusals[lead_id] = Refusal(code="INSUFFICIENT_ACCESS_OR_READONLY", message="No.")
    ada = world.the_contact().id

    world.edit(ada, job_title="King", opted_out=True)
    world.push()

    assert world.reasons() == [Reason.REFUSED]
    contact = world.contact(ada)
    assert contact.parked
    assert (contact.parked.fields, contact.parked.further) == ((), ())
    assert contact.parked.attempts == 1

    world.org.refusals.clear()
    world.wait(60 * 24)
    world.push()
    assert (ticked(world, lead_id), world.org.row(lead_id)["Title"]) == (True, "King")
