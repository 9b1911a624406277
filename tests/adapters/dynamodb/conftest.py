"""Repositories in DynamoDB, each on a table of its own."""

import pytest
from botocore.stub import Stubber

from counterpart.adapters.dynamodb.contacts import DynamoContactRepository
from counterpart.adapters.dynamodb.database import Database
from tests.aws import aws, create_table, database, table_name

__all__ = ["aws", "database", "table_name"]


@pytest.fixture
def contacts(table_name: str, database: Database) -> DynamoContactRepository:
    """Return an empty repository of contacts."""
    repository = DynamoContactRepository(table_name, database)
    create_table(repository._contacts._table)
    return repository


@pytest.fixture
def pauses() -> list[float]:
    """Return how long was waited, each time."""
    return []


@pytest.fixture
def scripted(aws: None, pauses: list[float]) -> Database:
    """Return a connection whose answers are written by the test."""
    return Database(pause=pauses.append)


@pytest.fixture
def answers(scripted: Database) -> Stubber:
    """Return what writes the answers."""
    stubber = Stubber(scripted.connection.client)
    stubber.activate()
    return stubber
