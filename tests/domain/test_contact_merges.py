"""Laws of merging two contacts here, and of undoing it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.contact_merge_plans import Choice, MergePlan, record_ids_of
from counterpart.domain.contact_merges import plan_merge
from counterpart.domain.contact_unmerges import plan_undo
from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.links import Link, LinkedBy, LinkState, Secondary
from counterpart.domain.mapping import OPTED_OUT, Mode
from counterpart.domain.records import SObject
from counterpart.domain.secondary_records import moved_secondary
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import FieldType, Value
from tests.domain.samples import (
    HOUR,
    NOON,
    TEXTS,
    a_contact,
    a_counterpart,
    a_field,
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
