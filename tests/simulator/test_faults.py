"""Faults on request, the daily allowance, and what the call log says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.conftest import Client, error_of

ANY = {"LastName": "x"}


def fault(client: Client, **given: Any) -> dict[str, Any]:
    return dict(client.control("faults", given))


def test_a_session_expires_once_and_the_next_call_is_fine(client: Client) -> None:
    """The default sentence of a 401 is Salesforce's."""
    fault(client, do="status", status=401, match={"path": "*/query*", "times": 1})

    first, second = client.ask("SELECT Id FROM Lead"), client.ask("SELECT Id FROM Lead")

    assert error_of(first) == (401, "INVALID_SESSION_ID")
    assert first.json()[0]["message"] == "Session expired or invalid"
    assert second.status == 200


def test_a_fault_without_a_count_stays_until_it_is_lifted(client: Client) -> None:
    """Neither nth nor times means for ever."""
    number = fault(client, do="status", status=401, match={})["id"]

    assert {client.get("limits").status for _ in range(5)} == {401}
    assert client.delete(f"/_simulator/faults/{number}").json() == {"lifted": 1}
    assert client.get("limits").status == 200


def test_the_nth_call_is_struck(client: Client) -> None:
    """Calls are counted from when the fault is put in force."""
    fault(client, do="status", status=500, error_code="UNKNOWN_EXCEPTION", match={"nth": 3})

    assert [client.get("limits").status for _ in range(5)] == [200, 200, 500, 200, 200]


def test_the_edge_speaks_html(client: Client) -> None:
    """An outage answers a page, not JSON."""
    for status in (429, 503):
        fault(client, do="status", status=status, match={"times": 1})
        response = client.get("limits")
        assert response.status == status
        assert response.headers["Content-Type"].startswith("text/html")
        assert response.body.startswith(b"<html>")


@pytest.mark.parametrize(
    ("code", "message", "status"),
    [
        ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403),
        ("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded", 403),
        ("QUERY_TIMEOUT", "Your query request was running for too long.", 400),
        ("SERVER_UNAVAILABLE", "Try later", 503),
    ],
)
def test_a_code_brings_its_status(client: Client, code: str, message: str, status: int) -> None:
    """Both sentences of a 403 can be had."""
    fault(client, do="status", error_code=code, message=message)

    response = client.ask("SELECT Id FROM Lead")

    assert error_of(response) == (status, code)
    assert response.json()[0]["message"] == message


def test_the_answer_is_lost_after_the_write(client: Client) -> None:
    """A cut socket leaves the caller in doubt, and the record in the org."""
    fault(client, do="drop", when="after", match={"method": "POST", "object": "Contact"})

    response = client.post("sobjects/Contact", ANY)

    assert response.dropped
    assert len(client.query("SELECT Id FROM Contact")) == 1


def test_the_request_is_lost_before_the_write(client: Client) -> None:
    """Nothing happened, and the caller can't tell."""
    fault(client, do="drop", when="before", match={"object": "Contact", "method": "POST"})

    assert client.post("sobjects/Contact", ANY).dropped
    assert client.query("SELECT Id FROM Contact") == []


def test_rows_are_struck_one_by_one(client: Client) -> None:
    """For row errors every row is a match; nth and times count rows."""
    fault(
        client,
        do="row_error",
        error_code="UNABLE_TO_LOCK_ROW",
        match={"object": "Contact", "nth": 3, "times": 2},
    )
    records = [{"attributes": {"type": "Contact"}, "LastName": f"{n}"} for n in range(6)]

    results = client.post("composite/sobjects", {"records": records}).json()

    assert [row["success"] for row in results] == [True, True, False, False, True, True]
    assert results[2]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"


def test_a_row_can_fail_after_it_was_written(client: Client) -> None:
    """The worst kind of error: it is not true."""
    fault(client, do="row_error", when="after", error_code="UNKNOWN_EXCEPTION", match={"nth": 1})

    response = client.post("sobjects/Contact", ANY)

    assert error_of(response) == (500, "UNKNOWN_EXCEPTION")
    assert len(client.query("SELECT Id FROM Contact")) == 1


def test_chance_is_seeded(client: Client) -> None:
    """The same seed strikes the same calls."""

    def struck() -> list[int]:
        number = fault(client, do="status", status=500, seed=7, match={"probability": 0.5})["id"]
        statuses = [client.get("limits").status for _ in range(20)]
        client.delete(f"/_simulator/faults/{number}")
        return statuses

    first = struck()

    assert first == struck()
    assert {200, 500} == set(first)


def test_parts_of_a_composite_are_struck_by_their_own_path(client: Client) -> None:
    """A 401 can hide inside a composite's 200."""
    fault(client, do="status", status=401, match={"path": "/services/data/v66.0/query*"})
    parts = [{"method": "GET", "url": "/services/data/v66.0/query?q=SELECT+Id+FROM+Lead", "referenceId": "q"}]  # fmt: skip

    response = client.post("composite", {"compositeRequest": parts})

    assert response.status == 200
    assert response.json()["compositeResponse"][0]["httpStatusCode"] == 401


def test_a_slow_answer_says_how_slow(client: Client) -> None:
    """In-process the delay is told, the shell sleeps it."""
    fault(client, do="delay", delay_s=1.5, match={"path": "*/limits"})

    assert client.get("limits").delay_s == 1.5


@pytest.mark.parametrize(
    "given",
    [
        {"do": "explode"},
        {"do": "status"},
        {"do": "drop", "when": "meanwhile"},
        {"do": "drop", "match": {"colour": "red"}},
        {"do": "drop", "colour": "red"},
        {"do": "drop", "match": []},
    ],
)
def test_a_wrong_fault_is_refused(client: Client, given: dict[str, Any]) -> None:
    """A fault that would never strike is worse than none."""
    assert error_of(client.post("/_simulator/faults", given)) == (400, "INVALID_INPUT")


def test_the_daily_allowance_runs_out_and_comes_back(client: Client) -> None:
    """Every answer says what is used; a day later it is free again."""
    client.control("features", {"daily_limit": 3})

    infos = [client.get("limits").headers["Sforce-Limit-Info"] for _ in range(3)]
    refused = client.get("limits")
    client.advance(25 * 3600)

    assert infos == ["api-usage=1/3", "api-usage=2/3", "api-usage=3/3"]
    assert error_of(refused) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert refused.json()[0]["message"] == "TotalRequests Limit exceeded."
    assert client.get("limits").status == 200


def test_calls_are_counted_by_kind(client: Client) -> None:
    """Versions and the control plane are free; refused calls are calls."""
    client.call("GET", "/services/data/")
    client.control("clock")
    client.ask("SELECT Id FROM Lead")
    client.ask("SELECT Nonsense FROM Lead")
    client.post("sobjects/Contact", ANY)

    calls = client.get("/_simulator/calls").json()
    client.delete("/_simulator/calls")

    assert (calls["total"], calls["by_kind"]) == (3, {"create": 1, "query": 2})
    assert calls["last"][1]["status"] == 400
    assert client.get("/_simulator/calls").json()["total"] == 0


def test_maintenance_refuses_writes_alone(client: Client) -> None:
    """Reads go on while the org is read-only."""
    contact = client.create("Contact", LastName="x")
    client.control("features", {"maintenance": True})
    code = "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"

    assert error_of(client.post("sobjects/Contact", ANY)) == (400, code)
    assert error_of(client.delete(f"sobjects/Contact/{contact}")) == (400, code)
    assert client.values("SELECT Id FROM Contact") == [contact]


def test_fields_can_be_renamed_and_deleted(client: Client) -> None:
    """Schemas drift; what was stored is still there under the new name."""
    client.create("Lead", LastName="x", Company="y", Counterpart_Id__c="K1", Title="CEO")
    client.control(
        "features",
        {"rename_fields": {"Lead.Counterpart_Id__c": "Key__c"}, "delete_fields": ["Lead.Title"]},
    )

    assert client.values("SELECT Key__c FROM Lead") == ["K1"]
    for name in ("Counterpart_Id__c", "Title"):
        assert error_of(client.ask(f"SELECT {name} FROM Lead")) == (400, "INVALID_FIELD")


@pytest.mark.parametrize("given", [{"colour": "red"}, {"duplicate_rule": "maybe"}, {"daily_limit": "many"}, {"maintenance": 1}])  # fmt: skip
def test_a_wrong_feature_is_refused_and_changes_nothing(
    client: Client, given: dict[str, Any]
) -> None:
    """All or none of the given features are set."""
    response = client.post("/_simulator/features", {"page_size": 7, **given})

    assert error_of(response) == (400, "INVALID_FIELD")
    assert client.get("/_simulator/features").json()["page_size"] == 2000


def test_long_answers_are_read_through_cursors(client: Client) -> None:
    """TotalSize is the whole, the path is followed verbatim, and rows may change meanwhile."""
    client.control("features", {"page_size": 2})
    ids = [client.create("Contact", LastName=name) for name in "abcde"]

    first = client.ask("SELECT Id, LastName FROM Contact ORDER BY LastName").json()
    client.patch(f"sobjects/Contact/{ids[2]}", {"LastName": "changed"})
    second = client.get(first["nextRecordsUrl"]).json()
    third = client.get(second["nextRecordsUrl"]).json()

    assert (first["totalSize"], first["done"], len(first["records"])) == (5, False, 2)
    assert first["nextRecordsUrl"].endswith("-2")
    assert [row["LastName"] for row in second["records"]] == ["changed", "d"]
    assert third["done"] is True and "nextRecordsUrl" not in third


def test_an_answer_in_no_order_still_has_each_row_once(client: Client) -> None:
    """A row that was committed late lies behind others that came later."""
    client.control("features", {"page_size": 3})
    name = client.control("transactions")["id"]
    header = {"X-Simulator-Transaction": name}
    ids = [client.post("sobjects/Contact", {"LastName": "late"}, header).json()["id"]]
    ids += [client.create("Contact", LastName=name) for name in "bcd"]
    client.control(f"transactions/{name}/commit")

    first = client.get("queryAll?q=SELECT+Id,LastName+FROM+Contact+LIMIT+2000").json()
    second = client.get(first["nextRecordsUrl"]).json()

    assert sorted(row["Id"] for row in first["records"] + second["records"]) == sorted(ids)


def test_small_pages_are_raised_to_two_hundred(client: Client) -> None:
    """A page of ten is no page."""
    rows = [{"attributes": {"type": "Contact"}, "LastName": f"{n}"} for n in range(200)]
    for _ in range(2):
        client.post("composite/sobjects", {"records": rows})

    page = client.ask("SELECT Id FROM Contact", {"Sforce-Query-Options": "batchSize=10"}).json()

    assert len(page["records"]) == 200


def test_cursors_are_lost_and_expire(client: Client) -> None:
    """The answer is to start again."""
    client.control("features", {"page_size": 1})
    for name in "ab":
        client.create("Contact", LastName=name)

    lost = client.ask("SELECT Id FROM Contact").json()["nextRecordsUrl"]
    client.delete("/_simulator/cursors")
    old = client.ask("SELECT Id FROM Contact").json()["nextRecordsUrl"]
    client.advance(2 * 86_400 + 1)

    for path in (lost, old):
        assert error_of(client.get(path)) == (400, "INVALID_QUERY_LOCATOR")
