"""Rows that are gone: deleted, merged into another, or leads that were converted.

They move or end links, and are planned before any row that lives: the Contact that a lead became
must find its contact already moved, or it would be taken for somebody new.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Generic, TypeGuard

from counterpart.domain.heirs import Heir, as_counterpart, ended_by, heir_of, to_be_told, untold
from counterpart.domain.last_refusals import having_heard, shared, told_of_opt_in
from counterpart.domain.lifting import taken_over
from counterpart.domain.links import OWNED, LinkState
from counterpart.domain.lost_rows import LostRows
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.page_plan import Change
from counterpart.domain.records import SObject
from counterpart.domain.secondary_records import lost_further, moved_secondary
from counterpart.domain.subjects import Subject, further_of, linked, unlinked
from counterpart.domain.waiting import Lane, Waiting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterpart.domain.links import Link
    from counterpart.domain.page_plan import Draft
    from counterpart.domain.records import Record
    from counterpart.domain.sync_settings import SyncSettings


class GoneRows(Generic[Subject]):
    """Plans rows that are gone.

    Args:
        draft: What it writes its plan into.
        rows: Every row of the page, and those looked at besides, by id.
        settings: What the deletion of a record does to its contact, and how a refusal is judged.
    """

    def __init__(
        self, draft: Draft[Subject], rows: Mapping[str, Record], settings: SyncSettings
    ) -> None:
        self._draft: Draft[Subject] = draft
        self._rows = rows
        self._settings = settings
        self._lost: LostRows[Subject] = LostRows(draft, rows, settings)

    def plan(self, record: Record) -> None:
        """Plan one of them."""
        link = self._draft.link(record.id)
        subject = self._draft.subject_of(link)
        if subject and self._is_further(link, subject, record):
            self._end_secondary(self._heard(subject, record), link, record)
        elif subject and _was_lost(link, subject) and (heir := heir_of(record, self._rows)):
            # Somebody took it out of the recycle bin, and it was gone again before we saw it there.
            self._move(self._heard(subject, record), link, record, heir)
        elif link and link.state is LinkState.SECONDARY:
            # A run broke off before it came to this link, and its contact was merged away since.
            self._draft.close(record, link, ended_by(record))
            self._draft.settle(record, Reason.NO_CHANGE)
        elif link is None or link.state is not LinkState.LINKED or subject is None:
            if link and link.state is LinkState.DELETED_HERE:
                self._keep_outside(record, link)
            reason = Reason.LEAD_CONVERTED if record.conversion else Reason.DELETED_THERE
            self._draft.settle(record, reason)
        elif subject.counterpart and subject.counterpart.record_id != record.id:
            # It moved on already; only the end of this link was lost in a crash.
            self._draft.close(record, link, ended_by(record))
            self._draft.settle(record, Reason.NO_CHANGE)
        elif heir := heir_of(record, self._rows):
            self._move(self._heard(subject, record), link, record, heir)
        else:
            self._lost.lose(self._heard(subject, record), link, record, before=subject)

    def _heard(self, subject: Subject, record: Record) -> Subject:
        """Return *subject* with a refusal that its record held when it went."""
        after = having_heard(subject, record, self._settings, now=self._draft.now)
        return self._told(subject, after, record)

    def _told(self, before: Subject, after: Subject, record: Record) -> Subject:
        """Return *after*, whose opt-in may be undone by what happened to *record*."""
        self._draft.plan.outcomes += told_of_opt_in(before, after, record, at=self._draft.now)
        return after

    def _share(self, subject: Subject, held: Link, record: Record, heir: Heir) -> Subject:
        """Let whoever has what took over from *record* refuse if *subject* does; and back."""
        owner = self._draft.subject_of(held)
        if owner is None:
            return subject
        row, now = self._rows.get(heir.record_id), self._draft.now
        after, owner_after = shared(subject, owner, row, now=now)
        for before, refusing in ((subject, after), (owner, owner_after)):
            if self._told(before, refusing, record) is not before:
                message = f"{subject.id} and {owner.id} are one person there, who has refused"
                self._draft.tell(Action.WARNED, _duplicate(heir), record, before.id, message)
        if owner_after is not owner:
            self._draft.store(record, owner_after)
        return after

    def _keep_outside(self, record: Record, link: Link) -> None:
        """See to it that a person who was deleted here does not come back as a Contact."""
        contact_id = record.conversion.contact_id if record.conversion else None
        if contact_id and self._draft.link(contact_id) is None:
            self._draft.shut_out(record, contact_id, SObject.CONTACT, link.subject_id)

    def _move(self, subject: Subject, link: Link, record: Record, heir: Heir) -> None:
        """Link *subject* to the record that took over, unless that has a contact of its own."""
        converted = heir.converted
        held = self._draft.owned(heir.record_id)
        if held and self._is_anothers(held, subject.id):
            # Whoever has what took over has what was about this record.
            self._draft.close(record, replace(link, subject_id=held.subject_id), ended_by(record))
            stored = self._draft.subject_of(link)
            subject = self._share(subject, held, record, heir)
            if subject.counterpart or subject is not stored:
                self._draft.store(record, unlinked(subject))
            taken_by = f"{heir.record_id} belongs to {held.subject_id}"
            self._draft.tell(Action.WARNED, _duplicate(heir), record, subject.id, taken_by)
            self._draft.settle(record, Change.UNLINKED)
            return

        self._draft.close(record, link, ended_by(record))
        self._let_go(record, held, subject.id)
        self._draft.claim(record, heir.record_id, heir.object, subject.id, heir.by)
        before = subject.counterpart or subject.former
        counterpart = as_counterpart(heir, before, now=self._draft.now)
        after = to_be_told(linked(untold(subject), counterpart), now=self._draft.now)
        after = taken_over(subject, after, may_refuse=heir.was_there)
        if subject.counterpart is None:
            # What was edited while there was no record may go by now; a push sees to that.
            after = replace(after, waiting=Waiting(lane=Lane.FRESH, next_push_at=self._draft.now))
        self._store(record, after)
        reason = Reason.RELINKED_BY_CONVERSION if converted else Reason.RELINKED_BY_MERGE
        now_at = f"now {heir.object} {heir.record_id}"
        self._draft.tell(Action.LINKED, reason, record, subject.id, now_at)
        self._draft.settle(record, Change.RELINKED)

    def _end_secondary(self, subject: Subject, link: Link, record: Record) -> None:
        """End the link of a further record; what took over is one from now on, if it is free."""
        heir = heir_of(record, self._rows)
        # What took over may be gone in its turn; then the record counts as deleted.
        lives_on = heir is not None or record.conversion is not None
        ended = ended_by(record) if lives_on else LinkState.DELETED_THERE
        self._draft.close(record, link, ended)
        if heir is None:
            # Its shadows stay, should it come back; a lead that was converted never does.
            if record.conversion:
                self._store(record, moved_secondary(subject, record.id, None))
            elif (one := further_of(subject, record.id)) and not one.gone:
                self._store(record, lost_further(subject, record.id))
            self._draft.settle(record, Change.UNLINKED)
            return
        held = self._draft.owned(heir.record_id)
        own = subject.counterpart and subject.counterpart.record_id == heir.record_id
        anothers = self._is_anothers(held, subject.id)
        if held and anothers:
            subject = self._share(subject, held, record, heir)
        if own or anothers:
            self._store(record, moved_secondary(subject, record.id, None))
        else:
            state = LinkState.SECONDARY
            self._let_go(record, held, subject.id)
            self._draft.claim(record, heir.record_id, heir.object, subject.id, heir.by, state=state)
            after = moved_secondary(subject, record.id, (heir.record_id, heir.object))
            self._draft.store(record, to_be_told(after, now=self._draft.now))
        self._draft.settle(record, Change.RELINKED)

    def _store(self, record: Record, subject: Subject) -> None:
        """Store *subject*, and let a push see to what was held for a record that left it."""
        if subject.waiting and subject.waiting.lane is Lane.OPT_OUT:
            waiting = Waiting(lane=Lane.FRESH, next_push_at=self._draft.now)
            subject = replace(subject, waiting=waiting)
        self._draft.store(record, subject)

    def _let_go(self, record: Record, held: Link | None, subject_id: str) -> None:
        """Take a record from whoever is being deleted here, and may be there for long.

        Its edits would go out to a record that is somebody else's.
        """
        owner = self._draft.subject_of(held)
        if held is None or owner is None or owner.id == subject_id:
            return
        if owner.record_id == held.record_id:
            self._draft.store(record, unlinked(owner))
        elif further_of(owner, held.record_id):
            self._draft.store(record, moved_secondary(owner, held.record_id, None))

    def _is_anothers(self, held: Link | None, subject_id: str) -> bool:
        """Return whether a record belongs to somebody else, or will as soon as it is read.

        A further record that was deleted is kept in mind, and this one has come back. Whom a run
        that broke off had linked, and who was merged away since, has nothing any more.
        """
        owner = self._draft.subject_of(held)
        if held is None or owner is None or owner.id == subject_id:
            return False
        if held.state is LinkState.DELETED_THERE:
            return further_of(owner, held.record_id) is not None
        return held.state in OWNED

    def _is_further(self, link: Link | None, subject: Subject, record: Record) -> TypeGuard[Link]:
        """Return whether *record* is a further one of *subject*, and is gone by now.

        Also one that was to become its counterpart, when a run broke off between the two writes,
        and one that left the recycle bin and lives on as another before we saw it there.
        """
        if link is None or link.state is LinkState.SECONDARY:
            return link is not None
        if further_of(subject, link.record_id) is None:
            return False
        if link.state is LinkState.DELETED_THERE:
            return record.conversion is not None or heir_of(record, self._rows) is not None
        return link.state is LinkState.LINKED


def _was_lost(link: Link | None, subject: Subject) -> TypeGuard[Link]:
    """Return whether *subject* has had no record since the one of this link was deleted."""
    former = subject.former
    return (
        link is not None
        and link.state is LinkState.DELETED_THERE
        and subject.counterpart is None
        and former is not None
        and former.record_id == link.record_id
    )


def _duplicate(heir: Heir) -> Reason:
    """Return what is told of a record that took over and has a contact of its own."""
    return Reason.DUPLICATE_AFTER_CONVERSION if heir.converted else Reason.DUPLICATE_AFTER_MERGE
