"""CSV as the bulk APIs read and write it."""

import csv
import io
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from simulator.errors import SalesforceError

DELIMITERS = {
    "BACKQUOTE": "`",
    "CARET": "^",
    "COMMA": ",",
    "PIPE": "|",
    "SEMICOLON": ";",
    "TAB": "\t",
}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
# What a cell says to clear a field; an empty cell leaves it as it is.
CLEAR = "#N/A"

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


def read_table(body: bytes, delimiter: str = ",") -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows of a CSV body."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise SalesforceError("INVALIDJOB", "The content is not UTF-8.") from exc
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = next(rows, [])
    return [name.strip() for name in header], [row for row in rows if row]


def write_table(
    rows: Iterable[Sequence[object]], delimiter: str = ",", line_ending: str = "\n"
) -> str:
    """Return rows as CSV in which every cell is quoted."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_ending, quoting=csv.QUOTE_ALL)
    writer.writerows(rows)
    return out.getvalue()


def record_from(header: Sequence[str], row: Sequence[str]) -> dict[str, Any]:
    """Return the record of a row: empty cells left out, ``#N/A`` cleared, parents nested."""
    record: dict[str, Any] = {}
    for name, cell in zip(header, row, strict=False):
        if cell == "":
            continue
        value = None if cell == CLEAR else cell
        relationship, _, key = name.partition(".")
        if not key:
            record[name] = value
        elif value is None:
            record[relationship] = None
        else:
            # Account.Key__c, or with a polymorphic parent's object: User:Owner.Username.
            kind, _, plain = relationship.rpartition(":")
            parent: dict[str, Any] = {key: value}
            if kind:
                parent["attributes"] = {"type": kind}
            record[plain] = parent
    return record


def cell(value: object) -> str:
    """Return a value as bulk results print it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    # Stamps lose their offset and gain a Z.
    return f"{text[:-5]}Z" if text.endswith(".000+0000") else text


def flattened(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Return the values of a queried record by path, parents' included."""
    for name, value in record.items():
        if name == "attributes":
            continue
        if isinstance(value, dict):
            yield from flattened(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
