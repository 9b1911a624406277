"""Keeping: what becomes of a value of ours in the place that it goes to, and of theirs here.

A place may keep less than we do: whole seconds, two digits behind the point, a day instead of a
moment, 40 characters. What comes back is then no news. Where nothing is lost to people, theirs
stands for ours; a text that was cut stays cut there, and whole here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.days import day_of, is_day, start_of
from counterpart.domain.mapping import Mode
from counterpart.domain.texts_in_places import TEXTS, chosen, rounded, stands_for
from counterpart.domain.values import FieldType, format_time, parse_time, same, to_salesforce

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.places import Place
    from counterpart.domain.records import AnyObject
    from counterpart.domain.values import Value

_TIMES = frozenset({FieldType.DATE, FieldType.DATETIME})
# A shorter address or choice is another one.
CUT = frozenset({FieldType.STRING, FieldType.TEXT})
_CUT_THERE = frozenset({"string", "textarea", "encryptedstring"})
_CHOSEN = frozenset({FieldType.MULTI_ENUM, *TEXTS})
# All others are kept as they are.
_KEPT_OTHERWISE = frozenset({FieldType.DATETIME, FieldType.NUMBER, *_CHOSEN})


def asks_for_place(field: FieldMapping) -> bool:
    """Return whether *field* crosses rightly only if its place is known.

    Days and moments stand for one another. A text is cut to the length of its place. What never
    comes in would never be as Salesforce keeps it, and so would go out again and again.
    """
    if field.mode is Mode.DO_NOT_SYNC:
        return False
    return field.type in _TIMES or field.truncate or field.mode is Mode.ALWAYS_OURS


def meant(
    field: FieldMapping,
    sobject: AnyObject,
    theirs: Value,
    *,
    ours: Value | object,
    shadow: Value | object,
) -> Value:
    """Return what *theirs* means here: the value of ours that its place keeps like that, or itself.

    Args:
        field: Which.
        sobject: Where *theirs* was read.
        theirs: As it was read.
        ours: Our value.
        shadow: What Salesforce was last known to hold, if anything is known.
    """
    if theirs is None or field.type not in _KEPT_OTHERWISE:
        return theirs
    # Of a moment, the form of what is read says it all.
    moment = field.type is FieldType.DATETIME
    place = None if moment else field.places.get(sobject)
    if place is None and not moment:
        return theirs
    day = moment and is_day(theirs)
    for known in (ours, shadow):
        if isinstance(known, (str, int, float, tuple)) and not isinstance(known, bool):
            kept = _kept(field, known, place, by_day=day)
            if kept is not None and same(field.type, kept, theirs):
                return known
            if place and _stand_for_one(field, known, theirs, place):
                return known
    return start_of(str(theirs), field.zone) if day else theirs


def fitted(field: FieldMapping, sobject: AnyObject, ours: Value) -> Value:
    """Return *ours* as long as its place has room for it, where the settings wish that."""
    if not field.truncate or not isinstance(ours, str):
        return ours
    place = field.places.get(sobject)
    if place is None or place.length is None or place.type not in _CUT_THERE or place.rich:
        return ours
    return cut(ours, place.length)


def same_there(field: FieldMapping, sobject: AnyObject, ours: Value, theirs: Value) -> bool:
    """Return whether *theirs* is what ours is in its place, be it cut."""
    return same(field.type, fitted(field, sobject, ours), theirs)


def cut(text: str, longest: int) -> str:
    """Return the beginning of *text* that has as many characters as Salesforce counts.

    It counts as Java does, so an emoji is two; none is ever halved. Space at the end would be
    trimmed there, so it is left out at once.
    """
    room = longest
    for place, character in enumerate(text):
        room -= 1 + (ord(character) > 0xFFFF)  # noqa: PLR2004 - the last of those that are one
        if room < 0:
            return text[:place].rstrip()
    return text


def cut_in(values: Mapping[str, Value], sent: Mapping[str, Value]) -> Mapping[str, int]:
    """Return which texts of *values* were sent cut, and how long they are there."""
    return {
        name: len(there)
        for name, there in sent.items()
        if isinstance(ours := values.get(name), str)
        and isinstance(there, str)
        and there != ours
        and ours.startswith(there)
    }


def shortened(length: int) -> str:
    """Return what people are told of a text that went out cut."""
    return f"its first {length} characters went out, for which there is room; ours is whole"


def outgoing(
    field: FieldMapping, sobject: AnyObject, value: Value
) -> str | int | float | bool | None:
    """Return *value* as Salesforce's JSON wants it for its place on *sobject*."""
    if field.type in _TIMES and isinstance(value, str) and (place := field.places.get(sobject)):
        if field.type is FieldType.DATE and place.type == "datetime":
            return start_of(value, field.zone)
        if field.type is FieldType.DATETIME and place.type == "date":
            return day_of(value, field.zone)
    return to_salesforce(field.type, value)


def _kept(
    field: FieldMapping,
    ours: str | float | tuple[str, ...],
    place: Place | None,
    *,
    by_day: bool,
) -> Value:
    """Return *ours* as its place keeps it; `None` where nothing is known of that."""
    if field.type is FieldType.DATETIME and isinstance(ours, str):
        if by_day:
            return day_of(ours, field.zone)
        return format_time(parse_time(ours).replace(microsecond=0))
    if place is None:
        return None
    if field.type is FieldType.NUMBER and isinstance(ours, (int, float)):
        return rounded(ours, place.scale)
    if field.type in _CHOSEN and place.choices:
        return chosen(ours, place)
    return None


def _stand_for_one(field: FieldMapping, ours: object, theirs: Value, place: Place) -> bool:
    """Return whether two texts stand for one thing in a place of another type."""
    if field.type not in TEXTS or not isinstance(ours, str) or not isinstance(theirs, str):
        return False
    return stands_for(ours, place) == stands_for(theirs, place)
