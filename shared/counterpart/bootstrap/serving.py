"""Plugs the HTTP API together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.bootstrap.wiring import campaign_stores, domain_names, now

if TYPE_CHECKING:
    from counterpart.settings import Environment
    from counterpart.use_cases.api_services import ApiServices


def build_api(environment: Environment) -> ApiServices:
    """Return what the HTTP API needs; nothing of Salesforce is among it."""
    from counterpart.adapters.campaign_errands import ErrandCampaignSearch
    from counterpart.adapters.dynamodb.companies import DynamoCompanyRepository
    from counterpart.adapters.dynamodb.contacts import DynamoContactRepository
    from counterpart.adapters.dynamodb.database import Database
    from counterpart.adapters.dynamodb.links import DynamoLinkRepository
    from counterpart.adapters.dynamodb.merges import DynamoMergeRepository
    from counterpart.adapters.dynamodb.opportunities import DynamoOpportunityRepository
    from counterpart.adapters.dynamodb.runs import DynamoRunRepository
    from counterpart.adapters.dynamodb.settings import DynamoSettingsRepository
    from counterpart.adapters.lambda_errands import LambdaErrands
    from counterpart.adapters.sqs import SqsCreationQueue
    from counterpart.adapters.sqs_dead_letters import SqsDeadLetters
    from counterpart.use_cases.api_services import ApiServices

    environment.require(
        "contacts_table",
        "companies_table",
        "links_table",
        "settings_table",
        "runs_table",
        "campaigns_table",
        "members_table",
        "opportunities_table",
    )
    database = Database()
    contacts = DynamoContactRepository(environment.contacts_table, database)
    links = DynamoLinkRepository(environment.links_table, database)
    return ApiServices(
        contacts=contacts,
        companies=DynamoCompanyRepository(environment.companies_table, database),
        domains=domain_names,
        links=links,
        opportunities=DynamoOpportunityRepository(environment.opportunities_table, database),
        merges=DynamoMergeRepository(
            environment.merges_table, database, contacts=contacts, links=links
        ),
        settings=DynamoSettingsRepository(environment.settings_table, database),
        runs=DynamoRunRepository(environment.runs_table, database),
        queue=SqsCreationQueue(
            environment.creation_queue_url, environment.creation_dead_letter_queue_url
        ),
        dead_letters=SqsDeadLetters(environment.creation_dead_letter_queue_url),
        errands=LambdaErrands(environment.create_records_function),
        pulling=LambdaErrands(environment.pull_records_function),
        campaigns=campaign_stores(environment, database),
        campaign_search=ErrandCampaignSearch(LambdaErrands(environment.sync_campaigns_function)),
        clock=now,
    )
