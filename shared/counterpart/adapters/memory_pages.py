"""What a query finds in an org in memory, page by page."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from counterpart.adapters import memory_plain as plain
from counterpart.adapters.memory_records import (
    is_gone,
    kind_of,
    records_of,
    require_seen,
    with_parents,
)
from counterpart.adapters.memory_selection import takes
from counterpart.adapters.salesforce.rows import IS_PERSON_ACCOUNT
from counterpart.domain.criteria_checks import places
from counterpart.domain.passes import Rows
from counterpart.domain.records import SObject
from counterpart.domain.selection import Group, Junction, Selection, SelectionMode
from counterpart.ports import RecordPage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from counterpart.adapters.memory_org import MemoryOrg
    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.records import PlainRecord, Record
    from counterpart.ports import PageQuery, PlainQuery


def page(
    org: MemoryOrg, query: PageQuery, *, page_size: int, most_looked_at: int | None
) -> RecordPage[Record]:
    """Return the records of one page.

    Args:
        page_size: Rows that it holds at most, whatever the query's limit.
        most_looked_at: Rows between the bounds that can be looked at; `None` is without limit.

    Raises:
        MissingFieldError: the org lacks a field, or hides it.
    """
    require_selectable(org, query)
    window = _window(org, query, most_looked_at)
    if window is None:
        return RecordPage(records=(), finished=False, timed_out=True)
    taken = (row for row in window if belongs(org, query, row))
    chosen, finished = _first(taken, query.limit, page_size)
    return RecordPage(
        records=list(records_of(org, query.object, chosen, query.fields)), finished=finished
    )


def require_selectable(org: MemoryOrg, query: PageQuery) -> None:
    """Make sure that our user sees what a query selects by.

    Raises:
        MissingFieldError: it does not.
    """
    chosen_by = query.selection or Selection()
    if chosen_by.mode in {SelectionMode.MARKED, SelectionMode.CRITERIA}:
        whole = Group(junction=Junction.ALL, members=chosen_by.as_criteria())
        paths = (criterion.field for _, criterion in places(whole, ""))
        require_seen(org, query.object, *paths)


def plain_page(
    org: MemoryOrg, query: PlainQuery, *, page_size: int, most_looked_at: int | None
) -> RecordPage[PlainRecord]:
    """Return one page of rows as they are; the arguments are those of `page`."""
    window = _window(org, query, most_looked_at)
    if window is None:
        return RecordPage(records=(), finished=False, timed_out=True)
    chosen, finished = _first(plain.chosen(org, window, query.among), query.limit, page_size)
    return RecordPage(
        records=plain.records(org, query.object, chosen, query.paths), finished=finished
    )


def belongs(org: MemoryOrg, query: PageQuery, row: Row) -> bool:
    """Return whether a query takes a row, which stands between its bounds."""
    gone = is_gone(row)
    if not _is_named(query, row):
        return False
    if query.rows is Rows.GONE or (gone and query.rows is Rows.ALL):
        return gone
    early = query.live_from is not None and row["SystemModstamp"] < query.live_from
    if gone or early or query.selection is None:
        return not (gone or early)
    if query.object is SObject.ACCOUNT and row.get(IS_PERSON_ACCOUNT):
        return False
    if query.selection.mode is SelectionMode.ALL:
        return True
    return takes(query.selection, with_parents(org, row), partial(kind_of, org, query.object))


def _is_named(query: PageQuery, row: Row) -> bool:
    """Return whether a query that asks for single rows asks for this one."""
    if query.ids and row["Id"] not in query.ids:
        return False
    if query.ticked and not row.get(query.ticked):
        return False
    return not query.became or row["ConvertedContactId"] in query.became


def _window(
    org: MemoryOrg, query: PageQuery | PlainQuery, most: int | None
) -> Iterator[Row] | None:
    """Return the rows between the bounds; `None` if they are too many to look at."""
    rows = org.rows(query.object)
    start, end = 0, len(rows)
    if query.lower:
        start = bisect_left(rows, (query.lower, ""), key=_place)
    if query.after:
        after = (query.after.modstamp, query.after.record_id)
        start = max(start, bisect_right(rows, after, key=_place))
    if query.upper:
        end = bisect_left(rows, (query.upper, ""), key=_place)
    if most is not None and end - start > most:
        return None
    return islice(rows, start, end)


def _first(rows: Iterable[Row], limit: int, page_size: int) -> tuple[list[Row], bool]:
    """Return the rows of one page, and whether it is the last."""
    most = min(limit, page_size)
    found = list(islice(rows, most + 1))
    return found[:most], len(found) <= most and len(found) < limit


def _place(row: Row) -> tuple[Any, str]:
    return row["SystemModstamp"], row["Id"]
