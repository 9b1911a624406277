"""Duplicate rules, validation rules, automation, assignment, campaigns and person accounts."""

from __future__ import annotations

import pytest

from tests.simulator.conftest import QUIET, Client, error_of

SAVE = {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=true"}


def test_an_alert_blocks_until_the_header_lets_it_pass(client: Client) -> None:
    """The refusal names the candidates, on both sides of lead and contact."""
    known = client.create("Contact", LastName="x", Email="a@example.com")
    client.control("features", {"duplicate_rule": "alert"})
    lead = {"LastName": "y", "Company": "z", "Email": "A@EXAMPLE.COM"}

    refused = client.post("sobjects/Lead", lead)
    allowed = client.post("sobjects/Lead", lead, SAVE)

    error = refused.json()[0]
    assert (refused.status, error["errorCode"]) == (400, "DUPLICATES_DETECTED")
    assert error["message"] == "Use one of these records?"
    found = error["duplicateResult"]["matchResults"][0]
    assert error["duplicateResult"]["allowSave"] is True
    assert found["matchRecords"][0]["record"]["Id"] == known
    assert allowed.status == 201


def test_a_block_can_not_be_passed(client: Client) -> None:
    """AllowSave is for alerts; collections answer the plain shape."""
    client.create("Contact", LastName="x", Email="a@example.com")
    client.control("features", {"duplicate_rule": "block"})
    record = {"attributes": {"type": "Contact"}, "LastName": "y", "Email": "a@example.com"}

    results = client.post("composite/sobjects", {"records": [record]}, SAVE).json()

    assert results[0]["errors"] == [
        {"statusCode": "DUPLICATES_DETECTED", "message": "Use one of these records?", "fields": []}
    ]


def test_a_validation_rule_speaks_its_own_words(client: Client) -> None:
    """Its condition is SOQL, and a record for which it holds is not saved."""
    rule = {
        "object": "Contact",
        "when": "Email = null AND Phone = null",
        "message": "Give an e-mail address or a phone number.",
        "field": "Email",
    }
    client.control("features", {"validation_rules": [rule]})

    response = client.post("sobjects/Contact", {"LastName": "x"})

    assert response.json() == [
        {
            "message": "Give an e-mail address or a phone number.",
            "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "fields": ["Email"],
        }
    ]
    assert client.query("SELECT Id FROM Contact") == []
    assert client.create("Contact", LastName="x", Phone="1")


def test_automation_changes_what_we_wrote(client: Client) -> None:
    """A flow answers our write with one of its own."""
    flow = {
        "object": "Contact",
        "when": "Title != null",
        "set": {"Title": {"upper": "Title"}, "Department": {"concat": ["LastName", {"text": "!"}]}},
    }
    client.control("features", {"automation": [flow]})

    contact = client.create("Contact", LastName="x", Title="ceo")

    after = client.read("Contact", contact)
    assert (after["Title"], after["Department"]) == ("CEO", "x!")


def test_a_flow_that_fails_refuses_the_row(client: Client) -> None:
    """Its error is the row's error."""
    flow = {
        "object": "Contact",
        "on": ["update"],
        "error": {"code": "CANNOT_EXECUTE_FLOW_TRIGGER", "message": "The flow failed."},
    }
    client.control("features", {"automation": [flow]})
    contact = client.create("Contact", LastName="x")

    response = client.patch(f"sobjects/Contact/{contact}", {"Title": "CEO"})

    assert error_of(response) == (400, "CANNOT_EXECUTE_FLOW_TRIGGER")
    assert client.read("Contact", contact)["Title"] is None


def test_leads_are_reassigned_unless_the_header_forbids(client: Client) -> None:
    """Without the header the rule runs on updates as well as on creations."""
    org = client.simulator.org
    lead = {"LastName": "x", "Company": "y"}
    loud = client.post("sobjects/Lead", lead).json()["id"]
    quiet = client.post("sobjects/Lead", lead, QUIET).json()["id"]

    assert client.read("Lead", loud)["OwnerId"] == org.assignee_id
    assert client.read("Lead", quiet)["OwnerId"] == org.user_id
    client.patch(f"sobjects/Lead/{quiet}", {"Title": "CEO"})
    assert client.read("Lead", quiet)["OwnerId"] == org.assignee_id


def test_permissions_hide_fields_or_make_them_read_only(client: Client) -> None:
    """Hidden fields keep their defaults and are seen by flows; read-only ones refuse writes."""
    flow = {"object": "Lead", "set": {"Status": "Working - Contacted"}, "on": ["update"]}
    client.control(
        "features",
        {
            "hide_fields": ["Lead.Status", "Lead.HasOptedOutOfEmail"],
            "read_only_fields": ["Lead.Title"],
            "automation": [flow],
        },
    )

    lead = client.create("Lead", LastName="x", Company="y")
    refused = client.patch(f"sobjects/Lead/{lead}", {"Title": "CEO"})
    client.patch(f"sobjects/Lead/{lead}", {"City": "Wien"})
    client.control("features", {"hide_fields": [], "read_only_fields": []})

    assert error_of(refused) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    after = client.read("Lead", lead)
    assert (after["Status"], after["HasOptedOutOfEmail"]) == ("Working - Contacted", False)


def test_an_inactive_rule_runs_only_by_its_id(client: Client) -> None:
    """The header may name a rule."""
    org = client.simulator.org
    client.control("features", {"assignment_rules": False})
    lead = {"LastName": "x", "Company": "y"}

    usual = client.post("sobjects/Lead", lead).json()["id"]
    named = client.post(
        "sobjects/Lead", lead, {"Sforce-Auto-Assign": org.assignment_rule_id}
    ).json()["id"]

    assert client.read("Lead", usual)["OwnerId"] == org.user_id
    assert client.read("Lead", named)["OwnerId"] == org.assignee_id


def test_an_unknown_member_status_becomes_the_default_silently(client: Client) -> None:
    """Whoever does not read back does not learn of it."""
    campaign = client.create("Campaign", Name="Fair")
    contact = client.create("Contact", LastName="x", Email="x@example.com")

    member = client.create("CampaignMember", CampaignId=campaign, ContactId=contact, Status="Waved")
    before = client.read("CampaignMember", member)
    client.patch(f"sobjects/CampaignMember/{member}", {"Status": "responded"})
    after = client.read("CampaignMember", member)

    assert (before["Status"], before["HasResponded"]) == ("Sent", False)
    assert (after["Status"], after["HasResponded"]) == ("Responded", True)
    assert after["FirstRespondedDate"] == "2026-11-22"
    assert (after["Email"], after["Type"], after["LeadOrContactId"]) == (
        "x@example.com",
        "Contact",
        contact,
    )
    assert client.read("Campaign", campaign)["NumberOfResponses"] == 1


def test_a_pair_can_be_a_member_once(client: Client) -> None:
    """Creating again is an error and never an update; the pair is fixed."""
    campaign = client.create("Campaign", Name="Fair")
    contact = client.create("Contact", LastName="x")
    pair = {"CampaignId": campaign, "ContactId": contact}
    member = client.create("CampaignMember", **pair)

    again = client.post("sobjects/CampaignMember", {**pair, "Status": "Responded"})
    moved = client.patch(f"sobjects/CampaignMember/{member}", {"ContactId": contact})

    assert error_of(again) == (400, "DUPLICATE_VALUE")
    assert again.json()[0]["message"] == "Already a campaign member."
    assert error_of(moved) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    assert error_of(client.post("sobjects/CampaignMember", {"CampaignId": campaign})) == (
        400,
        "REQUIRED_FIELD_MISSING",
    )


def test_campaigns_are_born_with_two_statuses(client: Client) -> None:
    """One default, one response; those that are needed can't be deleted."""
    campaign = client.create("Campaign", Name="Fair")
    statuses = client.query(
        f"SELECT Id, Label, IsDefault, HasResponded FROM CampaignMemberStatus "
        f"WHERE CampaignId = '{campaign}' ORDER BY SortOrder"
    )

    assert [(row["Label"], row["IsDefault"], row["HasResponded"]) for row in statuses] == [
        ("Sent", True, False),
        ("Responded", False, True),
    ]
    path = "sobjects/CampaignMemberStatus"
    assert error_of(client.delete(f"{path}/{statuses[0]['Id']}")) == (400, "DELETE_FAILED")
    again = client.post(path, {"CampaignId": campaign, "Label": "sent"})
    assert error_of(again) == (400, "DUPLICATE_VALUE")
    client.create("CampaignMemberStatus", CampaignId=campaign, Label="Came", IsDefault=True)
    default = f"SELECT Label FROM CampaignMemberStatus WHERE CampaignId = '{campaign}' AND IsDefault = true"
    assert client.values(default) == ["Came"]


def test_statuses_may_be_closed_to_the_api(client: Client) -> None:
    """Whether they can be created is told by describe."""
    campaign = client.create("Campaign", Name="Fair")
    client.control("features", {"create_member_statuses": False})

    described = client.get("sobjects/CampaignMemberStatus/describe").json()
    refused = client.post(
        "sobjects/CampaignMemberStatus", {"CampaignId": campaign, "Label": "Came"}
    )

    assert described["createable"] is False
    assert error_of(refused) == (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY")


def test_without_marketing_user_campaigns_vanish(client: Client) -> None:
    """The objects look as if they did not exist."""
    client.control("features", {"marketing_user": False})

    assert error_of(client.ask("SELECT Id FROM CampaignMember")) == (400, "INVALID_TYPE")
    names = [one["name"] for one in client.get("sobjects").json()["sobjects"]]
    assert "Campaign" not in names and "Lead" in names


@pytest.mark.parametrize(
    ("lead_status", "contact_status", "left"),
    [("Responded", "Sent", "Responded"), ("Sent", "Responded", "Responded")],
)
def test_memberships_move_to_the_contact(
    client: Client, lead_status: str, contact_status: str, left: str
) -> None:
    """Of two memberships in one campaign the one that is further along wins."""
    campaign, other = (client.create("Campaign", Name=name) for name in "ab")
    lead = client.create("Lead", LastName="x", Company="y")
    contact = client.create("Contact", LastName="x")
    client.create("CampaignMember", CampaignId=campaign, LeadId=lead, Status=lead_status)
    alone = client.create("CampaignMember", CampaignId=other, LeadId=lead)
    client.create("CampaignMember", CampaignId=campaign, ContactId=contact, Status=contact_status)
    client.advance(60)

    account = client.create("Account", Name="y")
    client.control("convert", {"lead_id": lead, "contact_id": contact, "account_id": account})

    members = client.query(f"SELECT Status FROM CampaignMember WHERE CampaignId = '{campaign}'")
    assert [row["Status"] for row in members] == [left]
    moved = client.read("CampaignMember", alone)
    assert (moved["ContactId"], moved["LeadId"]) == (contact, lead)
    assert moved["SystemModstamp"] == "2026-11-22T12:01:00.000+0000"


def test_a_person_account_is_an_account_and_a_contact(client: Client) -> None:
    """Both sides show the same person, and change together."""
    client.control("features", {"person_accounts": True})

    account = client.create(
        "Account", LastName="Lovelace", FirstName="Ada", PersonEmail="a@example.com"
    )
    person = client.read("Account", account)
    contact = client.read("Contact", person["PersonContactId"])
    client.patch(f"sobjects/Contact/{contact['Id']}", {"Email": "b@example.com"})

    assert (person["Name"], person["IsPersonAccount"]) == ("Ada Lovelace", True)
    assert (contact["AccountId"], contact["IsPersonAccount"]) == (account, True)
    assert client.read("Account", account)["PersonEmail"] == "b@example.com"
    business = client.create("Account", Name="Acme")
    assert client.read("Account", business)["IsPersonAccount"] is False
    moved = client.patch(f"sobjects/Contact/{contact['Id']}", {"AccountId": business})
    assert error_of(moved) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    lead = client.post("sobjects/Lead", {"LastName": "x"})
    assert lead.status == 201
    names = {field["name"] for field in client.get("sobjects/Account/describe").json()["fields"]}
    assert {"IsPersonAccount", "PersonContactId", "PersonEmail"} <= names


def test_audit_fields_are_a_permission(client: Client) -> None:
    """Back-dated rows keep their old LastModifiedDate under a new SystemModstamp."""
    old = {"LastName": "x", "LastModifiedDate": "2010-01-01T00:00:00Z"}
    assert error_of(client.post("sobjects/Contact", old)) == (
        400,
        "INVALID_FIELD_FOR_INSERT_UPDATE",
    )

    client.control("features", {"audit_fields": True})
    contact = client.create("Contact", **old)

    after = client.read("Contact", contact)
    assert after["LastModifiedDate"] == "2010-01-01T00:00:00.000+0000"
    assert after["SystemModstamp"] == "2026-11-22T12:00:00.000+0000"
