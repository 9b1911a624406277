"""Plugs `sync_campaigns` together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.bootstrap.wiring import campaign_stores, now, salesforce_client

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from counterpart.domain.campaign_requests import CampaignSearchRequest, CampaignsRequest
    from counterpart.ports.campaigns import CampaignSearch
    from counterpart.settings import Environment
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts
    from counterpart.use_cases.reports import Report

    TimeLeft = Callable[[], timedelta]


@dataclass(frozen=True, kw_only=True, slots=True)
class Campaigning:
    """The ways into `sync_campaigns`."""

    ports: CampaignPorts
    search: CampaignSearch

    def answer(
        self,
        request: CampaignsRequest | CampaignSearchRequest,
        *,
        time_left: TimeLeft,
        publish: Callable[[Report], None],
    ) -> dict[str, object]:
        """Do what was asked for.

        Raises:
            InputError: it names a campaign that does not exist.
        """
        from counterpart.domain.campaign_requests import CampaignSearchRequest
        from counterpart.use_cases.sync_campaigns import sync_campaigns

        if isinstance(request, CampaignSearchRequest):
            found = self.search.search(request.name)
            return {"campaigns": [each.answer() for each in found]}
        report = sync_campaigns(request, ports=self.ports, time_left=time_left)
        publish(report)
        return report.answer()


def build_sync_campaigns(environment: Environment) -> Campaigning:
    """Return the ways into `sync_campaigns` for this deployment."""
    from counterpart.adapters.dynamodb.contacts import DynamoContactRepository
    from counterpart.adapters.dynamodb.database import Database
    from counterpart.adapters.dynamodb.links import DynamoLinkRepository
    from counterpart.adapters.dynamodb.merges import DynamoMergeRepository
    from counterpart.adapters.dynamodb.runs import DynamoRunRepository
    from counterpart.adapters.dynamodb.settings import DynamoSettingsRepository
    from counterpart.adapters.dynamodb.streams import DynamoStreamRepository
    from counterpart.adapters.lambda_successor import LambdaSuccessor
    from counterpart.adapters.salesforce.campaign_search import SalesforceCampaignSearch
    from counterpart.adapters.salesforce.campaign_writer import SalesforceCampaignWriter
    from counterpart.adapters.salesforce.plain_reader import SalesforcePlainReader
    from counterpart.adapters.salesforce.survey import SalesforceSurvey
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts

    environment.require(
        "contacts_table",
        "links_table",
        "merges_table",
        "sync_state_table",
        "campaigns_table",
        "members_table",
    )
    database = Database()
    client = salesforce_client(environment)
    stores = campaign_stores(environment, database)
    contacts = DynamoContactRepository(environment.contacts_table, database)
    links = DynamoLinkRepository(environment.links_table, database)
    ports = CampaignPorts(
        reader=SalesforcePlainReader(client),
        writer=SalesforceCampaignWriter(client),
        survey=SalesforceSurvey(client),
        campaigns=stores.campaigns,
        types=stores.types,
        members=stores.members,
        contacts=contacts,
        links=links,
        merges=DynamoMergeRepository(
            environment.merges_table, database, contacts=contacts, links=links
        ),
        streams=DynamoStreamRepository(environment.sync_state_table, database),
        settings=DynamoSettingsRepository(environment.settings_table, database),
        runs=DynamoRunRepository(environment.runs_table, database),
        successor=LambdaSuccessor(environment.function_name),
        clock=now,
    )
    return Campaigning(ports=ports, search=SalesforceCampaignSearch(client))
