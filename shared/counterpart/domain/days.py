"""Days and moments: which day a moment falls on, and at which moment a day begins, somewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from counterpart.domain.values import FieldType, format_time, normalise, parse_time

if TYPE_CHECKING:
    from datetime import tzinfo

    from counterpart.domain.values import Value

# As many characters has a day, such as 2026-11-22.
_LONG_DAY = 10


def zone_of(name: str) -> tzinfo:
    """Return the time zone of this IANA name.

    Raises:
        ValueError: there is none.
    """
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as exc:
        raise ValueError(f"there is no time zone {name!r}") from exc


def is_day(value: object) -> bool:
    """Return whether *value* is a day rather than a moment."""
    if not isinstance(value, str) or len(value) != _LONG_DAY:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def day_of(moment: str, zone: tzinfo) -> str:
    """Return the day on which a moment falls.

    Raises:
        ValueError: *moment* is none.
    """
    at = parse_time(moment)
    try:
        return at.astimezone(zone).date().isoformat()
    except OverflowError:
        # At either end of the calendar the day lies beyond it.
        return at.date().isoformat()


def start_of(day: str, zone: tzinfo) -> str:
    """Return the moment at which a day begins."""
    begins = datetime.combine(date.fromisoformat(day), time(), zone)
    try:
        return format_time(begins)
    except OverflowError:
        return format_time(begins.replace(tzinfo=UTC))


def as_read(kind: FieldType, raw: object, zone: tzinfo) -> Value:
    """Return what Salesforce holds, in normal form.

    A day that stands where we keep moments is read as that day: which moment of ours it means,
    only who knows ours can tell.

    Raises:
        ValueError: it is no value of this type.
    """
    if isinstance(raw, datetime):
        raw = raw.isoformat()
    if kind is FieldType.DATETIME and isinstance(raw, str) and is_day(raw.strip()):
        return raw.strip()
    if kind is FieldType.DATE and isinstance(raw, str) and len(raw.strip()) > _LONG_DAY:
        # Salesforce writes moments in UTC, and so says nothing of the day that people mean.
        return day_of(raw, zone)
    return normalise(kind, raw)
