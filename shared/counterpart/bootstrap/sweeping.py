"""Plugs `sweep_links` together."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from counterpart.bootstrap.wiring import page_ports, salesforce_client

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from counterpart.domain.sweep_requests import SweepRequest
    from counterpart.settings import Environment
    from counterpart.use_cases.reports import Report

    TimeLeft = Callable[[], timedelta]


class SweepLinks(Protocol):
    """Sweeps; the rest of the world is plugged in."""

    def __call__(self, request: SweepRequest, *, time_left: TimeLeft) -> Report: ...


def build_sweep_links(environment: Environment) -> SweepLinks:
    """Return `sweep_links` for this deployment."""
    from counterpart.adapters.dynamodb.database import Database
    from counterpart.adapters.dynamodb.opportunities import DynamoOpportunityRepository
    from counterpart.adapters.dynamodb.runs import DynamoRunRepository
    from counterpart.adapters.dynamodb.settings import DynamoSettingsRepository
    from counterpart.adapters.dynamodb.streams import DynamoStreamRepository
    from counterpart.adapters.lambda_successor import LambdaSuccessor
    from counterpart.adapters.salesforce.plain_reader import SalesforcePlainReader
    from counterpart.use_cases.sweep_links import SweepPorts, sweep_links

    environment.require(
        "contacts_table",
        "companies_table",
        "links_table",
        "sync_state_table",
        "runs_table",
        "opportunities_table",
    )
    database = Database()
    client = salesforce_client(environment)
    ports = SweepPorts(
        pages=page_ports(environment, database, client),
        plain=SalesforcePlainReader(client),
        opportunities=DynamoOpportunityRepository(environment.opportunities_table, database),
        streams=DynamoStreamRepository(environment.sync_state_table, database),
        settings=DynamoSettingsRepository(environment.settings_table, database),
        runs=DynamoRunRepository(environment.runs_table, database),
        successor=LambdaSuccessor(environment.function_name),
    )
    return partial(sweep_links, ports=ports)
