"""Plugs `pull_records` together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.bootstrap.wiring import page_ports, salesforce_client

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

    from counterpart.domain.pull_errands import Approval, HoldErrand
    from counterpart.settings import Environment
    from counterpart.use_cases.pull_ports import PullPorts
    from counterpart.use_cases.reports import Report

    TimeLeft = Callable[[], timedelta]


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
    from counterpart.use_cases.pull_ports import PullPorts

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
    ports = PullPorts(
        pages=page_ports(environment, database, client),
        plain=SalesforcePlainReader(client),
        opportunities=DynamoOpportunityRepository(environment.opportunities_table, database),
        streams=DynamoStreamRepository(environment.sync_state_table, database),
        settings=DynamoSettingsRepository(environment.settings_table, database),
        runs=DynamoRunRepository(environment.runs_table, database),
        successor=LambdaSuccessor(environment.function_name),
    )
    return Pulling(ports=ports)
