"""Apply one page of records: gather what is known of them, plan, carry the plan out.

Carrying out is a row of conditional writes. Whoever loses one, because somebody else changed the
same contact or link meanwhile, is planned again on what is there now. A crash between any two of
these writes leaves a state that applying the same page again completes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol

from counterpart.domain.contacts import Company, LinkState
from counterpart.domain.gathering import link_ids, unanswered
from counterpart.domain.outcomes import Reason
from counterpart.domain.page_plan import Change, Known
from counterpart.domain.pulling import plan_page
from counterpart.domain.records import SObject, object_of
from counterpart.domain.subjects import Organisations, People, Subject, SubjectKind
from counterpart.domain.websites import host_of
from counterpart.errors import ChangedMeanwhileError
from counterpart.ports import LinkClaim

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Link
    from counterpart.domain.outcomes import Outcome
    from counterpart.domain.page_plan import PagePlan
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

# Each try loses only to somebody else's success, so a few are enough; the rest waits for the next
# pass over this page.
_TRIES = 6

# Chains of merges are followed link by link, one read for all of a page.
_LOOKS = 4


@dataclass(kw_only=True)
class Tally:
    """What became of many records.

    Attributes:
        changes: By object, then by change; `read` counts all.
        skipped: By reason.
        outcomes: What somebody may ask about.
    """

    changes: dict[str, Counter[str]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    outcomes: list[Outcome] = field(default_factory=list)

    def count(self, record: Record, verdict: Change | Reason) -> None:
        """Count one record that was read."""
        counts = self.changes.setdefault(record.object, Counter())
        counts["read"] += 1
        if isinstance(verdict, Change):
            counts[verdict] += 1
        else:
            counts["skipped"] += 1
            self.skipped[verdict] += 1

    @property
    def changed(self) -> int:
        """Return how many records changed something here."""
        return sum(
            count
            for counts in self.changes.values()
            for name, count in counts.items()
            if name not in {"read", "skipped"}
        )


class SubjectRepository(Protocol[Subject]):
    """What applying a page needs of contacts, or companies."""

    def get_many(self, subject_ids: Collection[str], /) -> Mapping[str, Subject]:
        """Return them by id."""

    def save_many(self, subjects: Sequence[Subject], /) -> Collection[str]:
        """Store each unless it changed since; return the ids of those that had."""

    def matching(self, keys: Collection[str], /) -> Mapping[str, Sequence[Subject]]:
        """Return those that a record without a link may be matched with, best match first."""

    def delete(self, subject: Subject, /) -> None:
        """Delete it unless it changed since."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PagePorts:
    """What applying a page needs of the world."""

    salesforce: RecordReader
    contacts: ContactRepository
    companies: CompanyRepository
    links: LinkRepository
    domains: DomainNames
    clock: Clock


def apply_page(
    records: Sequence[Record],
    *,
    ports: PagePorts,
    settings: SyncSettings,
    asked_at: datetime,
    dry_run: bool = False,
) -> Tally:
    """Apply records of one kind, people or Accounts, in the order they were read.

    Args:
        records: Rows of one or several objects, either all people or all Accounts.
        ports: The world.
        settings: By which modes fields cross.
        asked_at: By our clock, when the rows were asked for.
        dry_run: Plan for real and write nothing.

    Raises:
        ChangedMeanwhileError: others kept changing the same contacts; the page is to be applied
            once more.
    """
    if not records:
        return Tally()
    if records[0].object.is_person:
        people = _Applier(_Contacts(ports.contacts), _people, ports, settings)
        return people.apply(records, asked_at, dry_run=dry_run)
    accounts = _Applier(_Companies(ports.companies), _organisations(ports.domains), ports, settings)
    return accounts.apply(records, asked_at, dry_run=dry_run)


class _Contacts:
    """Contacts, matched by e-mail."""

    def __init__(self, repository: ContactRepository) -> None:
        self.get_many = repository.get_many
        self.save_many = repository.save_many
        self.matching = repository.find_by_email
        self.delete = repository.delete


class _Companies:
    """Companies, matched by domain."""

    def __init__(self, repository: CompanyRepository) -> None:
        self.get_many = repository.get_many
        self.save_many = repository.save_many
        self.matching = repository.find_by_domain

    def delete(self, subject: Company, /) -> None:
        raise AssertionError(f"a deleted Account unlinks company {subject.id}: people belong to it")


class _KindOf(Protocol[Subject]):
    def __call__(self, links: Mapping[str, Link], /) -> SubjectKind[Subject]: ...


def _people(links: Mapping[str, Link], /) -> People:
    return People(links=links)


def _organisations(domains: DomainNames) -> _KindOf[Company]:
    def registrable(website: str) -> str | None:
        host = host_of(website)
        return domains.registrable(host) if host else None

    def kind(_: Mapping[str, Link], /) -> Organisations:
        return Organisations(registrable=registrable)

    return kind


class _Applier(Generic[Subject]):
    def __init__(
        self,
        repository: SubjectRepository[Subject],
        kind_of: _KindOf[Subject],
        ports: PagePorts,
        settings: SyncSettings,
    ) -> None:
        self._repository: SubjectRepository[Subject] = repository
        self._kind_of: _KindOf[Subject] = kind_of
        self._ports = ports
        self._settings = settings

    def apply(self, records: Sequence[Record], asked_at: datetime, *, dry_run: bool) -> Tally:
        verdicts: dict[str, Change | Reason] = {}
        outcomes: list[Outcome] = []
        todo: Sequence[Record] = records
        for _ in range(_TRIES):
            plan = self._plan(todo, asked_at)
            lost = set() if dry_run else self._carry_out(plan)
            verdicts.update(plan.verdicts)
            outcomes += [outcome for outcome in plan.outcomes if outcome.record_id not in lost]
            todo = [record for record in todo if record.id in lost]
            if not todo:
                break
        else:
            raise ChangedMeanwhileError(f"{len(todo)} records keep being changed by others")

        tally = Tally(outcomes=outcomes)
        for record in records:
            tally.count(record, verdicts.get(record.id, Reason.NO_CHANGE))
        return tally

    def _plan(self, records: Sequence[Record], asked_at: datetime) -> PagePlan[Subject]:
        known, kind = self._gather(records)
        looked_at: dict[str, Record] = {}
        for _ in range(_LOOKS):
            wanted = unanswered(records, looked_at.values(), known, kind)
            if not wanted:
                break
            found = self._look(wanted)
            looked_at |= found
            if not any(record.deleted or record.conversion for record in found.values()):
                break
            known, kind = self._gather([*records, *looked_at.values()])

        return plan_page(
            records,
            looked_at.values(),
            kind=kind,
            known=known,
            settings=self._settings,
            now=self._ports.clock(),
            asked_at=asked_at,
        )

    def _gather(self, records: Sequence[Record]) -> tuple[Known[Subject], SubjectKind[Subject]]:
        links = self._ports.links.get_many(link_ids(records))
        kind = self._kind_of(links)
        unlinked = set()
        for record in records:
            link = links.get(record.id)
            if not record.deleted and (link is None or link.state is not LinkState.LINKED):
                key = kind.key(record)
                if key:
                    unlinked.add(key)
        subject_ids = {
            link.subject_id
            for record in records
            for record_id in (record.id, record.master_id)
            if record_id and (link := links.get(record_id)) and link.subject_id
        }
        known = Known(
            links=links,
            subjects=self._repository.get_many(subject_ids) if subject_ids else {},
            matches=self._repository.matching(unlinked) if unlinked else {},
        )
        return known, kind

    def _look(self, record_ids: Collection[str]) -> dict[str, Record]:
        wanted: dict[SObject, set[str]] = {}
        for record_id in record_ids:
            sobject = object_of(record_id)
            if sobject:
                wanted.setdefault(sobject, set()).add(record_id)
        return dict(self._ports.salesforce.read(wanted, ()))

    def _carry_out(self, plan: PagePlan[Subject]) -> set[str]:
        """Return the ids of records that lost a write to somebody else."""
        lost = _with_companions(plan, self._claim(plan, plan.claims))
        saves = [
            subject
            for subject_id, subject in plan.saves.items()
            if not plan.sources[subject_id] & lost
        ]
        for subject_id in self._repository.save_many(saves) if saves else ():
            lost |= plan.sources[subject_id]
        for subject_id, subject in plan.deletions.items():
            if plan.sources[subject_id] & lost:
                continue
            try:
                self._repository.delete(subject)
            except ChangedMeanwhileError:
                lost |= plan.sources[subject_id]
        closings = {
            record_id: closing
            for record_id, closing in plan.closings.items()
            if not plan.sources[record_id] & lost
        }
        return lost | self._claim(plan, closings)

    def _claim(
        self, plan: PagePlan[Subject], claims: Mapping[str, tuple[Link, Link | None]]
    ) -> set[str]:
        lost: set[str] = set()
        if claims:
            refused = self._ports.links.claim_many(
                [LinkClaim(link=link, expected=expected) for link, expected in claims.values()]
            )
            for record_id in refused:
                lost |= plan.sources[record_id]
        return lost


def _with_companions(plan: PagePlan[Subject], lost: set[str]) -> set[str]:
    """Return *lost* with the records whose part of a save is not carried out because of them."""
    grown = True
    while grown:
        before = len(lost)
        for subject_id in (*plan.saves, *plan.deletions):
            if plan.sources[subject_id] & lost:
                lost = lost | plan.sources[subject_id]
        grown = len(lost) > before
    return lost
