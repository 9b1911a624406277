"""Backfill: records read once more because somebody asked, with a count before the first write.

A new mapping, an object that was switched on again or another mode changes nothing that happened
before; a backfill is how a person catches up. There is one at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.document import Section, choose
from counterpart.domain.records import SObject, object_of
from counterpart.domain.requests import record_ids
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping

_WHAT = ("object", "fields", "since", "until", "ids")
_MOST = 2**40

# More records than this share of the confirmed number above it were not confirmed.
_TOLERANCE_PERCENT = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Backfill:
    """What is to be read again.

    Attributes:
        fields: Our names; these alone are filled, and only for who is linked. None: whole records,
            and those that are not here yet come in.
        since: Only records last changed, by anybody or anything, at or after it.
        until: Only those changed before it.
        ids: Only these, 18 characters each, all of the one object.
    """

    object: SObject
    fields: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenBackfill:
    """A backfill that was confirmed and has not ended.

    Attributes:
        total: Records that were counted.
        done: Those that were read so far.
    """

    id: str
    what: Backfill
    total: int
    done: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class BackfillWanted:
    """Somebody asks for a backfill.

    Attributes:
        confirm: The number of records that this person has seen counted; `None` counts only.
        dry_run: Plan for real and write nothing.
    """

    what: Backfill
    confirm: int | None = None
    dry_run: bool = False


class BackfillErrand(StrEnum):
    """What may be asked of the backfill that is open."""

    STATUS = "status"
    CANCEL = "cancel"
    # By the schedule, or by the invocation before.
    RESUME = "resume"


# What the next invocation is told.
RESUME: Mapping[str, object] = {"backfill": str(BackfillErrand.RESUME)}


def parse_backfill(payload: Mapping[str, object]) -> BackfillWanted | BackfillErrand:
    """Return what a payload with the key `backfill` asks for.

    Raises:
        InputError: it asks for something that is not allowed.
    """
    root = Section(payload, path="", allowed=("backfill", "confirm", "dry_run"))
    asked = root.get("backfill")
    if isinstance(asked, str):
        Section(payload, path="", allowed=("backfill",))
        return choose(asked, BackfillErrand, path="backfill")

    dry_run = root.boolean("dry_run", default=False)
    confirm = None
    if root.get("confirm") is not None:
        confirm = root.whole("confirm", default=0, least=0, most=_MOST)
    if dry_run and confirm is not None:
        raise InputError(
            "a dry run needs no confirmation; leave one of the two out", field="confirm"
        )
    what = _what(Section(asked, path="backfill", allowed=_WHAT))
    return BackfillWanted(what=what, confirm=confirm, dry_run=dry_run)


def _what(section: Section) -> Backfill:
    ids = section.texts("ids")
    if ids == ():
        raise InputError("names no record", field=section.where("ids"))
    ids = record_ids(ids or (), path=section.where("ids"))
    since, until = section.moment("since"), section.moment("until")
    if ids and (since or until):
        raise InputError("ids stand alone: leave out since and until", field=section.where("ids"))
    if since and until and since >= until:
        raise InputError("must be later than since", field=section.where("until"))
    fields = section.texts("fields")
    if fields == ():
        message = "names no field; leave fields out to read whole records"
        raise InputError(message, field=section.where("fields"))
    return Backfill(
        object=_object(section, ids),
        fields=tuple(dict.fromkeys(fields or ())),
        since=since,
        until=until,
        ids=ids,
    )


def _object(section: Section, ids: Sequence[str]) -> SObject:
    named = section.get("object")
    if named is None and not ids:
        message = f"say which object: one of {', '.join(SObject)}"
        raise InputError(message, field=section.where("object"))
    wanted = choose(named, SObject, path=section.where("object")) if named is not None else None
    kinds = {object_of(record_id) for record_id in ids} | ({wanted} if wanted else set())
    kind = kinds.pop()
    if kinds or kind is None:
        message = "must all be of one object, the one that is named if one is"
        raise InputError(message, field=section.where("ids"))
    return kind


def chosen_fields(what: Backfill, fields: Sequence[FieldMapping]) -> tuple[FieldMapping, ...]:
    """Return the fields to read.

    Args:
        what: The backfill.
        fields: Those that cross between us and its object.

    Raises:
        InputError: a field that is wanted is not among them.
    """
    by_name = {field.name: field for field in fields}
    for name in what.fields:
        if name not in by_name:
            raise InputError(
                f"{name!r} is not mapped to {what.object}, or does not sync; "
                f"mapped are {', '.join(sorted(by_name))}",
                field="backfill.fields",
            )
    if not what.fields:
        return tuple(fields)
    return tuple(by_name[name] for name in what.fields)


def check_confirmed(confirmed: int, counted: int) -> None:
    """Check that somebody who confirmed a number of records has seen what is counted now.

    Raises:
        InputError: it has grown a good deal since.
    """
    if counted * 100 > confirmed * (100 + _TOLERANCE_PERCENT):
        raise InputError(
            f"a count of {confirmed} was confirmed, but there are {counted} now; confirm {counted}",
            field="confirm",
        )
