"""Runs and their outcomes in memory."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from counterpart.adapters import tokens
from counterpart.adapters.memory.writes import unwatched
from counterpart.adapters.moments import to_text
from counterpart.ports import Listing, ToldOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.adapters.memory.writes import WriteHook
    from counterpart.domain.outcomes import Outcome, Run, RunKind


class InMemoryRunRepository:
    """Runs.

    Args:
        before_write: Called before each write; what it raises keeps the write from happening.
        after_write: Called after each write that happened.
    """

    def __init__(
        self, *, before_write: WriteHook = unwatched, after_write: WriteHook = unwatched
    ) -> None:
        self._runs: dict[str, Run] = {}
        self._outcomes: dict[str, list[Outcome]] = {}
        self._before_write = before_write
        self._after_write = after_write

    def record(self, run: Run, outcomes: Sequence[Outcome] = ()) -> None:
        self._before_write("runs.record")
        counts = {name: MappingProxyType(dict(each)) for name, each in run.counts.items()}
        self._runs[run.id] = replace(
            run,
            counts=MappingProxyType(counts),
            skipped=MappingProxyType(dict(run.skipped)),
        )
        self._outcomes.setdefault(run.id, []).extend(outcomes)
        self._after_write("runs.record")

    def get(self, run_id: str) -> Run | None:
        return self._runs.get(run_id)

    def page(
        self, *, kind: RunKind | None = None, limit: int, after: str | None = None
    ) -> Listing[Run]:
        before = tokens.decode(after, keys=["before"])["before"] if after is not None else None
        found = [
            run
            for run in self._runs.values()
            if (kind is None or run.kind is kind) and (before is None or _place(run) < before)
        ]
        found.sort(key=_place, reverse=True)
        listed = found[:limit]
        following = tokens.encode({"before": _place(listed[-1])}) if len(found) > limit else None
        return Listing(items=listed, next=following)

    def outcomes(self, run_id: str, *, limit: int, after: str | None = None) -> Listing[Outcome]:
        start = tokens.decode_place(after)
        recorded = self._outcomes.get(run_id, [])
        listed = recorded[start : start + limit]
        more = start + limit < len(recorded)
        following = tokens.encode_place(start + limit) if more else None
        return Listing(items=listed, next=following)

    def about(self, subject_id: str, *, limit: int) -> Sequence[ToldOutcome]:
        found = [
            (outcome.at, run_id, number, outcome)
            for run_id, recorded in self._outcomes.items()
            for number, outcome in enumerate(recorded)
            if outcome.subject_id == subject_id
        ]
        found.sort(key=lambda entry: entry[:3], reverse=True)
        return [
            ToldOutcome(run_id=run_id, outcome=outcome) for _, run_id, _, outcome in found[:limit]
        ]


def _place(run: Run) -> str:
    return f"{to_text(run.started_at)}#{run.id}"
