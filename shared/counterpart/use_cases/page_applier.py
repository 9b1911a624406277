"""Applying a page: gather what is known of its records, plan, carry the plan out.

Carrying out is a row of conditional writes. Whoever loses one, because somebody else changed the
same contact or link meanwhile, is planned again on what is there now. A crash between any two of
these writes leaves a state that applying the same page again completes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Protocol

from counterpart.domain.gathering import (
    heirs_among,
    heirs_of,
    holds,
    link_ids,
    newcomers,
    replaced_formers,
    unanswered,
)
from counterpart.domain.guard import Dangers, dangers_of
from counterpart.domain.links import LinkState
from counterpart.domain.page_plan import Known
from counterpart.domain.pulling import is_gone, plan_page
from counterpart.domain.subjects import Subject
from counterpart.domain.told_conflicts import conflicts_among
from counterpart.errors import ChangedMeanwhileError
from counterpart.ports import LinkClaim
from counterpart.use_cases.claimed_links import ClaimPorts, claim_links
from counterpart.use_cases.fresh_records import FreshRecords

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.links import Link
    from counterpart.domain.outcomes import Outcome, Reason
    from counterpart.domain.page_plan import Change, Manner, PagePlan
    from counterpart.domain.records import Record
    from counterpart.domain.subjects import SubjectKind
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import RecordReader

# Each try loses only to somebody else's success, so a few are enough; the rest waits for the next
# pass over this page.
_TRIES = 6

# Chains of merges are followed link by link, one read for all of a page.
_LOOKS = 4


# Says whether a plan that would do this may be carried out.
Vet = Callable[[Dangers], bool]

# Stores what somebody loses by a plan, before it is carried out.
Tell = Callable[["Sequence[Outcome]"], None]


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


class ApplierPorts(ClaimPorts, Protocol):
    """What carrying out a plan needs of the world, besides contacts or companies."""

    @property
    def salesforce(self) -> RecordReader: ...


class KindOf(Protocol[Subject]):
    """How records become contacts, or companies, given what links mean to us."""

    def __call__(self, links: Mapping[str, Link], /) -> SubjectKind[Subject]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied(Generic[Subject]):
    """What became of a page.

    Attributes:
        verdicts: Of each record, by id.
        outcomes: What somebody may ask about.
        subjects: Contacts or companies that the records have to do with, as they are now.
    """

    verdicts: Mapping[str, Change | Reason]
    outcomes: Sequence[Outcome]
    subjects: Collection[Subject]


class PageApplier(Generic[Subject]):
    """Applies pages to contacts, or to companies.

    Args:
        repository: Where they are stored.
        kind_of: How records become one of them.
        ports: The rest of the world.
        settings: By which modes fields cross.
        manner: How the records are taken.
    """

    def __init__(
        self,
        repository: SubjectRepository[Subject],
        kind_of: KindOf[Subject],
        ports: ApplierPorts,
        settings: SyncSettings,
        manner: Manner,
    ) -> None:
        self._manner = manner
        self._repository: SubjectRepository[Subject] = repository
        self._kind_of: KindOf[Subject] = kind_of
        self._ports = ports
        self._settings = settings
        self._fresh = FreshRecords(ports.salesforce, settings)

    def apply(
        self,
        records: Sequence[Record],
        asked_at: datetime,
        *,
        tell: Tell | None,
        vet: Vet | None = None,
    ) -> Applied[Subject] | None:
        """Carry out what the records do, and return what became of them.

        Without *tell*, plan for real and write nothing; what it was told is not returned.

        Returns:
            `None` if *vet* said no; the page is to be applied again, which completes it.

        Raises:
            ChangedMeanwhileError: others kept changing the same contacts.
        """
        verdicts: dict[str, Change | Reason] = {}
        outcomes: list[Outcome] = []
        subjects: dict[str, Subject] = {}
        todo: Sequence[Record] = records
        for _ in range(_TRIES):
            plan = self._plan(todo, asked_at)
            if vet and not vet(dangers_of(plan)):
                return None
            told = plan.outcomes if tell is None else _told_first(plan.outcomes, tell)
            lost = self._carry_out(plan) if tell else set()
            verdicts.update(plan.verdicts)
            outcomes += [outcome for outcome in told if outcome.record_id not in lost]
            subjects |= {
                subject_id: subject
                for subject_id, subject in plan.subjects.items()
                if not (lost and plan.sources.get(subject_id, set()) & lost)
            }
            todo = [record for record in todo if record.id in lost]
            if not todo:
                return Applied(verdicts=verdicts, outcomes=outcomes, subjects=subjects.values())
        raise ChangedMeanwhileError(f"{len(todo)} records keep being changed by others")

    def _plan(self, records: Sequence[Record], asked_at: datetime) -> PagePlan[Subject]:
        known, kind = self._gather(records)
        looked_at: dict[str, Record] = {}
        if self._manner.before_leads and (new := newcomers(records, known)):
            looked_at |= self._fresh.converted_to(new)
            if looked_at:
                known, kind = self._gather([*records, *looked_at.values()])
        for _ in range(_LOOKS):
            wanted = unanswered(records, looked_at.values(), known, kind)
            if not wanted or self._manner.linked_only:
                break
            looked_at |= self._fresh.look_for(wanted, now=self._ports.clock())
            # Only rows that are gone have heirs, who have heirs and Accounts in their turn.
            if not any(is_gone(record) for record in (*records, *looked_at.values())):
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
            chosen=self._fresh.chosen(heirs_among(looked_at.values(), records)),
            manner=self._manner,
        )

    def _gather(self, records: Sequence[Record]) -> tuple[Known[Subject], SubjectKind[Subject]]:
        links = dict(self._ports.links.get_many(link_ids(records)))
        subjects = self._led_to(records, links)
        astray = [
            record.id
            for record in records
            if (link := links.get(record.id))
            and link.state is LinkState.LINKED
            and link.subject_id not in subjects
        ]
        if astray:
            # Somebody may have been merged into another one between these two reads, and a row
            # that is gone would lead nowhere and be done with.
            links |= self._ports.links.get_many(astray)
            subjects = self._led_to(records, links)
        formers = replaced_formers(records, links, subjects)
        if formers:
            links |= self._ports.links.get_many(formers)
        kind = self._kind_of(links)
        known: Known[Subject] = Known(links=links, subjects=subjects, matches={})
        keys = {
            key
            for record in records
            if not self._manner.linked_only
            and not record.deleted
            and not holds(known.link(record.id), subjects)
            and (key := kind.key(record))
        }
        matches = self._repository.matching(keys) if keys else {}
        return replace(known, matches=matches), kind

    def _led_to(
        self, records: Sequence[Record], links: Mapping[str, Link]
    ) -> Mapping[str, Subject]:
        """Return whom the links of records lead to, and of those that may have taken over."""
        subject_ids = {
            link.subject_id
            for record in records
            for record_id in heirs_of(record) | {record.id}
            if (link := links.get(record_id)) and link.subject_id
        }
        return self._repository.get_many(subject_ids) if subject_ids else {}

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
            refused = claim_links(
                [LinkClaim(link=link, expected=expected) for link, expected in claims.values()],
                self._ports,
            )
            for record_id in refused:
                lost |= plan.sources[record_id]
        return lost


def _told_first(outcomes: Sequence[Outcome], tell: Tell) -> Sequence[Outcome]:
    """Tell of conflicts; return the rest."""
    conflicts, rest = conflicts_among(outcomes)
    if conflicts:
        tell(conflicts)
    return rest


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
