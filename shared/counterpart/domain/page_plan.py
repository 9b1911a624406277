"""The plan for one page: what is known of its records, and what is to be done about them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Generic

from counterpart.domain.links import Link, LinkedBy, LinkState
from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.domain.subjects import Subject, before_deletion, secondaries_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.links import Counterpart, Secondary
    from counterpart.domain.records import Record, SObject


class Change(StrEnum):
    """What a record did to its contact or company."""

    CREATED = "created"
    UPDATED = "updated"
    LINKED = "linked"
    RELINKED = "relinked"
    UNLINKED = "unlinked"
    DELETED = "deleted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Manner:
    """How the records of a page are taken.

    Attributes:
        linked_only: Nothing is linked or made; for records of which not every field was read.
        returned: Nothing but links that ended with a deletion is made again; for records of which
            no field was read.
        before_leads: Leads that were converted lately may not have been read yet, so a Contact
            that is new here may be one of ours.
        overlaps: Nobody asked for them: what was applied of a version is settled, and settings that
            have changed since are about what comes.
    """

    linked_only: bool = False
    returned: bool = False
    before_leads: bool = False
    overlaps: bool = False

    @property
    def is_partial(self) -> bool:
        """Return whether something of each record is still to be applied afterwards."""
        return self.linked_only or self.returned


@dataclass(frozen=True, kw_only=True, slots=True)
class Known(Generic[Subject]):
    """What was gathered about the records of a page.

    Attributes:
        links: Of the records, their masters, the Contacts of converted leads, and their Accounts;
            and of former records that one of these may replace.
        subjects: That these links lead to.
        matches: By key, those that share a key with a record that has no link.
    """

    links: Mapping[str, Link]
    subjects: Mapping[str, Subject]
    matches: Mapping[str, Sequence[Subject]]

    def link(self, record_id: str) -> Link | None:
        """Return what a Salesforce id means; who is still there is not deleted yet."""
        link = self.links.get(record_id)
        return link and before_deletion(link, self.subjects.get(link.subject_id or ""))


@dataclass(kw_only=True)
class PagePlan(Generic[Subject]):
    """What is to be done, in this order: claims, saves, deletions, closings.

    Attributes:
        claims: Links to be stored before the items they lead to, each with what it replaces.
        saves: New versions of contacts or companies, by id, each at the version it was read at.
        deletions: Contacts that go because their record went.
        closings: Links that end; last, so that a crash before it leaves them to be found again.
        sources: For each link or item above, the records that it comes from.
        verdicts: What became of each record: a change, or the reason for leaving it.
        blanked: Ids of records whose blanks take a value away from somebody here, or the company.
        outcomes: What somebody may ask about.
        subjects: Contacts or companies that the records have to do with, by id, as they are then.
    """

    claims: dict[str, tuple[Link, Link | None]] = field(default_factory=dict)
    saves: dict[str, Subject] = field(default_factory=dict)
    deletions: dict[str, Subject] = field(default_factory=dict)
    closings: dict[str, tuple[Link, Link | None]] = field(default_factory=dict)
    sources: dict[str, set[str]] = field(default_factory=dict)
    verdicts: dict[str, Change | Reason] = field(default_factory=dict)
    blanked: set[str] = field(default_factory=set)
    outcomes: list[Outcome] = field(default_factory=list)
    subjects: dict[str, Subject] = field(default_factory=dict)


class Draft(Generic[Subject]):
    """A plan in the making, on top of what is known: what was decided counts as done.

    Attributes:
        now: By our clock.
        plan: So far.
    """

    def __init__(self, known: Known[Subject], *, now: datetime) -> None:
        self.now = now
        self._stored_links = known.links
        self._links: dict[str, Link] = dict(known.links)
        self._subjects: dict[str, Subject] = dict(known.subjects)
        self.plan: PagePlan[Subject] = PagePlan(subjects=self._subjects)
        self._matches: dict[str, list[Subject]] = {
            key: list(items) for key, items in known.matches.items()
        }
        for items in known.matches.values():
            for item in items:
                self._subjects.setdefault(item.id, item)

    def link(self, record_id: str) -> Link | None:
        """Return what a Salesforce id means by now; who is still there is not deleted yet."""
        held = self._links.get(record_id)
        return held and before_deletion(held, self.subject_of(held))

    def owned(self, record_id: str) -> Link | None:
        """Return the link of a record that somebody may take over.

        Whoever is being deleted has let it go.
        """
        return self._links.get(record_id)

    def subject_of(self, link: Link | None) -> Subject | None:
        """Return the contact or company that a link leads to, as it is by now."""
        return self._subjects.get(link.subject_id) if link and link.subject_id else None

    def takes_over(self, record: Record) -> bool:
        """Return whether by this plan somebody moves to *record*, of which nothing is known yet.

        Or gets it for a further record, in place of another one.
        """
        subject = self.subject_of(self.link(record.id))
        if subject is None or subject.id not in self.plan.saves:
            return False
        held: list[Counterpart | Secondary | None] = [subject.counterpart]
        held += secondaries_of(subject)
        return any(each and each.record_id == record.id and each.modstamp is None for each in held)

    def namesakes(self, key: str | None) -> list[Subject]:
        """Return those that share a key, as they are by now, best match first."""
        found = self._matches.get(key, ()) if key else ()
        return [self._subjects[item.id] for item in found if item.id in self._subjects]

    def claim(
        self,
        source: Record,
        record_id: str,
        sobject: SObject,
        subject_id: str,
        by: LinkedBy,
        *,
        state: LinkState = LinkState.LINKED,
    ) -> None:
        """Link a Salesforce id to a subject, unless it is already."""
        held = self.link(record_id)
        if held and held.state is state and held.subject_id == subject_id:
            return
        link = Link(
            record_id=record_id,
            object=sobject,
            state=state,
            subject_id=subject_id,
            linked_at=self.now,
            linked_by=by,
        )
        self._links[record_id] = link
        self.plan.claims[record_id] = (link, self._stored_links.get(record_id))
        self._comes_from(record_id, source)

    def shut_out(
        self, source: Record, record_id: str, sobject: SObject, subject_id: str | None
    ) -> None:
        """Keep a Salesforce id that nobody has seen yet outside, as its contact was deleted."""
        link = Link(
            record_id=record_id,
            object=sobject,
            state=LinkState.DELETED_HERE,
            subject_id=subject_id,
        )
        self._links[record_id] = link
        self.plan.claims[record_id] = (link, None)
        self._comes_from(record_id, source)

    def close(self, source: Record, link: Link, state: LinkState) -> None:
        """End a link, once everything else is done."""
        closed = replace(link, state=state)
        if state is LinkState.DELETED_THERE:
            closed = replace(closed, modstamp=source.modstamp)
        self._links[link.record_id] = closed
        claimed = self.plan.claims.get(link.record_id)
        self.plan.closings[link.record_id] = (
            closed,
            claimed[0] if claimed else self._stored_links.get(link.record_id),
        )
        self._comes_from(link.record_id, source)

    def store(self, source: Record, subject: Subject) -> None:
        """Save a new version of a contact or company."""
        self._subjects[subject.id] = subject
        self.plan.saves[subject.id] = subject
        self._comes_from(subject.id, source)

    def delete(self, source: Record, subject: Subject) -> None:
        """Delete a contact."""
        self._subjects.pop(subject.id, None)
        self.plan.saves.pop(subject.id, None)
        self.plan.deletions[subject.id] = subject
        self._comes_from(subject.id, source)

    def add_namesake(self, key: str | None, subject: Subject) -> None:
        """Let those who come later on this page find *subject* by its key."""
        if key:
            self._matches.setdefault(key, []).append(subject)

    def skip(self, record: Record, reason: Reason) -> None:
        """Leave a record outside, and remember it, so that reading it again costs nothing."""
        self.plan.verdicts[record.id] = reason
        held = self._links.get(record.id)
        if held and held.state is LinkState.SKIPPED and held.modstamp == record.modstamp:
            return
        note = Link(
            record_id=record.id,
            object=record.object,
            state=LinkState.SKIPPED,
            subject_id=self._born_of(held),
            reason=reason,
            modstamp=record.modstamp,
        )
        self.plan.closings[record.id] = (note, self._stored_links.get(record.id))
        self._comes_from(record.id, record)
        self.tell(Action.SKIPPED, reason, record)

    def _born_of(self, held: Link | None) -> str | None:
        """Return who once had a person's record: should it come in later, it is somebody else.

        Nobody did where a run broke off between the link and the birth.
        """
        if held is None or not held.object.is_person:
            return None
        unborn = held.state is LinkState.LINKED and self.subject_of(held) is None
        return None if unborn else held.subject_id

    def settle(self, record: Record, verdict: Change | Reason) -> None:
        """Note what became of a record."""
        self.plan.verdicts[record.id] = verdict

    def tell(
        self,
        action: Action,
        reason: Reason,
        record: Record,
        subject_id: str | None = None,
        message: str = "",
        *,
        name: str | None = None,
    ) -> None:
        """Note something that somebody may ask about."""
        self.plan.outcomes.append(
            Outcome(
                action=action,
                reason=reason,
                at=self.now,
                object=record.object,
                record_id=record.id,
                subject_id=subject_id,
                message=message,
                field=name,
            )
        )

    def _comes_from(self, key: str, source: Record) -> None:
        self.plan.sources.setdefault(key, set()).add(source.id)
