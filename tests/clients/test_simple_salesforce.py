"""simple-salesforce, unmodified: its REST calls, Bulk and Bulk 2.0."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)
from simple_salesforce.format import format_soql

from tests.simulator.conftest import TOKEN

if TYPE_CHECKING:
    from simulator import Simulator

pytestmark = pytest.mark.enable_socket


class Loopback(HTTPAdapter):
    """Speaks plain HTTP where the client insists on https."""

    def send(self, request: Any, *args: Any, **options: Any) -> requests.Response:
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, *args, **options)


def session() -> requests.Session:
    made = requests.Session()
    made.mount("https://", Loopback())
    return made


@pytest.fixture
def sf(served: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client that does not sleep between its looks at a job."""
    monkeypatch.setattr("simple_salesforce.bulk.sleep", lambda _seconds: None)
    monkeypatch.setattr("simple_salesforce.bulk2.sleep", lambda _seconds: None)
    with session() as http:
        yield Salesforce(
            session_id=TOKEN, instance=urlsplit(served).netloc, version="66.0", session=http
        )


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def code_of(error: SalesforceMalformedRequest) -> str:
    content: Any = error.content
    return str(content[0]["errorCode"])


def last_names(sf: Any) -> list[str]:
    found = sf.query_all_iter("SELECT LastName FROM Contact ORDER BY LastName")
    return [record["LastName"] for record in found]


def test_records_are_created_read_changed_and_deleted(sf: Any) -> None:
    """The life of a record, and what the client raises when it has ended."""
    made = sf.Contact.create({"LastName": "Löwe", "Email": "a@acme.example"})

    assert sf.Contact.update(made["id"], {"Title": "CEO", "Email": None}) == 204
    read = sf.Contact.get(made["id"])
    assert (read["Name"], read["Title"], read["Email"]) == ("Löwe", "CEO", None)
    assert sf.Contact.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        sf.Contact.get(made["id"])


def test_an_upsert_creates_updates_or_finds_too_many(sf: Any) -> None:
    """201, 200 and 300 reach the caller as such."""
    assert sf.Contact.upsert("Counterpart_Id__c/K1", {"LastName": "a"}) == 201
    assert sf.Contact.upsert("Counterpart_Id__c/K1", {"LastName": "b"}) == 200
    assert sf.Contact.get_by_custom_id("Counterpart_Id__c", "k1")["LastName"] == "b"
    for _ in range(2):
        sf.Contact.create({"LastName": "twin", "Email": "twin@acme.example"})

    with pytest.raises(SalesforceMoreThanOneRecord):
        sf.Contact.upsert("Email/twin@acme.example", {"LastName": "c"})


def test_queries_page_and_see_what_was_deleted(sf: Any) -> None:
    """A small page is followed by the rest; queryAll includes the recycle bin."""
    sf.bulk2.Contact.insert(records=[{"LastName": f"N{number:04d}"} for number in range(450)])
    small = {"Sforce-Query-Options": "batchSize=200"}

    first = sf.query("SELECT Id, LastName FROM Contact", headers=small)
    second = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    sf.Contact.delete(first["records"][0]["Id"])

    assert (first["totalSize"], first["done"], len(second["records"])) == (450, False, 200)
    assert sf.query("SELECT COUNT() FROM Contact")["totalSize"] == 449
    assert sf.query("SELECT COUNT() FROM Contact", include_deleted=True)["totalSize"] == 450
    quoted = format_soql("SELECT Id FROM Contact WHERE LastName = {}", 'it\'s \\ "x"')
    assert sf.query_all(quoted)["records"] == []


def test_describes_limits_and_searches_are_read(sf: Any) -> None:
    """What tools ask before they begin."""
    sf.Contact.create({"LastName": "Lovelace", "Email": "ada@acme.example"})

    assert "Lead" in {one["name"] for one in sf.describe()["sobjects"]}
    assert sf.Contact.describe()["keyPrefix"] == "003"
    assert sf.Contact.metadata()["objectDescribe"]["name"] == "Contact"
    assert sf.limits()["DailyApiRequests"]["Max"] > 0
    assert sf.is_sandbox() in {True, False}
    assert sf.api_usage["api-usage"].used > 0
    found = sf.search("FIND {ada@acme.example} IN EMAIL FIELDS RETURNING Contact(LastName)")
    assert [one["LastName"] for one in found["searchRecords"]] == ["Lovelace"]
    assert sf.restful("query", params={"q": "SELECT Id FROM Contact"})["totalSize"] == 1


def test_what_changed_and_what_went_is_listed(sf: Any, simulator: Simulator) -> None:
    """Both replication calls, with the times of the client's own formatting."""
    kept, gone = (sf.Contact.create({"LastName": name})["id"] for name in "ab")
    sf.Contact.delete(gone)
    simulator.clock.advance(600)
    start, end = (
        datetime(2026, 11, 22, 11, 59, tzinfo=UTC),
        datetime(2026, 11, 22, 12, 5, tzinfo=UTC),
    )

    assert sf.Contact.updated(start, end)["ids"] == [kept]
    assert [one["id"] for one in sf.Contact.deleted(start, end)["deletedRecords"]] == [gone]


def test_refusals_are_raised_with_their_reason(sf: Any, served: str) -> None:
    """The status decides the class of the exception, the body says why."""
    with pytest.raises(SalesforceMalformedRequest) as refused:
        sf.Contact.create({"Title": "x"})
    assert code_of(refused.value) == "REQUIRED_FIELD_MISSING"
    with pytest.raises(SalesforceMalformedRequest) as refused:
        sf.query("SELECT Nonsense FROM Contact")
    assert code_of(refused.value) == "INVALID_FIELD"
    with session() as http:
        stranger: Any = Salesforce(
            session_id="of nobody", instance=urlsplit(served).netloc, session=http
        )
        with pytest.raises(SalesforceExpiredSession):
            stranger.Contact.describe()


def test_the_client_signs_in_with_a_signed_assertion(
    served: str, simulator: Simulator, tmp_path: Path
) -> None:
    """JWT bearer, as the client builds it; its login host is led to the simulator."""
    key = tmp_path / "key.pem"
    key.write_text(simulator.credentials.private_key or "")
    simulator.clock.freeze(datetime.now(UTC))
    host = urlsplit(served).netloc

    class LoginHere(Loopback):
        def send(self, request: Any, *args: Any, **options: Any) -> requests.Response:
            request.url = request.url.replace("login.salesforce.com", host)
            return super().send(request, *args, **options)

    with requests.Session() as http:
        http.mount("https://", LoginHere())
        sf: Any = Salesforce(
            username=simulator.credentials.username,
            consumer_key=simulator.credentials.consumer_key,
            privatekey_file=str(key),
            session=http,
            version="66.0",
        )

        assert sf.query("SELECT COUNT() FROM Contact")["totalSize"] == 0
        assert sf.sf_instance == host


def test_bulk_writes_in_the_order_of_its_rows(sf: Any) -> None:
    """Insert, update, upsert, delete and hard delete; each row has its answer."""
    inserted = sf.bulk.Contact.insert([{"LastName": "a"}, {"Title": "nobody"}, {"LastName": "c"}])
    ids = [row["id"] for row in inserted if row["success"]]

    assert [row["success"] for row in inserted] == [True, False, True]
    assert inserted[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert all(
        row["success"]
        for row in sf.bulk.Contact.update([{"Id": one, "LastName": "z"} for one in ids])
    )
    made = sf.bulk.Contact.upsert(
        [{"Counterpart_Id__c": "K1", "LastName": "k"}], "Counterpart_Id__c"
    )
    assert made[0]["created"] is True
    assert sf.bulk.Contact.delete([{"Id": ids[0]}])[0]["success"] is True
    assert sf.bulk.Contact.hard_delete([{"Id": ids[1]}])[0]["success"] is True
    assert last_names(sf) == ["k"]


def test_bulk_splits_rows_into_batches(sf: Any) -> None:
    """Several batches of one job are put together again by the client."""
    rows = [{"LastName": f"N{number:03d}"} for number in range(50)]

    results = sf.bulk.Contact.insert(rows, batch_size=20, use_serial=True)

    assert len(results) == 50
    assert last_names(sf) == [row["LastName"] for row in rows]


def test_bulk_queries(sf: Any) -> None:
    """The result holds values as JSON has them, deleted records when asked."""
    made = sf.Contact.create({"LastName": "a"})["id"]
    sf.Contact.create({"LastName": "b"})
    sf.Contact.delete(made)
    soql = "SELECT LastName, IsDeleted FROM Contact ORDER BY LastName"

    living = sf.bulk.Contact.query(soql)
    all_rows = sf.bulk.Contact.query_all(soql)

    assert [(row["LastName"], row["IsDeleted"]) for row in living] == [("b", False)]
    assert [row["IsDeleted"] for row in all_rows] == [True, False]


def test_bulk_2_writes_and_tells_what_was_refused(sf: Any) -> None:
    """Each operation is a job; its refused rows are read by its id."""
    records = [{"LastName": "a", "Email": "a@acme.example"}, {"LastName": "b", "Email": "none"}]

    (inserted,) = sf.bulk2.Contact.insert(records=records)
    good = rows_of(sf.bulk2.Contact.get_successful_records(inserted["job_id"]))
    bad = rows_of(sf.bulk2.Contact.get_failed_records(inserted["job_id"]))
    left = sf.bulk2.Contact.get_unprocessed_records(inserted["job_id"])

    assert (inserted["numberRecordsProcessed"], inserted["numberRecordsFailed"]) == (2, 1)
    assert (good[0]["LastName"], good[0]["sf__Created"]) == ("a", "true")
    assert bad[0]["sf__Error"].startswith("INVALID_EMAIL_ADDRESS:")
    assert rows_of(left) == []
    record_id = good[0]["sf__Id"]
    for job in (
        sf.bulk2.Contact.update(records=[{"Id": record_id, "Title": "CEO"}]),
        sf.bulk2.Contact.upsert(
            records=[{"Counterpart_Id__c": "K1", "LastName": "k"}],
            external_id_field="Counterpart_Id__c",
        ),
        sf.bulk2.Contact.delete(records=[{"Id": record_id}]),
    ):
        assert job[0]["numberRecordsFailed"] == 0
    assert last_names(sf) == ["k"]


def test_bulk_2_pages_through_a_query(sf: Any, tmp_path: Path) -> None:
    """Pages of a size of the caller's choice, or files; the last locator ends it."""
    names = [f"N{number:03d}" for number in range(25)]
    sf.bulk2.Contact.insert(records=[{"LastName": name} for name in names])

    pages = list(sf.bulk2.Contact.query("SELECT LastName FROM Contact", max_records=10))
    files = sf.bulk2.Contact.download(
        "SELECT LastName FROM Contact", path=str(tmp_path), max_records=10
    )

    assert [len(rows_of(page)) for page in pages] == [10, 10, 5]
    assert sorted(row["LastName"] for page in pages for row in rows_of(page)) == names
    assert sum(one["number_of_records"] for one in files) == 25
