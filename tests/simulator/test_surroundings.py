"""Describes, versions, list views, reports, searches, and what is not there."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.simulator.conftest import Client, error_of


def test_a_describe_has_every_property(client: Client) -> None:
    """Clients look at properties that nobody remembers."""
    described = client.get("sobjects/Contact/describe").json()

    email = next(field for field in described["fields"] if field["name"] == "Email")
    assert len(email) == 57
    assert (email["idLookup"], email["unique"], email["length"]) == (True, False, 80)
    assert described["keyPrefix"] == "003"
    assert described["urls"]["rowTemplate"] == "/services/data/v66.0/sobjects/Contact/{ID}"
    children = {one["relationshipName"]: one for one in described["childRelationships"]}
    assert children["CampaignMembers"]["childSObject"] == "CampaignMember"
    assert children["CampaignMembers"]["cascadeDelete"] is True


def test_custom_fields_come_from_the_source_project(client: Client) -> None:
    """What is tested is what is deployed."""
    fields = {one["name"]: one for one in client.get("sobjects/Lead/describe").json()["fields"]}

    key, mark = fields["Counterpart_Id__c"], fields["Sync_to_Counterpart__c"]
    assert (key["type"], key["length"], key["externalId"], key["unique"]) == (
        "string",
        32,
        True,
        True,
    )
    assert (key["caseSensitive"], key["custom"], key["idLookup"]) == (False, True, True)
    assert (mark["type"], mark["defaultValue"], mark["nillable"]) == ("boolean", False, False)


def test_describe_global_lists_every_object(client: Client) -> None:
    """Each with its prefix and its place."""
    listed = client.get("sobjects").json()

    prefixes = {one["name"]: one["keyPrefix"] for one in listed["sobjects"]}
    assert prefixes["Lead"] == "00Q" and prefixes["CampaignMemberStatus"] == "01Y"
    assert (listed["encoding"], listed["maxBatchSize"]) == ("UTF-8", 200)


def test_versions_come_and_go(client: Client) -> None:
    """Retired ones are gone, others were never there."""
    versions = [one["version"] for one in client.get("/services/data").json()]

    labels = {one["version"]: one["label"] for one in client.get("/services/data").json()}
    assert (versions[0], versions[-1]) == ("31.0", "67.0")
    assert (labels["62.0"], labels["66.0"], labels["61.0"]) == (
        "Winter '25",
        "Spring '26",
        "Summer '24",
    )
    assert client.get("/services/data/v59.0/limits").status == 200
    assert error_of(client.get("/services/data/v30.0/limits")) == (410, "GONE")
    assert error_of(client.get("/services/data/v99.0/limits")) == (404, "NOT_FOUND")
    assert "sobjects" in client.get("/services/data/v66.0/").json()


@pytest.mark.parametrize(
    "path", ["tooling/query?q=SELECT+Id+FROM+ApexClass", "ui-api/records/003", "actions", "apexrest/x", "chatter/feeds", "sobjects/Lead/describe/layouts"]
)  # fmt: skip
def test_what_is_missing_says_so(client: Client, path: str) -> None:
    """501 and a sentence, never a wrong 200."""
    response = client.get(path)

    assert error_of(response) == (501, "NOT_IMPLEMENTED")
    assert response.json()[0]["message"].endswith(".")


def test_xml_is_for_the_first_bulk_api_alone(client: Client) -> None:
    """An answer in the wrong language would be a wrong 200."""
    xml = {"Accept": "application/xml"}
    body = {"Content-Type": "application/xml"}

    assert error_of(client.get("limits", xml)) == (501, "NOT_IMPLEMENTED")
    assert error_of(client.call("POST", "sobjects/Lead", "<Lead/>", body)) == (
        501,
        "NOT_IMPLEMENTED",
    )


def test_parents_and_children_are_one_step_away(client: Client) -> None:
    """A relationship is a path under the record."""
    account = client.create("Account", Name="Acme")
    contact = client.create("Contact", LastName="x", AccountId=account)
    alone = client.create("Contact", LastName="y")

    parent = client.get(f"sobjects/Contact/{contact}/Account?fields=Name").json()
    children = client.get(f"sobjects/Account/{account}/Contacts?fields=LastName").json()

    assert parent["Name"] == "Acme"
    assert [row["LastName"] for row in children["records"]] == ["x"]
    assert error_of(client.get(f"sobjects/Contact/{alone}/Account")) == (404, "NOT_FOUND")
    assert error_of(client.get(f"sobjects/Account/{account}/Nothings")) == (404, "NOT_FOUND")


def test_other_protocols_are_turned_away(client: Client) -> None:
    """Before anybody asks for a token."""
    response = client.simulator.handle("POST", "/services/Soap/u/64.0", body="<login/>")

    assert error_of(response) == (501, "NOT_IMPLEMENTED")


def test_a_wrong_method_names_the_right_ones(client: Client) -> None:
    """405, as the documentation says."""
    response = client.post("limits")

    assert error_of(response) == (405, "METHOD_NOT_ALLOWED")
    assert "GET" in response.json()[0]["message"]


def test_list_views_show_25_rows_in_odd_forms(client: Client) -> None:
    """15-character ids, labels, and dates as nowhere else."""
    for number in range(30):
        client.create("Lead", LastName=f"N{number:02d}", Company="y")
    view = client.get("sobjects/Lead/listviews").json()["listviews"][0]

    described = client.get(view["describeUrl"]).json()
    results = client.get(view["resultsUrl"]).json()

    assert described["query"].startswith("SELECT Name")
    assert (results["size"], results["done"]) == (25, False)
    first = {one["fieldNameOrPath"]: one["value"] for one in results["records"][0]["columns"]}
    assert (first["Name"], len(first["Id"])) == ("N00", 15)
    assert first["CreatedDate"] == "Sun Nov 22 12:00:00 GMT 2026"
    rest = client.get(f"{view['resultsUrl']}?limit=2000&offset=25").json()
    assert (rest["size"], rest["done"]) == (5, True)


def test_list_views_can_be_declared(client: Client) -> None:
    """With columns, a condition and a scope of their own."""
    view = {
        "object": "Contact",
        "developerName": "Chiefs",
        "label": "Chiefs",
        "columns": ["Name", "Account.Name"],
        "where": "Title = 'CEO'",
    }
    client.control("features", {"list_views": [view]})
    client.create("Contact", LastName="x", Title="CEO")
    client.create("Contact", LastName="y")

    results = client.get("sobjects/Contact/listviews/Chiefs/results").json()

    assert [row["columns"][0]["value"] for row in results["records"]] == ["x"]
    described = client.get("sobjects/Contact/listviews/Chiefs/describe").json()
    assert described["whereCondition"] == {"soql": "Title = 'CEO'"}


def test_reports_are_cut_at_two_thousand_rows(client: Client) -> None:
    """AllData says that there is more, filters bring it in pieces."""
    kind = client.simulator.org.base.objects["Contact"]
    org = client.simulator.org
    rows = [org.new_row(kind, org.user_id) | {"LastName": f"N{n}"} for n in range(2001)]
    org.store.bulk_insert(kind, list(rows[0]), [list(row.values()) for row in rows])
    report = client.get("analytics/reports").json()[0]

    cut = client.get(f"{report['url']}?includeDetails=true").json()
    whole = client.post(
        report["url"],
        {
            "reportMetadata": {
                "reportFilters": [{"column": "LastName", "operator": "equals", "value": "N7"}]
            }
        },
    ).json()

    assert (cut["allData"], len(cut["factMap"]["T!T"]["rows"])) == (False, 2000)
    assert cut["factMap"]["T!T"]["aggregates"][0]["value"] == 2001
    assert (whole["allData"], len(whole["factMap"]["T!T"]["rows"])) == (True, 1)
    assert whole["reportMetadata"]["detailColumns"][0] == "Id"


def test_people_are_searched_by_email(client: Client) -> None:
    """Across objects, each with the fields that were asked for."""
    contact = client.create("Contact", LastName="x", Email="ada+1@acme.example")
    client.create("Lead", LastName="y", Company="Acme", Email="other@acme.example")
    sosl = "FIND {ada\\%2B1@acme.example} IN EMAIL FIELDS RETURNING Contact(Id, Name WHERE LastName = 'x' LIMIT 5), Lead"

    found = client.get(f"search?q={sosl.replace(' ', '+')}").json()["searchRecords"]
    plain = client.get("parameterizedSearch?q=acme&sobject=Lead&fields=Company").json()

    assert [(row["attributes"]["type"], row["Id"]) for row in found] == [("Contact", contact)]
    assert plain["searchRecords"][0]["Company"] == "Acme"
    assert error_of(client.get("search?q=nonsense")) == (400, "MALFORMED_SEARCH")


def test_record_counts_are_told(client: Client) -> None:
    """Objects without records are left out, as recorded of a real org."""
    client.create("Contact", LastName="x")

    counted = client.get("limits/recordCount?sObjects=Contact,Opportunity").json()

    assert counted == {"sObjects": [{"count": 1, "name": "Contact"}]}


def test_a_query_tells_its_columns_when_asked(client: Client) -> None:
    """Command lines ask for the columns before they print a table."""
    soql = "SELECT Id, Account.Name, toLabel(LeadSource) FROM Contact c WHERE c.LastName != null"

    body = client.get(f"query?q={quote(soql)}&columns=true").json()
    counted = client.get(f"query?q={quote('SELECT COUNT(Id) n FROM Lead')}&columns=true").json()

    names = [(one["columnName"], len(one["joinColumns"])) for one in body["columnMetadata"]]
    assert names == [("Id", 0), ("Account", 1), ("LeadSource", 0)]
    assert (body["entityName"], body["keyPrefix"], body["idSelected"]) == ("Contact", "003", True)
    assert [(one["displayName"], one["aggregate"]) for one in counted["columnMetadata"]] == [
        ("n", True)
    ]
