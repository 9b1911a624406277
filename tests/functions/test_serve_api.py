"""The HTTP API from its door: the template's tables, the sample events, every route."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import boto3
import pytest

from counterpart import bootstrap
from counterpart.domain.contacts import Company, Ledger
from counterpart.domain.links import Counterpart, Link, LinkedBy, LinkState
from counterpart.domain.mapping import Mode
from counterpart.domain.notices import NoticeCode
from counterpart.domain.opportunities import ContactRole, Opportunity
from counterpart.domain.outcomes import Action, Outcome, Reason, Run, RunKind, RunStatus
from counterpart.domain.records import SObject
from counterpart.domain.selection import Operator
from counterpart.domain.values import FieldType
from counterpart.domain.waiting import Lane, Waiting
from counterpart.ports import LinkClaim
from counterpart.settings import Environment
from counterpart.use_cases.api_services import ApiServices
from tests.functions.conftest import Context, Handler, LoadFunction
from tests.template.reading import ROOT

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
Sample = Callable[[str], dict[str, Any]]
Call = Callable[..., dict[str, Any]]

# What must never be loaded to answer an HTTP request: it would cost most of the cold start.
FOREIGN = ("simple_salesforce", "requests", "zeep", "lxml", "publicsuffixlist", "jwt")


@pytest.fixture(scope="module")
def handler(load_function: LoadFunction) -> Handler:
    """Return the handler of the API."""
    return load_function("serve_api")


@pytest.fixture
def call(handler: Handler, sample: Sample) -> Call:
    """Return what sends a sample event, perhaps about another path or with another body."""

    def send(
        name: str,
        *,
        path: str | None = None,
        body: Any = None,  # noqa: ANN401 - any JSON
        query: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        event = sample(f"serve_api/{name}.json")
        if path:
            event["rawPath"] = event["requestContext"]["http"]["path"] = path
        if query:
            event["queryStringParameters"] = query
        if body is not None:
            event["body"] = json.dumps(body)
            # Another request than the sample's needs another key, or none.
            event["headers"].pop("idempotency-key", None)
        answer: dict[str, Any] = handler(event, Context())
        if answer.get("body"):
            answer["json"] = json.loads(answer["body"])
        return answer

    return send


@pytest.fixture
def services(handler: Handler) -> ApiServices:
    """Return the ports behind the API, to look behind the scenes."""
    return bootstrap.build_api(Environment.from_environ(os.environ))


@pytest.fixture
def contact_id(call: Call) -> str:
    """Return the id of the contact in the sample event; repeated, it is the same one."""
    created: str = call("create_contact")["json"]["id"]
    return created


def test_a_contact_is_created(call: Call) -> None:
    """The first request creates; the same one again answers with the same contact."""
    first = call("create_contact")
    second = call("create_contact")

    assert first["statusCode"] == 201
    assert first["headers"]["Location"] == f"/contacts/{first['json']['id']}"
    assert first["json"]["fields"]["company_name"] == "Acme"
    assert first["json"]["salesforce"] is None
    assert first["json"]["warnings"] == []
    assert second["statusCode"] == 200
    assert second["headers"]["Idempotent-Replay"] == "true"
    assert second["json"] == first["json"]


def test_its_creation_is_queued(call: Call, contact_id: str) -> None:
    """The sample asks for a Lead, so a job waits in the queue."""
    call("create_contact")

    messages = boto3.client("sqs").receive_message(
        QueueUrl=os.environ["CREATION_QUEUE_URL"], MaxNumberOfMessages=1
    )["Messages"]

    job = json.loads(messages[0]["Body"])
    assert (job["contact_id"], job["create_as"]) == (contact_id, "lead")


def test_a_contact_is_read_and_found(call: Call, contact_id: str) -> None:
    """By its id, by its address, and in the list of all."""
    one = call("get_contact", path=f"/contacts/{contact_id}")["json"]
    found = call("find_contacts")["json"]
    listed = call("list_contacts")["json"]

    assert set(one) == {
        "id",
        "email",
        "fields",
        "tags",
        "company_id",
        "opted_out",
        "bounce",
        "salesforce",
        "outbound_paused_at",
        "created_at",
        "updated_at",
        "version",
    }
    assert one in found["items"]
    assert one in listed["items"]
    assert found["next"] is None


def test_a_contact_is_changed(call: Call) -> None:
    """A null clears; the answer carries the new version, and the old one is stale by now."""
    body = {"email": "changed@example.com", "fields": {"phone": "555"}}
    created = call("write_contacts", path="/contacts:batch", body={"items": [body]})
    contact = created["json"]["items"][0]["contact"]
    path = f"/contacts/{contact['id']}"

    changed = call("update_contact", path=path)
    stale = call("update_contact", path=path)

    assert changed["statusCode"] == 200
    assert changed["json"]["fields"] == {"phone": None, "job_title": "Director"}
    assert changed["json"]["version"] == 2
    assert stale["statusCode"] == 409
    assert stale["json"]["errors"][0]["field"] == "version"


def test_mail_comes_back(call: Call) -> None:
    """A bounce is a state of its own, which ends by another report or another address."""
    created = call("create_contact", body={"email": "ada@example.com"})["json"]
    path = f"/contacts/{created['id']}"

    bounced = call("report_bounce", path=f"{path}/bounce")
    late = call("report_bounce", path=f"{path}/bounce", body={"kind": "soft", "email": "x@y.z"})
    cleared = call("clear_bounce", path=f"{path}/bounce")
    again = call("report_bounce", path=f"{path}/bounce", body={"kind": "soft"})
    moved = call("update_contact", path=path, body={"email": "new@example.com"})

    assert bounced["statusCode"] == 200
    assert bounced["json"]["bounce"]["kind"] == "hard"
    assert bounced["json"]["bounce"]["source"] == "api"
    assert bounced["json"]["opted_out"] is False
    assert late["json"]["version"] == bounced["json"]["version"]
    assert [one["code"] for one in late["json"]["warnings"]] == ["another_address"]
    assert cleared["json"]["bounce"] is None
    assert again["json"]["bounce"]["kind"] == "soft"
    assert moved["json"]["bounce"] is None


def test_a_person_asks_to_be_mailed_again(call: Call) -> None:
    """An edit cannot say so; the act of its own can."""
    created = call("create_contact", body={"email": "ada@example.com", "opted_out": True})["json"]
    path = f"/contacts/{created['id']}"

    edited = call("update_contact", path=path, body={"opted_out": False})
    opted_in = call("opt_in", path=f"{path}/opt-in")

    assert edited["statusCode"] == 422
    assert edited["json"]["errors"][0]["field"] == "opted_out"
    assert opted_in["statusCode"] == 200
    assert opted_in["json"]["opted_out"] is False


def test_the_opportunities_of_a_contact_and_of_a_company(call: Call, services: ApiServices) -> None:
    """Those of its record and of its Account, with what they come to."""
    contact, company = call("create_contact", body={"email": "ada@example.com"})["json"], "acme"
    person, account = "003000000000001AAA", "001000000000001AAA"
    stored = services.contacts.get_many([contact["id"]])[contact["id"]]
    linked = Counterpart(
        record_id=person, object=SObject.CONTACT, linked_at=NOON, linked_by=LinkedBy.EMAIL
    )
    services.contacts.save_many([replace(stored, counterpart=linked)])
    services.companies.save_many(
        [
            Company(
                id=company,
                ledger=Ledger(),
                created_at=NOON,
                updated_at=NOON,
                counterpart=replace(linked, record_id=account, object=SObject.ACCOUNT),
            )
        ]
    )
    services.opportunities.save_many(
        [
            Opportunity(
                id="006000000000001AAA",
                modified_at=NOON,
                modstamp=NOON,
                name="Engine",
                stage="Prospecting",
                amount=Decimal("12000.50"),
                currency="EUR",
                close_date="2126-12-31",
                account_id=account,
                fields={"regions": ("north", "south")},
            )
        ]
    )
    services.opportunities.save_roles(
        [
            ContactRole(
                id="00K000000000001AAA",
                opportunity_id="006000000000001AAA",
                contact_record_id=person,
                modstamp=NOON,
                role="Evaluator",
            )
        ]
    )

    path = f"/contacts/{contact['id']}/opportunities"
    theirs = call("list_contact_opportunities", path=path)
    of_acme = call("list_company_opportunities", path=f"/companies/{company}/opportunities")

    assert theirs["statusCode"] == of_acme["statusCode"] == 200
    assert theirs["json"]["summary"] == of_acme["json"]["summary"]
    assert theirs["json"]["summary"]["open_amounts"] == [{"currency": "EUR", "amount": "12000.50"}]
    assert theirs["json"]["summary"]["next_close_date"] == "2126-12-31"
    (deal,) = theirs["json"]["items"]
    assert (deal["amount"], deal["fields"]) == ("12000.50", {"regions": ["north", "south"]})
    assert deal["role"] == {"name": "Evaluator", "primary": False}
    assert of_acme["json"]["items"] == [{**deal, "role": None}]
    assert call("list_contact_opportunities")["statusCode"] == 404
    assert call("list_company_opportunities")["statusCode"] == 404


def test_the_tag_of_a_request(call: Call) -> None:
    """It comes with the request and takes it along; other tags come and go beside it."""
    body = {"email": "ada@example.com", "tags": ["vip"], "sync_to_salesforce": True}
    created = call("create_contact", body=body)["json"]
    path = f"/contacts/{created['id']}"

    tag = "added-to-salesforce-lead"
    added = call("update_contact", path=path, body={"add_tags": ["beta"], "remove_tags": ["vip"]})
    removed = call("update_contact", path=path, body={"remove_tags": [tag]})
    reserved = call("update_contact", path=path, body={"add_tags": [tag]})

    assert created["tags"] == ["vip", tag]
    assert added["json"]["tags"] == ["beta", tag]
    assert removed["json"]["tags"] == ["beta"]
    assert [one["code"] for one in removed["json"]["warnings"]] == ["creation_withdrawn"]
    assert (reserved["statusCode"], reserved["json"]["errors"][0]["field"]) == (422, "tags")


def test_a_batch_is_written(call: Call, contact_id: str) -> None:
    """Each item has its own answer: made, changed, refused."""
    items = [
        {"email": "bob@example.com"},
        {"id": contact_id, "fields": {"city": "Oslo"}},
        {"email": "not an address"},
        {"id": contact_id, "fields": {"shoe_size": 42}},
        {"mail": "ada@example.com"},
        {"id": contact_id, "email": None},
        "nothing",
    ]

    answer = call("write_contacts", body={"items": items})

    answers = answer["json"]["items"]
    assert answer["statusCode"] == 200
    assert [one["status"] for one in answers] == [201, 200, 422, 422, 422, 422, 422]
    assert answers[1]["contact"]["fields"]["city"] == "Oslo"
    assert [one["error"]["errors"][0]["field"] for one in answers[2:6]] == [
        "email",
        "fields.shoe_size",
        "mail",
        "email",
    ]
    assert "allowed are" in answers[4]["error"]["detail"]


def test_a_contact_is_synced(call: Call, contact_id: str) -> None:
    """Not linked yet, it is to be created; its mark is in the same item."""
    answer = call("sync_contact", path=f"/contacts/{contact_id}/sync")

    assert answer["statusCode"] == 202
    assert answer["json"]["id"] == contact_id


def test_a_linked_contact(call: Call, services: ApiServices) -> None:
    """It shows its record; an edit waits; it is deleted here, and its record stays outside."""
    (item,) = call("write_contacts", body={"items": [{"email": "link@example.com"}]})["json"][
        "items"
    ]
    contact_id = item["contact"]["id"]
    lead = Counterpart(
        record_id="00Q000000000001EAA",
        object=SObject.LEAD,
        linked_at=NOON,
        linked_by=LinkedBy.CREATION,
    )
    contact = services.contacts.get_many([contact_id])[contact_id]
    services.contacts.save_many([replace(contact, counterpart=lead)])
    link = Link(
        record_id=lead.record_id,
        object=SObject.LEAD,
        state=LinkState.LINKED,
        subject_id=contact_id,
        linked_at=NOON,
        linked_by=LinkedBy.CREATION,
    )
    services.links.claim_many([LinkClaim(link=link)])
    path = f"/contacts/{contact_id}"

    shown = call("get_contact", path=path)["json"]
    edited = call("update_contact", path=path, body={"fields": {"city": "Oslo"}})["json"]
    marked = services.contacts.get_many([contact_id])[contact_id].waiting
    deleted = call("delete_contact", path=path)

    assert shown["salesforce"] == {
        "id": "00Q000000000001EAA",
        "object": "Lead",
        "linked_at": "2026-11-22T12:00:00Z",
        "state": "linked",
    }
    assert edited["salesforce"]["state"] == "waiting"
    assert isinstance(marked, Waiting)
    assert marked.lane is Lane.FRESH
    assert (deleted["statusCode"], deleted.get("body")) == (204, None)
    assert call("get_contact", path=path)["statusCode"] == 404
    assert call("delete_contact", path=path)["statusCode"] == 404
    links = services.links.get_many([lead.record_id])
    assert links[lead.record_id].state is LinkState.DELETED_HERE


def test_deleting_a_linked_contact_whose_refusal_is_on_its_way(
    call: Call, services: ApiServices, contact_id: str
) -> None:
    """It has to be told first, unless somebody says otherwise; no typing error does."""
    contact = services.contacts.get_many([contact_id])[contact_id]
    lead = Counterpart(
        record_id="00Q000000000002EAA",
        object=SObject.LEAD,
        linked_at=NOON,
        linked_by=LinkedBy.CREATION,
    )
    services.contacts.save_many([replace(contact, counterpart=lead)])
    path = f"/contacts/{contact_id}"
    call("update_contact", path=path, body={"opted_out": True})

    refused = call("delete_contact", path=path)
    mistyped = call("delete_contact", path=path, query={"untolt": "true"})
    deleted = call("delete_contact", path=path, query={"untold": "true"})

    assert refused["statusCode"] == 409
    assert "?untold=true" in refused["json"]["detail"]
    assert mistyped["statusCode"] == 422
    assert deleted["statusCode"] == 204


def test_settings_are_read_and_changed(call: Call) -> None:
    """What was read can be written back; a stale version is refused."""
    before = call("get_settings")["json"]
    version = before["version"]

    changed = call("change_settings", body={"version": version, "outbound": {"max_waiting": 7}})
    stale = call("change_settings", body={"version": version, "outbound": {"max_waiting": 8}})
    wrong = call("change_settings", body={"version": version + 1, "outbound": {"max_waiting": 0}})

    assert changed["json"] == {
        **before,
        "version": version + 1,
        "outbound": {**before["outbound"], "max_waiting": 7},
    }
    assert call("get_settings")["json"] == changed["json"]
    assert stale["statusCode"] == 409
    assert wrong["statusCode"] == 422
    assert wrong["json"]["errors"] == [
        {"field": "outbound.max_waiting", "message": "must be a whole number from 1 to 10000"}
    ]


def test_the_sample_of_a_change_of_settings(call: Call, sample: Sample) -> None:
    """It is valid, whatever version the settings have by now."""
    body = json.loads(sample("serve_api/change_settings.json")["body"])
    body["version"] = call("get_settings")["json"]["version"]

    changed = call("change_settings", body=body)

    assert changed["statusCode"] == 200
    assert changed["json"]["outbound"]["pace"] == "near_real_time"
    assert changed["json"]["creation"]["create_as"] == "contact"


def test_runs_are_read(call: Call, services: ApiServices) -> None:
    """Newest first, by kind, and each with what it tells of single records."""
    for number in (1, 2):
        run = Run(
            id=f"run-{number}",
            kind=RunKind.PULL,
            status=RunStatus.COMPLETED,
            started_at=NOON.replace(minute=number),
            finished_at=NOON.replace(minute=number),
            summary="Pulled 1 record.",
            counts={"Lead": {"created": 1}},
        )
        outcome = Outcome(action=Action.SKIPPED, reason=Reason.NO_EMAIL, at=NOON)
        services.runs.record(run, [outcome])

    runs = call("list_runs")["json"]
    one = call("get_run", path="/runs/run-1")["json"]
    outcomes = call("list_outcomes", path="/runs/run-1/outcomes")["json"]

    assert [run["id"] for run in runs["items"]] == ["run-2", "run-1"]
    assert one == runs["items"][1]
    assert one["counts"] == {"Lead": {"created": 1}}
    assert [outcome["reason"] for outcome in outcomes["items"]] == ["no_email"]
    assert call("get_run")["statusCode"] == 404
    assert call("list_outcomes")["statusCode"] == 404


def test_the_api_describes_itself(call: Call, sample: Sample) -> None:
    """Each sample event is of a route that the OpenAPI document knows."""
    described = call("describe_api")["json"]

    operations = {
        operation["operationId"]
        for methods in described["paths"].values()
        for operation in methods.values()
    }
    assert len(operations) == len(list((ROOT / "events/serve_api").glob("*.json"))) - 1
    assert described["openapi"].startswith("3.1")
    assert "ContactWritten" in described["components"]["schemas"]
    refused = described["paths"]["/contacts"]["post"]["responses"]["422"]
    assert list(refused["content"]) == ["application/problem+json"]
    named = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(described)))
    assert named == set(described["components"]["schemas"])


def test_the_documentation_is_complete(call: Call) -> None:
    """docs/api.md has a row for each route, each warning and each operator."""
    text = (ROOT / "docs/api.md").read_text()
    paths = call("describe_api")["json"]["paths"]

    routes = {f"{method.upper()} {path}" for path in paths for method in paths[path]}
    told = set(re.findall(r"^\| `([A-Z]+ /\S*)` \|", text, flags=re.MULTILINE))

    assert told == routes
    assert [code for code in NoticeCode if f"| `{code}` |" not in text] == []
    assert [one for one in (*Operator, *FieldType, *Mode) if f"`{one}`" not in text] == []


def test_nothing_of_salesforce_is_loaded(function_environment: dict[str, str]) -> None:
    """A function that never speaks to Salesforce doesn't load its client, nor what that needs."""
    program = f"import sys, app; print([name for name in {FOREIGN} if name in sys.modules])"

    answer = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        cwd=ROOT / "functions/serve_api",
        env={**function_environment, "PATH": os.environ["PATH"]},
        text=True,
    )

    assert answer.stdout.strip() == "[]"
