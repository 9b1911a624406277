"""The one place where use cases and adapters meet.

Adapters are imported by whoever needs them: a function that never speaks to Salesforce does not
load its client.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from counterpart.adapters.dynamodb.database import Database
    from counterpart.adapters.salesforce.client import SalesforceClient
    from counterpart.domain.campaign_requests import CampaignSearchRequest, CampaignsRequest
    from counterpart.domain.contact_filter import SyncWanted
    from counterpart.domain.errands import CheckCriteria, Explain, Preflight
    from counterpart.domain.pull_errands import Approval, HoldErrand
    from counterpart.domain.requests import CreateRequest
    from counterpart.domain.simulation_request import SimulationRequest
    from counterpart.domain.sweep_requests import SweepRequest
    from counterpart.ports import (
        CompanyRepository,
        ContactRepository,
        DeadLetters,
        DomainNames,
        OrgSurvey,
        SettingsRepository,
    )
    from counterpart.ports.campaigns import CampaignSearch
    from counterpart.settings import Environment
    from counterpart.use_cases.api_services import ApiServices
    from counterpart.use_cases.apply_page import PagePorts
    from counterpart.use_cases.campaign_stores import CampaignStores
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts
    from counterpart.use_cases.creation_ports import CreatePorts
    from counterpart.use_cases.explain import ExplainPorts
    from counterpart.use_cases.pull_records import PullPorts
    from counterpart.use_cases.push_edits import PushPorts
    from counterpart.use_cases.reports import Report
    from counterpart.use_cases.work_off_jobs import WorkedOff

    TimeLeft = Callable[[], timedelta]


class SweepLinks(Protocol):
    """Sweeps; the rest of the world is plugged in."""

    def __call__(self, request: SweepRequest, *, time_left: TimeLeft) -> Report: ...


def now() -> datetime:
    """Return this moment, by our clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pulling:
    """The ways into `pull_records`."""

    ports: PullPorts

    def answer(
        self,
        payload: Mapping[str, object],
        *,
        publish: Callable[[Report], None],
        time_left: TimeLeft,
    ) -> Mapping[str, object]:
        """Do what a payload asks for.

        Raises:
            InputError: it asks for something that is not allowed.
        """
        from counterpart.domain.backfill import BackfillErrand, BackfillWanted
        from counterpart.domain.pull_errands import Approval, HoldErrand, parse_pull_errand
        from counterpart.use_cases import backfill
        from counterpart.use_cases.pull_records import pull_records
        from counterpart.use_cases.run_backfill import run_backfill

        errand = parse_pull_errand(payload)
        match errand:
            case HoldErrand() | Approval():
                return self._hold(errand)
            case BackfillErrand.STATUS:
                return backfill.backfill_status(ports=self.ports)
            case BackfillErrand.CANCEL:
                return backfill.cancel_backfill(ports=self.ports)
            case BackfillErrand.RESUME:
                report = run_backfill(ports=self.ports, time_left=time_left)
            case BackfillWanted(dry_run=True):
                report = run_backfill(ports=self.ports, time_left=time_left, plan=errand.what)
            case BackfillWanted(confirm=None):
                return backfill.count_backfill(errand, ports=self.ports)
            case BackfillWanted():
                return backfill.start_backfill(errand, ports=self.ports)
            case _:
                report = pull_records(errand, ports=self.ports, time_left=time_left)
        publish(report)
        return report.answer()

    def _hold(self, errand: HoldErrand | Approval) -> Mapping[str, object]:
        """List what is held, or say yes to it."""
        from counterpart.domain.pull_errands import Approval
        from counterpart.use_cases import holds

        streams, settings = self.ports.streams, self.ports.settings
        if not isinstance(errand, Approval):
            return holds.list_holds(streams=streams, settings=settings)
        return holds.approve(
            errand.hold_id,
            streams=streams,
            settings=settings,
            successor=self.ports.successor,
            clock=self.ports.pages.clock,
        )


def build_pull_records(environment: Environment) -> Pulling:
    """Return the ways into `pull_records` for this deployment."""
    from counterpart.adapters.dynamodb.database import Database
    from counterpart.adapters.dynamodb.opportunities import DynamoOpportunityRepository
    from counterpart.adapters.dynamodb.runs import DynamoRunRepository
    from counterpart.adapters.dynamodb.settings import DynamoSettingsRepository
    from counterpart.adapters.dynamodb.streams import DynamoStreamRepository
    from counterpart.adapters.lambda_successor import LambdaSuccessor
    from counterpart.adapters.salesforce.plain_reader import SalesforcePlainReader
    from counterpart.use_cases.pull_records import PullPorts

    environment.require(
        "contacts_table",
        "companies_table",
        "links_table",
        "sync_state_table",
        "runs_table",
        "opportunities_table",
    )
    database = Database()
    client = _salesforce(environment)
    ports = PullPorts(
        pages=_page_ports(environment, database, client),
        plain=SalesforcePlainReader(client),
        opportunities=DynamoOpportunityRepository(environment.opportunities_table, database),
        streams=DynamoStreamRepository(environment.sync_state_table, database),
        settings=DynamoSettingsRepository(environment.settings_table, database),
        runs=DynamoRunRepository(environment.runs_table, database),
        successor=LambdaSuccessor(environment.function_name),
    )
    return Pulling(ports=ports)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pushing:
    """The ways into `push_edits`."""

    ports: PushPorts

    @property
    def contacts(self) -> ContactRepository:
        """Where people are."""
        return self.ports.pages.contacts

    @property
    def companies(self) -> CompanyRepository:
        """Where organisations are."""
        return self.ports.pages.companies

    @property
    def settings(self) -> SettingsRepository:
        """By which edits go out."""
        return self.ports.settings

    def answer(
        self,
        payload: Mapping[str, object],
        *,
        publish: Callable[[Report], None],
        time_left: TimeLeft,
    ) -> Mapping[str, object]:
        """Do what a payload asks for.

        Raises:
            InputError: it asks for something that is not allowed, or for nothing.
        """
        from counterpart.domain.parked_requests import (
            ListParked,
            RedriveParked,
            parse_push_errand,
        )
        from counterpart.use_cases.parked_edits import MOST_PARKED, list_parked, redrive_parked
        from counterpart.use_cases.push_edits import push_edits

        errand = parse_push_errand(payload)
        match errand:
            case ListParked(code=code):
                return list_parked(limit=MOST_PARKED, code=code, now=now(), stores=self).answer()
            case RedriveParked():
                return redrive_parked(errand, now=now(), stores=self).answer()
        report = push_edits(errand, ports=self.ports, time_left=time_left)
        publish(report)
        return report.answer()


def build_push_edits(environment: Environment) -> Pushing:
    """Return the ways into `push_edits` for this deployment."""
    from counterpart.adapters.dynamodb.database import Database
    from counterpart.adapters.dynamodb.runs import DynamoRunRepository
    from counterpart.adapters.dynamodb.settings import DynamoSettingsRepository
    from counterpart.adapters.dynamodb.streams import DynamoStreamRepository
    from counterpart.adapters.salesforce.jobs import SalesforceJobs
    from counterpart.adapters.salesforce.writer import SalesforceWriter
    from counterpart.adapters.sqs import SqsCreationQueue
    from counterpart.use_cases.push_edits import PushPorts

    environment.require("contacts_table", "companies_table", "links_table", "creation_queue_url")
    database = Database()
    client = _salesforce(environment)
    ports = PushPorts(
        pages=_page_ports(environment, database, client),
        salesforce=SalesforceWriter(client),
        jobs=SalesforceJobs(client),
        streams=DynamoStreamRepository(environment.sync_state_table, database),
        settings=DynamoSettingsRepository(environment.settings_table, database),
        runs=DynamoRunRepository(environment.runs_table, database),
        queue=SqsCreationQueue(
            environment.creation_queue_url, environment.creation_dead_letter_queue_url
        ),
        pause=lambda pause: time.sleep(pause.total_seconds()),
    )
    return Pushing(ports=ports)


def build_sweep_links(environment: Environment) -> SweepLinks:
    """Return `sweep_links` for this deployment."""
    from counterpart.adapters.dynamodb.database import Database
    from counterpart.adapters.dynamodb.runs import DynamoRunRepository
    from counterpart.adapters.dynamodb.settings import DynamoSettingsRepository
    from counterpart.adapters.dynamodb.streams import DynamoStreamRepository
    from counterpart.adapters.lambda_successor import LambdaSuccessor
    from counterpart.use_cases.sweep_links import SweepPorts, sweep_links

    environment.require(
        "contacts_table", "companies_table", "links_table", "sync_state_table", "runs_table"
    )
    database = Database()
    ports = SweepPorts(
        pages=_page_ports(environment, database, _salesforce(environment)),
        streams=DynamoStreamRepository(environment.sync_state_table, database),
        settings=DynamoSettingsRepository(environment.settings_table, database),
        runs=DynamoRunRepository(environment.runs_table, database),
        successor=LambdaSuccessor(environment.function_name),
    )
    return partial(sweep_links, ports=ports)


@dataclass(frozen=True, kw_only=True, slots=True)
class Creation:
    """The ways into `create_records`."""

    ports: CreatePorts
    dead_letters: DeadLetters
    survey: OrgSurvey
    explaining: ExplainPorts
    api_version: str

    def work_off(self, messages: Sequence[Mapping[str, Any]]) -> WorkedOff:
        """Work off the messages of a queue's event."""
        from counterpart.adapters.sqs import delivery_of
        from counterpart.use_cases.work_off_jobs import work_off_jobs

        return work_off_jobs([delivery_of(message) for message in messages], ports=self.ports)

    def answer(
        self, payload: Mapping[str, object], *, publish: Callable[[Report], None]
    ) -> Mapping[str, object]:
        """Do what a payload asks for.

        Raises:
            InputError: it asks for something that is not allowed, or for nothing.
        """
        from counterpart.domain.errands import (
            CheckCriteria,
            Explain,
            ListLetters,
            Preflight,
            Redrive,
            parse_errand,
        )
        from counterpart.domain.requests import CreateRequest
        from counterpart.domain.simulation_request import SimulationRequest

        errand = parse_errand(payload)
        match errand:
            case CreateRequest():
                return self._create(errand, publish)
            case Preflight() | CheckCriteria():
                return self._look_over(errand)
            case Explain() | SimulationRequest():
                return self._look(errand)
            case ListLetters():
                return self._list_dead_letters()
            case Redrive(ids=ids):
                return self._redrive(ids)
            case _:
                return self._sync(errand)

    def _look(self, errand: Explain | SimulationRequest) -> Mapping[str, object]:
        """Explain something, or try settings on real data; either way, nothing is written."""
        from counterpart.domain.errands import Explain
        from counterpart.use_cases.explain import explain
        from counterpart.use_cases.simulate_settings import SimulatePorts, simulate_settings

        if isinstance(errand, Explain):
            return explain(errand.asked_for, ports=self.explaining).answer()
        ports = SimulatePorts(
            pages=self.explaining.pages, settings=self.ports.settings, survey=self.survey
        )
        return simulate_settings(errand, ports=ports).answer()

    def _create(
        self, request: CreateRequest, publish: Callable[[Report], None]
    ) -> Mapping[str, object]:
        from counterpart.use_cases.work_off_jobs import create_on_request, summary_of

        reports = create_on_request(request, ports=self.ports)
        for report in reports:
            publish(report)
        return summary_of(request, reports)

    def _sync(self, wanted: SyncWanted) -> Mapping[str, object]:
        """Queue the contacts that a filter takes."""
        from counterpart.use_cases.sync_contacts import MOST_LOOKED_AT_BY_FUNCTION, sync_contacts

        return sync_contacts(
            wanted,
            now=now(),
            contacts=self.ports.contacts,
            settings=self.ports.settings,
            queue=self.ports.queue,
            most=MOST_LOOKED_AT_BY_FUNCTION,
        ).answer()

    def _list_dead_letters(self) -> Mapping[str, object]:
        """List the jobs that were set aside."""
        from counterpart.use_cases.dead_letters import MOST_LETTERS, list_dead_letters

        listed = list_dead_letters(
            limit=MOST_LETTERS, letters=self.dead_letters, contacts=self.ports.contacts
        )
        return {"items": [one.answer() for one in listed]}

    def _redrive(self, ids: Sequence[str] | None) -> Mapping[str, object]:
        """Send jobs again that were set aside; `None` means all."""
        from counterpart.use_cases.dead_letters import redrive

        return redrive(
            ids,
            now=now(),
            letters=self.dead_letters,
            contacts=self.ports.contacts,
            queue=self.ports.queue,
        ).answer()

    def _look_over(self, errand: Preflight | CheckCriteria) -> Mapping[str, object]:
        """Look the org over, or hold criteria against it."""
        from counterpart.domain.errands import CheckCriteria
        from counterpart.use_cases.check_criteria import check_criteria
        from counterpart.use_cases.preflight import preflight

        if isinstance(errand, CheckCriteria):
            complaints = check_criteria(errand.selections, survey=self.survey)
            return {"complaints": [each.answer() for each in complaints]}
        return preflight(
            survey=self.survey, settings=self.ports.settings, api_version=self.api_version
        )


def build_create_records(environment: Environment) -> Creation:
    """Return the ways into `create_records`."""
    from counterpart.adapters.dynamodb.contacts import DynamoContactRepository
    from counterpart.adapters.dynamodb.database import Database
    from counterpart.adapters.dynamodb.links import DynamoLinkRepository
    from counterpart.adapters.dynamodb.merges import DynamoMergeRepository
    from counterpart.adapters.dynamodb.runs import DynamoRunRepository
    from counterpart.adapters.dynamodb.settings import DynamoSettingsRepository
    from counterpart.adapters.dynamodb.streams import DynamoStreamRepository
    from counterpart.adapters.salesforce.creator import SalesforceCreator
    from counterpart.adapters.salesforce.survey import SalesforceSurvey
    from counterpart.adapters.sqs import SqsCreationQueue
    from counterpart.adapters.sqs_dead_letters import SqsDeadLetters
    from counterpart.use_cases.creation_ports import CreatePorts
    from counterpart.use_cases.explain import ExplainPorts

    environment.require("contacts_table", "companies_table", "links_table", "creation_queue_url")
    database = Database()
    client = _salesforce(environment)
    pages = _page_ports(environment, database, client)
    ports = CreatePorts(
        salesforce=SalesforceCreator(client),
        reader=pages.salesforce,
        contacts=pages.contacts,
        companies=pages.companies,
        links=pages.links,
        domains=pages.domains,
        settings=DynamoSettingsRepository(environment.settings_table, database),
        runs=DynamoRunRepository(environment.runs_table, database),
        queue=SqsCreationQueue(
            environment.creation_queue_url, environment.creation_dead_letter_queue_url
        ),
        clock=now,
    )
    return Creation(
        ports=ports,
        dead_letters=SqsDeadLetters(environment.creation_dead_letter_queue_url),
        survey=SalesforceSurvey(client),
        explaining=ExplainPorts(
            pages=pages,
            creator=ports.salesforce,
            settings=ports.settings,
            runs=ports.runs,
            streams=DynamoStreamRepository(environment.sync_state_table, database),
            merges=DynamoMergeRepository(
                environment.merges_table,
                database,
                contacts=DynamoContactRepository(environment.contacts_table, database),
                links=DynamoLinkRepository(environment.links_table, database),
            ),
        ),
        api_version=environment.salesforce_api_version,
    )


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
        "contacts_table", "links_table", "sync_state_table", "campaigns_table", "members_table"
    )
    database = Database()
    client = _salesforce(environment)
    stores = _campaign_stores(environment, database)
    ports = CampaignPorts(
        reader=SalesforcePlainReader(client),
        writer=SalesforceCampaignWriter(client),
        survey=SalesforceSurvey(client),
        campaigns=stores.campaigns,
        types=stores.types,
        members=stores.members,
        contacts=DynamoContactRepository(environment.contacts_table, database),
        links=DynamoLinkRepository(environment.links_table, database),
        streams=DynamoStreamRepository(environment.sync_state_table, database),
        settings=DynamoSettingsRepository(environment.settings_table, database),
        runs=DynamoRunRepository(environment.runs_table, database),
        successor=LambdaSuccessor(environment.function_name),
        clock=now,
    )
    return Campaigning(ports=ports, search=SalesforceCampaignSearch(client))


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
        domains=_domain_names,
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
        campaigns=_campaign_stores(environment, database),
        campaign_search=ErrandCampaignSearch(LambdaErrands(environment.sync_campaigns_function)),
        clock=now,
    )


@cache
def _domain_names() -> DomainNames:
    from counterpart.adapters.public_suffixes import PublicSuffixes

    return PublicSuffixes()


def _campaign_stores(environment: Environment, database: Database) -> CampaignStores:
    from counterpart.adapters.dynamodb.campaign_types import DynamoCampaignTypeRepository
    from counterpart.adapters.dynamodb.campaigns import DynamoCampaignRepository
    from counterpart.adapters.dynamodb.members import DynamoMemberRepository
    from counterpart.use_cases.campaign_stores import CampaignStores

    return CampaignStores(
        types=DynamoCampaignTypeRepository(environment.campaigns_table, database),
        campaigns=DynamoCampaignRepository(environment.campaigns_table, database),
        members=DynamoMemberRepository(environment.members_table, database),
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
