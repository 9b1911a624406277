"""Each repository, in memory and in DynamoDB."""

from collections.abc import Callable

import pytest

from counterpart.adapters import memory
from counterpart.adapters.dynamodb.address_claims import DynamoAddressClaims
from counterpart.adapters.dynamodb.campaign_types import DynamoCampaignTypeRepository
from counterpart.adapters.dynamodb.campaigns import DynamoCampaignRepository
from counterpart.adapters.dynamodb.companies import DynamoCompanyRepository
from counterpart.adapters.dynamodb.contacts import DynamoContactRepository
from counterpart.adapters.dynamodb.database import Database
from counterpart.adapters.dynamodb.links import DynamoLinkRepository
from counterpart.adapters.dynamodb.members import DynamoMemberRepository
from counterpart.adapters.dynamodb.merges import DynamoMergeRepository
from counterpart.adapters.dynamodb.opportunities import DynamoOpportunityRepository
from counterpart.adapters.dynamodb.runs import DynamoRunRepository
from counterpart.adapters.dynamodb.settings import DynamoSettingsRepository
from counterpart.adapters.dynamodb.streams import DynamoStreamRepository
from counterpart.ports import (
    AddressClaims,
    CompanyRepository,
    ContactRepository,
    LinkRepository,
    MergeRepository,
    OpportunityRepository,
    RunRepository,
    SettingsRepository,
    StreamRepository,
)
from counterpart.ports.campaigns import (
    CampaignRepository,
    CampaignTypeRepository,
    MemberRepository,
)
from tests.aws import aws, create_table, database, table_name

__all__ = ["aws", "database", "table_name"]

Place = Callable[[], tuple[str, Database]]


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> str:
    """Return where things are kept."""
    return str(request.param)


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Place:
    """Return what tells a place in DynamoDB, so that AWS is started only for who asks."""
    return lambda: (request.getfixturevalue("table_name"), request.getfixturevalue("database"))


@pytest.fixture
def contacts(store: str, place: Place) -> ContactRepository:
    """Return an empty repository of contacts."""
    if store == "memory":
        return memory.InMemoryContactRepository()
    repository = DynamoContactRepository(*place())
    create_table(repository._contacts._table)
    return repository


@pytest.fixture
def companies(store: str, place: Place) -> CompanyRepository:
    """Return an empty repository of companies."""
    if store == "memory":
        return memory.InMemoryCompanyRepository()
    repository = DynamoCompanyRepository(*place())
    create_table(repository._companies._table)
    return repository


@pytest.fixture
def links(store: str, place: Place) -> LinkRepository:
    """Return an empty repository of links."""
    if store == "memory":
        return memory.InMemoryLinkRepository()
    name, database = place()
    # A test of merges has contacts besides.
    repository = DynamoLinkRepository(f"{name}-links", database)
    create_table(repository._table)
    return repository


@pytest.fixture
def merges(
    store: str, place: Place, contacts: ContactRepository, links: LinkRepository
) -> MergeRepository:
    """Return an empty repository of merges of these contacts, and links."""
    if store == "memory":
        assert isinstance(contacts, memory.InMemoryContactRepository)
        assert isinstance(links, memory.InMemoryLinkRepository)
        return memory.InMemoryMergeRepository(contacts, links)
    assert isinstance(contacts, DynamoContactRepository)
    assert isinstance(links, DynamoLinkRepository)
    name, database = place()
    repository = DynamoMergeRepository(f"{name}-merges", database, contacts=contacts, links=links)
    create_table(repository._table)
    return repository


@pytest.fixture
def opportunities(store: str, place: Place) -> OpportunityRepository:
    """Return an empty repository of opportunities."""
    if store == "memory":
        return memory.InMemoryOpportunityRepository()
    repository = DynamoOpportunityRepository(*place())
    create_table(repository._table)
    return repository


@pytest.fixture
def streams(store: str, place: Place) -> StreamRepository:
    """Return an empty repository of streams."""
    if store == "memory":
        return memory.InMemoryStreamRepository()
    repository = DynamoStreamRepository(*place())
    create_table(repository._table)
    return repository


@pytest.fixture
def claims(store: str, place: Place) -> AddressClaims:
    """Return a store in which nobody has claimed anything."""
    if store == "memory":
        return memory.InMemoryAddressClaims()
    repository = DynamoAddressClaims(*place())
    create_table(repository._table)
    return repository


@pytest.fixture
def settings(store: str, place: Place) -> SettingsRepository:
    """Return a repository of settings that nobody has changed yet."""
    if store == "memory":
        return memory.InMemorySettingsRepository()
    repository = DynamoSettingsRepository(*place())
    create_table(repository._table)
    return repository


@pytest.fixture
def runs(store: str, place: Place) -> RunRepository:
    """Return an empty repository of runs."""
    if store == "memory":
        return memory.InMemoryRunRepository()
    repository = DynamoRunRepository(*place())
    create_table(repository._runs)
    return repository


@pytest.fixture
def campaign_types(store: str, place: Place) -> CampaignTypeRepository:
    """Return an empty repository of types of campaigns."""
    if store == "memory":
        return memory.InMemoryCampaignTypeRepository()
    repository = DynamoCampaignTypeRepository(*place())
    create_table(repository._table)
    return repository


@pytest.fixture
def campaigns(store: str, place: Place) -> CampaignRepository:
    """Return an empty repository of campaigns."""
    if store == "memory":
        return memory.InMemoryCampaignRepository()
    repository = DynamoCampaignRepository(*place())
    create_table(repository._campaigns)
    return repository


@pytest.fixture
def members(store: str, place: Place) -> MemberRepository:
    """Return an empty repository of members."""
    if store == "memory":
        return memory.InMemoryMemberRepository()
    repository = DynamoMemberRepository(*place())
    create_table(repository._table)
    return repository
