"""Laws of merging two contacts here, and of undoing it."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.contact_merge_plans import Choice, MergePlan, record_ids_of
from counterpart.domain.contact_merges import plan_merge
from counterpart.domain.contact_unmerges import plan_undo
from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.inbound_settings import Inbound, InboundObject
from counterpart.domain.links import Link, LinkedBy, LinkState, Secondary
from counterpart.domain.mapping import OPTED_OUT, Mode
from counterpart.domain.places import Place
from counterpart.domain.records import SObject
from counterpart.domain.secondary_records import moved_secondary
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import FieldType, Value
from counterpart.domain.waiting import InFlight
from tests.domain.samples import (
    HOUR,
    NOON,
    TEXTS,
    a_contact,
    a_counterpart,
    a_field,
    a_ledger,
    law,
    moments,
)

MODES = (Mode.TWO_WAY, Mode.PREFER_SALESFORCE, Mode.ALWAYS_OURS, Mode.ALWAYS_SALESFORCE)
FIELDS = (
    *(a_field(mode.value, mode) for mode in MODES),
    a_field(OPTED_OUT, Mode.RESTRICTIVE_WINS, FieldType.BOOLEAN),
)
NAMES = [field.name for field in FIELDS if field.name != OPTED_OUT]
SETTINGS = SyncSettings(fields=FIELDS)
LATER, LATEST = NOON + 3 * HOUR, NOON + 4 * HOUR

VALUES: dict[str, st.SearchStrategy[Value]] = {
    **dict.fromkeys(NAMES, TEXTS),
    OPTED_OUT: st.booleans(),
}
TAGS = st.lists(st.sampled_from(["a", "b", "c"]), unique=True).map(tuple)
CHOICES = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(Choice), max_size=2)
OTHERWISE = st.sampled_from([Choice.SURVIVOR, Choice.NEWEST])


@st.composite
def contacts(draw: st.DrawFn, contact_id: str, number: int) -> Contact:
    """Return a contact at any point of a story: linked, not linked, or no longer."""
    values = draw(st.fixed_dictionaries({}, optional=VALUES))
    linked, met = draw(st.sampled_from([(True, True), (False, True), (False, False)]))
    ledger = Ledger(
        values=values,
        times={name: draw(moments()) for name in values},
        shadows=draw(st.fixed_dictionaries({}, optional=VALUES)) if met else {},
    )
    record = a_counterpart(number, modstamp=draw(moments())) if met else None
    contact = a_contact(contact_id, ledger=ledger, tags=draw(TAGS))
    return replace(
        contact,
        counterpart=record if linked else None,
        former=None if linked else record,
        outbound_paused_at=draw(st.none() | moments()),
        # Somebody whose record was deleted keeps the company.
        company_id=draw(st.sampled_from([None, f"company {number}"])),
    )


def links_of(*held: Contact) -> dict[str, Link]:
    """Return the links of contacts as they are."""
    return {
        record.record_id: Link(
            record_id=record.record_id,
            object=SObject.LEAD,
            state=LinkState.LINKED if one.counterpart else LinkState.DELETED_THERE,
            subject_id=one.id,
            linked_by=LinkedBy.RECORD,
        )
        for one in held
        if (record := one.counterpart or one.former)
    }


PAIRS = st.tuples(contacts("ada", 1), contacts("bob", 2))


def merge(
    pair: tuple[Contact, Contact],
    choices: dict[str, Choice] | None = None,
    otherwise: Choice = Choice.SURVIVOR,
) -> MergePlan:
    """Merge the second into the first."""
    ada, bob = pair
    known = {*ada.ledger.values, *bob.ledger.values}
    wanted = {name: choice for name, choice in (choices or {}).items() if name in known}
    return plan_merge(
        ada,
        bob,
        links_of(ada, bob),
        choices=wanted,
        otherwise=otherwise,
        settings=SETTINGS,
        now=LATER,
    )


def filled(values: Ledger) -> dict[str, Value]:
    """Return what is not blank; who has not opted out has no opinion."""
    blank = {(OPTED_OUT, False)}
    return {
        name: value
        for name, value in values.values.items()
        if value is not None and (name, value) not in blank
    }


@law
@given(pair=PAIRS)
def test_no_value_of_the_survivor_is_lost_and_no_blank_is_left(
    pair: tuple[Contact, Contact],
) -> None:
    """By default the survivor's values stand, and its blanks are filled from the loser."""
    ada, bob = pair

    after = merge(pair).survivor

    expected = {**filled(bob.ledger), **filled(ada.ledger)}
    # What is known of a record that does not move with its contact is known of nobody else.
    moves = ada.counterpart is None
    if bob.opted_out and not moves:
        expected[OPTED_OUT] = True
    assert filled(after.ledger) == expected
    assert set(after.tags) == {*ada.tags, *bob.tags}


@law
@given(pair=PAIRS, choices=CHOICES, otherwise=OTHERWISE)
def test_every_value_comes_from_one_of_the_two(
    *, pair: tuple[Contact, Contact], choices: dict[str, Choice], otherwise: Choice
) -> None:
    """Nothing is made up, a refusal of either stands, and no value looks older than it is."""
    ada, bob = pair

    after = merge(pair, choices, otherwise).survivor

    for name, value in after.ledger.values.items():
        if name == OPTED_OUT and value is True:
            continue
        assert value in {ada.ledger.values.get(name), bob.ledger.values.get(name)}
        sides = [one.ledger.times[name] for one in pair if name in one.ledger.times]
        assert after.ledger.times[name] >= min(sides)
    assert after.opted_out is (ada.opted_out or bob.opted_out)


@law
@given(pair=PAIRS)
def test_every_record_leads_to_the_survivor(pair: tuple[Contact, Contact]) -> None:
    """As its counterpart or as a further record; there is one counterpart, if there was any."""
    ada, bob = pair

    plan = merge(pair)

    held = {**links_of(ada), **{link.record_id: link for link, _ in plan.links}}
    assert {link.subject_id for link in held.values()} <= {"ada"}
    primary = [key for key, link in held.items() if link.state is LinkState.LINKED]
    counterpart = plan.survivor.counterpart
    assert primary == ([counterpart.record_id] if counterpart else [])
    further = [key for key, link in held.items() if link.state is LinkState.SECONDARY]
    assert further == [one.record_id for one in plan.survivor.secondaries if not one.gone]
    assert set(held) == set(record_ids_of(ada)) | set(record_ids_of(bob))
    # What was deleted there is known as well, should it come back; and each of them once.
    assert sorted(held) == sorted(record_ids_of(plan.survivor))
    gone = {key for key, link in held.items() if link.state is LinkState.DELETED_THERE}
    former = plan.survivor.former
    kept = {one.record_id for one in plan.survivor.secondaries if one.gone}
    assert gone == kept | ({former.record_id} if former else set())


@law
@given(pair=PAIRS, choices=CHOICES, otherwise=OTHERWISE)
def test_undoing_at_once_gives_everything_back(
    *, pair: tuple[Contact, Contact], choices: dict[str, Choice], otherwise: Choice
) -> None:
    """All is as it was before, pauses and companies too; an opt-out alone stays, and is told."""
    ada, bob = pair
    plan = merge(pair, choices, otherwise)
    held = {**links_of(ada), **{link.record_id: link for link, _ in plan.links}}
    survivor = replace(plan.survivor, version=plan.survivor.version + 1)

    undone = plan_undo(plan.merge, survivor, held, settings=SETTINGS, now=LATEST)

    opted_out_by_it = (
        OPTED_OUT in plan.merge.taken and plan.survivor.ledger.values[OPTED_OUT] is True
    )
    ours, theirs = filled(undone.survivor.ledger), filled(ada.ledger)
    if opted_out_by_it:
        ours.pop(OPTED_OUT, None)
        theirs.pop(OPTED_OUT, None)
    assert ours == theirs
    assert len(undone.kept) == opted_out_by_it
    assert filled(undone.loser.ledger) == filled(bob.ledger)
    assert undone.survivor.tags == ada.tags
    assert undone.loser.tags == bob.tags
    for before, after in ((ada, undone.survivor), (bob, undone.loser)):
        assert after.outbound_paused_at == before.outbound_paused_at
        assert after.company_id == before.company_id
    held |= {link.record_id: link for link, _ in undone.links}
    for before, after in ((ada, undone.survivor), (bob, undone.loser)):
        own, was = after.counterpart, before.counterpart
        assert (own and own.record_id) == (was and was.record_id)
        assert after.former == before.former
        assert after.ledger.shadows == before.ledger.shadows
        assert after.secondaries == ()
        if own:
            assert held[own.record_id].subject_id == after.id
            assert held[own.record_id].state is LinkState.LINKED


@law
@given(pair=PAIRS)
def test_what_has_to_go_out_waits(pair: tuple[Contact, Contact]) -> None:
    """What the survivor got, and Salesforce may take, is marked in the same write, if it may go."""
    after = merge(pair).survivor

    always = Mode.ALWAYS_OURS.value
    differs = (
        after.counterpart is not None
        and after.outbound_paused_at is None
        and after.ledger.values.get(always) is not None
        and after.ledger.values[always] != after.ledger.shadows.get(always)
    )
    if differs:
        assert after.waiting is not None
    if after.counterpart is None:
        assert after.waiting is None


@pytest.mark.parametrize("gone", [False, True])
def test_two_further_records_become_one(*, gone: bool) -> None:
    """Each is there once, as it was last seen; and it lives, whatever was seen before."""
    first, second = (
        Secondary(
            record_id=record_id, object=SObject.LEAD, linked_at=NOON, came_from="bob", modstamp=NOON
        )
        for record_id in ("00Q000000000001EAA", "00Q000000000002EAA")
    )
    seen = replace(first, gone=gone)
    contact = replace(a_contact("ada"), secondaries=(seen, second))

    after = moved_secondary(contact, second.record_id, (first.record_id, SObject.LEAD))

    assert after.secondaries == (first,)


def test_what_was_cleared_goes_out_to_a_record_that_moves() -> None:
    """The survivor, which never had a value of its own, has cleared it from now on."""
    name = Mode.TWO_WAY.value
    ledger = Ledger(values={name: None}, times={name: NOON}, shadows={name: "Paris"})
    bob = a_contact("bob", ledger=ledger, counterpart=a_counterpart(2, modstamp=NOON))

    after = merge((a_contact("ada", ledger=Ledger()), bob)).survivor

    assert after.ledger == ledger
    assert after.waiting is not None


def undo_after(plan: MergePlan, survivor: Contact, settings: SyncSettings = SETTINGS) -> MergePlan:
    """Undo a merge of contacts that each have one record at most."""
    moved = {link.record_id: link for link, _ in plan.links}
    held = {**links_of(survivor), **moved}
    return plan_undo(plan.merge, survivor, held, settings=settings, now=LATEST)


@pytest.mark.parametrize(
    ("mode", "modstamp", "expected"),
    [
        (Mode.TWO_WAY, NOON, "Ada"),
        # A pull that finds nothing new in its own record leaves no trace.
        (Mode.TWO_WAY, None, "Ada"),
        (Mode.PREFER_SALESFORCE, NOON + HOUR, "Ada"),
        # What we have put in ourselves is no opinion of theirs.
        (Mode.PREFER_SALESFORCE, NOON, None),
        (Mode.ALWAYS_OURS, NOON + HOUR, None),
    ],
)
def test_what_a_pull_kept_out_for_the_other_s_value_comes_in(
    mode: Mode, modstamp: datetime | None, expected: str | None
) -> None:
    """A value that stands in for ours was read beside the loser's, and is read no second time."""
    made = a_counterpart(1, linked_by=LinkedBy.CREATION, written_until=NOON)
    ada = a_contact("ada", ledger=Ledger(shadows={mode.value: "Ada"}), counterpart=made)
    bob = a_contact("bob", ledger=a_ledger({mode.value: "Bob"}), counterpart=a_counterpart(2))
    plan = merge((ada, bob))
    pulled = replace(plan.survivor, counterpart=replace(made, modstamp=modstamp))

    after = undo_after(plan, pulled).survivor

    assert after.ledger.values.get(mode.value) == expected
    assert after.ledger.shadows == ada.ledger.shadows


def test_what_a_job_carries_to_the_survivor_s_record_is_taken_back() -> None:
    """It may arrive whatever was seen there last, so what was there is given back."""
    name = Mode.TWO_WAY.value
    own = a_counterpart(1, modstamp=NOON)
    ada = a_contact("ada", ledger=Ledger(shadows={name: "Analyst"}), counterpart=own)
    bob = a_contact("bob", ledger=a_ledger({name: "Bob"}), counterpart=a_counterpart(2))
    plan = merge((ada, bob), {name: Choice.LOSER})
    ledger = replace(plan.survivor.ledger, shadows={name: "Engineer"})
    carried = replace(
        plan.survivor,
        ledger=ledger,
        counterpart=replace(own, modstamp=NOON + HOUR),
        in_flight=InFlight(job_id="750TST", record_id=own.record_id, sent={name: "Bob"}, version=2),
    )

    after = undo_after(plan, carried).survivor

    assert after.ledger.values == {name: "Analyst"}
    assert after.ledger.times == {name: LATEST}


def test_nothing_comes_in_by_an_undoing_while_nothing_does() -> None:
    """Whoever has switched off what comes in has the contact back as it was."""
    name = Mode.TWO_WAY.value
    made = a_counterpart(1, linked_by=LinkedBy.CREATION, written_until=NOON)
    ada = a_contact("ada", ledger=Ledger(shadows={name: "Ada"}), counterpart=made)
    bob = a_contact("bob", ledger=a_ledger({name: "Bob"}), counterpart=a_counterpart(2))
    plan = merge((ada, bob))
    off = Inbound(objects={each: InboundObject(enabled=False) for each in SObject})

    after = undo_after(plan, plan.survivor, replace(SETTINGS, inbound=off)).survivor

    assert after.ledger == ada.ledger


@pytest.mark.parametrize(
    ("before", "there"),
    [
        (Ledger(), "Engineer"),
        (Ledger(shadows={"two_way": None}), "Engineer"),
        (Ledger(shadows={"two_way": "Analyst"}), "Engineer"),
        (Ledger(shadows={"two_way": "Analyst"}), None),
        (a_ledger(two_way="Analyst"), "Engineer"),
        (a_ledger(two_way="Analyst"), None),
    ],
)
def test_what_was_entered_in_the_survivor_s_record_is_not_replaced(
    before: Ledger, there: str | None
) -> None:
    """It lost to the loser's value, which never went out and is gone; so it comes in after all."""
    name = Mode.TWO_WAY.value
    own = a_counterpart(1, modstamp=NOON)
    ada = a_contact("ada", ledger=before, counterpart=own)
    newer = a_ledger({name: "Director"}, at=NOON + 2 * HOUR)
    bob = a_contact("bob", ledger=newer, counterpart=a_counterpart(2, modstamp=NOON))
    plan = merge((ada, bob), {name: Choice.LOSER})
    ledger = replace(plan.survivor.ledger, shadows={name: there})
    read = replace(own, modstamp=NOON + HOUR)

    after = undo_after(plan, replace(plan.survivor, ledger=ledger, counterpart=read)).survivor

    assert after.ledger.values.get(name) == there
    assert after.ledger.times.get(name, NOON + HOUR) == NOON + HOUR
    assert after.ledger.shadows == {name: there}


def test_what_the_merge_has_sent_is_taken_back() -> None:
    """A text of the loser's that reached the survivor's record, be it cut, is cleared there."""
    place = Place(type="string", length=3)
    field = replace(a_field("city"), truncate=True, places={SObject.LEAD: place})
    settings = replace(SETTINGS, fields=(field,))
    own = a_counterpart(1, modstamp=NOON)
    ada = a_contact("ada", ledger=Ledger(shadows={"city": None}), counterpart=own)
    bob = a_contact("bob", ledger=a_ledger(city="Paris"), counterpart=a_counterpart(2))
    plan = merge((ada, bob))
    ledger = replace(plan.survivor.ledger, shadows={"city": "Par"})
    read = replace(own, modstamp=LATER)

    after = undo_after(plan, replace(plan.survivor, ledger=ledger, counterpart=read), settings)

    assert after.survivor.ledger.values == {"city": None}
    assert after.survivor.ledger.times == {"city": LATEST}


def test_what_was_written_to_a_record_that_nobody_has_read_is_known_to_the_loser() -> None:
    """The record was made from here, and a pull that finds our own write in it leaves no trace."""
    name = Mode.PREFER_SALESFORCE.value
    made = a_counterpart(2, linked_by=LinkedBy.CREATION, written_until=NOON)
    bob = a_contact("bob", ledger=Ledger(shadows={name: None}), counterpart=made)
    plan = merge((a_contact("ada", ledger=Ledger()), bob))
    moved = plan.survivor.counterpart
    assert moved is not None
    written = replace(
        plan.survivor,
        ledger=a_ledger({name: "Engineer"}, at=LATER),
        counterpart=replace(moved, written_until=LATER),
    )

    after = undo_after(plan, written)

    assert after.loser.ledger == a_ledger({name: "Engineer"}, at=LATER)
    assert after.loser.counterpart is not None
    assert after.loser.counterpart.modstamp is None
