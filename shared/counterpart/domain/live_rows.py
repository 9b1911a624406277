"""Rows that live: whom each belongs to, found by its link, by its key, or born of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Generic, TypeGuard

from counterpart.domain.ids import derived_id
from counterpart.domain.lifting import taken_over, undoes_opt_in
from counterpart.domain.links import Counterpart, LinkedBy, LinkState
from counterpart.domain.moved_places import met_in
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.page_plan import Change, Draft, Manner
from counterpart.domain.records import SObject
from counterpart.domain.row_values import RowValues
from counterpart.domain.secondary_records import is_secondary, with_former, with_secondary
from counterpart.domain.sent_values import is_untouched, sent_to
from counterpart.domain.subjects import (
    Subject,
    further_of,
    id_for,
    is_half_linked,
    linked,
    unlinked,
)
from counterpart.domain.told_conflicts import undone_opt_in

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.links import Link
    from counterpart.domain.records import Record
    from counterpart.domain.subjects import SubjectKind
    from counterpart.domain.sync_settings import SyncSettings

# What takes over from a record, and what goes on with it or with one that was there before.
_HEIRS = frozenset({LinkedBy.CONVERSION, LinkedBy.MERGE})
_GOES_ON = _HEIRS | {LinkedBy.UNDELETION}


class LiveRows(Generic[Subject]):
    """Plans rows that live.

    Args:
        draft: What it writes its plan into.
        kind: How these records become contacts, or companies.
        settings: By which modes the fields cross.
        asked_at: By our clock, when the page was asked for.
        manner: How they are taken.
    """

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
        self._manner = manner
        self._values: RowValues[Subject] = RowValues(
            draft,
            kind,
            settings=settings,
            fields=self._fields,
            asked_at=asked_at,
            manner=manner,
        )

    def plan(self, record: Record) -> None:
        """Plan one of them."""
        link = self._draft.link(record.id)
        subject = self._draft.subject_of(link)
        if self._manner.linked_only:
            self._fill(record, link, subject)
            return
        if self._manner.returned:
            self._take_back(record, link, subject)
            return
        if link is not None:
            if link.state is LinkState.DELETED_HERE:
                self._draft.settle(record, Reason.DELETED_HERE)
                return
            if link.state is LinkState.LINKED and (
                self._turned_into_a_person(record, subject) or self._follow(record, link, subject)
            ):
                return
            if is_secondary(link, subject) and self._follow_secondary(record, subject):
                return
            if _lacks_its_record(subject, link):
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
            self._values.apply(subject, record, known_as=Change.UPDATED)
        else:
            self._draft.settle(record, Reason.NOT_LINKED)

    def _take_back(self, record: Record, link: Link | None, subject: Subject | None) -> None:
        """Link a record again that came back, unless somebody has been quicker."""
        deleted = link is not None and link.state is LinkState.DELETED_THERE
        half = subject is not None and is_half_linked(subject, link)
        if link and (deleted or half) and is_secondary(link, subject):
            self._follow_secondary(record, subject)
        elif _lacks_its_record(subject, link):
            self._adopt(subject, record, LinkedBy.UNDELETION)
        elif link and subject and half:
            self._adopt(subject, record, link.linked_by or LinkedBy.RECORD)
        else:
            self._draft.settle(record, Reason.NO_CHANGE)

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
        self._values.apply(subject, record, known_as=Change.UPDATED)
        return True

    def _turned_into_a_person(self, record: Record, subject: Subject | None) -> bool:
        """End the link of a company whose Account is a person by now; return whether it is."""
        if not record.is_a_person or subject is None or subject.record_id != record.id:
            return False
        self._draft.store(record, unlinked(subject))
        self._draft.skip(record, Reason.PERSON_ACCOUNT)
        self._draft.tell(Action.UNLINKED, Reason.PERSON_ACCOUNT, record, subject.id)
        self._draft.settle(record, Change.UNLINKED)
        return True

    def _follow_secondary(self, record: Record, subject: Subject | None) -> bool:
        """Apply a further record of a contact; return whether it still is one."""
        if subject is None:
            return False
        if subject.counterpart is None or subject.counterpart.record_id == record.id:
            self._adopt(subject, record, LinkedBy.LOCAL_MERGE)
            return True
        by, state = LinkedBy.LOCAL_MERGE, LinkState.SECONDARY
        self._draft.claim(record, record.id, record.object, subject.id, by, state=state)
        after = with_secondary(subject, record, self._settings, now=self._draft.now)
        if after is subject:
            self._draft.settle(record, Reason.NO_CHANGE)
            return True
        if undoes_opt_in(subject, after, record):
            self._draft.plan.outcomes.append(
                undone_opt_in(record, subject_id=subject.id, at=self._draft.now)
            )
        self._draft.store(record, after)
        self._draft.settle(record, Change.UPDATED)
        return True

    def _match(self, record: Record, link: Link | None) -> None:
        namesakes = self._draft.namesakes(self._kind.key(record))
        free = [each for each in namesakes if each.counterpart is None]
        if free:
            # A record that was made for one of them, without an answer, is that one's.
            subject = next((each for each in free if self._made_for(each, record)), free[0])
            # First meeting: what Salesforce holds of it was never seen before.
            fresh = replace(subject, ledger=replace(subject.ledger, shadows={}, passing={}))
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

    def _made_for(self, subject: Subject, record: Record) -> bool:
        """Return whether *record* holds just what was sent to make one for *subject*."""
        return is_untouched(sent_to(subject, record), record, self._fields[record.object])

    def _create(self, record: Record, subject_id: str) -> None:
        now = self._draft.now
        fields = self._fields[record.object]
        subject = self._kind.born(subject_id, record, fields, now)
        counterpart = Counterpart(
            record_id=record.id,
            object=record.object,
            linked_at=now,
            linked_by=LinkedBy.RECORD,
            modstamp=record.modstamp,
            placed=met_in(record, fields),
        )
        subject = self._kind.settled(replace(subject, counterpart=counterpart), record)
        self._draft.claim(record, record.id, record.object, subject_id, LinkedBy.RECORD)
        self._draft.store(record, subject)
        self._draft.add_namesake(self._kind.key(record), subject)
        self._values.tell_unreadable(record, subject_id)
        self._draft.settle(record, Change.CREATED)

    def _adopt(self, subject: Subject, record: Record, by: LinkedBy) -> None:
        """Link an existing contact to this record, and merge the two."""
        self._draft.claim(record, record.id, record.object, subject.id, by)
        former, further = subject.former, further_of(subject, record.id)
        if former and further:
            subject = with_former(subject, self._draft.link(former.record_id))
        before = further or (former if by in _GOES_ON else None)
        came_from = before.came_from if before else None
        back = former if by is LinkedBy.UNDELETION else None
        # What took over before it was deleted may never have been met, which its link has to say.
        unmet = back if back and back.modstamp is None and back.linked_by in _HEIRS else None
        counterpart = Counterpart(
            record_id=record.id,
            object=record.object,
            linked_at=self._draft.now,
            linked_by=unmet.linked_by if unmet else by,
            origin=back.began_by if back else None,
            came_from=came_from if came_from and came_from != subject.id else None,
        )
        if by is LinkedBy.UNDELETION:
            self._draft.tell(Action.LINKED, Reason.RELINKED_BY_UNDELETION, record, subject.id)
        elif by is LinkedBy.EMAIL:
            self._draft.tell(Action.LINKED, Reason.LINKED_BY_EMAIL, record, subject.id)
        after = taken_over(subject, linked(subject, counterpart), may_refuse=True)
        self._values.apply(after, record, known_as=Change.LINKED)


def _lacks_its_record(subject: Subject | None, link: Link | None) -> TypeGuard[Subject]:
    """Return whether *subject* had the record of this link, and has none since that was deleted."""
    deleted = link is not None and link.state is LinkState.DELETED_THERE
    return deleted and subject is not None and subject.counterpart is None
