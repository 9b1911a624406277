"""Rows of an org in memory, read as they are."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from counterpart.adapters.memory_records import require_seen
from counterpart.adapters.salesforce.rows import named
from counterpart.domain.records import PlainRecord
from counterpart.domain.values import format_time

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from counterpart.adapters.memory_org import MemoryOrg
    from counterpart.adapters.salesforce.rows import Row


def chosen(
    org: MemoryOrg, rows: Iterable[Row], among: Mapping[str, Collection[str]]
) -> Iterator[Row]:
    """Yield the rows whose fields, or those of a parent, have one of these values in any case."""
    wanted = {path: {value.casefold() for value in values} for path, values in among.items()}
    for row in rows:
        found = ((str(_value(org, row, path) or ""), values) for path, values in wanted.items())
        if all(value.casefold() in values for value, values in found):
            yield row


def records(
    org: MemoryOrg, sobject: str, rows: Iterable[Row], paths: Sequence[str]
) -> list[PlainRecord]:
    """Return *rows* as they are read.

    Raises:
        MissingFieldError: the org lacks a field, or hides it.
    """
    require_seen(org, sobject, *paths)
    return [
        PlainRecord(
            id=row["Id"],
            object=sobject,
            modified_at=row["LastModifiedDate"],
            modstamp=row["SystemModstamp"],
            values={path: _value(org, row, path) for path in paths},
            deleted=row["IsDeleted"],
        )
        for row in rows
    ]


def _value(org: MemoryOrg, row: Row, path: str) -> Any:  # noqa: ANN401 - whatever a row holds
    parent, _, name = path.partition(".")
    if not name:
        return _as_json(named(row, path))
    above = named(row, f"{parent}Id")
    found = org.find(above) if above else None
    return None if found is None else _value(org, found, name)


def _as_json(value: Any) -> Any:  # noqa: ANN401 - whatever a row holds
    return format_time(value) if isinstance(value, datetime) else value
