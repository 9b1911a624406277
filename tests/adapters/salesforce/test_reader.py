"""Reading: how pages, long lists and descriptions are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from counterpart.adapters.salesforce.plain_reader import SalesforcePlainReader
from counterpart.adapters.salesforce.reader import SalesforceReader
from counterpart.domain.passes import Rows
from counterpart.domain.records import SObject
from counterpart.domain.selection import (
    Criterion,
    Group,
    Junction,
    Operator,
    Selection,
    SelectionMode,
)
from counterpart.errors import MissingFieldError, TransientError
from counterpart.ports import PageQuery
from tests.adapters.salesforce.wire import Wire

if TYPE_CHECKING:
    from counterpart.adapters.salesforce.client import SalesforceClient

LEADS = PageQuery(object=SObject.LEAD, rows=Rows.LIVE, fields=(), limit=2)


def row(number: int) -> dict[str, Any]:
    """Return a row of a Lead."""
    return {
        "Id": f"00QAB0000000000{number:03d}",
        "SystemModstamp": "2026-11-22T12:00:00.000+0000",
        "LastModifiedDate": "2026-11-22T12:00:00.000+0000",
        "IsDeleted": False,
        "MasterRecordId": None,
        "IsConverted": False,
        "ConvertedContactId": None,
        "ConvertedAccountId": None,
    }


def rows(*numbers: int, following: str | None = None) -> tuple[int, dict[str, Any]]:
    """Return the part of an answer that holds these rows."""
    body: dict[str, Any] = {"totalSize": 9, "done": following is None}
    if following:
        body["nextRecordsUrl"] = following
    return 200, body | {"records": [row(number) for number in numbers]}


def test_a_page_is_the_last_only_if_salesforce_says_so(
    wire: Wire, client: SalesforceClient
) -> None:
    """F05: wide rows make short pages; neither a count nor a total tells the end."""
    wire.says_in_parts(rows(1, 2), rows(1), rows(1, following="/next"), rows())

    poll = SalesforceReader(client).poll([LEADS] * 4)

    assert [page.finished for page in poll.pages] == [False, True, False, True]
    assert [len(page.records) for page in poll.pages] == [2, 1, 1, 0]


def test_every_query_of_a_poll_sees_what_is_deleted(wire: Wire, client: SalesforceClient) -> None:
    """They travel as one composite of `queryAll`, each with the header that it needs itself."""
    wire.says_in_parts(rows(), rows())

    SalesforceReader(client).poll([LEADS, LEADS])

    assert len(wire.requests) == 1
    for part in wire.asked():
        assert part["url"].startswith("/services/data/v66.0/queryAll/?q=SELECT+")
        assert part["httpHeaders"] == {"Sforce-Query-Options": "batchSize=2000"}


def test_a_poll_takes_one_to_five_queries(client: SalesforceClient) -> None:
    """A composite carries no more."""
    reader = SalesforceReader(client)

    with pytest.raises(ValueError, match="not 0"):
        reader.poll([])
    with pytest.raises(ValueError, match="not 6"):
        reader.poll([LEADS] * 6)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("INVALID_FIELD", MissingFieldError),
        ("INVALID_TYPE", MissingFieldError),
        ("UNKNOWN_EXCEPTION", TransientError),
    ],
)
def test_a_query_that_fails_within_a_poll_fails_the_poll(
    wire: Wire, client: SalesforceClient, code: str, error: type[Exception]
) -> None:
    """F10: a run must not take a failed page for an empty one."""
    words = "SELECT Shoe__c\n       ^\nNo such column 'Shoe__c' on entity 'Lead'."
    wire.says_in_parts(rows(1), (400, [{"errorCode": code, "message": words}]))

    with pytest.raises(error):
        SalesforceReader(client).poll([LEADS, LEADS])


@pytest.mark.parametrize("body", [None, [], {"done": False, "records": []}, {"records": [1]}])
def test_a_page_that_leads_nowhere_is_a_lost_answer(
    wire: Wire, client: SalesforceClient, body: object
) -> None:
    """Without rows and without an end, the caller would ask for ever."""
    wire.says_in_parts((200, body))

    with pytest.raises(TransientError):
        SalesforceReader(client).poll([LEADS])


@pytest.mark.failure("F35")
def test_many_ids_are_asked_for_in_few_calls(wire: Wire, client: SalesforceClient) -> None:
    """F35: thousands travel in one body, none in an address that would grow too long."""
    wanted = [f"00QAB0000000{number:06d}" for number in range(5000)]
    wire.says_in_parts(rows(1), rows(2), rows(3), rows(4), rows(5))
    wire.says_in_parts(rows(6))

    found = SalesforceReader(client).read({SObject.LEAD: wanted}, ())

    assert len(found) == 6
    assert len(wire.requests) == 2
    statements = [*wire.queries(0), *wire.queries(1)]
    assert sum(statement.count("'00Q") for statement in statements) == 5000
    assert max(map(len, statements)) < 20_000
    assert all(len(request.url or "") < 100 for request in wire.requests)


@pytest.mark.failure("F05")
def test_rows_that_follow_are_fetched(wire: Wire, client: SalesforceClient) -> None:
    """F05: an answer by id may come in pages as well; their address is followed as it stands."""
    wire.says_in_parts(rows(1, following="/services/data/v66.0/query/01g-2000"))
    wire.says(rows(2)[1])

    found = SalesforceReader(client).read({SObject.LEAD: [row(1)["Id"], row(2)["Id"]]}, ())

    assert len(found) == 2
    assert str(wire.requests[-1].url).endswith("/services/data/v66.0/query/01g-2000")


@pytest.mark.failure("F06")
def test_a_place_in_a_long_answer_that_is_lost(wire: Wire, client: SalesforceClient) -> None:
    """The query is asked again, and each row counts once."""
    wire.says_in_parts(rows(1, following="/services/data/v66.0/query/01g-2000"))
    wire.complains(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    wire.says_in_parts(rows(1, following="/services/data/v66.0/query/01h-2000"))
    wire.says(rows(2)[1])

    found = SalesforcePlainReader(client).read_plain("Lead", [], among={"Title": ["Analyst"]})

    assert [each.id for each in found] == [row(1)["Id"], row(2)["Id"]]
    assert len(wire.requests) == 4


@pytest.mark.failure("F06")
def test_a_place_that_is_lost_again_and_again(wire: Wire, client: SalesforceClient) -> None:
    """There is an end to asking; the next run begins where this one did."""
    for _ in range(3):
        wire.says_in_parts(rows(1, following="/services/data/v66.0/query/01g-2000"))
        wire.complains(400, "INVALID_QUERY_LOCATOR", "invalid query locator")

    with pytest.raises(TransientError):
        SalesforceReader(client).read({SObject.LEAD: [row(1)["Id"], row(2)["Id"]]}, ())

    assert len(wire.requests) == 6


DESCRIBED = {
    "fields": [
        {
            "name": "OwnerId",
            "type": "reference",
            "label": "Owner ID",
            "createable": True,
            "updateable": True,
            "length": 18,
            "relationshipName": "Owner",
            "referenceTo": ["Group", "User"],
        },
        {
            "name": "NumberOfEmployees",
            "type": "int",
            "label": "Employees",
            "createable": True,
            "updateable": True,
            "length": 0,
            "relationshipName": None,
            "referenceTo": [],
        },
    ]
}


def employing(path: str) -> PageQuery:
    """Return a query for the leads in which this field is 7."""
    criteria = Group(
        junction=Junction.ALL,
        members=(Criterion(field=path, operator=Operator.EQUALS, value="7"),),
    )
    selection = Selection(mode=SelectionMode.CRITERIA, criteria=criteria)
    return PageQuery(object=SObject.LEAD, rows=Rows.LIVE, fields=(), selection=selection)


def test_an_object_is_described_once(wire: Wire, client: SalesforceClient) -> None:
    """Criteria need types; asking for them at each poll would double its cost."""
    reader = SalesforceReader(client)
    wire.says(DESCRIBED)
    wire.says_in_parts(rows())
    wire.says_in_parts(rows())

    reader.poll([employing("numberofemployees")])
    reader.poll([employing("NumberOfEmployees")])

    assert len(wire.requests) == 3
    assert "(NumberOfEmployees = 7)" in wire.queries()[0]


def test_a_criterion_may_speak_of_the_owner(wire: Wire, client: SalesforceClient) -> None:
    """A path is followed through what it refers to; what may be several has a user's fields."""
    wire.says(DESCRIBED)
    wire.says(DESCRIBED)
    wire.says_in_parts(rows())

    SalesforceReader(client).poll([employing("Owner.Type")])

    assert str(wire.requests[1].url).endswith("/sobjects/User/describe")
    assert "(Owner.Type = '7')" in wire.queries()[0]


@pytest.mark.parametrize("path", ["Shoe__c", "Shoe__r.Size__c"])
def test_a_criterion_on_a_field_that_is_gone_names_it(
    wire: Wire, client: SalesforceClient, path: str
) -> None:
    """F25: no query is asked that cannot be answered."""
    wire.says(DESCRIBED)

    with pytest.raises(MissingFieldError, match="Shoe__"):
        SalesforceReader(client).poll([employing(path)])
