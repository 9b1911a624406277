"""The connection: where it leads, how patient it is, and that tables do not mix."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from counterpart.adapters.dynamodb.contacts import DynamoContactRepository
from counterpart.adapters.dynamodb.database import Database
from counterpart.errors import ConfigurationError
from tests.aws import create_table
from tests.contracts.stores.samples import a_contact


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give botocore credentials, or it asks the network for some."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


def test_the_environment_says_where_aws_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_ENDPOINT_URL leads to a local AWS."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:4566")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    client = Database().connection.client

    assert client.meta.endpoint_url == "http://localhost:4566"
    assert client.meta.region_name == "eu-west-1"


def test_a_region_can_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes before what the environment says; botocore does not look at AWS_REGION."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    assert Database(region="eu-north-1").connection.client.meta.region_name == "eu-north-1"


def test_no_region_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner of the deployment is told at once."""
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "nowhere")

    with pytest.raises(ConfigurationError, match="region"):
        Database()


def test_patience(database: Database) -> None:
    """A request that hangs is given up soon and sent again; each thread has its connection."""
    config: Any = database.connection.client.meta.config

    assert (config.connect_timeout, config.read_timeout) == (3, 10)
    assert config.retries == {"mode": "standard", "total_max_attempts": 5}
    assert config.max_pool_connections == database.crew._size == 16


def test_repositories_of_two_tables_do_not_mix(database: Database) -> None:
    """Each keeps its own table's name, also when both are used at the same time."""
    repositories = [DynamoContactRepository(f"mixed-{number}", database) for number in range(2)]
    for repository in repositories:
        create_table(repository._contacts._table)

    def save(number: int) -> object:
        return repositories[number % 2].save_many([a_contact(f"contact-{number}")])

    with ThreadPoolExecutor(max_workers=8) as threads:
        assert not any(threads.map(save, range(20)))

    for parity, repository in enumerate(repositories):
        listed = {contact.id for contact in repository.page(limit=100).items}
        assert listed == {f"contact-{number}" for number in range(parity, 20, 2)}


def test_two_repositories_of_one_table(
    contacts: DynamoContactRepository, database: Database
) -> None:
    """They see each other's writes."""
    contacts.save_many([a_contact("ada")])

    second = DynamoContactRepository(contacts._contacts._table.name, database)

    assert "ada" in second.get_many(["ada"])
