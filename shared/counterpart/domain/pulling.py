"""Planning one page: what each of its records does to our contacts or companies.

The plan is made on values that were gathered before and is carried out afterwards; nothing is read
or written here. Rows that are gone come first, since they move links that others depend on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Generic

from counterpart.domain.gone_rows import GoneRows
from counterpart.domain.ids import derived_id
from counterpart.domain.links import Counterpart, LinkedBy, LinkState
from counterpart.domain.merging import is_echo, merge_record
from counterpart.domain.opt_outs import held_opt_out, lane_when_met, unaware
from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.domain.page_plan import Change, Draft, Known, Manner, PagePlan
from counterpart.domain.pushing import has_to_go
from counterpart.domain.records import SObject
from counterpart.domain.secondary_records import is_secondary, with_secondary
from counterpart.domain.sent_values import is_untouched, met, sent_to
from counterpart.domain.subjects import (
    Subject,
    id_for,
    ledger_against,
    linked,
    marked,
    secondaries_of,
    without_secondary,
    written_until,
)
from counterpart.domain.waiting import Lane, Waiting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from counterpart.domain.links import Link
    from counterpart.domain.merging import Merge
    from counterpart.domain.records import Record
    from counterpart.domain.subjects import SubjectKind
    from counterpart.domain.sync_settings import SyncSettings

ORDINARY = Manner()


def plan_page(
    records: Sequence[Record],
    looked_at: Iterable[Record],
    *,
    kind: SubjectKind[Subject],
    known: Known[Subject],
    settings: SyncSettings,
    now: datetime,
    asked_at: datetime,
    chosen: Collection[str] = (),
    manner: Manner = ORDINARY,
) -> PagePlan[Subject]:
    """Return what *records* do.

    Args:
        records: Of one page, in the order they were read.
        looked_at: The answers to what was `unanswered`; those that are gone count as read first,
            and those that take somebody over come in at once.
        kind: How these records become contacts, or companies.
        known: What was gathered about them.
        settings: By which modes the fields cross.
        now: By our clock.
        asked_at: By our clock, when the page was asked for.
        chosen: Ids of those looked at that come in by a selection, as Salesforce judges it.
        manner: How they are taken.
    """
    draft: Draft[Subject] = Draft(known, now=now)
    looked_at = tuple(looked_at)
    extra: list[Record] = [record for record in looked_at if is_gone(record)]
    rows = {record.id: record for record in (*records, *extra)}
    gone = GoneRows(draft, rows, settings.inbound.on_remote_delete)
    for record in (*extra, *filter(is_gone, records)):
        gone.plan(record)

    live = _LiveRows(draft, kind, settings, asked_at, manner)
    for record in looked_at:
        # Its row may have been read before it was linked, and would not be read again.
        comes_in = settings.inbound.objects[record.object].takes(record) or record.id in chosen
        if comes_in and draft.takes_over(record):
            live.plan(record)
    for record in records:
        if not is_gone(record):
            live.plan(record)
    return draft.plan


def is_gone(record: Record) -> bool:
    """Return whether *record* was deleted, merged into another or converted."""
    return record.deleted or record.conversion is not None


def _is_outdated(record: Record, counterpart: Counterpart) -> bool:
    """Return whether a later version was applied.

    One of the same stamp may still be new: stamps count seconds, and a record can change twice in
    one. Its values tell, and cost nothing if they are the same.
    """
    return counterpart.modstamp is not None and record.modstamp < counterpart.modstamp


def _is_another_version(record: Record, counterpart: Counterpart) -> bool:
    """Return whether somebody else than we made another version than was applied."""
    if counterpart.written_until is not None and record.modified_at <= counterpart.written_until:
        return False
    return counterpart.modstamp != record.modstamp


class _LiveRows(Generic[Subject]):
    """Plans rows that live."""

    def __init__(
        self,
        draft: Draft[Subject],
        kind: SubjectKind[Subject],
        settings: SyncSettings,
        asked_at: datetime,
        manner: Manner,
    ) -> None:
        self._draft: Draft[Subject] = draft
        self._kind: SubjectKind[Subject] = kind
        self._settings = settings
        self._fields = {sobject: settings.fields_of(sobject) for sobject in SObject}
        self._asked_at = asked_at
        self._manner = manner

    def plan(self, record: Record) -> None:
        link = self._draft.link(record.id)
        subject = self._draft.subject_of(link)
        if self._manner.linked_only:
            self._fill(record, link, subject)
            return
        if link is not None:
            if link.state is LinkState.DELETED_HERE:
                self._draft.settle(record, Reason.DELETED_HERE)
                return
            if link.state is LinkState.LINKED and self._follow(record, link, subject):
                return
            if is_secondary(record, link, subject) and self._follow_secondary(record, subject):
                return
            if link.state is LinkState.DELETED_THERE and subject and not subject.counterpart:
                self._adopt(subject, record, LinkedBy.UNDELETION)
                return

        obstacle = self._kind.obstacle(record)
        if obstacle:
            self._draft.skip(record, obstacle)
        else:
            self._match(record, link)

    def _fill(self, record: Record, link: Link | None, subject: Subject | None) -> None:
        """Apply what was read of a record, if it is a counterpart already."""
        counterpart = subject.counterpart if subject else None
        holds = link and link.state is LinkState.LINKED
        if subject and holds and counterpart and counterpart.record_id == record.id:
            self._apply(subject, record, known_as=Change.UPDATED)
        else:
            self._draft.settle(record, Reason.NOT_LINKED)

    def _follow(self, record: Record, link: Link, subject: Subject | None) -> bool:
        """Apply a record that has a link; return whether the link still held."""
        if subject is None and link.linked_by not in {None, LinkedBy.RECORD}:
            # Somebody was to move here, and was deleted before an earlier run came to that.
            self._draft.close(record, link, LinkState.DELETED_HERE)
            self._draft.settle(record, Reason.DELETED_HERE)
            return True
        if subject is None and self._kind.obstacle(record):
            return False
        if subject is None:
            # The crash of an earlier run fell between the link and its item: finish the work.
            self._create(record, link.subject_id or id_for(record))
            return True
        if subject.counterpart is None:
            self._adopt(subject, record, link.linked_by or LinkedBy.RECORD)
            return True
        if subject.counterpart.record_id != record.id:
            return False
        self._apply(subject, record, known_as=Change.UPDATED)
        return True

    def _follow_secondary(self, record: Record, subject: Subject | None) -> bool:
        """Apply a further record of a contact; return whether it still is one."""
        if subject is None:
            return False
        if subject.counterpart is None:
            fresh = without_secondary(subject, record.id)
            self._adopt(fresh, record, LinkedBy.LOCAL_MERGE)
            return True
        if subject.counterpart.record_id == record.id:
            self._adopt(subject, record, LinkedBy.LOCAL_MERGE)
            return True
        by, state = LinkedBy.LOCAL_MERGE, LinkState.SECONDARY
        self._draft.claim(record, record.id, record.object, subject.id, by, state=state)
        after = with_secondary(subject, record, self._settings, now=self._draft.now)
        if after is subject:
            self._draft.settle(record, Reason.NO_CHANGE)
        else:
            self._draft.store(record, after)
            self._draft.settle(record, Change.UPDATED)
        return True

    def _match(self, record: Record, link: Link | None) -> None:
        namesakes = self._draft.namesakes(self._kind.key(record))
        for subject in namesakes:
            if subject.counterpart is None:
                # First meeting: what Salesforce holds of it was never seen before.
                fresh = replace(subject, ledger=replace(subject.ledger, shadows={}))
                by = LinkedBy.EMAIL if record.object.is_person else LinkedBy.DOMAIN
                self._adopt(fresh, record, by)
                return
        subject_id = id_for(record)
        if link and link.subject_id:
            # What it once gave birth to lives on with another counterpart, or is no more.
            subject_id = derived_id("record", record.id, "after", link.subject_id)
        if namesakes and record.object.is_person:
            others = ", ".join(namesake.id for namesake in namesakes[:5])
            self._draft.tell(
                Action.WARNED, Reason.DUPLICATE_EMAIL, record, subject_id, f"as {others}"
            )
        self._create(record, subject_id)

    def _create(self, record: Record, subject_id: str) -> None:
        now = self._draft.now
        subject = self._kind.born(subject_id, record, self._fields[record.object], now)
        counterpart = Counterpart(
            record_id=record.id,
            object=record.object,
            linked_at=now,
            linked_by=LinkedBy.RECORD,
            modstamp=record.modstamp,
        )
        subject = self._kind.settled(replace(subject, counterpart=counterpart), record)
        self._draft.claim(record, record.id, record.object, subject_id, LinkedBy.RECORD)
        self._draft.store(record, subject)
        self._draft.add_namesake(self._kind.key(record), subject)
        self._draft.settle(record, Change.CREATED)

    def _adopt(self, subject: Subject, record: Record, by: LinkedBy) -> None:
        """Link an existing contact to this record, and merge the two."""
        self._draft.claim(record, record.id, record.object, subject.id, by)
        former = subject.former
        counterpart = Counterpart(
            record_id=record.id,
            object=record.object,
            linked_at=self._draft.now,
            linked_by=by,
            origin=former.began_by if former and by is LinkedBy.UNDELETION else None,
        )
        if by is LinkedBy.UNDELETION:
            self._draft.tell(Action.LINKED, Reason.RELINKED_BY_UNDELETION, record, subject.id)
        elif by is LinkedBy.EMAIL:
            self._draft.tell(Action.LINKED, Reason.LINKED_BY_EMAIL, record, subject.id)
        self._apply(linked(subject, counterpart), record, known_as=Change.LINKED)

    def _apply(self, subject: Subject, record: Record, *, known_as: Change) -> None:
        counterpart = subject.counterpart
        if counterpart is None or _is_outdated(record, counterpart):
            # Another run has applied a later version of it already.
            self._draft.settle(record, Reason.STALE)
            return
        if counterpart.written_at is not None and self._asked_at < counterpart.written_at:
            # The page may show the record as it was before our own write; it comes again.
            self._draft.settle(record, Reason.STALE)
            return

        fields = self._fields[record.object]
        until = written_until(subject, record, fields)
        merge = merge_record(
            ledger_against(subject, record, fields), record, fields, written_until=until
        )
        # What was forgotten before the merge may be just what it has learned again.
        ledger = subject.ledger if merge.ledger == subject.ledger else merge.ledger
        after = subject
        if ledger is not subject.ledger:
            after = replace(subject, ledger=ledger)
        after = self._kind.settled(after, record)
        first = counterpart.modstamp is None
        news = (
            known_as is Change.LINKED
            or ledger is not subject.ledger
            or _is_another_version(record, counterpart)
        )
        outbound = self._settings.outbound
        # Our own write that comes back is no reason to try again what was refused of it.
        parked = subject.waiting is not None and subject.waiting.lane is Lane.PARKED
        ours = news and (first or merge.send) and not (parked and is_echo(record, until))
        if ours or (ledger is not subject.ledger and secondaries_of(after)):
            goes = ours and has_to_go(after, record, fields, outbound, written_until=until)
            after = self._marked(after, goes=goes)
        complaint = record.unreadable and counterpart.modstamp != record.modstamp
        if after is subject and known_as is Change.UPDATED and not complaint:
            self._draft.settle(record, Reason.NO_CHANGE)
            return
        if merge.blanks:
            self._draft.plan.blanked.add(record.id)
        self._tell(merge, record, subject.id)
        # Of a version that was read in part, the rest is still to be applied.
        applied = counterpart.modstamp if self._manner.linked_only else record.modstamp
        moved = replace(after.counterpart or counterpart, modstamp=applied)
        if is_untouched(sent_to(subject, record), record, fields):
            moved = replace(moved, written_until=until)
        after = replace(after, counterpart=moved, updated_at=self._draft.now)
        self._draft.store(record, met(after, now=self._draft.now))
        self._draft.settle(record, known_as)

    def _marked(self, subject: Subject, *, goes: bool) -> Subject:
        """Return *subject* waiting if something goes out to the record, or a refusal is owed."""
        counterpart, now = subject.counterpart, self._draft.now
        writes = counterpart is not None and self._settings.outbound.writes(counterpart.object)
        if goes or (writes and unaware(subject, self._settings)):
            lane = lane_when_met(subject, self._settings)
            return marked(subject, Waiting(lane=lane, next_push_at=now))
        held = held_opt_out(subject, self._settings, now=now)
        return marked(subject, held) if held else subject

    def _tell(self, merge: Merge, record: Record, subject_id: str) -> None:
        for conflict in merge.conflicts:
            self._draft.plan.outcomes.append(
                Outcome(
                    action=Action.CONFLICTED,
                    reason=Reason.BOTH_CHANGED,
                    at=self._draft.now,
                    object=record.object,
                    record_id=record.id,
                    subject_id=subject_id,
                    field=conflict.field,
                    kept="ours" if conflict.ours_won else "theirs",
                    lost=None if conflict.lost is None else str(conflict.lost),
                )
            )
        for name in record.unreadable:
            self._draft.tell(Action.WARNED, Reason.UNREADABLE_VALUE, record, subject_id, name)
