"""SOQL: what queries find, and how wrong ones are refused."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.soql.parser import parse
from tests.simulator.conftest import Client, error_of


@pytest.fixture
def people(client: Client) -> Client:
    """Five contacts of two accounts, created a minute apart."""
    acme = client.create("Account", Name="Acme", Industry="Energy", NumberOfEmployees=10)
    beta = client.create("Account", Name="beta", AnnualRevenue=12.5)
    for last, account, rest in (
        ("Ångström", acme, {"Email": "Anders@acme.example", "Birthdate": "1990-11-22"}),
        ("Bo_b", acme, {"Title": "CEO", "HasOptedOutOfEmail": True}),
        ("carol", beta, {"Title": "ceo", "Email": "carol@beta.example"}),
        ("D'Arc", None, {"Title": "100% owner"}),
        ("Жуков", None, {"MailingCity": "Київ"}),
    ):
        client.create("Contact", LastName=last, AccountId=account, **rest)
        client.advance(60)
    return client


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("LastName = 'CAROL'", ["carol"]),
        ("LastName = 'ångström'", ["Ångström"]),
        ("LastName = 'ЖУКОВ'", ["Жуков"]),
        ("LastName = 'D\\'Arc'", ["D'Arc"]),
        ("LastName LIKE 'bo\\_b'", ["Bo_b"]),
        ("LastName LIKE 'bo_b'", ["Bo_b"]),
        ("LastName LIKE '%ар%' OR LastName LIKE 'жу%'", ["Жуков"]),
        ("Title LIKE '100\\% %'", ["D'Arc"]),
        ("Title = 'CEO'", ["Bo_b", "carol"]),
        ("Title != 'CEO'", ["Ångström", "D'Arc", "Жуков"]),
        ("Title <> 'CEO' AND Title != null", ["D'Arc"]),
        ("NOT Title = 'CEO'", ["Ångström", "D'Arc", "Жуков"]),
        ("NOT (Title LIKE 'c%' OR Email != null)", ["D'Arc", "Жуков"]),
        ("Email = null", ["Bo_b", "D'Arc", "Жуков"]),
        ("Email = ''", ["Bo_b", "D'Arc", "Жуков"]),
        ("Title IN ('CEO', null)", ["Ångström", "Bo_b", "carol", "Жуков"]),
        ("Title NOT IN ('CEO')", ["Ångström", "D'Arc", "Жуков"]),
        ("LastName IN ('КНИГА', 'жуков', 'carol')", ["carol", "Жуков"]),
        ("HasOptedOutOfEmail = TRUE", ["Bo_b"]),
        ("HasOptedOutOfEmail != true AND Title = null", ["Ångström", "Жуков"]),
        ("Account.Name = 'ACME'", ["Ångström", "Bo_b"]),
        ("Account.Name != 'ACME'", ["carol", "D'Arc", "Жуков"]),
        ("Account.NumberOfEmployees >= 10", ["Ångström", "Bo_b"]),
        ("Account.AnnualRevenue < 12.51", ["carol"]),
        ("CreatedDate > 2026-11-22T12:02:00Z", ["D'Arc", "Жуков"]),
        ("CreatedDate >= 2026-11-22T13:02:00+01:00", ["carol", "D'Arc", "Жуков"]),
        ("CreatedDate = 2026-11-22T12:02:00.000Z", ["carol"]),
        ("CreatedDate = TODAY", ["Ångström", "Bo_b", "carol", "D'Arc", "Жуков"]),
        ("CreatedDate < TODAY", []),
        ("CreatedDate >= LAST_N_DAYS:3 AND LastName LIKE 'c%'", ["carol"]),
        ("CreatedDate = YESTERDAY OR CreatedDate = LAST_WEEK", []),
        ("Birthdate = 2026-11-22", ["Ångström"]),
        ("AccountId IN (SELECT Id FROM Account WHERE Industry = 'energy')", ["Ångström", "Bo_b"]),
        ("Id NOT IN (SELECT ContactId FROM CampaignMember)", ["Ångström", "Bo_b", "carol", "D'Arc", "Жуков"]),
        ("CALENDAR_YEAR(CreatedDate) = 2026 AND HOUR_IN_DAY(CreatedDate) = 12 AND Title = null", ["Ångström", "Жуков"]),
        ("DAY_ONLY(CreatedDate) = 2026-11-22 AND LastName = 'carol'", ["carol"]),
        ("(Title = 'CEO' AND Email != null) OR MailingCity = 'київ'", ["carol", "Жуков"]),
    ],
)  # fmt: skip
def test_conditions_find_what_they_say(people: Client, where: str, names: list[str]) -> None:
    """Text is compared without case in every script, and nothing is never unknown."""
    found = people.values(f"SELECT LastName FROM Contact WHERE {where} ORDER BY CreatedDate")

    assert found == names


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("Title, LastName", ["Ångström", "Жуков", "D'Arc", "Bo_b", "carol"]),
        ("Title NULLS LAST, LastName DESC", ["D'Arc", "carol", "Bo_b", "Жуков", "Ångström"]),
        ("CreatedDate DESC LIMIT 2", ["Жуков", "D'Arc"]),
        ("CreatedDate LIMIT 2 OFFSET 1", ["Bo_b", "carol"]),
        ("Account.Name DESC NULLS LAST, CreatedDate LIMIT 3", ["carol", "Ångström", "Bo_b"]),
    ],
)
def test_rows_come_in_the_order_asked_for(people: Client, order: str, names: list[str]) -> None:
    """Several keys, nothing first unless said otherwise, and a slice of it."""
    found = people.values(f"SELECT LastName FROM Contact ORDER BY {order}")

    assert found == names


def test_parents_are_nested_and_absent_ones_null(people: Client) -> None:
    """A parent's fields come in an object of their own, with attributes."""
    first, *_, last = people.query(
        "SELECT Name, c.Account.Name, Account.Owner.Name, Owner.Username FROM Contact c "
        "ORDER BY c.CreatedDate"
    )

    assert first["attributes"]["type"] == "Contact"
    assert first["Account"]["Name"] == "Acme"
    assert first["Account"]["attributes"]["url"].startswith(
        "/services/data/v66.0/sobjects/Account/001"
    )
    assert first["Account"]["Owner"]["Name"] == "Integration"
    assert last["Account"] is None
    assert last["Owner"]["Username"] == "integration@example.com"


def test_children_come_with_their_parents(people: Client) -> None:
    """A subquery's rows are filtered, ordered and limited for each parent; none is null."""
    people.create("Account", Name="Empty")

    found = people.query(
        "SELECT Name, (SELECT LastName FROM Contacts WHERE Title != 'x' ORDER BY LastName DESC LIMIT 1)"
        " FROM Account ORDER BY Name"
    )

    assert [record["Name"] for record in found] == ["Acme", "beta", "Empty"]
    assert found[0]["Contacts"]["totalSize"] == 1
    assert found[0]["Contacts"]["records"][0]["LastName"] == "Ångström"
    assert found[2]["Contacts"] is None


def test_aggregates_are_grouped(people: Client) -> None:
    """Groups and sums have names of their own or are numbered."""
    rows = people.query(
        "SELECT Account.Name, COUNT(Id) people, MAX(CreatedDate), COUNT_DISTINCT(Title) FROM Contact "
        "WHERE AccountId != null GROUP BY Account.Name HAVING COUNT(Id) > 1 ORDER BY COUNT(Id)"
    )

    assert rows == [
        {
            "attributes": {"type": "AggregateResult"},
            "Name": "Acme",
            "people": 2,
            "expr0": "2026-11-22T12:01:00.000+0000",
            "expr1": 1,
        }
    ]
    assert people.ask("SELECT COUNT() FROM Contact WHERE Title = 'ceo'").json() == {
        "totalSize": 2,
        "done": True,
        "records": [],
    }
    assert people.query("SELECT SUM(AnnualRevenue) FROM Account")[0]["expr0"] == 12.5


def test_fields_of_a_kind_are_selected_together(people: Client) -> None:
    """FIELDS(STANDARD) needs no limit, the others do."""
    standard = people.query("SELECT FIELDS(STANDARD) FROM Contact LIMIT 1")[0]
    custom = people.query("SELECT FIELDS(CUSTOM) FROM Contact LIMIT 1")[0]

    assert "LastName" in standard and "Counterpart_Id__c" not in standard
    assert set(custom) == {"attributes", "Counterpart_Id__c", "Sync_to_Counterpart__c"}
    assert error_of(people.ask("SELECT FIELDS(ALL) FROM Contact")) == (400, "MALFORMED_QUERY")


def test_addresses_are_put_together(client: Client) -> None:
    """A compound field is an object of its parts, or nothing."""
    client.create("Lead", LastName="x", Company="y", City="Wien", PostalCode="1010")

    found = client.query("SELECT Address FROM Lead")[0]["Address"]

    assert (found["city"], found["postalCode"], found["street"]) == ("Wien", "1010", None)


def test_labels_stand_for_values(client: Client) -> None:
    """ToLabel shows what people see."""
    client.create("Contact", LastName="x", CleanStatus="Matched")

    assert client.values("SELECT toLabel(CleanStatus) FROM Contact") == ["In Sync"]
    assert client.values("SELECT CleanStatus FROM Contact") == ["Matched"]


def test_a_polymorphic_owner_is_a_user_or_a_queue(client: Client) -> None:
    """TYPEOF selects by what the reference points at."""
    queue = client.simulator.org.queue_id
    client.create("Lead", LastName="a", Company="y")
    client.create("Lead", LastName="b", Company="y", OwnerId=queue)

    found = client.query(
        "SELECT TYPEOF Owner WHEN User THEN Username WHEN Group THEN DeveloperName END, LastName "
        "FROM Lead ORDER BY LastName"
    )
    plain = client.query("SELECT Owner.Name, Owner.Type FROM Lead ORDER BY LastName")

    assert found[0]["Owner"]["Username"] == "integration@example.com"
    assert found[1]["Owner"]["DeveloperName"] == "Lead_Queue"
    assert [row["Owner"]["Type"] for row in plain] == ["User", "Group"]
    assert plain[1]["Owner"]["attributes"]["type"] == "Group"


@pytest.mark.parametrize(
    ("query", "code", "piece"),
    [
        ("SELECT Nonsense FROM Contact", "INVALID_FIELD", "No such column 'Nonsense' on entity 'Contact'"),
        ("SELECT Id FROM Nonsense", "INVALID_TYPE", "sObject type 'Nonsense' is not supported."),
        ("SELECT Id FROM Contact WHERE Nonsense = 1", "INVALID_FIELD", "No such column 'Nonsense'"),
        ("SELECT Id FROM Lead WHERE Owner.Department = 'x'", "INVALID_FIELD",
         "No such column 'Department' on entity 'Name'"),
        ("SELECT Owner.Manager.Name FROM Lead", "INVALID_FIELD", "Didn't understand relationship 'Manager'"),
        ("SELECT Nothing.Name FROM Contact", "INVALID_FIELD", "Didn't understand relationship 'Nothing'"),
        ("SELECT Id, (SELECT Id FROM Nothings) FROM Account", "INVALID_TYPE", "Nothings"),
        ("SELECT Id, id FROM Contact", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT Id FROM Contact WHERE CreatedDate > '2026-01-01T00:00:00Z'", "INVALID_FIELD",
         "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed in quotes"),
        ("SELECT Id FROM Contact WHERE CreatedDate > 2026-01-01", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Contact WHERE LastName = 5", "INVALID_FIELD",
         "must be of type string and should be enclosed in quotes"),
        ("SELECT Id FROM Contact WHERE HasOptedOutOfEmail = 'true'", "INVALID_FIELD", "must be of type boolean"),
        ("SELECT Id FROM Contact WHERE Description = 'x'", "INVALID_FIELD",
         "field 'Description' can not be filtered in a query call"),
        ("SELECT Id FROM Contact WHERE Id = 'nonsense'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: nonsense"),
        ("SELECT Id FROM Contact ORDER BY Description", "MALFORMED_QUERY", "can not be sorted"),
        ("SELECT Id FROM Contact OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
        ("SELECT Id FROM Contact WHERE Title = 'a' AND Email = 'b' OR Name = 'c'", "MALFORMED_QUERY", "unexpected token: 'OR'"),
        ("SELECT Id FROM Contact WHERE", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT FROM Contact", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id Contact", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT * FROM Contact", "MALFORMED_QUERY", "unexpected token: '*'"),
        ('SELECT Id FROM Contact WHERE Name = "x"', "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Contact WHERE Name = 'x", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Contact LIMIT x", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Name n FROM Contact", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        ("SELECT Name, COUNT(Id) FROM Contact", "MALFORMED_QUERY", "Field must be grouped or aggregated: Name"),
        ("SELECT Id FROM Contact FOR UPDATE", "MALFORMED_QUERY", "FOR UPDATE"),
        ("SELECT Id FROM Contact ALL ROWS", "MALFORMED_QUERY", "ALL ROWS"),
        ("SELECT TYPEOF Account WHEN Account THEN Name END FROM Contact", "MALFORMED_QUERY", "TYPEOF"),
        ("SELECT Id FROM Contact WHERE Title INCLUDES ('x')", "INVALID_FIELD", "invalid operator"),
        ("SELECT Id FROM Contact WHERE Id IN (SELECT Name FROM Account)", "MALFORMED_QUERY", "id or a reference"),
    ],
)  # fmt: skip
def test_wrong_queries_are_refused_in_salesforces_words(
    client: Client, query: str, code: str, piece: str
) -> None:
    """Nothing is silently empty or silently full."""
    response = client.ask(query)

    assert error_of(response) == (400, code)
    assert piece in response.json()[0]["message"]


def test_a_complaint_points_at_the_place(client: Client) -> None:
    """The message shows the piece of the query, an arrow, the row and the column."""
    message = client.ask("SELECT Id, Nonsense FROM Contact").json()[0]["message"]

    assert message.startswith(
        "\nSELECT Id, Nonsense FROM Contact\n           ^\nERROR at Row:1:Column:12\n"
    )


def test_hidden_fields_look_unknown(client: Client) -> None:
    """What permissions hide can't be selected, filtered by, written or described."""
    client.control("features", {"hide_fields": ["Lead.Title"]})

    assert error_of(client.ask("SELECT Title FROM Lead")) == (400, "INVALID_FIELD")
    assert error_of(client.ask("SELECT Id FROM Lead WHERE Title = 'x'")) == (400, "INVALID_FIELD")
    assert (
        client.post("sobjects/Lead", {"LastName": "x", "Company": "y", "Title": "z"}).status == 400
    )
    names = [field["name"] for field in client.get("sobjects/Lead/describe").json()["fields"]]
    assert "Title" not in names


def test_like_queries_share_a_plan_and_not_their_values(people: Client) -> None:
    """A plan that was compiled for one query answers another with its own values."""
    for last, expected in (("carol", ["carol"]), ("Жуков", ["Жуков"]), ("nobody", []), ("", [])):
        assert people.values(f"SELECT LastName FROM Contact WHERE LastName = '{last}'") == expected
    for since, count in (("12:01:00", 4), ("12:04:00", 1)):
        where = f"CreatedDate >= 2026-11-22T{since}Z AND (Title = 'CEO' OR Title != 'CEO')"
        assert len(people.query(f"SELECT Id FROM Contact WHERE {where}")) == count


def test_keyset_pages_meet_every_row_once(client: Client) -> None:
    """Rows of one stamp are told apart by their ids."""
    for start in (0, 1):
        rows = [{"attributes": {"type": "Contact"}, "LastName": f"{start}-{i}"} for i in range(150)]
        client.post("composite/sobjects", {"records": rows})
        client.advance(1)
    seen: list[Any] = []
    stamp, last = "2026-01-01T00:00:00Z", "000000000000000"
    while True:
        page = client.query(
            "SELECT Id, SystemModstamp FROM Contact WHERE SystemModstamp < 2027-01-01T00:00:00Z AND "
            f"(SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > '{last}')) "
            "ORDER BY SystemModstamp ASC, Id ASC LIMIT 40"
        )
        if not page:
            break
        seen += [record["Id"] for record in page]
        stamp, last = page[-1]["SystemModstamp"].replace(".000+0000", "Z"), page[-1]["Id"]

    assert len(seen) == len(set(seen)) == 300


def test_keyset_pages_are_range_scans(client: Client) -> None:
    """The lower bound that the alternatives imply reaches the index."""
    engine = client.simulator.org.engine
    text = (
        "SELECT Id FROM Contact WHERE SystemModstamp < 2027-01-01T00:00:00Z AND (SystemModstamp > "
        "2026-01-01T00:00:00Z OR (SystemModstamp = 2026-01-01T00:00:00Z AND Id > '003000000000001'))"
        " ORDER BY SystemModstamp, Id LIMIT 2000"
    )
    plan, _ = engine.plan(text, schema=client.simulator.org.schema, root="/", all_rows=False)

    sql = (
        f"EXPLAIN QUERY PLAN SELECT {plan.columns} FROM {plan.source} WHERE {plan.where}{plan.tail}"
    )
    steps = [
        row[3] for row in client.simulator.org.store.db.execute(sql, ["x"] * len(plan.parameters))
    ]

    assert len(steps) == 1
    assert "USING INDEX Contact.SystemModstamp (SystemModstamp>? AND SystemModstamp<?)" in steps[0]


def test_a_query_is_parsed_whatever_the_case_and_layout() -> None:
    """Keywords are words like others where a name can stand."""
    tree = parse(
        "select\n Id , Limit__c\tfrom Group\nwhere Type='Queue' order  by Name desc nulls last limit 5"
    )

    assert tree.target.text == "Group"
    assert tree.limit == 5
    assert tree.order[0].descending and tree.order[0].nulls_last
