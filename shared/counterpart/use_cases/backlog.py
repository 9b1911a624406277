"""The backlog: how much waits to go out, and how long that will take at the present pace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.outcomes import RunKind
from counterpart.domain.values import format_time
from counterpart.domain.waiting import Lane

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from counterpart.ports import CompanyRepository, ContactRepository, RunRepository

# What waits for us; what is on its way to be created waits for a queue.
OUTBOUND = (Lane.FRESH, Lane.BULK, Lane.RETRY, Lane.SENT)

_LOOKED_BACK = timedelta(hours=1)
_MOST_RUNS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Backlog:
    """What waits to go out.

    Attributes:
        waiting: How many contacts and companies, by lane.
        rows_per_minute: What pushes managed of late; `None` if nothing went out.
    """

    waiting: Mapping[Lane, int]
    oldest_wait: timedelta
    rows_per_minute: float | None
    now: datetime

    @property
    def total(self) -> int:
        """Return how many wait for us, without those that are parked."""
        return sum(self.waiting[lane] for lane in OUTBOUND)

    @property
    def empty_at(self) -> datetime | None:
        """Return when all of them have gone out at this pace, if it is known."""
        return empty_at(self.total, self.rows_per_minute, now=self.now)

    def answer(self) -> dict[str, object]:
        """Return it as JSON."""
        rate, end = self.rows_per_minute, self.empty_at
        return {
            "waiting": {lane.value: self.waiting[lane] for lane in OUTBOUND},
            "total": self.total,
            "opt_outs_held": self.waiting[Lane.OPT_OUT],
            "parked": self.waiting[Lane.PARKED],
            "oldest_wait_seconds": self.oldest_wait.total_seconds(),
            "rows_per_minute": None if rate is None else round(rate, 1),
            "empty_at": format_time(end) if end else None,
        }


def backlog(
    *,
    now: datetime,
    contacts: ContactRepository,
    companies: CompanyRepository,
    runs: RunRepository,
) -> Backlog:
    """Return what waits now; the indexes that are counted may lag behind by a moment."""
    oldest = [
        at
        for repository in (contacts, companies)
        for lane in (Lane.FRESH, Lane.BULK)
        if (at := repository.oldest_wait(lane))
    ]
    return Backlog(
        waiting={
            lane: contacts.count_waiting(lane) + companies.count_waiting(lane)
            for lane in (*OUTBOUND, Lane.OPT_OUT, Lane.PARKED)
        },
        oldest_wait=max(now - min(oldest, default=now), timedelta(0)),
        rows_per_minute=_pace(runs, now),
        now=now,
    )


def empty_at(total: int, rows_per_minute: float | None, *, now: datetime) -> datetime | None:
    """Return when so many have gone out at such a pace, if that is known."""
    if not rows_per_minute:
        return None
    return now + timedelta(minutes=total / rows_per_minute)


def _pace(runs: RunRepository, now: datetime) -> float | None:
    """Return the rows a minute of the pushes of the last hour, the time between them included."""
    recent = [
        run
        for run in runs.page(kind=RunKind.PUSH, limit=_MOST_RUNS).items
        if run.started_at >= now - _LOOKED_BACK
    ]
    updated = sum(counts.get("updated", 0) for run in recent for counts in run.counts.values())
    if not updated:
        return None
    first = min(run.started_at for run in recent)
    last = max(run.finished_at for run in recent)
    return updated / max((last - first) / timedelta(minutes=1), 1)
