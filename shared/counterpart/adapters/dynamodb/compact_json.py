"""Compact JSON: the form of those parts of our items that only we read, one attribute each.

A nested map of DynamoDB would name every type and take several times as long to encode.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from counterpart.adapters.moments import from_text, to_short_text

if TYPE_CHECKING:
    from datetime import datetime


def to_json(content: object) -> str:
    """Return *content* in as few characters as JSON takes."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def moment_text(moment: datetime | None) -> str | None:
    """Return *moment* as short as it can be written, if there is one."""
    return to_short_text(moment) if moment else None


def moment_of(text: str | None) -> datetime | None:
    """Return the moment that `moment_text` wrote, if it did."""
    return from_text(text) if text else None


def without_nothing(**content: object) -> dict[str, object]:
    """Return *content* without the keys that have no value."""
    return {name: value for name, value in content.items() if value is not None}
