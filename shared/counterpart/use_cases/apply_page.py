"""Apply one page of records, people or Accounts, to our contacts or companies."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from counterpart.domain.contact_merge_plans import records_of
from counterpart.domain.contacts import Company
from counterpart.domain.links import LinkState
from counterpart.domain.outcomes import Reason
from counterpart.domain.page_plan import Change
from counterpart.domain.pulling import ORDINARY
from counterpart.domain.records import SObject
from counterpart.domain.subjects import Organisations, People
from counterpart.domain.websites import host_of
from counterpart.use_cases.forget_memberships import forget_memberships
from counterpart.use_cases.join_companies import Joined, join_companies, no_time
from counterpart.use_cases.page_applier import PageApplier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Contact
    from counterpart.domain.links import Link
    from counterpart.domain.outcomes import Outcome
    from counterpart.domain.page_plan import Manner
    from counterpart.domain.records import Record
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import (
        Clock,
        CompanyRepository,
        ContactRepository,
        DomainNames,
        LinkRepository,
        RecordReader,
    )
    from counterpart.ports.campaigns import MemberRepository
    from counterpart.use_cases.page_applier import Applied, KindOf, Tell, Vet


@dataclass(kw_only=True)
class Tally:
    """What became of many records.

    Attributes:
        changes: By object, then by change; `read` counts all.
        skipped: By reason.
        outcomes: What somebody may ask about.
        held_back: Nothing was written, because whoever vets the plan said no.
        unfinished: There was no time for all who wait for an Account of the page, so it is to be
            applied once more; those who are left are found by the nightly sweep otherwise.
    """

    changes: dict[str, Counter[str]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    outcomes: list[Outcome] = field(default_factory=list)
    held_back: bool = False
    unfinished: bool = False

    def count(self, record: Record, verdict: Change | Reason) -> None:
        """Count one record that was read."""
        counts = self.changes.get(record.object)
        if counts is None:
            counts = self.changes[record.object] = Counter()
        counts["read"] += 1
        if isinstance(verdict, Change):
            counts[verdict] += 1
        else:
            counts["skipped"] += 1
            self.skipped[verdict] += 1

    def count_joined(self, contacts: int) -> None:
        """Count contacts that joined the company of their Account; nothing was read of them."""
        if contacts:
            self.changes.setdefault(SObject.CONTACT, Counter())[Change.UPDATED] += contacts

    def add(self, other: Tally) -> None:
        """Count what another tally has counted."""
        for name, counts in other.changes.items():
            self.changes.setdefault(name, Counter()).update(counts)
        self.skipped.update(other.skipped)
        self.outcomes += other.outcomes

    @property
    def changed(self) -> int:
        """Return how many records changed something here."""
        return sum(
            count
            for counts in self.changes.values()
            for name, count in counts.items()
            if name not in {"read", "skipped"}
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class PagePorts:
    """What applying a page needs of the world."""

    salesforce: RecordReader
    contacts: ContactRepository
    companies: CompanyRepository
    links: LinkRepository
    members: MemberRepository
    domains: DomainNames
    clock: Clock


def apply_page(
    records: Sequence[Record],
    *,
    ports: PagePorts,
    settings: SyncSettings,
    asked_at: datetime,
    tell: Tell | None,
    manner: Manner = ORDINARY,
    vet: Vet | None = None,
    has_time: Callable[[], bool] = no_time,
) -> Tally:
    """Apply records of one kind, people or Accounts, in the order they were read.

    Contacts that waited for one of the Accounts belong to its company then.

    Args:
        records: Rows of one or several objects, either all people or all Accounts.
        ports: The world.
        settings: By which modes fields cross.
        asked_at: By our clock, when the rows were asked for.
        tell: Told what somebody loses by it, before it happens; without it, plan for real and
            write nothing.
        manner: How they are taken.
        vet: Told what the plan would do; nothing is written if it says no.
        has_time: Asked now and then while many contacts join the company of their Account.

    Raises:
        ChangedMeanwhileError: others kept changing the same contacts; the page is to be applied
            once more.
    """
    if not records:
        return Tally()
    applied: Applied[Contact] | Applied[Company] | None
    joined, left = Joined(contacts=0, finished=True), Tally()
    if records[0].object.is_person:
        people = PageApplier(_Contacts(ports), _people, ports, settings, manner)
        applied = people.apply(records, asked_at, tell=tell, vet=vet)
        persons = _companies_of_persons(records, ports) if applied and tell else []
        # Accounts that are persons are read by no pass of their own.
        left = apply_page(persons, ports=ports, settings=settings, asked_at=asked_at, tell=tell)
    else:
        companies = _Companies(ports.companies)
        accounts = PageApplier(companies, _organisations(ports.domains), ports, settings, manner)
        applied = linked = accounts.apply(records, asked_at, tell=tell, vet=vet)
        if linked:
            joined = join_companies(
                linked.subjects,
                contacts=ports.contacts,
                now=ports.clock(),
                has_time=has_time,
                dry_run=tell is None,
            )
    if applied is None:
        return Tally(held_back=True)

    outcomes = [*applied.outcomes, *left.outcomes]
    tally = Tally(outcomes=outcomes, unfinished=not joined.finished)
    for record in records:
        tally.count(record, applied.verdicts.get(record.id, Reason.NO_CHANGE))
    tally.count_joined(joined.contacts)
    return tally


def _companies_of_persons(records: Sequence[Record], ports: PagePorts) -> list[Record]:
    """Return the Accounts of these Contacts that were companies before they became persons."""
    account_ids = {one.account_id for one in records if one.is_person_account and one.account_id}
    links = ports.links.get_many(account_ids) if account_ids else {}
    linked = {each for each, link in links.items() if link.state is LinkState.LINKED}
    found = ports.salesforce.read({SObject.ACCOUNT: linked}, ()) if linked else {}
    return [record for record in found.values() if record.is_a_person]


class _Contacts:
    """Contacts, matched by e-mail; one that is deleted leaves its campaigns first."""

    def __init__(self, ports: PagePorts) -> None:
        self._contacts, self._members = ports.contacts, ports.members
        self._clock = ports.clock
        self.get_many = ports.contacts.get_many
        self.save_many = ports.contacts.save_many
        self.matching = ports.contacts.find_by_email

    def delete(self, subject: Contact, /) -> None:
        now = self._clock()
        person_ids = [one.record_id for one in records_of(subject)]
        self._members.unsettle([subject.id], now=now, person_ids=person_ids)
        forget_memberships(subject.id, members=self._members, now=now, person_ids=person_ids)
        self._contacts.delete(subject)


class _Companies:
    """Companies, matched by domain."""

    def __init__(self, repository: CompanyRepository) -> None:
        self.get_many = repository.get_many
        self.save_many = repository.save_many
        self.matching = repository.find_by_domain

    def delete(self, subject: Company, /) -> None:
        raise AssertionError(f"a deleted Account unlinks company {subject.id}: people belong to it")


def _people(links: Mapping[str, Link], /) -> People:
    return People(links=links)


def _organisations(domains: DomainNames) -> KindOf[Company]:
    def registrable(website: str) -> str | None:
        host = host_of(website)
        return domains.registrable(host) if host else None

    def kind(_: Mapping[str, Link], /) -> Organisations:
        return Organisations(registrable=registrable)

    return kind
