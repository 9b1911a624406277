"""What every `RecordCreator` promises."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from counterpart.domain.records import SObject, object_of
from counterpart.domain.standard_fields import CONTACT_FIELDS
from counterpart.errors import TransientError
from counterpart.ports import Json, NewRecord

if TYPE_CHECKING:
    from tests.contracts.salesforce.orgs import Org


def lead(external_id: str, **values: Json) -> NewRecord:
    """Return a lead to be made."""
    complete = {"LastName": "Lovelace", "Company": "Acme", **values}
    return NewRecord(object=SObject.LEAD, external_id=external_id, values=complete)


def contact(
    external_id: str, *, account_id: str | None = None, company: str | None = None, **values: Json
) -> NewRecord:
    """Return a Contact to be made."""
    return NewRecord(
        object=SObject.CONTACT,
        external_id=external_id,
        values={"LastName": "Lovelace", **values},
        account_id=account_id,
        account_external_id=company,
    )


def account(external_id: str, **values: Json) -> NewRecord:
    """Return an Account to be made."""
    return NewRecord(
        object=SObject.ACCOUNT, external_id=external_id, values={"Name": "Acme", **values}
    )


@pytest.mark.failure("F42")
def test_people_are_found_by_address_whatever_its_case(org: Org) -> None:
    """F42: an apostrophe is part of an address, not of a query."""
    contact_id = org.add(SObject.CONTACT, LastName="O'Brien", Email="Pat.O'Brien@Acme.example")
    lead_id = org.add(SObject.LEAD, LastName="Lovelace", Company="Acme", Email="ada@acme.example")
    org.add(SObject.CONTACT, LastName="Other", Email="other@acme.example")

    found = org.creator.look_up(
        emails={"pat.o'brien@acme.example", "ada@acme.example", "nobody\\'@acme.example"},
        domains=(),
        fields=CONTACT_FIELDS,
    )

    assert {person.record.id: person.email_key for person in found.people} == {
        contact_id: "pat.o'brien@acme.example",
        lead_id: "ada@acme.example",
    }
    assert found.accounts == []
    values = {person.record.id: person.record.values for person in found.people}
    assert values[lead_id]["last_name"] == "Lovelace"


def test_people_who_are_gone_are_not_found(org: Org) -> None:
    """A converted lead is found as the Contact that it became."""
    deleted = org.add(SObject.CONTACT, LastName="Lovelace", Email="ada@acme.example")
    lead_id = org.add(SObject.LEAD, LastName="King", Company="Acme", Email="ada@acme.example")
    org.delete(deleted)
    contact_id, _ = org.convert(lead_id)

    found = org.creator.look_up(emails=["ada@acme.example"], domains=(), fields=())

    assert [person.record.id for person in found.people] == [contact_id]


def test_accounts_are_found_by_what_their_website_mentions(org: Org) -> None:
    """The caller decides whether a mention is a match."""
    acme = org.add(SObject.ACCOUNT, Name="Acme", Website="https://www.ACME.example/about")
    near = org.add(SObject.ACCOUNT, Name="Not Acme", Website="notacme.example")
    org.add(SObject.ACCOUNT, Name="Wild", Website="acmeXexample")
    org.add(SObject.ACCOUNT, Name="Bare")
    deleted = org.add(SObject.ACCOUNT, Name="Bygone", Website="acme.example")
    org.delete(deleted)

    found = org.creator.look_up(emails=(), domains=["acme.example", "a%e.example"], fields=())

    assert {item.record_id: item.name for item in found.accounts} == {
        acme: "Acme",
        near: "Not Acme",
    }
    websites = {item.record_id: (item.website or "").lower() for item in found.accounts}
    assert "acme.example" in websites[acme]


def test_what_bears_our_ids_is_found_whatever_became_of_its_address(org: Org) -> None:
    """F36: an earlier try made it, and somebody has corrected it since."""
    made = org.creator.create(
        [account("A1", Website="acme.example"), contact("C1", company="A1"), lead("L1"), lead("L2")]
    )
    account_id, contact_id, lead_id, _ = (row.record_id or "" for row in made.rows)
    org.edit(account_id, Website=None)
    stranger = org.add(SObject.LEAD, LastName="King", Company="Acme", Email="king@acme.example")

    found = org.creator.look_up(
        emails=["king@acme.example"],
        domains=["beta.example"],
        fields=CONTACT_FIELDS,
        contact_ids=["C1", "L1", "L3"],
        company_ids=["A1", "A2"],
    )

    people = {person.record.id: (person.external_id, person.email_key) for person in found.people}
    assert people == {
        contact_id: ("C1", ""),
        lead_id: ("L1", ""),
        stranger: (None, "king@acme.example"),
    }
    accounts = [(each.record_id, each.external_id, each.website) for each in found.accounts]
    assert accounts == [(account_id, "A1", None)]


def test_a_look_up_costs_one_call(org: Org) -> None:
    """People, and Accounts, of a whole batch of jobs; of nobody, none."""
    before = org.creator.usage().calls

    org.creator.look_up(emails=(), domains=(), fields=CONTACT_FIELDS)
    assert org.creator.usage().calls == before

    org.creator.look_up(
        emails=[f"person{n}@company{n}.example" for n in range(200)],
        domains=[f"company{n}.example" for n in range(200)],
        fields=CONTACT_FIELDS,
        contact_ids=[f"01J{n:023}" for n in range(200)],
        company_ids=[f"01J{n:023}" for n in range(200)],
    )
    assert org.creator.usage().calls - before == 1


def test_an_account_its_people_and_a_lead_are_made_in_one_call(org: Org) -> None:
    """People refer to the Account by our id, before it has any of Salesforce's."""
    before = org.creator.usage().calls

    answer = org.creator.create(
        [contact("C1", company="A1", FirstName="Ada"), lead("L1"), account("A1"), contact("C2")]
    )

    assert org.creator.usage().calls - before == 1
    assert [row.created for row in answer.rows] == [True] * 4
    ids = [row.record_id or "" for row in answer.rows]
    assert [object_of(record_id) for record_id in ids] == [
        SObject.CONTACT,
        SObject.LEAD,
        SObject.ACCOUNT,
        SObject.CONTACT,
    ]
    assert org.values(ids[0])["AccountId"] == ids[2]
    assert org.values(ids[0])["FirstName"] == "Ada"
    assert org.values(ids[1])["Counterpart_Id__c"] == "L1"
    assert org.values(ids[3])["AccountId"] is None


def test_a_contact_may_name_its_account_by_salesforces_id(org: Org) -> None:
    """That is the surer name; a lead has no Account at all."""
    account_id = org.add(SObject.ACCOUNT, Name="Acme")
    for_lead = NewRecord(
        object=SObject.LEAD,
        external_id="L1",
        values={"LastName": "Lovelace", "Company": "Acme"},
        account_id=account_id,
    )

    answer = org.creator.create(
        [contact("C1", account_id=account_id, company="unheard of"), for_lead]
    )

    assert [row.refusal for row in answer.rows] == [None, None]
    assert org.values(answer.rows[0].record_id or "")["AccountId"] == account_id


@pytest.mark.failure("F38")
def test_what_is_made_twice_is_one(org: Org) -> None:
    """F38: a redelivered job finds the record that it made; newer values are written."""
    first = org.creator.create([account("A1"), contact("C1", company="A1"), lead("L1")])
    org.advance(60)

    second = org.creator.create(
        [account("A1"), contact("C1", company="A1"), lead("L1", Title="CTO")]
    )

    assert [row.record_id for row in second.rows] == [row.record_id for row in first.rows]
    assert [row.created for row in second.rows] == [False] * 3
    assert org.values(second.rows[2].record_id or "")["Title"] == "CTO"


@pytest.mark.failure("F36")
def test_a_lost_answer_makes_nothing_twice(org: Org) -> None:
    """F36: whoever asks again gets the records that were made the first time."""
    wanted = [account("A1"), contact("C1", company="A1", Email="ada@acme.example")]
    org.lose_answer()

    with suppress(TransientError):
        org.creator.create(wanted)
    answer = org.creator.create(wanted)

    assert [row.refusal for row in answer.rows] == [None, None]
    found = org.creator.look_up(emails=["ada@acme.example"], domains=(), fields=())
    assert [person.record.id for person in found.people] == [answer.rows[1].record_id]


def test_one_record_that_is_refused_costs_only_itself(org: Org) -> None:
    """F37: a refused upsert never becomes a plain create."""
    answer = org.creator.create(
        [lead("L1"), lead("L2", LastName=None), contact("C1", company="unheard of"), lead("L3")]
    )

    assert [row.created for row in answer.rows] == [True, False, False, True]
    nameless, homeless = answer.rows[1].refusal, answer.rows[2].refusal
    assert nameless
    assert nameless.code == "REQUIRED_FIELD_MISSING"
    assert nameless.fields == ("LastName",)
    assert homeless
    assert homeless.code == "INVALID_FIELD"


def test_one_external_id_twice_in_a_list_is_the_callers_mistake(org: Org) -> None:
    """Salesforce would refuse both rows; the same id on two objects is no mistake."""
    with pytest.raises(ValueError, match="twice"):
        org.creator.create([lead("X1"), lead("X1")])

    answer = org.creator.create([account("X1"), lead("X1"), contact("X1")])

    assert [row.created for row in answer.rows] == [True] * 3


def test_an_org_without_our_external_id(org: Org) -> None:
    """Rows are plainly inserted; a Contact still gets the Account that came with it."""
    org.hide(SObject.ACCOUNT, "Counterpart_Id__c")

    answer = org.creator.create([account("A1"), contact("C1", company="A1"), lead("L1")])

    assert [row.refusal for row in answer.rows] == [None] * 3
    ids = [row.record_id or "" for row in answer.rows]
    assert org.values(ids[1])["AccountId"] == ids[0]
    assert org.values(ids[2])["Counterpart_Id__c"] == "L1"
