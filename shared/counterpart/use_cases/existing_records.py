"""Before creating: whoever is in Salesforce already is linked instead, and Accounts are found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.contacts import Counterpart, Lane, LinkedBy, Waiting
from counterpart.domain.creation import AccountMatch, account_wish, choose_account, free_record
from counterpart.domain.gathering import link_ids
from counterpart.domain.merging import merge_record
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.pushing import has_to_go
from counterpart.domain.records import SObject, object_of
from counterpart.domain.subjects import People, linked
from counterpart.domain.websites import host_of, spellings
from counterpart.use_cases.creation_ports import TRIES, claim_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Company, Link
    from counterpart.domain.records import Record
    from counterpart.domain.refusals import Refusal
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import AccountFound, LookUp
    from counterpart.use_cases.creation_ports import CreatePorts, Person
    from counterpart.use_cases.notes import Notes


class ExistingRecords:
    """Looks people and Accounts up, and links what is found."""

    def __init__(
        self,
        ports: CreatePorts,
        settings: SyncSettings,
        notes: Notes,
        *,
        now: datetime,
        dry_run: bool,
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._notes = notes
        self._now = now
        self._dry_run = dry_run
        self._companies: dict[str, list[Company]] = {}
        self._people = People(links={})
        self._alike: dict[str, tuple[str, ...]] = {}
        self._fields = tuple(
            {
                mapping.name: mapping
                for sobject in (SObject.CONTACT, SObject.LEAD)
                for mapping in settings.fields_of(sobject)
            }.values()
        )

    def settle(self, people: Sequence[Person]) -> tuple[list[Person], set[str]]:
        """Link those whose record exists.

        Returns:
            Those who are still to be created, each with the Account that it belongs to, and the
            ids of contacts that lost a race and are to be tried again.
        """
        found = self._look_up(people)
        rest, failed = self._link_instead(people, found)
        return [self._with_account(person, found.accounts) for person in rest], failed

    def adopt(self, refused: Sequence[tuple[Person, Refusal]]) -> set[str]:
        """Link to the record that Salesforce takes for a duplicate, where it is one and free.

        Returns:
            The ids of the contacts that were linked.
        """
        wanted: dict[SObject, set[str]] = {}
        for _, refusal in refused:
            sobject = object_of(refusal.matches[0]) if len(refusal.matches) == 1 else None
            if sobject and sobject.is_person:
                wanted.setdefault(sobject, set()).add(refusal.matches[0])
        if not wanted:
            return set()
        found = self._ports.reader.read(wanted, self._fields)
        links = self._links_of(found.values())
        taken: set[str] = set()
        adopted: set[str] = set()
        for person, refusal in refused:
            matches = [found[match] for match in refusal.matches if match in found]
            if len(refusal.matches) != 1:
                continue
            record, _ = free_record(matches, links, person.contact.id, taken)
            if record is not None and self._link(person, record):
                taken.add(record.id)
                adopted.add(person.contact.id)
        return adopted

    def alike(self, person: Person) -> tuple[str, ...]:
        """Return the records that have this person's address, free or not."""
        return self._alike.get(person.key, ())

    def _look_up(self, people: Sequence[Person]) -> LookUp:
        """Ask Salesforce, in one call; an Account that a pull has seen is not asked for."""
        domains = {
            person.domain
            for person in people
            if person.domain
            and person.object is SObject.CONTACT
            and self._settings.creation.match_accounts_by_domain
        }
        known = self._ports.companies.find_by_domain(domains) if domains else {}
        self._companies = {
            domain: [company for company in companies if company.counterpart]
            for domain, companies in known.items()
        }
        return self._ports.salesforce.look_up(
            emails={person.key for person in people if person.key},
            domains={
                spelling
                for domain in domains
                if not self._companies.get(domain)
                for spelling in spellings(domain)
            },
            fields=self._fields,
        )

    def _link_instead(
        self, people: Sequence[Person], found: LookUp
    ) -> tuple[list[Person], set[str]]:
        by_email: dict[str, list[Record]] = {}
        for match in found.people:
            by_email.setdefault(match.email_key, []).append(match.record)
        self._alike = {
            key: tuple(record.id for record in records) for key, records in by_email.items()
        }
        links = self._links_of([match.record for match in found.people])
        taken: set[str] = set()
        failed: set[str] = set()
        rest = []
        for person in people:
            contact_id = person.contact.id
            record, others = free_record(by_email.get(person.key, ()), links, contact_id, taken)
            if record is None:
                rest.append(person)
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
            if not self._link(person, record):
                failed.add(contact_id)
        return rest, failed

    def _links_of(self, records: Iterable[Record]) -> Mapping[str, Link]:
        """Return what these records mean to us, and remember what their Accounts do."""
        links = self._ports.links.get_many(link_ids(records))
        self._people = People(links={**self._people.links, **links})
        return links

    def _link(self, person: Person, record: Record) -> bool:
        """Link a contact to a record that exists; return whether it worked."""
        if not self._dry_run and not self._store_link(person.contact.id, record):
            return False
        self._notes.count(record.object, "linked")
        self._notes.tell(Action.LINKED, Reason.LINKED_BY_EMAIL, person.contact.id, record=record)
        return True

    def _store_link(self, contact_id: str, record: Record) -> bool:
        if not claim_record(
            self._ports.links,
            record_id=record.id,
            sobject=record.object,
            subject_id=contact_id,
            by=LinkedBy.EMAIL,
            now=self._now,
        ):
            return False
        fields = self._settings.fields_of(record.object)
        counterpart = Counterpart(
            record_id=record.id,
            object=record.object,
            linked_at=self._now,
            linked_by=LinkedBy.EMAIL,
            modstamp=record.modstamp,
        )
        for _ in range(TRIES):
            contact = self._ports.contacts.get_many([contact_id]).get(contact_id)
            if contact is None or contact.counterpart:
                return True
            # First meeting: what Salesforce holds of this person was never seen before.
            fresh = replace(contact.ledger, shadows={})
            ledger = merge_record(fresh, record, fields, written_until=None).ledger
            waits = has_to_go(ledger, record, fields, self._settings.outbound)
            after = replace(
                self._people.settled(linked(contact, counterpart), record),
                ledger=ledger,
                creation=None,
                waiting=Waiting(lane=Lane.FRESH, next_push_at=self._now) if waits else None,
                updated_at=self._now,
            )
            if not self._ports.contacts.save_many([after]):
                return True
        return False

    def _with_account(self, person: Person, accounts: Sequence[AccountFound]) -> Person:
        if person.object is not SObject.CONTACT:
            return person
        choice = choose_account(
            account_wish(
                self._settings.creation,
                domain=person.domain,
                settled=person.contact.creation.account if person.contact.creation else None,
            ),
            contact_id=person.contact.id,
            domain=person.domain,
            matches=self._matches(person, accounts),
        )
        if choice.others:
            self._notes.tell(
                Action.WARNED,
                Reason.AMBIGUOUS_ACCOUNT,
                person.contact.id,
                message=f"took {choice.account_id}; also {', '.join(choice.others)}",
            )
        return replace(person, account=choice)

    def _matches(self, person: Person, accounts: Sequence[AccountFound]) -> list[AccountMatch]:
        if person.domain is None:
            return []
        seen = [
            (company.counterpart.record_id, host, company.updated_at)
            for company in self._companies.get(person.domain, ())
            if company.counterpart
            for host in [host_of(str(company.ledger.values.get("website") or ""))]
        ]
        found = seen or [
            (account.record_id, host, account.modified_at)
            for account in accounts
            if (host := host_of(account.website))
            and self._ports.domains.registrable(host) == person.domain
        ]
        return [
            AccountMatch(
                account_id=account_id,
                exact=host == person.host,
                bare=host == person.domain,
                modified_at=modified_at.timestamp(),
            )
            for account_id, host, modified_at in found
        ]
