"""Refusals to be mailed are told to further records: nothing else is ever written to those.

It happens before the counterparts are written, whose settling takes the mark off. Whoever a further
record could not be told of for a passing reason keeps a mark all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic

from counterpart.domain.budget import Budget
from counterpart.domain.opt_outs import held_opt_out, unaware
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.refusals import Remedy
from counterpart.domain.secondary_records import told_further
from counterpart.domain.subjects import Subject
from counterpart.ports import WRITE_SIZE, RecordChange
from counterpart.use_cases.allowance import state_of
from counterpart.use_cases.push_marks import until_shown
from counterpart.use_cases.set_backs import after_refusal
from counterpart.use_cases.stored_changes import store_changed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from counterpart.domain.records import Record, SObject
    from counterpart.domain.refusals import Refusal
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.domain.waiting import Waiting
    from counterpart.ports import Clock, RecordWriter
    from counterpart.use_cases.notes import Notes
    from counterpart.use_cases.push_rows import PushRepository


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row(Generic[Subject]):
    """One further record that has to learn of a refusal, as it was read just now."""

    subject: Subject
    record: Record
    name: str
    path: str

    @property
    def change(self) -> RecordChange:
        return RecordChange(
            object=self.record.object, record_id=self.record.id, values={self.path: True}
        )


class FurtherRefusals(Generic[Subject]):
    """Tells further records of refusals.

    Args:
        repository: Where the contacts are stored.
        salesforce: For the writing side.
        clock: Ours.
        notes: What became of them is noted here.
        dry_run: Plan for real and write nothing.

    Attributes:
        owing: The marks of contacts of whom a further record does not know yet, by contact id.
    """

    def __init__(
        self,
        repository: PushRepository[Subject],
        *,
        salesforce: RecordWriter,
        clock: Clock,
        notes: Notes,
        dry_run: bool,
    ) -> None:
        self._repository: PushRepository[Subject] = repository
        self._salesforce = salesforce
        self._clock = clock
        self._notes = notes
        self._dry_run = dry_run
        self.owing: dict[str, Waiting] = {}

    def tell(
        self,
        subjects: Sequence[Subject],
        records: Mapping[str, Record],
        current: Callable[[], SyncSettings],
        *,
        hidden: Collection[SObject],
    ) -> list[Subject]:
        """Tell the further records of *subjects*, and return these as they are then.

        Who was linked to another record meanwhile is not among them, and keeps its mark.

        Args:
            subjects: Linked contacts, or companies.
            records: Their further records that have to learn of it, read afresh; what is gone the
                pull looks after.
            hidden: Objects that our user may not read at present.
            current: Returns the settings of this moment, since switching outbound off takes effect
                at once.

        Raises:
            ChangedMeanwhileError: others kept changing them.
        """
        settings = current()
        rows, told = self._gather(subjects, records, settings, hidden)
        if self._dry_run:
            for row in rows:
                self._notes.count(row.record.object, "would_update")
            return list(subjects)
        while rows:
            batch, rows = self._open(rows[:WRITE_SIZE], current()), rows[WRITE_SIZE:]
            if not batch:
                continue
            answer = self._salesforce.update([row.change for row in batch])
            for row, said in zip(batch, answer.rows, strict=True):
                if said.refusal:
                    self._refused(row, said.refusal, settings)
                else:
                    self._notes.count(row.record.object, "updated")
                    told.append(row)
        return self._remember(subjects, told) if told else list(subjects)

    def _open(self, rows: Sequence[_Row[Subject]], settings: SyncSettings) -> list[_Row[Subject]]:
        """Return what may go at present; whom the others are of is owed it."""
        stopped = state_of(self._salesforce.usage(), settings) is Budget.STOPPED
        there: list[_Row[Subject]] = []
        for row in rows:
            if not settings.outbound.writes(row.record.object):
                self._hold(row.subject, settings)
            elif stopped:
                self._owe(row.subject, row.subject.waiting or self._later(row.subject))
            else:
                there.append(row)
        return there

    def _gather(
        self,
        subjects: Sequence[Subject],
        records: Mapping[str, Record],
        settings: SyncSettings,
        hidden: Collection[SObject],
    ) -> tuple[list[_Row[Subject]], list[_Row[Subject]]]:
        """Return whom to tell, and who turned out to know it."""
        due: list[_Row[Subject]] = []
        known: list[_Row[Subject]] = []
        for subject in subjects:
            for one, field in unaware(subject, settings):
                record = records.get(one.record_id)
                if one.object in hidden:
                    # Not gone, only out of our sight.
                    self._owe(subject, self._later(subject))
                    continue
                if record is None or record.deleted or record.conversion:
                    continue
                row = _Row(
                    subject=subject,
                    record=record,
                    name=field.name,
                    path=field.paths[record.object],
                )
                if not settings.outbound.writes(one.object):
                    self._hold(subject, settings)
                elif field.name not in record.values:
                    self._unavailable(row)
                elif record.values[field.name] is True:
                    known.append(row)
                else:
                    due.append(row)
        return due, known

    def _unavailable(self, row: _Row[Subject]) -> None:
        """Look again in an hour whether the org shows the box."""
        if not (row.subject.waiting and row.subject.waiting.attempts):
            self._notes.tell(
                Action.WARNED,
                Reason.FIELD_UNAVAILABLE,
                row.subject.id,
                record=row.record,
                name=row.name,
            )
        self._owe(row.subject, self._later(row.subject))

    def _refused(self, row: _Row[Subject], refusal: Refusal, settings: SyncSettings) -> None:
        """Let it wait if the reason passes; else it is tried with the next push of the contact."""
        subject, most = row.subject, settings.outbound.max_attempts
        if refusal.remedy is Remedy.RESOLVE:
            return
        again = refusal.remedy is Remedy.RETRY
        if again and (
            mark := after_refusal(subject.waiting, refusal, most=most, now=self._clock())
        ):
            self._owe(subject, mark)
            return
        self._notes.refuse(
            subject.id,
            row.record,
            refusal,
            reason=Reason.GAVE_UP if again else Reason.REFUSED,
            name=row.name,
        )

    def _owe(self, subject: Subject, mark: Waiting) -> None:
        """Keep a mark; of several, the one that is due first."""
        known = self.owing.get(subject.id)
        if known is None or mark.next_push_at < known.next_push_at:
            self.owing[subject.id] = mark

    def _hold(self, subject: Subject, settings: SyncSettings) -> None:
        held = held_opt_out(subject, settings, now=self._clock())
        self._owe(subject, held or self._later(subject))

    def _later(self, subject: Subject) -> Waiting:
        return until_shown(subject.waiting, now=self._clock())

    def _remember(
        self, subjects: Sequence[Subject], told: Sequence[_Row[Subject]]
    ) -> list[Subject]:
        """Store what further records know now, and return all of *subjects* as they are then."""
        before = {subject.id: subject for subject in subjects}
        rows: dict[str, list[_Row[Subject]]] = {}
        for row in told:
            rows.setdefault(row.subject.id, []).append(row)
        store_changed(
            self._repository,
            {key: before[key] for key in rows},
            lambda subject: _aware(subject, rows[subject.id]),
        )
        stored = self._repository.get_many(list(rows))
        after = [stored.get(key) if key in rows else subject for key, subject in before.items()]
        return [
            subject
            for subject in after
            if subject and subject.record_id == before[subject.id].record_id
        ]


def _aware(subject: Subject, rows: Sequence[_Row[Subject]]) -> Subject:
    for row in rows:
        subject = told_further(subject, row.record.id, row.name)
    return subject
