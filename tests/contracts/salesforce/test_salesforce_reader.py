"""What every `RecordReader` promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from counterpart.domain.bounces import with_bounces
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.passes import Rows
from counterpart.domain.records import BounceMark, Conversion, Record, SObject
from counterpart.domain.selection import (
    Criterion,
    CriterionValue,
    Group,
    Junction,
    Operator,
    Selection,
    SelectionMode,
)
from counterpart.domain.standard_fields import COMPANY_FIELDS, CONTACT_FIELDS
from counterpart.domain.values import FieldType
from counterpart.domain.windows import Keyset
from counterpart.errors import MissingFieldError
from counterpart.ports import PageQuery
from tests.contracts.salesforce.orgs import NOON

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from counterpart.ports import RecordPage
    from tests.contracts.salesforce.orgs import Org

MINUTE = 60.0


def ask(
    org: Org,
    sobject: SObject,
    rows: Rows = Rows.ALL,
    *,
    fields: Sequence[FieldMapping] = (),
    lower: datetime | None = None,
    upper: datetime | None = None,
    after: Keyset | None = None,
    selection: Selection | None = None,
    live_from: datetime | None = None,
    limit: int = 2000,
) -> RecordPage[Record]:
    """Return the one page of one query."""
    query = PageQuery(
        object=sobject,
        rows=rows,
        fields=fields,
        lower=lower,
        upper=upper,
        after=after,
        selection=selection,
        live_from=live_from,
        limit=limit,
    )
    return org.reader.poll([query]).pages[0]


def ids(page: RecordPage[Record]) -> list[str]:
    """Return the ids in a page."""
    return [record.id for record in page.records]


def one(page: RecordPage[Record]) -> Record:
    """Return the only record in a page."""
    (record,) = page.records
    return record


def test_an_empty_org_has_an_empty_last_page(org: Org) -> None:
    """The time of the reading is told by Salesforce's clock, and is never later than it."""
    org.advance(90)

    poll = org.reader.poll([PageQuery(object=SObject.LEAD, rows=Rows.LIVE, fields=())])

    assert poll.pages[0].records == []
    assert poll.pages[0].finished
    assert NOON + timedelta(seconds=60) < poll.as_of <= NOON + timedelta(seconds=90)


def test_a_contact_comes_in_our_own_words(org: Org) -> None:
    """Values are by our names and in normal form; a parent's field is read through its path."""
    account_id = org.add(SObject.ACCOUNT, Name="Acme")
    contact_id = org.add(
        SObject.CONTACT,
        LastName="  Lovelace ",
        Email="Ada@Acme.Example",
        MailingStreet="1 Analytical Row\r\nLondon",
        HasOptedOutOfEmail=True,
        AccountId=account_id,
    )

    record = one(ask(org, SObject.CONTACT, fields=CONTACT_FIELDS))

    assert record.id == contact_id
    assert record.object is SObject.CONTACT
    assert record.account_id == account_id
    assert record.modified_at == record.modstamp == NOON
    assert record.values["last_name"] == "Lovelace"
    assert str(record.values["email"]).lower() == "ada@acme.example"
    assert record.values["street"] == "1 Analytical Row\nLondon"
    assert record.values["opted_out"] is True
    assert record.values["company_name"] == "Acme"
    assert record.values["first_name"] is None
    assert record.values.keys() == {field.name for field in CONTACT_FIELDS}


def test_a_contact_without_an_account_has_no_company_name(org: Org) -> None:
    """Where there is no parent, its fields are blank, not missing."""
    org.add(SObject.CONTACT, LastName="Solo")

    record = one(ask(org, SObject.CONTACT, fields=CONTACT_FIELDS))

    assert record.account_id is None
    assert record.values["company_name"] is None


def test_an_account_comes_with_its_numbers(org: Org) -> None:
    """A whole number is whole, be it written 1 or 1.0."""
    org.add(SObject.ACCOUNT, Name="Acme", AnnualRevenue=1_000_000.0, NumberOfEmployees=12)

    record = one(ask(org, SObject.ACCOUNT, fields=COMPANY_FIELDS))

    assert record.values["annual_revenue"] == 1_000_000
    assert record.values["number_of_employees"] == 12
    assert record.values["website"] is None


@pytest.mark.failure("F18")
def test_a_value_of_another_type_than_mapped_is_unreadable(org: Org) -> None:
    """The field is named, the rest of the record comes, and so do its neighbours."""
    wrong = FieldMapping(
        name="shoe_size",
        type=FieldType.NUMBER,
        mode=Mode.TWO_WAY,
        paths={SObject.LEAD: "Title"},
    )
    org.add(SObject.LEAD, LastName="Lovelace", Company="Acme", Title="Countess")
    for size in ("7", "8"):
        org.add(SObject.LEAD, LastName="Byron", Company="Acme", Title=size)

    found = ask(org, SObject.LEAD, fields=[wrong, *CONTACT_FIELDS])

    (record,) = (each for each in found.records if each.unreadable)
    assert record.unreadable == ("shoe_size",)
    assert "shoe_size" not in record.values
    assert record.values["job_title"] == "Countess"
    sizes = {each.values["shoe_size"] for each in found.records if each is not record}
    assert sizes == {7, 8}


def test_a_window_includes_its_lower_bound_and_excludes_its_upper(org: Org) -> None:
    """So that windows can follow one another without gap or overlap."""
    made = []
    for _ in range(3):
        made.append(org.add(SObject.LEAD, LastName="Lovelace", Company="Acme"))
        org.advance(MINUTE)

    page = ask(
        org,
        SObject.LEAD,
        lower=NOON + timedelta(minutes=1),
        upper=NOON + timedelta(minutes=2),
    )

    assert ids(page) == [made[1]]


@pytest.mark.failure("F02")
def test_rows_of_one_second_are_paged_without_loss(org: Org) -> None:
    """F02: thousands may share a stamp; pages follow one another by stamp and id."""
    early = org.add(SObject.LEAD, LastName="Early", Company="Acme")
    org.advance(MINUTE)
    tied = [org.add(SObject.LEAD, LastName=f"Lead {n}", Company="Acme") for n in range(5)]
    org.advance(MINUTE)
    late = org.add(SObject.LEAD, LastName="Late", Company="Acme")

    seen: list[str] = []
    after = None
    for _ in range(10):
        page = ask(org, SObject.LEAD, after=after, limit=2)
        seen += ids(page)
        if page.finished:
            break
        after = Keyset(modstamp=page.records[-1].modstamp, record_id=page.records[-1].id)

    assert seen == [early, *sorted(tied), late]


def test_a_page_as_long_as_asked_for_is_not_taken_for_the_last(org: Org) -> None:
    """There may be more; only a further, shorter page can tell."""
    org.add(SObject.LEAD, LastName="Lovelace", Company="Acme")

    assert not ask(org, SObject.LEAD, limit=1).finished
    assert ask(org, SObject.LEAD, limit=2).finished


def test_a_row_that_changes_while_pages_are_read_is_seen_again(org: Org) -> None:
    """F04: it moves forwards in the order, so it comes twice rather than never."""
    first, second = (org.add(SObject.LEAD, LastName="Lovelace", Company="Acme") for _ in range(2))
    page = ask(org, SObject.LEAD, limit=1)
    org.advance(1)
    org.edit(first, LastName="King")

    last = page.records[-1]
    rest = ask(org, SObject.LEAD, after=Keyset(modstamp=last.modstamp, record_id=last.id))

    assert ids(rest) == [second, first]


@pytest.mark.failure("F01")
def test_a_late_commit_appears_with_the_stamp_it_was_given(org: Org) -> None:
    """F01: a row may appear behind rows that were read long ago."""
    lead_id = org.add(SObject.LEAD, LastName="Lovelace", Company="Acme")
    org.advance(MINUTE)
    org.edit_slowly(lead_id, seconds=540, LastName="King")
    stamped = NOON + timedelta(seconds=MINUTE)

    org.advance(MINUTE)
    before = ask(org, SObject.LEAD, lower=stamped, fields=CONTACT_FIELDS)
    org.advance(8 * MINUTE)
    after = ask(org, SObject.LEAD, lower=stamped, fields=CONTACT_FIELDS)

    assert before.records == []
    assert one(after).modstamp == stamped
    assert one(after).values["last_name"] == "King"


@pytest.mark.failure("F52")
def test_a_touch_by_automation_moves_the_modstamp_alone(org: Org) -> None:
    """Selection goes by the one time, conflicts are judged by the other."""
    org.add(SObject.ACCOUNT, Name="Acme")
    org.advance(MINUTE)
    org.touch(one(ask(org, SObject.ACCOUNT)).id)

    record = one(ask(org, SObject.ACCOUNT))

    assert record.modified_at == NOON
    assert record.modstamp == NOON + timedelta(seconds=MINUTE)


def test_rows_that_are_gone_are_read_apart_from_those_that_live(org: Org) -> None:
    """Deleted, merged away or converted: they come first, and say what became of them."""
    deleted, loser, winner = (org.add(SObject.CONTACT, LastName="Lovelace") for _ in range(3))
    lead_id = org.add(SObject.LEAD, LastName="Lovelace", Company="Acme")
    other_id = org.add(SObject.LEAD, LastName="Babbage", Company="Acme")
    org.delete(deleted)
    org.merge(winner, loser)
    contact_id, account_id = org.convert(lead_id)

    contacts = {record.id: record for record in ask(org, SObject.CONTACT, Rows.GONE).records}
    lead = one(ask(org, SObject.LEAD, Rows.GONE))

    assert contacts.keys() == {deleted, loser}
    assert (contacts[deleted].deleted, contacts[deleted].master_id) == (True, None)
    assert (contacts[loser].deleted, contacts[loser].master_id) == (True, winner)
    assert lead.id == lead_id
    assert not lead.deleted
    assert lead.conversion == Conversion(contact_id=contact_id, account_id=account_id)
    assert set(ids(ask(org, SObject.CONTACT, Rows.LIVE))) == {winner, contact_id}
    assert ids(ask(org, SObject.LEAD, Rows.LIVE)) == [other_id]


def test_what_left_the_recycle_bin_is_seen_no_more(org: Org) -> None:
    """F54: an undeleted row lives again; a purged one is nowhere."""
    kept, purged = (org.add(SObject.CONTACT, LastName="Lovelace") for _ in range(2))
    org.delete(kept)
    org.delete(purged)
    org.undelete(kept)
    org.purge(purged)

    assert not one(ask(org, SObject.CONTACT, Rows.LIVE)).deleted
    assert ask(org, SObject.CONTACT, Rows.GONE).records == []
    assert org.reader.read({SObject.CONTACT: [purged]}, ()) == {}


def test_a_selection_narrows_what_lives_and_never_what_is_gone(org: Org) -> None:
    """A link must learn of a deletion even if the record was deselected before."""
    org.add(SObject.ACCOUNT, Name="Acme")
    gone = org.add(SObject.ACCOUNT, Name="Bygone")
    org.delete(gone)

    page = ask(org, SObject.ACCOUNT, selection=Selection(mode=SelectionMode.NONE))

    assert ids(page) == [gone]


@pytest.mark.parametrize("chosen", [False, True])
def test_what_lived_before_a_moment_stays_outside_and_what_is_gone_never(
    org: Org, *, chosen: bool
) -> None:
    """Accounts that were switched off and on again: only links are caught up with."""
    late_ones = Criterion(field="Name", operator=Operator.STARTS_WITH, value="Late")
    selection = Selection()
    if chosen:
        criteria = Group(junction=Junction.ALL, members=(late_ones,))
        selection = Selection(mode=SelectionMode.CRITERIA, criteria=criteria)
    lower = org.now()
    org.add(SObject.ACCOUNT, Name="Lately")
    gone = org.add(SObject.ACCOUNT, Name="Bygone")
    org.delete(gone)
    org.advance(MINUTE)
    since = org.now()
    late = org.add(SObject.ACCOUNT, Name="Late")
    other = org.add(SObject.ACCOUNT, Name="Other")

    page = ask(org, SObject.ACCOUNT, lower=lower, live_from=since, selection=selection)

    assert set(ids(page)) == ({gone, late} if chosen else {gone, late, other})


def test_only_records_created_since_come_in_from_now_on(org: Org) -> None:
    """An old record stays outside even when it is edited."""
    old = org.add(SObject.LEAD, LastName="Old", Company="Acme")
    org.advance(MINUTE)
    since = org.now()
    new = org.add(SObject.LEAD, LastName="New", Company="Acme")
    org.edit(old, LastName="Older")

    page = ask(
        org,
        SObject.LEAD,
        Rows.LIVE,
        selection=Selection(mode=SelectionMode.FROM_NOW_ON, since=since),
    )

    assert ids(page) == [new]


def test_only_marked_records_come_in_when_a_mark_is_asked_for(org: Org) -> None:
    """The mark is a checkbox that any Flow can set."""
    marked = org.add(SObject.LEAD, LastName="In", Company="Acme", Sync_to_Counterpart__c=True)
    org.add(SObject.LEAD, LastName="Out", Company="Acme")

    page = ask(org, SObject.LEAD, Rows.LIVE, selection=Selection(mode=SelectionMode.MARKED))

    assert ids(page) == [marked]


@pytest.mark.parametrize(
    ("field", "operator", "value", "taken"),
    [
        ("LastName", Operator.EQUALS, "o'brien", {"O'Brien"}),
        ("LastName", Operator.EQUALS, "' OR Id != '", set()),
        ("LastName", Operator.NOT_EQUALS, "O'Brien", {"Back\\slash", "100%_sure"}),
        ("LastName", Operator.EQUALS, "Back\\slash", {"Back\\slash"}),
        ("LastName", Operator.CONTAINS, "%_", {"100%_sure"}),
        ("LastName", Operator.STARTS_WITH, "back\\", {"Back\\slash"}),
        ("LastName", Operator.IN, ("O'Brien", "100%_sure"), {"O'Brien", "100%_sure"}),
        ("LastName", Operator.NOT_IN, ("O'Brien", "100%_sure"), {"Back\\slash"}),
        ("Title", Operator.IS_BLANK, None, {"Back\\slash", "100%_sure"}),
        ("Title", Operator.IS_NOT_BLANK, None, {"O'Brien"}),
        # A text is compared with a number as with its digits, and with a yes as with the word.
        ("Title", Operator.GREATER_THAN, 5, {"O'Brien"}),
        ("LastName", Operator.LESS_THAN, 5, {"100%_sure"}),
        ("FirstName", Operator.EQUALS, True, {"Back\\slash"}),
        ("FirstName", Operator.NOT_IN, ("1815",), {"Back\\slash", "O'Brien"}),
        ("HasOptedOutOfEmail", Operator.EQUALS, True, {"O'Brien"}),
        ("HasOptedOutOfEmail", Operator.EQUALS, "false", {"Back\\slash", "100%_sure"}),
        (
            "CreatedDate",
            Operator.AT_LEAST,
            "2026-11-22T13:00:00+01:00",
            {"O'Brien", "Back\\slash"} | {"100%_sure"},
        ),
        ("CreatedDate", Operator.GREATER_THAN, "2026-11-22T12:00:00Z", set()),
        ("Account.Name", Operator.EQUALS, "Acme", {"O'Brien"}),
        ("account.NAME", Operator.NOT_EQUALS, "Acme", {"Back\\slash", "100%_sure"}),
        ("lastname", Operator.EQUALS, "O'Brien", {"O'Brien"}),
    ],
)
def test_criteria_take_what_they_say(
    org: Org, field: str, operator: Operator, value: CriterionValue, taken: set[str]
) -> None:
    """F42: quotes, backslashes and wildcards are text, whoever typed them."""
    account_id = org.add(SObject.ACCOUNT, Name="Acme")
    org.add(
        SObject.CONTACT,
        LastName="O'Brien",
        Title="Countess",
        HasOptedOutOfEmail=True,
        AccountId=account_id,
    )
    org.add(SObject.CONTACT, LastName="Back\\slash", FirstName="true")
    org.add(SObject.CONTACT, LastName="100%_sure", FirstName="1815")
    criteria = Group(
        junction=Junction.ALL, members=(Criterion(field=field, operator=operator, value=value),)
    )

    page = ask(
        org,
        SObject.CONTACT,
        Rows.LIVE,
        fields=CONTACT_FIELDS,
        selection=Selection(mode=SelectionMode.CRITERIA, criteria=criteria),
    )

    assert {record.values["last_name"] for record in page.records} == taken


@pytest.mark.parametrize("operator", [Operator.EQUALS, Operator.IN])
@pytest.mark.parametrize("length", [15, 18])
def test_criteria_about_ids_take_both_lengths(org: Org, operator: Operator, length: int) -> None:
    """As people find them, in an address line or in a report."""
    wanted = org.add(SObject.LEAD, LastName="Lovelace", Company="Acme")
    org.add(SObject.LEAD, LastName="Babbage", Company="Acme")
    value = (wanted[:length],) if operator is Operator.IN else wanted[:length]
    criteria = Group(
        junction=Junction.ALL, members=(Criterion(field="Id", operator=operator, value=value),)
    )
    selection = Selection(mode=SelectionMode.CRITERIA, criteria=criteria)

    page = ask(org, SObject.LEAD, Rows.LIVE, selection=selection)

    assert [record.id for record in page.records] == [wanted]


@pytest.mark.parametrize(
    ("junction", "taken"), [(Junction.ALL, {"both"}), (Junction.ANY, {"both", "one", "two"})]
)
def test_groups_of_criteria_join_as_they_say(org: Org, junction: Junction, taken: set[str]) -> None:
    """All or any, and a group may hold a group."""
    for name, title, phone in (
        ("both", "CTO", "1"),
        ("one", "CTO", None),
        ("two", None, "1"),
        ("none", None, None),
    ):
        org.add(SObject.LEAD, LastName=name, Company="Acme", Title=title, Phone=phone)
    criteria = Group(
        junction=junction,
        members=(
            Criterion(field="Title", operator=Operator.EQUALS, value="CTO"),
            Group(
                junction=Junction.ANY,
                members=(Criterion(field="Phone", operator=Operator.IN, value=("1", "2")),),
            ),
        ),
    )

    page = ask(
        org,
        SObject.LEAD,
        Rows.LIVE,
        fields=CONTACT_FIELDS,
        selection=Selection(mode=SelectionMode.CRITERIA, criteria=criteria),
    )

    assert {record.values["last_name"] for record in page.records} == taken


def test_a_field_hidden_from_our_user_is_a_missing_field(org: Org) -> None:
    """F25: the error names it, so that this one field can be set aside."""
    org.hide(SObject.LEAD, "Title")
    org.add(SObject.LEAD, LastName="Lovelace", Company="Acme")

    with pytest.raises(MissingFieldError, match="Title"):
        ask(org, SObject.LEAD, fields=CONTACT_FIELDS)


@pytest.mark.failure("F25")
@pytest.mark.parametrize(
    "selection",
    [
        Selection(mode=SelectionMode.MARKED, marker="HasOptedOutOfEmail"),
        Selection(
            mode=SelectionMode.CRITERIA,
            criteria=Group(
                junction=Junction.ANY,
                members=(
                    Criterion(field="Email", operator=Operator.IS_NOT_BLANK),
                    Criterion(field="hasoptedoutofemail", operator=Operator.EQUALS, value=True),
                ),
            ),
        ),
    ],
)
def test_a_field_that_is_hidden_by_which_records_are_selected(
    org: Org, selection: Selection
) -> None:
    """Neither a page nor a count takes it for a field that is blank."""
    org.add(SObject.LEAD, LastName="Lovelace", Company="Acme", HasOptedOutOfEmail=True)
    org.advance(1)
    query = PageQuery(object=SObject.LEAD, rows=Rows.LIVE, fields=(), selection=selection)
    assert org.reader.count(query) == 1

    org.hide(SObject.LEAD, "HasOptedOutOfEmail")

    for ask_now in (org.reader.count, lambda asked: org.reader.poll([asked])):
        with pytest.raises(MissingFieldError, match=r"(?i)HasOptedOutOfEmail"):
            ask_now(query)


@pytest.mark.failure("F25")
def test_a_field_that_is_shown_after_it_was_asked_for_in_vain(org: Org) -> None:
    """What was learned of the object while it was hidden holds no longer."""
    org.hide(SObject.LEAD, "Title")
    org.add(SObject.LEAD, LastName="Lovelace", Company="Acme")
    org.advance(1)
    criterion = Criterion(field="Title", operator=Operator.IN, value=("Countess",))
    criteria = Group(junction=Junction.ALL, members=(criterion,))
    selection = Selection(mode=SelectionMode.CRITERIA, criteria=criteria)
    query = PageQuery(object=SObject.LEAD, rows=Rows.LIVE, fields=(), selection=selection)
    with pytest.raises(MissingFieldError, match="Title"):
        org.reader.count(query)

    org.show_all()

    assert org.reader.count(query) == 0
    assert not org.reader.poll([query]).pages[0].records


@pytest.mark.failure("F26")
def test_an_object_hidden_from_our_user(org: Org) -> None:
    """A query for it is told from one that lacks a field; the other objects can be read."""
    org.add(SObject.LEAD, LastName="Lovelace", Company="Acme")
    org.add(SObject.CONTACT, LastName="Lovelace")
    org.hide_object(SObject.LEAD)
    org.advance(1)

    with pytest.raises(MissingFieldError, match="Lead"):
        ask(org, SObject.LEAD, fields=CONTACT_FIELDS)
    with pytest.raises(MissingFieldError, match="Lead"):
        org.reader.hidden(SObject.LEAD, ["Title"])
    assert len(ask(org, SObject.CONTACT, fields=CONTACT_FIELDS).records) == 1


@pytest.mark.failure("F26")
@pytest.mark.parametrize("value", ["many", "2026-11-22"])
def test_criteria_that_no_longer_fit_their_field(org: Org, value: str) -> None:
    """They are told like a field that is missing, so that one object alone stands still."""
    org.add(SObject.LEAD, LastName="Lovelace", Company="Acme")
    org.advance(1)
    criterion = Criterion(field="CreatedDate", operator=Operator.AT_LEAST, value=value)
    criteria = Group(junction=Junction.ALL, members=(criterion,))

    with pytest.raises(MissingFieldError):
        ask(
            org,
            SObject.LEAD,
            selection=Selection(mode=SelectionMode.CRITERIA, criteria=criteria),
        )


def test_five_queries_cost_one_call(org: Org) -> None:
    """An idle poll of everything is as cheap as a poll of one object."""
    queries = [
        PageQuery(object=sobject, rows=rows, fields=())
        for sobject, rows in (
            (SObject.ACCOUNT, Rows.ALL),
            (SObject.CONTACT, Rows.GONE),
            (SObject.LEAD, Rows.GONE),
            (SObject.CONTACT, Rows.LIVE),
            (SObject.LEAD, Rows.LIVE),
        )
    ]
    lead_id = org.add(SObject.LEAD, LastName="Lovelace", Company="Acme")
    before = org.reader.usage().calls

    poll = org.reader.poll(queries)

    assert org.reader.usage().calls - before == 1
    assert [ids(page) for page in poll.pages] == [[], [], [], [], [lead_id]]


@pytest.mark.parametrize("number", [0, 6])
def test_a_poll_of_nothing_or_of_too_much_is_a_mistake(org: Org, number: int) -> None:
    """No call is spent on it."""
    before = org.reader.usage().calls

    with pytest.raises(ValueError, match="1 to 5"):
        org.reader.poll([PageQuery(object=SObject.LEAD, rows=Rows.LIVE, fields=())] * number)

    assert org.reader.usage().calls == before


def test_records_are_read_by_id_with_those_in_the_recycle_bin(org: Org) -> None:
    """What is beyond the bin, or never was, is left out."""
    account_id = org.add(SObject.ACCOUNT, Name="Acme")
    alive = org.add(SObject.CONTACT, LastName="Lovelace", AccountId=account_id)
    deleted = org.add(SObject.CONTACT, LastName="Babbage")
    lead_id = org.add(SObject.LEAD, LastName="Byron", Company="Acme")
    org.delete(deleted)
    contact_id, made_id = org.convert(lead_id)
    purged = org.add(SObject.CONTACT, LastName="King")
    org.delete(purged)
    org.purge(purged)

    found = org.reader.read(
        {SObject.CONTACT: [alive, deleted, purged], SObject.LEAD: {lead_id}}, CONTACT_FIELDS
    )

    assert found.keys() == {alive, deleted, lead_id}
    assert found[alive].values["company_name"] == "Acme"
    assert found[deleted].deleted
    assert found[lead_id].conversion == Conversion(contact_id=contact_id, account_id=made_id)
    assert found[lead_id].values["company_name"] == "Acme"


def test_reading_nothing_costs_nothing(org: Org) -> None:
    """No ids, no call."""
    before = org.reader.usage().calls

    assert org.reader.read({SObject.CONTACT: []}, CONTACT_FIELDS) == {}
    assert org.reader.usage().calls == before


@pytest.mark.failure("F25")
def test_what_is_hidden_is_told_field_by_field(org: Org) -> None:
    """Also one after the other, and of parents; the case of a name does not matter."""
    paths = ["Email", "TITLE", "FirstName", "Account.Website", "Account.Name"]
    org.hide(SObject.CONTACT, "Title")
    first = org.reader.hidden(SObject.CONTACT, paths)

    org.hide(SObject.ACCOUNT, "Website")
    second = org.reader.hidden(SObject.CONTACT, paths)

    assert set(first) <= {"TITLE"}
    assert "Account.Website" in second
    assert not {"Email", "FirstName", "Account.Name"} & {*first, *second}


def test_describe_tells_what_can_be_done_with_a_field(org: Org) -> None:
    """Its type, and whether we may write it; what we may not see is not there."""
    org.hide(SObject.CONTACT, "Title")

    facts = org.plain.describe(SObject.CONTACT)

    assert facts["Email"].type == "email"
    assert facts["Email"].updateable
    assert facts["AccountId"].type == "reference"
    assert not facts["SystemModstamp"].updateable
    assert "Title" not in facts


def test_a_person_account_is_a_contact(org: Org) -> None:
    """It says so, and its Account's name, which is the person's, is nobody's company."""
    org.allow_person_accounts()
    account_id, contact_id = org.add_person_account(LastName="Lovelace", Email="ada@example.com")
    business = org.add(SObject.CONTACT, LastName="Babbage")

    by_id = org.reader.read({SObject.CONTACT: [contact_id, business]}, CONTACT_FIELDS)
    records = ask(org, SObject.CONTACT, fields=CONTACT_FIELDS).records

    assert {each.id: each.is_person_account for each in records} == {
        contact_id: True,
        business: False,
    }
    assert by_id == {each.id: each for each in records}
    assert by_id[contact_id].account_id == account_id
    assert by_id[contact_id].values["email"] == "ada@example.com"
    assert "company_name" not in by_id[contact_id].values
    assert by_id[business].values["company_name"] is None


def test_the_account_of_a_person_is_not_selected(org: Org) -> None:
    """Nor is it one that somebody else may be put on; read by its id, it says what it is."""
    org.allow_person_accounts()
    account_id, _ = org.add_person_account(LastName="Lovelace", Email="ada@acme.example")
    org.edit(account_id, Website="acme.example")
    company_id = org.add(SObject.ACCOUNT, Name="Acme", Website="www.acme.example")

    page = ask(org, SObject.ACCOUNT, fields=COMPANY_FIELDS, selection=Selection())
    found = org.creator.look_up(emails=(), domains={"acme.example"}, fields=COMPANY_FIELDS)
    read = org.reader.read({SObject.ACCOUNT: [account_id, company_id]}, COMPANY_FIELDS)

    assert ids(page) == [company_id]
    assert [account.record_id for account in found.accounts] == [company_id]
    assert {key: record.is_person_account for key, record in read.items()} == {
        account_id: True,
        company_id: False,
    }


def test_an_org_without_person_accounts(org: Org) -> None:
    """The field does not exist there; asking costs no call, and no query fails for it."""
    contact_id = org.add(SObject.CONTACT, LastName="Lovelace")
    before = org.reader.usage().calls

    record = one(ask(org, SObject.CONTACT, fields=CONTACT_FIELDS))
    found = org.reader.read({SObject.CONTACT: [contact_id]}, CONTACT_FIELDS)

    assert record.is_person_account is None
    assert found == {contact_id: record}
    assert org.reader.usage().calls - before == 2


def test_counting_costs_one_call_and_counts_what_would_be_read(org: Org) -> None:
    """Window, rows and selection narrow a count as they narrow a page; the page does not."""
    first = org.add(SObject.LEAD, LastName="A", Company="Acme", Title="Analyst")
    org.advance(MINUTE)
    middle = org.now()
    for name in ("B", "C", "D"):
        org.add(SObject.LEAD, LastName=name, Company="Acme", Title="Director")
    gone = org.add(SObject.LEAD, LastName="E", Company="Acme")
    org.delete(gone)
    directors = Selection(
        mode=SelectionMode.CRITERIA,
        criteria=Group(
            junction=Junction.ALL,
            members=(Criterion(field="Title", operator=Operator.EQUALS, value="Director"),),
        ),
    )
    leads = PageQuery(object=SObject.LEAD, rows=Rows.LIVE, fields=CONTACT_FIELDS)
    org.reader.count(replace(leads, selection=directors))
    calls = org.reader.usage().calls

    assert org.reader.count(replace(leads, limit=1)) == 4
    assert org.reader.usage().calls == calls + 1
    assert org.reader.count(replace(leads, after=Keyset(modstamp=middle, record_id=first))) == 4
    assert org.reader.count(replace(leads, upper=middle)) == 1
    assert org.reader.count(replace(leads, selection=directors)) == 3
    assert org.reader.count(replace(leads, rows=Rows.GONE)) == 1
    assert org.reader.count(replace(leads, ids=(first, gone))) == 1


def test_a_page_of_named_records(org: Org) -> None:
    """Those of the window that are named, and no others."""
    named = [org.add(SObject.LEAD, LastName=name, Company="Acme") for name in ("A", "B")]
    org.add(SObject.LEAD, LastName="C", Company="Acme")
    query = PageQuery(object=SObject.LEAD, rows=Rows.LIVE, fields=(), ids=named)

    page = org.reader.poll([query]).pages[0]

    assert sorted(ids(page)) == sorted(named)
    assert page.finished


def test_leads_are_found_by_the_contacts_that_they_became(org: Org) -> None:
    """However many there are, and no others."""
    leads = [org.add(SObject.LEAD, LastName="Lovelace", Company="Acme") for _ in range(3)]
    contacts = [org.convert(lead)[0] for lead in leads]
    org.advance(1)
    query = PageQuery(object=SObject.LEAD, rows=Rows.GONE, fields=(), became=contacts[1:])

    (page,) = org.reader.poll([query]).pages

    found = {record.id: record.conversion for record in page.records}
    assert found.keys() == {*leads[1:]}
    assert {each and each.contact_id for each in found.values()} == {*contacts[1:]}


def test_records_are_found_by_a_box_that_is_ticked(org: Org) -> None:
    """Those that live and those that are gone, each by the query that reads them."""
    ticked, gone, _ = (
        org.add(SObject.CONTACT, LastName="Lovelace", HasOptedOutOfEmail=box)
        for box in (True, True, False)
    )
    org.delete(gone)
    box = "HasOptedOutOfEmail"
    queries = [PageQuery(object=SObject.CONTACT, rows=rows, fields=(), ticked=box) for rows in Rows]

    found = {
        query.rows: ids(page)
        for query, page in zip(queries, org.reader.poll(queries).pages, strict=True)
    }

    assert {rows: set(each) for rows, each in found.items()} == {
        Rows.ALL: {ticked, gone},
        Rows.GONE: {gone},
        Rows.LIVE: {ticked},
    }


def test_a_bounce_is_read_where_it_is_asked_for(org: Org) -> None:
    """It is no value of ours, and goes when the address changes."""
    contact_id = org.add(SObject.CONTACT, LastName="Lovelace", Email="ada@example.com")
    fields = with_bounces(CONTACT_FIELDS, SObject.CONTACT)
    before = one(ask(org, SObject.CONTACT, fields=fields))
    org.advance(60)
    org.bounce(contact_id, "no such mailbox")

    bounced = one(ask(org, SObject.CONTACT, fields=fields))
    unasked = one(ask(org, SObject.CONTACT, fields=CONTACT_FIELDS))
    org.edit(contact_id, Email="new@example.com")
    moved = one(ask(org, SObject.CONTACT, fields=fields))

    assert before.bounce == BounceMark()
    assert bounced.bounce == BounceMark(at=NOON + timedelta(seconds=60), reason="no such mailbox")
    assert bounced.values.keys() == {field.name for field in CONTACT_FIELDS}
    assert unasked.bounce is None
    assert moved.bounce == BounceMark()


def test_a_bounce_that_our_user_does_not_see(org: Org) -> None:
    """It is a missing field like any other."""
    org.add(SObject.LEAD, LastName="Lovelace", Company="Acme")
    org.hide(SObject.LEAD, "EmailBouncedDate")

    with pytest.raises(MissingFieldError):
        ask(org, SObject.LEAD, fields=with_bounces(CONTACT_FIELDS, SObject.LEAD))


def test_objects_are_described_along_with_a_poll(org: Org) -> None:
    """For no call of its own; an object that is hidden is left out."""
    org.hide_object(SObject.LEAD)
    before = org.reader.usage().calls

    poll = org.reader.poll(
        [PageQuery(object=SObject.CONTACT, rows=Rows.LIVE, fields=CONTACT_FIELDS)],
        {SObject.CONTACT, SObject.LEAD},
    )

    assert org.reader.usage().calls - before == 1
    assert poll.facts.keys() == {SObject.CONTACT}
    assert poll.facts[SObject.CONTACT]["Email"].updateable
    assert len(poll.pages) == 1
