"""Create: contacts that were asked for become Leads or Contacts, each exactly once.

A batch costs two calls: one looks for people and Accounts that exist, one upserts Accounts and
people together under our own ids. Whatever is delivered twice, or was done before an answer got
lost, therefore finds its own record again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from counterpart.domain.budget import used_percent
from counterpart.domain.contacts import (
    Company,
    Contact,
    Counterpart,
    CreationRequest,
    Lane,
    Ledger,
    Link,
    LinkedBy,
    LinkState,
    Waiting,
)
from counterpart.domain.creation import (
    AccountChoice,
    AccountMatch,
    account_wish,
    choose_account,
    free_record,
    new_account_values,
    new_values,
    object_for,
    work_domain,
)
from counterpart.domain.emails import domain_of, email_key
from counterpart.domain.free_mail import FREE_MAIL_DOMAINS
from counterpart.domain.ids import new_id
from counterpart.domain.merging import merge_record
from counterpart.domain.outcomes import Action, Outcome, Reason, RunKind, RunStatus
from counterpart.domain.pushing import goes_out, pending
from counterpart.domain.records import Record, SObject, object_of
from counterpart.domain.refusals import Remedy
from counterpart.domain.subjects import linked
from counterpart.domain.websites import host_of
from counterpart.ports import CreationJob, LinkClaim, NewRecord
from counterpart.use_cases.reports import Report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.refusals import Refusal
    from counterpart.domain.values import Value
    from counterpart.ports import (
        AccountFound,
        Clock,
        CompanyRepository,
        ContactRepository,
        CreationQueue,
        DomainNames,
        LinkRepository,
        LookUp,
        RecordCreator,
        RecordReader,
        RowAnswer,
        RunRepository,
        SettingsRepository,
    )

# What one composite call carries of each object.
BATCH_SIZE = 200
_TRIES = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class CreatePorts:
    """What creating needs of the world."""

    salesforce: RecordCreator
    reader: RecordReader
    contacts: ContactRepository
    companies: CompanyRepository
    links: LinkRepository
    domains: DomainNames
    settings: SettingsRepository
    runs: RunRepository
    queue: CreationQueue
    clock: Clock


@dataclass(frozen=True, kw_only=True, slots=True)
class CreationReport:
    """What became of a batch of jobs.

    Attributes:
        report: For whoever asked.
        failed: Contacts whose job has to be delivered again.
    """

    report: Report
    failed: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Person:
    """One contact on its way to becoming a record."""

    job: CreationJob
    contact: Contact
    object: SObject
    domain: str | None
    account: AccountChoice = field(default_factory=AccountChoice)
    left_out: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        return email_key(self.contact.email) or ""


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


class _Batch:
    """One batch of jobs."""

    def __init__(self, ports: CreatePorts, *, dry_run: bool) -> None:
        self._ports = ports
        self._dry_run = dry_run
        self._settings = ports.settings.current()
        self._now = ports.clock()
        self._run_id = new_id(self._now)
        self._calls_before = ports.salesforce.usage().calls
        self._counts: dict[str, Counter[str]] = {}
        self._skipped: Counter[str] = Counter()
        self._outcomes: list[Outcome] = []
        self._failed: set[str] = set()
        self._free_mail = FREE_MAIL_DOMAINS | set(self._settings.creation.free_mail_domains)
        self._people_fields = {
            mapping.name: mapping
            for sobject in (SObject.CONTACT, SObject.LEAD)
            for mapping in self._settings.fields_of(sobject)
        }

    def go(self, jobs: Sequence[CreationJob]) -> CreationReport:
        people = self._wanted(jobs)
        if people:
            found = self._look_up(people)
            people = self._link_instead(people, found)
            people = [self._with_account(person, found) for person in people]
            self._create(people)
        report = self._report()
        if not self._dry_run and (report.counts or report.outcomes):
            self._ports.runs.record(report.run(), report.outcomes)
        return CreationReport(report=report, failed=frozenset(self._failed))

    # --- who is to be created -------------------------------------------------------------------

    def _wanted(self, jobs: Sequence[CreationJob]) -> list[_Person]:
        """Return those that are still to be created; what was settled meanwhile is done."""
        by_contact = {job.contact_id: job for job in jobs}
        contacts = self._ports.contacts.get_many(by_contact)
        people = []
        for contact_id, job in by_contact.items():
            contact = contacts.get(contact_id)
            if contact is None:
                self._skip(Reason.NO_SUCH_CONTACT)
            elif contact.counterpart:
                self._skip(Reason.ALREADY_LINKED)
                if contact.creation:
                    self._save(contact, contact.counterpart, {})
            elif contact.creation is None:
                # Created and since deleted in Salesforce, or the request was withdrawn.
                self._skip(Reason.NOT_LINKED)
            else:
                create_as = job.create_as or contact.creation.create_as
                sobject = object_for(self._settings.creation, create_as)
                if self._settings.outbound.writes(sobject):
                    domain = self._domain(contact)
                    people.append(_Person(job=job, contact=contact, object=sobject, domain=domain))
                else:
                    self._withdraw(contact)
        return people

    def _domain(self, contact: Contact) -> str | None:
        if contact.email is None:
            return None
        host = host_of(domain_of(contact.email))
        registrable = self._ports.domains.registrable(host) if host else None
        return work_domain(contact.email, registrable=registrable, free_mail=self._free_mail)

    def _withdraw(self, contact: Contact) -> None:
        self._skip(Reason.OUTBOUND_DISABLED)
        self._tell(Action.SKIPPED, Reason.OUTBOUND_DISABLED, contact.id)
        if not self._dry_run:
            self._ports.contacts.save_many([replace(contact, creation=None, waiting=None)])

    # --- what exists ----------------------------------------------------------------------------

    def _look_up(self, people: Sequence[_Person]) -> LookUp:
        domains = {person.domain for person in people if person.domain and self._searches(person)}
        known = self._ports.companies.find_by_domain(domains) if domains else {}
        self._companies = {
            domain: [company for company in companies if company.counterpart]
            for domain, companies in known.items()
        }
        unknown = {domain for domain in domains if not self._companies.get(domain)}
        return self._ports.salesforce.look_up(
            emails={person.key for person in people if person.key},
            domains=unknown,
            fields=tuple(self._people_fields.values()),
        )

    def _searches(self, person: _Person) -> bool:
        return person.object is SObject.CONTACT and self._settings.creation.match_accounts_by_domain

    def _link_instead(self, people: Sequence[_Person], found: LookUp) -> list[_Person]:
        """Link those whose record exists already; return the others."""
        by_email: dict[str, list[Record]] = {}
        for match in found.people:
            by_email.setdefault(match.email_key, []).append(match.record)
        ids = [match.record.id for match in found.people]
        links = self._ports.links.get_many(ids) if ids else {}
        taken: set[str] = set()
        rest = []
        for person in people:
            record, others = free_record(
                by_email.get(person.key, ()), links, person.contact.id, taken
            )
            if record is None:
                rest.append(person)
                continue
            taken.add(record.id)
            if others:
                self._tell(
                    Action.WARNED,
                    Reason.AMBIGUOUS_MATCH,
                    person.contact.id,
                    record=record,
                    message=f"also {', '.join(others)}",
                )
            if not self._link(person, record, links.get(record.id)):
                self._failed.add(person.contact.id)
        return rest

    def _link(self, person: _Person, record: Record, held: Link | None) -> bool:
        """Link a contact to a record that exists; return whether it worked."""
        self._count(record.object, "linked")
        self._tell(Action.LINKED, Reason.LINKED_BY_EMAIL, person.contact.id, record=record)
        if self._dry_run:
            return True
        if not self._claim(record.id, record.object, person.contact.id, LinkedBy.EMAIL, held):
            return False
        contact = person.contact
        for _ in range(_TRIES):
            merge = merge_record(
                contact.ledger,
                record,
                self._settings.fields_of(record.object),
                written_until=None,
            )
            counterpart = Counterpart(
                record_id=record.id,
                object=record.object,
                linked_at=self._now,
                linked_by=LinkedBy.EMAIL,
                modstamp=record.modstamp,
            )
            waiting = Waiting(lane=Lane.FRESH, next_push_at=self._now) if merge.send else None
            after = replace(
                linked(contact, counterpart),
                ledger=merge.ledger,
                account_id=record.account_id,
                creation=None,
                waiting=waiting,
                updated_at=self._now,
            )
            if not self._ports.contacts.save_many([after]):
                return True
            fresh = self._ports.contacts.get_many([contact.id]).get(contact.id)
            if fresh is None or fresh.counterpart:
                return True
            contact = fresh
        return False

    def _with_account(self, person: _Person, found: LookUp) -> _Person:
        if person.object is not SObject.CONTACT:
            return person
        wish = account_wish(self._settings.creation, domain=person.domain)
        choice = choose_account(
            wish,
            contact_id=person.contact.id,
            domain=person.domain,
            matches=self._matches(person.domain, found.accounts) if person.domain else (),
        )
        if choice.others:
            self._tell(
                Action.WARNED,
                Reason.AMBIGUOUS_ACCOUNT,
                person.contact.id,
                message=f"took {choice.account_id}; also {', '.join(choice.others)}",
            )
        return replace(person, account=choice)

    def _matches(self, domain: str, accounts: Sequence[AccountFound]) -> list[AccountMatch]:
        matches = [
            AccountMatch(
                account_id=company.counterpart.record_id,
                exact=host_of(str(company.ledger.values.get("website") or "")) == domain,
                modified_at=company.updated_at.timestamp(),
            )
            for company in self._companies.get(domain, ())
            if company.counterpart
        ]
        if matches:
            return matches
        for account in accounts:
            host = host_of(account.website)
            if host and self._ports.domains.registrable(host) == domain:
                matches.append(
                    AccountMatch(
                        account_id=account.record_id,
                        exact=host == domain,
                        modified_at=account.modified_at.timestamp(),
                    )
                )
        return matches

    # --- making ---------------------------------------------------------------------------------

    def _create(self, people: list[_Person]) -> None:
        if self._dry_run:
            for person in people:
                self._count(person.object, "would_create")
            return
        # Rows of one Account together, which spares locks; once more for those whom Salesforce
        # refused for a field that it names, without that field.
        people.sort(key=lambda person: (person.account.company_id or "", person.contact.id))
        while people:
            accounts = self._claim_companies(people)
            rows = [self._row(person) for person in people]
            answer = self._ports.salesforce.create([*accounts, *(row for row, _ in rows)])
            self._settle_accounts(accounts, answer.rows[: len(accounts)])
            again = []
            for person, (row, sent), said in zip(
                people, rows, answer.rows[len(accounts) :], strict=True
            ):
                if said.refusal:
                    trimmed = self._refused(person, row, said.refusal)
                    if trimmed:
                        again.append(trimmed)
                elif said.record_id:
                    self._created(person, said, sent, answer.as_of)
            people = again

    def _claim_companies(self, people: Sequence[_Person]) -> list[NewRecord]:
        """Claim each new company by a write that only the first can make, and plan its Account."""
        firsts: dict[str, _Person] = {}
        for person in people:
            if person.account.company_id:
                firsts.setdefault(person.account.company_id, person)
        records = []
        claims = []
        for company_id, person in firsts.items():
            domain = person.domain
            values = new_account_values(person.contact, domain)
            named: dict[str, Value] = {"name": values["Name"]}
            if domain:
                named["website"] = domain
            claims.append(
                Company(
                    id=company_id,
                    ledger=Ledger(values=named, times=dict.fromkeys(named, self._now)),
                    # A company of one contact's own must not be found by others of its domain.
                    domain=domain if self._settings.creation.match_accounts_by_domain else None,
                    created_at=self._now,
                    updated_at=self._now,
                )
            )
            records.append(
                NewRecord(object=SObject.ACCOUNT, external_id=company_id, values=dict(values))
            )
        if claims:
            self._ports.companies.save_many(claims)
        return records

    def _settle_accounts(self, accounts: Sequence[NewRecord], answers: Sequence[RowAnswer]) -> None:
        made = {
            account.external_id: said
            for account, said in zip(accounts, answers, strict=True)
            if said.record_id
        }
        for account, said in zip(accounts, answers, strict=True):
            if said.created:
                self._count(SObject.ACCOUNT, "created")
            if said.refusal:
                self._count(SObject.ACCOUNT, "refused")
                self._tell(
                    Action.REFUSED,
                    Reason.REFUSED,
                    account.external_id,
                    sobject=SObject.ACCOUNT,
                    refusal=said.refusal,
                )
        if not made:
            return
        for company in self._ports.companies.get_many(made).values():
            record_id = made[company.id].record_id or ""
            self._claim(record_id, SObject.ACCOUNT, company.id, LinkedBy.CREATION, None)
            if company.counterpart is None:
                counterpart = Counterpart(
                    record_id=record_id,
                    object=SObject.ACCOUNT,
                    linked_at=self._now,
                    linked_by=LinkedBy.CREATION,
                )
                # Whoever loses this write loses it to somebody who made the same link.
                self._ports.companies.save_many([linked(company, counterpart)])

    def _row(self, person: _Person) -> tuple[NewRecord, dict[str, Value]]:
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
        self, person: _Person, said: RowAnswer, sent: Mapping[str, Value], as_of: datetime
    ) -> None:
        record_id = said.record_id or ""
        contact_id = person.contact.id
        if not self._claim(record_id, person.object, contact_id, LinkedBy.CREATION, None):
            # A pull has seen the new record first, and taken it for another contact's.
            self._tell(
                Action.WARNED, Reason.DUPLICATE_EMAIL, contact_id, message=f"{record_id} is taken"
            )
            self._save(person.contact, None, {})
            return
        self._count(person.object, "created" if said.created else "found_again")
        self._tell(
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
        for _ in range(_TRIES):
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

    def _refused(self, person: _Person, row: NewRecord, refusal: Refusal) -> _Person | None:
        """Do what a refusal asks for; return the person without the blamed fields, if it may go."""
        contact_id = person.contact.id
        if refusal.remedy is Remedy.RETRY or refusal.remedy is Remedy.RESOLVE:
            # A reference that is not there yet is the Account's, whose own row failed in passing.
            self._count(person.object, "retried_later")
            self._failed.add(contact_id)
            return None
        if refusal.remedy is Remedy.ADOPT and self._adopt(person, refusal):
            return None
        blamed = {
            mapping.name
            for mapping in self._settings.fields_of(person.object)
            if mapping.paths[person.object] in refusal.fields
            and mapping.paths[person.object] in row.values
            and mapping.paths[person.object] not in {"LastName", "Company", "Email"}
        }
        if blamed and not person.left_out:
            for name in sorted(blamed):
                self._tell(
                    Action.WARNED,
                    Reason.FIELD_SET_ASIDE,
                    contact_id,
                    sobject=person.object,
                    refusal=refusal,
                    name=name,
                )
            return replace(person, left_out=frozenset(blamed))

        self._count(person.object, "refused")
        reason = (
            Reason.DUPLICATES_DETECTED if refusal.code == "DUPLICATES_DETECTED" else Reason.REFUSED
        )
        self._tell(Action.REFUSED, reason, contact_id, sobject=person.object, refusal=refusal)
        words = f"{refusal.code}: {refusal.message}"
        if refusal.matches:
            words += f" ({', '.join(refusal.matches)})"
        self._ports.queue.park(person.job, reason=words)
        self._park(person.contact, words)
        return None

    def _adopt(self, person: _Person, refusal: Refusal) -> bool:
        """Link to the record that Salesforce takes for a duplicate, if it is one and free."""
        if len(refusal.matches) != 1:
            return False
        record_id = refusal.matches[0]
        sobject = object_of(record_id)
        if sobject is None or not sobject.is_person:
            return False
        found = self._ports.reader.read({sobject: [record_id]}, tuple(self._people_fields.values()))
        links = self._ports.links.get_many([record_id])
        record, _ = free_record(list(found.values()), links, person.contact.id, ())
        return record is not None and self._link(person, record, links.get(record_id))

    def _park(self, contact: Contact, words: str) -> None:
        for _ in range(_TRIES):
            request = contact.creation or CreationRequest(requested_at=self._now)
            parked = replace(contact, creation=replace(request, refusal=words), waiting=None)
            if not self._ports.contacts.save_many([parked]):
                return
            fresh = self._ports.contacts.get_many([contact.id]).get(contact.id)
            if fresh is None or fresh.counterpart:
                return
            contact = fresh

    # --- notes ----------------------------------------------------------------------------------

    def _claim(
        self, record_id: str, sobject: SObject, subject_id: str, by: LinkedBy, held: Link | None
    ) -> bool:
        """Store a link; return whether the record now belongs to this subject."""
        link = Link(
            record_id=record_id,
            object=sobject,
            state=LinkState.LINKED,
            subject_id=subject_id,
            linked_at=self._now,
            linked_by=by,
        )
        for _ in range(_TRIES):
            if held and held.state is LinkState.LINKED:
                return held.subject_id == subject_id
            if not self._ports.links.claim_many([LinkClaim(link=link, expected=held)]):
                return True
            held = self._ports.links.get_many([record_id]).get(record_id)
        return False

    def _count(self, sobject: str, what: str) -> None:
        self._counts.setdefault(sobject, Counter())[what] += 1

    def _skip(self, reason: Reason) -> None:
        self._skipped[reason] += 1

    def _tell(
        self,
        action: Action,
        reason: Reason,
        subject_id: str,
        *,
        record: Record | None = None,
        sobject: SObject | None = None,
        refusal: Refusal | None = None,
        name: str | None = None,
        message: str = "",
    ) -> None:
        self._outcomes.append(
            Outcome(
                action=action,
                reason=reason,
                at=self._now,
                object=record.object if record else sobject,
                record_id=record.id if record else None,
                subject_id=subject_id,
                field=name,
                code=refusal.code if refusal else None,
                message=refusal.message if refusal else message,
            )
        )

    def _report(self) -> Report:
        now = self._ports.clock()
        usage = self._ports.salesforce.usage()
        created = sum(counts["created"] for counts in self._counts.values())
        connected = sum(counts["linked"] for counts in self._counts.values())
        refused = sum(counts["refused"] for counts in self._counts.values())
        planned = sum(counts["would_create"] for counts in self._counts.values())
        summary = f"Created {created} records, linked {connected}, refused {refused}."
        if self._dry_run:
            summary = f"Would create {planned} records and link {connected}."
        troubled = refused or self._failed
        return Report(
            run_id=self._run_id,
            kind=RunKind.CREATE,
            status=RunStatus.COMPLETED_WITH_ERRORS if troubled else RunStatus.COMPLETED,
            started_at=self._now,
            finished_at=now,
            summary=summary,
            counts=self._counts,
            skipped=self._skipped,
            api_calls=usage.calls - self._calls_before,
            budget_used_percent=used_percent(
                used=usage.used,
                allowed=usage.allowed,
                share_percent=self._settings.outbound.api_share_percent,
            ),
            more_remains=bool(self._failed),
            dry_run=self._dry_run,
            settings_version=self._settings.version,
            outcomes=self._outcomes,
        )
