"""What a proposed selection would take in or leave out, asked of Salesforce for a sample."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from counterpart.domain.passes import Rows
from counterpart.domain.records import SObject
from counterpart.domain.windows import PAGE_SIZE
from counterpart.errors import HaltError, MissingFieldError, TransientError
from counterpart.ports import PageQuery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.domain.inbound_settings import InboundObject
    from counterpart.domain.selection import Selection
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.use_cases.apply_page import PagePorts

# Whoever was touched lately is who a pull meets next; where one page holds everybody, all are.
_SAMPLE = timedelta(days=30)
_MOST_EXAMPLES = 5

# By stamp and id, the order of pages: many records that were loaded at once have one stamp.
Row = tuple[datetime, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Records that one of two selections takes, and the other does not.

    Attributes:
        linked: How many of them have a contact here.
        examples: The first of them.
    """

    count: int
    linked: int
    examples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """How many of all records of an object each selection takes; `None` is not known.

    Attributes:
        both: Those that are taken now, and then.
    """

    now: int | None
    then: int | None
    both: int | None

    @property
    def fit_a_page(self) -> bool:
        """Return whether one page holds all that either selection takes."""
        return all(one is not None and one <= PAGE_SIZE for one in (self.now, self.then))

    @property
    def newly_skipped(self) -> int | None:
        """Return how many are taken now, and no longer."""
        return None if self.now is None or self.both is None else self.now - self.both

    @property
    def newly_admitted(self) -> int | None:
        """Return how many are not taken now, but then."""
        return None if self.then is None or self.both is None else self.then - self.both


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectionChange:
    """What changes for the records of one object: how many of all, and some in a sample.

    Attributes:
        totals: Of all records.
        since: Records that changed earlier were not looked at; `None` if none were left out.
        until: Nor were those that changed later; `None` if there were none.
        refused_now: Why Salesforce does not take the selection that holds, so that pulls stand
            still; then nothing is compared. `None` if it does.
        refused_then: Likewise of the proposed one.
        looked_at: How many records either selection takes.
        skipped: Taken now, and no longer.
        admitted: Not taken now, but then.
    """

    object: SObject
    totals: Totals
    since: datetime | None
    until: datetime | None
    looked_at: int
    skipped: Group
    admitted: Group
    refused_now: str | None = None
    refused_then: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Selections:
    """What changes by object, and why Salesforce could not be asked, if it could not."""

    objects: Sequence[SelectionChange] = ()
    silence: str | None = None


def simulate_selections(
    current: SyncSettings,
    proposed: SyncSettings,
    objects: Sequence[SObject],
    *,
    pages: PagePorts,
) -> Selections:
    """Return what changes for records of objects that would be selected otherwise.

    Args:
        current: The settings that hold.
        proposed: Those that may.
        objects: Those whose proposed selection Salesforce would take.
        pages: The world.
    """
    found: list[SelectionChange] = []
    before, after = current.inbound.objects, proposed.inbound.objects
    for sobject in objects:
        if _taken(before[sobject]) == _taken(after[sobject]):
            continue
        try:
            found.append(_changed(sobject, before[sobject], after[sobject], pages))
        except (TransientError, HaltError) as exc:
            return Selections(objects=found, silence=str(exc))
    return Selections(objects=found)


def _taken(entry: InboundObject) -> object:
    return entry.selection if entry.enabled else None


def _changed(
    sobject: SObject, before: InboundObject, after: InboundObject, pages: PagePorts
) -> SelectionChange:
    now, refused_now = _counted(sobject, before, pages)
    then, refused_then = _counted(sobject, after, pages)
    if refused_now or refused_then:
        return SelectionChange(
            object=sobject,
            totals=Totals(now=now, then=then, both=None),
            since=None,
            until=None,
            looked_at=0,
            skipped=_group((), pages),
            admitted=_group((), pages),
            refused_now=refused_now,
            refused_then=refused_then,
        )
    totals = Totals(now=now, then=then, both=_of_both(sobject, before, after, pages))
    since = None if totals.fit_a_page else pages.clock() - _SAMPLE
    old, old_end = _seen(sobject, before, since, pages)
    new, new_end = _seen(sobject, after, since, pages)
    # Each answer holds a page; what lies beyond the shorter one was not compared.
    end = min(filter(None, (old_end, new_end)), default=None)
    if end is not None:
        old, new = ({row for row in rows if row < end} for rows in (old, new))
    return SelectionChange(
        object=sobject,
        totals=totals,
        since=since,
        until=end[0] if end else None,
        looked_at=len(old | new),
        skipped=_group(sorted(record_id for _, record_id in old - new), pages),
        admitted=_group(sorted(record_id for _, record_id in new - old), pages),
    )


def _counted(
    sobject: SObject, entry: InboundObject, pages: PagePorts
) -> tuple[int | None, str | None]:
    """Return how many records are taken, and why Salesforce cannot say, if it cannot."""
    if not entry.comes_in:
        return 0, None
    try:
        return _count(sobject, entry.selection, pages), None
    except MissingFieldError as exc:
        return None, str(exc)


def _of_both(
    sobject: SObject, before: InboundObject, after: InboundObject, pages: PagePorts
) -> int | None:
    if not (before.comes_in and after.comes_in):
        return 0
    return _count(sobject, before.selection.also_by(after.selection), pages)


def _count(sobject: SObject, selection: Selection, pages: PagePorts) -> int | None:
    query = PageQuery(object=sobject, rows=Rows.LIVE, fields=(), selection=selection)
    return pages.salesforce.count(query)


def _seen(
    sobject: SObject, entry: InboundObject, since: datetime | None, pages: PagePorts
) -> tuple[set[Row], Row | None]:
    """Return selected records of one page, and the last of them if the answer was cut off there."""
    if not entry.comes_in:
        return set(), None
    query = PageQuery(
        object=sobject, rows=Rows.LIVE, fields=(), lower=since, selection=entry.selection
    )
    (page,) = pages.salesforce.poll([query]).pages
    rows = [(record.modstamp, record.id) for record in page.records]
    return set(rows), rows[-1] if rows and not page.finished else None


def _group(record_ids: Sequence[str], pages: PagePorts) -> Group:
    links = pages.links.get_many(record_ids) if record_ids else {}
    return Group(
        count=len(record_ids),
        linked=sum(link.subject_id is not None for link in links.values()),
        examples=tuple(record_ids[:_MOST_EXAMPLES]),
    )
