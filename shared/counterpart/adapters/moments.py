"""Moments as text that keeps every microsecond."""

from __future__ import annotations

from datetime import UTC, datetime


def to_text(moment: datetime) -> str:
    """Return *moment* in UTC, always with six decimals, so that texts compare as moments do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def to_short_text(moment: datetime) -> str:
    """Return *moment* in UTC, with decimals only if it has some: shorter, but it does not sort."""
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def from_text(text: str) -> datetime:
    """Return the moment that was written, in either form."""
    return datetime.fromisoformat(text)
