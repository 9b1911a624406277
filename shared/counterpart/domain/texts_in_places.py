"""Texts of ours in places of another type: what they stand for there.

Salesforce reads such a text as a number, a moment or an id, and shows that in a form of its own:
`1.5` for `1.50`, 18 characters for 15. Two texts that stand for one thing are no news.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING

from counterpart.domain.ids import to_18
from counterpart.domain.salesforce_types import BEST
from counterpart.domain.values import FieldType, normalise, parse_clock, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpart.domain.places import Place
    from counterpart.domain.values import Value

TEXTS = frozenset({FieldType.STRING, FieldType.TEXT, FieldType.ENUM})


def rounded(number: float, scale: int | None) -> Value:
    """Return a number with as many digits behind the point as its place keeps."""
    if scale is None:
        return number
    try:
        return float(Decimal(repr(number)).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP))
    except InvalidOperation:
        # So many digits that none behind the point is known.
        return number


def chosen(ours: str | float | tuple[str, ...], place: Place) -> Value:
    """Return choices as the picklist spells them."""
    known = {choice.casefold(): choice for choice in place.choices}
    if isinstance(ours, tuple):
        return tuple(sorted({known.get(one.casefold(), one) for one in ours}))
    return known.get(str(ours).casefold(), ours)


def stands_for(text: str, place: Place) -> Value:
    """Return what a text stands for in a place; the text itself where it is kept as such."""
    meaning = _MEANINGS.get(place.type)
    try:
        return meaning(text, place) if meaning else text
    except ValueError:
        # Salesforce does not take it either.
        return text


def _number(text: str, place: Place) -> Value:
    number = normalise(FieldType.NUMBER, text)
    return rounded(number, place.scale) if isinstance(number, (int, float)) else None


def _moment(text: str, _place: Place) -> Value:
    return parse_time(text).replace(microsecond=0).isoformat()


def _list(text: str, place: Place) -> Value:
    return chosen(normalise(FieldType.MULTI_ENUM, text) or (), place)


def _id(text: str, _place: Place) -> Value:
    return to_18(text)


_MEANINGS: dict[str, Callable[[str, Place], Value]] = {
    **{kind: _number for kind, best in BEST.items() if best is FieldType.NUMBER},
    "date": lambda text, _: normalise(FieldType.DATE, text),
    "datetime": _moment,
    "time": lambda text, _: parse_clock(text).isoformat(),
    "multipicklist": _list,
    "id": _id,
    "reference": _id,
}
