"""Rows that are lost: deleted, or taken over by what was deleted in its turn.

A contact or company stays without its record, or goes along, as the settings say; if the record
comes back, or what took over from it does, that is linked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from counterpart.domain.heirs import Heir, as_counterpart, ended_by, heir_of, untold
from counterpart.domain.inbound_settings import OnRemoteDelete
from counterpart.domain.links import LinkState
from counterpart.domain.opt_outs import owes_opt_out
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.page_plan import Change
from counterpart.domain.subjects import Subject, further_of, linked, secondaries_of, unlinked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterpart.domain.links import Link
    from counterpart.domain.page_plan import Draft
    from counterpart.domain.records import Record
    from counterpart.domain.sync_settings import SyncSettings

_STAYS = (
    "the contact stays, as Salesforce does not know yet that this person refuses to be mailed; "
    "delete it here if that may be forgotten"
)


class LostRows(Generic[Subject]):
    """Plans rows that were deleted.

    Args:
        draft: What it writes its plan into.
        rows: Every row of the page, and those looked at besides, by id.
        settings: What the deletion of a record does to its contact.
    """

    def __init__(
        self, draft: Draft[Subject], rows: Mapping[str, Record], settings: SyncSettings
    ) -> None:
        self._draft: Draft[Subject] = draft
        self._rows = rows
        self._settings = settings

    def lose(self, heard: Subject, link: Link, record: Record, *, before: Subject) -> None:
        """Plan what becomes of whoever had a record that was deleted.

        Args:
            heard: The contact or company, with a refusal that the record held when it went.
            link: Of the record.
            record: That is gone, and lives on as nothing that is there.
            before: The same contact or company, as it is stored.
        """
        former = before.former.record_id if before.former else None
        heir = self._heir_in_bin(before, record)
        lost = record.id if heir is None else heir.record_id
        is_lost = before.counterpart is None and former == lost
        if is_lost or self._settings.inbound.on_remote_delete is OnRemoteDelete.IGNORE:
            if before.counterpart is None:
                # Nobody follows it: an earlier run broke off before it came to the link.
                self._end(before, link, record, heir)
            if heard is not before:
                self._draft.store(record, heard)
            self._draft.settle(record, Reason.DELETED_THERE)
            return
        # People belong to a company, so a deleted Account never takes it along.
        alone = record.object.is_person and all(one.gone for one in secondaries_of(before))
        deletes = self._settings.inbound.on_remote_delete is OnRemoteDelete.DELETE and alone
        # A refusal that Salesforce does not know yet would be forgotten with its contact.
        stays = deletes and owes_opt_out(before, self._settings)
        if deletes and not stays:
            self._draft.close(record, link, LinkState.DELETED_THERE)
            self._draft.tell(Action.DELETED, Reason.DELETED_THERE, record, before.id)
            self._draft.delete(record, before)
            self._draft.settle(record, Change.DELETED)
            return
        self._end(before, link, record, heir)
        if heir:
            held = before.counterpart or before.former
            heard = linked(untold(heard), as_counterpart(heir, held, now=self._draft.now))
        message = _STAYS if stays else ""
        self._draft.tell(Action.UNLINKED, Reason.DELETED_THERE, record, before.id, message)
        self._draft.store(record, unlinked(heard))
        self._draft.settle(record, Change.UNLINKED)

    def _heir_in_bin(self, subject: Subject, record: Record) -> Heir | None:
        """Return what *record* lives on as, which was deleted, and is *subject*'s if it comes back.

        It is not if somebody else had it; a further record of *subject*'s is kept in mind already.
        """
        heir = heir_of(record, self._rows, in_bin=True)
        if heir is None or further_of(subject, heir.record_id):
            return None
        owner = self._draft.subject_of(self._draft.owned(heir.record_id))
        return heir if owner is None or owner.id == subject.id else None

    def _end(self, subject: Subject, link: Link, record: Record, heir: Heir | None) -> None:
        """End a link because of a deletion, be it of the record itself or of its heir."""
        if heir is None:
            self._draft.close(record, link, LinkState.DELETED_THERE)
            return
        self._draft.close(record, link, ended_by(record))
        self._draft.claim(record, heir.record_id, heir.object, subject.id, heir.by)
        claimed = self._draft.owned(heir.record_id)
        if claimed:
            self._draft.close(self._rows[heir.record_id], claimed, LinkState.DELETED_THERE)
