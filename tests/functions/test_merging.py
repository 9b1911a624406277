"""Merging by the API: from its door, with the tables of the template and the sample events."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from counterpart import bootstrap
from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.links import Counterpart, LinkedBy
from counterpart.domain.records import SObject
from counterpart.settings import Environment
from counterpart.use_cases.api_services import ApiServices
from tests.functions.conftest import Context, Handler, LoadFunction

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ADA, BOB = "01KAMZ0000ADA0000000000000", "01KAMZ0000B0B0000000000000"
Send = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def handler(load_function: LoadFunction) -> Handler:
    """Return the handler of the API."""
    return load_function("serve_api")


@pytest.fixture
def send(handler: Handler, sample: Callable[[str], dict[str, Any]]) -> Send:
    """Return what sends a sample event, perhaps to another path."""

    def send(name: str, path: str | None = None, **http: str) -> dict[str, Any]:
        event = sample(f"serve_api/{name}.json")
        if path:
            event["rawPath"] = event["requestContext"]["http"]["path"] = path
        event["requestContext"]["http"].update(http)
        answer: dict[str, Any] = handler(event, Context())
        if answer.get("body"):
            answer["json"] = json.loads(answer["body"])
        return answer

    return send


@pytest.fixture
def services(handler: Handler) -> ApiServices:
    """Return the ports behind the API, with Ada and Bob in store."""
    services = bootstrap.build_api(Environment.from_environ(os.environ))
    for contact_id, values in (
        (ADA, {"email": "ada@example.com", "job_title": "VP"}),
        (BOB, {"email": "bob@example.com", "city": "Bern"}),
    ):
        ledger = Ledger(values=values, times=dict.fromkeys(values, NOON))
        services.contacts.save_many(
            [Contact(id=contact_id, ledger=ledger, created_at=NOON, updated_at=NOON)]
        )
    return services


def test_a_merge_and_back(send: Send, services: ApiServices) -> None:
    """There and back again; meanwhile the old id leads on, whatever is asked of it."""
    assert send("get_merge")["statusCode"] == 404

    merged = send("merge_contacts")
    repeated = send("merge_contacts")

    assert merged["statusCode"] == repeated["statusCode"] == 200
    assert merged["json"]["merge"]["taken"] == ["city"]
    assert merged["json"]["survivor"]["fields"] == {"job_title": "VP", "city": "Bern"}
    assert repeated["json"]["survivor"] == merged["json"]["survivor"]
    assert send("get_merge")["json"]["survivor_id"] == ADA
    assert [one["id"] for one in send("list_merges")["json"]["items"]] == [BOB]
    for name, path in (
        ("get_contact", f"/contacts/{BOB}"),
        ("update_contact", f"/contacts/{BOB}"),
        ("delete_contact", f"/contacts/{BOB}"),
        ("sync_contact", f"/contacts/{BOB}/sync"),
        ("list_contact_opportunities", f"/contacts/{BOB}/opportunities"),
    ):
        answer = send(name, path)
        assert (answer["statusCode"], answer["headers"]["Location"]) == (
            308,
            path.replace(BOB, ADA),
        )
        assert answer["json"]["detail"] == f"{BOB} was merged into {ADA}"

    undone = send("undo_merge")

    assert undone["statusCode"] == 200
    assert (undone["json"]["loser"]["id"], undone["json"]["not_undone"]) == (BOB, [])
    assert undone["json"]["survivor"]["fields"] == {"job_title": "VP"}
    assert send("get_contact", f"/contacts/{BOB}")["statusCode"] == 200
    assert send("undo_merge")["statusCode"] == 409
    assert services.contacts.get_many([ADA, BOB]).keys() == {ADA, BOB}


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [
        ({"loser": ADA}, 422, ["loser"]),
        ({"loser": "nobody"}, 404, ["loser"]),
        ({"loser": BOB, "fields": {"shoe_size": "loser"}}, 422, ["fields.shoe_size"]),
        ({"loser": BOB, "fields": {"opted_out": "loser"}}, 422, ["fields.opted_out"]),
        ({"loser": BOB, "fields": {"city": "mine"}}, 422, ["fields.city"]),
        ({"loser": BOB, "otherwise": "loser"}, 422, ["otherwise"]),
        ({}, 422, ["loser"]),
    ],
)
def test_what_cannot_be_merged(
    handler: Handler,
    services: ApiServices,
    sample: Callable[[str], dict[str, Any]],
    *,
    body: dict[str, Any],
    status: int,
    fields: list[str],
) -> None:
    """The answer names the place, and nothing happens."""
    event = sample("serve_api/merge_contacts.json")
    event["body"] = json.dumps(body)

    answer = handler(event, Context())

    told = json.loads(answer["body"])
    assert (answer["statusCode"], [each["field"] for each in told["errors"]]) == (status, fields)
    assert services.contacts.get_many([ADA, BOB]).keys() == {ADA, BOB}


def test_what_somebody_should_look_at(send: Send, services: ApiServices) -> None:
    """Duplicates, lookalikes, and a field in which both sides differ, which one call settles."""
    (ada,) = services.contacts.get_many([ADA]).values()
    record = Counterpart(
        record_id="00QTST0000000012BA",
        object=SObject.LEAD,
        linked_at=NOON,
        linked_by=LinkedBy.RECORD,
        modstamp=NOON,
    )
    ledger = replace(ada.ledger, shadows={"email": "ada@example.com", "job_title": "Analyst"})
    twin = Contact(
        id="twin",
        ledger=Ledger(values={"email": "ada@example.com"}, times={"email": NOON}),
        created_at=NOON,
        updated_at=NOON,
    )
    services.contacts.save_many([replace(ada, counterpart=record, ledger=ledger), twin])

    (group,) = send("list_duplicates")["json"]["items"]
    (alike,) = send("list_lookalikes")["json"]["items"]
    (differs,) = send("list_diverged")["json"]["items"]
    taken = send("take_side")

    assert (group["kind"], group["count"], group["suggested_survivor"]) == ("one_record", 2, ADA)
    assert (alike["contact"]["id"], alike["other"]["id"]) == ("twin", ADA)
    (field,) = differs["fields"]
    assert (field["ours"], field["theirs"]) == ("VP", "Analyst")
    assert taken["json"]["fields"]["job_title"] == "Analyst"
    assert send("list_diverged")["json"]["items"] == []
