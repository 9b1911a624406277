"""What every `PlainReader` promises."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from counterpart.domain.records import SObject
from counterpart.domain.windows import Keyset
from counterpart.errors import MissingFieldError
from counterpart.ports import PlainQuery
from tests.contracts.salesforce.orgs import NOON

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.domain.records import PlainRecord
    from tests.contracts.salesforce.orgs import Org

MINUTE = 60.0


def ids(records: Sequence[PlainRecord]) -> list[str]:
    """Return the ids of records."""
    return [record.id for record in records]


def an_opportunity(org: Org, name: str, **values: object) -> str:
    """Create an opportunity as a person would."""
    given = {"Name": name, "StageName": "Prospecting", "CloseDate": "2026-12-24", **values}
    return org.add("Opportunity", **given)


def test_a_row_comes_as_it_is(org: Org) -> None:
    """Values are by API name as JSON bears them, a parent's through its path."""
    account_id = org.add(SObject.ACCOUNT, Name="Acme")
    opportunity_id = an_opportunity(org, "Engine", Amount=1200.5, AccountId=account_id)

    paths = ["Name", "Amount", "CloseDate", "AccountId", "Account.Name", "CreatedDate"]
    (page,) = org.plain.poll_plain([PlainQuery(object="Opportunity", paths=paths)]).pages
    (record,) = page.records

    assert page.finished
    assert record.id == opportunity_id
    assert record.object == "Opportunity"
    assert record.modified_at == record.modstamp == NOON
    assert not record.deleted
    assert str(record.values["CreatedDate"]).startswith("2026-11-22T12:00:00")
    assert {path: record.values[path] for path in paths[:-1]} == {
        "Name": "Engine",
        "Amount": 1200.5,
        "CloseDate": "2026-12-24",
        "AccountId": account_id,
        "Account.Name": "Acme",
    }


def test_the_case_of_a_name_does_not_matter(org: Org) -> None:
    """Values go by the names that were asked for, also where two spell one field."""
    account_id = org.add(SObject.ACCOUNT, Name="Acme")
    opportunity_id = an_opportunity(org, "Engine", AccountId=account_id)

    paths = ["Name", "name", "ACCOUNT.NAME"]
    (record,) = org.plain.read_plain("Opportunity", paths, among={"Id": [opportunity_id]})

    assert record.values == {"Name": "Engine", "name": "Engine", "ACCOUNT.NAME": "Acme"}


@pytest.mark.failure("F25")
def test_what_is_hidden_is_told_as_it_is_now(org: Org) -> None:
    """Of parents, too, and whatever a process knew of the object before."""
    paths = ["Name", "AMOUNT", "Account.Website", "Nobody.Name"]
    assert "Amount" in org.plain.describe("Opportunity")
    before = org.plain.hidden("Opportunity", paths)

    org.hide("Opportunity", "Amount")
    after = org.plain.hidden("Opportunity", paths)

    assert set(before) == {"Nobody.Name"}
    assert set(after) == {"AMOUNT", "Nobody.Name"}


def test_an_object_that_is_hidden_has_no_fields(org: Org) -> None:
    """It is none of those that are to be left out."""
    org.hide_object("Opportunity")

    with pytest.raises(MissingFieldError):
        org.plain.hidden("Opportunity", ["Name"])


def test_rows_are_paged_within_a_window(org: Org) -> None:
    """F02: by stamp and id, from the lower bound on and before the upper."""
    an_opportunity(org, "Early")
    org.advance(MINUTE)
    tied = [an_opportunity(org, f"Deal {number}") for number in range(5)]
    org.advance(MINUTE)
    an_opportunity(org, "Late")

    seen: list[str] = []
    after = None
    for _ in range(10):
        query = PlainQuery(
            object="Opportunity",
            paths=[],
            lower=NOON + timedelta(minutes=1),
            upper=NOON + timedelta(minutes=2),
            after=after,
            limit=2,
        )
        (page,) = org.plain.poll_plain([query]).pages
        seen += ids(page.records)
        if page.finished:
            break
        last = page.records[-1]
        after = Keyset(modstamp=last.modstamp, record_id=last.id)

    assert seen == sorted(tied)


def test_a_page_holds_only_rows_among_those_wanted(org: Org) -> None:
    """Such as the contact roles of some opportunities."""
    ada = org.add(SObject.CONTACT, LastName="Lovelace")
    first, second = an_opportunity(org, "First"), an_opportunity(org, "Second")
    wanted = org.add("OpportunityContactRole", OpportunityId=first, ContactId=ada)
    org.add("OpportunityContactRole", OpportunityId=second, ContactId=ada)

    query = PlainQuery(
        object="OpportunityContactRole",
        paths=["ContactId"],
        among={"OpportunityId": [first], "ContactId": [ada]},
    )
    (page,) = org.plain.poll_plain([query]).pages

    assert ids(page.records) == [wanted]


def test_deleted_rows_come_too(org: Org) -> None:
    """That a row is gone is news as well."""
    opportunity_id = an_opportunity(org, "Engine")
    org.advance(MINUTE)
    org.delete(opportunity_id)

    lower = NOON + timedelta(seconds=30)
    query = PlainQuery(object="Opportunity", paths=["Name"], lower=lower)
    (page,) = org.plain.poll_plain([query]).pages

    assert [record.deleted for record in page.records] == [True]


def test_many_rows_are_read_by_their_ids(org: Org) -> None:
    """An id that there is no row for is left out; one call reads them all."""
    made = [an_opportunity(org, f"Deal {number}") for number in range(3)]
    org.delete(made[2])
    before = org.plain.usage().calls

    wanted = [*made, "006000000000000AAA"]
    found = org.plain.read_plain("Opportunity", ["Name"], among={"Id": wanted})

    assert sorted(ids(found)) == sorted(made)
    assert {record.id for record in found if record.deleted} == {made[2]}
    assert org.plain.usage().calls - before == 1


def test_nothing_wanted_costs_nothing(org: Org) -> None:
    """An empty list finds no row, and needs no call to find that out."""
    before = org.plain.usage().calls

    assert org.plain.read_plain("Opportunity", [], among={"Id": []}) == []
    assert org.plain.usage().calls == before


def test_a_field_that_our_user_does_not_see_is_missing(org: Org) -> None:
    """As with records; the caller may leave it out then."""
    org.hide("Opportunity", "Amount")

    with pytest.raises(MissingFieldError):
        org.plain.poll_plain([PlainQuery(object="Opportunity", paths=["Amount"])])
    assert "Amount" not in org.plain.describe("Opportunity")
