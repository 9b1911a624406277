"""Push one batch: read the counterparts afresh, decide field by field, write, settle each row.

A crash before the write changes nothing. A crash after it leaves the shadow behind, so the next
push reads that Salesforce holds our value already, and only moves the shadow.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, Protocol

from counterpart.domain.contacts import Lane
from counterpart.domain.mapping import FieldMapping
from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.domain.pushing import Held, PushPlan, plan_push, put_off, settled
from counterpart.domain.records import Record, SObject
from counterpart.domain.refusals import Remedy
from counterpart.domain.subjects import Subject
from counterpart.domain.sync_settings import OnRemoteDelete
from counterpart.errors import ChangedMeanwhileError, MissingFieldError
from counterpart.ports import RecordChange
from counterpart.use_cases.apply_page import PagePorts, apply_page

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.refusals import Refusal
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import RecordWriter

# Rows that one composite call carries: five collections of 200.
WRITE_SIZE = 1000
_TRIES = 6


class PushRepository(Protocol[Subject]):
    """What a push needs of contacts, or companies."""

    def get_many(self, subject_ids: Collection[str], /) -> Mapping[str, Subject]:
        """Return them by id."""

    def save_many(self, subjects: Sequence[Subject], /) -> Collection[str]:
        """Store each unless it changed since; return the ids of those that had."""


@dataclass(kw_only=True)
class PushTally:
    """What became of what was to go out."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    outcomes: list[Outcome] = field(default_factory=list)

    def count(self, sobject: str, what: str) -> None:
        """Count one row."""
        self.counts.setdefault(sobject, Counter())[what] += 1


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row(Generic[Subject]):
    subject: Subject
    record: Record
    plan: PushPlan
    trimmed: bool = False

    @property
    def change(self) -> RecordChange:
        return RecordChange(
            object=self.record.object, record_id=self.record.id, values=self.plan.values
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Gone(Generic[Subject]):
    """A record that could not be read or written under its id, and what was to be written."""

    subject: Subject
    record: Record
    row: _Row[Subject] | None = None
    refusal: Refusal | None = None


class BatchPusher(Generic[Subject]):
    """Pushes contacts, or companies, batch after batch.

    Args:
        repository: Where they are stored.
        pages: For the reading side, and for records that turn out to be gone.
        salesforce: For the writing side.
        settings: By which modes the fields cross.
        tally: What became of them is counted here.
        dry_run: Plan for real and write nothing.
    """

    def __init__(
        self,
        *,
        repository: PushRepository[Subject],
        pages: PagePorts,
        salesforce: RecordWriter,
        settings: SyncSettings,
        tally: PushTally,
        dry_run: bool,
    ) -> None:
        self._repository: PushRepository[Subject] = repository
        self._pages = pages
        self._salesforce = salesforce
        self._settings = settings
        self._tally = tally
        self._dry_run = dry_run
        self._clock = pages.clock
        self._hidden: set[str] = set()
        self._fields: dict[SObject, tuple[FieldMapping, ...]] = {
            sobject: settings.fields_of(sobject) for sobject in SObject
        }

    def push(self, subject_ids: Sequence[str]) -> None:
        """Push these, at most a few thousand, with as few calls as possible."""
        subjects = self._repository.get_many(subject_ids)
        linked = self._linked([subjects[key] for key in subject_ids if key in subjects])
        for missing in set(subject_ids) - set(subjects):
            self._tally.skipped[Reason.NO_SUCH_CONTACT] += 1
            self._tell(Action.SKIPPED, Reason.NO_SUCH_CONTACT, missing)
        if not linked:
            return

        asked_at = self._clock()
        records = self._read(linked)
        rows: list[_Row[Subject]] = []
        gone: list[_Gone[Subject]] = []
        agreed: list[tuple[Subject, PushPlan]] = []
        for subject in linked:
            record = _counterpart_of(subject, records)
            if record.deleted or record.conversion:
                gone.append(_Gone(subject=subject, record=record))
                continue
            plan = self._plan(subject, record)
            if plan.values:
                rows.append(_Row(subject=subject, record=record, plan=plan))
            else:
                agreed.append((subject, plan))

        self._settle(agreed, written_until=None)
        self._write(rows, gone)
        self._follow(gone, asked_at)

    # --- gather ---------------------------------------------------------------------------------

    def _linked(self, subjects: Sequence[Subject]) -> list[Subject]:
        """Return those that may be pushed; the others' marks are taken off, with the reason."""
        linked, idle = [], []
        for subject in subjects:
            counterpart = subject.counterpart
            if counterpart is None:
                reason = Reason.NOT_LINKED
            elif not self._settings.outbound.writes(counterpart.object):
                reason = Reason.OUTBOUND_DISABLED
            else:
                linked.append(subject)
                continue
            self._tally.skipped[reason] += 1
            self._tell(Action.SKIPPED, reason, subject.id)
            if subject.waiting and subject.waiting.lane is not Lane.CREATE:
                idle.append(replace(subject, waiting=None))
        if idle and not self._dry_run:
            # Whoever was edited meanwhile keeps the mark, and is looked at again.
            self._repository.save_many(idle)
        return linked

    def _read(self, subjects: Sequence[Subject]) -> Mapping[str, Record]:
        wanted: dict[SObject, set[str]] = {}
        for subject in subjects:
            if subject.counterpart:
                wanted.setdefault(subject.counterpart.object, set()).add(
                    subject.counterpart.record_id
                )
        try:
            return self._pages.salesforce.read(wanted, self._shown(wanted))
        except MissingFieldError:
            for sobject in wanted:
                facts = self._pages.salesforce.describe(sobject)
                self._hidden |= {
                    path
                    for mapping in self._fields[sobject]
                    if "." not in (path := mapping.paths[sobject]) and path not in facts
                }
            if not self._hidden:
                raise
            return self._pages.salesforce.read(wanted, self._shown(wanted))

    def _shown(self, wanted: Mapping[SObject, object]) -> tuple[FieldMapping, ...]:
        """Return the fields to read; for an object that hides one, it is left out."""
        fields: dict[str, FieldMapping] = {}
        for sobject in wanted:
            for mapping in self._fields[sobject]:
                paths = {
                    name: path for name, path in mapping.paths.items() if path not in self._hidden
                }
                fields[mapping.name] = replace(mapping, paths=paths)
        return tuple(fields.values())

    def _plan(self, subject: Subject, record: Record) -> PushPlan:
        plan = plan_push(
            subject.ledger,
            record,
            self._fields[record.object],
            open_since=self._settings.outbound.open_since(record.object),
        )
        for name, held in plan.held.items():
            if held is Held.PROTECTED:
                self._tell(Action.PROTECTED, Reason.PREFER_SALESFORCE, subject.id, record, name)
            elif held is Held.UNAVAILABLE:
                self._tell(Action.WARNED, Reason.FIELD_UNAVAILABLE, subject.id, record, name)
        for name, lost in plan.overruled.items():
            self._tally.outcomes.append(
                Outcome(
                    action=Action.CONFLICTED,
                    reason=Reason.BOTH_CHANGED,
                    at=self._clock(),
                    object=record.object,
                    record_id=record.id,
                    subject_id=subject.id,
                    field=name,
                    kept="ours",
                    lost=None if lost is None else str(lost),
                )
            )
        return plan

    # --- apply ----------------------------------------------------------------------------------

    def _write(self, rows: list[_Row[Subject]], gone: list[_Gone[Subject]]) -> None:
        """Write all rows; whoever is refused for some fields goes once more without them."""
        rows.sort(key=_parent)
        if self._dry_run:
            for row in rows:
                self._tally.count(row.record.object, "would_update")
            return
        queue = rows
        while queue:
            batch, queue = queue[:WRITE_SIZE], queue[WRITE_SIZE:]
            answer = self._salesforce.update([row.change for row in batch])
            done: list[tuple[Subject, PushPlan]] = []
            for row, said in zip(batch, answer.rows, strict=True):
                if said.refusal is None:
                    self._tally.count(row.record.object, "updated")
                    done.append((row.subject, row.plan))
                else:
                    again = self._refused(row, said.refusal, gone)
                    if again:
                        queue.append(again)
            self._settle(done, written_until=answer.as_of)

    def _refused(
        self, row: _Row[Subject], refusal: Refusal, gone: list[_Gone[Subject]]
    ) -> _Row[Subject] | None:
        """Do what a refusal asks for; return the row without the blamed fields, if that may go."""
        if refusal.remedy is Remedy.RETRY:
            self._retry_later(row, refusal)
            return None
        if refusal.remedy is Remedy.RESOLVE:
            record = replace(row.record, deleted=True)
            gone.append(_Gone(subject=row.subject, record=record, row=row, refusal=refusal))
            return None
        blamed = set(refusal.fields) & set(row.plan.values)
        rest = {path: value for path, value in row.plan.values.items() if path not in blamed}
        if blamed and rest and not row.trimmed:
            names = {
                mapping.name
                for mapping in self._fields[row.record.object]
                if mapping.paths[row.record.object] in blamed
            }
            for name in sorted(names):
                self._tell_refusal(Action.WARNED, Reason.FIELD_SET_ASIDE, row, refusal, name)
            sent = {name: value for name, value in row.plan.sent.items() if name not in names}
            plan = replace(row.plan, values=rest, sent=sent)
            return replace(row, plan=plan, trimmed=True)

        self._tally.count(row.record.object, "refused")
        self._tell_refusal(Action.REFUSED, Reason.REFUSED, row, refusal)
        self._settle([(row.subject, replace(row.plan, sent={}))], written_until=None)
        return None

    def _retry_later(self, row: _Row[Subject], refusal: Refusal) -> None:
        attempts = row.subject.waiting.attempts if row.subject.waiting else 0
        if attempts + 1 >= self._settings.outbound.max_attempts:
            self._tally.count(row.record.object, "refused")
            self._tell_refusal(Action.FAILED, Reason.GAVE_UP, row, refusal)
            self._settle([(row.subject, replace(row.plan, sent={}))], written_until=None)
            return
        self._tally.count(row.record.object, "retried_later")
        waiting = put_off(row.subject.waiting, now=self._clock(), jitter=random.random())  # noqa: S311 - spreads load, guards nothing
        # An edit that came meanwhile has renewed the mark; then there is nothing to put off.
        self._repository.save_many([replace(row.subject, waiting=waiting)])

    def _settle(
        self, done: Sequence[tuple[Subject, PushPlan]], *, written_until: datetime | None
    ) -> None:
        """Move the shadows and take the marks off, in one write for each; an edit since stays."""
        if self._dry_run:
            return
        written_at = self._clock() if written_until else None
        todo = {subject.id: (subject, plan) for subject, plan in done}
        latest = {subject.id: replace(subject, waiting=None) for subject, _ in done}
        for _ in range(_TRIES):
            saves = [
                settled(
                    latest[key],
                    shadows={**plan.agreed, **plan.sent},
                    written_at=written_at,
                    written_until=written_until,
                )
                for key, (subject, plan) in todo.items()
                if plan.agreed or plan.sent or subject.waiting or written_until
            ]
            lost = self._repository.save_many(saves) if saves else ()
            if not lost:
                return
            # Somebody edited it: the mark stays for that edit, and the shadow still moves.
            fresh = self._repository.get_many(lost)
            todo = {key: todo[key] for key in lost if key in fresh}
            latest = dict(fresh)
        message = f"{len(todo)} items keep being changed by others"
        raise ChangedMeanwhileError(message)

    def _follow(self, gone: Sequence[_Gone[Subject]], asked_at: datetime) -> None:
        """Find out what became of records that could not be written, and move their links."""
        if not gone or self._dry_run:
            return
        wanted: dict[SObject, set[str]] = {}
        for lost in gone:
            wanted.setdefault(lost.record.object, set()).add(lost.record.id)
        found = self._pages.salesforce.read(wanted, ())
        rows = []
        for lost in gone:
            record = found.get(lost.record.id, lost.record)
            if record.deleted or record.conversion:
                rows.append(record)
            elif lost.row and lost.refusal:
                # It is there after all: what could not be found was something that it refers to.
                self._retry_later(lost.row, lost.refusal)
        for people in (True, False):
            tally = apply_page(
                [row for row in rows if row.object.is_person is people],
                ports=self._pages,
                settings=self._settings,
                asked_at=asked_at,
            )
            self._tally.outcomes += tally.outcomes
            for name, counts in tally.changes.items():
                for what in ("relinked", "unlinked", "deleted"):
                    if counts[what]:
                        self._tally.counts.setdefault(name, Counter())[what] += counts[what]
        if self._settings.inbound.on_remote_delete is OnRemoteDelete.IGNORE:
            self._stop_waiting(gone)

    def _stop_waiting(self, gone: Sequence[_Gone[Subject]]) -> None:
        """Take the mark off those who stay linked to a record that is gone, as the settings say.

        Should the record come back, the pull that sees it finds what has to go out.
        """
        records = {lost.subject.id: lost.record for lost in gone}
        idle = [
            subject
            for subject in self._repository.get_many(records).values()
            if subject.waiting
            and subject.counterpart
            and subject.counterpart.record_id == records[subject.id].id
        ]
        lost = self._repository.save_many([replace(subject, waiting=None) for subject in idle])
        for subject in idle:
            if subject.id not in lost:
                record = records[subject.id]
                self._tally.skipped[Reason.DELETED_THERE] += 1
                self._tell(Action.SKIPPED, Reason.DELETED_THERE, subject.id, record)

    # --- notes ----------------------------------------------------------------------------------

    def _tell(
        self,
        action: Action,
        reason: Reason,
        subject_id: str,
        record: Record | None = None,
        name: str | None = None,
    ) -> None:
        self._tally.outcomes.append(
            Outcome(
                action=action,
                reason=reason,
                at=self._clock(),
                object=record.object if record else None,
                record_id=record.id if record else None,
                subject_id=subject_id,
                field=name,
            )
        )

    def _tell_refusal(
        self,
        action: Action,
        reason: Reason,
        row: _Row[Subject],
        refusal: Refusal,
        name: str | None = None,
    ) -> None:
        self._tally.outcomes.append(
            Outcome(
                action=action,
                reason=reason,
                at=self._clock(),
                object=row.record.object,
                record_id=row.record.id,
                subject_id=row.subject.id,
                field=name,
                code=refusal.code,
                message=refusal.message,
            )
        )


def _counterpart_of(subject: Subject, records: Mapping[str, Record]) -> Record:
    """Return the record; one that is nowhere, not even in the bin, counts as deleted."""
    counterpart = subject.counterpart
    if counterpart is None:
        message = f"{subject.id} has no counterpart"
        raise AssertionError(message)
    found = records.get(counterpart.record_id)
    return found or Record(
        id=counterpart.record_id,
        object=counterpart.object,
        modified_at=counterpart.linked_at,
        modstamp=counterpart.linked_at,
        values={},
        deleted=True,
    )


def _parent(row: _Row[Subject]) -> tuple[str, str, str]:
    """Sort by parent, so that rows which lock one Account are written together."""
    return (row.record.object, row.record.account_id or "", row.record.id)
