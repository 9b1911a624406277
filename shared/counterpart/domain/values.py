"""Field values: the types that can cross, and the one normal form in which they are compared.

Two values are equal when their normal forms are; so nothing ping-pongs between the sides because
of a trailing space, the order of a multi-select list, `1.0` for `1` or another time zone.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, time
from decimal import Decimal
from enum import StrEnum

# In microseconds.
_MILLISECOND = 1000

# What groups the digits of a phone number, the spaces that typesetters use among it.
_GROUPING = str.maketrans("", "", " \u00a0\u2009\u202f\u2010\u2011\u2012\u2013()-./")

Value = str | int | float | bool | tuple[str, ...] | None


class FieldType(StrEnum):
    """The types of our fields."""

    STRING = "string"
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    ENUM = "enum"
    MULTI_ENUM = "multi_enum"


def normalise(kind: FieldType, raw: object) -> Value:
    """Return the normal form of *raw*, which may come from JSON, CSV or DynamoDB.

    A blank is `None`, except for a checkbox, which knows no blank: it is `False`.

    Raises:
        ValueError: *raw* is no value of this type; the message says what is expected.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return False if kind is FieldType.BOOLEAN else None
    return _NORMALISERS[kind](raw)


def same(kind: FieldType, ours: Value, theirs: Value) -> bool:
    """Return whether two normal forms mean the same.

    E-mail addresses ignore case; phone numbers ignore how their digits are grouped, which people
    and Salesforce's pages do in many ways.
    """
    if ours == theirs and isinstance(ours, bool) == isinstance(theirs, bool):
        return True
    if isinstance(ours, str) and isinstance(theirs, str):
        if kind is FieldType.EMAIL:
            return ours.casefold() == theirs.casefold()
        if kind is FieldType.PHONE:
            return _dialled(ours) == _dialled(theirs)
    return False


def _dialled(number: str) -> str:
    return number.translate(_GROUPING).casefold() or number


def to_salesforce(kind: FieldType, value: Value) -> str | int | float | bool | None:
    """Return *value* as Salesforce's JSON wants it; a multi-select list is joined by `;`."""
    if isinstance(value, tuple):
        return ";".join(value)
    if value is None and kind is FieldType.BOOLEAN:
        return False
    return value


def _text(raw: object) -> Value:
    if isinstance(raw, float) and not math.isfinite(raw):
        # What JSON's 1e400 is read as; no digits of it are left.
        raise ValueError("must be text")
    if isinstance(raw, float) and raw.is_integer():
        # Salesforce answers 5.0 for a number that was entered as 5.
        raw = int(raw)
    if isinstance(raw, (str, int, float)) and not isinstance(raw, bool):
        return str(raw).replace("\r\n", "\n").replace("\r", "\n").strip() or None
    raise ValueError("must be text")


def _number(raw: object) -> Value:
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float, Decimal)):
        raise ValueError("must be a number")  # noqa: TRY004 - one error for every bad value
    try:
        # Salesforce's numbers are doubles, so two that are the same double are the same number.
        number = float(Decimal(str(raw).strip()))
    except (ArithmeticError, ValueError) as exc:
        raise ValueError("must be a number") from exc
    if not math.isfinite(number):
        raise ValueError("must be a finite number")
    return int(Decimal(repr(number))) if number.is_integer() else number


def _boolean(raw: object) -> Value:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.strip().lower() in {"true", "false"}:
        return raw.strip().lower() == "true"
    raise ValueError("must be true or false")


def _date(raw: object) -> Value:
    try:
        # A time is taken for the day that it names where it was written.
        return datetime.fromisoformat(str(raw).strip()).date().isoformat()
    except ValueError as exc:
        raise ValueError("must be a date, such as 2026-11-22") from exc


def _datetime(raw: object) -> Value:
    try:
        return format_time(parse_time(str(raw)))
    except ValueError as exc:
        raise ValueError("must be a time, such as 2026-11-22T10:00:00Z") from exc


def _multi_enum(raw: object) -> Value:
    items = [raw] if isinstance(raw, str) else raw
    if not isinstance(items, (list, tuple, set, frozenset)) or not all(
        isinstance(item, str) for item in items
    ):
        raise ValueError("must be a list of texts, or one text with `;` between its items")
    # Salesforce separates by `;`, so no item of its own can hold one.
    parts = {part.strip() for item in items for part in item.split(";")}
    return tuple(sorted(parts - {""})) or None


_NORMALISERS = {
    FieldType.STRING: _text,
    FieldType.TEXT: _text,
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _date,
    FieldType.DATETIME: _datetime,
    FieldType.EMAIL: _text,
    FieldType.PHONE: _text,
    FieldType.URL: _text,
    FieldType.ENUM: _text,
    FieldType.MULTI_ENUM: _multi_enum,
}


def parse_time(text: str) -> datetime:
    """Return the moment, in UTC, that an RFC 3339 or Salesforce time names.

    Raises:
        ValueError: *text* is no time, or lacks an offset from UTC.
    """
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} lacks a time zone; write it as 2026-11-22T10:00:00Z")
    try:
        return moment.astimezone(UTC)
    except OverflowError as exc:
        raise ValueError(f"{text!r} lies outside the calendar") from exc


def parse_clock(text: str) -> time:
    """Return the time of day, as clocks show it, that a text such as `10:00:00.000Z` names.

    Raises:
        ValueError: *text* is none, or has an offset, which a time without a day cannot have.
    """
    shown = time.fromisoformat(text.strip())
    if shown.utcoffset():
        raise ValueError(f"{text!r} lies in a time zone; a time of day lies in none")
    return shown.replace(tzinfo=None)


def format_time(moment: datetime) -> str:
    """Return *moment* as RFC 3339 in UTC, with milliseconds only if it has some."""
    moment = moment.astimezone(UTC)
    spec = "milliseconds" if moment.microsecond >= _MILLISECOND else "seconds"
    return moment.isoformat(timespec=spec).replace("+00:00", "Z")
