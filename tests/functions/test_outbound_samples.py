"""What waits and what was set aside, and companies: the sample events at their doors."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from counterpart import bootstrap
from counterpart.domain.contacts import Company, Contact, Ledger
from counterpart.domain.links import Counterpart, LinkedBy
from counterpart.domain.records import SObject
from counterpart.domain.waiting import Lane, Parked, Waiting
from counterpart.settings import Environment
from counterpart.use_cases.api_services import ApiServices
from tests.functions.conftest import Context, Handler, LoadFunction
from tests.functions.org import Org

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACME = "01KAMZ0000ACME000000000000"
CODE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
Sample = Callable[[str], dict[str, Any]]
Send = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def handler(load_function: LoadFunction) -> Handler:
    """Return the handler of the API."""
    return load_function("serve_api")


@pytest.fixture
def send(handler: Handler, sample: Sample) -> Send:
    """Return what sends a sample event to the API."""

    def call(name: str) -> dict[str, Any]:
        answer: dict[str, Any] = handler(sample(f"serve_api/{name}.json"), Context())
        return answer | {"json": json.loads(answer["body"])}

    return call


@pytest.fixture
def services(handler: Handler) -> ApiServices:
    """Return the ports behind the API."""
    return bootstrap.build_api(Environment.from_environ(os.environ))


def counterpart(record_id: str, sobject: SObject) -> Counterpart:
    """Return a counterpart."""
    return Counterpart(
        record_id=record_id, object=sobject, linked_at=NOON, linked_by=LinkedBy.RECORD
    )


@pytest.fixture
def company(services: ApiServices) -> Company:
    """Return the company of the sample events, as it is stored by now."""
    values = {"name": "Acme", "website": "https://acme.example"}
    made = Company(
        id=ACME,
        ledger=Ledger(values=values, times=dict.fromkeys(values, NOON), shadows=values),
        created_at=NOON,
        updated_at=NOON,
        domain="acme.example",
        counterpart=counterpart("001AB00000abcDEIAY", SObject.ACCOUNT),
    )
    services.companies.save_many([made])
    return services.companies.get_many([ACME])[ACME]


@pytest.fixture
def parked_id(services: ApiServices, request: pytest.FixtureRequest) -> str:
    """Return the id of a contact with a parked edit."""
    contact_id = f"parked-{request.node.name}"
    values = {"email": "ada@example.com", "job_title": "VP"}
    reason = Parked(
        code=CODE,
        message="Titles are for kings.",
        fields=("job_title",),
        attempts=2,
        first_at=NOON,
        last_at=NOON + timedelta(hours=1),
        run_id="01M80KG9TR37H31Y1J82YDMPNS",
    )
    services.contacts.save_many(
        [
            Contact(
                id=contact_id,
                ledger=Ledger(values=values, times=dict.fromkeys(values, NOON)),
                created_at=NOON,
                updated_at=NOON,
                counterpart=counterpart("00QAB00000abcDEIAY", SObject.LEAD),
                waiting=Waiting(lane=Lane.PARKED, next_push_at=NOON + timedelta(days=1)),
                parked=reason,
            )
        ]
    )
    return contact_id


def test_companies_are_listed_and_read(send: Send, company: Company) -> None:
    """With their Account, and whether something of them waits."""
    listed, read = send("list_companies"), send("get_company")

    assert (listed["statusCode"], read["statusCode"]) == (200, 200)
    assert [each["id"] for each in listed["json"]["items"]] == [company.id]
    assert read["json"]["domain"] == "acme.example"
    assert read["json"]["salesforce"]["object"] == "Account"


def test_a_company_is_changed(send: Send, company: Company) -> None:
    """Once; the same version cannot be changed a second time."""
    first, second = send("update_company"), send("update_company")

    assert (first["statusCode"], second["statusCode"]) == (200, 409)
    assert first["json"]["fields"]["phone"] == "+44 20 7946 0000"
    assert first["json"]["version"] == company.version + 1 == 2
    assert first["json"]["salesforce"]["state"] == "waiting"


def test_the_backlog(send: Send, parked_id: str, services: ApiServices) -> None:
    """What waits is counted by lane; what is parked is apart."""
    told = send("get_backlog")

    assert told["statusCode"] == 200
    assert set(told["json"]["waiting"]) == {"fresh", "bulk", "retry", "sent"}
    assert told["json"]["parked"] == services.contacts.count_waiting(Lane.PARKED) >= 1
    assert parked_id in services.contacts.waiting(
        Lane.PARKED, until=NOON + timedelta(days=9999), limit=99
    )


def test_what_is_parked_is_listed_and_redriven(
    send: Send, parked_id: str, services: ApiServices
) -> None:
    """All that the sample names goes with the next push."""
    (told,) = [each for each in send("list_parked")["json"]["items"] if each["id"] == parked_id]

    assert (told["code"], told["fields"], told["attempts"]) == (CODE, ["job_title"], 2)
    assert told["first_at"] == "2026-11-22T12:00:00Z"

    redriven = send("redrive_parked")

    assert redriven["statusCode"] == 202
    assert redriven["json"]["redriven"] >= 1
    waiting = services.contacts.get_many([parked_id])[parked_id].waiting
    assert waiting
    assert waiting.lane is Lane.RETRY


def test_what_is_parked_of_an_object(handler: Handler, sample: Sample, parked_id: str) -> None:
    """An object narrows the list and what goes again, alone or along with a code."""
    listing, sending = sample("serve_api/list_parked.json"), sample("serve_api/redrive_parked.json")

    def told(sobject: str) -> tuple[list[str], int]:
        listing["queryStringParameters"] = {"object": sobject}
        sending["body"] = json.dumps({"object": sobject, "code": CODE})
        listed, again = (handler(event, Context()) for event in (listing, sending))
        assert (listed["statusCode"], again["statusCode"]) == (200, 202)
        items = json.loads(listed["body"])["items"]
        return [each["id"] for each in items], json.loads(again["body"])["redriven"]

    assert told("Account") == ([], 0)
    ids, redriven = told("Lead")
    assert parked_id in ids
    assert redriven == len(ids)

    listing["queryStringParameters"] = {"object": "Shoe"}
    sending["body"] = json.dumps({"object": "Shoe"})
    for event in (listing, sending):
        refused = handler(event, Context())
        assert refused["statusCode"] == 422
        assert json.loads(refused["body"])["errors"][0]["field"] == "object"


def test_the_payloads_of_the_function(
    org: Org,
    load_function: LoadFunction,
    sample: Sample,
    parked_id: str,
    services: ApiServices,
) -> None:
    """They answer as the API does."""
    push = load_function("push_edits")

    listed = push(sample("push_edits/list_parked.json"), Context())
    redriven = push(sample("push_edits/redrive_parked.json"), Context())

    assert parked_id in [each["id"] for each in listed["items"]]
    assert redriven["redriven"] >= 1
    contact = services.contacts.get_many([parked_id])[parked_id]
    assert contact.waiting
    assert contact.waiting.lane is Lane.RETRY


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"parked": "all"}, "parked"),
        ({"redrive": []}, "redrive"),
        ({"redrive": ["a"], "code": "X"}, "redrive"),
        ({"redrive": ["a"], "object": "Lead"}, "redrive"),
        ({"redrive": ["a"] * 2001}, "redrive"),
        ({"redrive": "all", "object": "Opportunity"}, "object"),
        ({"parked": "list", "object": "lead"}, "object"),
        ({"redrive": "all", "shoe": 1}, "shoe"),
    ],
)
def test_a_payload_that_is_wrong(
    org: Org,
    load_function: LoadFunction,
    payload: dict[str, object],
    field: str,
) -> None:
    """It is refused, and the field is named."""
    answer = load_function("push_edits")(payload, Context())

    assert (answer["status"], answer["field"]) == ("refused", field)
