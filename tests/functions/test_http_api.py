"""The edges of the HTTP API, upon memory: every refusal names its reason, and none its source."""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from http_api.api import Api, build
from http_api.gate import MOST_BYTES

from counterpart.adapters.campaign_errands import ErrandCampaignSearch
from counterpart.adapters.memory import (
    InMemoryCampaignRepository,
    InMemoryCampaignTypeRepository,
    InMemoryCompanyRepository,
    InMemoryContactRepository,
    InMemoryCreationQueue,
    InMemoryDeadLetters,
    InMemoryLinkRepository,
    InMemoryMemberRepository,
    InMemoryMergeRepository,
    InMemoryOpportunityRepository,
    InMemoryRunRepository,
    InMemorySettingsRepository,
)
from counterpart.adapters.public_suffixes import PublicSuffixes
from counterpart.domain.contacts import Company, Contact, Ledger
from counterpart.domain.links import Counterpart, LinkedBy
from counterpart.domain.opportunities import Opportunity
from counterpart.domain.records import SObject
from counterpart.domain.sync_settings import SyncSettings
from counterpart.errors import ConfigurationError, CounterpartError, InputError, TransientError
from counterpart.use_cases.api_services import ApiServices
from counterpart.use_cases.campaign_stores import CampaignStores
from tests.functions.conftest import Context

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECRET = "ada.secret@example.com"


class Errands:
    """What the function that speaks to Salesforce would answer: nothing wrong, nobody known."""

    def run(self, errand: Mapping[str, object]) -> dict[str, object]:
        if "check_criteria" in errand:
            raise TransientError("create_records did not answer")
        if "explain" in errand:
            return {
                "asked_for": errand["explain"],
                "merged_into": None,
                "at": "2026-11-22T12:00:00Z",
                "settings_version": 0,
                "contact": None,
                "records": [],
                "nothing_found": "nothing is known by this",
                "salesforce_silent": None,
            }
        if "simulate" in errand:
            wanted = errand["simulate"]
            assert isinstance(wanted, dict)
            counted = {"count": 1, "examples": []}
            return {
                "settings_version": 0,
                "looked_at": {
                    "contacts": wanted["limit"],
                    "companies": 0,
                    "linked": 0,
                    "theirs_from": "salesforce",
                },
                "fields": [],
                "creation": [],
                "creation_values": [{"becomes": "Lead", "field": "LeadSource", **counted}],
                "selection": [],
                "effects": [{"setting": "guard.minimum", "what": "held runs", **counted}],
                "changed": [
                    {"setting": "guard.minimum", "before": 1, "after": 2, "shown_in": ["effects"]},
                    {"setting": "fields.seat", "before": None, "after": {}, "shown_in": []},
                ],
                "not_counted": [{"setting": "fields.seat", "why": "for a reason"}],
                "problems": [],
                "salesforce_silent": None,
                "next": None,
            }
        finding = {"check": "connection", "status": "ok", "message": "signed in", "fix": ""}
        return {"status": "ok", "problems": 0, "warnings": 0, "findings": [finding]}


ACME = Company(
    id="acme",
    ledger=Ledger(),
    created_at=NOON,
    updated_at=NOON,
    counterpart=Counterpart(
        record_id="001000000000001AAA",
        object=SObject.ACCOUNT,
        linked_at=NOON,
        linked_by=LinkedBy.RECORD,
    ),
)
DUE_TODAY = Opportunity(
    id="006000000000001AAA",
    modified_at=NOON,
    modstamp=NOON,
    account_id=ACME.record_id,
    close_date="2026-11-22",
)
HOLD = {
    "id": "Lead/one",
    "stream": "Lead",
    "objects": [],
    "summary": "Held.",
    "counts": {"unlinked": 600},
    "of": 1000,
    "complete": True,
    "examples": ["00Q000000000001EAA"],
    "held_at": "2026-11-22T12:00:00Z",
    "looked_at": "2026-11-22T12:00:00Z",
    "approved": False,
}


class Asked:
    """The function that pulls, as far as the API notices: it has one open backfill.

    Attributes:
        payloads: What it was asked.
    """

    def __init__(self) -> None:
        self.payloads: list[Mapping[str, object]] = []

    def run(self, errand: Mapping[str, object]) -> Mapping[str, object]:
        self.payloads.append(errand)
        match errand:
            case {"backfill": "status"}:
                return {"status": "open", "summary": "Read 1 of 3.", "records": 3, "done": 1}
            case {"holds": "list"}:
                return {"items": [HOLD]}
            case {"approve": "Lead/one"}:
                return {"status": "approved", **HOLD, "approved": True}
            case {"approve": _}:
                raise InputError("nothing is held under it", field="approve")
            case {"backfill": "cancel"}:
                return {"status": "cancelled", "summary": "Cancelled.", "done": 1}
            case {"backfill": {"object": "Opportunity"}}:
                message = "'Opportunity' is not one of Account, Contact, Lead"
                raise InputError(message, field="backfill.object")
            case {"confirm": _}:
                return {"status": "started", "summary": "Reading.", "id": "one", "records": 3}
        told = {"status": "counted", "summary": "Would read 3.", "records": 3}
        return told | {"api_calls": 1, "confirm": 3}


Answer = dict[str, Any]
Send = Callable[..., Answer]


def an_api(
    *,
    failure: Exception | None = None,
    pulling: Asked | None = None,
    settings: SyncSettings | None = None,
) -> Api:
    """Return the API upon memory, with Ada and Acme in it; perhaps every write of Ada fails."""

    def fail(_: str) -> None:
        if failure:
            raise failure

    queue = InMemoryCreationQueue()
    ada = Contact(
        id="ada",
        ledger=Ledger(values={"email": "ada@example.com"}, times={"email": NOON}),
        created_at=NOON,
        updated_at=NOON,
    )
    contacts = InMemoryContactRepository(ada, before_write=fail)
    links = InMemoryLinkRepository()
    opportunities = InMemoryOpportunityRepository()
    opportunities.save_many([DUE_TODAY])
    return build(
        ApiServices(
            contacts=contacts,
            companies=InMemoryCompanyRepository(ACME),
            domains=PublicSuffixes,
            links=links,
            opportunities=opportunities,
            merges=InMemoryMergeRepository(contacts, links),
            settings=InMemorySettingsRepository(settings),
            runs=InMemoryRunRepository(),
            queue=queue,
            dead_letters=InMemoryDeadLetters(queue),
            errands=Errands(),
            pulling=pulling or Asked(),
            campaigns=CampaignStores(
                types=InMemoryCampaignTypeRepository(),
                campaigns=InMemoryCampaignRepository(),
                members=InMemoryMemberRepository(),
            ),
            campaign_search=ErrandCampaignSearch(Errands()),
            clock=lambda: NOON + timedelta(hours=1),
        )
    )


def send(
    api: Api,
    method: str,
    path: str,
    *,
    body: str | None = None,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    binary: bool = False,
) -> Answer:
    """Return the answer to a request, its body read."""
    event: dict[str, Any] = {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json"} if headers is None else headers,
        "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
        "isBase64Encoded": binary,
    }
    if query:
        event["queryStringParameters"] = query
    if body is not None:
        event["body"] = body
    answer = dict(api(event, Context()))  # type: ignore[arg-type] # what a handler needs of it
    if answer.get("body"):
        answer["json"] = json.loads(answer["body"])
    return answer


@pytest.fixture(scope="module")
def api() -> Api:
    """Return the API; the requests below change nothing in it."""
    return an_api()


CONTACT = json.dumps({"email": "bob@example.com"})


def with_body(**keys: object) -> str:
    """Return a contact to create, with these keys besides its address."""
    return json.dumps({"email": "bob@example.com", **keys})


Request = dict[str, Any]
# situation → request, status, fields that are named, part of the sentence
REFUSED: dict[str, tuple[tuple[str, str], Request, int, list[str], str]] = {
    "unknown path": (("GET", "/people"), {}, 404, [], "nothing at /people"),
    "unknown contact": (("GET", "/contacts/bob"), {}, 404, ["id"], "no contact bob"),
    "unknown contact to change": (
        ("PATCH", "/contacts/bob"),
        {"body": "{}"},
        404,
        ["id"],
        "no contact bob",
    ),
    "unknown contact to sync": (("POST", "/contacts/bob/sync"), {}, 404, ["id"], "no contact"),
    "wrong method": (("DELETE", "/contacts"), {}, 405, [], "takes GET, POST, not DELETE"),
    "wrong method of one": (("PUT", "/contacts/ada"), {}, 405, [], "DELETE, GET, PATCH"),
    "wrong method of a batch": (("GET", "/contacts:batch"), {}, 405, [], "takes POST"),
    "no body": (("POST", "/contacts"), {}, 422, ["body"], "a JSON object is required"),
    "half a body": (("POST", "/contacts"), {"body": '{"email": '}, 400, [], "not valid JSON"),
    "no JSON": (("POST", "/contacts"), {"body": '{"email": NaN}'}, 400, [], "not valid JSON"),
    "half a character": (
        ("POST", "/contacts"),
        {"body": '{"email": "\\uD800"}'},
        400,
        [],
        "not valid JSON",
    ),
    "a number without end": (
        ("POST", "/contacts"),
        {"body": '{"email": ' + "1" * 5000 + "}"},
        400,
        [],
        "not valid JSON",
    ),
    "a list": (("POST", "/contacts"), {"body": f"[{CONTACT}]"}, 422, [], "must be a JSON object"),
    "no text": (
        ("POST", "/contacts"),
        {"body": base64.b64encode(b"\xff").decode(), "binary": True},
        400,
        [],
        "not UTF-8",
    ),
    "no base64": (("POST", "/contacts"), {"body": "?", "binary": True}, 400, [], "not UTF-8"),
    "a form": (
        ("POST", "/contacts"),
        {"body": "email=a", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        415,
        [],
        "application/json",
    ),
    "unknown key": (
        ("POST", "/contacts"),
        {"body": with_body(mail="x")},
        422,
        ["mail"],
        "allowed are create_as, email, fields, opted_out",
    ),
    "no address": (("POST", "/contacts"), {"body": "{}"}, 422, ["email"], "required"),
    "a bounce of no kind": (
        ("POST", "/contacts/ada/bounce"),
        {"body": '{"kind": "odd"}'},
        422,
        ["kind"],
        "'hard' or 'soft'",
    ),
    "a bounce at no time": (
        ("POST", "/contacts/ada/bounce"),
        {"body": '{"kind": "hard", "bounced_at": "noon"}'},
        422,
        ["bounced_at"],
        "such as 2026-11-22T10:00:00Z",
    ),
    "a reserved tag": (
        ("POST", "/contacts"),
        {"body": with_body(tags=["created-from-salesforce-lead"])},
        422,
        ["tags"],
        "given by the sync alone",
    ),
    "a blank address": (
        ("POST", "/contacts"),
        {"body": '{"email": " "}'},
        422,
        ["email"],
        "must be an e-mail address",
    ),
    "a number for an address": (
        ("POST", "/contacts"),
        {"body": '{"email": 1}'},
        422,
        ["email"],
        "valid string",
    ),
    "two wrong keys": (
        ("POST", "/contacts"),
        {"body": with_body(sync_to_salesforce="yes", create_as="account")},
        422,
        ["sync_to_salesforce", "create_as"],
        "'lead' or 'contact'",
    ),
    "unknown field": (
        ("POST", "/contacts"),
        {"body": with_body(fields={"shoe_size": 42})},
        422,
        ["fields.shoe_size"],
        "allowed are city, company_name",
    ),
    "a list for a field": (
        ("POST", "/contacts"),
        {"body": with_body(fields={"city": ["Oslo"]})},
        422,
        ["fields.city"],
        "must be text",
    ),
    "a number among tags": (
        ("POST", "/contacts"),
        {"body": with_body(tags=["vip", 1])},
        422,
        ["tags.1"],
        "valid string",
    ),
    "an endless key": (
        ("POST", "/contacts"),
        {"body": CONTACT, "headers": {"Idempotency-Key": "k" * 256}},
        422,
        ["idempotency-key"],
        "at most 255",
    ),
    "no address any more": (
        ("PATCH", "/contacts/ada"),
        {"body": '{"email": null}'},
        422,
        ["email"],
        "cannot be cleared",
    ),
    "a stale version": (
        ("PATCH", "/contacts/ada"),
        {"body": '{"version": 7}'},
        409,
        ["version"],
        "version is 1 by now",
    ),
    "creating by a change": (
        ("PATCH", "/contacts/ada"),
        {"body": '{"sync_to_salesforce": true}'},
        422,
        ["sync_to_salesforce"],
        "allowed are add_tags, email, fields",
    ),
    "unknown key of a sync": (
        ("POST", "/contacts/ada/sync"),
        {"body": '{"as": "lead"}'},
        422,
        ["as"],
        "allowed are create_as",
    ),
    "an empty batch": (
        ("POST", "/contacts:batch"),
        {"body": '{"items": []}'},
        422,
        ["items"],
        "at least 1 item",
    ),
    "too large a batch": (
        ("POST", "/contacts:batch"),
        {"body": json.dumps({"items": [{}] * 1001})},
        422,
        ["items"],
        "at most 1000",
    ),
    "too small a page": (
        ("GET", "/contacts"),
        {"query": {"limit": "0"}},
        422,
        ["limit"],
        "greater than or equal to 1",
    ),
    "too large a page": (("GET", "/runs"), {"query": {"limit": "201"}}, 422, ["limit"], "200"),
    "a mistyped parameter": (
        ("GET", "/contacts"),
        {"query": {"emial": "ada@example.com"}},
        422,
        [],
        "allowed are email, limit, next",
    ),
    "a token of nobody": (("GET", "/contacts"), {"query": {"next": "x"}}, 422, ["next"], "token"),
    "a token of nobody for an address": (
        ("GET", "/contacts"),
        {"query": {"next": "x", "email": "ada@example.com"}},
        422,
        ["next"],
        "token",
    ),
    "unknown kind of run": (
        ("GET", "/runs"),
        {"query": {"kind": "nap"}},
        422,
        ["kind"],
        "'pull', 'push', 'create'",
    ),
    "settings without version": (("PUT", "/settings"), {"body": "{}"}, 422, ["version"], "now 0"),
    "settings with an unknown section": (
        ("PUT", "/settings"),
        {"body": '{"version": 0, "polling": {}}'},
        422,
        ["polling"],
        "allowed are",
    ),
    "stale settings": (
        ("PUT", "/settings"),
        {"body": '{"version": 5}'},
        409,
        ["version"],
        "version is 0",
    ),
}


@pytest.mark.parametrize("situation", REFUSED)
def test_a_wrong_request_is_refused(situation: str, api: Api) -> None:
    """Every problem has one shape, names the field as a dotted path, and says what is allowed."""
    (method, path), parts, status, fields, sentence = REFUSED[situation]

    answer = send(api, method, path, **parts)

    told = answer["json"]
    assert answer["statusCode"] == status
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert set(told) == {"type", "title", "status", "detail", "errors"}
    assert told["status"] == status
    assert [error["field"] for error in told["errors"]] == fields
    assert sentence in told["detail"]


def test_a_wrong_method_names_the_right_ones(api: Api) -> None:
    """As RFC 9110 wants it."""
    assert send(api, "PUT", "/runs")["headers"]["Allow"] == "GET"


def test_a_body_that_lambda_would_not_take(api: Api) -> None:
    """A local stack lets it through; the answer is the same."""
    body = with_body(fields={"street": "x" * MOST_BYTES})

    assert send(api, "POST", "/contacts", body=body)["statusCode"] == 413


@pytest.mark.parametrize("event", [{"key1": "value1"}, None, [], 5])
def test_an_event_that_is_no_request(api: Api, event: object) -> None:
    """A test event of the console gets a sentence, not a stack trace."""
    answer = api(event, Context())  # type: ignore[arg-type] # as above

    assert answer["statusCode"] == 400
    assert "events/serve_api/" in answer["body"]


def test_a_body_in_base64(api: Api) -> None:
    """Function URLs encode what they don't know to be text."""
    body = base64.b64encode(b'{"version": 1}').decode()

    answer = send(api, "PATCH", "/contacts/ada", body=body, binary=True)

    assert answer["statusCode"] == 200


def test_a_sync_without_a_body() -> None:
    """There need be nothing to say."""
    answer = send(an_api(), "POST", "/contacts/ada/sync", headers={})

    assert answer["statusCode"] == 202
    assert answer["json"]["warnings"] == []


def test_a_possible_duplicate() -> None:
    """It is made, with a warning that names the other."""
    answer = send(an_api(), "POST", "/contacts", body=json.dumps({"email": "ADA@example.com"}))

    assert answer["statusCode"] == 201
    assert answer["json"]["warnings"] == [
        {
            "code": "possible_duplicate",
            "message": "the same e-mail address is another contact's: ada",
        }
    ]


def test_a_key_that_was_used() -> None:
    """The header is to blame, not the body."""
    api = an_api()
    headers = {"Idempotency-Key": "a,b"}
    send(api, "POST", "/contacts", body=CONTACT, headers=headers)

    answer = send(api, "POST", "/contacts", body=with_body(tags=[]), headers=headers)

    assert answer["statusCode"] == 422
    assert answer["json"]["errors"][0]["field"] == "Idempotency-Key"


def test_a_value_that_lists_hold() -> None:
    """What comes back can be sent again."""
    api = an_api()

    created = send(api, "POST", "/contacts", body=with_body(tags=["b", "a"], opted_out=True))

    assert (created["json"]["tags"], created["json"]["opted_out"]) == (["b", "a"], True)


def test_something_fails_for_a_moment() -> None:
    """The caller is told to come again, and when."""
    answer = send(an_api(failure=TransientError("throttled")), "POST", "/contacts", body=CONTACT)

    assert answer["statusCode"] == 503
    assert answer["headers"]["Retry-After"] == "1"
    assert "throttled" not in answer["body"]


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (RuntimeError(f"cannot store {SECRET}"), False),
        (CounterpartError(f"cannot store {SECRET}"), False),
        (ConfigurationError("CREATION_QUEUE_URL is not set"), True),
    ],
    ids=["bug", "unknown", "halt"],
)
def test_something_fails_for_good(
    failure: Exception, *, told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """The caller learns nothing of the inside; the log learns where, but no contact's data."""
    answer = send(an_api(failure=failure), "POST", "/contacts", body=CONTACT)
    log = json.dumps([record.__dict__ for record in caplog.records], default=str)

    assert answer["statusCode"] == 500
    assert "Traceback" not in answer["body"]
    assert str(failure) not in answer["body"]
    assert type(failure).__name__ in log
    assert "test_http_api.py" in log
    assert (str(failure) in log) is told
    assert SECRET not in log
    assert "bob@example.com" not in log


def test_a_list_is_synced_later(api: Api) -> None:
    """The answer says how many were queued, and why others were not."""
    body = '{"contact_ids": ["ada", "nobody"]}'

    first = send(api, "POST", "/contacts:sync", body=body)
    second = send(api, "POST", "/contacts:sync", body=body)

    assert first["statusCode"] == 202
    told = json.loads(first["body"])
    assert told["queued"] == 1
    assert told["not_queued"] == {"no_such_contact": {"count": 1, "examples": ["nobody"]}}
    assert json.loads(second["body"])["not_queued"]["already_requested"]["count"] == 1


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"contact_ids": ["ada"], "filter": {"tag": "x"}}',
        '{"filter": {}}',
        '{"filter": {"shoe_size": 3}}',
        '{"contact_ids": ["ada"], "next": "x"}',
    ],
)
def test_syncing_nobody_in_particular_is_refused(api: Api, body: str) -> None:
    """A typing error must not become a sync of everybody."""
    assert send(api, "POST", "/contacts:sync", body=body)["statusCode"] == 422


def test_dead_letters_are_listed_and_sent_again(api: Api) -> None:
    """None are there, which is an answer as well."""
    listed = send(api, "GET", "/creation/dead-letters")
    redriven = send(api, "POST", "/creation/dead-letters:redrive", body='{"ids": ["unknown"]}')

    assert json.loads(listed["body"]) == {"items": []}
    assert json.loads(redriven["body"])["not_found"] == ["unknown"]


def test_dead_letters_of_a_reason(api: Api) -> None:
    """The words narrow what is listed and what is sent again; another parameter is refused."""
    listed = send(api, "GET", "/creation/dead-letters", query={"reason": "no", "limit": "5"})
    redriven = send(api, "POST", "/creation/dead-letters:redrive", body='{"reason": "no"}')

    assert json.loads(listed["body"]) == {"items": []}
    assert redriven["statusCode"] == 202
    assert send(api, "GET", "/creation/dead-letters", query={"code": "X"})["statusCode"] == 422


@pytest.mark.parametrize(
    "body", ["{}", '{"reason": ""}', '{"reason": "no", "all": true}', '{"ids": ["a"], "all": true}']
)
def test_dead_letters_that_nobody_can_mean(api: Api, body: str) -> None:
    """One of the three ways to say which."""
    assert send(api, "POST", "/creation/dead-letters:redrive", body=body)["statusCode"] == 422


def test_a_preflight_is_run_elsewhere(api: Api) -> None:
    """This function does not speak to Salesforce; its answer is passed on."""
    answer = send(api, "GET", "/preflight")

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["findings"][0]["check"] == "connection"


def test_an_explanation_is_made_elsewhere(api: Api) -> None:
    """An address may be unknown here, which is an answer; an id of ours that is none is not."""
    address = send(api, "GET", "/contacts/ada%40example.com/explain")
    nobody = send(api, "GET", "/contacts/nobody/explain")
    blank = send(api, "GET", "/contacts/ /explain")

    assert json.loads(address["body"])["asked_for"] == "ada@example.com"
    assert nobody["statusCode"] == 404
    assert (blank["statusCode"], blank["json"]["errors"][0]["field"]) == (404, "id")


@pytest.mark.parametrize("path", ['"a#b"@example.com', "%22a%23b%22%40example.com"])
def test_an_address_with_strange_characters(api: Api, path: str) -> None:
    """A Function URL leaves the path encoded, others decode it; a route takes both."""
    answer = send(api, "GET", f"/contacts/{path}/explain")
    wrong = send(api, "POST", f"/contacts/{path}/explain", body="{}")
    contact = send(api, "GET", f"/contacts/{path}")

    assert answer["json"]["asked_for"] == '"a#b"@example.com'
    assert (wrong["statusCode"], wrong["headers"]["Allow"]) == (405, "GET")
    assert contact["statusCode"] == 404


def test_a_backfill_is_run_elsewhere() -> None:
    """It is counted, begun, looked at and ended by the function that pulls."""
    pulling = Asked()
    api = an_api(pulling=pulling)
    what = {"object": "Lead", "fields": ["job_title"], "since": "2026-11-01T00:00:00Z"}

    counted = send(api, "POST", "/backfill:count", body=json.dumps(what))
    started = send(api, "POST", "/backfill", body=json.dumps(what | {"confirm": 3}))
    status = send(api, "GET", "/backfill")
    cancelled = send(api, "DELETE", "/backfill")

    assert (counted["statusCode"], counted["json"]["confirm"]) == (200, 3)
    assert (started["statusCode"], started["json"]["id"]) == (202, "one")
    assert (status["statusCode"], status["json"]["done"]) == (200, 1)
    assert (cancelled["statusCode"], cancelled["json"]["status"]) == (200, "cancelled")
    assert pulling.payloads == [
        {"backfill": what},
        {"backfill": what, "confirm": 3},
        {"backfill": "status"},
        {"backfill": "cancel"},
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/backfill", '{"object": "Lead"}'),
        ("/backfill", '{"object": "Lead", "confirm": true}'),
        ("/backfill:count", '{"object": "Opportunity"}'),
        ("/backfill:count", '{"object": "Lead", "confirm": 3}'),
        ("/backfill:count", '{"objects": ["Lead"]}'),
        ("/backfill:count", '{"ids": []}'),
    ],
)
def test_a_backfill_that_makes_no_sense_is_refused(api: Api, path: str, body: str) -> None:
    """Without its count nothing begins, and a refusal of the other function is passed on."""
    answer = send(api, "POST", path, body=body)

    assert answer["statusCode"] == 422
    assert not answer["json"]["errors"][0]["field"].startswith("backfill")


def test_what_is_held_is_listed_and_approved(api: Api) -> None:
    """A yes is to one hold; to anything else it is none."""
    listed = send(api, "GET", "/holds")
    approved = send(api, "POST", "/holds:approve", body='{"id": "Lead/one"}')
    unknown = send(api, "POST", "/holds:approve", body='{"id": "Lead/two"}')
    nameless = send(api, "POST", "/holds:approve", body="{}")

    assert listed["json"] == {"items": [HOLD]}
    assert (approved["statusCode"], approved["json"]["approved"]) == (202, True)
    assert unknown["statusCode"] == 404
    assert nameless["statusCode"] == 422


def test_settings_are_tried_elsewhere(api: Api) -> None:
    """What is proposed goes to the function that may ask Salesforce, and its answer comes back."""
    answer = send(api, "POST", "/settings:simulate", body='{"settings": {}, "limit": 7}')
    wrong = send(api, "POST", "/settings:simulate", body='{"settings": {}, "limit": 0}')
    blank = send(api, "POST", "/settings:simulate", body='{"settings": {}, "next": ""}')

    assert answer["statusCode"] == 200
    assert answer["json"]["looked_at"]["contacts"] == 7
    assert answer["json"]["creation_values"][0]["becomes"] == "Lead"
    assert answer["json"]["effects"][0]["count"] == 1
    assert [one["after"] for one in answer["json"]["changed"]] == [2, {}]
    assert answer["json"]["not_counted"][0]["why"] == "for a reason"
    assert (wrong["statusCode"], wrong["json"]["errors"][0]["field"]) == (422, "limit")
    assert (blank["statusCode"], blank["json"]["errors"][0]["field"]) == (422, "next")


def test_criteria_that_nobody_could_check() -> None:
    """The change waits for Salesforce, unless its sender says otherwise; no typing error does."""
    api = an_api()
    criteria = {"all": [{"field": "Rating", "operator": "equals", "value": "Hot"}]}
    selection = {"mode": "criteria", "criteria": criteria}
    body = json.dumps({"version": 0, "inbound": {"objects": {"Lead": {"selection": selection}}}})

    refused = send(api, "PUT", "/settings", body=body)
    mistyped = send(api, "PUT", "/settings", body=body, query={"uncheked": "true"})
    taken = send(api, "PUT", "/settings", body=body, query={"unchecked": "true"})

    assert refused["statusCode"] == 422
    assert "unchecked=true" in refused["json"]["detail"]
    assert mistyped["statusCode"] == 422
    assert (taken["statusCode"], taken["json"]["version"]) == (200, 1)


@pytest.mark.parametrize(
    ("time_zone", "overdue"), [("UTC", 0), ("Pacific/Kiritimati", 1), ("Pacific/Pago_Pago", 0)]
)
def test_the_day_on_which_an_opportunity_is_overdue(time_zone: str, overdue: int) -> None:
    """It is the day where all days of the settings lie; in Kiritimati it is tomorrow already."""
    api = an_api(settings=SyncSettings(time_zone=time_zone))

    answer = send(api, "GET", "/companies/acme/opportunities")

    assert answer["json"]["summary"]["overdue_count"] == overdue
