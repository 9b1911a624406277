"""Push one batch: read the counterparts afresh, decide field by field, write, settle each row.

A crash before the write changes nothing. A crash after it leaves the shadow behind, so the next
push reads that Salesforce holds our value already, and only moves the shadow.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Generic

from counterpart.domain.budget import Budget
from counterpart.domain.keeping import shortened
from counterpart.domain.openings import is_paused, open_since
from counterpart.domain.opt_outs import held_opt_out, owes_opt_out
from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.domain.pushing import NOTHING, Held, plan_push
from counterpart.domain.records import SObject
from counterpart.domain.refusals import Refusal, Remedy
from counterpart.domain.subjects import Subject, landed, ledger_against, written_until
from counterpart.domain.waiting import Lane
from counterpart.domain.yielding import yielded
from counterpart.use_cases.allowance import state_of
from counterpart.use_cases.fresh_records import FreshRecords
from counterpart.use_cases.further_refusals import FurtherRefusals
from counterpart.use_cases.places import placed
from counterpart.use_cases.push_rows import PushRow
from counterpart.use_cases.row_settler import RowSettler
from counterpart.use_cases.vanished_records import Vanished, follow, record_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.records import Record
    from counterpart.domain.values import Value
    from counterpart.ports import RecordWriter, SettingsRepository
    from counterpart.use_cases.apply_page import PagePorts
    from counterpart.use_cases.job_book import JobBook
    from counterpart.use_cases.notes import Notes
    from counterpart.use_cases.push_jobs import PushJobs
    from counterpart.use_cases.push_rows import PushRepository

# Rows that one composite call carries: five collections of 200.
WRITE_SIZE = 1000


class BatchPusher(Generic[Subject]):
    """Pushes contacts, or companies, batch after batch.

    Args:
        repository: Where they are stored.
        jobs: The other way out, for many rows at once.
        pages: For the reading side, and for records that turn out to be gone.
        salesforce: For the writing side.
        settings: By which modes the fields cross; asked again before each batch, since switching
            outbound off takes effect at once.
        notes: What became of them is noted here.
        dry_run: Plan for real and write nothing.
    """

    def __init__(
        self,
        *,
        repository: PushRepository[Subject],
        jobs: PushJobs[Subject],
        book: JobBook,
        pages: PagePorts,
        salesforce: RecordWriter,
        settings: SettingsRepository,
        notes: Notes,
        dry_run: bool,
    ) -> None:
        self._repository: PushRepository[Subject] = repository
        self._jobs: PushJobs[Subject] = jobs
        self._book = book
        self._pages = pages
        self._salesforce = salesforce
        self._current = settings.current
        self._asked_at = pages.clock()
        self._settings = placed(settings.current(), pages.salesforce)
        self._notes = notes
        self._dry_run = dry_run
        self._settler: RowSettler[Subject] = RowSettler(
            repository,
            clock=pages.clock,
            notes=notes,
            max_attempts=self._settings.outbound.max_attempts,
        )
        self._fields = {sobject: self._settings.fields_of(sobject) for sobject in SObject}
        self._fresh = FreshRecords(pages.salesforce, self._settings)
        self._further: FurtherRefusals[Subject] = FurtherRefusals(
            repository, salesforce=salesforce, clock=pages.clock, notes=notes, dry_run=dry_run
        )

    def push(self, subject_ids: Sequence[str], *, by_job: bool) -> None:
        """Push these, at most some thousands, with as few calls as possible.

        Args:
            subject_ids: Whom.
            by_job: Where many rows of one object go out, let a job carry them.
        """
        subjects = self._repository.get_many(subject_ids)
        for missing in set(subject_ids) - set(subjects):
            self._notes.skip(Reason.NO_SUCH_CONTACT)
            self._notes.tell(Action.SKIPPED, Reason.NO_SUCH_CONTACT, missing)
        linked = self._linked([subjects[key] for key in subject_ids if key in subjects])
        if not linked:
            return

        asked_at = self._pages.clock()
        records = self._fresh.read(linked)
        linked = self._further.tell(linked, records, self._current())
        vanished: list[Vanished[Subject]] = []
        rows: list[PushRow[Subject]] = []
        unreadable: list[tuple[PushRow[Subject], Refusal]] = []
        for subject in linked:
            record = record_of(subject, records)
            hidden = self._fresh.hidden_objects.get(record.object)
            if hidden is not None:
                # Not gone, only out of our sight: it waits until our user may see it again.
                row = PushRow(subject=subject, record=record, plan=NOTHING)
                unreadable.append((row, Refusal(code="INVALID_TYPE", message=hidden)))
            elif record.deleted or record.conversion:
                vanished.append(Vanished(subject=subject, record=record))
            else:
                rows.append(self._row(subject, record))

        if self._dry_run:
            for row in rows:
                if row.plan.values:
                    self._notes.count(row.record.object, "would_update")
            return
        self._settler.put_off(unreadable)
        self._settler.left([row for row in rows if not row.plan.values])
        self._write([row for row in rows if row.plan.values], vanished, by_job=by_job)
        there = follow(
            vanished,
            repository=self._repository,
            pages=self._pages,
            settings=self._settings,
            notes=self._notes,
            asked_at=asked_at,
        )
        self._settler.put_off(there)

    # --- gather ---------------------------------------------------------------------------------

    def _linked(self, subjects: Sequence[Subject]) -> list[Subject]:
        """Return those that may be pushed; the others' marks are taken off, with the reason."""
        linked, idle = [], []
        under_way = self._book.job_ids
        for subject in subjects:
            if subject.in_flight and subject.in_flight.job_id in under_way:
                # It keeps its mark, if it has another than that of the job.
                self._notes.skip(Reason.IN_FLIGHT)
                continue
            counterpart = subject.counterpart
            if counterpart is None:
                reason = Reason.NOT_LINKED
            elif not self._settings.outbound.writes(counterpart.object):
                reason = Reason.OUTBOUND_DISABLED
            elif is_paused(subject) and not owes_opt_out(subject, self._settings):
                reason = Reason.OUTBOUND_PAUSED
            else:
                linked.append(subject)
                continue
            self._notes.skip(reason)
            self._notes.tell(Action.SKIPPED, reason, subject.id)
            if subject.waiting and subject.waiting.lane is not Lane.CREATE:
                held = held_opt_out(subject, self._settings, now=self._asked_at)
                idle.append(replace(subject, waiting=held, in_flight=None, parked=None))
        if idle and not self._dry_run:
            self._notes.keep()
            # Whoever was edited meanwhile keeps the mark, and is looked at again.
            self._repository.save_many(idle)
        return linked

    def _row(self, subject: Subject, record: Record) -> PushRow[Subject]:
        fields = self._fields[record.object]
        subject = landed(subject, record, now=self._pages.clock())
        plan = plan_push(
            ledger_against(subject, record, fields),
            record,
            fields,
            open_since=open_since(subject, record.object, self._settings.outbound),
            written_until=written_until(subject, record, fields),
        )
        told = {
            Held.PROTECTED: (Action.PROTECTED, Reason.PREFER_SALESFORCE),
            Held.UNAVAILABLE: (Action.WARNED, Reason.FIELD_UNAVAILABLE),
        }
        if subject.parked:
            # It stops being shown as parked, so what becomes of it is told for the last time.
            told[Held.CLOSED] = (Action.SKIPPED, self._closed_by(subject, record.object))
        lost: Mapping[str, Value] = {}
        if self._settings.inbound.objects[record.object].takes(record):
            ledger, lost = yielded(subject.ledger, record, plan, fields)
            subject = replace(subject, ledger=ledger)
        else:
            # Where a pull brings theirs, it tells what became of ours; here none may ever do.
            told[Held.THEIRS_LATER] = (Action.PROTECTED, Reason.THEIRS_LATER)
        tried = subject.waiting is not None and subject.waiting.attempts > 0
        if is_paused(subject) and not tried:
            # Its refusal goes out, and nothing else.
            self._notes.tell(Action.SKIPPED, Reason.OUTBOUND_PAUSED, subject.id, record=record)
        for name, held in plan.held.items():
            if held in told and not (tried and held is Held.UNAVAILABLE):
                action, reason = told[held]
                self._notes.tell(action, reason, subject.id, record=record, name=name)
        for name, length in plan.shortened.items():
            self._notes.tell(
                Action.WARNED,
                Reason.TRUNCATED,
                subject.id,
                record=record,
                name=name,
                message=shortened(length),
            )
        for kept, replaced in (("ours", plan.overruled), ("theirs", lost)):
            self._notes.outcomes += [
                Outcome(
                    action=Action.CONFLICTED,
                    reason=Reason.BOTH_CHANGED,
                    at=self._pages.clock(),
                    object=record.object,
                    record_id=record.id,
                    subject_id=subject.id,
                    field=name,
                    kept=kept,
                    lost=None if value is None else str(value),
                )
                for name, value in replaced.items()
            ]
        return PushRow(
            subject=subject, record=record, plan=plan, owing=self._further.owing.get(subject.id)
        )

    def _closed_by(self, subject: Subject, sobject: SObject) -> Reason:
        """Return why edits of *subject* from before some moment do not go out."""
        outbound = self._settings.outbound
        by_settings = open_since(subject, sobject, outbound) == outbound.open_since(sobject)
        return Reason.OUTBOUND_DISABLED if by_settings else Reason.OUTBOUND_PAUSED

    # --- apply ----------------------------------------------------------------------------------

    def _write(
        self, rows: list[PushRow[Subject]], vanished: list[Vanished[Subject]], *, by_job: bool
    ) -> None:
        """Write all rows, by collections, or by a job where there are many of one object."""
        chosen = self._for_jobs(rows) if by_job else {}
        taken = {row.subject.id for group in chosen.values() for row in group}
        self._write_collections([row for row in rows if row.subject.id not in taken], vanished)
        for sobject, group in chosen.items():
            wanted = self._still_wanted(group)
            if wanted and not self._jobs.send(sobject, wanted, wanted=self._goes_out_to):
                self._write_collections(wanted, vanished)

    def _for_jobs(self, rows: Sequence[PushRow[Subject]]) -> dict[SObject, list[PushRow[Subject]]]:
        above = self._settings.outbound.bulk_above
        groups: dict[SObject, list[PushRow[Subject]]] = {}
        for row in rows:
            groups.setdefault(row.record.object, []).append(row)
        return {
            sobject: chosen
            for sobject, group in groups.items()
            if (chosen := self._jobs.choose(sobject, group, above=above))
        }

    def _write_collections(
        self, rows: Sequence[PushRow[Subject]], vanished: list[Vanished[Subject]]
    ) -> None:
        """Write rows; whoever is refused for some fields goes once more without them."""
        queue = sorted(rows, key=lambda row: row.parent)
        # What is left when the allowance ends keeps its mark.
        while queue and state_of(self._salesforce.usage(), self._settings) is not Budget.STOPPED:
            batch, queue = self._still_wanted(queue[:WRITE_SIZE]), queue[WRITE_SIZE:]
            if not batch:
                continue
            answer = self._salesforce.update([row.change for row in batch])
            refused = []
            taken = []
            for row, said in zip(batch, answer.rows, strict=True):
                if said.refusal:
                    refused.append((row, said.refusal))
                else:
                    taken.append(row)
            self._settler.written(taken, until=answer.as_of)
            queue += self._follow_up(refused, vanished)

    def _goes_out_to(self, sobject: SObject) -> bool:
        return self._current().outbound.writes(sobject)

    def _still_wanted(self, rows: Sequence[PushRow[Subject]]) -> list[PushRow[Subject]]:
        """Return the rows that may go; outbound may have been switched off a moment ago."""
        asked_at = self._pages.clock()
        settings = self._current()
        outbound = settings.outbound
        wanted = [row for row in rows if outbound.writes(row.record.object)]
        unwanted = [row for row in rows if not outbound.writes(row.record.object)]
        for row in unwanted:
            self._notes.skip(Reason.OUTBOUND_DISABLED)
            self._notes.tell(Action.SKIPPED, Reason.OUTBOUND_DISABLED, row.subject.id)
        self._settler.rest(unwanted, settings, now=asked_at)
        return wanted

    def _follow_up(
        self,
        refused: Sequence[tuple[PushRow[Subject], Refusal]],
        vanished: list[Vanished[Subject]],
    ) -> list[PushRow[Subject]]:
        """Do what refusals ask for; return the rows that may go without the blamed fields."""
        again, over = [], []
        for row, refusal in refused:
            if refusal.remedy is Remedy.RESOLVE:
                record = replace(row.record, deleted=True)
                vanished.append(
                    Vanished(subject=row.subject, record=record, row=row, refusal=refusal)
                )
            elif refusal.remedy is not Remedy.RETRY:
                rest = self._without_blamed(row, refusal)
                if rest:
                    again.append(rest)
                    continue
                self._notes.count(row.record.object, "refused")
                self._notes.tell(
                    Action.REFUSED,
                    Reason.REFUSED,
                    row.subject.id,
                    record=row.record,
                    refusal=refusal,
                )
                over.append((row, refusal))
        self._settler.park(over)
        self._settler.put_off(
            [(row, refusal) for row, refusal in refused if refusal.remedy is Remedy.RETRY]
        )
        return again

    def _without_blamed(self, row: PushRow[Subject], refusal: Refusal) -> PushRow[Subject] | None:
        """Return the row without the fields that Salesforce blames, if something is left of it."""
        blamed = {path for path in row.plan.values if refusal.blames(path)}
        if not blamed or blamed == set(row.plan.values):
            return None
        sobject = row.record.object
        names = {
            mapping.name for mapping in self._fields[sobject] if mapping.paths[sobject] in blamed
        }
        for name in sorted(names):
            self._notes.tell(
                Action.WARNED,
                Reason.FIELD_SET_ASIDE,
                row.subject.id,
                record=row.record,
                refusal=refusal,
                name=name,
            )
        return row.without(blamed, names, refusal)
