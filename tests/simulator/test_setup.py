"""What an org is made of besides standard objects: a source project and a set-up file."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator import Simulator
from simulator.credentials import Credentials
from simulator.soql.parser import parse
from tests.simulator.conftest import TOKEN, Client, error_of

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'


def write(folder: Path, name: str, root: str, body: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"{HEAD}<{root} {NAMESPACE}>{body}</{root}>", encoding="utf-8")


@pytest.fixture
def visits(tmp_path: Path, credentials: Credentials) -> Client:
    """An org with an object of its own, made of metadata."""
    folder = tmp_path / "force-app/main/default/objects/Visit__c"
    write(
        folder,
        "Visit__c.object-meta.xml",
        "CustomObject",
        "<label>Visit</label><pluralLabel>Visits</pluralLabel><nameField><label>Number</label>"
        "<type>AutoNumber</type><displayFormat>V-{0000}</displayFormat></nameField>",
    )
    fields = {
        "Guest__c": "<type>Lookup</type><referenceTo>Contact</referenceTo><relationshipName>Visits</relationshipName>",
        "Topics__c": (
            "<type>MultiselectPicklist</type><valueSet><restricted>true</restricted>"
            "<valueSetDefinition><value><fullName>Price</fullName></value>"
            "<value><fullName>Support</fullName></value><value><fullName>Other</fullName></value>"
            "</valueSetDefinition></valueSet>"
        ),
        "Score__c": "<type>Number</type><precision>5</precision><scale>1</scale><required>true</required>",
        "Notes__c": "<type>Html</type><length>32768</length>",
        "Total__c": "<type>Number</type><precision>18</precision><scale>0</scale><formula>1</formula>",
    }
    for name, body in fields.items():
        write(
            folder / "fields",
            f"{name}.field-meta.xml",
            "CustomField",
            f"<fullName>{name}</fullName><label>{name[:-3]}</label>{body}",
        )
    return Client(
        simulator=Simulator(project=tmp_path, credentials=credentials, access_token=TOKEN)
    )


def test_objects_are_read_from_metadata(visits: Client) -> None:
    """Numbered names, lookups with children, rounding, and fields nobody may write."""
    contact = visits.create("Contact", LastName="x")
    made = visits.create("Visit__c", Guest__c=contact, Score__c=9.25, Topics__c="Support;Price")

    row = visits.query("SELECT Name, Score__c, Topics__c, Guest__r.Name FROM Visit__c")[0]
    children = visits.query("SELECT (SELECT Name FROM Visits__r) FROM Contact")[0]

    assert made.startswith("a00")
    assert (row["Name"], row["Score__c"], row["Guest__r"]["Name"]) == ("V-0001", 9.3, "x")
    assert row["Topics__c"] == "Price;Support"
    assert children["Visits__r"]["totalSize"] == 1
    refused = visits.post("sobjects/Visit__c", {"Score__c": 1, "Total__c": 1})
    assert error_of(refused) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    assert error_of(visits.post("sobjects/Visit__c", {})) == (400, "REQUIRED_FIELD_MISSING")
    far = visits.post("sobjects/Visit__c", {"Score__c": 10_000})
    assert error_of(far) == (400, "NUMBER_OUTSIDE_VALID_RANGE")


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("INCLUDES ('Price')", ["a", "b"]),
        ("INCLUDES ('Price;Support')", ["b"]),
        ("INCLUDES ('other', 'Price;Support')", ["b", "c"]),
        ("EXCLUDES ('Price')", ["c", "d"]),
        ("= 'Price;Support'", ["b"]),
    ],
)
def test_several_choices_are_queried(visits: Client, condition: str, found: list[str]) -> None:
    """A semicolon asks for all of them, a comma for any."""
    for name, topics in (("a", "Price"), ("b", "Support;Price"), ("c", "Other"), ("d", None)):
        contact = visits.create("Contact", LastName=name)
        visits.create("Visit__c", Guest__c=contact, Score__c=1, Topics__c=topics)

    names = visits.query(f"SELECT Guest__r.LastName FROM Visit__c WHERE Topics__c {condition}")

    assert [row["Guest__r"]["LastName"] for row in names] == found


def test_rich_text_says_so(visits: Client) -> None:
    """Other texts of any length are plain."""
    told = visits.get("sobjects/Visit__c/describe").json()["fields"]
    by_name = {
        each["name"]: (each["type"], each["htmlFormatted"], each["extraTypeInfo"]) for each in told
    }

    assert by_name["Notes__c"] == ("textarea", True, "richtextarea")
    assert by_name["Topics__c"][1:] == (False, None)


def test_a_choice_that_is_not_on_the_list_is_refused(visits: Client) -> None:
    """Restricted lists of several choices look at each."""
    response = visits.post("sobjects/Visit__c", {"Score__c": 1, "Topics__c": "Price;Weather"})

    assert error_of(response) == (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")


def test_a_declared_setup_outlives_a_reset(credentials: Credentials) -> None:
    """What a file says about the org is how the org is, again and again."""
    rule = {"object": "Contact", "when": "Title = 'x'", "message": "No."}
    simulator = Simulator(
        credentials=credentials, access_token=TOKEN, setup={"validation_rules": [rule]}
    )
    client = Client(simulator=simulator)
    client.control("features", {"validation_rules": []})
    assert client.create("Contact", LastName="x", Title="x")

    client.control("reset")

    refused = client.post("sobjects/Contact", {"LastName": "x", "Title": "x"})
    assert error_of(refused) == (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION")


def test_several_currencies_bring_a_field(client: Client) -> None:
    """Off, the field does not exist; on, it has a default and a closed list."""
    assert error_of(client.ask("SELECT CurrencyIsoCode FROM Account")) == (400, "INVALID_FIELD")
    client.control("features", {"multi_currency": True})

    client.create("Account", Name="a")
    client.create("Account", Name="b", CurrencyIsoCode="USD")

    found = client.values("SELECT CurrencyIsoCode FROM Account ORDER BY Name")
    assert found == ["EUR", "USD"]
    wrong = client.post("sobjects/Account", {"Name": "c", "CurrencyIsoCode": "XXX"})
    assert error_of(wrong) == (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")


def test_a_lead_without_a_company_becomes_a_person(client: Client) -> None:
    """With person accounts, conversion makes one of it."""
    client.control("features", {"person_accounts": True})
    lead = client.create("Lead", LastName="Lovelace", Email="a@example.com", Phone="1")

    made = client.control("convert", {"lead_id": lead})

    account = client.read("Account", made["account_id"])
    assert (account["IsPersonAccount"], account["PersonContactId"]) == (True, made["contact_id"])
    assert account["PersonEmail"] == "a@example.com"


def test_a_lead_is_converted_into_a_person_account(client: Client) -> None:
    """The Contact behind it is what the lead becomes; there is never a second one."""
    client.control("features", {"person_accounts": True})
    person = client.create("Account", LastName="Lovelace")
    contact = client.read("Account", person)["PersonContactId"]
    lead = client.create("Lead", LastName="Lovelace", Company="Acme", Title="Countess")

    made = client.control("convert", {"lead_id": lead, "account_id": person})

    assert made["contact_id"] == contact
    assert client.read("Contact", contact)["Title"] == "Countess"
    assert client.values("SELECT Id FROM Contact") == [contact]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT Id FROM Contact WITH SECURITY_ENFORCED",
        "SELECT Id FROM Contact WHERE Name = 'x' WITH USER_MODE ORDER BY Id LIMIT 1",
        "SELECT Title FROM Article__kav WITH DATA CATEGORY Geography__c ABOVE usa__c AND Product__c AT (a__c, b__c)",
        "SELECT Id FROM Article__kav UPDATE TRACKING",
        "SELECT Id FROM Contact FOR VIEW FOR REFERENCE",
        "SELECT Id FROM Opportunity WHERE Amount > USD5000.5 AND CloseDate = N_MONTHS_AGO:3",
        "SELECT CALENDAR_MONTH(CreatedDate) m, COUNT(Id) FROM Lead GROUP BY CALENDAR_MONTH(CreatedDate)",
        "SELECT Id FROM Contact WHERE Id IN (SELECT ContactId FROM CampaignMember WHERE Campaign.Name = 'x')",
        "SELECT Status, COUNT(Id) FROM Lead GROUP BY ROLLUP(Status)",
        "SELECT Id FROM Contact c, c.Account a WHERE a.Name = 'x'",
    ],
)
def test_rarer_clauses_are_well_formed(query: str) -> None:
    """The grammar knows more than the org can do."""
    assert parse(query).selection


@pytest.mark.parametrize(
    "query",
    [
        "SELECT Id FROM Contact WITH NONSENSE",
        "SELECT Id FROM Contact ORDER Name",
        "SELECT Id FROM Contact GROUP Name",
        "SELECT Id FROM Contact LIMIT -1",
        "SELECT Id FROM Contact OFFSET 5 LIMIT 5",
        "SELECT Id FROM Contact WHERE Name LIKE",
        "SELECT Id FROM Contact WHERE Name IN ()",
        "SELECT Id FROM Contact WHERE Name BETWEEN 'a' AND 'b'",
        "SELECT Id, FROM Contact",
        "SELECT Id FROM Contact WHERE (Name = 'x'",
        "SELECT Id FROM Contact WHERE Name == 'x'",
        "SELECT DISTINCT Name FROM Contact",
        "SELECT Id FROM Contact JOIN Account",
        "SELECT Id FROM Contact; DROP TABLE Contact",
        "UPDATE Contact SET Name = 'x'",
        "",
    ],
)
def test_what_is_no_soql_is_malformed(client: Client, query: str) -> None:
    """SQL's habits do not help."""
    assert error_of(client.ask(query)) == (400, "MALFORMED_QUERY")
