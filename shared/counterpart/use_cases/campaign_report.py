"""The report of a run of campaigns: for whoever asked, and for the list of runs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from counterpart.domain.outcomes import RunKind, RunStatus
from counterpart.domain.records import CampaignObject
from counterpart.use_cases.allowance import percent_of
from counterpart.use_cases.reports import Report, how_many, seconds_behind, with_errors

if TYPE_CHECKING:
    from counterpart.use_cases.campaign_run import CampaignRun


def report_of(run: CampaignRun) -> Report:
    """Return what a run has come to, by now."""
    now = run.ports.clock()
    usage = run.ports.reader.usage()
    status = with_errors(run.status, run.notes.outcomes)
    return Report(
        run_id=run.run_id,
        kind=RunKind.CAMPAIGNS,
        status=status,
        started_at=run.started_at,
        finished_at=now,
        summary=_summary(run),
        counts=run.notes.counts,
        skipped=run.notes.skipped,
        api_calls=usage.calls - run.calls_before,
        budget_used_percent=percent_of(usage, run.settings),
        more_remains=status in {RunStatus.CONTINUES, RunStatus.BUDGET, RunStatus.FAILED},
        dry_run=run.request.dry_run,
        notes=run.remarks,
        seconds_behind=seconds_behind(run.streams.watermarks, now=now),
        settings_version=run.settings.version,
        error=run.error,
        outcomes=run.notes.outcomes,
    )


def record(report: Report, run: CampaignRun) -> None:
    """Keep a run for the list, unless it was an idle tick or an overlap that said nothing."""
    if run.request.dry_run:
        return
    changed = any(
        count
        for counts in run.notes.counts.values()
        for name, count in counts.items()
        if name != "read"
    )
    worth_it = changed or report.outcomes or report.error or report.found_no_calls
    if worth_it or not run.request.scheduled:
        run.ports.runs.record(report.run(), run.notes.fresh())


def _summary(run: CampaignRun) -> str:
    counts = run.notes.counts.get(CampaignObject.MEMBER, Counter())
    came = sum(counts[name] for name in ("created", "updated", "linked", "deleted"))
    if run.request.dry_run:
        would = counts["would_send"]
        return f"Would change {how_many(came, 'member')} here and send {would} to Salesforce."
    went = sum(counts[name] for name in ("sent_created", "sent_updated", "sent_deleted"))
    return f"Changed {how_many(came, 'member')} here; sent {went} to Salesforce."
