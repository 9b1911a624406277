"""Streams: how far each object has been read, and what is to be read next.

A run reads a window of `SystemModstamp` from a little before the last watermark (rows can be
committed later than they are stamped) up to the moment, by Salesforce's clock, at which the run
began. Pages follow one another by the pair (`SystemModstamp`, `Id`), since thousands of rows may
share one stamp. The watermark moves last, and only forwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from counterpart.domain.records import SObject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.backfill import OpenBackfill
    from counterpart.domain.guard import Hold

# Set aside in place of a path: our user may not read the object at all.
EVERYTHING = "*"

# What remembers how far pushes have come, and what the guard holds of them.
PUSH = "push"

# A query answers at most this many rows a page (REST API guide, "Query Options Header").
PAGE_SIZE = 2000

# Salesforce is no older; a window without a beginning is halved from here.
_BEGINNING = datetime(1999, 1, 1, tzinfo=UTC)
# A window that holds one second cannot be made narrower by halves of any use.
_NARROWEST = timedelta(seconds=2)

# The schedule's tick comes a few seconds early or late; that must not cost a whole interval.
_TICK_TOLERANCE = timedelta(seconds=45)


class Rows(StrEnum):
    """Which rows of an object one pass reads."""

    ALL = "all"
    # Deleted, merged away or converted: they move links, and must do so before others create.
    GONE = "gone"
    LIVE = "live"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pass:
    """One reading of one object.

    Attributes:
        object: By API name.
        stage: Before the first row of a stage is applied, the last one of each earlier stage is.
    """

    object: str
    rows: Rows
    stage: int

    @property
    def name(self) -> str:
        """Return the key under which its progress is kept."""
        return f"{self.object}:{self.rows}"


# In the order in which their pages are applied. Five, because one composite call carries five
# queries (REST API guide, "Composite"), so that an idle poll of everything costs one call.
PASSES = (
    # A Contact finds its company by its Account, and the contact of a lead that it was by the link
    # that has moved; and where a Contact and a lead share an address, the Contact comes first.
    Pass(object=SObject.ACCOUNT, rows=Rows.ALL, stage=0),
    Pass(object=SObject.CONTACT, rows=Rows.GONE, stage=0),
    Pass(object=SObject.LEAD, rows=Rows.GONE, stage=0),
    Pass(object=SObject.CONTACT, rows=Rows.LIVE, stage=1),
    Pass(object=SObject.LEAD, rows=Rows.LIVE, stage=2),
)

# In place of the first, where the data of Accounts is not taken: their links are kept up.
GONE_ACCOUNTS = Pass(object=SObject.ACCOUNT, rows=Rows.GONE, stage=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Keyset:
    """The last row that was durably applied; the next page begins right after it."""

    modstamp: datetime
    record_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PassProgress:
    """How far one pass has come within a run.

    Attributes:
        since: Where the part of the window that is being read begins; `None` is the whole window.
        until: Where it ends, because Salesforce gave up on a longer one; `None` is the window's
            own end.
        cleared: What it does was counted to the window's end and is little, or somebody said yes.
    """

    after: Keyset | None = None
    finished: bool = False
    since: datetime | None = None
    until: datetime | None = None
    cleared: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """What one page is asked for: rows stamped from *lower* on, before *upper*, after a row."""

    lower: datetime | None
    upper: datetime | None
    after: Keyset | None


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


def lower_bound(
    *, watermark: datetime | None, overlap: timedelta, not_before: datetime | None
) -> datetime | None:
    """Return where a window begins; `None` is the beginning of time.

    Args:
        watermark: Where the last window ended.
        overlap: How much of it is read once more, for rows committed later than stamped.
        not_before: When the object was switched on; what changed earlier stays outside.
    """
    lower = None if watermark is None else watermark - overlap
    if not_before is None:
        return lower
    return not_before if lower is None else max(lower, not_before)


class Stamped(Protocol):
    """A row of Salesforce, as far as its place in the order of pages goes."""

    @property
    def id(self) -> str: ...

    @property
    def modstamp(self) -> datetime: ...


def after_page(
    records: Sequence[Stamped], *, finished: bool, before: PassProgress, upper: datetime
) -> PassProgress:
    """Return the progress once *records*, in the order they were read, are applied.

    Args:
        records: Of one page.
        finished: Whether nothing follows in the part of the window that was asked for.
        before: The progress so far.
        upper: Where the whole window ends.
    """
    after = before.after
    if records:
        last = records[-1]
        after = Keyset(modstamp=last.modstamp, record_id=last.id)
    if not finished or before.until is None:
        return replace(before, after=after, finished=finished)
    # What was narrow enough may be twice as wide next time: the crowd may be behind us.
    begun = before.since or _BEGINNING
    until = before.until + 2 * (before.until - begun)
    return replace(before, after=after, since=before.until, until=until if until < upper else None)


def narrowed(
    progress: PassProgress, *, lower: datetime | None, upper: datetime
) -> PassProgress | None:
    """Return the progress with half the window ahead, for one that Salesforce gave up on.

    Args:
        progress: So far.
        lower: Where the whole window begins; `None` is the beginning of time.
        upper: Where it ends.

    Returns:
        `None` if there is nothing left to halve.
    """
    bounds = (lower, progress.since, progress.after.modstamp if progress.after else None)
    begin = max((bound for bound in bounds if bound), default=_BEGINNING)
    width = (progress.until or upper) - begin
    if width < _NARROWEST:
        return None
    # Whole seconds survive being stored, and the next part begins where this one ends.
    until = (begin + width / 2).replace(microsecond=0)
    return replace(progress, since=begin, until=until)


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
    begin = state.watermark or _BEGINNING
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
