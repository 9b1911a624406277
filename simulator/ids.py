"""Record ids: 15 case-sensitive characters, or 18 with a suffix that survives lost case."""

import re
from functools import lru_cache

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
# The part of an id that names the server it was born on.
POD = "Sm0"

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?", re.ASCII)


def checksum(short: str) -> str:
    """Return the three characters that tell which letters of *short* are capitals."""
    chunks = (short[0:5], short[5:10], short[10:15])
    return "".join(
        SUFFIX[sum(1 << i for i, letter in enumerate(chunk) if "A" <= letter <= "Z")]
        for chunk in chunks
    )


def long_id(text: str) -> str | None:
    """Return *text* as an 18-character id, or None if it is no id.

    An 18-character id whose letters lost their case gets it back from the suffix.
    """
    if not _ID.fullmatch(text):
        return None
    short = text[:15]
    if len(text) == len(short):
        return short + checksum(short)
    if checksum(short) == text[15:]:
        return text
    return _restore_case(text)


def _restore_case(text: str) -> str | None:
    letters = list(text[:15].lower())
    for chunk, mark in enumerate(text[15:].upper()):
        bits = SUFFIX.find(mark)
        if bits < 0:
            return None
        for i in range(5):
            if bits >> i & 1:
                letters[chunk * 5 + i] = letters[chunk * 5 + i].upper()
    short = "".join(letters)
    return short + checksum(short) if checksum(short) == text[15:].upper() else None


@lru_cache(maxsize=4)
def _encoded_high(high: int) -> str:
    return _base62(high, 6)


def _base62(number: int, width: int) -> str:
    letters = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        letters.append(DIGITS[digit])
    return "".join(reversed(letters))


def make_id(prefix: str, number: int) -> str:
    """Return the id of the record *number* of the object with this key prefix."""
    high, low = divmod(number, 62**3)
    short = prefix + POD + _encoded_high(high) + _base62(low, 3)
    return short + checksum(short)
