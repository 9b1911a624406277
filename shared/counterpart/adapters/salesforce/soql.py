"""Writes the queries that we ask. Values are quoted by the library, names are checked here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from simple_salesforce.format import format_soql

from counterpart.domain.records import SObject
from counterpart.domain.streams import Rows
from counterpart.domain.values import format_time
from counterpart.errors import MissingFieldError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping
    from counterpart.ports import PageQuery

# A statement may have 100,000 characters (SOQL limits); a fifth of that is easy on everybody. The
# limit on addresses, 16,384 bytes, does not touch it: it travels in the body of a composite, as
# Salesforce advises for long queries (knowledge article 000386264).
_LONGEST_LIST = 18_000
_NAME = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)*", re.ASCII)

# What every record carries, besides the mapped fields.
_EVERY = ("Id", "SystemModstamp", "LastModifiedDate", "IsDeleted", "MasterRecordId")
SYSTEM_FIELDS = {
    SObject.ACCOUNT: _EVERY,
    SObject.CONTACT: (*_EVERY, "AccountId"),
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
    chosen: dict[str, str] = {}
    for path in (*SYSTEM_FIELDS[sobject], *besides, *mapped):
        chosen.setdefault(path.lower(), path)
    return list(chosen.values())


def select(sobject: SObject, columns: Iterable[str], where: Iterable[str]) -> str:
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
    bounds = [query.lower, query.after.modstamp if query.after else None]
    lower = max((bound for bound in bounds if bound), default=None)
    where = []
    if lower:
        # The tie-break below implies a bound, but Salesforce's index needs to be told.
        where.append(f"SystemModstamp >= {moment(lower)}")
    if query.upper is not None:
        where.append(f"SystemModstamp < {moment(query.upper)}")
    if query.after:
        where.append(
            format_soql(
                "(SystemModstamp > {0:literal} OR (SystemModstamp = {0:literal} AND Id > {1}))",
                moment(query.after.modstamp),
                query.after.record_id,
            )
        )
    where += _rows(query, chosen)
    statement = select(query.object, paths(query.object, query.fields, besides), where)
    return f"{statement} ORDER BY SystemModstamp, Id LIMIT {query.limit:d}"


def _rows(query: PageQuery, chosen: str) -> list[str]:
    gone, live = _GONE[query.object], _LIVE[query.object]
    match query.rows:
        case Rows.GONE:
            return [gone]
        case Rows.LIVE:
            return [live, chosen] if chosen else [live]
        case Rows.ALL:
            return [f"({gone} OR {chosen})"] if chosen else []


def lists(template: str, values: Iterable[str], *, glue: str = ",") -> Iterator[str]:
    """Yield the values, formatted and joined, in lists short enough for one statement.

    Args:
        template: How one value is written, such as `{}` for a quoted text.
    """
    taken: list[str] = []
    length = 0
    for value in values:
        literal = format_soql(template, value)
        if taken and length + len(literal) > _LONGEST_LIST:
            yield glue.join(taken)
            taken, length = [], 0
        taken.append(literal)
        length += len(literal) + len(glue)
    if taken:
        yield glue.join(taken)
