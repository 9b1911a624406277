"""Tables outlive the stack, and can be set back in time."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from pynamodb.models import Model

from counterpart.adapters.dynamodb import (
    address_claims,
    campaigns,
    companies,
    contacts,
    links,
    member_items,
    merges,
    opportunities,
    runs,
    settings,
    streams,
)
from counterpart.adapters.dynamodb import members as members_table
from tests.template.reading import Template, is_about

MODELS: dict[str, type[Model]] = {
    "ContactsTable": contacts._ContactItem,
    "CompaniesTable": companies._CompanyItem,
    "LinksTable": links._LinkItem,
    "SyncStateTable": streams._StreamItem,
    "SettingsTable": settings._SettingsItem,
    "RunsTable": runs._RunItem,
    "MergesTable": merges._MergeItem,
    "CampaignsTable": campaigns._CampaignItem,
    "MembersTable": member_items.MemberItem,
    "OpportunitiesTable": opportunities._OpportunityItem,
}
TABLES = tuple(MODELS)


def test_no_table_is_missing_here(template: Template) -> None:
    """The tests below speak of all tables."""
    assert set(template.of_type("AWS::DynamoDB::Table")) == set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_survives_the_stack(template: Template, name: str) -> None:
    """Deleting or replacing the stack's resource leaves the contacts where they are."""
    resource = template.resources[name]

    assert resource["DeletionPolicy"] == "Retain"
    assert resource["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_encrypted_backed_up_and_paid_by_request(template: Template, name: str) -> None:
    """Point-in-time recovery undoes the mistake of a moment; idle tables cost nothing."""
    table = template.resources[name]["Properties"]

    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


@pytest.mark.parametrize("name", TABLES)
def test_a_table_declares_the_attributes_of_its_keys_alone(template: Template, name: str) -> None:
    """DynamoDB refuses a declared attribute that no key uses, and a key that is not declared."""
    table = template.resources[name]["Properties"]
    keys: list[list[dict[str, Any]]] = [
        table["KeySchema"],
        *(index["KeySchema"] for index in table.get("GlobalSecondaryIndexes", [])),
    ]
    used = {part["AttributeName"] for key in keys for part in key}

    assert {declared["AttributeName"] for declared in table["AttributeDefinitions"]} == used


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_the_keys_and_indexes_that_the_code_asks_for(
    template: Template, name: str
) -> None:
    """The adapters are tested on tables made from their models; these have to be the same."""
    table = template.resources[name]["Properties"]
    schema = MODELS[name]._get_schema()

    assert key_of(table) == {
        (part["AttributeName"], part["KeyType"]) for part in schema["key_schema"]
    }
    assert types_of(table["AttributeDefinitions"]) == types_of(schema["attribute_definitions"])
    assert {
        index["IndexName"]: (key_of(index), index["Projection"])
        for index in table.get("GlobalSecondaryIndexes", [])
    } == {
        index["index_name"]: (
            {(part["AttributeName"], part["KeyType"]) for part in index["key_schema"]},
            index["projection"],
        )
        for index in schema["global_secondary_indexes"]
    }


def key_of(keyed: dict[str, Any]) -> set[tuple[str, str]]:
    """Return which attributes make the key of a table or index, and how."""
    return {(part["AttributeName"], part["KeyType"]) for part in keyed["KeySchema"]}


def types_of(definitions: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the type of each attribute that a key uses."""
    return {each["AttributeName"]: each["AttributeType"] for each in definitions}


def test_runs_are_forgotten_in_time(template: Template) -> None:
    """Outcomes are a log; they expire by themselves."""
    table = template.resources["RunsTable"]["Properties"]

    assert table["TimeToLiveSpecification"] == {
        "AttributeName": runs._RunItem.expires_at.attr_name,
        "Enabled": True,
    }


def test_claims_on_addresses_are_forgotten_in_time(template: Template) -> None:
    """Nobody takes them away, and whoever creates records may write nothing else of the table."""
    table = template.resources["SyncStateTable"]["Properties"]
    (grant,) = _conditional_grants(template, "SyncStateTable")

    assert table["TimeToLiveSpecification"] == {
        "AttributeName": address_claims._AddressItem.expires_at.attr_name,
        "Enabled": True,
    }
    assert grant["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{address_claims._PREFIX}*"]}
    }


def test_whoever_creates_records_writes_no_member(template: Template) -> None:
    """Records that move are noted beside the members, and nothing else is written there."""
    (grant,) = _conditional_grants(template, "MembersTable")
    members = [
        each
        for each in template.grants("CreateRecordsFunction")
        if is_about(each["Resource"], "MembersTable")
    ]

    assert members == [grant]
    assert grant["Action"] == "dynamodb:PutItem"
    assert grant["Condition"] == {
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [members_table._UNSETTLED]}
    }


def _conditional_grants(template: Template, table: str) -> list[dict[str, Any]]:
    """Return what whoever creates records may do with some items of a table alone."""
    return [
        each
        for each in template.grants("CreateRecordsFunction")
        if "Condition" in each and each["Resource"] == {"Fn::GetAtt": [table, "Arn"]}
    ]


def test_the_secret_survives_the_stack(template: Template) -> None:
    """Nobody has to ask the Salesforce administrator for the key a second time."""
    (secret,) = [
        resource
        for resource in template.resources.values()
        if resource["Type"] == "AWS::SecretsManager::Secret"
    ]

    assert secret["DeletionPolicy"] == secret["UpdateReplacePolicy"] == "Retain"
