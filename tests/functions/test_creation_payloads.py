"""What people ask of create_records besides creating: filters, dead letters, the preflight."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.functions.conftest import Context, LoadFunction
from tests.functions.org import Org

Sample = Callable[[str], dict[str, Any]]
Run = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def create(org: Org, load_function: LoadFunction) -> Run:
    """Return what runs the function with an event."""
    handler = load_function("create_records")
    return lambda event: handler(event, Context())


@pytest.mark.parametrize("event", [None, [], "ada@acme.example", 5])
def test_a_payload_that_is_no_object(create: Run, event: Any) -> None:  # noqa: ANN401 - any JSON
    """It is refused with a sentence, as any other that makes no sense."""
    answer = create(event)

    assert answer["status"] == "refused"
    assert "JSON object" in answer["error"]


def test_what_is_pasted_as_a_key_is_not_logged(
    create: Run, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer names an unknown key, which may be anybody's address; the log does not."""
    answer = create({"ada@acme.example": "explain"})

    assert answer["field"] == "ada@acme.example"
    (record,) = [each for each in caplog.records if each.message == "refused a request"]
    assert "ada@acme.example" not in str(record.__dict__)


def test_a_preflight(create: Run, sample: Sample) -> None:
    """The simulator is set up by the metadata that a team deploys, so nothing is wrong."""
    told = create(sample("create_records/preflight.json"))

    assert told["problems"] == 0
    assert {one["status"] for one in told["findings"]} <= {"ok", "warning"}


def test_why_nobody_is_known(create: Run, sample: Sample, org: Org) -> None:
    """The sample asks about an address; the record that has it has not been pulled yet."""
    lead_id = org.add("Lead", LastName="Moreau", Company="Acme", Email="ada@example.com")

    told = create(sample("create_records/explain.json"))

    assert told["contact"] is None
    assert [(one["id"], one["reason"]) for one in told["records"]] == [(lead_id, "not_yet_read")]


def test_settings_are_tried(create: Run, sample: Sample, org: Org) -> None:
    """The sample selects marked leads alone: the one that is there would be left outside."""
    org.add("Lead", LastName="Moreau", Company="Acme", Email="unmarked@example.com")

    told = create(sample("create_records/simulate.json"))

    (selection,) = told["selection"]
    assert selection["object"] == "Lead"
    assert selection["newly_skipped"]["count"] == selection["looked_at"] > 0
    assert (told["problems"], told["salesforce_silent"], told["next"]) == ([], None, None)


def test_a_filter(create: Run, sample: Sample) -> None:
    """How many were queued, and why others were not; here nobody is meant."""
    told = create(sample("create_records/by_filter.json"))

    assert (told["queued"], told["not_queued"], told["next"]) == (0, {}, None)


def test_dead_letters(create: Run, sample: Sample) -> None:
    """Listed, and sent again."""
    assert create(sample("create_records/list_dead_letters.json")) == {"items": []}
    assert create(sample("create_records/redrive.json"))["redriven"] == 0


@pytest.mark.parametrize(
    "event",
    [
        {"preflight": False},
        {"preflight": True, "dead_letters": "list"},
        {"explain": ""},
        {"simulate": {}},
        {"simulate": {"settings": {"outbound": {"pace": "slow"}}}},
        {"simulate": {"settings": {}, "limit": 0}},
        {"simulate": {"settings": {}}, "limit": 5},
        {"explain": "ada", "dry_run": True},
        {"explain": "\ud800@example.com"},
        {"dead_letters": "all"},
        {"dead_letters": "list", "reason": ""},
        {"redrive": []},
        {"redrive": ["ada"], "reason": "no"},
        {"redrive": "everything"},
        {"filter": {}},
        {"filter": {"tag": "x"}, "contact_ids": ["ada"]},
        {"filter": {"fields": {"shoe_size": 43}}},
        {"next": "x"},
        {},
    ],
)
def test_what_nobody_can_mean_is_refused(create: Run, event: dict[str, Any]) -> None:
    """With a sentence that says what is allowed."""
    told = create(event)

    assert told["status"] == "refused"
    assert told["error"]
    assert json.dumps(told, ensure_ascii=False).encode()


def test_a_mapping_is_held_against_the_org(create: Run, sample: Sample) -> None:
    """What it lacks is told by its place in the settings, and what nobody may write."""
    asked = sample("create_records/check_mapping.json")
    sound = create(asked)
    fields = asked["check_mapping"]["fields"]
    fields["shoe"] = {"salesforce": {"Lead": "Shoe__c"}}
    fields["name"] = {"salesforce": {"Lead": "Name"}, "mode": "two_way"}
    fields["made_at"] = {"type": "datetime", "salesforce": {"Lead": "CreatedDate"}}

    wrong = create(asked)

    assert sound == {"complaints": [], "read_only": []}
    assert [each["field"] for each in wrong["complaints"]] == [
        "fields.shoe.salesforce.Lead",
        "fields.name.mode",
    ]
    assert wrong["read_only"] == ["fields.made_at"]


def test_criteria_are_held_against_the_org(create: Run, sample: Sample) -> None:
    """What it would not take is told by its place in the settings."""
    asked = sample("create_records/check_criteria.json")
    sound = create(asked)
    asked["check_criteria"]["Lead"]["criteria"]["all"][0]["field"] = "Shoe__c"

    wrong = create(asked)

    assert sound == {"complaints": []}
    assert wrong["complaints"] == [
        {
            "field": "inbound.objects.Lead.selection.criteria.all.0.field",
            "message": "our user sees no field Shoe__c on Lead",
        }
    ]
