"""The rows of a push: what goes out to each record, and what becomes of it here afterwards."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Protocol

from counterpart.domain.contacts import Lane, Waiting
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.pushing import Held, PushPlan, put_off, settled
from counterpart.domain.records import Record
from counterpart.domain.subjects import Subject
from counterpart.errors import ChangedMeanwhileError
from counterpart.ports import RecordChange
from counterpart.use_cases.pulled_streams import LOOK_AGAIN

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.refusals import Refusal
    from counterpart.domain.values import Value
    from counterpart.ports import Clock
    from counterpart.use_cases.notes import Notes

_TRIES = 6


class PushRepository(Protocol[Subject]):
    """What a push needs of contacts, or companies."""

    def get_many(self, subject_ids: Collection[str], /) -> Mapping[str, Subject]:
        """Return them by id."""

    def save_many(self, subjects: Sequence[Subject], /) -> Collection[str]:
        """Store each unless it changed since; return the ids of those that had."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PushRow(Generic[Subject]):
    """What goes out to one record, which was read just now."""

    subject: Subject
    record: Record
    plan: PushPlan

    @property
    def change(self) -> RecordChange:
        """Return it as Salesforce is told."""
        return RecordChange(
            object=self.record.object, record_id=self.record.id, values=self.plan.values
        )

    @property
    def awaits_a_field(self) -> bool:
        """Return whether a value of ours waits for the org to show its field again."""
        return Held.UNAVAILABLE in self.plan.held.values()

    @property
    def parent(self) -> tuple[str, str, str]:
        """Return what rows are sorted by, so that those which lock one Account stand together."""
        return (self.record.object, self.record.account_id or "", self.record.id)

    def without(self, paths: Collection[str], names: Collection[str]) -> PushRow[Subject]:
        """Return the row without some fields, by their API names and by ours."""
        values = {path: value for path, value in self.plan.values.items() if path not in paths}
        sent = {name: value for name, value in self.plan.sent.items() if name not in names}
        return replace(self, plan=replace(self.plan, values=values, sent=sent))


class RowSettler(Generic[Subject]):
    """Stores what became of rows, each in one write.

    Args:
        repository: Where their contacts or companies are stored.
        clock: Ours.
        notes: What became of them is noted here.
        max_attempts: After as many passing failures a row is given up.
    """

    def __init__(
        self,
        repository: PushRepository[Subject],
        *,
        clock: Clock,
        notes: Notes,
        max_attempts: int,
    ) -> None:
        self._repository: PushRepository[Subject] = repository
        self._clock = clock
        self._notes = notes
        self._max_attempts = max_attempts

    def written(self, rows: Sequence[PushRow[Subject]], *, until: datetime) -> None:
        """Settle rows that Salesforce took; *until* is by its clock.

        Raises:
            ChangedMeanwhileError: others kept changing them.
        """
        for row in rows:
            self._notes.count(row.record.object, "updated")
        self._settle(
            {row.subject.id: {**row.plan.agreed, **row.plan.sent} for row in rows},
            [replace(row.subject, waiting=self._mark_after(row)) for row in rows],
            written_until=until,
        )

    def left(self, rows: Sequence[PushRow[Subject]]) -> None:
        """Settle rows of which nothing was written; what both sides agree on is remembered.

        Who had nothing to send but what the org hides is looked at again in an hour.

        Raises:
            ChangedMeanwhileError: others kept changing them.
        """
        changed = [
            row for row in rows if row.plan.agreed or row.subject.waiting or row.awaits_a_field
        ]
        self._settle(
            {row.subject.id: row.plan.agreed for row in changed},
            [
                replace(row.subject, waiting=None if row.plan.values else self._mark_after(row))
                for row in changed
            ],
            written_until=None,
        )

    def _mark_after(self, row: PushRow[Subject]) -> Waiting | None:
        """Return the mark of a row that is settled; for what the org hides it stays, for ever."""
        if not row.awaits_a_field:
            return None
        waiting = row.subject.waiting
        return Waiting(
            lane=Lane.RETRY,
            next_push_at=self._clock() + LOOK_AGAIN,
            attempts=max(1, waiting.attempts if waiting else 0),
        )

    def put_off(self, failed: Sequence[tuple[PushRow[Subject], Refusal]]) -> None:
        """Let rows that failed in passing wait, or give them up after too many attempts."""
        later: list[Subject] = []
        given_up: list[PushRow[Subject]] = []
        for row, refusal in failed:
            waiting = row.subject.waiting
            if (waiting.attempts if waiting else 0) + 1 >= self._max_attempts:
                self._notes.count(row.record.object, "refused")
                self._notes.tell(
                    Action.FAILED,
                    Reason.GAVE_UP,
                    row.subject.id,
                    record=row.record,
                    refusal=refusal,
                )
                given_up.append(row)
                continue
            self._notes.count(row.record.object, "retried_later")
            mark = put_off(waiting, now=self._clock(), jitter=random.random())  # noqa: S311 - spreads load, guards nothing
            later.append(replace(row.subject, waiting=mark))
        if later:
            # An edit that came meanwhile has renewed the mark; then there is nothing to put off.
            self._repository.save_many(later)
        self.left(given_up)

    def _settle(
        self,
        shadows: Mapping[str, Mapping[str, Value]],
        subjects: Sequence[Subject],
        *,
        written_until: datetime | None,
    ) -> None:
        """Move the shadows and set the marks, in one write for each; an edit since stays."""
        self._notes.keep()
        written_at = self._clock() if written_until else None
        before = {subject.id: subject for subject in subjects}
        latest = before.copy()
        tries = 0
        while latest:
            if tries == _TRIES:
                raise ChangedMeanwhileError(f"{len(latest)} items keep being changed by others")
            tries += 1
            lost = self._repository.save_many(
                [
                    settled(
                        subject,
                        shadows=shadows[key],
                        written_at=written_at,
                        written_until=written_until,
                    )
                    for key, subject in latest.items()
                ]
            )
            # Somebody edited it: the mark stays for that edit, and the shadow still moves. Who was
            # linked to another record meanwhile has nothing to do with what was written.
            fresh = self._repository.get_many(lost) if lost else {}
            latest = {
                key: subject
                for key, subject in fresh.items()
                if _record_of(subject) == _record_of(before[key])
            }


def _record_of(subject: Subject) -> str | None:
    return subject.counterpart.record_id if subject.counterpart else None
