"""Merging a record into what we know, field by field."""

from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from counterpart.domain.contacts import Ledger
from counterpart.domain.mapping import EMAIL, Mode
from counterpart.domain.merging import Conflict, ledger_of, merge_record
from counterpart.domain.records import Record, SObject
from counterpart.domain.values import FieldType, Value, same
from tests.domain.samples import (
    HOUR,
    MINUTE,
    NOON,
    SECOND,
    TEXTS,
    a_field,
    a_ledger,
    a_record,
    law,
    moments,
)

# One field of each mode, named after it, and the two that are like no other.
OPTED_OUT = a_field("opted_out", Mode.RESTRICTIVE_WINS, FieldType.BOOLEAN)
ADDRESS = a_field(EMAIL, Mode.TWO_WAY, FieldType.EMAIL)
PLAIN = tuple(
    a_field(mode.value, mode)
    for mode in Mode
    if mode not in {Mode.RESTRICTIVE_WINS, Mode.DO_NOT_SYNC}
)
FIELDS = (*PLAIN, OPTED_OUT, ADDRESS)
TWO_WAY = a_field(Mode.TWO_WAY.value, Mode.TWO_WAY)
PREFER = a_field(Mode.PREFER_SALESFORCE.value, Mode.PREFER_SALESFORCE)

VALUES: dict[str, SearchStrategy[Value]] = {
    **{field.name: TEXTS for field in PLAIN},
    OPTED_OUT.name: st.booleans(),
    EMAIL: st.sampled_from(["ada@example.com", "ADA@example.com", "a.l@example.com"]),
}
THEIRS: dict[str, SearchStrategy[Value]] = {
    **VALUES,
    EMAIL: VALUES[EMAIL] | st.sampled_from([None, "ada at example"]),
}


def some_of(values: dict[str, SearchStrategy[Value]]) -> SearchStrategy[dict[str, Value]]:
    """Return values of some fields; the others never had one."""
    return st.fixed_dictionaries({}, optional=values)


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Return what we know, at any point of a story: each value of ours has its time."""
    values = draw(some_of(VALUES))
    return Ledger(
        values=values,
        times={name: draw(moments()) for name in values},
        shadows=draw(some_of(THEIRS)),
    )


RECORDS = st.builds(lambda values, at: a_record(values=values, at=at), some_of(THEIRS), moments())
WRITTEN = st.none() | moments()

# What chance seldom makes: a refusal that was lifted here, or whose box somebody unticked there,
# and a blank there that ours fills.
LIFTED = Ledger(
    values={OPTED_OUT.name: False}, times={OPTED_OUT.name: NOON}, shadows={OPTED_OUT.name: True}
)
REFUSED = a_record(values={OPTED_OUT.name: True}, at=NOON)
UNTICKED = a_record(values={OPTED_OUT.name: False}, at=NOON)
FILLED = a_ledger({PREFER.name: "Engineer"})
BLANK = a_record(values={PREFER.name: None}, at=NOON)


@law
@given(ledgers(), RECORDS, WRITTEN)
def test_the_same_record_again(ledger: Ledger, record: Record, written: datetime | None) -> None:
    """Idempotent: read twice, a record changes nothing the second time."""
    once = merge_record(ledger, record, FIELDS, written_until=written)

    again = merge_record(once.ledger, record, FIELDS, written_until=written)

    assert again.ledger is once.ledger
    assert again.conflicts == ()


@law
@given(ledgers(), RECORDS, WRITTEN)
def test_what_salesforce_holds_is_remembered(
    ledger: Ledger, record: Record, written: datetime | None
) -> None:
    """The shadow is what was last seen, whoever wins; an address that is none is no sight."""
    after = merge_record(ledger, record, FIELDS, written_until=written).ledger

    for name in record.values.keys() - {EMAIL}:
        assert after.shadows[name] == record.values[name]
    for name in ledger.shadows.keys() - record.values.keys():
        assert after.shadows[name] == ledger.shadows[name]


@law
@given(ledgers(), RECORDS, WRITTEN)
def test_a_field_that_is_not_carried(
    ledger: Ledger, record: Record, written: datetime | None
) -> None:
    """What the record does not show stays as it is: hidden is not blank."""
    after = merge_record(ledger, record, FIELDS, written_until=written).ledger

    for name in ledger.values.keys() - record.values.keys():
        assert after.values[name] == ledger.values[name]
        assert after.times[name] == ledger.times[name]


@law
@given(ledgers(), RECORDS, WRITTEN)
def test_nothing_is_made_up(ledger: Ledger, record: Record, written: datetime | None) -> None:
    """Each value is ours with its own time, or theirs with the record's time: never "now"."""
    after = merge_record(ledger, record, FIELDS, written_until=written).ledger

    assert after.times.keys() == after.values.keys()
    for name, value in after.values.items():
        ours = name in ledger.values and (value, after.times[name]) == (
            ledger.values[name],
            ledger.times[name],
        )
        theirs = (value, after.times[name]) == (record.values.get(name), record.modified_at)
        assert ours or theirs


@law
@given(ledgers(), RECORDS, WRITTEN)
def test_a_newer_edit_of_ours(ledger: Ledger, record: Record, written: datetime | None) -> None:
    """It is never replaced by an older record: promise three, field by field."""
    after = merge_record(ledger, record, FIELDS, written_until=written).ledger

    for field in (*PLAIN, ADDRESS):
        name = field.name
        edited = name in ledger.values and not same(
            field.type, ledger.values[name], ledger.shadows.get(name)
        )
        if edited and name in ledger.shadows and ledger.times[name] > record.modified_at:
            assert after.values[name] == ledger.values[name]


@law
@example(LIFTED, REFUSED, None)
@example(a_ledger({OPTED_OUT.name: True}), UNTICKED, None)
@given(ledgers(), RECORDS, WRITTEN)
def test_a_refusal_stands(ledger: Ledger, record: Record, written: datetime | None) -> None:
    """Opted out on either side is opted out, however old, unless that was lifted here by hand."""
    merge = merge_record(ledger, record, FIELDS, written_until=written)

    before = ledger.values.get(OPTED_OUT.name) is True
    theirs = record.values.get(OPTED_OUT.name)
    after = merge.ledger.values.get(OPTED_OUT.name) is True
    lifted = (
        ledger.values.get(OPTED_OUT.name) is False and ledger.shadows.get(OPTED_OUT.name) is True
    )
    assert after == (before or (theirs is True and not lifted))
    if lifted and theirs is True:
        assert merge.send
    if before and theirs is False:
        assert merge.send


@law
@given(ledgers(), RECORDS, WRITTEN)
def test_an_address_is_never_lost(ledger: Ledger, record: Record, written: datetime | None) -> None:
    """A blank or broken address in Salesforce does not replace ours."""
    after = merge_record(ledger, record, FIELDS, written_until=written).ledger

    if EMAIL in ledger.values:
        assert after.values[EMAIL] in {ledger.values[EMAIL], record.values.get(EMAIL)}
    assert after.values.get(EMAIL, "a@b.example") is not None
    assert "@" in str(after.values.get(EMAIL, "@"))


@law
@given(ledgers(), RECORDS, WRITTEN)
def test_a_field_that_only_goes_out(
    ledger: Ledger, record: Record, written: datetime | None
) -> None:
    """Nothing of it comes in."""
    after = merge_record(ledger, record, FIELDS, written_until=written).ledger

    name = Mode.ALWAYS_OURS.value
    assert after.values.get(name, "never") == ledger.values.get(name, "never")


@law
@example(FILLED, BLANK)
@given(ledgers(), RECORDS)
def test_a_merge_says_when_something_has_to_go_out(ledger: Ledger, record: Record) -> None:
    """A pull sends only what two-way, a blank to fill, or a refusal to be mailed, ask for."""
    merge = merge_record(ledger, record, FIELDS, written_until=None)

    for name in (Mode.ALWAYS_SALESFORCE.value, Mode.ALWAYS_OURS.value):
        only = [field for field in FIELDS if field.name == name]
        assert not merge_record(ledger, record, only, written_until=None).send
    blank = record.values.get(PREFER.name, "") is None
    if blank and ledger.values.get(PREFER.name):
        assert merge.send


# --- Three-way -----------------------------------------------------------------------------------


@law
@given(ledgers(), RECORDS, WRITTEN)
def test_a_merge_says_when_it_takes_a_value_away(
    ledger: Ledger, record: Record, written: datetime | None
) -> None:
    """Some value of ours is blank afterwards; the guard counts these."""
    merge = merge_record(ledger, record, FIELDS, written_until=written)

    after = merge.ledger.values
    assert merge.blanks is any(
        value is not None and after.get(name) is None for name, value in ledger.values.items()
    )


def merged_two_way(
    *, ours: Value, shadow: Value, theirs: Value, our_time: datetime, their_time: datetime = NOON
) -> tuple[Value, bool, tuple[Conflict, ...]]:
    """Return our value afterwards, whether it has to go out, and the conflicts."""
    name = TWO_WAY.name
    ledger = Ledger(values={name: ours}, times={name: our_time}, shadows={name: shadow})
    record = a_record(values={name: theirs}, at=their_time)
    merge = merge_record(ledger, record, [TWO_WAY], written_until=None)
    return merge.ledger.values[name], merge.send, merge.conflicts


@pytest.mark.failure("F51")
@pytest.mark.parametrize("our_time", [NOON - HOUR, NOON, NOON + HOUR])
def test_only_theirs_changed(our_time: datetime) -> None:
    """It comes in, at whatever time ours became what it is."""
    assert merged_two_way(
        ours="Analyst", shadow="Analyst", theirs="Director", our_time=our_time
    ) == ("Director", False, ())


@pytest.mark.failure("F51")
@pytest.mark.parametrize("our_time", [NOON - HOUR, NOON, NOON + HOUR])
def test_only_ours_changed(our_time: datetime) -> None:
    """It goes out even if the record is newer, because that field of it is not."""
    assert merged_two_way(
        ours="Engineer", shadow="Analyst", theirs="Analyst", our_time=our_time
    ) == ("Engineer", True, ())


def test_both_changed_and_ours_is_later() -> None:
    """Ours stays and goes out; what lost is told."""
    value, send, conflicts = merged_two_way(
        ours="Engineer", shadow="Analyst", theirs="Director", our_time=NOON + SECOND
    )

    assert (value, send) == ("Engineer", True)
    assert conflicts == (
        Conflict(field=TWO_WAY.name, kept="Engineer", lost="Director", ours_won=True),
    )


@pytest.mark.parametrize("our_time", [NOON - SECOND, NOON])
def test_both_changed_and_theirs_is_later(our_time: datetime) -> None:
    """Theirs comes in, also at the very same moment; what lost is told."""
    value, send, conflicts = merged_two_way(
        ours="Engineer", shadow="Analyst", theirs="Director", our_time=our_time
    )

    assert (value, send) == ("Director", False)
    assert conflicts == (
        Conflict(field=TWO_WAY.name, kept="Director", lost="Engineer", ours_won=False),
    )


def test_both_changed_to_the_same() -> None:
    """There is nothing to win."""
    assert merged_two_way(
        ours="Engineer", shadow="Analyst", theirs="Engineer", our_time=NOON - HOUR
    ) == ("Engineer", False, ())


@pytest.mark.failure("F48")
def test_they_cleared_it() -> None:
    """A clear is a change like any other."""
    assert merged_two_way(ours="Analyst", shadow="Analyst", theirs=None, our_time=NOON - HOUR) == (
        None,
        False,
        (),
    )


@pytest.mark.failure("F48")
def test_we_cleared_it() -> None:
    """A clear is a change like any other."""
    assert merged_two_way(ours=None, shadow="Analyst", theirs="Analyst", our_time=NOON - HOUR) == (
        None,
        True,
        (),
    )


def test_different_fields_changed_on_each_side() -> None:
    """Both changes survive."""
    fields = [a_field("job_title"), a_field("city")]
    before = a_ledger(job_title="Analyst", city="Bern", at=NOON - HOUR)
    ledger = Ledger(
        values={**before.values, "city": "Basel"},
        times={**before.times, "city": NOON - MINUTE},
        shadows=before.shadows,
    )
    record = a_record(values={"job_title": "Director", "city": "Bern"}, at=NOON)

    merge = merge_record(ledger, record, fields, written_until=None)

    assert merge.ledger.values == {"job_title": "Director", "city": "Basel"}
    assert merge.send
    assert merge.conflicts == ()


# --- First meeting -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs", "minutes", "kept", "send", "lost"),
    [
        ("Engineer", "Director", 1, "Engineer", True, ["Director"]),
        ("Engineer", "Director", 0, "Director", False, ["Engineer"]),
        ("Engineer", "Director", -1, "Director", False, ["Engineer"]),
        # A blank is no opinion: nobody is known to have cleared the field.
        ("Engineer", None, -1, "Engineer", True, []),
        (None, "Director", 1, "Director", False, []),
        ("Engineer", "Engineer", 1, "Engineer", False, []),
    ],
)
def test_a_first_meeting(
    *, ours: Value, theirs: Value, minutes: int, kept: Value, send: bool, lost: list[Value]
) -> None:
    """Without a shadow the later value wins, and the other one is told: somebody entered it."""
    name = TWO_WAY.name
    ledger = Ledger(values={name: ours}, times={name: NOON + minutes * MINUTE})

    merge = merge_record(ledger, a_record(values={name: theirs}), [TWO_WAY], written_until=None)

    assert (merge.ledger.values[name], merge.send) == (kept, send)
    assert [conflict.lost for conflict in merge.conflicts] == lost


# --- Prefer Salesforce unless empty --------------------------------------------------------------


def merged_prefer(
    *, ours: Value, theirs: Value, our_time: datetime, written_until: datetime | None = None
) -> tuple[Value, bool]:
    """Return our value afterwards, and whether it has to go out; Salesforce held "Director"."""
    name = PREFER.name
    ledger = Ledger(values={name: ours}, times={name: our_time}, shadows={name: "Director"})
    record = a_record(values={name: theirs})
    merge = merge_record(ledger, record, [PREFER], written_until=written_until)
    return merge.ledger.values.get(name), merge.send


def test_a_newer_record_wins() -> None:
    """Also where the rep has edited another field: the record's clock is all there is."""
    assert merged_prefer(ours="VP", theirs="Director", our_time=NOON - MINUTE) == (
        "Director",
        False,
    )


@pytest.mark.parametrize("our_time", [NOON, NOON + MINUTE])
def test_a_record_that_is_not_newer(our_time: datetime) -> None:
    """Our edit stays; at the same moment, too: a tie is not newer."""
    assert merged_prefer(ours="VP", theirs="Director", our_time=our_time) == ("VP", False)


def test_a_value_that_was_replaced_within_one_second() -> None:
    """Stamps are of whole seconds; what we hold was pulled, so nothing of ours is at stake."""
    assert merged_prefer(ours="Director", theirs="President", our_time=NOON) == (
        "President",
        False,
    )


@pytest.mark.failure("F49")
def test_our_own_write_coming_back() -> None:
    """Our write made the record newer; that opens no gate for a value that nobody touched."""
    assert merged_prefer(
        ours="VP", theirs="Director", our_time=NOON - MINUTE, written_until=NOON
    ) == ("VP", False)


@pytest.mark.failure("F49")
def test_our_own_write_coming_back_rewritten() -> None:
    """Salesforce, or its automation, made another value of ours: that one comes in."""
    assert merged_prefer(
        ours="Director", theirs="DIRECTOR", our_time=NOON - MINUTE, written_until=NOON
    ) == ("DIRECTOR", False)


@pytest.mark.failure("F48")
@pytest.mark.parametrize("our_time", [NOON - HOUR, NOON + HOUR])
def test_a_blank_is_filled(our_time: datetime) -> None:
    """Salesforce wins unless it is empty, whoever is newer."""
    assert merged_prefer(ours="VP", theirs=None, our_time=our_time) == ("VP", True)


@pytest.mark.failure("F49")
@pytest.mark.parametrize(("ours", "send"), [("Director", False), ("VP", True)])
def test_a_blank_that_is_our_own_write_coming_back(ours: str, *, send: bool) -> None:
    """What automation clears as soon as it is written stays so; another value was not written."""
    merged = merged_prefer(ours=ours, theirs=None, our_time=NOON - MINUTE, written_until=NOON)

    assert merged == (ours, send)


# --- What an object cannot take ------------------------------------------------------------------


@pytest.mark.parametrize("mode", [Mode.PREFER_SALESFORCE, Mode.TWO_WAY])
def test_a_field_that_cannot_be_written_there(mode: Mode) -> None:
    """Nothing is to be sent for it, or each change of the record would ask for a useless push."""
    field = a_field("company_name", mode, Lead="Company", Contact="Account.Name")
    ledger = a_ledger(company_name="Acme", seen=False)

    def merged(sobject: SObject) -> bool:
        record = a_record(1, sobject, values={"company_name": None})
        return merge_record(ledger, record, [field], written_until=None).send

    assert merged(SObject.LEAD)
    assert not merged(SObject.CONTACT)


# --- Birth ---------------------------------------------------------------------------------------


@law
@given(some_of(VALUES), moments())
def test_who_is_born_from_a_record(values: dict[str, Value], at: datetime) -> None:
    """The record, read again, changes nothing; what only goes out is remembered, not taken."""
    record = a_record(values=values, at=at)

    ledger = ledger_of(record, FIELDS)

    assert merge_record(ledger, record, FIELDS, written_until=None).ledger is ledger
    assert ledger.shadows == values
    assert Mode.ALWAYS_OURS.value not in ledger.values
    assert None not in ledger.values.values()
    assert set(ledger.times.values()) <= {at}
