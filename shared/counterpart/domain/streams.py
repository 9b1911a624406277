"""Streams: how far each object has been read, and when it is read next.

The watermark moves last, and only forwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from counterpart.domain.records import SObject
from counterpart.domain.windows import BEGINNING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.backfill import OpenBackfill
    from counterpart.domain.guard import Hold
    from counterpart.domain.sweep_requests import SweepPlace
    from counterpart.domain.windows import PassProgress

# Set aside in place of a path: our user may not read the object at all.
EVERYTHING = "*"

# What remembers how far pushes have come, and what the guard holds of them.
PUSH = "push"

# The schedule's tick comes a few seconds early or late; that must not cost a whole interval.
_TICK_TOLERANCE = timedelta(seconds=45)


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkJob:
    """A job that writes many rows of one object, or what is remembered of the last ones.

    Attributes:
        job_id: Of the job that is under way; `None` if none is.
        opened_at: When that, or the last one, was opened, by our clock.
        misses: How many jobs in a row ended without having tried all of their rows.
    """

    job_id: str | None
    opened_at: datetime
    misses: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamState:
    """What is remembered of one stream between invocations.

    Attributes:
        stream: The object's API name, or an ad hoc run's own name.
        watermark: Everything stamped before it has been applied, but for late commits.
        upper: Where the run in progress ends; `None` between runs.
        progress: By the pass's name, for the run in progress.
        set_aside: API paths that the org did not show us, with the time of the last look.
        aside_since: The watermark when each of them was set aside, or the beginning of time. One
            that is shown again stays here until all that was stamped since has been read once
            more, with it.
        described_at: When custom fields were last looked for.
        started_at: When the last run that the schedule asked for began.
        finished_at: When the last run ended.
        last_run: Its id.
        backfill: The backfill that is open, on the stream of backfills.
        jobs: By object, what a push has under way in the background.
        hold: Why it stands still, if it does.
        unswept: Where the next sweep goes on, on the stream of links.
    """

    stream: str
    watermark: datetime | None = None
    upper: datetime | None = None
    progress: Mapping[str, PassProgress] = field(default_factory=dict)
    set_aside: tuple[str, ...] = ()
    looked_at: datetime | None = None
    aside_since: Mapping[str, datetime] = field(default_factory=dict)
    described_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    last_run: str | None = None
    backfill: OpenBackfill | None = None
    jobs: Mapping[SObject, BulkJob] = field(default_factory=dict)
    hold: Hold | None = None
    unswept: SweepPlace | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Lease:
    """The right to move one stream, until it ends or a later one is granted.

    Attributes:
        fence: Grows with each grant; a write under an older number is refused.
    """

    stream: str
    fence: int
    until: datetime


def is_due(state: StreamState, *, now: datetime, interval: timedelta | None) -> bool:
    """Return whether a stream should run at this tick; an interval of `None` means by hand only."""
    if interval is None:
        return False
    if state.upper is not None or state.started_at is None:
        return True
    return now - state.started_at >= interval - _TICK_TOLERANCE


def finished_run(state: StreamState, *, now: datetime, run_id: str) -> StreamState:
    """Return the state after a run that read its whole window: the watermark moves, forwards."""
    watermark = state.watermark
    if state.upper is not None:
        watermark = state.upper if watermark is None else max(watermark, state.upper)
    return replace(
        state,
        watermark=watermark,
        upper=None,
        progress={},
        aside_since={
            path: since for path, since in state.aside_since.items() if path in state.set_aside
        },
        finished_at=now,
        last_run=run_id,
        hold=None,
    )


def without_paths(state: StreamState, paths: Sequence[str], *, now: datetime) -> StreamState:
    """Return the state of a stream that goes on without some fields, for a while."""
    # What the first pull of all had to do without is read from the beginning, then.
    begin = state.watermark or BEGINNING
    since = {**dict.fromkeys(paths, begin), **state.aside_since}
    return replace(state, set_aside=(*state.set_aside, *paths), aside_since=since, looked_at=now)


def read_since(state: StreamState) -> datetime | None:
    """Return where the next window begins, but for its overlap.

    What was read without a field is read once more when that is shown again, so that the edits
    made meanwhile come in.
    """
    shown_again = [
        since for path, since in state.aside_since.items() if path not in state.set_aside
    ]
    bounds = [state.watermark, *shown_again]
    return min((bound for bound in bounds if bound), default=None)
