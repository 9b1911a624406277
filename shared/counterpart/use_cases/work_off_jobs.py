"""Work off the creation queue: who fails comes again, and nobody waits for a neighbour."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.editing import request_for
from counterpart.domain.waiting import Lane, Waiting
from counterpart.errors import TransientError
from counterpart.ports import CreationJob
from counterpart.use_cases.create_records import BATCH_SIZE, create_records
from counterpart.use_cases.creation_ports import TRIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.requests import CreateRequest
    from counterpart.ports import Delivery
    from counterpart.use_cases.creation_ports import CreatePorts
    from counterpart.use_cases.reports import Report

# After the n-th failure a job is hidden this long, four times as long each time.
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(minutes=15)

# The queue gives a job up after as many deliveries (template.yaml, maxReceiveCount). We are faster,
# because we know the reason.
MOST_DELIVERIES = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkedOff:
    """What became of deliveries.

    Attributes:
        reports: One for each batch.
        failures: Message ids to deliver again.
    """

    reports: Sequence[Report]
    failures: Sequence[str]


def work_off_jobs(deliveries: Sequence[Delivery], *, ports: CreatePorts) -> WorkedOff:
    """Create what the queue has delivered.

    Raises:
        HaltError: a person is needed; everything is to be delivered again.
    """
    failed = [delivery for delivery in deliveries if delivery.job is None]
    sound = [delivery for delivery in deliveries if delivery.job]
    reports = []
    for start in range(0, len(sound), BATCH_SIZE):
        batch = sound[start : start + BATCH_SIZE]
        try:
            result = create_records(
                [item.job for item in batch if item.job],
                ports=ports,
                again={item.job.contact_id for item in batch if item.job and item.attempts > 1},
            )
        except TransientError as exc:
            reasons = {item.job.contact_id: str(exc) for item in batch if item.job}
        else:
            reports.append(result.report)
            reasons = dict(result.failed)
        failed += _given_up(batch, reasons, ports)

    by_attempts: dict[int, list[Delivery]] = {}
    for delivery in failed:
        by_attempts.setdefault(delivery.attempts, []).append(delivery)
    for attempts, group in by_attempts.items():
        wait = min(_FIRST_WAIT * 4 ** min(attempts - 1, 5), _LONGEST_WAIT)
        ports.queue.put_off(group, wait=wait)
    return WorkedOff(reports=reports, failures=[delivery.message_id for delivery in failed])


def _given_up(
    batch: Sequence[Delivery], reasons: Mapping[str, str], ports: CreatePorts
) -> list[Delivery]:
    """Park what failed for the last time, with its reason; return what is to be delivered again.

    The request stays on the contact, so that the minute's look sends a new job once the trouble
    has passed.
    """
    again = []
    for item in batch:
        if item.job is None or item.job.contact_id not in reasons:
            continue
        if item.attempts < MOST_DELIVERIES:
            again.append(item)
        else:
            reason = f"gave up after {item.attempts} tries: {reasons[item.job.contact_id]}"
            ports.queue.park(item.job, reason=reason)
    return again


def create_on_request(request: CreateRequest, *, ports: CreatePorts) -> Sequence[Report]:
    """Create these contacts now, whether or not they were asked for before."""
    now = ports.clock()
    if not request.dry_run:
        _ask_for(request, ports)
    jobs = [
        CreationJob(contact_id=contact_id, requested_at=now, create_as=request.create_as)
        for contact_id in request.contact_ids
    ]
    return [
        create_records(
            jobs[start : start + BATCH_SIZE], ports=ports, dry_run=request.dry_run
        ).report
        for start in range(0, len(jobs), BATCH_SIZE)
    ]


def summary_of(request: CreateRequest, reports: Sequence[Report]) -> dict[str, object]:
    """Return how many were taken up, why others were not, and the report of each batch."""
    skipped: Counter[str] = Counter()
    for report in reports:
        skipped.update(report.skipped)
    return {
        "queued": len(request.contact_ids) - skipped.total(),
        "not_queued": {reason: {"count": count} for reason, count in sorted(skipped.items())},
        "batches": [report.answer() for report in reports],
    }


def _ask_for(request: CreateRequest, ports: CreatePorts) -> None:
    """Put the request on each contact that has none, in case this invocation does not finish."""
    now = ports.clock()
    rules = ports.settings.current().creation
    left = set(request.contact_ids)
    for _ in range(TRIES):
        contacts = ports.contacts.get_many(left)
        left = set(
            ports.contacts.save_many(
                [
                    replace(
                        contact,
                        creation=request_for(rules, request.create_as, now=now),
                        waiting=Waiting(lane=Lane.CREATE, next_push_at=now),
                    )
                    for contact in contacts.values()
                    if contact.creation is None and contact.counterpart is None
                ]
            )
        )
        if not left:
            return
