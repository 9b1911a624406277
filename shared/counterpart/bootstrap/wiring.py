"""What several functions plug in: Salesforce, the stores of a page, the clock."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from counterpart.adapters.dynamodb.database import Database
    from counterpart.adapters.salesforce.client import SalesforceClient
    from counterpart.ports import DomainNames
    from counterpart.settings import Environment
    from counterpart.use_cases.apply_page import PagePorts
    from counterpart.use_cases.campaign_stores import CampaignStores


def now() -> datetime:
    """Return this moment, by our clock."""
    return datetime.now(UTC)


@cache
def domain_names() -> DomainNames:
    """Return what is known of domain names; loaded once, when somebody asks."""
    from counterpart.adapters.public_suffixes import PublicSuffixes

    return PublicSuffixes()


def campaign_stores(environment: Environment, database: Database) -> CampaignStores:
    """Return the stores of campaigns, types and members."""
    from counterpart.adapters.dynamodb.campaign_types import DynamoCampaignTypeRepository
    from counterpart.adapters.dynamodb.campaigns import DynamoCampaignRepository
    from counterpart.adapters.dynamodb.members import DynamoMemberRepository
    from counterpart.use_cases.campaign_stores import CampaignStores

    return CampaignStores(
        types=DynamoCampaignTypeRepository(environment.campaigns_table, database),
        campaigns=DynamoCampaignRepository(environment.campaigns_table, database),
        members=DynamoMemberRepository(environment.members_table, database),
    )


def salesforce_client(environment: Environment) -> SalesforceClient:
    """Return the client of this deployment's org; it signs in at its first call."""
    from counterpart.adapters.salesforce.client import SalesforceClient
    from counterpart.adapters.salesforce.transport import open_session
    from counterpart.adapters.secrets import SecretsManagerCredentials

    environment.require("salesforce_secret_arn")
    return SalesforceClient(
        session=open_session(endpoint_url=environment.salesforce_endpoint_url),
        credentials=SecretsManagerCredentials(environment.salesforce_secret_arn).get,
        domain=environment.salesforce_domain,
        api_version=environment.salesforce_api_version,
    )


def page_ports(environment: Environment, database: Database, client: SalesforceClient) -> PagePorts:
    """Return what applying a page needs."""
    from counterpart.adapters.dynamodb.companies import DynamoCompanyRepository
    from counterpart.adapters.dynamodb.contacts import DynamoContactRepository
    from counterpart.adapters.dynamodb.links import DynamoLinkRepository
    from counterpart.adapters.dynamodb.members import DynamoMemberRepository
    from counterpart.adapters.public_suffixes import PublicSuffixes
    from counterpart.adapters.salesforce.reader import SalesforceReader
    from counterpart.use_cases.apply_page import PagePorts

    environment.require("members_table")
    return PagePorts(
        salesforce=SalesforceReader(client),
        contacts=DynamoContactRepository(environment.contacts_table, database),
        companies=DynamoCompanyRepository(environment.companies_table, database),
        links=DynamoLinkRepository(environment.links_table, database),
        members=DynamoMemberRepository(environment.members_table, database),
        domains=PublicSuffixes(),
        clock=now,
    )
