"""Single records: what is written, what is refused, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.conftest import Client, error_of

STAMP = "2026-11-22T12:00:00.000+0000"


def test_a_new_record_answers_201_and_can_be_read(client: Client) -> None:
    """A creation gives the id, stamps the row and fills in defaults."""
    response = client.post(
        "sobjects/Lead",
        {"LastName": "  Lovelace ", "FirstName": "Ada", "Company": "Acme", "Title": ""},
        {"Sforce-Auto-Assign": "FALSE"},
    )

    body = response.json()
    lead = client.read("Lead", body["id"])
    assert (response.status, body["success"], body["errors"]) == (201, True, [])
    assert len(body["id"]) == 18 and body["id"].startswith("00Q")
    assert (lead["Name"], lead["LastName"], lead["Title"]) == ("Ada Lovelace", "Lovelace", None)
    assert lead["Status"] == "Open - Not Contacted"
    assert lead["IsConverted"] is False
    assert lead["CreatedDate"] == lead["LastModifiedDate"] == lead["SystemModstamp"] == STAMP
    assert lead["OwnerId"] == client.simulator.org.user_id


@pytest.mark.parametrize(
    ("values", "code", "message", "fields"),
    [
        ({}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["LastName"]),
        (
            {"LastName": "x" * 81},
            "STRING_TOO_LONG",
            f"Last Name: data value too large: {'x' * 81} (max length=80)",
            ["LastName"],
        ),
        (
            {"LastName": "x", "Email": "nobody"},
            "INVALID_EMAIL_ADDRESS",
            "Email: invalid email address: nobody",
            ["Email"],
        ),
        (
            {"LastName": "x", "CleanStatus": "Perhaps"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Clean Status: bad value for restricted picklist field: Perhaps",
            ["CleanStatus"],
        ),
        (
            {"LastName": "x", "Nonsense__c": 1},
            "INVALID_FIELD",
            "No such column 'Nonsense__c' on sobject of type Contact",
            None,
        ),
        (
            {"LastName": "x", "Id": "003000000000000"},
            "INVALID_FIELD",
            "The Id field should not be specified in the sobject data.",
            None,
        ),
        (
            {"LastName": "x", "AccountId": "00Q000000000001"},
            "MALFORMED_ID",
            "Account ID: id value of incorrect type: 00Q000000000001EAA",
            ["AccountId"],
        ),
        (
            {"LastName": "x", "AccountId": "nonsense"},
            "MALFORMED_ID",
            "Account ID: id value of incorrect type: nonsense",
            ["AccountId"],
        ),
        (
            {"LastName": "x", "AccountId": "001000000000001"},
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
            ["AccountId"],
        ),
        (
            {"LastName": "x", "HasOptedOutOfEmail": None},
            "INVALID_TYPE_ON_FIELD_IN_RECORD",
            "Email Opt Out: value not of required type: null",
            ["HasOptedOutOfEmail"],
        ),
    ],
)
def test_a_bad_contact_is_refused_with_the_field_at_fault(
    client: Client, values: dict[str, Any], code: str, message: str, fields: list[str] | None
) -> None:
    """Each rule of a field has Salesforce's own code and sentence."""
    response = client.post("sobjects/Contact", values)

    assert response.status == 400
    error = response.json()[0]
    assert (error["errorCode"], error["message"], error.get("fields")) == (code, message, fields)
    assert client.query("SELECT Id FROM Contact") == []


@pytest.mark.parametrize("name", ["SystemModstamp", "Name", "IsEmailBounced", "PhotoUrl"])
def test_read_only_fields_are_refused(client: Client, name: str) -> None:
    """What nobody may write is named in the refusal."""
    response = client.post("sobjects/Contact", {"LastName": "x", name: "2026-01-01T00:00:00Z"})

    assert error_of(response) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    assert response.json()[0]["fields"] == [name]


@pytest.mark.parametrize(
    "values",
    [
        {"HasOptedOutOfEmail": "perhaps"},
        {"Birthdate": "tomorrow"},
        {"LastName": {"a": 1}},
        {"MailingLatitude": "north"},
    ],
)
def test_a_value_of_another_type_spoils_the_whole_request(
    client: Client, values: dict[str, Any]
) -> None:
    """JSON that does not fit the type is refused before any row is looked at."""
    row = {"attributes": {"type": "Contact"}, "LastName": "x", **values}
    good = {"attributes": {"type": "Contact"}, "LastName": "y"}

    response = client.post("composite/sobjects", {"records": [good, row]})

    assert error_of(response) == (400, "JSON_PARSER_ERROR")
    assert client.query("SELECT Id FROM Contact") == []


def test_unrestricted_picklists_take_any_text(client: Client) -> None:
    """A wrong mapping into an unrestricted picklist is silent, as in a real org."""
    lead = client.create("Lead", LastName="x", Company="y", LeadSource="Sky Writing")

    assert client.read("Lead", lead)["LeadSource"] == "Sky Writing"


def test_null_clears_and_absence_leaves(client: Client) -> None:
    """An update touches the given fields only, and null empties one."""
    contact = client.create("Contact", LastName="x", Title="CEO", Phone="1")

    response = client.patch(f"sobjects/Contact/{contact}", {"Title": None})

    after = client.read("Contact", contact)
    assert response.status == 204
    assert response.body == b""
    assert (after["Title"], after["Phone"]) == (None, "1")


def test_a_required_field_can_not_be_blanked(client: Client) -> None:
    """Blanking by null or by empty text is refused alike."""
    contact = client.create("Contact", LastName="x")

    for blank in (None, "", "   "):
        response = client.patch(f"sobjects/Contact/{contact}", {"LastName": blank})
        assert error_of(response) == (400, "REQUIRED_FIELD_MISSING")


def test_an_update_moves_both_stamps(client: Client) -> None:
    """A user's change moves LastModifiedDate and SystemModstamp together."""
    contact = client.create("Contact", LastName="x")
    client.advance(61)

    client.patch(f"sobjects/Contact/{contact}", {"LastName": "y"})

    after = client.read("Contact", contact)
    assert after["CreatedDate"] == STAMP
    assert after["LastModifiedDate"] == after["SystemModstamp"] == "2026-11-22T12:01:01.000+0000"


def test_a_record_that_was_deleted_or_never_was_answers_404(client: Client) -> None:
    """The two absences have codes of their own."""
    contact = client.create("Contact", LastName="x")

    assert client.delete(f"sobjects/Contact/{contact}").status == 204
    for method in (client.get, client.delete):
        assert error_of(method(f"sobjects/Contact/{contact}")) == (404, "ENTITY_IS_DELETED")
    missing = "sobjects/Contact/003000000000001AAA"
    assert error_of(client.get(missing)) == (404, "NOT_FOUND")
    assert error_of(client.patch(missing, {"Title": "x"})) == (404, "NOT_FOUND")


def test_ids_of_15_characters_are_taken_and_18_given(client: Client) -> None:
    """Both forms of an id name the same record."""
    account = client.create("Account", Name="Acme")

    contact = client.create("Contact", LastName="x", AccountId=account[:15])

    assert client.read("Contact", contact[:15])["AccountId"] == account
    assert client.values(f"SELECT Id FROM Contact WHERE AccountId = '{account[:15]}'") == [contact]


def test_unique_keys_are_unique_whatever_their_case(client: Client) -> None:
    """A clash names the other record by its 15-character id."""
    first = client.create("Contact", LastName="x", Counterpart_Id__c="K-1")

    response = client.post("sobjects/Contact", {"LastName": "y", "Counterpart_Id__c": "k-1"})

    assert error_of(response) == (400, "DUPLICATE_VALUE")
    assert response.json()[0]["message"] == (
        f"duplicate value found: Counterpart_Id__c duplicates value on record with id: {first[:15]}"
    )


def test_unknown_objects_answer_404(client: Client) -> None:
    """An object that does not exist is a path that does not exist."""
    assert error_of(client.post("sobjects/Nonsense", {})) == (404, "NOT_FOUND")
    assert error_of(client.get("sobjects/Nonsense/describe")) == (404, "NOT_FOUND")


def test_only_the_wanted_fields_are_read(client: Client) -> None:
    """The parameter *fields* narrows a read, and an unknown field is refused."""
    contact = client.create("Contact", LastName="x", Title="CEO")

    read = client.get(f"sobjects/Contact/{contact}?fields=Title,Id").json()

    assert set(read) == {"attributes", "Title", "Id"}
    wrong = client.get(f"sobjects/Contact/{contact}?fields=Nonsense")
    assert error_of(wrong) == (400, "INVALID_FIELD")


@pytest.mark.parametrize("name", ["GET", "PATCH"])
def test_a_changed_record_fails_the_precondition(client: Client, name: str) -> None:
    """If-Unmodified-Since is a lock that compares LastModifiedDate to the second."""
    contact = client.create("Contact", LastName="x")
    path, body = f"sobjects/Contact/{contact}", {"LastName": "y"}
    before = {"If-Unmodified-Since": "Sun, 22 Nov 2026 11:59:59 GMT"}
    now = {"If-Unmodified-Since": "Sun, 22 Nov 2026 12:00:00 GMT"}

    refused = client.call(name, path, body if name == "PATCH" else None, before)
    allowed = client.call(name, path, body if name == "PATCH" else None, now)

    assert refused.status == 412
    assert allowed.status in {200, 204}


def test_a_record_that_has_not_changed_answers_304(client: Client) -> None:
    """If-Modified-Since saves a read."""
    contact = client.create("Contact", LastName="x")

    since = {"If-Modified-Since": "Sun, 22 Nov 2026 12:00:00 GMT"}

    assert client.get(f"sobjects/Contact/{contact}", since).status == 304


def test_a_bounce_is_forgotten_with_its_address(client: Client) -> None:
    """A new e-mail address clears what was known of the old one."""
    contact = client.create("Contact", LastName="x", Email="a@example.com")
    bounce = {"EmailBouncedReason": "full", "EmailBouncedDate": "2026-11-01T00:00:00Z"}
    client.patch(f"sobjects/Contact/{contact}", bounce)
    assert client.read("Contact", contact)["IsEmailBounced"] is True

    client.patch(f"sobjects/Contact/{contact}", {"Email": "b@example.com"})

    assert client.read("Contact", contact)["IsEmailBounced"] is False
    assert client.read("Contact", contact)["EmailBouncedReason"] is None


def test_the_opportunity_follows_its_stage(client: Client) -> None:
    """Probability, forecast and the closed flags come from the stage."""
    deal = client.create(
        "Opportunity", Name="Deal", StageName="Prospecting", CloseDate="2026-12-01"
    )

    client.patch(f"sobjects/Opportunity/{deal}", {"StageName": "Closed Won", "Amount": 100})

    after = client.read("Opportunity", deal)
    assert (after["IsClosed"], after["IsWon"], after["Probability"]) == (True, True, 100.0)
    assert (after["ExpectedRevenue"], after["FiscalYear"]) == (100.0, 2026)
