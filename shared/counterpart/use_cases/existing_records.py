"""Before creating: whoever is in Salesforce already is linked instead, and Accounts are found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.account_choice import (
    AccountChoice,
    AccountMatch,
    account_wish,
    choose_account,
)
from counterpart.domain.creation import new_values
from counterpart.domain.creation_settings import OnExistingMatch
from counterpart.domain.free_records import free_record, occupied
from counterpart.domain.gathering import link_ids
from counterpart.domain.links import Counterpart, LinkedBy, LinkState
from counterpart.domain.meeting import meet
from counterpart.domain.opt_outs import held_opt_out, lane_when_met
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.pushing import has_to_go
from counterpart.domain.records import SObject, object_of
from counterpart.domain.sent_values import met
from counterpart.domain.subjects import People, linked
from counterpart.domain.waiting import Waiting
from counterpart.domain.websites import host_of, spellings
from counterpart.use_cases.creation_ports import KEPT_CHANGING, TRIES, claim_record
from counterpart.use_cases.fresh_records import FreshRecords
from counterpart.use_cases.made_before import awaited_records, own_records
from counterpart.use_cases.made_beside import let_go
from counterpart.use_cases.settled_people import Settled, told_apart

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.links import Link
    from counterpart.domain.records import Record
    from counterpart.domain.refusals import Refusal
    from counterpart.domain.values import Value
    from counterpart.ports import AccountFound, LookUp
    from counterpart.use_cases.creation_ports import CreationBatch, Person


class ExistingRecords:
    """Looks people and Accounts up, and links what is found."""

    def __init__(self, batch: CreationBatch) -> None:
        self._batch = batch
        self._ports = batch.ports
        self._settings = batch.settings
        self._notes = batch.notes
        self._companies: dict[str, list[Company]] = {}
        self._people = People(links={})
        self._alike: dict[str, tuple[str, ...]] = {}
        self._fresh = FreshRecords(batch.ports.reader, batch.settings)

    def settle(self, people: Sequence[Person]) -> Settled:
        """Link those whose record exists."""
        found = self._look_up(people)
        settled = self._link_instead(people, found)
        rest = [self._with_account(person, found.accounts) for person in settled.rest]
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
        links = self._links_of(found.values())
        taken: set[str] = set()
        adopted: set[str] = set()
        for person, refusal in refused:
            matches = [found[match] for match in refusal.matches if match in found]
            if len(refusal.matches) != 1:
                continue
            record, _ = free_record(matches, links, person.contact.id, taken)
            if record is not None and self._link(person, record, LinkedBy.EMAIL):
                taken.add(record.id)
                adopted.add(person.contact.id)
        return adopted

    def let_go(self, contacts: Sequence[Contact]) -> None:
        """Look for records that tries without an answer have made of people who met another one.

        It costs a call, if there was such a try at all.
        """
        tried = {contact.id: contact for contact in contacts if contact.sent}
        if not tried:
            return
        found = self._fresh.ask(
            (SObject.CONTACT, SObject.LEAD),
            lambda fields: self._ports.salesforce.look_up(
                emails=(), domains=(), fields=fields, contact_ids=tried
            ),
        )
        for match in found.people:
            if contact := tried.get(match.external_id or ""):
                let_go(contact, match.record.id, match.record.object, self._batch)

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
        unseen = {
            spelling
            for domain in domains
            if not self._companies.get(domain)
            for spelling in spellings(domain)
        }
        accounts = {self._choice(person, ()).company_id for person in people}
        return self._fresh.ask(
            (SObject.CONTACT, SObject.LEAD),
            lambda fields: self._ports.salesforce.look_up(
                emails={person.key for person in people if person.key},
                domains=unseen,
                fields=fields,
                contact_ids={person.contact.id for person in people},
                company_ids={company_id for company_id in accounts if company_id},
            ),
        )

    def _link_instead(self, people: Sequence[Person], found: LookUp) -> Settled:
        by_email: dict[str, list[Record]] = {}
        for match in found.people:
            by_email.setdefault(match.email_key, []).append(match.record)
        self._alike = {
            key: tuple(record.id for record in records) for key, records in by_email.items()
        }
        links = self._links_of([match.record for match in found.people])
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
                elif not self._link(person, mine, LinkedBy.CREATION):
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
            if not self._link(person, record, LinkedBy.EMAIL):
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

    def _links_of(self, records: Iterable[Record]) -> Mapping[str, Link]:
        """Return what these records mean to us, and remember what their Accounts do."""
        links = self._ports.links.get_many(link_ids(records))
        self._people = People(links={**self._people.links, **links})
        return links

    def _link(self, person: Person, record: Record, by: LinkedBy) -> bool:
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
        return True

    def _store_link(self, person: Person, record: Record, by: LinkedBy) -> bool:
        contact_id = person.contact.id
        if not claim_record(
            self._ports.links,
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
                written_until=record.modified_at if meeting.untouched else None,
            )
            merged = linked(replace(contact, ledger=meeting.ledger), counterpart)
            waiting = held_opt_out(merged, self._settings, now=self._batch.now)
            if has_to_go(merged, record, fields, self._settings.outbound):
                lane = lane_when_met(merged, self._settings)
                waiting = Waiting(lane=lane, next_push_at=self._batch.now)
            after = replace(
                met(self._people.settled(merged, record), now=self._batch.now),
                creation=None,
                waiting=waiting,
                updated_at=self._batch.now,
            )
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

    def _with_account(self, person: Person, accounts: Sequence[AccountFound]) -> Person:
        choice = self._choice(person, self._matches(person, accounts))
        if choice.company_id:
            made = {each.external_id: each.record_id for each in accounts if each.external_id}
            return replace(person, account=replace(choice, account_id=made.get(choice.company_id)))
        if choice.others:
            self._notes.tell(
                Action.WARNED,
                Reason.AMBIGUOUS_ACCOUNT,
                person.contact.id,
                message=f"took {choice.account_id}; also {', '.join(choice.others)}",
            )
        return replace(person, account=choice)

    def _choice(self, person: Person, matches: Sequence[AccountMatch]) -> AccountChoice:
        """Return the Account that a person belongs to, if only these match."""
        if person.object is not SObject.CONTACT:
            return AccountChoice()
        settled = person.contact.creation.account if person.contact.creation else None
        return choose_account(
            account_wish(self._settings.creation, domain=person.domain, settled=settled),
            contact_id=person.contact.id,
            domain=person.domain,
            matches=matches,
        )

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
            if (host := host_of(account.website or ""))
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


def _is_anothers(link: Link | None, contact_id: str) -> bool:
    owned = {LinkState.LINKED, LinkState.SECONDARY}
    return link is not None and link.state in owned and link.subject_id != contact_id
