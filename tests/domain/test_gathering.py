"""What must be looked at before a page can be planned; each look costs a call."""

from datetime import UTC, datetime, timedelta

import pytest

from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.gathering import heirs_among, unanswered
from counterpart.domain.links import Counterpart, Link, LinkedBy, LinkState
from counterpart.domain.page_plan import Known
from counterpart.domain.records import Conversion, Record, SObject
from counterpart.domain.subjects import People

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EMAIL = "ada@acme.example"
IDS = {SObject.CONTACT: "003000000000001AAA", SObject.LEAD: "00Q000000000001EAA"}


def looked_at(sobject: SObject, *, touched: datetime, held_by: SObject) -> set[str]:
    """Return what is looked at for a new record whose e-mail another record's contact bears."""
    record = Record(
        id=IDS[sobject][:-4] + "2AAA",
        object=sobject,
        modified_at=touched,
        modstamp=touched,
        values={"email": EMAIL},
    )
    namesake = Contact(
        id="c1",
        ledger=Ledger(values={"email": EMAIL}),
        created_at=NOON,
        updated_at=NOON,
        counterpart=Counterpart(
            record_id=IDS[held_by], object=held_by, linked_at=NOON, linked_by=LinkedBy.RECORD
        ),
    )
    known: Known[Contact] = Known(links={}, subjects={}, matches={EMAIL: [namesake]})
    return unanswered([record], [], known, People(links={}))


@pytest.mark.parametrize("held_by", [SObject.LEAD, SObject.CONTACT])
def test_a_fresh_contact_may_be_the_heir_of_its_namesake(held_by: SObject) -> None:
    """It may be what a lead was just converted into, or a contact merged into."""
    wanted = looked_at(SObject.CONTACT, touched=NOON + timedelta(minutes=1), held_by=held_by)

    assert wanted == {IDS[held_by]}


def test_a_clock_that_is_behind_does_not_hide_an_heir() -> None:
    """A stamp from a little before the link was made, by the other clock, still counts as after."""
    wanted = looked_at(SObject.CONTACT, touched=NOON - timedelta(minutes=30), held_by=SObject.LEAD)

    assert wanted == {IDS[SObject.LEAD]}


def test_a_record_untouched_since_long_before_the_link_is_nobodys_heir() -> None:
    """Whoever takes over is touched at that moment, so old duplicates cost no call."""
    wanted = looked_at(SObject.CONTACT, touched=NOON - timedelta(days=2), held_by=SObject.CONTACT)

    assert wanted == set()


def test_a_lead_is_never_the_heir_of_a_contact() -> None:
    """Salesforce converts leads into contacts, and merges like with like."""
    wanted = looked_at(SObject.LEAD, touched=NOON + timedelta(minutes=1), held_by=SObject.CONTACT)

    assert wanted == set()


def test_the_heir_of_an_heir_that_somebody_else_has_left_already() -> None:
    """It leads nobody any more, and whoever comes by way of it has to know who is next."""
    first, second, contact = "00Q000000000001EAA", "00Q000000000002EAA", IDS[SObject.CONTACT]
    merged = Record(
        id=first,
        object=SObject.LEAD,
        modified_at=NOON,
        modstamp=NOON,
        values={},
        deleted=True,
        master_id=second,
    )
    converted = Record(
        id=second,
        object=SObject.LEAD,
        modified_at=NOON,
        modstamp=NOON,
        values={},
        conversion=Conversion(contact_id=contact, account_id=None),
    )
    links = {
        first: Link(record_id=first, object=SObject.LEAD, state=LinkState.LINKED, subject_id="c1"),
        second: Link(
            record_id=second, object=SObject.LEAD, state=LinkState.CONVERTED, subject_id="c2"
        ),
    }
    known: Known[Contact] = Known(links=links, subjects={}, matches={})

    assert unanswered([merged, converted], [], known, People(links={})) == {contact}


def test_heirs_are_those_who_live_and_took_over_from_somebody() -> None:
    """Also by way of another heir; nobody else who was looked at is one."""
    lead = IDS[SObject.LEAD]
    first, second, other = (f"00300000000000{number}AAA" for number in (1, 2, 3))

    def record(record_id: str, **given: object) -> Record:
        return Record(
            id=record_id,
            object=SObject.LEAD if record_id == lead else SObject.CONTACT,
            modified_at=NOON,
            modstamp=NOON,
            values={},
            **given,  # type: ignore[arg-type] # of a record
        )

    converted = record(lead, conversion=Conversion(contact_id=first, account_id=None))
    merged = record(first, deleted=True, master_id=second)

    assert heirs_among([merged, record(second), record(other)], [converted]) == [record(second)]
    assert heirs_among([record(first)], [converted]) == [record(first)]
