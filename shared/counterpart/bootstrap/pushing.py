"""Plugs `push_edits` together."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.bootstrap.wiring import now, page_ports, salesforce_client

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from counterpart.ports import CompanyRepository, ContactRepository, SettingsRepository
    from counterpart.settings import Environment
    from counterpart.use_cases.push_ports import PushPorts
    from counterpart.use_cases.reports import Report

    TimeLeft = Callable[[], timedelta]

# What an errand is given to end what it has begun.
_FOR_THE_ANSWER = timedelta(minutes=1)


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

        def may_go_on() -> bool:
            return time_left() >= _FOR_THE_ANSWER

        errand = parse_push_errand(payload)
        match errand:
            case ListParked(narrowing=narrowing):
                return list_parked(
                    narrowing, limit=MOST_PARKED, now=now(), stores=self, may_go_on=may_go_on
                ).answer()
            case RedriveParked():
                return redrive_parked(errand, now=now(), stores=self, may_go_on=may_go_on).answer()
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
    from counterpart.use_cases.push_ports import PushPorts

    environment.require("contacts_table", "companies_table", "links_table", "creation_queue_url")
    database = Database()
    client = salesforce_client(environment)
    ports = PushPorts(
        pages=page_ports(environment, database, client),
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
