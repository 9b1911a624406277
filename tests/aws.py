"""AWS in this process: fixtures for whoever tests an adapter, and how tables come to be."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from moto import mock_aws

from counterpart.adapters.dynamodb.database import Database
from counterpart.adapters.dynamodb.table import Table

_NUMBERS = count(1)


@pytest.fixture(scope="module")
def aws() -> Iterator[None]:
    """Let every request to AWS be answered in this process."""
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        environment.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        yield


@pytest.fixture(scope="module")
def database(aws: None) -> Database:
    """Return a connection that never waits before it asks again."""
    return Database(pause=lambda _: None)


@pytest.fixture
def table_name() -> str:
    """Return a name that no table has had yet."""
    return f"table-{next(_NUMBERS)}"


def create_table(table: Table[Any]) -> None:
    """Create a table, which product code never does."""
    table.model.create_table(wait=True, billing_mode="PAY_PER_REQUEST")
