"""The door of pull_records, with the events that schedules, itself and people send to it."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from counterpart import bootstrap
from counterpart.adapters.lambda_successor import LambdaSuccessor
from counterpart.domain.sync_settings import Guard
from counterpart.settings import Environment
from tests.functions.conftest import Context, LoadFunction, published
from tests.functions.org import Org

Sample = Callable[[str], dict[str, Any]]
Pull = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def pull(org: Org, load_function: LoadFunction) -> Pull:
    """Return what runs the function with an event."""
    handler = load_function("pull_records")
    return lambda event: handler(event, Context())


def contacts_of(email: str) -> int:
    """Return how many contacts of ours have this address."""
    services = bootstrap.build_api(Environment.from_environ(os.environ))
    return len(services.contacts.find_by_email([email]).get(email, ()))


@pytest.fixture(scope="module")
def first(org: Org, pull: Pull, sample: Sample) -> dict[str, Any]:
    """Return the report of the schedule's first tick, of an org with one lead."""
    org.add("Lead", LastName="Moreau", Company="Acme", Email="ada@acme.example")
    return pull(sample("pull_records/scheduled.json"))


def test_a_tick_pulls_what_is_there(first: dict[str, Any]) -> None:
    """The envelope of the schedule means: everything that is due."""
    assert (first["status"], first["read"], first["created"]) == ("completed", 1, 1)
    assert first["api_calls"] == 1
    assert contacts_of("ada@acme.example") == 1


def test_a_tick_that_comes_before_the_interval_has_passed_asks_nothing(
    first: dict[str, Any], org: Org, pull: Pull, sample: Sample
) -> None:
    """Whether an object is due is a setting; the tick is only the occasion."""
    before = org.calls()

    report = pull(sample("pull_records/scheduled.json"))

    assert (report["status"], report["api_calls"]) == ("completed", 0)
    assert org.calls() == before


@pytest.mark.failure("F66")
def test_a_tick_publishes_how_far_behind_it_is(
    first: dict[str, Any], pull: Pull, sample: Sample, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is what the alarm goes by, so also where nothing was due."""
    pull(sample("pull_records/scheduled.json"))

    (told,) = published(capsys)
    assert told["service"] == os.environ["POWERTOOLS_SERVICE_NAME"]
    assert 0 <= told["SecondsBehind"][0] < 60


def test_a_hand_over_goes_on_as_the_schedule_would(
    first: dict[str, Any], pull: Pull, sample: Sample
) -> None:
    """The successor is told what the run before it was told."""
    assert pull(sample("pull_records/handed_over.json"))["status"] == "completed"


def test_a_dry_run_says_what_it_would_do_and_writes_nothing(
    first: dict[str, Any], org: Org, pull: Pull, sample: Sample
) -> None:
    """The plan is real, the writes are not."""
    org.add("Lead", LastName="Okafor", Company="Acme", Email="ines@acme.example")

    report = pull(sample("pull_records/dry_run.json"))

    assert report["dry_run"] is True
    assert report["created"] == 1
    assert contacts_of("ines@acme.example") == 0


def test_one_object_is_read_again_from_a_moment_on(
    first: dict[str, Any], org: Org, pull: Pull, sample: Sample
) -> None:
    """Only the objects that were named; what is known already makes no write."""
    org.add("Contact", LastName="Haddad", Email="noor@acme.example")
    event = sample("pull_records/leads_since.json") | {"since": "2000-01-01T00:00:00Z"}

    report = pull(event)

    assert report["objects"].keys() == {"Lead"}
    assert report["skipped"]["no_change"] == 1
    assert contacts_of("noor@acme.example") == 0


def test_everything_is_pulled_now_whether_due_or_not(
    first: dict[str, Any], org: Org, pull: Pull, sample: Sample
) -> None:
    """An empty payload is a person who does not want to wait for the tick."""
    org.add("Contact", LastName="Watanabe", Email="jun@acme.example")

    report = pull(sample("pull_records/everything.json"))

    assert report["status"] == "completed"
    assert contacts_of("jun@acme.example") == 1


def test_records_are_pulled_by_their_ids(org: Org, pull: Pull, sample: Sample) -> None:
    """An id that is not there is told with its reason, and does not stop the others."""
    record_id = org.add("Lead", LastName="Silva", Company="Acme", Email="rui@acme.example")
    event = sample("pull_records/by_ids.json")
    event["ids"] += [record_id, "00QSm0000zzzzzz"]

    report = pull(event)

    assert report["skipped"]["not_found"] >= 1
    assert report["status"] == "completed"
    assert contacts_of("rui@acme.example") == 1


def test_a_backfill_is_counted_started_and_run(
    first: dict[str, Any],
    org: Org,
    pull: Pull,
    sample: Sample,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A person sees the number before anything is read, and each step says how to go on."""
    handed_over: list[Any] = []
    monkeypatch.setattr(
        LambdaSuccessor, "start", lambda _self, payload: handed_over.append(payload)
    )
    count = sample("pull_records/backfill_count.json")
    count["backfill"]["until"] = "2100-01-01T00:00:00Z"
    planned = pull(sample("pull_records/backfill_dry_run.json"))

    counted = pull(count)
    started = pull(sample("pull_records/backfill_start.json"))
    status = pull(sample("pull_records/backfill_status.json"))
    report = pull(sample("pull_records/backfill_resume.json"))
    ended = pull(sample("pull_records/backfill_cancel.json"))

    assert (planned["status"], planned["dry_run"]) == ("completed", True)
    assert (counted["status"], counted["api_calls"]) == ("counted", 1)
    assert (started["status"], started["records"]) == ("started", counted["records"])
    assert handed_over == [sample("pull_records/backfill_resume.json")]
    assert (status["status"], status["done"]) == ("open", 0)
    assert (report["status"], report["read"]) == ("completed", counted["records"])
    assert ended["status"] == "none"


def test_what_is_held_is_listed_and_a_yes_needs_its_id(
    first: dict[str, Any], pull: Pull, sample: Sample
) -> None:
    """Nothing is held in this org, and a yes to nothing says so."""
    listed = pull(sample("pull_records/list_holds.json"))
    answer = pull(sample("pull_records/approve.json"))

    assert listed == {"items": []}
    assert (answer["status"], answer["field"]) == ("refused", "approve")


@pytest.mark.failure("F67")
def test_a_deletion_that_is_too_much_waits_for_a_yes(
    first: dict[str, Any],
    org: Org,
    pull: Pull,
    sample: Sample,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The run says so, the list shows it, and the yes lets the next one go on."""
    handed_over: list[Any] = []
    monkeypatch.setattr(
        LambdaSuccessor, "start", lambda _self, payload: handed_over.append(payload)
    )
    accounts = [org.add("Account", Name=f"Acme {number}") for number in range(4)]
    assert pull({"objects": ["Account"]})["created"] == 4
    settings = bootstrap.build_api(Environment.from_environ(os.environ)).settings
    before = settings.current()
    careful = replace(before, version=before.version + 1, guard=Guard(minimum=2))
    settings.save(careful, changed_by="ops", changed_at=datetime.now(UTC))
    for account in accounts[:3]:
        org.call("DELETE", f"sobjects/Account/{account}")

    held = pull({"objects": ["Account"]})
    (hold,) = pull(sample("pull_records/list_holds.json"))["items"]
    approved = pull(sample("pull_records/approve.json") | {"approve": hold["id"]})
    done = pull(handed_over[0])

    assert (held["status"], held["unlinked"], held["held"]) == ("held", 0, [hold["id"]])
    assert held["outcomes"][0]["reason"] == "too_much_at_once"
    assert (hold["counts"], hold["of"]) == ({"unlinked": 3}, 4)
    assert approved["status"] == "approved"
    assert (done["status"], done["unlinked"]) == ("completed", 3)
    assert pull(sample("pull_records/list_holds.json"))["items"] == []


@pytest.mark.parametrize(
    ("event", "named"),
    [
        ({"object": ["Lead"]}, "objects"),
        ({"objects": ["Task"]}, "Account"),
        ({"since": "yesterday"}, "2026-"),
        ({"since": "2026-11-22T10:00:00"}, "zone"),
        ({"ids": ["006000000000001"]}, "Lead"),
        ({"dry_run": "yes"}, "true"),
        ({"backfill": {"object": "Lead", "fields": ["shoe_size"]}}, "job_title"),
        ({"backfill": {}}, "Lead"),
        ({"holds": "all"}, "list"),
        ({"approve": True}, "text"),
        ({"approve": None}, "id of a hold"),
        ({"approve": "Lead/one", "objects": ["Lead"]}, "objects"),
    ],
)
def test_a_payload_that_makes_no_sense_is_refused_with_what_is_allowed(
    org: Org, pull: Pull, event: dict[str, Any], named: str
) -> None:
    """A typing error must never become a full sync."""
    before = org.calls()

    report = pull(event)

    assert report["status"] == "refused"
    assert named in report["error"]
    assert org.calls() == before
