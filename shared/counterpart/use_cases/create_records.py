"""Create: contacts that were asked for become Leads or Contacts, each exactly once.

A batch costs two calls: one looks for people and Accounts that exist, one upserts Accounts and
people together under our own ids. Whatever is delivered twice, or was done before an answer got
lost, therefore finds its own record again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.budget import used_percent
from counterpart.domain.contacts import (
    Contact,
    Counterpart,
    CreationRequest,
    Lane,
    LinkedBy,
    Waiting,
)
from counterpart.domain.creation import AccountChoice, new_values, object_for, work_domain
from counterpart.domain.emails import domain_of
from counterpart.domain.ids import new_id
from counterpart.domain.outcomes import Action, Reason, RunKind, RunStatus
from counterpart.domain.pushing import goes_out, pending
from counterpart.domain.refusals import Remedy
from counterpart.domain.subjects import linked
from counterpart.domain.websites import host_of
from counterpart.ports import NewRecord
from counterpart.use_cases.create_accounts import claim_companies, settle_accounts
from counterpart.use_cases.creation_ports import TRIES, CreatePorts, Person, claim_record
from counterpart.use_cases.existing_records import ExistingRecords
from counterpart.use_cases.notes import Notes
from counterpart.use_cases.reports import Report, how_many

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.refusals import Refusal
    from counterpart.domain.values import Value
    from counterpart.ports import CreationJob, DomainNames, RowAnswer

# What one composite call carries of each object.
BATCH_SIZE = 200

# A record cannot be made without these, so they are never left out of it.
_REQUIRED = frozenset({"LastName", "Company", "Email"})


@dataclass(frozen=True, kw_only=True, slots=True)
class CreationReport:
    """What became of a batch of jobs.

    Attributes:
        report: For whoever asked.
        failed: Contacts whose job has to be delivered again.
    """

    report: Report
    failed: frozenset[str]


def create_records(
    jobs: Sequence[CreationJob], *, ports: CreatePorts, dry_run: bool = False
) -> CreationReport:
    """Create up to 200 contacts in Salesforce.

    Args:
        jobs: Which, and as what.
        ports: The world.
        dry_run: Decide for real and write nothing.

    Raises:
        TransientError: Salesforce did not answer; the jobs are to be delivered again.
        HaltError: a person is needed; the jobs are to be delivered again.
    """
    return _Batch(ports, dry_run=dry_run).go(jobs)


class _FreeMail:
    """Domains that say nothing, by lists and by the settings."""

    def __init__(self, added: Collection[str], domains: DomainNames) -> None:
        self._added = frozenset(added)
        self._domains = domains

    def __contains__(self, domain: object) -> bool:
        return isinstance(domain, str) and (
            domain in self._added or self._domains.provides_mail(domain)
        )


class _Batch:
    """One batch of jobs."""

    def __init__(self, ports: CreatePorts, *, dry_run: bool) -> None:
        self._ports = ports
        self._dry_run = dry_run
        self._settings = ports.settings.current()
        self._now = ports.clock()
        self._run_id = new_id(self._now)
        self._calls_before = ports.salesforce.usage().calls
        self._notes = Notes(clock=ports.clock)
        self._failed: set[str] = set()
        self._free_mail = _FreeMail(self._settings.creation.free_mail_domains, ports.domains)
        self._existing = ExistingRecords(
            ports, self._settings, self._notes, now=self._now, dry_run=dry_run
        )

    def go(self, jobs: Sequence[CreationJob]) -> CreationReport:
        people = self._wanted(jobs)
        if people:
            people, self._failed = self._existing.settle(people)
        if self._dry_run:
            for person in people:
                self._notes.count(person.object, "would_create")
        else:
            self._create(people)
        report = self._report()
        if not self._dry_run and (report.counts or report.outcomes):
            self._ports.runs.record(report.run(), report.outcomes)
        return CreationReport(report=report, failed=frozenset(self._failed))

    # --- who is to be created -------------------------------------------------------------------

    def _wanted(self, jobs: Sequence[CreationJob]) -> list[Person]:
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
                if contact.creation:
                    self._save(contact, contact.counterpart, {})
            elif contact.creation is None:
                # Created and since deleted in Salesforce, or the request was withdrawn.
                self._notes.skip(Reason.NOT_LINKED)
            else:
                create_as = job.create_as or contact.creation.create_as
                sobject = object_for(self._settings.creation, create_as)
                if self._settings.outbound.writes(sobject):
                    domain = self._domain(contact)
                    people.append(Person(job=job, contact=contact, object=sobject, domain=domain))
                else:
                    self._withdraw(contact)
        return people

    def _domain(self, contact: Contact) -> str | None:
        if contact.email is None:
            return None
        host = host_of(domain_of(contact.email))
        registrable = self._ports.domains.registrable(host) if host else None
        return work_domain(
            contact.email,
            registrable=registrable,
            free_mail=self._free_mail,
            work=self._settings.creation.work_domains,
        )

    def _withdraw(self, contact: Contact) -> None:
        self._notes.skip(Reason.OUTBOUND_DISABLED)
        self._notes.tell(Action.SKIPPED, Reason.OUTBOUND_DISABLED, contact.id)
        if not self._dry_run:
            self._ports.contacts.save_many([replace(contact, creation=None, waiting=None)])

    # --- making ---------------------------------------------------------------------------------

    def _create(self, people: list[Person]) -> None:
        """Upsert them, and once more those whom Salesforce refused for a field that it names."""
        # Rows of one Account together, which spares locks.
        people.sort(key=lambda person: (person.account.company_id or "", person.contact.id))
        while people:
            accounts = claim_companies(
                people,
                ports=self._ports,
                now=self._now,
                # With matching off, each Account is its contact's own.
                shared=self._settings.creation.match_accounts_by_domain,
            )
            rows = [self._row(person) for person in people]
            answer = self._ports.salesforce.create([*accounts, *(row for row, _ in rows)])
            settle_accounts(
                accounts,
                answer.rows[: len(accounts)],
                ports=self._ports,
                notes=self._notes,
                now=self._now,
            )
            again = []
            said_of_people = answer.rows[len(accounts) :]
            for person, (row, sent), said in zip(people, rows, said_of_people, strict=True):
                if said.refusal:
                    trimmed = self._refused(person, row, said.refusal)
                    if trimmed:
                        again.append(trimmed)
                elif said.record_id:
                    self._created(person, said, sent, answer.as_of)
            people = again

    def _row(self, person: Person) -> tuple[NewRecord, dict[str, Value]]:
        fields = tuple(
            mapping
            for mapping in self._settings.fields_of(person.object)
            if mapping.name not in person.left_out
        )
        values, sent = new_values(person.contact, fields, person.object, domain=person.domain)
        record = NewRecord(
            object=person.object,
            external_id=person.contact.id,
            values=values,
            account_id=person.account.account_id,
            account_external_id=person.account.company_id,
        )
        return record, sent

    def _created(
        self, person: Person, said: RowAnswer, sent: Mapping[str, Value], as_of: datetime
    ) -> None:
        record_id = said.record_id or ""
        contact_id = person.contact.id
        if not claim_record(
            self._ports.links,
            record_id=record_id,
            sobject=person.object,
            subject_id=contact_id,
            by=LinkedBy.CREATION,
            now=self._now,
        ):
            # A pull has seen the new record first, and taken it for another contact's.
            self._notes.tell(
                Action.WARNED, Reason.DUPLICATE_EMAIL, contact_id, message=f"{record_id} is taken"
            )
            self._save(person.contact, None, {})
            return
        self._notes.count(person.object, "created" if said.created else "found_again")
        self._notes.tell(
            Action.CREATED,
            Reason.CREATED,
            contact_id,
            sobject=person.object,
            message=f"{person.object} {record_id}",
        )
        counterpart = Counterpart(
            record_id=record_id,
            object=person.object,
            linked_at=self._now,
            linked_by=LinkedBy.CREATION,
            written_at=self._ports.clock(),
            written_until=as_of,
        )
        self._save(person.contact, counterpart, sent, person.account)

    def _save(
        self,
        contact: Contact,
        counterpart: Counterpart | None,
        sent: Mapping[str, Value],
        account: AccountChoice | None = None,
    ) -> None:
        """Link the contact, and end its request; an edit since the upsert goes out as an edit."""
        if self._dry_run:
            return
        for _ in range(TRIES):
            ledger = contact.ledger
            if (
                contact.counterpart is None
                or counterpart is None
                or (contact.counterpart.record_id == counterpart.record_id)
            ):
                ledger = replace(ledger, shadows={**ledger.shadows, **sent})
            after = replace(contact, ledger=ledger, creation=None, waiting=None)
            if counterpart and contact.counterpart is None:
                after = linked(after, counterpart)
                if account and account.company_id:
                    after = replace(after, company_id=account.company_id)
                elif account and account.account_id:
                    after = replace(after, account_id=account.account_id)
            if after.counterpart and any(
                goes_out(mapping)
                and mapping.writes_to(after.counterpart.object)
                and pending(after.ledger, mapping)
                for mapping in self._settings.fields_of(after.counterpart.object)
            ):
                waiting = Waiting(lane=Lane.FRESH, next_push_at=self._ports.clock())
                after = replace(after, waiting=waiting)
            if not self._ports.contacts.save_many([after]):
                return
            fresh = self._ports.contacts.get_many([contact.id]).get(contact.id)
            if fresh is None:
                return
            contact = fresh
        self._failed.add(contact.id)

    # --- refusals -------------------------------------------------------------------------------

    def _refused(self, person: Person, row: NewRecord, refusal: Refusal) -> Person | None:
        """Do what a refusal asks for; return the person without the blamed fields, if it may go."""
        contact_id = person.contact.id
        if refusal.remedy is Remedy.RETRY or refusal.remedy is Remedy.RESOLVE:
            # A reference that is not there yet is the Account's, whose own row failed in passing.
            self._notes.count(person.object, "retried_later")
            self._failed.add(contact_id)
            return None
        if refusal.remedy is Remedy.ADOPT and self._existing.adopt(person, refusal):
            return None
        blamed = {
            mapping.name
            for mapping in self._settings.fields_of(person.object)
            if mapping.paths[person.object] in refusal.fields
            and mapping.paths[person.object] in row.values
            and mapping.paths[person.object] not in _REQUIRED
        }
        if blamed and not person.left_out:
            for name in sorted(blamed):
                self._notes.tell(
                    Action.WARNED,
                    Reason.FIELD_SET_ASIDE,
                    contact_id,
                    sobject=person.object,
                    refusal=refusal,
                    name=name,
                )
            return replace(person, left_out=frozenset(blamed))

        self._notes.count(person.object, "refused")
        reason = (
            Reason.DUPLICATES_DETECTED if refusal.code == "DUPLICATES_DETECTED" else Reason.REFUSED
        )
        self._notes.tell(Action.REFUSED, reason, contact_id, sobject=person.object, refusal=refusal)
        words = f"{refusal.code}: {refusal.message}"
        if refusal.matches:
            words += f" ({', '.join(refusal.matches)})"
        self._ports.queue.park(person.job, reason=words)
        self._park(person.contact, words)
        return None

    def _park(self, contact: Contact, words: str) -> None:
        for _ in range(TRIES):
            request = contact.creation or CreationRequest(requested_at=self._now)
            parked = replace(contact, creation=replace(request, refusal=words), waiting=None)
            if not self._ports.contacts.save_many([parked]):
                return
            fresh = self._ports.contacts.get_many([contact.id]).get(contact.id)
            if fresh is None or fresh.counterpart:
                return
            contact = fresh

    # --- the report -----------------------------------------------------------------------------

    def _report(self) -> Report:
        now = self._ports.clock()
        usage = self._ports.salesforce.usage()
        created, connected = self._notes.total("created"), self._notes.total("linked")
        refused, planned = self._notes.total("refused"), self._notes.total("would_create")
        summary = f"Created {how_many(created, 'record')}, linked {connected}, refused {refused}."
        if self._dry_run:
            summary = f"Would create {how_many(planned, 'record')} and link {connected}."
        troubled = refused or self._failed
        return Report(
            run_id=self._run_id,
            kind=RunKind.CREATE,
            status=RunStatus.COMPLETED_WITH_ERRORS if troubled else RunStatus.COMPLETED,
            started_at=self._now,
            finished_at=now,
            summary=summary,
            counts=self._notes.counts,
            skipped=self._notes.skipped,
            api_calls=usage.calls - self._calls_before,
            budget_used_percent=used_percent(
                used=usage.used,
                allowed=usage.allowed,
                share_percent=self._settings.outbound.api_share_percent,
            ),
            more_remains=bool(self._failed),
            dry_run=self._dry_run,
            settings_version=self._settings.version,
            outcomes=self._notes.outcomes,
        )
