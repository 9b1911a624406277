"""Met records: a contact is linked to a record that exists, and what both of them hold meets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.creation import new_values
from counterpart.domain.gathering import link_ids
from counterpart.domain.links import Counterpart, LinkedBy
from counterpart.domain.mapping import Mode
from counterpart.domain.meeting import meet
from counterpart.domain.moved_places import met_in
from counterpart.domain.opt_outs import mark_when_met
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.pushing import has_to_go
from counterpart.domain.records import ACCOUNT_NAME
from counterpart.domain.sent_values import met
from counterpart.domain.subjects import People, linked
from counterpart.domain.told_conflicts import told, told_of_doubts
from counterpart.use_cases.creation_ports import TRIES, claim_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from counterpart.domain.contacts import Contact
    from counterpart.domain.links import Link
    from counterpart.domain.records import Record
    from counterpart.domain.values import Value
    from counterpart.use_cases.creation_ports import CreationBatch, Person


# No pull has met the record without the field, so none will read it again for that.
_NOT_SHOWN = (
    "the record was met while it did not show this field, whose value comes in with its next "
    "change, or by a backfill"
)


class MetRecords:
    """Links people to records that exist.

    Args:
        batch: That of the people.
    """

    def __init__(self, batch: CreationBatch) -> None:
        self._batch = batch
        self._ports = batch.ports
        self._settings = batch.settings
        self._notes = batch.notes
        self._people = People(links={})

    def links_of(self, records: Iterable[Record]) -> Mapping[str, Link]:
        """Return what these records mean to us, and remember what their Accounts do."""
        links = self._ports.links.get_many(link_ids(records))
        self._people = People(links={**self._people.links, **links})
        return links

    def link(self, person: Person, record: Record, by: LinkedBy) -> bool:
        """Link a contact to a record that exists; return whether it worked."""
        if not self._batch.dry_run and not self._store_link(person, record, by):
            return False
        if by is LinkedBy.CREATION:
            self._notes.count(record.object, "found_again")
            action, reason = Action.CREATED, Reason.CREATED
        else:
            self._notes.count(record.object, "linked")
            action, reason = Action.LINKED, Reason.LINKED_BY_EMAIL
        self._notes.tell(action, reason, person.contact.id, record=record)
        self._tell_of_unread(person.contact.id, record)
        return True

    def _tell_of_unread(self, contact_id: str, record: Record) -> None:
        """Tell of the fields whose value the record did not show, or that is none of their type."""
        for field in self._settings.fields_of(record.object):
            if field.name in record.values or field.mode is Mode.DO_NOT_SYNC:
                continue
            if record.is_person_account and field.paths[record.object].lower() == ACCOUNT_NAME:
                continue
            unreadable = field.name in record.unreadable
            self._notes.tell(
                Action.WARNED,
                Reason.UNREADABLE_VALUE if unreadable else Reason.FIELD_UNAVAILABLE,
                contact_id,
                record=record,
                name=field.name,
                message="" if unreadable else _NOT_SHOWN,
            )

    def _store_link(self, person: Person, record: Record, by: LinkedBy) -> bool:
        contact_id = person.contact.id
        if not claim_record(
            self._ports,
            record_id=record.id,
            sobject=record.object,
            subject_id=contact_id,
            by=by,
            now=self._batch.now,
        ):
            return False
        fields = self._settings.fields_of(record.object)
        for _ in range(TRIES):
            contact = self._ports.contacts.get_many([contact_id]).get(contact_id)
            if contact is None or contact.counterpart:
                return True
            meeting = meet(
                contact.ledger, record, fields, sent=self._sent(contact, person, record, by)
            )
            counterpart = Counterpart(
                record_id=record.id,
                object=record.object,
                linked_at=self._batch.now,
                linked_by=by,
                modstamp=record.modstamp,
                placed=met_in(record, fields),
                written_until=record.modified_at if meeting.untouched else None,
            )
            merged = linked(replace(contact, ledger=meeting.ledger), counterpart)
            goes = has_to_go(
                merged,
                record,
                fields,
                self._settings.outbound,
                written_until=counterpart.written_until,
            )
            waiting = mark_when_met(merged, self._settings, goes=goes, now=self._batch.now)
            after = replace(
                met(self._people.settled(merged, record), now=self._batch.now),
                creation=None,
                waiting=waiting,
                updated_at=self._batch.now,
            )
            lost = [
                *told(meeting.conflicts, record, subject_id=contact_id, at=self._batch.now),
                *told_of_doubts(contact, meeting.ledger, record, fields, at=self._batch.now),
            ]
            if lost:
                self._notes.outcomes += lost
                # After a crash nobody could tell any more that there were two values.
                self._notes.keep()
            if not self._ports.contacts.save_many([after]):
                return True
        return False

    def _sent(
        self, contact: Contact, person: Person, record: Record, by: LinkedBy
    ) -> Mapping[str, tuple[Value, ...]]:
        """Return what of ours a record may hold; one that bears our id has what we would send."""
        sent = dict(contact.sent.values) if contact.sent else {}
        if by is LinkedBy.CREATION:
            _, values = new_values(
                contact,
                self._settings.fields_of(record.object),
                record.object,
                domain=person.domain,
                rules=self._settings.creation,
            )
            for name, value in values.items():
                sent[name] = (*sent.get(name, ()), value)
        return sent
