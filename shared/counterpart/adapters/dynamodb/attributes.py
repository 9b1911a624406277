"""The kinds of attributes that PynamoDB lacks, or encodes more slowly than we can afford."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from sys import intern
from typing import TYPE_CHECKING, Any

from pynamodb.attributes import Attribute
from pynamodb.constants import LIST, MAP, STRING

from counterpart.adapters.moments import from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterpart.domain.values import Value

# DynamoDB developer guide, "Number": up to 38 digits, magnitudes from 1E-130 to 9.9E+125.
_BEYOND = 10**38
_LEAST, _MOST = 1e-129, 1e125


class MomentAttribute(Attribute[datetime]):
    """A moment as text, which sorts as time does."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        return to_text(value)

    def deserialize(self, value: str) -> datetime:
        return from_text(value)


class TextsAttribute(Attribute[tuple[str, ...]]):
    """Texts in their order; a set of DynamoDB would lose it, and may not be empty."""

    attr_type = LIST

    def serialize(self, value: tuple[str, ...]) -> list[dict[str, str]]:
        return [{"S": text} for text in value]

    def deserialize(self, value: list[dict[str, str]]) -> tuple[str, ...]:
        return tuple(element["S"] for element in value)


class ValuesAttribute(Attribute["Mapping[str, Value]"]):
    """Field values as a native map, for people to read and query; it gives back what it was given.

    DynamoDB knows one kind of number, of 38 digits. A number that it would change, such as `1.0`,
    which it makes `1`, is kept as `{"number": "1.0"}`.
    """

    attr_type = MAP

    def serialize(self, value: Mapping[str, Value]) -> dict[str, Any]:
        return {name: _to_native(each) for name, each in value.items()}

    def deserialize(self, value: dict[str, Any]) -> dict[str, Value]:
        # Names are shared by all items that are held.
        return {
            intern(name): _from_native(*next(iter(each.items()))) for name, each in value.items()
        }


def _to_native(value: Value) -> dict[str, Any]:
    if isinstance(value, str):
        return {"S": value}
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, tuple):
        return {"L": [{"S": text} for text in value]}
    exact = (
        abs(value) < _BEYOND
        if isinstance(value, int)
        else not value.is_integer() and _LEAST < abs(value) < _MOST
    )
    return {"N": repr(value)} if exact else {"M": {"number": {"S": repr(value)}}}


def _from_native(kind: str, native: Any) -> Value:  # noqa: ANN401 - whatever DynamoDB holds
    match kind:
        case "S" | "BOOL":
            return native  # type: ignore[no-any-return] # a text or a boolean, by its kind
        case "NULL":
            return None
        case "L":
            return tuple(element["S"] for element in native)
        case "N":
            number = Decimal(native)
            return int(number) if number == number.to_integral_value() else float(number)
        case _:
            text = native["number"]["S"]
            return float(text) if {*text} & {*".einf"} else int(text)
