"""Values in passing: what is told when one that was put back is replaced after all."""

from dataclasses import replace

import pytest

from counterpart.domain.contacts import Ledger
from counterpart.domain.editing import ledger_with
from counterpart.domain.mapping import Mode
from counterpart.domain.meeting import meet
from counterpart.domain.merging import merge_record
from counterpart.domain.outgoing_fields import pending
from counterpart.domain.passing_values import with_brought
from counterpart.domain.pushing import plan_push
from counterpart.domain.records import Record
from counterpart.domain.values import FieldType, Value
from tests.domain.samples import HOUR, MINUTE, NOON, SECOND, a_field, a_ledger, a_record

CITY = a_field("city", Mode.TWO_WAY)


def put_back(*between: str, to: Value = "Bern") -> Ledger:
    """Return what is known of a city that was changed a while ago, and put back at noon."""
    ledger = a_ledger({"city": to}, at=NOON - HOUR)
    for city in between:
        ledger = ledger_with(ledger, {"city": city}, now=NOON - MINUTE)
    return ledger_with(ledger, {"city": to}, now=NOON)


def changed_twice() -> Ledger:
    """Return what is known of a city that was changed a while ago, and once more at noon."""
    ledger = ledger_with(a_ledger({"city": "Bern"}, at=NOON - HOUR), {"city": "Basel"}, now=NOON)
    return ledger_with(ledger, {"city": "Chur"}, now=NOON)


def a_city(city: Value, *, at: int) -> Record:
    """Return a record that somebody changed so many seconds after noon."""
    return a_record(values={"city": city}, at=NOON + at * SECOND)


def told(ledger: Ledger, record: Record) -> list[tuple[Value, Value]]:
    """Return what a pull tells: the value that stands, and the one that was lost."""
    known = with_brought(ledger, record, [CITY])
    merge = merge_record(known, record, [CITY], written_until=None)
    return [(conflict.kept, conflict.lost) for conflict in merge.conflicts]


@pytest.mark.failure("F51")
@pytest.mark.parametrize("at", [-30, 30, 3600])
def test_theirs_replaces_a_value_that_was_put_back(at: int) -> None:
    """Somebody meant it, so it is told."""
    assert told(put_back("Basel"), a_city("Chur", at=at)) == [("Chur", "Bern")]


def test_theirs_replaces_a_value_that_nobody_has_touched() -> None:
    """Nothing is lost by that."""
    untouched = a_ledger({"city": "Bern"}, at=NOON - HOUR)

    assert told(untouched, a_city("Chur", at=30)) == []


def test_what_was_put_back_is_met_after_somebody_moved_the_record_on() -> None:
    """It looks like an edit of theirs, and may be one; what it replaces is told."""
    assert told(put_back("Basel"), a_city("Basel", at=3600)) == [("Basel", "Bern")]


@pytest.mark.parametrize(("at", "lost"), [(-1, []), (0, []), (1, [("Bern", "Basel")])])
def test_what_was_put_back_is_met_in_salesforce(at: int, lost: list[tuple[Value, Value]]) -> None:
    """It counts as our own write; somebody may have entered it since, which is told then."""
    record = a_city("Basel", at=at)
    ledger = with_brought(put_back("Basel"), record, [CITY])

    plan = plan_push(ledger, record, [CITY], open_since=None)

    assert told(put_back("Basel"), record) == lost
    assert plan.sent == {"city": "Bern"}
    assert [("Bern", theirs) for theirs in plan.overruled.values()] == lost


@pytest.mark.parametrize(("at", "lost"), [(-1, []), (0, []), (60, [("Chur", "Basel")])])
def test_what_was_changed_once_more_is_met_in_salesforce(
    at: int, lost: list[tuple[Value, Value]]
) -> None:
    """By a clock that is ahead our own write looks newer; somebody may have entered it, too."""
    ledger, record = changed_twice(), a_city("Basel", at=at)

    plan = plan_push(with_brought(ledger, record, [CITY]), record, [CITY], open_since=None)

    assert told(ledger, record) == lost
    assert plan.sent == {"city": "Chur"}
    assert [("Chur", theirs) for theirs in plan.overruled.values()] == lost


def test_what_was_changed_once_more_is_met_later() -> None:
    """Two clocks do not differ by that much, so somebody there has entered it."""
    record = a_city("Basel", at=61)

    assert told(changed_twice(), record) == [("Basel", "Chur")]


def test_what_was_changed_once_more_where_theirs_wins() -> None:
    """Ours never went there, so that it is theirs whatever the clocks say."""
    field, record = replace(CITY, mode=Mode.PREFER_SALESFORCE), a_city("Basel", at=-1)

    assert with_brought(changed_twice(), record, [field]) == changed_twice()


def test_an_edit_that_goes_on_to_a_third_value() -> None:
    """Salesforce holds what it was known to hold, so nothing there is lost."""
    ledger = ledger_with(put_back("Basel"), {"city": "Chur"}, now=NOON)
    record = a_city("Bern", at=30)

    assert told(ledger, record) == []
    assert plan_push(ledger, record, [CITY], open_since=None).overruled == {}


@pytest.mark.parametrize("theirs", ["Bern", "Chur"])
def test_a_push_finds_that_a_value_in_passing_never_arrived(theirs: str) -> None:
    """From then on nothing was put back, unless somebody there was faster."""
    ledger = put_back("Basel")

    plan = plan_push(ledger, a_city(theirs, at=30), [CITY], open_since=None)

    assert plan.agreed == ({"city": "Bern"} if theirs == "Bern" else {})
    assert plan.values == {}


def test_a_push_that_is_not_shown_the_field() -> None:
    """Nothing is known by that."""
    hidden = replace(a_city("Bern", at=30), values={})

    assert plan_push(put_back("Basel"), hidden, [CITY], open_since=None).agreed == {}


@pytest.mark.failure("F58")
@pytest.mark.parametrize(("at", "stands"), [(-60, False), (-59, True), (0, True), (30, True)])
def test_a_refusal_is_met_after_ours_was_given_and_lifted(at: int, *, stands: bool) -> None:
    """By two clocks it may be one that somebody there gave since, which nobody has lifted."""
    opted_out = a_field("opted_out", Mode.RESTRICTIVE_WINS, FieldType.BOOLEAN)
    ledger = a_ledger({"opted_out": False}, at=NOON - HOUR)
    ledger = ledger_with(ledger, {"opted_out": True}, now=NOON - HOUR)
    ledger = ledger_with(ledger, {"opted_out": False}, now=NOON)
    record = a_record(values={"opted_out": True}, at=NOON + at * SECOND)

    known = with_brought(ledger, record, [opted_out])
    merge = merge_record(known, record, [opted_out], written_until=None)

    assert merge.ledger.values["opted_out"] is stands
    assert merge.send is not stands


# --- What is cleared without having been seen ----------------------------------------------------


def unseen(*, is_linked: bool, to: Value = None) -> Ledger:
    """Return what is known of a city that was never seen there, and was changed at noon."""
    ledger = a_ledger({"city": "Bern"}, at=NOON - HOUR, seen=False)
    return ledger_with(ledger, {"city": to}, now=NOON, is_linked=is_linked)


@pytest.mark.parametrize(("at", "sent"), [(-1, {"City": None}), (1, {})])
def test_a_clear_of_what_was_never_seen_is_an_edit(at: int, sent: dict[str, None]) -> None:
    """Of whoever is linked; the later wins, and what loses is told."""
    ledger, record = unseen(is_linked=True), a_city("Chur", at=at)
    assert pending(ledger, CITY)

    plan = plan_push(ledger, record, [CITY], open_since=None)

    assert plan.values == sent
    assert plan.overruled == ({"city": "Chur"} if sent else {})
    assert told(ledger, record) == [(None, "Chur") if sent else ("Chur", None)]


@pytest.mark.parametrize(("is_linked", "to"), [(False, None), (True, "Basel")])
def test_nothing_is_remembered_of_any_other_edit_of_what_was_never_seen(
    is_linked: bool,  # noqa: FBT001 - a parameter
    to: Value,
) -> None:
    """A blank from before the link is no opinion, and a value says itself what it is."""
    assert unseen(is_linked=is_linked, to=to).passing == {}


def test_another_record_is_met_without_it() -> None:
    """The clear was said of the one that was linked then."""
    meeting = meet(unseen(is_linked=True), a_city("Chur", at=-1), [CITY], sent={})

    assert meeting.ledger.values == {"city": "Chur"}
    assert meeting.conflicts == ()


def test_both_turn_out_to_be_blank() -> None:
    """There is nothing to send, and nothing to remember."""
    plan = plan_push(unseen(is_linked=True), a_city(None, at=1), [CITY], open_since=None)

    assert (plan.values, plan.agreed) == ({}, {"city": None})


def test_long_values_in_passing_are_not_remembered() -> None:
    """There is no room for them beside the value itself, however often it is edited."""
    ledger = a_ledger({"city": "Bern"}, at=NOON - HOUR)
    for letter in "abc":
        ledger = ledger_with(ledger, {"city": letter * 100_000}, now=NOON)
    assert ledger.passing == {}

    ledger = ledger_with(ledger, {"city": "Basel"}, now=NOON)
    ledger = ledger_with(ledger, {"city": "Bern"}, now=NOON)
    assert ledger.passing == {"city": ("Basel",)}


def test_somebody_clears_a_long_value_that_was_never_seen_there() -> None:
    """That they did is remembered, and not what it was."""
    ledger = Ledger(values={"city": "x" * 100_000}, times={"city": NOON - HOUR})

    ledger = ledger_with(ledger, {"city": None}, now=NOON, is_linked=True)

    assert ledger.passing == {"city": (None,)}
    assert pending(ledger, CITY, a_record().object)
