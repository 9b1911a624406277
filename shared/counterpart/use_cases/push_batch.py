"""Push one batch: read the counterparts afresh, decide field by field, write, settle each row.

A crash before the write changes nothing. A crash after it leaves the shadow behind, so the next
push reads that Salesforce holds our value already, and only moves the shadow.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Generic

from counterpart.domain.openings import is_paused
from counterpart.domain.opt_outs import held_opt_out, owes_opt_out
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.pushing import NOTHING
from counterpart.domain.refusals import Refusal
from counterpart.domain.subjects import Subject
from counterpart.domain.waiting import Lane
from counterpart.use_cases.fresh_records import FreshRecords
from counterpart.use_cases.further_refusals import FurtherRefusals
from counterpart.use_cases.places import placed
from counterpart.use_cases.push_rows import PushRow, told_of_overruled
from counterpart.use_cases.row_planner import RowPlanner
from counterpart.use_cases.row_settler import RowSettler
from counterpart.use_cases.row_writer import RowWriter
from counterpart.use_cases.vanished_records import Vanished, follow, record_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from counterpart.ports import RecordWriter, SettingsRepository
    from counterpart.use_cases.apply_page import PagePorts
    from counterpart.use_cases.job_book import JobBook
    from counterpart.use_cases.notes import Notes
    from counterpart.use_cases.push_jobs import PushJobs
    from counterpart.use_cases.push_rows import PushRepository


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
        may_go_on: Tells whether there is time for more; asked before each batch, too.
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
        may_go_on: Callable[[], bool],
        dry_run: bool,
    ) -> None:
        self._repository: PushRepository[Subject] = repository
        self._book = book
        self._pages = pages
        self._current = settings.current
        self._asked_at = pages.clock()
        self._settings = placed(settings.current(), pages.salesforce)
        self._notes = notes
        self._dry_run = dry_run
        self._settler: RowSettler[Subject] = RowSettler(
            repository,
            clock=pages.clock,
            notes=notes,
            settings=self._settings,
        )
        self._planner = RowPlanner(self._settings, clock=pages.clock, notes=notes)
        self._writer: RowWriter[Subject] = RowWriter(
            salesforce=salesforce,
            jobs=jobs,
            settler=self._settler,
            settings=self._settings,
            current=settings.current,
            clock=pages.clock,
            notes=notes,
            may_go_on=may_go_on,
        )
        self._fresh = FreshRecords(pages.salesforce, self._settings)
        self._further: FurtherRefusals[Subject] = FurtherRefusals(
            repository, salesforce=salesforce, clock=pages.clock, notes=notes, dry_run=dry_run
        )

    def push(
        self, subject_ids: Sequence[str], *, by_job: bool, refusals_alone: bool = False
    ) -> Sequence[str]:
        """Push these, at most some thousands, with as few calls as possible.

        Returns:
            The ids of those who did not go, because time or the allowance ended.

        Args:
            subject_ids: Whom.
            by_job: Where many rows of one object go out, let a job carry them.
            refusals_alone: Of each only that they refuse to be mailed; the rest waits on.
        """
        subjects = self._repository.get_many(subject_ids)
        for missing in set(subject_ids) - set(subjects):
            self._notes.skip(Reason.NO_SUCH_CONTACT)
            self._notes.tell(Action.SKIPPED, Reason.NO_SUCH_CONTACT, missing)
        linked = self._linked([subjects[key] for key in subject_ids if key in subjects])
        if not linked:
            return ()

        asked_at = self._pages.clock()
        records = self._fresh.read(linked)
        linked = self._further.tell(
            linked, records, self._current, hidden=self._fresh.hidden_objects
        )
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
            elif record.deleted or record.conversion or record.is_a_person:
                vanished.append(Vanished(subject=subject, record=record))
            else:
                owing = self._further.owing.get(subject.id)
                if refusals_alone:
                    rows.append(self._planner.refusal(subject, record, owing=owing))
                else:
                    rows.append(self._planner.row(subject, record, owing=owing))

        if self._dry_run:
            for row in rows:
                if row.plan.values:
                    self._notes.count(row.record.object, "would_update")
            self._notes.outcomes += told_of_overruled(rows, at=self._pages.clock())
            return ()
        self._settler.park(self._settler.put_off(unreadable), Reason.GAVE_UP)
        self._settler.left([row for row in rows if not row.plan.values])
        vanished += self._writer.write([row for row in rows if row.plan.values], by_job=by_job)
        there = follow(
            vanished,
            repository=self._repository,
            pages=self._pages,
            fresh=self._fresh,
            settings=self._settings,
            notes=self._notes,
            asked_at=asked_at,
            owing=self._further.owing,
        )
        self._writer.put_off(there)
        return self._writer.left

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
