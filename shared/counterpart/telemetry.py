"""Logs and metrics of the functions. No contact data passes through here: ids and counts only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from counterpart.domain.outcomes import RunKind
from counterpart.errors import UnknownKeyError

if TYPE_CHECKING:
    from counterpart.errors import InputError
    from counterpart.use_cases.reports import Report

# Service, namespace and level come from the environment that the template sets.
logger = Logger()
metrics = Metrics()

# What the dashboard shows as one figure, by the stream of work that it comes from.
_FIGURES = {
    RunKind.PULL: ("ContactsWritten", ("created", "updated", "linked", "relinked", "unlinked")),
    RunKind.PUSH: ("RecordsPushed", ("updated",)),
    RunKind.BACKFILL: ("ContactsBackfilled", ("created", "updated", "linked")),
    RunKind.CREATE: ("RecordsCreated", ("created",)),
    RunKind.SWEEP: ("LinksMended", ("relinked", "unlinked", "deleted")),
    RunKind.CAMPAIGNS: (
        "MembersSynced",
        ("created", "updated", "deleted", "sent_created", "sent_updated", "sent_deleted"),
    ),
}


def refuse(exc: InputError) -> dict[str, object]:
    """Count a request that cannot be followed; return what is wrong with it as an answer."""
    # The place is ours to name but for an unknown key, which is whatever somebody has pasted.
    place = None if isinstance(exc, UnknownKeyError) else exc.field
    logger.warning("refused a request", extra={"field": place})
    _count("RequestsRefused", 1)
    answer: dict[str, object] = {"status": "refused", "error": exc.detail}
    if exc.field:
        answer["field"] = exc.field
    return answer


def publish(report: Report) -> None:
    """Log one line about a run, and publish the figures that alarms and dashboard refer to."""
    logger.info(
        report.sentence,
        extra={
            "run_id": report.run_id,
            "kind": str(report.kind),
            "status": str(report.status),
            "counts": {name: dict(counts) for name, counts in report.counts.items()},
            "skipped": dict(report.skipped),
            "api_calls": report.api_calls,
            "seconds": round(report.seconds, 3),
            "more_remains": report.more_remains,
            "error": report.error,
            "held": list(report.held),
        },
    )
    figure, parts = _FIGURES[report.kind]
    _count(figure, report.total(*parts))
    _count("RecordsRead", report.total("read"))
    _count("Refusals", report.total("refused"))
    _count("ApiCalls", report.api_calls)
    _count("Held", len(report.held))
    _gauge("SecondsBehind", MetricUnit.Seconds, report.seconds_behind)
    _gauge("OldestWaitSeconds", MetricUnit.Seconds, report.oldest_wait_seconds)
    _gauge("ApiBudgetUsedPercent", MetricUnit.Percent, report.budget_used_percent)


def _count(name: str, value: int) -> None:
    if value:
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def _gauge(name: str, unit: MetricUnit, value: float | None) -> None:
    if value is not None:
        metrics.add_metric(name=name, unit=unit, value=value)
