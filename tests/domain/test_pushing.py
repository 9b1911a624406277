"""Planning a push: which of our values go out, seen against what is there now."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.contacts import Ledger
from counterpart.domain.mapping import EMAIL, FieldMapping, Mode
from counterpart.domain.merging import merge_record
from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.outgoing_fields import goes_out, pending
from counterpart.domain.patience import put_off
from counterpart.domain.pushing import (
    Held,
    PushPlan,
    goes_now,
    having_seen,
    plan_push,
    settled,
    would_blank,
)
from counterpart.domain.records import Record, SObject
from counterpart.domain.standard_fields import CONTACT_FIELDS
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import FieldType, Value
from counterpart.domain.waiting import Lane, Waiting
from tests.domain.samples import (
    HOUR,
    MINUTE,
    NOON,
    TEXTS,
    a_contact,
    a_counterpart,
    a_field,
    a_ledger,
    a_record,
    law,
    moments,
)

OPTED_OUT = a_field("opted_out", Mode.RESTRICTIVE_WINS, FieldType.BOOLEAN)
PLAIN = tuple(a_field(mode.value, mode) for mode in Mode if mode is not Mode.RESTRICTIVE_WINS)
FIELDS = (*PLAIN, OPTED_OUT)
VALUES = {**{field.name: TEXTS for field in PLAIN}, OPTED_OUT.name: st.booleans()}
SOME = st.fixed_dictionaries({}, optional=VALUES)


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Return what we know, at any point of a story."""
    values = draw(SOME)
    return Ledger(
        values=values, times={name: draw(moments()) for name in values}, shadows=draw(SOME)
    )


# As just read: with every field that could be written.
RECORDS = st.builds(
    lambda values, at: a_record(values=values, at=at), st.fixed_dictionaries(VALUES), moments()
)


def plan(ledger: Ledger, record: Record, *, open_since: datetime | None = None) -> PushPlan:
    """Return the plan for all fields."""
    return plan_push(ledger, record, FIELDS, open_since=open_since)


@law
@given(ledgers(), RECORDS)
def test_only_what_must_change_is_written(ledger: Ledger, record: Record) -> None:
    """A value goes out if it is ours, not there already, and edited or to fill a blank there."""
    planned = plan(ledger, record)

    for name, value in planned.sent.items():
        assert value == ledger.values[name]
        assert value != record.values[name]
        fills = name == Mode.PREFER_SALESFORCE and record.values[name] is None
        assert fills or value != ledger.shadows.get(name, object())
    assert set(planned.values) == {
        name if name != "opted_out" else "HasOptedOutOfEmail" for name in planned.sent
    }
    for name, value in planned.agreed.items():
        assert value == ledger.values[name] == record.values[name]


@law
@given(ledgers(), RECORDS)
def test_nothing_to_do_twice(ledger: Ledger, record: Record) -> None:
    """Idempotent: once the write has settled, the same record asks for no other."""
    first = plan(ledger, record)
    subject = settled(
        a_contact(ledger=ledger, counterpart=a_counterpart()),
        shadows={**first.agreed, **first.sent},
        written_at=NOON,
        written_until=NOON,
    )
    after = replace(record, values={**record.values, **first.sent}, modified_at=NOON + 9 * HOUR)

    again = plan(subject.ledger, after)

    assert again.values == {}
    assert again.held.keys() <= first.held.keys()


@law
@given(ledgers(), RECORDS)
def test_a_write_whose_answer_was_lost(ledger: Ledger, record: Record) -> None:
    """The next push finds our value there, and only moves the shadow."""
    first = plan(ledger, record)
    after = replace(record, values={**record.values, **first.sent}, modified_at=NOON + 9 * HOUR)

    again = plan(ledger, after)

    assert again.values == {}
    # What filled a blank was seen there before that was cleared.
    news = {
        name: value
        for name, value in {**first.agreed, **first.sent}.items()
        if value != ledger.shadows.get(name, object())
    }
    assert again.agreed == news


@law
@given(ledgers(), RECORDS)
def test_both_directions_decide_alike(ledger: Ledger, record: Record) -> None:
    """A two-way field that a push holds back comes in by the pull, and the other way round."""
    field = a_field(Mode.TWO_WAY.value)
    pushed = plan_push(ledger, record, [field], open_since=None)

    pulled = merge_record(ledger, record, [field], written_until=None)

    assert pulled.send == bool(pushed.sent)
    if pushed.held:
        assert pushed.held == {field.name: Held.THEIRS_LATER}
        assert pulled.ledger.values[field.name] == record.values[field.name]


@law
@given(ledgers(), RECORDS, moments())
def test_nothing_from_before_outbound_was_switched_on(
    ledger: Ledger, record: Record, switched_on: datetime
) -> None:
    """Switching on sends what is edited from then on; a refusal alone never grows old."""
    planned = plan(ledger, record, open_since=switched_on)

    unbounded = plan(ledger, record)
    assert planned.sent == {
        name: value
        for name, value in unbounded.sent.items()
        if ledger.times[name] >= switched_on or (name == OPTED_OUT.name and value is True)
    }


@law
@given(ledgers(), RECORDS)
def test_a_mode_that_never_goes_out(ledger: Ledger, record: Record) -> None:
    """Nothing is sent for it."""
    sent = plan(ledger, record).sent

    assert not {field.name for field in FIELDS if not goes_out(field)} & sent.keys()
    lifted = ledger.shadows.get(OPTED_OUT.name) is True
    assert lifted or not any(value is False for value in sent.values())


def planned_for(
    mode: Mode, *, ours: Value, theirs: Value, shadow: Value, name: str = "job_title"
) -> PushPlan:
    """Return the plan for one field of that mode."""
    ledger = Ledger(values={name: ours}, times={name: NOON}, shadows={name: shadow})
    return plan_push(
        ledger, a_record(values={name: theirs}), [a_field(name, mode)], open_since=None
    )


def test_a_rep_was_quicker() -> None:
    """The fresh reading decides: a blank that was filled meanwhile is not overwritten."""
    planned = planned_for(Mode.PREFER_SALESFORCE, ours="VP", theirs="Director", shadow=None)

    assert planned.values == {}
    assert planned.held == {"job_title": Held.PROTECTED}


def test_a_blank_that_is_still_one() -> None:
    """It is filled, under Salesforce's name of the field."""
    planned = planned_for(Mode.PREFER_SALESFORCE, ours="VP", theirs=None, shadow=None)

    assert planned.values == {"Title": "VP"}
    assert planned.sent == {"job_title": "VP"}


@pytest.mark.failure("F51")
def test_theirs_is_later() -> None:
    """It stays; the pull brings it."""
    planned = planned_for(Mode.TWO_WAY, ours="VP", theirs="Director", shadow="Analyst")

    assert planned.values == {}
    assert planned.held == {"job_title": Held.THEIRS_LATER}


@pytest.mark.failure("F51")
def test_ours_is_later() -> None:
    """It goes out, and what it replaces is remembered for the run's outcomes."""
    ledger = Ledger(
        values={"job_title": "VP"},
        times={"job_title": NOON + MINUTE},
        shadows={"job_title": "Analyst"},
    )

    planned = plan_push(
        ledger, a_record(values={"job_title": "Director"}), [a_field()], open_since=None
    )

    assert planned.sent == {"job_title": "VP"}
    assert planned.overruled == {"job_title": "Director"}


@law
@given(ledgers(), RECORDS)
def test_what_is_replaced_is_told_by_the_first_try(ledger: Ledger, record: Record) -> None:
    """Once it was seen the very same goes out, and neither a push nor a pull tells it again."""
    first = plan(ledger, record)

    seen = having_seen(ledger, first.overruled)

    again = plan(seen, record)
    assert (again.values, again.held, again.overruled) == (first.values, first.held, {})
    merge = merge_record(seen, record, FIELDS, written_until=None)
    assert not {conflict.field for conflict in merge.conflicts} & first.overruled.keys()


@pytest.mark.failure("F48")
@pytest.mark.parametrize("mode", [Mode.ALWAYS_OURS, Mode.TWO_WAY])
def test_an_explicit_clear(mode: Mode) -> None:
    """It clears there."""
    planned = planned_for(mode, ours=None, theirs="Analyst", shadow="Analyst")

    assert planned.values == {"Title": None}


@pytest.mark.failure("F48")
def test_a_field_that_never_had_a_value() -> None:
    """It clears nothing."""
    ledger = Ledger(shadows={"job_title": "Analyst"})
    field = a_field(mode=Mode.ALWAYS_OURS)

    planned = plan_push(ledger, a_record(values={"job_title": "Analyst"}), [field], open_since=None)

    assert planned.values == {}
    assert not pending(ledger, field)


@pytest.mark.parametrize("theirs", [None, "ada at example"])
def test_an_address_that_they_lost(theirs: str | None) -> None:
    """Ours goes out although theirs is later: no pull would ever bring a blank."""
    planned = planned_for(
        Mode.TWO_WAY, name=EMAIL, ours="new@example.com", theirs=theirs, shadow="old@example.com"
    )

    assert planned.values == {"Email": "new@example.com"}


def test_a_field_that_the_record_does_not_show() -> None:
    """Hidden is not blank: nothing is written blindly, and it is said."""
    planned = plan_push(
        a_ledger(job_title="VP", seen=False), a_record(), [a_field()], open_since=None
    )

    assert planned.values == {}
    assert planned.held == {"job_title": Held.UNAVAILABLE}


@pytest.mark.parametrize(
    ("field", "sobject"),
    [
        (a_field("company_name", Contact="Account.Name"), SObject.CONTACT),
        (a_field("company_name", Lead="Company"), SObject.CONTACT),
    ],
    ids=["of a parent", "of another object"],
)
def test_a_field_that_the_object_cannot_take(field: FieldMapping, sobject: SObject) -> None:
    """It is no part of the plan."""
    ledger = a_ledger(company_name="Acme", seen=False)
    record = a_record(1, sobject, values={"company_name": None})

    planned = plan_push(ledger, record, [field], open_since=None)

    assert (planned.values, planned.held) == ({}, {})


def test_a_list_goes_out_as_salesforce_writes_it() -> None:
    """Its items are joined by semicolons."""
    field = a_field("interests", kind=FieldType.MULTI_ENUM)

    planned = plan_push(
        a_ledger(interests=("chess", "sailing"), seen=False),
        a_record(values={"interests": None}),
        [field],
        open_since=None,
    )

    assert planned.values == {"Interests__c": "chess;sailing"}


# --- Settling, waiting, going --------------------------------------------------------------------


def test_an_edit_that_came_while_we_wrote() -> None:
    """Settling moves the shadow and leaves the edit and its mark alone."""
    waiting = Waiting(lane=Lane.FRESH, next_push_at=NOON)
    contact = a_contact(
        ledger=a_ledger(job_title="Newer", seen=False), counterpart=a_counterpart(), waiting=waiting
    )

    after = settled(
        contact, shadows={"job_title": "Sent"}, written_at=NOON, written_until=NOON + MINUTE
    )

    assert after.ledger.values == {"job_title": "Newer"}
    assert after.ledger.shadows == {"job_title": "Sent"}
    assert after.waiting == waiting
    assert after.counterpart == replace(
        a_counterpart(), written_at=NOON, written_until=NOON + MINUTE
    )


def test_nothing_was_written() -> None:
    """Finding that both sides agree is no write of ours, so the next pull is no echo."""
    after = settled(
        a_contact(counterpart=a_counterpart()),
        shadows={"job_title": "Same"},
        written_at=None,
        written_until=None,
    )

    assert after.counterpart == a_counterpart()


@pytest.mark.failure("F23")
@law
@given(st.integers(0, 200), st.floats(0, 1), st.floats(0, 1))
def test_a_row_that_failed_in_passing(attempts: int, jitter: float, other: float) -> None:
    """It waits longer each time, at least half a minute and at most six hours."""
    waiting = Waiting(lane=Lane.FRESH, next_push_at=NOON, attempts=attempts)

    after = put_off(waiting, now=NOON, jitter=jitter)
    later = put_off(after, now=NOON, jitter=other)

    assert after.lane is Lane.RETRY
    assert after.attempts == attempts + 1
    assert timedelta(seconds=30) <= after.next_push_at - NOON <= 6 * HOUR
    # Half of the doubled wait is the whole wait before.
    assert later.next_push_at >= min(after.next_push_at, NOON + 3 * HOUR)


def test_a_row_without_a_mark_that_failed_in_passing() -> None:
    """Pushed by name, it waits from now on."""
    assert put_off(None, now=NOON, jitter=1) == Waiting(
        lane=Lane.RETRY, next_push_at=NOON + MINUTE, attempts=1
    )


@pytest.mark.parametrize(
    ("waiting", "minutes", "goes"),
    [(1, 9, False), (99, 9, False), (100, 0, True), (1, 10, True), (101, 11, True)],
)
def test_a_hundred_contacts_or_ten_minutes(waiting: int, minutes: int, goes: bool) -> None:  # noqa: FBT001 - what is expected
    """Whichever comes first."""
    answer = goes_now(
        oldest=NOON - minutes * MINUTE, waiting=waiting, now=NOON, longest=10 * MINUTE, most=100
    )

    assert answer is goes


def test_nothing_waits() -> None:
    """Then nothing goes."""
    assert not goes_now(oldest=None, waiting=0, now=NOON, longest=MINUTE, most=1)


@law
@given(moments(), moments(), st.integers(0, 200), st.integers(1, 150), st.integers(0, 90))
def test_longer_or_more_never_waits_more(
    oldest: datetime, older: datetime, waiting: int, most: int, longest: int
) -> None:
    """Monotone in the wait and in the number."""
    older, oldest = sorted((older, oldest))

    def goes(since: datetime, number: int) -> bool:
        return goes_now(oldest=since, waiting=number, now=NOON, longest=longest * MINUTE, most=most)

    assert goes(oldest, waiting) <= goes(older, waiting)
    assert goes(oldest, waiting) <= goes(oldest, waiting + 1)


@pytest.mark.parametrize(
    ("mode", "ours", "shadow", "blanks"),
    [
        (Mode.ALWAYS_OURS, None, "Clerk", True),
        (Mode.TWO_WAY, None, "Clerk", True),
        # The mode protects what Salesforce holds.
        (Mode.PREFER_SALESFORCE, None, "Clerk", False),
        (Mode.ALWAYS_SALESFORCE, None, "Clerk", False),
        # Nothing is taken away.
        (Mode.ALWAYS_OURS, "Director", "Clerk", False),
        (Mode.ALWAYS_OURS, None, None, False),
        (Mode.ALWAYS_OURS, "Director", None, False),
    ],
)
def test_a_push_that_would_take_a_value_away(
    mode: Mode,
    ours: Value,
    shadow: Value,
    blanks: bool,  # noqa: FBT001 - what is expected
) -> None:
    """It is known beforehand, from our value and what Salesforce was last seen to hold."""
    fields = tuple(
        replace(field, mode=mode) if field.name == "job_title" else field
        for field in CONTACT_FIELDS
    )
    fields = SyncSettings(fields=fields).fields_of(SObject.LEAD)
    outbound = Outbound()
    ledger = Ledger(
        values={"job_title": ours},
        times={"job_title": NOON},
        shadows={"job_title": shadow},
    )
    contact = replace(a_contact(counterpart=a_counterpart()), ledger=ledger)

    assert would_blank(contact, fields, outbound) is blanks
    assert not would_blank(contact, fields, replace(outbound, enabled=False))
    assert not would_blank(replace(contact, counterpart=None), fields, outbound)
