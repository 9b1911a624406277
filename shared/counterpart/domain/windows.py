"""Windows: which rows of a stream are read, and how far one has come in them.

A run reads a window of `SystemModstamp` from a little before the last watermark (rows can be
committed later than they are stamped) up to the moment, by Salesforce's clock, at which the run
began. Pages follow one another by the pair (`SystemModstamp`, `Id`), since thousands of rows may
share one stamp.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

# A query answers at most this many rows a page (REST API guide, "Query Options Header").
PAGE_SIZE = 2000

# Salesforce is no older; a window without a beginning is halved from here.
BEGINNING = datetime(1999, 1, 1, tzinfo=UTC)

# A window that holds one second cannot be made narrower by halves of any use.
_NARROWEST = timedelta(seconds=2)


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
        cleared_by: The version of the settings by which what it does was counted to the window's
            end and is little, or somebody said yes to it; `None` if neither.
    """

    after: Keyset | None = None
    finished: bool = False
    since: datetime | None = None
    until: datetime | None = None
    cleared_by: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """What one page is asked for: rows stamped from *lower* on, before *upper*, after a row."""

    lower: datetime | None
    upper: datetime | None
    after: Keyset | None


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
    begun = before.since or BEGINNING
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
    begin = max((bound for bound in bounds if bound), default=BEGINNING)
    width = (progress.until or upper) - begin
    if width < _NARROWEST:
        return None
    # Whole seconds survive being stored, and the next part begins where this one ends.
    until = (begin + width / 2).replace(microsecond=0)
    return replace(progress, since=begin, until=until)
