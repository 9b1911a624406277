"""Before creating: whoever is in Salesforce already is linked instead, and Accounts are found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.creation_settings import OnExistingMatch
from counterpart.domain.emails import email_key
from counterpart.domain.free_records import free_record, occupied
from counterpart.domain.links import OWNED, LinkedBy, LinkState
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import SObject, object_of
from counterpart.use_cases.creation_ports import KEPT_CHANGING
from counterpart.use_cases.found_accounts import FoundAccounts
from counterpart.use_cases.fresh_records import FreshRecords
from counterpart.use_cases.made_before import awaited_records, own_records
from counterpart.use_cases.made_beside import let_go
from counterpart.use_cases.met_records import MetRecords
from counterpart.use_cases.settled_people import Settled, told_apart

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from counterpart.domain.contacts import Contact
    from counterpart.domain.links import Link
    from counterpart.domain.records import Record
    from counterpart.domain.refusals import Refusal
    from counterpart.ports import LookUp
    from counterpart.use_cases.creation_ports import CreationBatch, Person


class ExistingRecords:
    """Looks people and Accounts up, and links what is found.

    Args:
        batch: That of the people.
    """

    def __init__(self, batch: CreationBatch) -> None:
        self._batch = batch
        self._ports = batch.ports
        self._settings = batch.settings
        self._notes = batch.notes
        self._alike: dict[str, tuple[str, ...]] = {}
        self._accounts = FoundAccounts(batch)
        self._met = MetRecords(batch)
        self._fresh = FreshRecords(batch.ports.reader, batch.settings)

    def settle(self, people: Sequence[Person]) -> Settled:
        """Link those whose record exists."""
        found = self._look_up(people)
        settled = self._link_instead(people, found)
        rest = [self._accounts.choose(person, found.accounts) for person in settled.rest]
        return replace(settled, rest=rest)

    def adopt(self, refused: Sequence[tuple[Person, Refusal]]) -> set[str]:
        """Link to the record that Salesforce takes for a duplicate, where it is one and free.

        Returns:
            The ids of the contacts that were linked.
        """
        wanted: set[str] = set()
        for _, refusal in refused:
            sobject = object_of(refusal.matches[0]) if len(refusal.matches) == 1 else None
            if sobject and sobject.is_person:
                wanted.add(refusal.matches[0])
        if not wanted:
            return set()
        found = self._fresh.find(wanted)
        links = self._with_held(self._met.links_of(found.values()))
        taken: set[str] = set()
        adopted: set[str] = set()
        for person, refusal in refused:
            matches = [found[match] for match in refusal.matches if match in found]
            if len(refusal.matches) != 1:
                continue
            record, _ = free_record(matches, links, person.contact.id, taken)
            if record is not None and self._met.link(person, record, LinkedBy.EMAIL):
                taken.add(record.id)
                adopted.add(person.contact.id)
        return adopted

    def let_go(self, contacts: Sequence[Contact], *, again: Collection[str]) -> None:
        """Look for records that tries which broke off have got people who met another one.

        A try may have made one, or linked one that has their address. It costs a call, if there was
        such a try at all.

        Args:
            contacts: Those who met another record.
            again: The ids of all whose job was delivered before.
        """
        tried = {each.id: each for each in contacts if each.sent or each.id in again}
        if not tried:
            return
        keys = {email_key(each.email) for each in tried.values() if each.id in again}
        found = self._fresh.ask(
            (SObject.CONTACT, SObject.LEAD),
            lambda fields: self._ports.salesforce.look_up(
                emails={key for key in keys if key}, domains=(), fields=fields, contact_ids=tried
            ),
        )
        links = self._ports.links.get_many([match.record.id for match in found.people])
        for match in found.people:
            record, link = match.record, links.get(match.record.id)
            if contact := tried.get(match.external_id or ""):
                let_go(contact, record.id, record.object, self._batch, how="made for")
            elif link and link.state is LinkState.LINKED and link.subject_id in tried:
                contact = tried[link.subject_id]
                let_go(contact, record.id, record.object, self._batch, how="found for")

    def named(self, record_ids: Sequence[str]) -> str:
        """Return records for people to read, each with the contact that it is linked to."""
        links = self._ports.links.get_many(record_ids)
        return ", ".join(
            f"{record_id} is linked to contact {link.subject_id}"
            if (link := links.get(record_id)) and link.subject_id
            else record_id
            for record_id in record_ids
        )

    def alike(self, person: Person) -> tuple[str, ...]:
        """Return the records that have this person's address, free or not."""
        return self._alike.get(person.key, ())

    def _look_up(self, people: Sequence[Person]) -> LookUp:
        """Ask Salesforce for people and Accounts, in one call."""
        unseen, made_before = self._accounts.unseen(people), self._accounts.made_before(people)
        return self._fresh.ask(
            (SObject.CONTACT, SObject.LEAD),
            lambda fields: self._ports.salesforce.look_up(
                emails={person.key for person in people if person.key},
                domains=unseen,
                fields=fields,
                contact_ids={person.contact.id for person in people},
                company_ids=made_before,
            ),
        )

    def _link_instead(self, people: Sequence[Person], found: LookUp) -> Settled:
        by_email: dict[str, list[Record]] = {}
        for match in found.people:
            by_email.setdefault(match.email_key, []).append(match.record)
        self._alike = {
            key: tuple(record.id for record in records) for key, records in by_email.items()
        }
        links = self._with_held(self._met.links_of([match.record for match in found.people]))
        own = own_records(found, people)
        taken = set(awaited_records(found, people, self._ports.contacts))
        failed: dict[str, str] = {}
        lost: list[tuple[Person, str]] = []
        alone: list[Person] = []
        for person in people:
            contact_id = person.contact.id
            if mine := own.get(contact_id):
                if _is_anothers(links.get(mine.id), contact_id):
                    lost.append((person, mine.id))
                elif not self._met.link(person, mine, LinkedBy.CREATION):
                    failed[contact_id] = KEPT_CHANGING
                continue
            record, others = free_record(by_email.get(person.key, ()), links, contact_id, taken)
            if record is None:
                alone.append(person)
                continue
            taken.add(record.id)
            if others:
                self._notes.tell(
                    Action.WARNED,
                    Reason.AMBIGUOUS_MATCH,
                    contact_id,
                    record=record,
                    message=f"also {', '.join(others)}",
                )
            if not self._met.link(person, record, LinkedBy.EMAIL):
                failed[contact_id] = KEPT_CHANGING
        if self._settings.creation.on_existing_match is OnExistingMatch.CREATE:
            return Settled(rest=alone, failed=failed, lost=lost)
        theirs = {
            person.contact.id: self.named(records)
            for person in alone
            for records in [occupied(by_email.get(person.key, ()), links, person.contact.id, taken)]
            if records
        }
        apart = told_apart(alone, theirs)
        return replace(apart, failed={**failed, **apart.failed}, lost=lost)

    def _with_held(self, links: Mapping[str, Link]) -> Mapping[str, Link]:
        """Return *links* with those as linked whose contact was about to be deleted, and is there.

        What broke off there is completed when somebody deletes it again; until then it has its
        record.
        """
        left = {
            link.record_id: link.subject_id
            for link in links.values()
            if link.state is LinkState.DELETED_HERE and link.subject_id
        }
        there = self._ports.contacts.get_many(set(left.values())) if left else {}
        held = {
            record_id: replace(links[record_id], state=LinkState.LINKED)
            for record_id, contact_id in left.items()
            if contact_id in there and there[contact_id].record_id == record_id
        }
        return {**links, **held}


def _is_anothers(link: Link | None, contact_id: str) -> bool:
    return link is not None and link.state in OWNED and link.subject_id != contact_id
