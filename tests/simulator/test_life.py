"""Deletion, the recycle bin, merging, conversion, time and transactions."""

from __future__ import annotations

import json

import pytest

from simulator import Request, Response
from simulator.errors import SalesforceError
from tests.simulator.conftest import ROOT, TOKEN, Client, error_of


def test_an_account_takes_its_people_along(client: Client) -> None:
    """Children go into the recycle bin with their parent and come back with it."""
    account = client.create("Account", Name="Acme")
    contact = client.create("Contact", LastName="x", AccountId=account)
    early = client.create("Contact", LastName="y", AccountId=account)
    client.delete(f"sobjects/Contact/{early}")
    client.advance(10)

    client.delete(f"sobjects/Account/{account}")
    hidden = client.query("SELECT Id FROM Contact")
    shown = client.query("SELECT Id, IsDeleted, SystemModstamp FROM Contact", how="queryAll")
    client.control("undelete", {"ids": [account]})

    assert hidden == []
    assert all(row["IsDeleted"] for row in shown)
    assert shown[0]["SystemModstamp"] == "2026-11-22T12:00:10.000+0000"
    assert client.values("SELECT Id FROM Contact") == [contact]


def test_purged_records_are_gone_from_query_all_and_known_to_get_deleted(client: Client) -> None:
    """The delete log outlives the recycle bin."""
    kept, purged = (client.create("Contact", LastName=name) for name in "ab")
    client.delete(f"sobjects/Contact/{kept}")

    client.control("purge", {"ids": [purged]})

    assert client.values("SELECT Id FROM Contact", how="queryAll") == [kept]
    log = client.get(
        "sobjects/Contact/deleted/?start=2026-11-22T11:00:00%2B00:00&end=2026-11-22T12:05:00Z"
    ).json()
    assert {entry["id"] for entry in log["deletedRecords"]} == {kept, purged}
    assert log["deletedRecords"][0]["deletedDate"] == "2026-11-22T12:00:00.000+0000"


def test_a_merged_record_comes_back_by_itself(client: Client) -> None:
    """Undeletion undoes the pointer to the winner, and nothing else."""
    winner, loser = (client.create("Contact", LastName=name) for name in "ab")
    client.control("merge", {"object": "Contact", "master_id": winner, "duplicate_ids": [loser]})

    client.control("undelete", {"ids": [loser]})

    assert client.read("Contact", loser)["MasterRecordId"] is None
    assert client.post("/_simulator/undelete", {"ids": [loser]}).status == 400


def test_a_purged_parent_takes_its_children_for_good(client: Client) -> None:
    """What went into the bin with it leaves the bin with it."""
    account = client.create("Account", Name="Acme")
    client.create("Contact", LastName="x", AccountId=account)
    client.delete(f"sobjects/Account/{account}")

    client.control("purge", {"ids": [account]})

    assert client.query("SELECT Id FROM Contact", how="queryAll") == []


def test_the_recycle_bin_is_emptied_after_fifteen_days(client: Client) -> None:
    """What lies there too long is purged by itself."""
    contact = client.create("Contact", LastName="x")
    client.delete(f"sobjects/Contact/{contact}")

    client.advance(14 * 86_400)
    assert len(client.query("SELECT Id FROM Contact", how="queryAll")) == 1
    client.advance(2 * 86_400)
    assert client.query("SELECT Id FROM Contact", how="queryAll") == []


def test_get_updated_truncates_to_the_minute_and_includes_both(client: Client) -> None:
    """Ids only; seconds do not count; deleted records are the other call's."""
    contact = client.create("Contact", LastName="x")
    client.advance(59)
    other = client.create("Contact", LastName="y")
    client.advance(600)
    path = "sobjects/Contact/updated/?start=2026-11-22T11:58:30Z&end=2026-11-22T12:00:01Z"

    answer = client.get(path).json()

    assert answer["ids"] == [contact, other]
    assert answer["latestDateCovered"] == "2026-11-22T12:00:00.000+0000"
    short = "sobjects/Contact/updated/?start=2026-11-22T12:00:00Z&end=2026-11-22T12:00:59Z"
    assert error_of(client.get(short)) == (400, "INVALID_REPLICATION_DATE")
    old = "sobjects/Contact/deleted/?start=2026-11-01T12:00:00Z&end=2026-11-22T12:00:00Z"
    assert error_of(client.get(old)) == (400, "INVALID_REPLICATION_DATE")


def test_an_open_transaction_holds_back_what_is_covered(client: Client) -> None:
    """Salesforce's own replication says where nothing can be missing."""
    client.control("transactions")
    client.advance(300)

    answer = client.get(
        "sobjects/Contact/updated/?start=2026-11-22T11:00:00Z&end=2026-11-22T12:05:00Z"
    ).json()

    assert answer["latestDateCovered"] == "2026-11-22T12:00:00.000+0000"


def test_a_transaction_commits_later_than_it_stamps(client: Client) -> None:
    """Rows appear behind a watermark that has passed their stamp."""
    name = client.control("transactions")["id"]
    header = {"X-Simulator-Transaction": name, "Sforce-Auto-Assign": "FALSE"}
    late = client.post("sobjects/Contact", {"LastName": "late"}, header).json()["id"]
    client.patch(f"sobjects/Contact/{late}", {"Title": "CEO"}, header)
    client.advance(540)
    client.create("Contact", LastName="early bird")

    before = client.values("SELECT LastName FROM Contact")
    inside = client.ask("SELECT Title FROM Contact WHERE LastName = 'late'", header).json()
    client.control(f"transactions/{name}/commit")
    after = client.query(
        "SELECT LastName, Title, SystemModstamp FROM Contact ORDER BY SystemModstamp"
    )

    assert before == ["early bird"]
    assert inside["records"][0]["Title"] == "CEO"
    assert (after[0]["LastName"], after[0]["Title"]) == ("late", "CEO")
    assert after[0]["SystemModstamp"] == "2026-11-22T12:00:00.000+0000"


def test_a_transaction_can_be_taken_back(client: Client) -> None:
    """Nothing of it was ever there, and nothing stays locked."""
    contact = client.create("Contact", LastName="x")
    name = client.control("transactions")["id"]
    header = {"X-Simulator-Transaction": name}
    client.patch(f"sobjects/Contact/{contact}", {"LastName": "y"}, header)

    locked = client.patch(f"sobjects/Contact/{contact}", {"LastName": "z"})
    client.control(f"transactions/{name}/rollback")

    assert error_of(locked) == (400, "UNABLE_TO_LOCK_ROW")
    assert client.patch(f"sobjects/Contact/{contact}", {"Title": "free"}).status == 204
    assert client.values("SELECT LastName FROM Contact") == ["x"]


def test_an_open_transaction_locks_accounts_for_others(client: Client) -> None:
    """A batch that touches a locked account fails as a whole, or row by row if so set up."""
    account = client.create("Account", Name="Acme")
    name = client.control("transactions")["id"]
    row = {"LastName": "x", "AccountId": account}
    client.post("sobjects/Contact", row, {"X-Simulator-Transaction": name})
    records = [
        {"attributes": {"type": "Contact"}, "LastName": "free"},
        {"attributes": {"type": "Contact"}, **row},
    ]

    whole = client.post("composite/sobjects", {"records": records}).json()
    client.control("features", {"lock_scope": "row"})
    single = client.post("composite/sobjects", {"records": records}).json()

    assert [one["success"] for one in whole] == [False, False]
    assert [one["success"] for one in single] == [True, False]
    error = single[1]["errors"][0]
    assert error["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert error["message"].endswith(account)


@pytest.mark.parametrize("held", ["Lead", "Contact", "Account"])
def test_what_an_open_transaction_holds_is_not_converted(client: Client, held: str) -> None:
    """A conversion stamps all three, and the transaction is to commit what it wrote before."""
    account = client.create("Account", Name="Acme")
    ids = {
        "Account": account,
        "Contact": client.create("Contact", LastName="x", AccountId=account),
        "Lead": client.create("Lead", LastName="y", Company="Acme"),
    }
    name = client.control("transactions")["id"]
    client.patch(f"sobjects/{held}/{ids[held]}", {"Phone": "1"}, {"X-Simulator-Transaction": name})
    body = {"lead_id": ids["Lead"], "contact_id": ids["Contact"]}

    refused = client.post("/_simulator/convert", body)
    client.control(f"transactions/{name}/commit")

    assert error_of(refused)[1] == "UNABLE_TO_LOCK_ROW"
    assert client.control("convert", body)["contact_id"] == ids["Contact"]


@pytest.mark.parametrize("held", [0, 1])
def test_what_an_open_transaction_holds_is_not_merged(client: Client, held: int) -> None:
    """Neither the winner nor the loser."""
    ids = [client.create("Contact", LastName=name) for name in "ab"]
    name = client.control("transactions")["id"]
    client.patch(f"sobjects/Contact/{ids[held]}", {"Phone": "1"}, {"X-Simulator-Transaction": name})
    body = {"object": "Contact", "master_id": ids[0], "duplicate_ids": ids[1:]}

    refused = client.post("/_simulator/merge", body)
    client.control(f"transactions/{name}/commit")

    assert error_of(refused)[1] == "UNABLE_TO_LOCK_ROW"
    assert client.control("merge", body)["merged"] == ids[1:]


def test_requests_that_overlap_get_in_each_others_way(client: Client) -> None:
    """Of two requests under way at once the later to touch an account is refused."""
    account = client.create("Account", Name="Acme")
    first, second = client.simulator.arrive(), client.simulator.arrive()
    org = client.simulator.org
    org.locks.take(first, None, {account}, held=set())

    with pytest.raises(SalesforceError, match="UNABLE_TO_LOCK_ROW"):
        org.locks.take(second, None, {account}, held=set())
    client.simulator.leave(first)
    client.simulator.leave(second)

    assert client.patch(f"sobjects/Account/{account}", {"Name": "Acme 2"}).status == 204


def test_requests_that_overlap_may_wait_for_one_another(client: Client) -> None:
    """An org can be set up so that only open transactions lock."""
    account = client.create("Account", Name="Acme")
    body = {"LastName": "x", "AccountId": account}
    waiting = client.simulator.arrive()

    def overlapped() -> Response:
        number = client.simulator.arrive()
        client.simulator.org.locks.take(waiting, None, {account}, held=set())
        request = Request(
            method="POST",
            path=f"{ROOT}/sobjects/Contact",
            headers={"authorization": f"Bearer {TOKEN}"},
            body=json.dumps(body).encode(),
        )
        return client.simulator.answer(request, number)

    clashing = overlapped()
    client.control("features", {"lock_scope": "off"})
    patient = overlapped()

    assert error_of(clashing) == (400, "UNABLE_TO_LOCK_ROW")
    assert patient.status == 201


def test_touching_moves_system_modstamp_alone(client: Client) -> None:
    """A back-end process must not look like a user."""
    contact = client.create("Contact", LastName="x")
    client.advance(60)

    client.control("touch", {"ids": [contact]})

    after = client.read("Contact", contact)
    assert after["LastModifiedDate"] == "2026-11-22T12:00:00.000+0000"
    assert after["SystemModstamp"] == "2026-11-22T12:01:00.000+0000"


def test_a_merge_leaves_a_pointer_to_the_winner(client: Client) -> None:
    """Losers are deleted with MasterRecordId; what hung on them hangs on the winner."""
    winner, loser = (client.create("Account", Name=name) for name in ("Acme", "Acme old"))
    contact = client.create("Contact", LastName="x", AccountId=loser)
    client.advance(60)

    client.control("merge", {"object": "Account", "master_id": winner, "duplicate_ids": [loser]})

    gone = client.query(
        "SELECT Id, MasterRecordId, SystemModstamp FROM Account WHERE IsDeleted = TRUE AND "
        "MasterRecordId != null AND SystemModstamp > 2026-11-22T12:00:30Z",
        how="queryAll",
    )
    assert [(row["Id"], row["MasterRecordId"]) for row in gone] == [(loser, winner)]
    moved = client.read("Contact", contact)
    assert moved["AccountId"] == winner
    assert moved["SystemModstamp"] == "2026-11-22T12:01:00.000+0000"
    assert client.read("Account", winner)["LastModifiedDate"] == "2026-11-22T12:01:00.000+0000"


def test_person_accounts_merge_with_their_contacts(client: Client) -> None:
    """Of the person that loses, both records point to the winner's, and come back together."""
    client.control("features", {"person_accounts": True})
    winner, loser = (client.create("Account", LastName=name) for name in ("Lovelace", "Byron"))
    kept, gone = (client.read("Account", each)["PersonContactId"] for each in (winner, loser))
    task = client.create("Task", Subject="Call", WhoId=gone)

    client.control("merge", {"object": "Account", "master_id": winner, "duplicate_ids": [loser]})

    query = "SELECT Id, IsDeleted, MasterRecordId FROM Contact"
    rows = {row["Id"]: row for row in client.query(query, how="queryAll")}
    assert not rows[kept]["IsDeleted"]
    assert (rows[gone]["IsDeleted"], rows[gone]["MasterRecordId"]) == (True, kept)
    assert client.read("Task", task)["WhoId"] == kept
    client.control("undelete", {"ids": [loser]})
    assert client.read("Contact", gone)["AccountId"] == loser
    assert client.read("Account", loser)["PersonContactId"] == gone


def test_a_person_account_does_not_merge_with_a_business(client: Client) -> None:
    """They are different things."""
    client.control("features", {"person_accounts": True})
    person, business = client.create("Account", LastName="x"), client.create("Account", Name="y")

    body = {"object": "Account", "master_id": person, "duplicate_ids": [business]}
    answer = client.post("/_simulator/merge", body)

    assert answer.status == 400


def test_only_some_objects_merge_and_only_three_at_a_time(client: Client) -> None:
    """Opportunities can't be merged, and neither can four accounts."""
    ids = [client.create("Account", Name=name) for name in "abcd"]
    bodies = (
        {"object": "Account", "master_id": ids[0], "duplicate_ids": ids[1:]},
        {"object": "Opportunity", "master_id": ids[0], "duplicate_ids": ids[1:2]},
        {"object": "Account", "master_id": ids[0], "duplicate_ids": [ids[0]]},
    )

    assert [client.post("/_simulator/merge", body).status for body in bodies] == [400] * 3


def test_conversion_makes_three_records_in_one_transaction(client: Client) -> None:
    """The lead points at them, is read-only, and its own key stays behind."""
    lead = client.create(
        "Lead", LastName="x", Company="Acme", Email="x@acme.example", Title="CEO",
        Counterpart_Id__c="K1", HasOptedOutOfEmail=True,
    )  # fmt: skip

    made = client.control("convert", {"lead_id": lead, "opportunity_name": "Deal"})

    after = client.read("Lead", lead)
    contact = client.read("Contact", made["contact_id"])
    assert (after["IsConverted"], after["Status"]) == (True, "Closed - Converted")
    assert after["ConvertedDate"] == "2026-11-22"
    assert after["ConvertedAccountId"] == contact["AccountId"] == made["account_id"]
    assert after["ConvertedOpportunityId"] == made["opportunity_id"]
    assert (contact["Email"], contact["Title"]) == ("x@acme.example", "CEO")
    assert contact["HasOptedOutOfEmail"] is True
    assert contact["Counterpart_Id__c"] is None
    assert client.read("Account", made["account_id"])["Name"] == "Acme"
    for response in (
        client.patch(f"sobjects/Lead/{lead}", {"Title": "z"}),
        client.post("/_simulator/convert", {"lead_id": lead}),
    ):
        assert error_of(response) == (400, "CANNOT_UPDATE_CONVERTED_LEAD")
        assert response.json()[0]["message"] == "cannot reference converted lead"


def test_conversion_into_existing_records_fills_their_gaps_alone(client: Client) -> None:
    """What the contact has stays."""
    account = client.create("Account", Name="Acme")
    contact = client.create("Contact", LastName="x", Title="Boss", AccountId=account)
    lead = client.create("Lead", LastName="y", Company="Other", Title="CEO", Phone="1")

    client.control("convert", {"lead_id": lead, "contact_id": contact})

    after = client.read("Contact", contact)
    assert (after["LastName"], after["Title"], after["Phone"]) == ("x", "Boss", "1")
    assert client.read("Lead", lead)["ConvertedAccountId"] == account


def test_the_clock_is_frozen_pushed_and_released(client: Client) -> None:
    """The Date header and the stamps follow the org's clock."""
    frozen = client.control("clock", {"freeze": "2030-01-01T00:00:00Z"})
    date = client.get("limits").headers["Date"]
    client.control("clock", {"advance_s": 3600})
    running = client.control("clock", {"run": True})

    assert frozen == {"now": "2030-01-01T00:00:00Z", "frozen": True}
    assert date == "Tue, 01 Jan 2030 00:00:00 GMT"
    assert running["frozen"] is False
    assert running["now"].startswith("2030-01-01T01:00:0")


def test_a_reset_org_is_empty_and_runs(client: Client) -> None:
    """Records, faults, features and calls are gone; ids start over."""
    first = client.create("Contact", LastName="x")
    client.control("faults", {"do": "status", "status": 503, "match": {"path": "*/limits"}})
    client.control("features", {"daily_limit": 5})

    clock = client.control("reset")

    assert clock["frozen"] is False
    assert client.get("limits").json()["DailyApiRequests"]["Max"] == 100_000
    assert client.query("SELECT Id FROM Contact") == []
    assert client.create("Contact", LastName="x") == first
