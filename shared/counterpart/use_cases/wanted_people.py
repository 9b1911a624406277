"""Wanted people: who is still to be created of those whom a batch of jobs is about."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.creation import object_for
from counterpart.domain.outcomes import Action, Reason
from counterpart.use_cases.creation_ports import Person
from counterpart.use_cases.employers import Employers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.domain.contacts import Contact
    from counterpart.domain.records import SObject
    from counterpart.ports import CreationJob
    from counterpart.use_cases.creation_ports import CreationBatch


class WantedPeople:
    """Tells who is to be created; who is not any more is noted with the reason.

    Args:
        batch: Theirs.

    Attributes:
        linked_meanwhile: Those that met a record while they were to be created.
    """

    def __init__(self, batch: CreationBatch) -> None:
        self.linked_meanwhile: list[Contact] = []
        self._batch = batch
        self._ports = batch.ports
        self._settings = batch.settings
        self._notes = batch.notes
        self._employers = Employers(batch.settings.creation, batch.ports.domains)

    def of(self, jobs: Sequence[CreationJob]) -> list[Person]:
        """Return those that are still to be created; what was settled meanwhile is done."""
        by_contact = {job.contact_id: job for job in jobs}
        contacts = self._ports.contacts.get_many(by_contact)
        people = []
        for contact_id, job in by_contact.items():
            contact = contacts.get(contact_id)
            if contact is None:
                self._notes.skip(Reason.NO_SUCH_CONTACT)
            elif contact.counterpart:
                self._notes.skip(Reason.ALREADY_LINKED)
                if contact.creation or contact.counterpart.came_from:
                    # A merge here that has brought a record has withdrawn the request.
                    self.linked_meanwhile.append(contact)
            elif contact.creation is None and not self._batch.dry_run:
                # Created and since deleted in Salesforce, or the request was withdrawn.
                self._notes.skip(Reason.NOT_LINKED)
            elif contact.outbound_paused_at:
                # A request that was set aside is beside a pause that a merge has brought; whoever
                # sends it again ends that.
                self._notes.skip(Reason.OUTBOUND_PAUSED)
            else:
                settled = contact.creation.create_as if contact.creation else None
                create_as = job.create_as or settled
                sobject = object_for(self._settings.creation, create_as)
                if self._settings.outbound.writes(sobject):
                    people.append(self._person(job, contact, sobject))
                else:
                    self._withdraw(contact)
        return people

    def still(self, people: Sequence[Person]) -> list[Person]:
        """Return those whose object edits still go out to, by the settings of this moment."""
        outbound = self._ports.settings.current().outbound
        for person in people:
            if not outbound.writes(person.object):
                self._withdraw(person.contact)
        return [person for person in people if outbound.writes(person.object)]

    def _person(self, job: CreationJob, contact: Contact, sobject: SObject) -> Person:
        domain, host = self._employers.of(contact.email)
        return Person(job=job, contact=contact, object=sobject, domain=domain, host=host)

    def _withdraw(self, contact: Contact) -> None:
        self._notes.skip(Reason.OUTBOUND_DISABLED)
        self._notes.tell(Action.SKIPPED, Reason.OUTBOUND_DISABLED, contact.id)
        if not self._batch.dry_run:
            self._notes.keep()
            self._ports.contacts.save_many([replace(contact, creation=None, waiting=None)])
