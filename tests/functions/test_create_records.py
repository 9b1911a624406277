"""The door of create_records, with the events that the queue and people send to it."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from counterpart import bootstrap
from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.creation_requests import CreationRequest
from counterpart.settings import Environment
from counterpart.use_cases.api_services import ApiServices
from tests.functions.conftest import Context, LoadFunction
from tests.functions.org import Org

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)

Sample = Callable[[str], dict[str, Any]]
Run = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def create(org: Org, load_function: LoadFunction) -> Run:
    """Return what runs the function with an event."""
    handler = load_function("create_records")
    return lambda event: handler(event, Context())


@pytest.fixture(scope="module")
def services(org: Org) -> ApiServices:
    """Return where contacts are stored."""
    return bootstrap.build_api(Environment.from_environ(os.environ))


def named_in(event: dict[str, Any]) -> list[str]:
    """Return the contacts that an event of the queue names."""
    return [
        json.loads(message["body"])["contact_id"]
        for message in event["Records"]
        if message["body"].startswith("{")
    ]


def want(services: ApiServices, contact_id: str, *, asked: bool = True) -> str:
    """Store a contact under that id, afresh, and return its address."""
    email = f"{contact_id.lower()}@acme.example"
    known = services.contacts.get_many([contact_id]).get(contact_id)
    if known is None:
        values = {"email": email, "last_name": "Moreau", "company_name": "Acme"}
        contact = Contact(
            id=contact_id,
            ledger=Ledger(values=values, times=dict.fromkeys(values, NOW)),
            created_at=NOW,
            updated_at=NOW,
            creation=CreationRequest(requested_at=NOW) if asked else None,
        )
        assert not services.contacts.save_many([contact])
    return email


def test_a_delivery_creates_each_contact_once_however_often_it_comes(
    org: Org, create: Run, sample: Sample, services: ApiServices
) -> None:
    """A standard queue may deliver twice; the second time finds the work done."""
    event = sample("create_records/queued.json")
    emails = [want(services, contact_id) for contact_id in named_in(event)]

    answers = [create(event) for _ in range(2)]

    assert answers == [{"batchItemFailures": []}] * 2
    found = [org.find("Lead", email) + org.find("Contact", email) for email in emails]
    assert [len(rows) for rows in found] == [1] * len(emails)
    assert [rows[0]["Counterpart_Id__c"] for rows in found] == named_in(event)


def test_a_job_that_says_what_to_become_overrides_the_settings(
    org: Org, create: Run, sample: Sample, services: ApiServices
) -> None:
    """By the settings it would be a Lead."""
    event = sample("create_records/queued.json")
    (chosen,) = [
        body["contact_id"]
        for message in event["Records"]
        if (body := json.loads(message["body"])).get("create_as") == "contact"
    ]
    email = want(services, chosen)

    create(event)

    assert (len(org.find("Contact", email)), len(org.find("Lead", email))) == (1, 0)


@pytest.mark.failure("F27")
def test_a_message_that_holds_no_job_fails_alone(
    org: Org, create: Run, sample: Sample, services: ApiServices
) -> None:
    """Its neighbour is created; it alone comes again, and ends among the dead letters."""
    event = sample("create_records/queued_nonsense.json")
    emails = [want(services, contact_id) for contact_id in named_in(event)]

    answer = create(event)

    (poison,) = [m["messageId"] for m in event["Records"] if not m["body"].startswith("{")]
    assert answer == {"batchItemFailures": [{"itemIdentifier": poison}]}
    assert [len(org.find("Lead", email)) for email in emails] == [1] * len(emails)


def test_a_dry_run_says_whom_it_would_create_and_creates_nobody(
    org: Org, create: Run, sample: Sample, services: ApiServices
) -> None:
    """The plan is real, the writes are not."""
    contact_id = "01M80KDRYRVN00000000000000"
    email = want(services, contact_id)

    answer = create(sample("create_records/dry_run.json") | {"contact_ids": [contact_id]})

    (report,) = answer["batches"]
    assert report["dry_run"] is True
    assert report["objects"] == {"Lead": {"would_create": 1}}
    assert org.find("Lead", email) == []


def test_a_person_creates_a_contact_that_nobody_had_asked_for(
    org: Org, create: Run, sample: Sample, services: ApiServices
) -> None:
    """At once, past the queue, and as what the payload says."""
    contact_id = "01M80KBYHAND00000000000000"
    email = want(services, contact_id, asked=False)

    answer = create(sample("create_records/by_contact_ids.json") | {"contact_ids": [contact_id]})

    (report,) = answer["batches"]
    assert (report["status"], report["created"]) == ("completed", 1)
    assert len(org.find("Contact", email)) == 1


@pytest.mark.parametrize(
    ("event", "named"),
    [
        ({}, "contact_ids"),
        ({"contact_ids": ["01"], "create_as": "account"}, "lead"),
        ({"ids": ["01"]}, "contact_ids"),
    ],
)
def test_a_payload_that_makes_no_sense_is_refused_with_what_is_allowed(
    org: Org, create: Run, event: dict[str, Any], named: str
) -> None:
    """The answer is a sentence, never a stack trace."""
    answer = create(event)

    assert answer["status"] == "refused"
    assert named in answer["error"]
