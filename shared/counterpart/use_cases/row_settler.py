"""The row settler: what becomes here of rows that a push has sent, or left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Generic

from counterpart.domain.lifting import announced, opts_in
from counterpart.domain.opt_outs import held_opt_out
from counterpart.domain.outcomes import Reason
from counterpart.domain.patience import parked_for, parking
from counterpart.domain.pushing import settled
from counterpart.domain.records import SObject
from counterpart.domain.sent_values import met
from counterpart.domain.subjects import Subject
from counterpart.domain.written_over import putting_back
from counterpart.use_cases.push_marks import unless_at_once, until_shown
from counterpart.use_cases.push_rows import told_of_overruled
from counterpart.use_cases.set_backs import after_refusal
from counterpart.use_cases.stored_changes import store_changed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.refusals import Refusal
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.domain.values import Value
    from counterpart.ports import Clock
    from counterpart.use_cases.notes import Notes
    from counterpart.use_cases.push_rows import PushRepository, PushRow


class RowSettler(Generic[Subject]):
    """Stores what became of rows, each in one write.

    Args:
        repository: Where their contacts or companies are stored.
        clock: Ours.
        notes: What became of them is noted here.
        settings: By which the rows were planned.
    """

    def __init__(
        self,
        repository: PushRepository[Subject],
        *,
        clock: Clock,
        notes: Notes,
        settings: SyncSettings,
    ) -> None:
        self._repository: PushRepository[Subject] = repository
        self._clock = clock
        self._notes = notes
        self._max_attempts = settings.outbound.max_attempts
        self._fields = {sobject: settings.fields_of(sobject) for sobject in SObject}

    def announced(self, rows: list[PushRow[Subject]]) -> list[PushRow[Subject]]:
        """Store what no later reading could tell of some rows; return those that may go.

        Of what ours replaces there, it is told first, and that it was seen stays, so that no
        further try tells it again. Of an opt-in it is stored that it is about to go out: whatever
        the answer is, the next write takes that off again; it stays if the answer is lost.
        """
        first = [row for row in rows if row.plan.overruled or opts_in(row.plan.sent)]
        if not first:
            return rows
        self._notes.outcomes += told_of_overruled(first, at=self._clock())
        self._notes.keep()
        lost = self._repository.save_many(
            [
                announced(row.subject, row.record) if opts_in(row.plan.sent) else row.subject
                for row in first
            ]
        )
        stored = {row.subject.id for row in first}
        return [
            row.announced() if row.subject.id in stored else row
            for row in rows
            # Whoever was changed meanwhile keeps the mark, and is looked at again.
            if row.subject.id not in lost
        ]

    def written(self, rows: Sequence[PushRow[Subject]], *, until: datetime) -> None:
        """Settle rows that Salesforce took; *until* is by its clock.

        Raises:
            ChangedMeanwhileError: others kept changing them.
        """
        for row in rows:
            self._notes.count(row.record.object, "updated")
            if row.alone and row.against:
                self._notes.refuse(row.subject.id, row.record, row.against, reason=row.alone)
        self._settle(
            {row.subject.id: {**row.plan.agreed, **row.plan.sent} for row in rows},
            {row.subject.id: self._done_with(row, settled=True) for row in rows},
            written_until=until,
        )

    def left(self, rows: Sequence[PushRow[Subject]]) -> None:
        """Settle rows of which nothing was written; what both sides agree on is remembered.

        Who had nothing to send but what the org hides is looked at again in an hour.

        Raises:
            ChangedMeanwhileError: others kept changing them.
        """
        changed = [
            row
            for row in rows
            if row.plan.agreed or row.subject.waiting or row.subject.in_flight or row.is_incomplete
        ]
        self._settle(
            {row.subject.id: row.plan.agreed for row in changed},
            {row.subject.id: self._done_with(row, settled=not row.plan.values) for row in changed},
            written_until=None,
        )

    def rest(
        self, rows: Sequence[PushRow[Subject]], settings: SyncSettings, *, now: datetime
    ) -> None:
        """Settle rows that may not go by the settings; an opt-out goes once they let it.

        Raises:
            ChangedMeanwhileError: others kept changing them.
        """
        after = {}
        for row in rows:
            done = self._done_with(row, settled=False)
            held = held_opt_out(row.subject, settings, now=now)
            after[row.subject.id] = replace(done, waiting=held or done.waiting)
        agreed = {row.subject.id: row.plan.agreed for row in rows}
        self._settle(agreed, after, written_until=None)

    def park(self, refused: Sequence[tuple[PushRow[Subject], Refusal]], reason: Reason) -> None:
        """Set rows aside that Salesforce does not take as they are, and tell why.

        Raises:
            ChangedMeanwhileError: others kept changing them.
        """
        for row, refusal in refused:
            self._notes.refuse(row.subject.id, row.record, refusal, reason=reason)
        self.left([row.refused(refusal) for row, refusal in refused])

    def put_off(
        self, failed: Sequence[tuple[PushRow[Subject], Refusal]]
    ) -> list[tuple[PushRow[Subject], Refusal]]:
        """Let rows wait that failed in passing; return those that have done so too often."""
        later: list[Subject] = []
        worn_out: list[tuple[PushRow[Subject], Refusal]] = []
        for row, refusal in failed:
            mark = after_refusal(
                row.subject.waiting, refusal, most=self._max_attempts, now=self._clock()
            )
            if mark is None:
                worn_out.append((row, refusal))
                continue
            self._notes.count(row.record.object, "retried_later")
            mark = unless_at_once(mark, owing=row.owing)
            later.append(replace(row.subject, waiting=mark))
        if later:
            # An edit that came meanwhile has renewed the mark; then there is nothing to put off.
            self._repository.save_many(later)
        return worn_out

    def _settle(
        self,
        shadows: Mapping[str, Mapping[str, Value]],
        after: Mapping[str, Subject],
        *,
        written_until: datetime | None,
    ) -> None:
        """Move the shadows and set the marks, in one write for each; an edit since stays."""
        self._notes.keep()
        written_at = self._clock() if written_until else None

        def done(subject: Subject) -> Subject:
            held, fields = shadows[subject.id], self._fields_of(after[subject.id])
            seen = settled(
                replace(subject, in_flight=None),
                shadows=held,
                written_at=written_at,
                written_until=written_until,
                fields=fields,
            )
            return putting_back(seen, subject.ledger, held if written_until else {}, fields)

        # Somebody edited it: the mark stays for that edit, and the shadow still moves. Who was
        # linked to another record meanwhile has nothing to do with what was written.
        store_changed(
            self._repository,
            after,
            done,
            concerns=lambda subject: subject.record_id == after[subject.id].record_id,
        )

    def _fields_of(self, subject: Subject) -> Sequence[FieldMapping]:
        return self._fields[subject.counterpart.object] if subject.counterpart else ()

    def _done_with(self, row: PushRow[Subject], *, settled: bool) -> Subject:
        """Return whom a row is about without its mark, or parked if something was set aside.

        For what the org hides the mark of a row that is *settled* stays, for ever.
        """
        subject = row.subject
        if row.against is None:
            mark = row.owing
            if settled and row.awaits_a_field:
                shown = until_shown(subject.waiting, now=self._clock())
                mark = unless_at_once(shown, owing=row.owing)
            return replace(
                met(subject, now=self._clock()), waiting=mark, in_flight=None, parked=None
            )
        parked = parked_for(
            subject.parked,
            subject.waiting,
            row.against,
            fields=row.outside,
            now=self._clock(),
            run_id=self._notes.run_id,
            further=row.further,
        )
        mark = unless_at_once(parking(parked), owing=row.owing)
        return replace(subject, waiting=mark, in_flight=None, parked=parked)
