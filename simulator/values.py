"""Reads the values that clients write: checked by type, and brought into the stored form."""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from simulator.clock import stamp
from simulator.errors import RequestError, SalesforceError
from simulator.ids import long_id
from simulator.schema import Field

# Stricter than nothing and looser than the standards, as Salesforce is.
EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
)
INT_BITS = 31


def read_value(item: Field, raw: Any) -> Any:  # noqa: ANN401 - JSON in, SQLite out
    """Return *raw* as the store keeps it; empty text is no value."""
    if raw is None:
        if item.type == "boolean":
            raise SalesforceError(
                "INVALID_TYPE_ON_FIELD_IN_RECORD",
                f"{item.label}: value not of required type: null",
                fields=[item.name],
            )
        return None
    if isinstance(raw, dict | list):
        raise _unreadable(item, raw)
    reader: Callable[[Field, Any], Any] = _READERS.get(item.type, _read_text)
    return reader(item, raw)


def _unreadable(item: Field, raw: object) -> RequestError:
    token, shown = _token(raw)
    wanted = {"currency": "double", "percent": "double"}.get(item.type, item.type)
    return RequestError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {wanted} from {token} value {shown} or request may be "
        f"missing a required field at [line:1, column:1]",
    )


def _token(raw: object) -> tuple[str, str]:
    """Return what a JSON parser calls *raw*, and how it shows it."""
    if isinstance(raw, dict):
        return "START_OBJECT", "{"
    if isinstance(raw, list):
        return "START_ARRAY", "["
    if isinstance(raw, bool):
        return f"VALUE_{str(raw).upper()}", str(raw).lower()
    if isinstance(raw, int):
        return "VALUE_NUMBER_INT", str(raw)
    if isinstance(raw, float):
        return "VALUE_NUMBER_FLOAT", str(raw)
    return "VALUE_STRING", str(raw)


def _read_text(item: Field, raw: Any) -> str | None:  # noqa: ANN401
    text = (str(raw).lower() if isinstance(raw, bool) else str(raw)).strip()
    if not text:
        return None
    if item.length and len(text) > item.length:
        raise SalesforceError(
            "STRING_TOO_LONG",
            f"{item.label}: data value too large: {text} (max length={item.length})",
            fields=[item.name],
        )
    return text


def _read_email(item: Field, raw: Any) -> str | None:  # noqa: ANN401
    text = _read_text(item, raw)
    if text is not None and not EMAIL.fullmatch(text):
        raise SalesforceError(
            "INVALID_EMAIL_ADDRESS",
            f"{item.label}: invalid email address: {text}",
            fields=[item.name],
        )
    return text


def _read_picklist(item: Field, raw: Any) -> str | None:  # noqa: ANN401
    text = _read_text(item, raw)
    if text is None:
        return None
    known = item.picklist.get(text.lower())
    if known is None and item.restricted:
        raise _bad_choice(item, text)
    return known or text


def _read_multi(item: Field, raw: Any) -> str | None:  # noqa: ANN401
    text = _read_text(item, raw)
    if text is None:
        return None
    chosen: list[str] = []
    for one in (part.strip() for part in text.split(";")):
        known = item.picklist.get(one.lower())
        if known is None and item.restricted:
            raise _bad_choice(item, one)
        if one and (known or one) not in chosen:
            chosen.append(known or one)
    order = {entry.value: position for position, entry in enumerate(item.values)}
    return ";".join(sorted(chosen, key=lambda one: order.get(one, len(order))))


def _bad_choice(item: Field, text: str) -> SalesforceError:
    return SalesforceError(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        f"{item.label}: bad value for restricted picklist field: {text}",
        fields=[item.name],
    )


def _read_boolean(item: Field, raw: Any) -> int:  # noqa: ANN401
    if isinstance(raw, bool):
        return int(raw)
    if isinstance(raw, str) and raw.lower() in {"true", "false", "1", "0"}:
        return int(raw.lower() in {"true", "1"})
    raise _unreadable(item, raw)


def _number(item: Field, raw: Any) -> Decimal | None:  # noqa: ANN401
    if isinstance(raw, bool):
        raise _unreadable(item, raw)
    if isinstance(raw, str) and not raw.strip():
        return None
    try:
        number = Decimal(str(raw).strip())
    except InvalidOperation as exc:
        raise _unreadable(item, raw) from exc
    if not math.isfinite(number):
        raise _unreadable(item, raw)
    return number


def _read_int(item: Field, raw: Any) -> int | None:  # noqa: ANN401
    number = _number(item, raw)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise _unreadable(item, raw)
    if abs(number) >= 2**INT_BITS:
        raise _out_of_range(item)
    return int(number)


def _read_double(item: Field, raw: Any) -> float | None:  # noqa: ANN401
    number = _number(item, raw)
    if number is None:
        return None
    whole_digits = (item.precision or 18) - item.scale
    if abs(number) >= Decimal(10) ** whole_digits:
        raise _out_of_range(item)
    if item.custom or item.scale:
        number = number.quantize(Decimal(1).scaleb(-item.scale), ROUND_HALF_UP)
    return float(number)


def _out_of_range(item: Field) -> SalesforceError:
    return SalesforceError(
        "NUMBER_OUTSIDE_VALID_RANGE",
        f"{item.label}: value outside of valid range on numeric field",
        fields=[item.name],
    )


def _read_date(item: Field, raw: Any) -> str | None:  # noqa: ANN401
    if not isinstance(raw, str):
        raise _unreadable(item, raw)
    if not raw.strip():
        return None
    try:
        return date.fromisoformat(raw.strip()[:10]).isoformat()
    except ValueError as exc:
        raise _unreadable(item, raw) from exc


def _read_datetime(item: Field, raw: Any) -> str | None:  # noqa: ANN401
    if not isinstance(raw, str):
        raise _unreadable(item, raw)
    if not raw.strip():
        return None
    if "T" not in raw:
        # A day alone is no moment.
        raise _unreadable(item, raw)
    try:
        moment = datetime.fromisoformat(raw.strip())
    except ValueError as exc:
        raise _unreadable(item, raw) from exc
    return stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _read_reference(item: Field, raw: Any) -> str | None:  # noqa: ANN401
    text = str(raw).strip()
    if not text:
        return None
    found = long_id(text)
    if found is None:
        raise malformed_id(item, text)
    return found


def malformed_id(item: Field, text: str) -> SalesforceError:
    """Return the refusal of an id that is none, or is of another object."""
    return SalesforceError(
        "MALFORMED_ID", f"{item.label}: id value of incorrect type: {text}", fields=[item.name]
    )


_READERS: dict[str, Callable[[Field, Any], Any]] = {
    "email": _read_email,
    "picklist": _read_picklist,
    "multipicklist": _read_multi,
    "boolean": _read_boolean,
    "int": _read_int,
    "double": _read_double,
    "currency": _read_double,
    "percent": _read_double,
    "date": _read_date,
    "datetime": _read_datetime,
    "reference": _read_reference,
    "id": _read_reference,
}
