"""What else comes of a judgement, as far as it can be foreseen: no push decides by it.

Salesforce says beforehand what it has no room for; a push tries all the same, and is told. And a
push takes nobody along who bears no mark, or when calls run short.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.budget import Budget
from counterpart.domain.explaining import Why
from counterpart.domain.keeping import cut, fitted
from counterpart.domain.outcomes import Reason
from counterpart.domain.policy import Because, Judgement, Verdict
from counterpart.domain.record_fates import Fate
from counterpart.domain.waiting import Lane

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from counterpart.domain.explaining import FieldExplained
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.places import Place
    from counterpart.domain.records import AnyObject
    from counterpart.domain.values import Value
    from counterpart.domain.waits import Wait


def foreseen(
    told: Iterable[FieldExplained],
    fields: Iterable[FieldMapping],
    sobject: AnyObject,
    places: Mapping[str, Place],
) -> list[FieldExplained]:
    """Return the fields of somebody with what Salesforce would answer to those that go out.

    Args:
        told: As both sides hold them, and as the next push would send them.
        fields: The mapping.
        sobject: Of the counterpart.
        places: What is known of its fields, by API name in lower case.
    """
    known = {
        field.name: (replace(field, places={sobject: place}), place)
        for field in fields
        if (place := places.get(field.paths.get(sobject, "").lower()))
    }
    return [
        _answered(one, sobject, *known[one.name])
        if one.push.verdict is Verdict.SEND and one.name in known
        else one
        for one in told
    ]


def names_aside(
    fields: Iterable[FieldMapping], sobject: AnyObject, aside: Collection[str]
) -> frozenset[str]:
    """Return our names of the fields that pulls leave out, by the API names of these."""
    paths = {path.lower() for path in aside}
    return frozenset(
        field.name for field in fields if field.paths.get(sobject, "").lower() in paths
    )


def left_aside(told: FieldExplained) -> FieldExplained:
    """Return a field that pulls leave out, though the org shows it by now."""
    if told.pull.verdict is Verdict.LEAVE:
        return told
    return replace(told, pull=Judgement(Verdict.LEAVE, (Because.SET_ASIDE,)))


def out_of_sight(told: FieldExplained) -> FieldExplained:
    """Return a field of somebody whose record is of an object that our user may not read."""
    nothing = Judgement(Verdict.LEAVE, (Because.OUT_OF_SIGHT,))
    return replace(told, pull=nothing, push=nothing)


def unseen(sobject: AnyObject) -> Why:
    """Return why nothing is known of a record of such an object."""
    message = f"our user may not read {sobject} at present; it is looked at again every hour"
    return Why(reason=Reason.OBJECT_UNAVAILABLE, message=message)


def unmarked(told: FieldExplained) -> FieldExplained:
    """Return a field of somebody of whom nothing waits to go out."""
    verdict, row = told.push
    if verdict is not Verdict.SEND:
        return told
    return replace(told, push=Judgement(verdict, (*row, Because.UNMARKED)))


def until_seen(wait: Wait, sobject: AnyObject) -> Wait:
    """Return what waits for a record of an object that our user may not read."""
    message = f"{wait.message}; but not before our user may read {sobject} again"
    return replace(wait, goes_at=None, message=message)


def spared(wait: Wait, budget: Budget) -> Wait:
    """Return what waits, when calls may be spent as freely as *budget* says."""
    flows = budget is Budget.FLOWING or (budget is Budget.SLOW and wait.lane is Lane.FRESH)
    if flows or wait.goes_at is None:
        return wait
    message = f"{wait.message}; but not while the org's API allowance runs out"
    return replace(wait, goes_at=None, message=message)


def put_off(why: Why, budget: Budget) -> Why:
    """Return when a record is read, when calls may be spent as freely as *budget* says."""
    if why.reason != Fate.NOT_YET_READ or budget is not Budget.STOPPED:
        return why
    message = f"{why.message}; but not while our share of the org's API allowance is used up"
    return replace(why, message=message)


def _answered(
    told: FieldExplained, sobject: AnyObject, field: FieldMapping, place: Place
) -> FieldExplained:
    verdict, row = told.push
    goes = fitted(field, sobject, told.ours)
    if not place.writable:
        return replace(told, push=Judgement(Verdict.LEAVE, (Because.READ_ONLY,)))
    if _is_too_long(goes, place):
        return replace(told, push=Judgement(Verdict.LEAVE, (Because.TOO_LONG,)))
    if goes != told.ours:
        return replace(told, push=Judgement(verdict, (*row, Because.CUT_TO_FIT)))
    return told


def _is_too_long(value: Value, place: Place) -> bool:
    if not isinstance(value, str) or place.length is None:
        return False
    return cut(value, place.length) != value
