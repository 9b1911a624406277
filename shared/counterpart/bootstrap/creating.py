"""Plugs `create_records` together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from counterpart.bootstrap.wiring import now, page_ports, salesforce_client

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from counterpart.domain.contact_filter import SyncWanted
    from counterpart.domain.errands import CheckCriteria, CheckMapping, Explain, Preflight, Redrive
    from counterpart.domain.requests import CreateRequest
    from counterpart.domain.simulation_request import SimulationRequest
    from counterpart.ports import DeadLetters, OrgSurvey
    from counterpart.settings import Environment
    from counterpart.use_cases.creation_ports import CreatePorts
    from counterpart.use_cases.explain import ExplainPorts
    from counterpart.use_cases.reports import Report
    from counterpart.use_cases.work_off_jobs import WorkedOff

# An errand ends in time for its answer: the function has five minutes (template.yaml).
_AT_IT_FOR = timedelta(minutes=4)


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
            CheckMapping,
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
            case Preflight() | CheckCriteria() | CheckMapping():
                return self._look_over(errand)
            case Explain() | SimulationRequest():
                return self._look(errand)
            case ListLetters(reason=reason):
                return self._list_dead_letters(reason)
            case Redrive():
                return self._redrive(errand)
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
            pages=self.explaining.pages,
            settings=self.ports.settings,
            survey=self.survey,
            streams=self.explaining.streams,
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

        until = now() + _AT_IT_FOR
        return sync_contacts(
            wanted,
            now=now(),
            contacts=self.ports.contacts,
            settings=self.ports.settings,
            queue=self.ports.queue,
            may_go_on=lambda: now() < until,
            most=MOST_LOOKED_AT_BY_FUNCTION,
        ).answer()

    def _list_dead_letters(self, reason: str | None) -> Mapping[str, object]:
        """List the jobs that were set aside, or those of a reason."""
        from counterpart.use_cases.dead_letters import MOST_LETTERS, list_dead_letters

        listed = list_dead_letters(
            limit=MOST_LETTERS,
            letters=self.dead_letters,
            contacts=self.ports.contacts,
            reason=reason,
        )
        return {"items": [one.answer() for one in listed]}

    def _redrive(self, wanted: Redrive) -> Mapping[str, object]:
        """Send jobs again that were set aside."""
        from counterpart.use_cases.dead_letters import redrive

        return redrive(
            wanted.ids,
            reason=wanted.reason,
            now=now(),
            settings=self.ports.settings.current(),
            letters=self.dead_letters,
            contacts=self.ports.contacts,
            queue=self.ports.queue,
        ).answer()

    def _look_over(self, errand: Preflight | CheckCriteria | CheckMapping) -> Mapping[str, object]:
        """Look the org over, or hold criteria or a mapping against it."""
        from counterpart.domain.errands import CheckCriteria, CheckMapping
        from counterpart.use_cases.check_criteria import check_criteria
        from counterpart.use_cases.check_mapping import check_mapping
        from counterpart.use_cases.preflight import preflight

        if isinstance(errand, CheckMapping):
            return check_mapping(errand.wanted, survey=self.survey).answer()
        if isinstance(errand, CheckCriteria):
            complaints = check_criteria(errand.selections, survey=self.survey)
            return {"complaints": [each.answer() for each in complaints]}
        return preflight(
            survey=self.survey, settings=self.ports.settings, api_version=self.api_version
        )


def build_create_records(environment: Environment) -> Creation:
    """Return the ways into `create_records`."""
    from counterpart.adapters.dynamodb.address_claims import DynamoAddressClaims
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
    client = salesforce_client(environment)
    pages = page_ports(environment, database, client)
    ports = CreatePorts(
        salesforce=SalesforceCreator(client),
        reader=pages.salesforce,
        contacts=pages.contacts,
        companies=pages.companies,
        links=pages.links,
        members=pages.members,
        claims=DynamoAddressClaims(environment.sync_state_table, database),
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
