"""The door of push_edits, with the events that schedules and people send to it."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from counterpart import bootstrap
from counterpart.domain.contacts import Contact
from counterpart.domain.wishes import Wish
from counterpart.settings import Environment
from counterpart.use_cases.api_services import ApiServices
from counterpart.use_cases.write_contacts import write_contact
from tests.functions.conftest import Context, LoadFunction, published
from tests.functions.org import Org

Sample = Callable[[str], dict[str, Any]]
Run = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def push(org: Org, load_function: LoadFunction) -> Run:
    """Return what runs the function with an event."""
    handler = load_function("push_edits")
    return lambda event: handler(event, Context())


@pytest.fixture(scope="module")
def services(org: Org) -> ApiServices:
    """Return what programs edit contacts with."""
    return bootstrap.build_api(Environment.from_environ(os.environ))


@pytest.fixture
def edited(
    org: Org, load_function: LoadFunction, services: ApiServices, request: pytest.FixtureRequest
) -> Contact:
    """Return a contact that was pulled from a lead without a title, and has been given one."""
    email = f"{len(request.node.name)}.{request.node.name[-12:]}@acme.example"
    record_id = org.add("Lead", LastName="Moreau", Company="Acme", Email=email)
    load_function("pull_records")({"ids": [record_id]}, Context())
    (contact,) = services.contacts.find_by_email([email])[email]
    wish = Wish(contact_id=contact.id, fields={"job_title": "Night Porter"})
    written = write_contact(
        wish,
        now=datetime.now(UTC),
        contacts=services.contacts,
        settings=services.settings,
        queue=services.queue,
    )
    return written.contact


def title_of(org: Org, contact: Contact) -> object:
    """Return the title that Salesforce has for a contact of ours."""
    (row,) = org.find("Lead", contact.email or "")
    return row["Title"]


def test_a_tick_leaves_a_single_fresh_edit_waiting(
    org: Org, push: Run, sample: Sample, edited: Contact
) -> None:
    """It goes when enough wait, or one has waited long enough; a look costs no API call."""
    report = push(sample("push_edits/scheduled.json"))

    assert (report["status"], report["api_calls"]) == ("completed", 0)
    assert title_of(org, edited) is None


@pytest.mark.failure("F66")
def test_a_tick_publishes_how_long_an_edit_has_waited(
    push: Run, sample: Sample, edited: Contact, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is what the alarm goes by, so also where it is too early for anything to go."""
    capsys.readouterr()

    push(sample("push_edits/scheduled.json"))

    (told,) = published(capsys)
    assert 0 < told["OldestWaitSeconds"][0] < 60


def test_a_dry_run_says_what_would_go_and_writes_nothing(
    org: Org, push: Run, sample: Sample, edited: Contact
) -> None:
    """The plan is real, the writes are not."""
    report = push(sample("push_edits/dry_run.json"))

    assert report["dry_run"] is True
    assert report["objects"]["Lead"]["would_update"] >= 1
    assert title_of(org, edited) is None


def test_everything_that_waits_goes_when_a_person_asks(
    org: Org, push: Run, sample: Sample, edited: Contact
) -> None:
    """However little it is, and however fresh."""
    report = push(sample("push_edits/everything_waiting.json"))

    assert report["status"] == "completed"
    assert title_of(org, edited) == "Night Porter"


def test_contacts_go_by_their_ids_and_an_unknown_one_is_told(
    org: Org, push: Run, sample: Sample, edited: Contact
) -> None:
    """The sample names a contact that this deployment does not know."""
    event = sample("push_edits/by_contact_ids.json")
    event["contact_ids"].append(edited.id)

    report = push(event)

    assert report["skipped"] == {"no_such_contact": 1}
    assert title_of(org, edited) == "Night Porter"


@pytest.mark.parametrize(
    ("event", "named"),
    [
        ({}, "everything_waiting"),
        ({"contacts": ["01"]}, "contact_ids"),
        ({"contact_ids": ["01"], "everything_waiting": True}, "not both"),
        ({"everything_waiting": 1}, "true"),
    ],
)
def test_a_payload_that_makes_no_sense_is_refused_with_what_is_allowed(
    org: Org, push: Run, event: dict[str, Any], named: str
) -> None:
    """An empty payload is no wish to push everything."""
    report = push(event)

    assert report["status"] == "refused"
    assert named in report["error"]
