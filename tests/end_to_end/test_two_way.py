"""The main stream, on the deployed stack: what happens on one side is soon true on the other."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.end_to_end.stack import Stack, wait_for

LEAD = "/services/data/v66.0/sobjects/Lead"


@pytest.fixture(scope="module", autouse=True)
def settings(stack: Stack) -> None:
    """Make titles go both ways, and new contacts leads, whatever other tests have chosen."""
    document = stack.call("GET", "/settings").body
    document["fields"]["job_title"]["mode"] = "two_way"
    document["creation"]["create_as"] = "lead"
    changed = stack.call("PUT", "/settings", document)
    assert changed.status == 200, changed


@pytest.fixture(scope="module")
def lead(stack: Stack) -> dict[str, Any]:
    """Return a lead of the seeded org that has been pulled."""
    (row,) = stack.query(
        "SELECT Id, Email FROM Lead WHERE Email LIKE '%.example' AND IsConverted = false"
        " ORDER BY Id LIMIT 1"
    )
    report = stack.invoke("pull_records", {"ids": [row["Id"]]})
    assert report["status"] == "completed", report
    return row


def contact_of(stack: Stack, lead: dict[str, Any]) -> dict[str, Any]:
    """Return the contact whose counterpart is *lead*."""
    found = stack.call("GET", f"/contacts?email={quote(lead['Email'])}").body["items"]
    (contact,) = [each for each in found if each["salesforce"]["id"] == lead["Id"]]
    return dict(contact)


def title_of(stack: Stack, lead: dict[str, Any]) -> str:
    """Return the title that Salesforce has for *lead*."""
    return str(stack.salesforce("GET", f"{LEAD}/{lead['Id']}").body["Title"])


def test_an_edit_in_salesforce_arrives(stack: Stack, lead: dict[str, Any]) -> None:
    """The pull brings the new value, and nothing else changes."""
    before = contact_of(stack, lead)
    stack.salesforce("PATCH", f"{LEAD}/{lead['Id']}", {"Title": "Chief Curator"})

    stack.invoke("pull_records", {"ids": [lead["Id"]]})

    after = contact_of(stack, lead)
    assert after["fields"].pop("job_title") == "Chief Curator"
    before["fields"].pop("job_title", None)
    assert after["fields"] == before["fields"]


def test_a_local_edit_goes_out(stack: Stack, lead: dict[str, Any]) -> None:
    """The push writes it, and the pull that reads it back writes nothing."""
    contact = contact_of(stack, lead)
    stack.call("PATCH", f"/contacts/{contact['id']}", {"fields": {"job_title": "Night Porter"}})

    stack.invoke("push_edits", {"contact_ids": [contact["id"]]})

    assert title_of(stack, lead) == "Night Porter"
    version = contact_of(stack, lead)["version"]
    stack.invoke("pull_records", {"ids": [lead["Id"]]})
    assert contact_of(stack, lead)["version"] == version


def test_a_new_contact_becomes_one_lead_by_way_of_the_queue(stack: Stack) -> None:
    """The job goes through the queue to the worker, and the contact is linked."""
    made = stack.call(
        "POST",
        "/contacts",
        {
            "email": "ines.okafor@newcomer.example",
            "fields": {"first_name": "Ines", "last_name": "Okafor", "company_name": "Newcomer"},
            "sync_to_salesforce": True,
        },
    )
    assert (made.status, made.body["warnings"]) == (201, [])

    linked = wait_for(
        lambda: stack.call("GET", f"/contacts/{made.body['id']}").body["salesforce"], seconds=90
    )

    rows = stack.query("SELECT Id FROM Lead WHERE Email = 'ines.okafor@newcomer.example'")
    assert [row["Id"] for row in rows] == [linked["id"]]


def test_a_payload_that_makes_no_sense_is_refused_with_a_sentence(stack: Stack) -> None:
    """An operator at the console reads what is allowed."""
    report = stack.invoke("pull_records", {"objekts": ["Lead"]})

    assert report["status"] == "refused"
    assert "objekts" in report["error"]
    assert "objects" in report["error"]
