"""The rows of a push: what goes out to each record, and what is set aside of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Protocol

from counterpart.domain.pushing import Held, PushPlan
from counterpart.domain.records import Record
from counterpart.domain.subjects import Subject
from counterpart.domain.told_conflicts import lost_values
from counterpart.domain.waiting import Lane, Waiting
from counterpart.ports import RecordChange

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.outcomes import Outcome, Reason
    from counterpart.domain.refusals import Refusal


class PushRepository(Protocol[Subject]):
    """What a push needs of contacts, or companies."""

    def get_many(self, subject_ids: Collection[str], /) -> Mapping[str, Subject]:
        """Return them by id."""

    def save_many(self, subjects: Sequence[Subject], /) -> Collection[str]:
        """Store each unless it changed since; return the ids of those that had."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PushRow(Generic[Subject]):
    """What goes out to one record, which was read just now.

    Attributes:
        subject: What ours replaces there counts as seen already.
        against: Why some fields, or all, are set aside; `None` if nothing is.
        left_out: Our names of the fields that are; none if it is about all of them.
        owing: The mark that stays, since a further record of the contact is still to be told.
        further: Why fields were set aside before, one refusal after the other.
        alone: Why the rest of it stays here, where its opt-out goes by itself.
    """

    subject: Subject
    record: Record
    plan: PushPlan
    against: Refusal | None = None
    left_out: tuple[str, ...] = ()
    owing: Waiting | None = None
    further: tuple[Refusal, ...] = ()
    alone: Reason | None = None

    @property
    def change(self) -> RecordChange:
        """Return it as Salesforce is told."""
        return RecordChange(
            object=self.record.object, record_id=self.record.id, values=self.plan.values
        )

    @property
    def is_fresh(self) -> bool:
        """Return whether somebody has made the edit just now, or asks for it."""
        return self.subject.waiting is None or self.subject.waiting.lane is Lane.FRESH

    @property
    def awaits_a_field(self) -> bool:
        """Return whether a value of ours waits for the org to show its field again."""
        return Held.UNAVAILABLE in self.plan.held.values()

    @property
    def is_incomplete(self) -> bool:
        """Return whether something of it stays outside for now."""
        return self.against is not None or self.owing is not None or self.awaits_a_field

    @property
    def outside(self) -> tuple[str, ...]:
        """Return our names of the fields that stay outside while the rest has crossed.

        It has done so before, where nothing but fields that were set aside is tried once more.
        """
        before, sent = self.subject.parked, self.plan.sent
        if self.left_out or self.alone or before is None or not sent:
            return self.left_out
        return tuple(sorted(sent)) if set(sent) <= set(before.fields) else ()

    @property
    def parent(self) -> tuple[str, str, str]:
        """Return what rows are sorted by, so that those which lock one Account stand together."""
        return (self.record.object, self.record.account_id or "", self.record.id)

    def without(
        self, paths: Collection[str], names: Collection[str], refusal: Refusal
    ) -> PushRow[Subject]:
        """Return the row without some fields, by their API names and by ours, and why."""
        values = {path: value for path, value in self.plan.values.items() if path not in paths}
        sent = {name: value for name, value in self.plan.sent.items() if name not in names}
        return replace(
            self.refused(refusal),
            plan=replace(self.plan, values=values, sent=sent),
            left_out=() if self.alone else tuple(sorted({*self.left_out, *names})),
        )

    def only(self, names: Mapping[str, str], refusal: Refusal, reason: Reason) -> PushRow[Subject]:
        """Return the row with these fields alone, where it was refused as a whole.

        Args:
            names: Our names of what goes all the same, and where each goes.
            refusal: Why the rest is set aside.
            reason: The same, as people are told.
        """
        plan = replace(
            self.plan,
            values={path: self.plan.values[path] for path in names.values()},
            sent={name: self.plan.sent[name] for name in names},
        )
        return replace(self.refused(refusal), plan=plan, alone=reason)

    def announced(self) -> PushRow[Subject]:
        """Return the row after its subject was stored, and what it replaces there was told.

        What was stored besides, of an opt-in, is to be forgotten.
        """
        return replace(
            self,
            subject=replace(self.subject, version=self.subject.version + 1),
            plan=replace(self.plan, overruled={}),
        )

    def refused(self, refusal: Refusal) -> PushRow[Subject]:
        """Return the row set aside as a whole; what was said of it before is remembered."""
        said_before = self.against is not None and self.against != refusal
        further = (*self.further, self.against) if self.against and said_before else self.further
        return replace(self, against=refusal, left_out=(), further=further)


def told_of_overruled(rows: Sequence[PushRow[Subject]], *, at: datetime) -> list[Outcome]:
    """Return what is told of values that rows replace in Salesforce, which no pull has seen."""
    return [
        outcome
        for row in rows
        for outcome in lost_values(
            row.plan.overruled, row.record, kept="ours", subject_id=row.subject.id, at=at
        )
    ]
