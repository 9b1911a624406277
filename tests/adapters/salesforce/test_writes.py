"""Writing: what is sent together, and what becomes of rows when more than one thing goes wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from counterpart.adapters.salesforce.creator import SalesforceCreator
from counterpart.adapters.salesforce.writer import SalesforceWriter
from counterpart.domain.records import SObject
from counterpart.domain.refusals import NOT_TRIED, Refusal, Remedy
from counterpart.errors import ConfigurationError, QuotaExhaustedError, TransientError
from counterpart.ports import NewRecord, RecordChange, RowAnswer
from tests.adapters.salesforce.wire import NOON, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from counterpart.adapters.salesforce.client import SalesforceClient

UNPARSEABLE = {"errorCode": "JSON_PARSER_ERROR", "message": "Cannot deserialize instance of date"}


def record_id(number: int, prefix: str = "00Q") -> str:
    """Return an id of 18 characters."""
    return f"{prefix}AB0000000{number:03d}AAA"


def changes(count: int, **values: Any) -> list[RecordChange]:  # noqa: ANN401 - any value
    """Return changes of as many leads."""
    return [
        RecordChange(object=SObject.LEAD, record_id=record_id(n), values={"City": "x"} | values)
        for n in range(count)
    ]


def done(rows: Sequence[dict[str, Any]]) -> tuple[int, object]:
    """Return the part of an answer in which each of these rows is written."""
    return 200, [{"id": row["id"], "success": True, "errors": []} for row in rows]


class Picky:
    """A Salesforce that refuses a whole collection for any row that it cannot read.

    Args:
        altogether: It refuses the whole call.
    """

    def __init__(self, wire: Wire, *, culprits: set[str], altogether: bool = False) -> None:
        self._wire = wire
        self._culprits = culprits
        self._altogether = altogether
        wire.answers = self._answer

    def _answer(self, request: requests.PreparedRequest) -> None:
        parts = []
        for part in json.loads(request.body or "")["compositeRequest"]:
            rows = part["body"]["records"]
            bad = any(row["id"] in self._culprits for row in rows)
            parts.append((400, [UNPARSEABLE]) if bad else done(rows))
        if self._altogether and any(status != 200 for status, _ in parts):
            self._wire.complains(400, UNPARSEABLE["errorCode"], UNPARSEABLE["message"])
            return
        self._wire.says_in_parts(*parts)


def test_a_thousand_changes_travel_in_five_collections(
    wire: Wire, client: SalesforceClient
) -> None:
    """In the caller's order, who keeps rows of one parent together; each fails alone."""
    todo = changes(1000)
    Picky(wire, culprits=set())

    answer = SalesforceWriter(client).update(todo)

    assert len(wire.requests) == 1
    assert [len(rows) for rows in wire.rows()] == [200] * 5
    assert [row["id"] for rows in wire.rows() for row in rows] == [
        change.record_id for change in todo
    ]
    assert [row.record_id for row in answer.rows] == [change.record_id for change in todo]
    assert answer.as_of == NOON
    assert json.loads(wire.requests[0].body or "")["allOrNone"] is False
    assert all(part["body"]["allOrNone"] is False for part in wire.asked())


def test_every_collection_bears_the_headers_of_a_write(
    wire: Wire, client: SalesforceClient
) -> None:
    """Parts of a composite inherit none of them; without, leads would change their owners."""
    Picky(wire, culprits=set())

    SalesforceWriter(client, allow_duplicates=True).update(changes(201))

    for part in wire.asked():
        assert part["method"] == "PATCH"
        assert part["url"] == "/services/data/v66.0/composite/sobjects"
        assert part["httpHeaders"]["Sforce-Auto-Assign"] == "FALSE"
        assert "allowSave=true" in part["httpHeaders"]["Sforce-Duplicate-Rule-Header"]


def test_rows_of_one_object_stand_together(wire: Wire, client: SalesforceClient) -> None:
    """A collection may change its type ten times at most."""
    todo = [
        RecordChange(object=sobject, record_id=record_id(n, prefix), values={})
        for n in range(30)
        for sobject, prefix in ((SObject.LEAD, "00Q"), (SObject.CONTACT, "003"))
    ]
    Picky(wire, culprits=set())

    answer = SalesforceWriter(client).update(todo)

    sent = [row["attributes"]["type"] for row in wire.rows()[0]]
    assert sent == ["Contact"] * 30 + ["Lead"] * 30
    assert [row.record_id for row in answer.rows] == [change.record_id for change in todo]


@pytest.mark.parametrize("count", [0, 1001])
def test_one_call_takes_one_to_a_thousand_changes(client: SalesforceClient, count: int) -> None:
    """More would be two calls, and none is no call."""
    with pytest.raises(ValueError, match=f"not {count}"):
        SalesforceWriter(client).update(changes(count))


@pytest.mark.failure("F20")
def test_a_row_that_spoils_its_whole_collection_is_isolated(
    wire: Wire, client: SalesforceClient
) -> None:
    """F20: by halving; 399 rows are written, one is refused, in a handful of calls."""
    todo = changes(400)
    culprit = todo[123].record_id
    Picky(wire, culprits={culprit})

    answer = SalesforceWriter(client).update(todo)

    assert [at for at, row in enumerate(answer.rows) if row.refusal] == [123]
    refusal = answer.rows[123].refusal
    assert refusal == Refusal(
        code="JSON_PARSER_ERROR", message="Cannot deserialize instance of date"
    )
    assert refusal.remedy is Remedy.SET_ASIDE
    assert len(wire.requests) <= 1 + 8


@pytest.mark.failure("F20")
def test_rows_that_spoil_everything_cost_a_bounded_number_of_calls(
    wire: Wire, client: SalesforceClient
) -> None:
    """F20: what could not be isolated is to be tried again, not taken for bad, nor for tried."""
    todo = changes(200)
    Picky(wire, culprits={change.record_id for change in todo})

    answer = SalesforceWriter(client).update(todo)

    assert len(wire.requests) == 16
    codes = {row.refusal.code for row in answer.rows if row.refusal}
    assert codes == {UNPARSEABLE["errorCode"], NOT_TRIED}
    remedies = {row.refusal.remedy for row in answer.rows if row.refusal}
    assert remedies == {Remedy.SET_ASIDE, Remedy.RETRY}
    assert all(row.refusal for row in answer.rows)
    assert len(answer.rows) == 200


@pytest.mark.failure("F20")
def test_a_row_that_spoils_the_whole_call_is_isolated(wire: Wire, client: SalesforceClient) -> None:
    """F20: its neighbours are written, in all five collections."""
    todo = changes(1000)
    Picky(wire, culprits={todo[777].record_id}, altogether=True)

    answer = SalesforceWriter(client).update(todo)

    assert [at for at, row in enumerate(answer.rows) if row.refusal] == [777]
    refusal = answer.rows[777].refusal
    assert refusal
    assert refusal.remedy is Remedy.SET_ASIDE
    # Ten halvings, and what they left over.
    assert len(wire.requests) <= 1 + 10 + 2


@pytest.mark.failure("F25")
def test_a_field_that_is_hidden_costs_one_more_call(wire: Wire, client: SalesforceClient) -> None:
    """F25: a hundred rows that bear it are refused by name, the rest is written at once."""
    todo = [*changes(100, Title="CTO"), *changes(200)[100:]]
    words = "No such column 'Title' on sobject of type Lead"
    wire.says_in_parts((400, [{"errorCode": "INVALID_FIELD", "message": words}]))
    wire.says_in_parts(done([{"id": change.record_id} for change in todo[100:]]))

    answer = SalesforceWriter(client).update(todo)

    assert len(wire.requests) == 2
    refused = Refusal(code="INVALID_FIELD", message=words, fields=("Title",))
    assert list(answer.rows[:100]) == [RowAnswer(refusal=refused)] * 100
    assert all(row.record_id for row in answer.rows[100:])


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (503, "SERVER_UNAVAILABLE"),
        (500, "UNKNOWN_EXCEPTION"),
        (403, "REQUEST_LIMIT_EXCEEDED"),
        (400, "UNABLE_TO_LOCK_ROW"),
        (400, "TXN_SECURITY_METERING_ERROR"),
    ],
)
def test_a_collection_that_fails_for_a_passing_reason_is_to_be_tried_again(
    wire: Wire, client: SalesforceClient, status: int, code: str
) -> None:
    """Its neighbour is written; nothing is set aside that nobody has looked at."""
    todo = changes(400)
    wire.says_in_parts(
        (status, [{"errorCode": code, "message": "later"}]),
        done([{"id": change.record_id} for change in todo[200:]]),
    )

    answer = SalesforceWriter(client).update(todo)

    assert {row.refusal and row.refusal.remedy for row in answer.rows[:200]} == {Remedy.RETRY}
    assert {row.refusal for row in answer.rows[200:]} == {None}


@pytest.mark.parametrize("body", [None, [], "<html></html>", [{"success": True}]])
def test_a_collection_whose_answer_is_no_answer_is_to_be_tried_again(
    wire: Wire, client: SalesforceClient, body: object
) -> None:
    """Rows are matched by their place; a list of another length says nothing of any of them."""
    wire.says_in_parts((200, body))

    answer = SalesforceWriter(client).update(changes(2))

    assert [row.refusal and row.refusal.remedy for row in answer.rows] == [Remedy.RETRY] * 2


@pytest.mark.failure("F36")
def test_a_lost_answer_to_an_update_is_not_followed_by_the_same_update(
    wire: Wire, client: SalesforceClient
) -> None:
    """F36: meanwhile somebody may have written something newer; whoever pushes reads it first."""
    wire.breaks(requests.ReadTimeout())

    with pytest.raises(TransientError):
        SalesforceWriter(client).update(changes(1))

    assert len(wire.requests) == 1


def test_trouble_while_a_culprit_is_sought_leaves_the_settled_rows_settled(
    wire: Wire, client: SalesforceClient
) -> None:
    """Those that were written are reported as written; the others are tried again later."""
    todo = changes(400)
    wire.says_in_parts((400, [UNPARSEABLE]), done([{"id": c.record_id} for c in todo[200:]]))
    wire.breaks(requests.ReadTimeout())

    answer = SalesforceWriter(client).update(todo)

    assert {row.refusal and row.refusal.remedy for row in answer.rows[:200]} == {Remedy.RETRY}
    assert {row.refusal for row in answer.rows[200:]} == {None}


def test_a_write_that_we_may_not_do_at_all_stops_the_run(
    wire: Wire, client: SalesforceClient
) -> None:
    """An org whose fields are all there and that refuses all the same is a matter for its owner."""
    wire.says_in_parts((404, [{"errorCode": "NOT_FOUND", "message": "no such resource"}]))
    known = {"createable": True, "updateable": True, "type": "string", "length": 32}
    wire.says({"fields": [{"name": "Counterpart_Id__c", "label": "Counterpart ID", **known}]})
    record = NewRecord(object=SObject.LEAD, external_id="L1", values={"LastName": "Lovelace"})

    with pytest.raises(ConfigurationError, match="no such resource"):
        SalesforceCreator(client).create([record])


def test_a_spent_allowance_stops_a_write_before_it_happens(
    wire: Wire, client: SalesforceClient
) -> None:
    """F29: no row is to blame."""
    wire.complains(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")

    with pytest.raises(QuotaExhaustedError):
        SalesforceWriter(client).update(changes(1))


# --- Creating -----------------------------------------------------------------------------------


def new(sobject: SObject, external_id: str, company: str | None = None) -> NewRecord:
    """Return a record to be made."""
    return NewRecord(
        object=sobject,
        external_id=external_id,
        values={"Name": "any"},
        account_external_id=company,
    )


def made(*answers: object) -> tuple[int, list[object]]:
    """Return the part of an answer that says this of its rows."""
    return 200, list(answers)


MADE_ACCOUNT = {"id": record_id(1, "001"), "success": True, "errors": [], "created": True}
MADE_CONTACT = {"id": record_id(2, "003"), "success": True, "errors": [], "created": True}
NO_ACCOUNT = {
    "success": False,
    "errors": [{"statusCode": "INVALID_FIELD", "message": "Foreign key external ID: a1 not found"}],
}


def test_accounts_go_first_and_everything_goes_by_our_id(
    wire: Wire, client: SalesforceClient
) -> None:
    """F36, F37: only upserts are ever sent, never a create, whatever was answered before."""
    wire.complains(500, "UNKNOWN_EXCEPTION")
    wire.says_in_parts(made(MADE_ACCOUNT), made(MADE_CONTACT))

    answer = SalesforceCreator(client).create(
        [new(SObject.CONTACT, "C1", "A1"), new(SObject.ACCOUNT, "A1")]
    )

    assert [row.record_id for row in answer.rows] == [MADE_CONTACT["id"], MADE_ACCOUNT["id"]]
    for call in (0, 1):
        assert [(part["method"], part["url"]) for part in wire.asked(call)] == [
            ("PATCH", f"/services/data/v66.0/composite/sobjects/{sobject}/Counterpart_Id__c")
            for sobject in ("Account", "Contact")
        ]
    assert wire.rows()[1][0]["Account"] == {"Counterpart_Id__c": "A1"}


@pytest.mark.failure("F36")
@pytest.mark.failure("F37")
def test_a_lost_answer_to_an_upsert_is_followed_by_the_same_upsert(
    wire: Wire, client: SalesforceClient
) -> None:
    """F36: made twice, a record is the same record."""
    wire.breaks(requests.ReadTimeout())
    wire.says_in_parts(made(MADE_ACCOUNT | {"created": False}))

    answer = SalesforceCreator(client).create([new(SObject.ACCOUNT, "A1")])

    assert answer.rows == [RowAnswer(record_id=record_id(1, "001"))]
    assert wire.requests[0].body == wire.requests[1].body


@pytest.mark.failure("F37")
def test_an_upsert_that_salesforce_cannot_answer_is_never_an_insert(
    wire: Wire, client: SalesforceClient
) -> None:
    """F37: it is asked for again and again, always under our id, and then it has failed."""
    for _ in range(3):
        wire.complains(500, "UNKNOWN_EXCEPTION")

    with pytest.raises(TransientError):
        SalesforceCreator(client).create([new(SObject.CONTACT, "C1"), new(SObject.LEAD, "L1")])

    assert len(wire.requests) == 3
    for call in range(3):
        assert [(part["method"], part["url"]) for part in wire.asked(call)] == [
            ("PATCH", f"/services/data/v66.0/composite/sobjects/{sobject}/Counterpart_Id__c")
            for sobject in ("Contact", "Lead")
        ]


@pytest.mark.failure("F60")
def test_a_contact_whose_account_must_wait_waits_as_well(
    wire: Wire, client: SalesforceClient
) -> None:
    """F60: that its Account is missing is true for the moment only."""
    locked = {
        "success": False,
        "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain access"}],
    }
    wire.says_in_parts(made(locked), made(NO_ACCOUNT, NO_ACCOUNT))

    answer = SalesforceCreator(client).create(
        [
            new(SObject.ACCOUNT, "A1"),
            new(SObject.CONTACT, "C1", "A1"),
            new(SObject.CONTACT, "C2", "elsewhere"),
        ]
    )

    assert [row.refusal and row.refusal.remedy for row in answer.rows] == [
        Remedy.RETRY,
        Remedy.RETRY,
        Remedy.SET_ASIDE,
    ]


def test_a_contact_whose_account_is_written_late_is_written_after_it(
    wire: Wire, client: SalesforceClient
) -> None:
    """F20, F60: one Account that cannot be read must not set its neighbour's people aside."""
    wire.says_in_parts((400, [UNPARSEABLE]), made(NO_ACCOUNT, MADE_CONTACT))
    wire.says_in_parts(made(MADE_ACCOUNT), (400, [UNPARSEABLE]), made(MADE_CONTACT))

    answer = SalesforceCreator(client).create(
        [
            new(SObject.ACCOUNT, "A1"),
            new(SObject.ACCOUNT, "A2"),
            new(SObject.CONTACT, "C1", "A1"),
            new(SObject.CONTACT, "C2"),
        ]
    )

    assert [row.record_id for row in answer.rows] == [
        MADE_ACCOUNT["id"],
        None,
        MADE_CONTACT["id"],
        MADE_CONTACT["id"],
    ]
    assert [row["Counterpart_Id__c"] for rows in wire.rows() for row in rows] == ["A1", "A2", "C1"]


@pytest.mark.parametrize("count", [0, 201])
def test_one_call_makes_one_to_two_hundred_of_an_object(
    client: SalesforceClient, count: int
) -> None:
    """That is one collection of each."""
    with pytest.raises(ValueError, match=r"nothing|not 201"):
        SalesforceCreator(client).create([new(SObject.LEAD, f"L{n}") for n in range(count)])


def test_a_lost_connection_leaves_a_look_up_to_be_repeated(
    wire: Wire, connect: Callable[..., SalesforceClient]
) -> None:
    """Reading changes nothing; an outage that lasts is the caller's to wait out."""
    for _ in range(3):
        wire.breaks(requests.ConnectionError())

    with pytest.raises(TransientError):
        SalesforceCreator(connect()).look_up(emails=["ada@acme.example"], domains=(), fields=())

    assert len(wire.requests) == 3


@pytest.mark.failure("F19")
@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2.5, "2.5"),
        ("soon", "soon"),
        (True, "true"),
        ("soon or", "soon or"),
        ("soon or request", "soon or request"),
        ("one\ntwo", "one\ntwo"),
    ],
)
def test_a_value_that_is_none_of_its_fields_type(
    wire: Wire, client: SalesforceClient, value: object, shown: str
) -> None:
    """Salesforce names no field then; the one that bears the value is told, so the rest may go."""
    words = (
        f"Cannot deserialize instance of int from VALUE_STRING value {shown} or request may be "
        "missing a required field at [line:1, column:99]"
    )
    wire.says_in_parts((400, [{"errorCode": "JSON_PARSER_ERROR", "message": words}]))

    answer = SalesforceWriter(client).update(changes(1, Title="CTO", NumberOfEmployees=value))

    (row,) = answer.rows
    assert row.refusal
    assert row.refusal.fields == ("NumberOfEmployees",)
    assert row.refusal.remedy is Remedy.SET_ASIDE


@pytest.mark.failure("F19")
@pytest.mark.failure("F25")
@pytest.mark.parametrize(
    ("code", "message", "told", "fields"),
    [
        ("STRING_TOO_LONG", "Title: data value too large", ["Title"], ("Title",)),
        ("INVALID_EMAIL_ADDRESS", "Email: invalid email address: x", ["Email"], ("Email",)),
        ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value", ["Rating"], ("Rating",)),
        ("REQUIRED_FIELD_MISSING", "are missing: [LastName]", ["LastName"], ("LastName",)),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "No kings.", ["Title"], ("Title",)),
        (
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Unable to create/update fields: Title, Fax. Please check the security settings.",
            [],
            ("Title", "Fax"),
        ),
        ("INVALID_FIELD_FOR_INSERT_UPDATE", "No words of use.", ["Fax"], ("Fax",)),
        ("INVALID_FIELD", "No such column 'Fax' on sobject of type Lead", [], ("Fax",)),
    ],
)
def test_the_fields_that_a_refusal_names(
    wire: Wire,
    client: SalesforceClient,
    *,
    code: str,
    message: str,
    told: list[str],
    fields: tuple[str, ...],
) -> None:
    """They alone are set aside; each is one to set aside rather than to try again."""
    error = {"statusCode": code, "message": message, "fields": told}
    wire.says_in_parts((200, [{"success": False, "errors": [error]}]))

    (row,) = SalesforceWriter(client).update(changes(1)).rows

    assert row.refusal
    assert (row.refusal.fields, row.refusal.remedy) == (fields, Remedy.SET_ASIDE)


@pytest.mark.failure("F19")
def test_a_row_in_which_several_things_are_wrong(wire: Wire, client: SalesforceClient) -> None:
    """All of it is told, the first thing first."""
    errors = [
        {"statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "No!", "fields": ["Title"]},
        {"statusCode": "STRING_TOO_LONG", "message": "City: too long", "fields": ["City"]},
        {"statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "Nor so.", "fields": []},
    ]
    wire.says_in_parts((200, [{"success": False, "errors": errors}]))

    (row,) = SalesforceWriter(client).update(changes(1)).rows

    assert row.refusal
    told = [(one.message, one.fields) for one in (row.refusal, *row.refusal.others)]
    assert told == [("No!", ("Title",)), ("City: too long", ("City",)), ("Nor so.", ())]
