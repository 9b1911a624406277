"""The door of sweep_links, with the events that the schedule, itself and people send to it."""

import os
from collections.abc import Callable
from typing import Any

import pytest

from counterpart import bootstrap
from counterpart.settings import Environment
from tests.functions.conftest import Context, LoadFunction
from tests.functions.org import Org

Sample = Callable[[str], dict[str, Any]]
Run = Callable[[dict[str, Any]], dict[str, Any]]

EMAIL = "ada@acme.example"


@pytest.fixture(scope="module")
def sweep(org: Org, load_function: LoadFunction) -> Run:
    """Return what runs the function with an event, for one contact whose lead was purged."""
    record_id = org.add("Lead", LastName="Moreau", Company="Acme", Email=EMAIL)
    load_function("pull_records")({"ids": [record_id]}, Context())
    org.purge(record_id)
    handler = load_function("sweep_links")
    return lambda event: handler(event, Context())


def is_linked() -> bool:
    """Return whether the contact has a counterpart."""
    services = bootstrap.build_api(Environment.from_environ(os.environ))
    (contact,) = services.contacts.find_by_email([EMAIL])[EMAIL]
    return contact.counterpart is not None


def test_a_dry_run_says_what_is_gone_and_writes_nothing(sweep: Run, sample: Sample) -> None:
    """Whoever fears for the links looks first."""
    report = sweep(sample("sweep_links/dry_run.json"))

    assert (report["status"], report["read"], report["unlinked"]) == ("completed", 1, 1)
    assert is_linked()


def test_the_schedule_mends_the_links(sweep: Run, sample: Sample) -> None:
    """The link of a record that was purged ends, and the next night finds nothing to do."""
    first = sweep(sample("sweep_links/scheduled.json"))
    second = sweep(sample("sweep_links/scheduled.json"))

    assert (first["status"], first["unlinked"]) == ("completed", 1)
    assert (second["read"], second["unlinked"], second["api_calls"]) == (0, 0, 0)
    assert not is_linked()


def test_a_hand_over_begins_where_the_run_before_it_stopped(sweep: Run, sample: Sample) -> None:
    """What came before is not looked at once more."""
    report = sweep(sample("sweep_links/handed_over.json"))

    assert (report["status"], report["read"]) == ("completed", 0)


def test_a_place_that_no_run_has_handed_over_is_refused(sweep: Run) -> None:
    """The answer says so, and the next sweep finds nobody in its way."""
    answer = sweep({"after": "zzz", "start": "companies"})

    assert (answer["status"], answer["field"]) == ("refused", "after")
    assert sweep({"start": "companies"})["status"] == "completed"


def test_a_payload_that_makes_no_sense_is_refused_with_what_is_allowed(sweep: Run) -> None:
    """A typing error must not become a full sweep."""
    answer = sweep({"dryrun": True})

    assert answer["status"] == "refused"
    assert "dry_run" in str(answer["error"])
