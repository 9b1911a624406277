"""Tables of changes as bulk jobs read and write them (Bulk API 2.0 guide, "Prepare CSV Files")."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from counterpart.ports import Json, RecordChange

# What a cell says to clear a field; an empty cell leaves it as it is.
_CLEAR = "#N/A"

# A job gives back what it was given (Bulk API 2.0 guide, "Limits").
_LONGEST_CELL = 131_072


def holds(change: RecordChange) -> bool:
    """Return whether a table can say *change*: a text that means to clear has no other way."""
    return all(value not in {_CLEAR, ""} for value in change.values.values())


def table_of(changes: Sequence[RecordChange]) -> bytes:
    """Return *changes* as a table: one row each, one column for each field that any of them has."""
    columns = list(dict.fromkeys(path for change in changes for path in change.values))
    out = io.StringIO(newline="")
    # Every cell is quoted, since not every version of the library minds a lone carriage return.
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["Id", *columns])
    for change in changes:
        cells = (_cell(change.values[path]) if path in change.values else "" for path in columns)
        writer.writerow([change.record_id, *cells])
    return out.getvalue().encode()


def rows_of(table: str) -> Iterator[Mapping[str, str]]:
    """Return the rows of a table by column, one after the other."""
    csv.field_size_limit(_LONGEST_CELL)
    return csv.DictReader(io.StringIO(table, newline=""))


def _cell(value: Json) -> str:
    if value is None:
        return _CLEAR
    return str(value).lower() if isinstance(value, bool) else str(value)
