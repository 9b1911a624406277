"""Tables outlive the stack, and can be set back in time."""

from typing import Any

import pytest

from tests.template.reading import Template

TABLES = (
    "ContactsTable",
    "CompaniesTable",
    "LinksTable",
    "SyncStateTable",
    "SettingsTable",
    "RunsTable",
)


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


def test_runs_are_forgotten_in_time(template: Template) -> None:
    """Outcomes are a log; they expire by themselves."""
    table = template.resources["RunsTable"]["Properties"]

    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_the_secret_survives_the_stack(template: Template) -> None:
    """Nobody has to ask the Salesforce administrator for the key a second time."""
    (secret,) = [
        resource
        for resource in template.resources.values()
        if resource["Type"] == "AWS::SecretsManager::Secret"
    ]

    assert secret["DeletionPolicy"] == secret["UpdateReplacePolicy"] == "Retain"
