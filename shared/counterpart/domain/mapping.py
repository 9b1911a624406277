"""The mapping: which of our fields crosses to which field of each object, and by which mode."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.places import Place
from counterpart.domain.records import AnyObject
from counterpart.domain.values import FieldType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, tzinfo

    from counterpart.domain.places import Places

EMAIL = "email"
OPTED_OUT = "opted_out"
# Where our own id of a record stands there: nothing else ever goes to it.
OWN_KEY = "Counterpart_Id__c"


class Mode(StrEnum):
    """Who wins, and which way a field crosses."""

    PREFER_SALESFORCE = "prefer_salesforce_unless_empty"
    ALWAYS_SALESFORCE = "always_salesforce"
    ALWAYS_OURS = "always_ours"
    TWO_WAY = "two_way"
    DO_NOT_SYNC = "do_not_sync"
    # Reserved for the opt-out: a refusal from either side stands.
    RESTRICTIVE_WINS = "restrictive_wins"


class ConflictPolicy(StrEnum):
    """How two-way fields are settled: one choice for the whole deployment."""

    # By memory, field by field: who moved away from what both last agreed on, and who did later.
    THREE_WAY = "three_way"
    # The same, but what both have changed is Salesforce's while we have not pulled its change.
    SALESFORCE_WINS = "salesforce_wins_if_pending"
    # Without memory: the record's clock stands for each of its fields.
    NEWEST_RECORD = "newest_record"


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldMapping:
    """One of our fields and its place on each object.

    Attributes:
        name: Our name, such as `job_title`.
        paths: API name on each object that has it. A dotted path, such as `Account.Name`, reads a
            parent's field and is never written.
        blank_overwrites: A blank is a value like any other; if not, it clears nothing on the other
            side.
        mapped_at: By object, when it was given this place; what was seen of a record before that
            was seen elsewhere.
        truncate: A text that is too long for its place goes out cut to fit; if not, it stays here.
        conflict: How it is settled if it is two-way; set by `SyncSettings.fields_of`.
        zone: Where the days lie that stand for moments; set by `SyncSettings.fields_of`.
        places: What is known of its place on each object, as Salesforce says it; no part of what
            was mapped, and so of what two mappings are compared by.
    """

    name: str
    type: FieldType
    mode: Mode
    paths: Mapping[AnyObject, str]
    blank_overwrites: bool = True
    truncate: bool = False
    mapped_at: Mapping[AnyObject, datetime] = field(default_factory=dict)
    conflict: ConflictPolicy = ConflictPolicy.THREE_WAY
    zone: tzinfo = UTC
    places: Places = field(default_factory=dict[AnyObject, Place], compare=False)

    def writes_to(self, sobject: AnyObject) -> bool:
        """Return whether anybody can write this field on *sobject*.

        A right that our user lacks by now is for Salesforce to tell: what it refuses is kept, and
        goes once the right is there.
        """
        place = self.places.get(sobject)
        return "." not in self.paths.get(sobject, ".") and not (place and place.calculated)


def placed_at(
    before: Iterable[FieldMapping], after: Iterable[FieldMapping], *, now: datetime
) -> tuple[FieldMapping, ...]:
    """Return *after* with the moment at each place that a field did not have *before*."""
    known = {field.name: field for field in before}
    return tuple(
        replace(
            field,
            mapped_at={
                sobject: moment
                for sobject in field.paths
                if (moment := _mapped_at(known.get(field.name), field, sobject, now))
            },
        )
        for field in after
    )


def _mapped_at(
    before: FieldMapping | None, after: FieldMapping, sobject: AnyObject, now: datetime
) -> datetime | None:
    there = before.paths.get(sobject) if before else None
    # API names ignore case.
    if before and there and there.casefold() == after.paths[sobject].casefold():
        return before.mapped_at.get(sobject)
    return now


def synced_fields(fields: Iterable[FieldMapping], sobject: AnyObject) -> tuple[FieldMapping, ...]:
    """Return the fields that cross between us and *sobject*, in the order given."""
    return tuple(
        field for field in fields if sobject in field.paths and field.mode is not Mode.DO_NOT_SYNC
    )
