"""Both bulk APIs, driven as their documentation says."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from tests.simulator.conftest import Client, error_of

ASYNC = "/services/async/66.0"


def rows_of(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode(), newline="")))


def ingest(client: Client, table: str, **job: Any) -> str:
    made = client.post("jobs/ingest", {"contentType": "CSV", "lineEnding": "LF", **job}).json()
    path = f"jobs/ingest/{made['id']}"
    uploaded = client.call("PUT", f"{path}/batches", table, {"Content-Type": "text/csv"})
    assert uploaded.status == 201
    assert client.patch(path, {"state": "UploadComplete"}).json()["state"] == "UploadComplete"
    return path


def finish(client: Client, path: str) -> dict[str, Any]:
    job: dict[str, Any] = client.get(path).json()
    assert job["state"] == "InProgress"
    while job["state"] == "InProgress":
        job = client.get(path).json()
    return job


def test_an_ingest_job_takes_time_and_answers_row_by_row(client: Client) -> None:
    """JobComplete with failed rows is normal; the three result tables say what became of each."""
    table = "LastName,Company,Email\nLovelace,Acme,ada@acme.example\n,Acme,x@acme.example\n"

    path = ingest(client, table, object="Lead", operation="insert")
    job = finish(client, path)

    assert (job["state"], job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (
        "JobComplete",
        2,
        1,
    )
    assert isinstance(job["apiVersion"], float)
    good = rows_of(client.get(f"{path}/successfulResults/").body)
    bad = rows_of(client.get(f"{path}/failedResults/").body)
    assert [(row["sf__Created"], row["LastName"]) for row in good] == [("true", "Lovelace")]
    assert good[0]["sf__Id"].startswith("00Q")
    assert bad[0]["sf__Error"] == (
        "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"
    )
    assert rows_of(client.get(f"{path}/unprocessedrecords/").body) == []


def test_an_empty_cell_leaves_and_na_clears(client: Client) -> None:
    """In a table nothing means no change, and #N/A means null."""
    contact = client.create("Contact", LastName="x", Title="CEO", Phone="1")

    path = ingest(
        client, f"Id,Title,Phone\n{contact},,#N/A\n", object="Contact", operation="update"
    )
    finish(client, path)

    after = client.read("Contact", contact)
    assert (after["Title"], after["Phone"]) == ("CEO", None)


def test_an_upsert_job_finds_parents_by_their_key(client: Client) -> None:
    """Columns may name a parent by its external id; the key decides between two ways."""
    account = client.create("Account", Name="Acme", Counterpart_Id__c="A1")
    client.create("Contact", LastName="old", Counterpart_Id__c="C1")
    table = "Counterpart_Id__c,LastName,Account.Counterpart_Id__c\nc1,new,A1\nC2,x,A1\nC2,y,A1\n"

    path = ingest(
        client,
        table,
        object="Contact",
        operation="upsert",
        externalIdFieldName="Counterpart_Id__c",
    )
    finish(client, path)

    assert client.values(f"SELECT LastName FROM Contact WHERE AccountId = '{account}'") == ["new"]
    assert [
        row["sf__Error"].split(":")[0] for row in rows_of(client.get(f"{path}/failedResults").body)
    ] == [
        "DUPLICATE_EXTERNAL_ID",
        "DUPLICATE_EXTERNAL_ID",
    ]


def test_results_come_in_another_order(client: Client) -> None:
    """Who relies on the order of results finds out here."""
    names = [f"N{number:03d}" for number in range(50)]
    table = "LastName\n" + "\n".join(names) + "\n"

    path = ingest(client, table, object="Contact", operation="insert")
    finish(client, path)

    found = [row["LastName"] for row in rows_of(client.get(f"{path}/successfulResults").body)]
    assert found != names
    assert sorted(found) == names


def test_an_unknown_column_fails_the_job_and_leaves_all_rows(client: Client) -> None:
    """Rows that were never tried are given back as they came."""
    path = ingest(client, "LastName,Nonsense\nx,1\n", object="Contact", operation="insert")

    job = finish(client, path)

    assert job["state"] == "Failed"
    assert job["errorMessage"] == "InvalidBatch : Field name not found : Nonsense"
    assert rows_of(client.get(f"{path}/unprocessedrecords").body) == [
        {"LastName": "x", "Nonsense": "1"}
    ]


@pytest.mark.parametrize(("said", "sent"), [("LF", "\r\n"), ("CRLF", "\n")])
def test_a_table_with_other_line_endings_fails(client: Client, said: str, sent: str) -> None:
    """The job says how its lines end, and a table that ends them otherwise is not read."""
    path = ingest(
        client, f"LastName{sent}a{sent}", object="Contact", operation="insert", lineEnding=said
    )

    job = finish(client, path)

    assert job["state"] == "Failed"
    assert job["errorMessage"].startswith("ClientInputError : LineEnding is invalid")
    assert len(rows_of(client.get(f"{path}/unprocessedRecords").body)) == 1
    assert client.query("SELECT Id FROM Contact") == []


def test_a_job_takes_one_table(client: Client) -> None:
    """A second upload is refused, so that who splits a table makes several jobs."""
    made = client.post("jobs/ingest", {"object": "Contact", "operation": "insert"}).json()
    path = f"jobs/ingest/{made['id']}/batches"

    statuses = [client.call("PUT", path, "LastName\na\n").status for _ in range(2)]

    assert statuses == [201, 400]


def test_a_job_that_breaks_off_leaves_the_rest_unprocessed(client: Client) -> None:
    """A feature ends jobs early, so that the third table is not forgotten."""
    client.control("features", {"bulk_fail_after_rows": 2})

    path = ingest(client, "LastName\na\nb\nc\n", object="Contact", operation="insert")

    assert finish(client, path)["state"] == "Failed"
    assert rows_of(client.get(f"{path}/unprocessedrecords").body) == [{"LastName": "c"}]
    assert sorted(client.values("SELECT LastName FROM Contact")) == ["a", "b"]


def test_a_job_waits_as_long_as_the_org_says(client: Client) -> None:
    """With a delay the job stays InProgress until the org's clock has moved on, and is stamped."""
    client.control("features", {"bulk_delay_s": 60})
    path = ingest(client, "LastName\na\n", object="Contact", operation="insert")

    states = [client.get(path).json()["state"] for _ in range(5)]
    client.advance(60)

    assert set(states) == {"InProgress"}
    done = client.get(path).json()
    assert done["state"] == "JobComplete"
    assert done["createdDate"] < done["systemModstamp"]
    client.advance(60)
    assert client.get(path).json()["systemModstamp"] == done["systemModstamp"]


def test_an_aborted_job_writes_nothing(client: Client) -> None:
    """What was uploaded and not begun is unprocessed."""
    path = ingest(client, "LastName\na\n", object="Contact", operation="insert")

    assert client.patch(path, {"state": "Aborted"}).json()["state"] == "Aborted"
    assert client.get(path).json()["state"] == "Aborted"
    assert client.query("SELECT Id FROM Contact") == []
    assert error_of(client.patch(path, {"state": "UploadComplete"})) == (400, "INVALIDJOBSTATE")
    assert client.delete(path).status == 204
    assert error_of(client.get(path)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(("operation", "gone"), [("delete", False), ("hardDelete", True)])
def test_records_are_deleted_in_bulk(client: Client, *, operation: str, gone: bool) -> None:
    """A hard deletion passes the recycle bin."""
    contact = client.create("Contact", LastName="x")

    finish(client, ingest(client, f"Id\n{contact}\n", object="Contact", operation=operation))

    assert client.query("SELECT Id FROM Contact") == []
    assert bool(client.query("SELECT Id FROM Contact", how="queryAll")) is not gone


def test_a_query_job_pages_by_locator(client: Client) -> None:
    """The last locator is the word null, pages can be read again, another version can't read them."""
    names = [f'N, "{number}"\nñ' for number in range(5)]
    for name in names:
        client.create("Contact", LastName=name, Account=None)
    job = client.post(
        "jobs/query",
        {"operation": "query", "query": "SELECT LastName, Account.Name, CreatedDate FROM Contact"},
    ).json()
    path = f"jobs/query/{job['id']}"
    assert finish(client, path)["numberRecordsProcessed"] == 5

    first = client.get(f"{path}/results?maxRecords=3", {"Accept": "text/csv"})
    rest = client.get(f"{path}/results?maxRecords=3&locator={first.headers['Sforce-Locator']}")

    assert (first.headers["Sforce-NumberOfRecords"], rest.headers["Sforce-Locator"]) == (
        "3",
        "null",
    )
    rows = rows_of(first.body) + rows_of(rest.body)
    assert sorted(row["LastName"] for row in rows) == sorted(names)
    assert rows[0]["CreatedDate"] == "2026-11-22T12:00:00.000Z"
    assert rows[0]["Account.Name"] == ""
    assert client.get(f"{path}/results?maxRecords=3").body == first.body
    other = client.get(f"/services/data/v65.0/{path}/results")
    assert other.status == 409


def test_the_pages_of_a_result_are_listed(client: Client) -> None:
    """Five at a time, each with the address from which it is read."""
    client.create("Contact", LastName="x")
    job = client.post(
        "jobs/query", {"operation": "query", "query": "SELECT LastName FROM Contact"}
    ).json()
    path = f"jobs/query/{job['id']}"
    finish(client, path)

    listed = client.get(f"{path}/resultPages").json()

    assert listed["done"] is True
    (page,) = listed["resultPages"]
    assert rows_of(client.get(page["resultUrl"]).body) == [{"LastName": "x"}]
    assert client.get(f"/services/data/v65.0/{path}/resultPages").status == 409
    (known,) = client.get("jobs/query").json()["records"]
    assert (known["id"], known["jobType"]) == (job["id"], "V2Query")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT COUNT(Id) FROM Contact",
        "SELECT Name FROM Contact OFFSET 5",
        "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
        "SELECT MailingAddress FROM Contact",
        "SELECT LeadSource FROM Contact GROUP BY LeadSource",
    ],
)
def test_bulk_queries_take_less_than_queries(client: Client, query: str) -> None:
    """What only the synchronous query can do is refused when the job is made."""
    assert client.post("jobs/query", {"operation": "query", "query": query}).status == 400


def test_a_json_job_of_the_first_bulk_api(client: Client) -> None:
    """Jobs, batches and results, row by row and in their order."""
    job = client.post(
        f"{ASYNC}/job",
        {"operation": "insert", "object": "Contact", "contentType": "JSON"},
        {"Content-Type": "application/json"},
    )
    path = f"{ASYNC}/job/{job.json()['id']}"
    json_header = {"Content-Type": "application/json"}
    batch = client.post(f"{path}/batch", [{"LastName": "a"}, {"Email": "b"}], json_header)
    client.post(path, {"state": "Closed"}, json_header)
    where = f"{path}/batch/{batch.json()['id']}"

    states = [client.get(where, json_header).json()["state"] for _ in range(3)]
    results = json.loads(client.get(f"{where}/result", json_header).body)

    assert (job.status, batch.status, states[-1]) == (201, 201, "Completed")
    assert [row["success"] for row in results] == [True, False]
    assert results[1]["errors"][0]["statusCode"] == "INVALID_EMAIL_ADDRESS"


def test_an_xml_job_of_the_first_bulk_api_takes_csv(client: Client) -> None:
    """The job is told in XML, its rows in CSV, and refusals come as exceptionCode."""
    xml = {"Content-Type": "application/xml; charset=UTF-8"}
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<jobInfo xmlns="http://www.force.com/2009/06/asyncapi/dataload">'
        "<operation>{}</operation><object>Contact</object><contentType>CSV</contentType></jobInfo>"
    )
    job = client.call("POST", f"{ASYNC}/job", body.format("query"), xml).body.decode()
    path = f"{ASYNC}/job/{job.split('<id>')[1].split('</id>')[0]}"
    client.create("Contact", LastName="Añez")
    batch = client.call(
        "POST", f"{path}/batch", "SELECT Id, LastName FROM Contact", {"Content-Type": "text/csv"}
    ).body.decode()
    where = f"{path}/batch/{batch.split('<id>')[1].split('</id>')[0]}"
    while "<state>Completed</state>" not in client.get(where).body.decode():
        pass

    listed = client.get(f"{where}/result").body.decode()
    result = client.get(f"{where}/result/{listed.split('<result>')[1].split('</result>')[0]}")

    assert rows_of(result.body)[0]["LastName"] == "Añez"
    refused = client.call("POST", f"{ASYNC}/job", body.format("conquer"), xml)
    assert refused.status == 400
    assert b"<exceptionCode>InvalidJob</exceptionCode>" in refused.body


def test_quiet_headers_reach_the_rows(client: Client) -> None:
    """A bulk job runs no assignment rule unless it names one."""
    finish(client, ingest(client, "LastName,Company\nx,y\n", object="Lead", operation="insert"))

    assert client.values("SELECT OwnerId FROM Lead") == [client.simulator.org.user_id]


def test_splitting_a_query_by_key_is_not_served_in_silence(client: Client) -> None:
    """A header that the simulator does not follow is refused, never ignored."""
    job = json.dumps({"operation": "query", "object": "Contact", "contentType": "CSV"})
    headers = {"Content-Type": "application/json", "Sforce-Enable-PKChunking": "chunkSize=1000"}

    answer = client.call("POST", f"{ASYNC}/job", job, headers)

    assert answer.status == 501
    assert "Sforce-Enable-PKChunking" in answer.json()["exceptionMessage"]
