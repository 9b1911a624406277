"""Upserts by external id, and collections of up to 200 records."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.conftest import Client, error_of

KEY = "Counterpart_Id__c"


def contact(**values: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Contact"}, **values}


def collection(client: Client, *records: Any, all_or_none: bool = False) -> list[dict[str, Any]]:
    body = {"allOrNone": all_or_none, "records": list(records)}
    response = client.post("composite/sobjects", body)
    assert response.status == 200, response.body
    return list(response.json())


def test_an_upsert_creates_once_and_then_updates(client: Client) -> None:
    """201 the first time, 200 afterwards, and the body says which."""
    path = f"sobjects/Contact/{KEY}/C%2F1"

    first = client.patch(path, {"LastName": "x"})
    second = client.patch(path, {"LastName": "y"})

    assert (first.status, first.json()["created"]) == (201, True)
    assert (second.status, second.json()["created"]) == (200, False)
    assert first.json()["id"] == second.json()["id"]
    assert client.query(f"SELECT LastName, {KEY} FROM Contact")[0][KEY] == "C/1"


def test_old_versions_answer_an_updating_upsert_with_nothing(client: Client) -> None:
    """Before version 46 there was no body to tell the two apart."""
    path = f"/services/data/v45.0/sobjects/Contact/{KEY}/1"

    first, second = (client.patch(path, {"LastName": "x"}) for _ in range(2))

    assert (first.status, "created" in first.json()) == (201, False)
    assert (second.status, second.body) == (204, b"")


def test_an_upsert_that_may_only_update_creates_nothing(client: Client) -> None:
    """UpdateOnly answers 404 where there is nothing to update."""
    response = client.patch(f"sobjects/Contact/{KEY}/C1?updateOnly=true", {"LastName": "x"})

    assert error_of(response) == (404, "NOT_FOUND")


def test_the_key_must_not_be_repeated_in_the_body(client: Client) -> None:
    """The path says it already."""
    response = client.patch(f"sobjects/Contact/{KEY}/C1", {"LastName": "x", KEY: "C1"})

    assert error_of(response) == (400, "INVALID_FIELD")
    assert "should not be specified in the sobject data" in response.json()[0]["message"]


def test_a_key_of_several_records_answers_300(client: Client) -> None:
    """E-mail addresses are no unique keys; the answer lists who has it."""
    ids = [client.create("Contact", LastName=name, Email="a@example.com") for name in "xy"]

    response = client.patch("sobjects/Contact/Email/A@example.com", {"LastName": "z"})

    assert response.status == 300
    assert response.json() == [f"/services/data/v66.0/sobjects/Contact/{one}" for one in ids]
    assert sorted(client.values("SELECT LastName FROM Contact")) == ["x", "y"]


def test_a_field_that_is_no_key_is_refused(client: Client) -> None:
    """An unknown field is not found; a plain one is no key."""
    unknown = client.patch("sobjects/Contact/Nonsense__c/1", {"LastName": "x"})
    plain = client.patch("sobjects/Contact/Title/CEO", {"LastName": "x"})

    assert error_of(unknown) == (404, "NOT_FOUND")
    assert unknown.json()[0]["message"] == (
        "Provided external ID field does not exist or is not accessible: Nonsense__c"
    )
    assert error_of(plain) == (400, "INVALID_FIELD")


def test_a_parent_is_named_by_its_key(client: Client) -> None:
    """A parent that does not exist refuses the child."""
    account = client.create("Account", Name="Acme", **{KEY: "A1"})

    made = client.post("sobjects/Contact", {"LastName": "x", "Account": {KEY: "a1"}})
    orphan = client.post("sobjects/Contact", {"LastName": "x", "Account": {KEY: "A2"}})

    assert client.read("Contact", made.json()["id"])["AccountId"] == account
    assert error_of(orphan) == (400, "INVALID_FIELD")
    assert orphan.json()[0]["message"] == (
        f"Foreign key external ID: A2 not found for field {KEY} in entity Account"
    )


def test_a_collection_answers_200_and_row_by_row(client: Client) -> None:
    """One bad row costs one row; its error says statusCode, and order is kept."""
    results = collection(
        client, contact(LastName="a"), contact(), contact(LastName="b", Email="nope")
    )

    assert [row["success"] for row in results] == [True, False, False]
    assert set(results[0]) == {"id", "success", "errors"}
    assert results[1] == {
        "success": False,
        "errors": [
            {
                "statusCode": "REQUIRED_FIELD_MISSING",
                "message": "Required fields are missing: [LastName]",
                "fields": ["LastName"],
            }
        ],
    }


def test_what_has_an_id_can_not_be_created(client: Client) -> None:
    """A mixed-up update is refused rather than made into a second record."""
    known = client.create("Contact", LastName="x")

    results = collection(client, contact(LastName="y", Id=known), contact(LastName="z", Id=None))

    assert results[0]["errors"] == [
        {
            "statusCode": "INVALID_FIELD_FOR_INSERT_UPDATE",
            "message": "cannot specify Id in an insert call",
            "fields": ["Id"],
        }
    ]
    assert results[1]["success"] is True


def test_all_or_none_takes_the_good_rows_back(client: Client) -> None:
    """Still 200, and the good rows say why they are gone."""
    results = collection(client, contact(LastName="a"), contact(), all_or_none=True)

    assert results[0]["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert results[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert client.query("SELECT Id FROM Contact") == []


@pytest.mark.parametrize("count", [0, 201])
def test_a_collection_holds_1_to_200_records(client: Client, count: int) -> None:
    """More is refused as a whole."""
    records = [contact(LastName="x")] * count

    assert client.post("composite/sobjects", {"records": records}).status == 400


def test_a_collection_is_of_at_most_ten_runs(client: Client) -> None:
    """Records of one object belong together."""
    lead = {"attributes": {"type": "Lead"}, "LastName": "x", "Company": "y"}
    mixed = [record for _ in range(6) for record in (contact(LastName="x"), lead)]

    assert client.post("composite/sobjects", {"records": mixed[:10]}).status == 200
    assert error_of(client.post("composite/sobjects", {"records": mixed})) == (
        400,
        "LIMIT_EXCEEDED",
    )


def test_records_are_updated_by_id_in_any_case(client: Client) -> None:
    """A row whose record is gone says so in its own row."""
    ids = [client.create("Contact", LastName=name) for name in "abc"]
    client.delete(f"sobjects/Contact/{ids[2]}")
    records = [
        contact(id=ids[0], Title="one"),
        contact(Id=ids[1][:15], Title="two"),
        contact(id=ids[2], Title="three"),
        contact(id="003000000000001AAA", Title="four"),
        contact(Title="five"),
    ]

    results = client.patch("composite/sobjects", {"records": records}).json()

    assert [row["success"] for row in results] == [True, True, False, False, False]
    assert [row["errors"][0]["statusCode"] for row in results[2:]] == [
        "ENTITY_IS_DELETED",
        "INVALID_CROSS_REFERENCE_KEY",
        "MISSING_ARGUMENT",
    ]
    assert sorted(filter(None, client.values("SELECT Title FROM Contact"))) == ["one", "two"]


def test_a_collection_is_upserted_by_key(client: Client) -> None:
    """Created says which way each went; a key that comes twice fails both its rows."""
    client.create("Contact", LastName="old", **{KEY: "1"})
    records = [
        contact(LastName="a", **{KEY: "1"}),
        contact(LastName="b", **{KEY: "2"}),
        contact(LastName="c", **{KEY: "X"}),
        contact(LastName="d", **{KEY: "x"}),
    ]

    results = client.patch(
        f"composite/sobjects/Contact/{KEY}", {"allOrNone": False, "records": records}
    ).json()

    assert [row.get("created") for row in results] == [False, True, None, None]
    assert [row["errors"][0]["statusCode"] for row in results[2:]] == ["DUPLICATE_EXTERNAL_ID"] * 2
    assert sorted(client.values("SELECT LastName FROM Contact")) == ["a", "b"]


def test_an_upsert_by_a_shared_email_fails_its_row(client: Client) -> None:
    """Two rows that share an address make it a bad key."""
    for name in "xy":
        client.create("Contact", LastName=name, Email="a@example.com")

    results = client.patch(
        "composite/sobjects/Contact/Email",
        {"records": [contact(LastName="z", Email="a@example.com")]},
    ).json()

    assert results[0]["errors"][0]["statusCode"] == "DUPLICATE_EXTERNAL_ID"


def test_an_upsert_by_a_null_id_creates(client: Client) -> None:
    """Recorded of a real org: the field Id with null makes new records."""
    results = client.patch(
        "composite/sobjects/Contact/Id", {"records": [contact(LastName="z", Id=None)]}
    ).json()

    assert results[0]["created"] is True


def test_records_are_read_by_ids_in_order(client: Client) -> None:
    """What is missing or deleted is null in its place."""
    ids = [client.create("Contact", LastName=name) for name in "ab"]
    gone = client.create("Contact", LastName="c")
    client.delete(f"sobjects/Contact/{gone}")
    wanted = [ids[1], gone, "003000000000001AAA", ids[0][:15]]

    by_post = client.post("composite/sobjects/Contact", {"ids": wanted, "fields": ["LastName"]})
    by_get = client.get(f"composite/sobjects/Contact?ids={','.join(wanted)}&fields=LastName")

    assert by_post.json() == by_get.json()
    assert [row and row["LastName"] for row in by_post.json()] == ["b", None, None, "a"]
    many = client.post(
        "composite/sobjects/Contact", {"ids": [ids[0]] * 2001, "fields": ["LastName"]}
    )
    assert many.status == 400


def test_records_are_deleted_by_ids(client: Client) -> None:
    """Each id has an answer of its own."""
    ids = [client.create("Contact", LastName=name) for name in "ab"]

    results = client.delete(
        f"composite/sobjects?ids={ids[0]},003000000000001AAA,nonsense,{ids[1]}&allOrNone=false"
    ).json()

    assert [row["success"] for row in results] == [True, False, False, True]
    assert results[2]["errors"] == [
        {"statusCode": "MALFORMED_ID", "message": "malformed id nonsense", "fields": []}
    ]
    assert client.query("SELECT Id FROM Contact") == []


def test_composite_parts_build_on_one_another(client: Client) -> None:
    """A reference takes a value out of an earlier answer."""
    parts = [
        {"method": "POST", "url": "/services/data/v66.0/sobjects/Account", "referenceId": "a",
         "body": {"Name": "Acme"}},
        {"method": "POST", "url": "/services/data/v66.0/sobjects/Contact", "referenceId": "c",
         "body": {"LastName": "x", "AccountId": "@{a.id}"}},
        {"method": "GET", "url": "/services/data/v66.0/query?q=SELECT+Account.Name+FROM+Contact+WHERE+Id='@{c.id}'",
         "referenceId": "q"},
        {"method": "GET", "url": "/services/data/v66.0/sobjects/Account/@{a.id}?fields=Name", "referenceId": "r"},
        {"method": "GET", "url": "/services/data/v66.0/sobjects/Nonsense", "referenceId": "n"},
        {"method": "PATCH", "url": "/services/data/v66.0/sobjects/Account/@{n.id}", "referenceId": "m", "body": {}},
    ]  # fmt: skip
    client.simulator.usage.clear_log()

    answers = client.post("composite", {"compositeRequest": parts}).json()["compositeResponse"]

    assert [one["httpStatusCode"] for one in answers] == [201, 201, 200, 200, 404, 400]
    assert answers[2]["body"]["records"][0]["Account"]["Name"] == "Acme"
    assert answers[4]["body"][0]["errorCode"] == "NOT_FOUND"
    assert answers[5]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert client.simulator.usage.summary()["total"] == 1


def test_a_composite_of_all_or_none_halts_and_takes_back(client: Client) -> None:
    """The part that failed tells why, the others that they were taken back."""
    url = "/services/data/v66.0/sobjects/Contact"
    parts = [
        {"method": "POST", "url": url, "referenceId": f"r{index}", "body": body}
        for index, body in enumerate(({"LastName": "a"}, {}, {"LastName": "b"}))
    ]

    answers = client.post("composite", {"allOrNone": True, "compositeRequest": parts}).json()

    codes = [one["body"][0]["errorCode"] for one in answers["compositeResponse"]]
    assert codes == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]
    assert client.query("SELECT Id FROM Contact") == []


@pytest.mark.parametrize(("url", "count"), [("limits", 26), ("query?q=SELECT+Id+FROM+Lead", 6)])
def test_a_composite_has_limits(client: Client, url: str, count: int) -> None:
    """25 parts, of which five may be queries or collections."""
    parts = [
        {"method": "GET", "url": f"/services/data/v66.0/{url}", "referenceId": f"r{index}"}
        for index in range(count)
    ]

    assert client.post("composite", {"compositeRequest": parts[:-1]}).status == 200
    assert client.post("composite", {"compositeRequest": parts}).status == 400


def test_graphs_succeed_or_fail_each_by_itself(client: Client) -> None:
    """A failed graph leaves nothing, its neighbour stands."""
    url = "/services/data/v66.0/sobjects/Contact"
    good = {"method": "POST", "url": url, "referenceId": "r1", "body": {"LastName": "a"}}
    bad = {"method": "POST", "url": url, "referenceId": "r2", "body": {}}
    graphs = [
        {"graphId": "1", "compositeRequest": [good]},
        {"graphId": "2", "compositeRequest": [good, bad]},
    ]

    answers = client.post("composite/graph", {"graphs": graphs}).json()["graphs"]

    assert [one["isSuccessful"] for one in answers] == [True, False]
    assert len(client.query("SELECT Id FROM Contact")) == 1


def test_after_fourteen_failed_graphs_the_rest_is_not_tried(client: Client) -> None:
    """A payload that goes wrong is given up."""
    part = {"method": "POST", "url": "/services/data/v66.0/sobjects/Contact", "referenceId": "r"}
    graphs = [
        {"graphId": str(number), "compositeRequest": [{**part, "body": {}}]} for number in range(14)
    ]
    graphs.append({"graphId": "last", "compositeRequest": [{**part, "body": {"LastName": "x"}}]})

    answers = client.post("composite/graph", {"graphs": graphs}).json()["graphs"]

    last = answers[-1]["graphResponse"]["compositeResponse"][0]
    assert last["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert client.query("SELECT Id FROM Contact") == []


def test_a_tree_is_created_whole_or_not_at_all(client: Client) -> None:
    """Children hang on their parents; one bad record fails the tree."""

    def tree(last: str | None) -> dict[str, Any]:
        child = {"attributes": {"type": "Contact", "referenceId": "c"}, "LastName": last}
        parent = {
            "attributes": {"type": "Account", "referenceId": "a"},
            "Name": "Acme",
            "Contacts": {"records": [child]},
        }
        return {"records": [parent]}

    bad = client.post("composite/tree/Account", tree(None))
    good = client.post("composite/tree/Account", tree("x"))

    assert (bad.status, bad.json()["hasErrors"]) == (400, True)
    assert bad.json()["results"][0]["referenceId"] == "c"
    assert (good.status, good.json()["hasErrors"]) == (201, False)
    assert client.query("SELECT Account.Name FROM Contact")[0]["Account"]["Name"] == "Acme"


def test_a_batch_runs_independent_requests(client: Client) -> None:
    """Each part costs a call, and a failed one can halt the rest."""
    parts = [
        {"method": "GET", "url": "v66.0/limits"},
        {"method": "POST", "url": "v66.0/sobjects/Contact", "richInput": {}},
        {"method": "POST", "url": "v66.0/sobjects/Contact", "richInput": {"LastName": "x"}},
    ]

    on = client.post("composite/batch", {"batchRequests": parts}).json()
    halted = client.post("composite/batch", {"haltOnError": True, "batchRequests": parts}).json()

    assert [one["statusCode"] for one in on["results"]] == [200, 400, 201]
    assert [one["statusCode"] for one in halted["results"]] == [200, 400, 412]
    assert client.simulator.usage.used() == 5
