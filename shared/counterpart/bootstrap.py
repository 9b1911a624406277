"""The one place where use cases and adapters meet.

Adapters are imported by whoever needs them: a function that never speaks to Salesforce does not
load its client.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from counterpart.adapters.dynamodb.database import Database
    from counterpart.adapters.salesforce.client import SalesforceClient
    from counterpart.domain.requests import CreateRequest, PullRequest, PushRequest
    from counterpart.settings import Environment
    from counterpart.use_cases.api_services import ApiServices
    from counterpart.use_cases.apply_page import PagePorts
    from counterpart.use_cases.creation_ports import CreatePorts
    from counterpart.use_cases.reports import Report
    from counterpart.use_cases.work_off_jobs import WorkedOff

    TimeLeft = Callable[[], timedelta]


class PullRecords(Protocol):
    """Pulls; the rest of the world is plugged in."""

    def __call__(self, request: PullRequest, *, time_left: TimeLeft) -> Report: ...


class PushEdits(Protocol):
    """Pushes; the rest of the world is plugged in."""

    def __call__(self, request: PushRequest, *, time_left: TimeLeft) -> Report: ...


def now() -> datetime:
    """Return this moment, by our clock."""
    return datetime.now(UTC)


def build_pull_records(environment: Environment) -> PullRecords:
    """Return `pull_records` for this deployment."""
    from counterpart.adapters.dynamodb.database import Database
    from counterpart.adapters.dynamodb.runs import DynamoRunRepository
    from counterpart.adapters.dynamodb.settings import DynamoSettingsRepository
    from counterpart.adapters.dynamodb.streams import DynamoStreamRepository
    from counterpart.adapters.lambda_successor import LambdaSuccessor
    from counterpart.use_cases.pull_records import PullPorts, pull_records

    environment.require(
        "contacts_table", "companies_table", "links_table", "sync_state_table", "runs_table"
    )
    database = Database()
    ports = PullPorts(
        pages=_page_ports(environment, database, _salesforce(environment)),
        streams=DynamoStreamRepository(environment.sync_state_table, database),
        settings=DynamoSettingsRepository(environment.settings_table, database),
        runs=DynamoRunRepository(environment.runs_table, database),
        successor=LambdaSuccessor(environment.function_name),
    )
    return partial(pull_records, ports=ports)


def build_push_edits(environment: Environment) -> PushEdits:
    """Return `push_edits` for this deployment."""
    from counterpart.adapters.dynamodb.database import Database
    from counterpart.adapters.dynamodb.runs import DynamoRunRepository
    from counterpart.adapters.dynamodb.settings import DynamoSettingsRepository
    from counterpart.adapters.dynamodb.streams import DynamoStreamRepository
    from counterpart.adapters.salesforce.writer import SalesforceWriter
    from counterpart.adapters.sqs import SqsCreationQueue
    from counterpart.use_cases.push_edits import PushPorts, push_edits

    environment.require("contacts_table", "companies_table", "links_table", "creation_queue_url")
    database = Database()
    client = _salesforce(environment)
    ports = PushPorts(
        pages=_page_ports(environment, database, client),
        salesforce=SalesforceWriter(client),
        streams=DynamoStreamRepository(environment.sync_state_table, database),
        settings=DynamoSettingsRepository(environment.settings_table, database),
        runs=DynamoRunRepository(environment.runs_table, database),
        queue=SqsCreationQueue(
            environment.creation_queue_url, environment.creation_dead_letter_queue_url
        ),
    )
    return partial(push_edits, ports=ports)


@dataclass(frozen=True, kw_only=True, slots=True)
class Creation:
    """The two ways into `create_records`."""

    ports: CreatePorts

    def work_off(self, messages: Sequence[Mapping[str, Any]]) -> WorkedOff:
        """Work off the messages of a queue's event."""
        from counterpart.adapters.sqs import delivery_of
        from counterpart.use_cases.work_off_jobs import work_off_jobs

        return work_off_jobs([delivery_of(message) for message in messages], ports=self.ports)

    def create(self, request: CreateRequest) -> Sequence[Report]:
        """Create the contacts that somebody names."""
        from counterpart.use_cases.work_off_jobs import create_on_request

        return create_on_request(request, ports=self.ports)


def build_create_records(environment: Environment) -> Creation:
    """Return the two ways into `create_records`."""
    from counterpart.adapters.dynamodb.companies import DynamoCompanyRepository
    from counterpart.adapters.dynamodb.contacts import DynamoContactRepository
    from counterpart.adapters.dynamodb.database import Database
    from counterpart.adapters.dynamodb.links import DynamoLinkRepository
    from counterpart.adapters.dynamodb.runs import DynamoRunRepository
    from counterpart.adapters.dynamodb.settings import DynamoSettingsRepository
    from counterpart.adapters.public_suffixes import PublicSuffixes
    from counterpart.adapters.salesforce.creator import SalesforceCreator
    from counterpart.adapters.salesforce.reader import SalesforceReader
    from counterpart.adapters.sqs import SqsCreationQueue
    from counterpart.use_cases.creation_ports import CreatePorts

    environment.require("contacts_table", "companies_table", "links_table", "creation_queue_url")
    database = Database()
    client = _salesforce(environment)
    ports = CreatePorts(
        salesforce=SalesforceCreator(client),
        reader=SalesforceReader(client),
        contacts=DynamoContactRepository(environment.contacts_table, database),
        companies=DynamoCompanyRepository(environment.companies_table, database),
        links=DynamoLinkRepository(environment.links_table, database),
        domains=PublicSuffixes(),
        settings=DynamoSettingsRepository(environment.settings_table, database),
        runs=DynamoRunRepository(environment.runs_table, database),
        queue=SqsCreationQueue(
            environment.creation_queue_url, environment.creation_dead_letter_queue_url
        ),
        clock=now,
    )
    return Creation(ports=ports)


def build_api(environment: Environment) -> ApiServices:
    """Return what the HTTP API needs; nothing of Salesforce is among it."""
    from counterpart.adapters.dynamodb.contacts import DynamoContactRepository
    from counterpart.adapters.dynamodb.database import Database
    from counterpart.adapters.dynamodb.links import DynamoLinkRepository
    from counterpart.adapters.dynamodb.runs import DynamoRunRepository
    from counterpart.adapters.dynamodb.settings import DynamoSettingsRepository
    from counterpart.adapters.sqs import SqsCreationQueue
    from counterpart.use_cases.api_services import ApiServices

    environment.require("contacts_table", "links_table", "settings_table", "runs_table")
    database = Database()
    return ApiServices(
        contacts=DynamoContactRepository(environment.contacts_table, database),
        links=DynamoLinkRepository(environment.links_table, database),
        settings=DynamoSettingsRepository(environment.settings_table, database),
        runs=DynamoRunRepository(environment.runs_table, database),
        queue=SqsCreationQueue(
            environment.creation_queue_url, environment.creation_dead_letter_queue_url
        ),
        clock=now,
    )


def _salesforce(environment: Environment) -> SalesforceClient:
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


def _page_ports(
    environment: Environment, database: Database, client: SalesforceClient
) -> PagePorts:
    from counterpart.adapters.dynamodb.companies import DynamoCompanyRepository
    from counterpart.adapters.dynamodb.contacts import DynamoContactRepository
    from counterpart.adapters.dynamodb.links import DynamoLinkRepository
    from counterpart.adapters.public_suffixes import PublicSuffixes
    from counterpart.adapters.salesforce.reader import SalesforceReader
    from counterpart.use_cases.apply_page import PagePorts

    return PagePorts(
        salesforce=SalesforceReader(client),
        contacts=DynamoContactRepository(environment.contacts_table, database),
        companies=DynamoCompanyRepository(environment.companies_table, database),
        links=DynamoLinkRepository(environment.links_table, database),
        domains=PublicSuffixes(),
        clock=now,
    )
