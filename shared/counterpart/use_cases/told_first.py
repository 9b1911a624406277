"""What somebody loses by a page is told before the page is applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.use_cases.reports import under_way

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from counterpart.domain.outcomes import Outcome, RunKind
    from counterpart.ports import Clock, RunRepository
    from counterpart.use_cases.reports import Report


class ToldFirst:
    """Stores conflicts while a run is under way.

    A crash in between makes somebody read of one twice, but never takes a value away untold: once
    the record is applied, nothing tells that there was another.

    Args:
        runs: Where they are stored.
        kind: Of the run.
        run_id: The run.
        started_at: When it began.
        settings_version: The settings it works by.
        clock: Ours.

    Attributes:
        outcomes: Those that were stored.
    """

    def __init__(
        self,
        runs: RunRepository,
        kind: RunKind,
        *,
        run_id: str,
        started_at: datetime,
        settings_version: int,
        clock: Clock,
    ) -> None:
        self._runs = runs
        self._kind = kind
        self._run_id = run_id
        self._started_at = started_at
        self._settings_version = settings_version
        self._clock = clock
        self.outcomes: list[Outcome] = []

    def tell(self, outcomes: Sequence[Outcome]) -> None:
        """Store these, with which the run's report begins."""
        run = under_way(
            self._run_id,
            self._kind,
            started_at=self._started_at,
            now=self._clock(),
            settings_version=self._settings_version,
        )
        self._runs.record(run, outcomes)
        self.outcomes += outcomes

    def record(self, report: Report) -> None:
        """Store the run as it ended, and the rest of its outcomes."""
        self._runs.record(report.run(), report.outcomes[len(self.outcomes) :])
