"""Writes the queries that we ask. Values are quoted by the library, names are checked here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from simple_salesforce.format import format_soql

from counterpart.domain.passes import Rows
from counterpart.domain.records import SObject
from counterpart.domain.values import format_time
from counterpart.errors import MissingFieldError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.windows import Keyset
    from counterpart.ports import PageQuery, PlainQuery

# A statement may have 100,000 characters (SOQL limits); a fifth of that is easy on everybody. The
# limit on addresses, 16,384 bytes, does not touch it: it travels in the body of a composite, as
# Salesforce advises for long queries (knowledge article 000386264).
_LONGEST_LIST = 18_000
# Two thousand ids, the rows of one page: what a list has whose rows are all read at once.
_LONG_LIST = 42_000
_NAME = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)*", re.ASCII)

# What a row of any object carries.
_PLAIN = ("Id", "SystemModstamp", "LastModifiedDate", "IsDeleted")
# What every record carries, besides the mapped fields.
_EVERY = (*_PLAIN, "MasterRecordId")
SYSTEM_FIELDS = {
    SObject.ACCOUNT: _EVERY,
    SObject.CONTACT: (*_EVERY, "CreatedDate", "AccountId"),
    SObject.LEAD: (*_EVERY, "IsConverted", "ConvertedContactId", "ConvertedAccountId"),
}
_GONE = {
    SObject.ACCOUNT: "IsDeleted = true",
    SObject.CONTACT: "IsDeleted = true",
    SObject.LEAD: "(IsDeleted = true OR IsConverted = true)",
}
_LIVE = {
    SObject.ACCOUNT: "IsDeleted = false",
    SObject.CONTACT: "IsDeleted = false",
    SObject.LEAD: "IsDeleted = false AND IsConverted = false",
}


def field_path(path: str) -> str:
    """Return *path* if it has the form of a field's API name, alone or behind its parents'.

    Raises:
        MissingFieldError: it is something else, and so no field of any org.
    """
    if not _NAME.fullmatch(path):
        raise MissingFieldError(f"No such column {path!r}")
    return path


def moment(at: datetime) -> str:
    """Return a moment as SOQL writes it: in UTC, without quotes, to the millisecond."""
    return format_time(at)


def paths(
    sobject: SObject, fields: Sequence[FieldMapping], besides: Iterable[str] = ()
) -> list[str]:
    """Return each path to be read, once; an org refuses to select a field twice.

    Args:
        sobject: What is read.
        fields: The mapping.
        besides: What this org has and not every org.
    """
    mapped = (field_path(field.paths[sobject]) for field in fields if sobject in field.paths)
    return _once((*SYSTEM_FIELDS[sobject], *besides, *mapped))


def plain_paths(wanted: Iterable[str]) -> list[str]:
    """Return each path to be read of any object, once."""
    return _once((*_PLAIN, *map(field_path, wanted)))


def _once(wanted: Iterable[str]) -> list[str]:
    chosen: dict[str, str] = {}
    for path in wanted:
        chosen.setdefault(path.lower(), path)
    return list(chosen.values())


def select(sobject: str, columns: Iterable[str], where: Iterable[str]) -> str:
    """Return a statement for the rows that fulfil all conditions, of which there may be none."""
    conditions = " AND ".join(where)
    filtered = f" WHERE {conditions}" if conditions else ""
    return f"SELECT {', '.join(columns)} FROM {sobject}{filtered}"  # noqa: S608 - all checked


def page(query: PageQuery, chosen: str, besides: Sequence[str] = ()) -> str:
    """Return the statement for one page.

    Args:
        query: What is asked for.
        chosen: The condition of the query's selection, if any; what is gone needs not fulfil it.
        besides: What this org has and not every org.
    """
    where = [*_window(query.lower, query.upper, query.after), *_rows(query, chosen)]
    columns = paths(query.object, query.fields, besides)
    return _ordered(select(query.object, columns, where), query.limit)


def count(query: PageQuery, chosen: str) -> str:
    """Return the statement that counts all rows of a query, whose page it does not heed.

    Args:
        query: What is to be counted.
        chosen: As in `page`.
    """
    where = [*_window(query.lower, query.upper, None), *_rows(query, chosen)]
    return select(query.object, ["COUNT()"], where)


def plain_page(query: PlainQuery) -> str:
    """Return the statement for one page of any object."""
    where = _window(query.lower, query.upper, query.after)
    for path, values in query.among.items():
        where += [f"{field_path(path)} IN ({few(values)})"]
    statement = select(field_path(query.object), plain_paths(query.paths), where)
    return _ordered(statement, query.limit)


def plain_rows(
    sobject: str, wanted: Iterable[str], among: Mapping[str, Collection[str]]
) -> list[str]:
    """Return statements that together find all rows with one of these values in each field.

    The longest list is cut into pieces where it is too long for one statement.
    """
    by_length = sorted(among, key=lambda path: len(among[path]))
    if not all(among.values()):
        return []
    where = [f"{field_path(path)} IN ({few(among[path])})" for path in by_length[:-1]]
    long = by_length[-1]
    return [
        select(
            field_path(sobject),
            plain_paths(wanted),
            [*where, f"{field_path(long)} IN ({piece})"],
        )
        for piece in lists("{}", sorted(among[long]), longest=_LONG_LIST)
    ]


def _ordered(statement: str, limit: int) -> str:
    return f"{statement} ORDER BY SystemModstamp, Id LIMIT {limit:d}"


def _window(lower: datetime | None, upper: datetime | None, after: Keyset | None) -> list[str]:
    bounds = [lower, after.modstamp if after else None]
    first = max((bound for bound in bounds if bound), default=None)
    where = []
    if first:
        # The tie-break below implies a bound, but Salesforce's index needs to be told.
        where.append(f"SystemModstamp >= {moment(first)}")
    if upper is not None:
        where.append(f"SystemModstamp < {moment(upper)}")
    if after:
        where.append(
            format_soql(
                "(SystemModstamp > {0:literal} OR (SystemModstamp = {0:literal} AND Id > {1}))",
                moment(after.modstamp),
                after.record_id,
            )
        )
    return where


def _rows(query: PageQuery, chosen: str) -> list[str]:
    gone, live = _GONE[query.object], _LIVE[query.object]
    named = [
        f"{path} IN ({few(sorted(ids))})"
        for path, ids in (("Id", query.ids), ("ConvertedContactId", query.became))
        if ids
    ]
    if query.ticked:
        named.append(f"{field_path(query.ticked)} = true")
    if query.live_from and (query.lower is None or query.lower < query.live_from):
        late = f"SystemModstamp >= {moment(query.live_from)}"
        chosen = f"({late} AND {chosen})" if chosen else late
    match query.rows:
        case Rows.GONE:
            return [*named, gone]
        case Rows.LIVE:
            return [*named, live, chosen] if chosen else [*named, live]
        case Rows.ALL:
            return [*named, f"({gone} OR {chosen})"] if chosen else named


def few(values: Iterable[str]) -> str:
    """Return the values as one list.

    Raises:
        ValueError: they are too many for one statement.
    """
    pieces = list(lists("{}", values, longest=_LONG_LIST))
    if len(pieces) != 1:
        raise ValueError("a list within a page has at least one value, and not thousands")
    return pieces[0]


def lists(
    template: str, values: Iterable[str], *, glue: str = ",", longest: int = _LONGEST_LIST
) -> Iterator[str]:
    """Yield the values, formatted and joined, in lists short enough for one statement.

    Args:
        template: How one value is written, such as `{}` for a quoted text.
        longest: In characters.
    """
    taken: list[str] = []
    length = 0
    for value in values:
        literal = format_soql(template, value)
        if taken and length + len(literal) > longest:
            yield glue.join(taken)
            taken, length = [], 0
        taken.append(literal)
        length += len(literal) + len(glue)
    if taken:
        yield glue.join(taken)
