"""Turns the literals of a query into the values that rows hold."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from simulator.clock import stamp
from simulator.errors import SalesforceError
from simulator.ids import long_id
from simulator.schema import NUMBER_TYPES, TEXT_TYPES
from simulator.soql.complaints import malformed
from simulator.soql.tree import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """When, and by whom, a query is run."""

    today: date
    user_id: str


# A parameter of the SQL is worked out from the texts in the slots and the moment.
Parameter = Callable[[Sequence[str], Moment], object]

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_PLAIN = {
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "b": "\b",
    "f": "\f",
    '"': '"',
    "'": "'",
    "\\": "\\",
}
MAX_STRING = 4_000
# What the message calls the types that have another name in describe.
TYPE_NAMES = {"datetime": "dateTime", "currency": "double", "percent": "double", "reference": "id"}


def constant(value: object) -> Parameter:
    """Return a parameter that is always *value*."""
    return lambda _slots, _moment: value


def slotted(literal: Literal, convert: Callable[[str], object]) -> Parameter:
    """Return a parameter read from the slot of *literal*, which like queries may fill otherwise."""
    slot = literal.slot
    if slot is None:
        return constant(convert(literal.text))
    convert(literal.text)
    return lambda slots, _moment: convert(slots[slot])


def unquoted(token: str) -> str:
    """Return the text that a quoted string stands for."""

    def plain(found: re.Match[str]) -> str:
        mark = found[1]
        if mark[0] == "u" and len(mark) > 1:
            return chr(int(mark[1:], 16))
        if mark in _PLAIN:
            return _PLAIN[mark]
        if mark in "_%":
            return mark
        raise malformed("Illegal string literal: Line 1, invalid escape sequence")

    body = token[1:-1]
    if len(body) > MAX_STRING:
        raise SalesforceError("INVALID_QUERY_FILTER_OPERATOR", "string literal is too long")
    return _ESCAPE.sub(plain, body) if "\\" in body else body


def pattern(token: str) -> str:
    """Return the LIKE pattern of a quoted string, for ESCAPE with a backslash."""

    def plain(found: re.Match[str]) -> str:
        mark = found[1]
        if mark in {"_", "%", "\\"}:
            return "\\" + mark
        return unquoted(f"'{found[0]}'")

    return _ESCAPE.sub(plain, token[1:-1])


def wide(literal: Literal) -> bool:
    """Return whether SQLite's own comparison without case would not do for the text."""
    return not literal.text.isascii() or "\\u" in literal.text


def empty(literal: Literal) -> bool:
    """Return whether the literal stands for no value at all."""
    return literal.kind == "null" or (literal.kind == "string" and literal.text == "''")


def parse_datetime(text: str) -> str:
    """Return the stored form of a datetime literal."""
    return stamp(as_datetime(text))


def as_datetime(text: str) -> datetime:
    """Return the moment that an ISO text names; without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError as exc:
        raise malformed(f"Invalid datetime: {text}") from exc
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_date(text: str) -> str:
    """Return the stored form of a date literal."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as exc:
        raise malformed(f"Invalid date: {text}") from exc


def parse_id(token: str) -> str:
    """Return the 18-character form of a quoted id."""
    text = unquoted(token)
    found = long_id(text)
    if found is None:
        raise SalesforceError("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}")
    return found


def value_of(literal: Literal, kind: str, name: str) -> Parameter:
    """Return the parameter for comparing a field of type *kind* with *literal*."""
    if kind in {"id", "reference"} and literal.kind == "string":
        return slotted(literal, parse_id)
    if kind in TEXT_TYPES and literal.kind == "string":
        return slotted(literal, unquoted)
    if kind == "datetime" and literal.kind == "datetime":
        return slotted(literal, parse_datetime)
    if kind == "date" and literal.kind == "date":
        return constant(parse_date(literal.text))
    if kind in NUMBER_TYPES and literal.kind in {"number", "currency"}:
        return constant(_amount(literal))
    if kind == "boolean" and literal.kind == "boolean":
        return constant(int(literal.text == "true"))
    raise wrong_type(kind, name)


def _amount(literal: Literal) -> float:
    """Return a number, or an amount without its currency."""
    return float(literal.text[3:] if literal.kind == "currency" else literal.text)


def wrong_type(kind: str, name: str) -> SalesforceError:
    """Return the refusal of a value that a field can't be compared with."""
    quoted = kind in TEXT_TYPES or kind in {"id", "reference"}
    said = "string" if kind in TEXT_TYPES else TYPE_NAMES.get(kind, kind)
    return SalesforceError(
        "INVALID_FIELD",
        f"value of filter criterion for field '{name}' must be of type {said} and should "
        f"{'' if quoted else 'not '}be enclosed in quotes",
    )
