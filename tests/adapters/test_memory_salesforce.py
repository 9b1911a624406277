"""What the org in memory can do besides fulfilling the contract: accidents, and people's acts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from counterpart.adapters.memory_org import MemoryOrg
from counterpart.adapters.memory_salesforce import InMemorySalesforce
from counterpart.domain.passes import Rows
from counterpart.domain.records import SObject
from counterpart.domain.refusals import Refusal, Remedy
from counterpart.domain.selection import (
    Criterion,
    Group,
    Junction,
    Operator,
    Selection,
    SelectionMode,
)
from counterpart.domain.windows import Keyset
from counterpart.errors import QuotaExhaustedError, ThrottledError
from counterpart.ports import NewRecord, PageQuery, RecordChange

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PERSON = {"LastName": "Lovelace", "Company": "Acme"}


class Watch:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def watch() -> Watch:
    """Return a clock that stands at noon."""
    return Watch()


@pytest.fixture
def org(watch: Watch) -> MemoryOrg:
    """Return an empty org."""
    return MemoryOrg(watch)


def title(record_id: str) -> RecordChange:
    """Return a change of a lead."""
    return RecordChange(object=SObject.LEAD, record_id=record_id, values={"Title": "CTO"})


def test_calls_fail_as_ordered_and_then_work(org: MemoryOrg) -> None:
    """Nothing happens in a call that fails; it costs all the same."""
    salesforce = InMemorySalesforce(org)
    lead_id = org.add(SObject.LEAD, PERSON)
    salesforce.fail(ThrottledError("busy"))

    with pytest.raises(ThrottledError):
        salesforce.update([title(lead_id)])
    assert org.row(lead_id)["Title"] is None

    assert salesforce.update([title(lead_id)]).rows[0].record_id == lead_id
    assert salesforce.usage().calls == 2


def test_an_allowance_can_be_spent(org: MemoryOrg) -> None:
    """The call after the last is refused."""
    salesforce = InMemorySalesforce(org, daily_calls=1)
    lead_id = org.add(SObject.LEAD, PERSON)
    salesforce.update([title(lead_id)])

    with pytest.raises(QuotaExhaustedError):
        salesforce.update([title(lead_id)])

    assert (salesforce.usage().used, salesforce.usage().allowed) == (1, 1)


def test_rows_can_be_locked_and_refused_by_name(org: MemoryOrg) -> None:
    """A record by its id, one that is still to be made by our id."""
    salesforce = InMemorySalesforce(org)
    locked, refused = org.add(SObject.LEAD, PERSON), org.add(SObject.LEAD, PERSON)
    no = Refusal(code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="No.")
    org.locked.add(locked)
    org.refusals |= {refused: no, "L1": no}
    unmade = NewRecord(object=SObject.LEAD, external_id="L1", values=PERSON)

    updated = salesforce.update([title(locked), title(refused)])
    created = salesforce.create([unmade])

    assert updated.rows[0].refusal
    assert updated.rows[0].refusal.remedy is Remedy.RETRY
    assert (updated.rows[1].refusal, created.rows[0].refusal) == (no, no)
    assert len(org.rows(SObject.LEAD)) == 2


def test_a_text_that_is_no_moment_costs_its_row(org: MemoryOrg) -> None:
    """As Salesforce refuses it."""
    org.add_field(SObject.LEAD, "Since__c", "datetime")
    lead_id = org.add(SObject.LEAD, PERSON)
    change = RecordChange(object=SObject.LEAD, record_id=lead_id, values={"Since__c": "2026-11-22"})

    (answer,) = InMemorySalesforce(org).update([change]).rows

    assert answer.refusal
    assert (answer.refusal.code, answer.refusal.fields) == ("JSON_PARSER_ERROR", ("Since__c",))
    assert org.row(lead_id)["Since__c"] is None


def test_a_contact_whose_account_must_wait_waits_as_well(org: MemoryOrg) -> None:
    """As with the real one."""
    salesforce = InMemorySalesforce(org)
    org.refusals["A1"] = Refusal(code="UNABLE_TO_LOCK_ROW", message="later")
    account = NewRecord(object=SObject.ACCOUNT, external_id="A1", values={"Name": "Acme"})
    contact = NewRecord(
        object=SObject.CONTACT,
        external_id="C1",
        values={"LastName": "Lovelace"},
        account_external_id="A1",
    )

    answer = salesforce.create([contact, account])

    assert [row.refusal and row.refusal.remedy for row in answer.rows] == [Remedy.RETRY] * 2


def test_pages_can_be_shorter_than_asked_for(org: MemoryOrg) -> None:
    """None of them is the last until Salesforce says so."""
    leads = sorted(org.add(SObject.LEAD, PERSON) for _ in range(5))
    salesforce = InMemorySalesforce(org, page_size=2)
    seen = []
    finished = []
    after = None

    for _ in range(3):
        query = PageQuery(object=SObject.LEAD, rows=Rows.LIVE, fields=(), after=after)
        (page,) = salesforce.poll([query]).pages
        seen += [record.id for record in page.records]
        finished.append(page.finished)
        after = Keyset(modstamp=page.records[-1].modstamp, record_id=page.records[-1].id)

    assert seen == leads
    assert finished == [False, False, True]


def test_a_new_row_may_be_committed_late(org: MemoryOrg, watch: Watch) -> None:
    """It appears with the stamp of its beginning."""
    lead_id = org.add(SObject.LEAD, PERSON, commit_at=NOON + timedelta(minutes=9))
    watch.now += timedelta(minutes=8)
    assert org.rows(SObject.LEAD) == []

    watch.now += timedelta(minutes=1)

    (row,) = org.rows(SObject.LEAD)
    assert (row["Id"], row["SystemModstamp"]) == (lead_id, NOON)


def test_stamps_are_whole_seconds(org: MemoryOrg, watch: Watch) -> None:
    """As Salesforce's are, so that many rows share one."""
    watch.now += timedelta(milliseconds=999)

    lead_id = org.add(SObject.LEAD, PERSON)

    assert org.row(lead_id)["SystemModstamp"] == NOON


def test_a_conversion_fills_the_blanks_of_an_existing_contact(org: MemoryOrg) -> None:
    """What it had, it keeps; our id stays on the lead."""
    lead_id = org.add(
        SObject.LEAD,
        PERSON | {"Title": "CTO", "City": "London", "Counterpart_Id__c": "L1"},
    )
    contact_id = org.add(SObject.CONTACT, {"LastName": "King", "Title": "Countess"})

    assert org.convert(lead_id, contact_id=contact_id) == contact_id

    contact = org.row(contact_id)
    found = {name: contact[name] for name in ("LastName", "Title", "MailingCity")}
    assert found == {"LastName": "King", "Title": "Countess", "MailingCity": "London"}
    assert contact["Counterpart_Id__c"] is None
    assert org.row(contact["AccountId"])["Name"] == "Acme"


def test_people_follow_their_account(org: MemoryOrg, watch: Watch) -> None:
    """To the winner of a merge, and into the recycle bin; their stamps tell."""
    loser, winner = (org.add(SObject.ACCOUNT, {"Name": name}) for name in ("Old", "New"))
    contact_id = org.add(SObject.CONTACT, {"LastName": "Lovelace", "AccountId": loser})
    watch.now += timedelta(minutes=1)

    org.merge(winner, loser)
    assert org.row(contact_id)["AccountId"] == winner
    assert org.row(contact_id)["SystemModstamp"] == watch.now

    org.delete(winner)
    assert org.row(contact_id)["IsDeleted"]


@pytest.mark.parametrize(
    ("path", "operator", "value", "taken"),
    [
        ("When__c", Operator.EQUALS, "2026-11-22T13:00:00+01:00", True),
        ("When__c", Operator.LESS_THAN, "2026-11-22T12:00:00.500Z", True),
        ("When__c", Operator.GREATER_THAN, "2026-11-22T12:30:00+01:00", True),
        ("Day__c", Operator.EQUALS, "20261122", True),
        ("Day__c", Operator.NOT_IN, ("2026-W47-7",), False),
        ("day__C", Operator.AT_MOST, "2026-11-21", False),
        ("Likes__c", Operator.INCLUDES, ("Chess;Tea",), True),
        ("Likes__c", Operator.INCLUDES, ("Tea;Go", "Go"), False),
        ("Likes__c", Operator.INCLUDES, ("Go", "tea"), True),
    ],
)
def test_criteria_on_fields_that_the_standard_objects_lack(
    org: MemoryOrg,
    path: str,
    operator: Operator,
    value: str | tuple[str, ...],
    taken: bool,  # noqa: FBT001 - a row
) -> None:
    """Times are compared as times, and of several choices in one text all are wanted."""
    for name, kind in (("When", "datetime"), ("Day", "date"), ("Likes", "multipicklist")):
        org.add_field(SObject.LEAD, f"{name}__c", kind)
    held = {"When__c": "2026-11-22T12:00:00Z", "Day__c": "2026-11-22", "Likes__c": "Tea;Chess"}
    org.add(SObject.LEAD, {**PERSON, **held})
    criterion = Criterion(field=path, operator=operator, value=value)
    criteria = Group(junction=Junction.ALL, members=(criterion,))
    query = PageQuery(
        object=SObject.LEAD,
        rows=Rows.LIVE,
        fields=(),
        selection=Selection(mode=SelectionMode.CRITERIA, criteria=criteria),
    )

    (page,) = InMemorySalesforce(org).poll([query]).pages

    assert bool(page.records) is taken


def test_an_external_id_is_found_whatever_its_case_while_its_record_lives(org: MemoryOrg) -> None:
    """A deleted record holds no key."""
    lead_id = org.add(SObject.LEAD, PERSON | {"Counterpart_Id__c": "AbC"})

    assert org.by_external_id(SObject.LEAD, "aBc") == org.row(lead_id)
    org.delete(lead_id)
    assert org.by_external_id(SObject.LEAD, "AbC") is None
