"""Identifiers: Salesforce's 15 or 18 characters, and our own ULIDs."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [high + low for high in _CROCKFORD for low in _CROCKFORD]
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SALESFORCE_ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?")
_SHORT_ID_LENGTH = 15


def is_salesforce_id(text: str) -> bool:
    """Return whether *text* has the form of a Salesforce id, long or short."""
    return _SALESFORCE_ID.fullmatch(text) is not None


def to_18(salesforce_id: str) -> str:
    """Return the 18-character form of a Salesforce id.

    The three last characters say which of the first fifteen are capitals, so that two ids
    that differ in case alone stay apart where case is ignored.

    Raises:
        ValueError: *salesforce_id* is no Salesforce id.
    """
    if not is_salesforce_id(salesforce_id):
        raise ValueError(f"{salesforce_id!r} is not a Salesforce id: 15 or 18 letters and digits")

    if len(salesforce_id) != _SHORT_ID_LENGTH:
        return salesforce_id

    return salesforce_id + _suffix(salesforce_id)


def given_id(text: str) -> str | None:
    """Return the id that somebody gave, with 18 characters, or `None` if that is none.

    One whose case got lost on its way, through a spreadsheet for instance, gets it back. One whose
    last three characters contradict the others was mistyped: Salesforce refuses whatever else was
    asked along with it.
    """
    if not is_salesforce_id(text):
        return None
    short, suffix = text[:_SHORT_ID_LENGTH], text[_SHORT_ID_LENGTH:].upper()
    if short in {short.lower(), short.upper()} and suffix:
        short = _with_capitals(short, suffix)
    return short + _suffix(short) if suffix in {"", _suffix(short)} else None


def _suffix(short: str) -> str:
    """Return the characters that tell which letters of *short* are capitals."""
    suffix = ""
    for start in (0, 5, 10):
        capitals = sum(
            1 << place for place, char in enumerate(short[start : start + 5]) if "A" <= char <= "Z"
        )
        suffix += _SUFFIX[capitals]
    return suffix


def _with_capitals(short: str, suffix: str) -> str:
    capitals = [_SUFFIX.find(mark) for mark in suffix]
    return "".join(
        char.upper() if capitals[place // 5] >> place % 5 & 1 else char.lower()
        for place, char in enumerate(short)
    )


def derived_id(*parts: str) -> str:
    """Return the id that always belongs to *parts*, shaped like a ULID.

    Whoever derives it again after a crash gets the same id, so a half-finished creation is
    completed rather than repeated.
    """
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return _crockford(int.from_bytes(digest[:16], "big"))


def new_id(now: datetime) -> str:
    """Return a fresh ULID: 48 bits of time, 80 of chance; later ids sort after earlier ones."""
    milliseconds = int(now.timestamp() * 1000)
    return _crockford(milliseconds << 80 | secrets.randbits(80))


def _crockford(number: int) -> str:
    # Ten bits at a time: every new contact gets such an id.
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])
