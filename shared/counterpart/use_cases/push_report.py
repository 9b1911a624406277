"""The report of a push: what one look has come to, for whoever asked and for the list of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.outcomes import RunKind, RunStatus
from counterpart.use_cases.allowance import percent_of
from counterpart.use_cases.reports import Report, how_many, with_errors

if TYPE_CHECKING:
    from counterpart.use_cases.push_look import PushLook


def report_of(look: PushLook) -> Report:
    """Return what a look has come to, by now."""
    now = look.clock()
    usage = look.ports.salesforce.usage()
    status = with_errors(look.status, look.notes.outcomes)
    if status is RunStatus.COMPLETED and look.error:
        status = RunStatus.COMPLETED_WITH_ERRORS
    if status is RunStatus.COMPLETED and look.hold:
        status = RunStatus.HELD
    updated, refused = look.notes.total("updated"), look.notes.total("refused")
    planned = look.notes.total("would_update")
    summary = f"Pushed {how_many(updated, 'update')} to Salesforce; {refused} refused."
    if look.request.dry_run:
        summary = f"Would push {how_many(planned, 'update')} to Salesforce."
    waits = (kind.line.oldest() for kind in look.kinds)
    oldest = min(filter(None, waits), default=now)
    return Report(
        run_id=look.run_id,
        kind=RunKind.PUSH,
        status=status,
        started_at=look.started_at,
        finished_at=now,
        summary=summary,
        counts=look.notes.counts,
        skipped=look.notes.skipped,
        api_calls=usage.calls - look.calls_before,
        budget_used_percent=percent_of(usage, look.settings),
        more_remains=look.more,
        dry_run=look.request.dry_run,
        notes=list(look.remarks),
        oldest_wait_seconds=max((now - oldest).total_seconds(), 0.0),
        settings_version=look.settings.version,
        error=look.error,
        held=[look.hold.id] if look.hold else [],
        outcomes=look.notes.outcomes,
    )
