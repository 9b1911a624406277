"""What every `RecordWriter` promises."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from counterpart.domain.records import SObject
from counterpart.domain.refusals import Remedy
from counterpart.errors import TransientError
from counterpart.ports import Json, RecordChange
from tests.contracts.salesforce.orgs import NOON

if TYPE_CHECKING:
    from tests.contracts.salesforce.orgs import Org


def change(sobject: SObject, record_id: str, **values: Json) -> RecordChange:
    """Return a change."""
    return RecordChange(object=sobject, record_id=record_id, values=values)


def test_a_change_is_written_and_the_rest_stays(org: Org) -> None:
    """Only the fields that are named change; a blank clears."""
    lead_id = org.add(SObject.LEAD, LastName="Lovelace", Company="Acme", Title="Ms", City="London")
    org.advance(60)

    answer = org.writer.update([change(SObject.LEAD, lead_id, LastName="King", City=None)])

    assert [(row.record_id, row.refusal) for row in answer.rows] == [(lead_id, None)]
    found = org.values(lead_id)
    written = {name: found[name] for name in ("LastName", "City", "Title", "Company")}
    assert written == {"LastName": "King", "City": None, "Title": "Ms", "Company": "Acme"}


def test_the_moment_of_a_write_is_no_earlier_than_its_stamp(org: Org) -> None:
    """So that our own write is known when it comes back."""
    lead_id = org.add(SObject.LEAD, LastName="Lovelace", Company="Acme")
    org.advance(60)

    answer = org.writer.update([change(SObject.LEAD, lead_id, LastName="King")])

    record = org.reader.read({SObject.LEAD: [lead_id]}, ())[lead_id]
    assert record.modified_at == NOON + timedelta(seconds=60)
    assert record.modified_at <= answer.as_of


@pytest.mark.failure("F19")
def test_one_bad_row_costs_one_row(org: Org) -> None:
    """F19: answers stand in the order of the changes, whatever became of the neighbours."""
    good, bad, last = (org.add(SObject.LEAD, LastName="Lovelace", Company="Acme") for _ in range(3))

    answer = org.writer.update(
        [
            change(SObject.LEAD, good, Title="CTO"),
            change(SObject.LEAD, bad, LastName="x" * 81),
            change(SObject.LEAD, last, Title="CEO"),
        ]
    )

    assert [row.record_id for row in answer.rows] == [good, None, last]
    refusal = answer.rows[1].refusal
    assert refusal
    assert refusal.code == "STRING_TOO_LONG"
    assert refusal.fields == ("LastName",)
    assert refusal.remedy is Remedy.SET_ASIDE
    assert org.values(last)["Title"] == "CEO"
    assert org.values(bad)["LastName"] == "Lovelace"


def test_changes_of_several_objects_mix(org: Org) -> None:
    """Leads, Contacts and Accounts in any order; each answer belongs to its change."""
    made = [
        (sobject, org.add(sobject, **values))
        for _ in range(12)
        for sobject, values in (
            (SObject.CONTACT, {"LastName": "Lovelace"}),
            (SObject.ACCOUNT, {"Name": "Acme"}),
            (SObject.LEAD, {"LastName": "Lovelace", "Company": "Acme"}),
        )
    ]

    answer = org.writer.update(
        [change(sobject, record_id, Phone=f"{n}") for n, (sobject, record_id) in enumerate(made)]
    )

    assert [row.record_id for row in answer.rows] == [record_id for _, record_id in made]
    assert [org.values(record_id)["Phone"] for _, record_id in made] == [
        str(number) for number in range(len(made))
    ]


@pytest.mark.failure("F23")
def test_a_row_that_is_locked_may_be_tried_again(org: Org) -> None:
    """F23: its neighbours are written, or may be tried again as well."""
    locked, free = (org.add(SObject.LEAD, LastName="Lovelace", Company="Acme") for _ in range(2))
    org.edit_slowly(locked, seconds=60, Title="CTO")

    answer = org.writer.update(
        [change(SObject.LEAD, locked, City="London"), change(SObject.LEAD, free, City="London")]
    )

    refusal = answer.rows[0].refusal
    assert refusal
    assert refusal.code == "UNABLE_TO_LOCK_ROW"
    assert refusal.remedy is Remedy.RETRY
    neighbour = answer.rows[1].refusal
    assert neighbour is None or neighbour.remedy is Remedy.RETRY


def test_a_row_that_is_gone_is_to_be_resolved(org: Org) -> None:
    """F55, F56: deleted, merged, converted or purged, the id no longer takes a write."""
    deleted, purged, winner, loser = (
        org.add(SObject.CONTACT, LastName="Lovelace") for _ in range(4)
    )
    lead_id = org.add(SObject.LEAD, LastName="Lovelace", Company="Acme")
    org.delete(deleted)
    org.delete(purged)
    org.purge(purged)
    org.merge(winner, loser)
    org.convert(lead_id)

    answer = org.writer.update(
        [
            change(SObject.CONTACT, deleted, Title="CTO"),
            change(SObject.CONTACT, purged, Title="CTO"),
            change(SObject.CONTACT, loser, Title="CTO"),
            change(SObject.LEAD, lead_id, Title="CTO"),
        ]
    )

    assert [row.refusal and row.refusal.remedy for row in answer.rows] == [Remedy.RESOLVE] * 4


@pytest.mark.failure("F25")
def test_a_field_hidden_from_our_user_is_named_in_the_refusal(org: Org) -> None:
    """F25: so that the rest of the row can go without it; rows without it are written."""
    both, other = (org.add(SObject.LEAD, LastName="Lovelace", Company="Acme") for _ in range(2))
    org.hide(SObject.LEAD, "Title")

    answer = org.writer.update(
        [
            change(SObject.LEAD, both, Title="CTO", City="London"),
            change(SObject.LEAD, other, City="London"),
        ]
    )

    refusal = answer.rows[0].refusal
    assert refusal
    assert refusal.fields == ("Title",)
    assert refusal.remedy is Remedy.SET_ASIDE
    assert answer.rows[1].record_id == other


@pytest.mark.failure("F25")
def test_a_field_that_our_user_may_only_read_is_named_in_the_refusal(org: Org) -> None:
    """And `describe` says so beforehand; what else is in the row can go without it."""
    lead_id = org.add(SObject.LEAD, LastName="Lovelace", Company="Acme", Title="Ms")
    org.fix(SObject.LEAD, "Title")

    facts = org.plain.describe(SObject.LEAD)
    refused, taken = (
        org.writer.update([change(SObject.LEAD, lead_id, **values)]).rows[0]
        for values in ({"Title": "CTO", "City": "London"}, {"City": "London"})
    )

    assert not facts["Title"].updateable
    assert facts["City"].updateable
    assert refused.refusal
    assert refused.refusal.fields == ("Title",)
    assert refused.refusal.remedy is Remedy.SET_ASIDE
    assert taken.record_id == lead_id
    assert (org.values(lead_id)["Title"], org.values(lead_id)["City"]) == ("Ms", "London")


def test_a_lost_answer_leaves_open_what_happened(org: Org) -> None:
    """F36: it is not an answer, and nothing is written again behind the caller's back."""
    lead_id = org.add(SObject.LEAD, LastName="Lovelace", Company="Acme")
    org.lose_answer()
    before = org.writer.usage().calls

    with pytest.raises(TransientError):
        org.writer.update([change(SObject.LEAD, lead_id, Title="CTO")])

    assert org.writer.usage().calls - before == 1
    assert org.values(lead_id)["Title"] == "CTO"


def test_hundreds_of_changes_cost_one_call(org: Org) -> None:
    """Up to a thousand."""
    made = [org.add(SObject.LEAD, LastName=f"Lead {n}", Company="Acme") for n in range(450)]
    before = org.writer.usage().calls

    answer = org.writer.update([change(SObject.LEAD, lead_id, Title="CTO") for lead_id in made])

    assert org.writer.usage().calls - before == 1
    assert [row.record_id for row in answer.rows] == made
