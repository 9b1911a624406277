"""Create: contacts that were asked for become Leads or Contacts, each exactly once.

A batch costs two calls: one looks for people and Accounts that exist, one upserts Accounts and
people together under our own ids. Whatever is delivered twice, or was done before an answer got
lost, therefore finds its own record again.

Where our share of the API allowance is used up, Salesforce lets us in no more, or hides what people
are looked up in, nothing is created and no job has failed: each request stays on its contact, and
the push, which looks for requests without a job, sends it again. Jobs that fail would all end as
dead letters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.ids import new_id
from counterpart.domain.outcomes import RunKind, RunStatus
from counterpart.errors import AuthenticationError, MissingFieldError, QuotaExhaustedError
from counterpart.use_cases.allowance import percent_of, spent
from counterpart.use_cases.claimed_addresses import ClaimedAddresses
from counterpart.use_cases.creation_ports import CreatePorts, CreationBatch, Person
from counterpart.use_cases.ended_requests import EndedRequests
from counterpart.use_cases.existing_records import ExistingRecords
from counterpart.use_cases.make_records import RecordMaker
from counterpart.use_cases.notes import Notes
from counterpart.use_cases.places import placed
from counterpart.use_cases.refused_creations import RefusedCreations
from counterpart.use_cases.reports import Report, how_many, under_way
from counterpart.use_cases.wanted_people import WantedPeople

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from counterpart.domain.outcomes import Outcome
    from counterpart.ports import CreationJob

# What one composite call carries of each object.
BATCH_SIZE = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class CreationReport:
    """What became of a batch of jobs.

    Attributes:
        report: For whoever asked.
        failed: By contact whose job has to be delivered again: why.
    """

    report: Report
    failed: Mapping[str, str]


def create_records(
    jobs: Sequence[CreationJob],
    *,
    ports: CreatePorts,
    again: Collection[str] = (),
    dry_run: bool = False,
) -> CreationReport:
    """Create up to 200 contacts in Salesforce.

    Args:
        jobs: Which, and as what.
        ports: The world.
        again: The contacts whose job was delivered before, so that a try may have broken off.
        dry_run: Decide for real and write nothing.

    Raises:
        TransientError: Salesforce did not answer; the jobs are to be delivered again.
        HaltError: a person is needed; the jobs are to be delivered again.
    """
    return _Run(ports, again=again, dry_run=dry_run).go(jobs)


class _Run:
    """The creation of one batch."""

    def __init__(self, ports: CreatePorts, *, again: Collection[str], dry_run: bool) -> None:
        self._ports = ports
        self._again = again
        self._calls_before = ports.salesforce.usage().calls
        self._settings = placed(ports.settings.current(), ports.reader)
        self._now = ports.clock()
        self._run_id = new_id(self._now)
        self._notes = Notes(clock=ports.clock, store=self._keep)
        self._batch = CreationBatch(
            ports=ports,
            settings=self._settings,
            notes=self._notes,
            now=self._now,
            dry_run=dry_run,
        )
        # Why nothing more is done, if calls have to be spared, or none can be made.
        self._spared = ""
        self._error: str | None = None
        self._shut_out = False
        self._wanted = WantedPeople(self._batch)
        self._existing = ExistingRecords(self._batch)
        self._requests = EndedRequests(self._batch)
        self._addresses = ClaimedAddresses(self._batch)
        self._refusals = RefusedCreations(self._batch, self._existing, self._addresses)
        self._maker = RecordMaker(self._batch, requests=self._requests, refusals=self._refusals)

    def go(self, jobs: Sequence[CreationJob]) -> CreationReport:
        try:
            if not self._overspent():
                self._create(jobs)
        except (QuotaExhaustedError, AuthenticationError, MissingFieldError) as exc:
            self._spared = self._error = str(exc)
            self._shut_out = not isinstance(exc, QuotaExhaustedError)
        report = self._report()
        # Once, and not with each batch that comes while calls are spared.
        found_out = self._spared and (report.api_calls or report.error)
        if not self._batch.dry_run and (report.counts or report.outcomes or found_out):
            self._ports.runs.record(report.run(), self._notes.fresh())
        return CreationReport(report=report, failed=dict(self._batch.failed))

    def _create(self, jobs: Sequence[CreationJob]) -> None:
        people: Sequence[Person] = self._wanted.of(jobs)
        met = self._wanted.linked_meanwhile
        if met and not self._batch.dry_run:
            self._existing.let_go(met, again=self._again)
            for contact in met:
                self._requests.close(contact)
        if people:
            settled = self._existing.settle(people)
            people = settled.rest
            self._batch.failed.update(settled.failed)
            if not self._batch.dry_run:
                for person, whose in settled.parked:
                    self._refusals.park_beside(person, whose)
                for person, record_id in settled.lost:
                    self._requests.give_up(person.contact, record_id)
        if self._batch.dry_run:
            for person in people:
                self._notes.count(person.object, "would_create")
        elif people and not self._overspent():
            # The look at who exists has told what is left of the allowance, and may have taken
            # long enough for somebody to switch outbound off.
            self._maker.make(self._addresses.take(self._wanted.still(people)))

    def _overspent(self) -> bool:
        self._spared = spent(self._ports.salesforce.usage(), self._settings) or self._spared
        return bool(self._spared)

    def _keep(self, outcomes: Sequence[Outcome]) -> None:
        run = under_way(
            self._run_id,
            RunKind.CREATE,
            started_at=self._now,
            now=self._ports.clock(),
            settings_version=self._settings.version,
        )
        self._ports.runs.record(run, outcomes)

    # --- the report -----------------------------------------------------------------------------

    def _report(self) -> Report:
        now = self._ports.clock()
        usage = self._ports.salesforce.usage()
        created, connected = self._notes.total("created"), self._notes.total("linked")
        refused, planned = self._notes.total("refused"), self._notes.total("would_create")
        summary = f"Created {how_many(created, 'record')}, linked {connected}, refused {refused}."
        if self._batch.dry_run:
            summary = f"Would create {how_many(planned, 'record')} and link {connected}."
        status = RunStatus.COMPLETED
        if self._shut_out:
            status = RunStatus.FAILED
        elif self._spared:
            status = RunStatus.BUDGET
        elif refused or self._batch.failed:
            status = RunStatus.COMPLETED_WITH_ERRORS
        why = self._spared.removesuffix(".")
        return Report(
            run_id=self._run_id,
            kind=RunKind.CREATE,
            status=status,
            started_at=self._now,
            finished_at=now,
            summary=summary,
            counts=self._notes.counts,
            skipped=self._notes.skipped,
            api_calls=usage.calls - self._calls_before,
            budget_used_percent=percent_of(usage, self._settings),
            more_remains=bool(self._batch.failed or self._spared),
            dry_run=self._batch.dry_run,
            notes=[f"{why}. What was asked for stays so."] if why else [],
            settings_version=self._settings.version,
            error=self._error,
            outcomes=self._notes.outcomes,
        )
