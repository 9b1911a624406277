"""Reports: what a function answers to whoever asked, and what the list of runs keeps of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from counterpart.domain.outcomes import Action, Run, RunKind, RunStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.outcomes import Outcome

_EXAMPLES = 20

# What an answer says of all objects together; `objects` has the details.
_TOTALS = {
    "read": ("read",),
    "created": ("created",),
    "updated": ("updated",),
    "linked": ("linked", "relinked"),
    "unlinked": ("unlinked", "deleted"),
    "failed": ("refused", "retried_later"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What was done.

    Attributes:
        run_id: Under which its outcomes can be looked up.
        counts: By object, then by what became of its rows.
        skipped: By reason.
        api_calls: Calls to Salesforce that it cost.
        more_remains: The work goes on in another invocation, or waits.
        notes: Sentences for whoever reads it.
        seconds_behind: Age of the oldest watermark that should move by itself.
        oldest_wait_seconds: How long the oldest edit has waited.
        budget_used_percent: How much of our share of the org's API allowance is used.
        held: Ids of what waits for somebody's yes.
        outcomes: All of them; the answer shows the first few.
    """

    run_id: str
    kind: RunKind
    status: RunStatus
    started_at: datetime
    finished_at: datetime
    summary: str
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    api_calls: int = 0
    more_remains: bool = False
    dry_run: bool = False
    notes: Sequence[str] = ()
    seconds_behind: float | None = None
    oldest_wait_seconds: float | None = None
    budget_used_percent: float | None = None
    settings_version: int = 0
    error: str | None = None
    held: Sequence[str] = ()
    outcomes: Sequence[Outcome] = ()

    @property
    def seconds(self) -> float:
        """Return how long it took."""
        return (self.finished_at - self.started_at).total_seconds()

    @property
    def found_no_calls(self) -> bool:
        """Return whether it stopped for the API allowance after a call had told of that.

        Whoever stops before a first call says nothing that the one before has not.
        """
        return self.status is RunStatus.BUDGET and self.api_calls > 0

    def total(self, *parts: str) -> int:
        """Return the sum of some counts over all objects."""
        return sum(counts.get(part, 0) for counts in self.counts.values() for part in parts)

    @property
    def sentence(self) -> str:
        """Return the summary, with what waits for somebody's yes."""
        if not self.held:
            return self.summary
        return f"{self.summary} Held until somebody says yes: {', '.join(self.held)}."

    def run(self) -> Run:
        """Return what the list of runs keeps."""
        return Run(
            id=self.run_id,
            kind=self.kind,
            status=self.status,
            started_at=self.started_at,
            finished_at=self.finished_at,
            summary=self.sentence,
            counts=self.counts,
            skipped=self.skipped,
            api_calls=self.api_calls,
            settings_version=self.settings_version,
            error=self.error,
        )

    def answer(self) -> dict[str, object]:
        """Return the report as JSON for the console; it names records by id, never by content."""
        told = [
            outcome
            for outcome in self.outcomes
            if outcome.action not in {Action.CREATED, Action.LINKED}
        ]
        answer: dict[str, object] = {
            "run_id": self.run_id,
            "status": str(self.status),
            "summary": self.sentence,
            **{name: self.total(*parts) for name, parts in _TOTALS.items()},
            "skipped": dict(self.skipped),
            "objects": {name: dict(counts) for name, counts in self.counts.items()},
            "api_calls": self.api_calls,
            "seconds": round(self.seconds, 3),
            "more_remains": self.more_remains,
            "dry_run": self.dry_run,
            "settings_version": self.settings_version,
        }
        if told:
            answer["outcomes"] = [describe_outcome(outcome) for outcome in told[:_EXAMPLES]]
            answer["outcomes_in_all"] = len(told)
        if self.held:
            answer["held"] = list(self.held)
        if self.notes:
            answer["notes"] = list(self.notes)
        if self.error:
            answer["error"] = self.error
        return answer


def under_way(
    run_id: str, kind: RunKind, *, started_at: datetime, now: datetime, settings_version: int
) -> Run:
    """Return a run that has not come to its end, as the list of runs shows it until it has."""
    return Run(
        id=run_id,
        kind=kind,
        status=RunStatus.CONTINUES,
        started_at=started_at,
        finished_at=now,
        summary="Under way, or broken off.",
        settings_version=settings_version,
    )


def describe_outcome(outcome: Outcome) -> dict[str, object]:
    """Return one outcome as JSON, without what it does not have."""
    described = {
        "action": str(outcome.action),
        "reason": str(outcome.reason),
        "object": outcome.object,
        "record_id": outcome.record_id,
        "subject_id": outcome.subject_id,
        "field": outcome.field,
        "code": outcome.code,
        "message": outcome.message or None,
    }
    return {key: value for key, value in described.items() if value is not None}


def seconds_behind(watermarks: Collection[datetime], *, now: datetime) -> float | None:
    """Return the age of the oldest of these watermarks, if there are any.

    Salesforce's clock and ours may differ by seconds; an alarm thinks in minutes.
    """
    return max((now - min(watermarks)).total_seconds(), 0.0) if watermarks else None


def with_errors(status: RunStatus, outcomes: Iterable[Outcome]) -> RunStatus:
    """Return the status of a run that has told these: whether it went through with errors."""
    troubled = any(outcome.action in {Action.FAILED, Action.REFUSED} for outcome in outcomes)
    if status is RunStatus.COMPLETED and troubled:
        return RunStatus.COMPLETED_WITH_ERRORS
    return status


def how_many(number: int, noun: str) -> str:
    """Return a number with its noun: `1 record`, `2 records`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
