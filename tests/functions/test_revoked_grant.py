"""The doors of functions whose access to Salesforce an administrator has revoked."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from counterpart import bootstrap
from counterpart.domain.wishes import Wish
from counterpart.errors import AuthenticationError
from counterpart.settings import Environment
from counterpart.use_cases.write_contacts import write_contact
from tests.functions.conftest import Context, LoadFunction
from tests.functions.org import Org

Sample = Callable[[str], dict[str, Any]]


@pytest.mark.failure("F33")
def test_what_cannot_sign_in_ends_as_an_error_and_goes_on_once_it_can(
    org: Org, load_function: LoadFunction, sample: Sample
) -> None:
    """An invocation that fails is what the alarm of each function counts; nothing is lost by it."""
    pull, push = load_function("pull_records"), load_function("push_edits")
    email = "ada@acme.example"
    record_id = org.add("Lead", LastName="Moreau", Company="Acme", Email=email)
    pull({"ids": [record_id]}, Context())
    services = bootstrap.build_api(Environment.from_environ(os.environ))
    (ada,) = services.contacts.find_by_email([email])[email]
    write_contact(
        Wish(contact_id=ada.id, fields={"job_title": "Night Porter"}),
        now=datetime.now(UTC),
        contacts=services.contacts,
        settings=services.settings,
        queue=services.queue,
    )
    new = org.add("Lead", LastName="Okafor", Company="Acme", Email="ines@acme.example")
    everything = sample("push_edits/everything_waiting.json")

    with org.revoked():
        for run, event in ((pull, {"ids": [new]}), (push, everything)):
            with pytest.raises(AuthenticationError, match="approved this consumer"):
                run(event, Context())

    assert pull({"ids": [new]}, Context())["created"] == 1
    assert push(everything, Context())["status"] == "completed"
    (row,) = org.find("Lead", email)
    assert row["Title"] == "Night Porter"
