"""Planning one page: what each of its records does to our contacts or companies.

The plan is made on values that were gathered before and is carried out afterwards; nothing is read
or written here. Rows that are gone come first, since they move links that others depend on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Generic

from counterpart.domain.contacts import Counterpart, Lane, Link, LinkedBy, LinkState, Waiting
from counterpart.domain.ids import derived_id
from counterpart.domain.merging import merge_record
from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.domain.records import Record, SObject
from counterpart.domain.subjects import (
    Subject,
    SubjectKind,
    id_for,
    linked,
    marked,
    unlinked,
)
from counterpart.domain.sync_settings import OnRemoteDelete

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.sync_settings import SyncSettings

# A chain of merges longer than this is followed on the next pass.
_LONGEST_CHAIN = 10


class Change(StrEnum):
    """What a record did to its contact or company."""

    CREATED = "created"
    UPDATED = "updated"
    LINKED = "linked"
    RELINKED = "relinked"
    UNLINKED = "unlinked"
    DELETED = "deleted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Known(Generic[Subject]):
    """What was gathered about the records of a page.

    Attributes:
        links: Of the records, their masters, the Contacts of converted leads, and the
            counterparts of *subjects*.
        subjects: That these links lead to.
        matches: By key, those that share a key with a record that has no link.
    """

    links: Mapping[str, Link]
    subjects: Mapping[str, Subject]
    matches: Mapping[str, Sequence[Subject]]


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
        outcomes: What somebody may ask about.
    """

    claims: dict[str, tuple[Link, Link | None]] = field(default_factory=dict)
    saves: dict[str, Subject] = field(default_factory=dict)
    deletions: dict[str, Subject] = field(default_factory=dict)
    closings: dict[str, tuple[Link, Link | None]] = field(default_factory=dict)
    sources: dict[str, set[str]] = field(default_factory=dict)
    verdicts: dict[str, Change | Reason] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)


def unanswered(
    records: Sequence[Record], known: Known[Subject], kind: SubjectKind[Subject]
) -> set[str]:
    """Return ids of records that must be looked at before these can be planned.

    They are the winners of merges, and the counterparts that keep a new record from being linked
    by its key: one of those may just have been converted or merged into this very record.
    """
    on_page = {record.id for record in records}
    wanted: set[str] = set()
    for record in records:
        link = known.links.get(record.id)
        if record.deleted:
            if record.master_id and link and link.state is LinkState.LINKED:
                wanted.add(record.master_id)
        elif link is None or link.subject_id is None:
            key = kind.key(record)
            matches = known.matches.get(key, ()) if key else ()
            if matches and all(match.counterpart for match in matches):
                wanted.update(match.counterpart.record_id for match in matches if match.counterpart)
        elif link.state is LinkState.LINKED:
            subject = known.subjects.get(link.subject_id)
            if subject and subject.counterpart and subject.counterpart.record_id != record.id:
                wanted.add(subject.counterpart.record_id)
    return wanted - on_page


class PagePlanner(Generic[Subject]):
    """Plans one page.

    Args:
        kind: How these records become contacts, or companies.
        known: What was gathered about them.
        settings: By which modes the fields cross.
        now: By our clock.
        asked_at: By our clock, when the page was asked for.
    """

    def __init__(
        self,
        *,
        kind: SubjectKind[Subject],
        known: Known[Subject],
        settings: SyncSettings,
        now: datetime,
        asked_at: datetime,
    ) -> None:
        self._kind: SubjectKind[Subject] = kind
        self._links = dict(known.links)
        self._read_links = known.links
        self._subjects: dict[str, Subject] = dict(known.subjects)
        self._matches: dict[str, list[Subject]] = {
            key: list(items) for key, items in known.matches.items()
        }
        for items in known.matches.values():
            for item in items:
                self._subjects.setdefault(item.id, item)
        self._settings = settings
        self._fields = {sobject: settings.fields_of(sobject) for sobject in SObject}
        self._now = now
        self._asked_at = asked_at
        self._plan: PagePlan[Subject] = PagePlan()

    def plan(
        self, records: Sequence[Record], looked_at: Iterable[Record] = ()
    ) -> PagePlan[Subject]:
        """Return what *records* do; *looked_at* are the answers to what was `unanswered`."""
        extra: list[Record] = [
            record for record in looked_at if record.deleted or record.conversion
        ]
        rows = {record.id: record for record in (*records, *extra)}
        for record in extra:
            self._gone(record, rows)
        live = []
        for record in records:
            if record.deleted or record.conversion:
                self._gone(record, rows)
            else:
                live.append(record)
        for record in live:
            self._live(record)
        return self._plan

    # --- rows that are gone ---------------------------------------------------------------------

    def _gone(self, record: Record, rows: Mapping[str, Record]) -> None:
        link = self._links.get(record.id)
        subject = self._subjects.get(link.subject_id or "") if link else None
        if link is None or link.state is not LinkState.LINKED or subject is None:
            reason = Reason.LEAD_CONVERTED if record.conversion else Reason.DELETED_THERE
            self._plan.verdicts[record.id] = reason
            return

        if subject.counterpart and subject.counterpart.record_id != record.id:
            # It moved on before a crash could be followed by this.
            self._close(record, link, _ended_by(record))
            self._plan.verdicts[record.id] = Reason.NO_CHANGE
            return
        if record.conversion and record.conversion.contact_id:
            self._move(subject, link, record, record.conversion.contact_id, LinkedBy.CONVERSION)
        elif record.master_id:
            self._move(subject, link, record, _final_winner(record, rows), LinkedBy.MERGE)
        else:
            self._lose(subject, link, record)

    def _move(
        self, subject: Subject, link: Link, record: Record, heir_id: str, by: LinkedBy
    ) -> None:
        """Link *subject* to the record that took over, unless that has a contact of its own."""
        converted = by is LinkedBy.CONVERSION
        sobject = SObject.CONTACT if converted else record.object
        heir = self._links.get(heir_id)
        self._close(record, link, LinkState.CONVERTED if converted else LinkState.MERGED)
        taken = heir is not None and heir.state is LinkState.LINKED
        if taken and heir is not None and heir.subject_id != subject.id:
            reason = (
                Reason.DUPLICATE_AFTER_CONVERSION if converted else Reason.DUPLICATE_AFTER_MERGE
            )
            self._store(record, unlinked(subject))
            self._tell(
                Action.WARNED, reason, record, subject.id, f"{heir_id} has {heir.subject_id}"
            )
            self._plan.verdicts[record.id] = Change.UNLINKED
            return

        self._claim(record, heir_id, sobject, subject.id, by)
        counterpart = Counterpart(
            record_id=heir_id, object=sobject, linked_at=self._now, linked_by=by
        )
        self._store(record, linked(subject, counterpart))
        reason = Reason.RELINKED_BY_CONVERSION if converted else Reason.RELINKED_BY_MERGE
        self._tell(Action.LINKED, reason, record, subject.id, f"now {sobject} {heir_id}")
        self._plan.verdicts[record.id] = Change.RELINKED

    def _lose(self, subject: Subject, link: Link, record: Record) -> None:
        policy = self._settings.inbound.on_remote_delete
        if policy is OnRemoteDelete.IGNORE:
            self._plan.verdicts[record.id] = Reason.DELETED_THERE
            return
        self._close(record, link, LinkState.DELETED_THERE)
        self._tell(Action.UNLINKED, Reason.DELETED_THERE, record, subject.id)
        if policy is OnRemoteDelete.DELETE and record.object.is_person:
            self._plan.saves.pop(subject.id, None)
            self._plan.deletions[subject.id] = subject
            self._plan.sources.setdefault(subject.id, set()).add(record.id)
            del self._subjects[subject.id]
            self._plan.verdicts[record.id] = Change.DELETED
        else:
            self._store(record, unlinked(subject))
            self._plan.verdicts[record.id] = Change.UNLINKED

    # --- rows that live -------------------------------------------------------------------------

    def _live(self, record: Record) -> None:
        link = self._links.get(record.id)
        subject = self._subjects.get(link.subject_id or "") if link else None
        if link is not None:
            if link.state is LinkState.DELETED_HERE:
                self._plan.verdicts[record.id] = Reason.DELETED_HERE
                return
            if link.state is LinkState.LINKED and self._follow(record, link, subject):
                return
            if link.state is LinkState.DELETED_THERE and subject and not subject.counterpart:
                self._adopt(subject, record, LinkedBy.UNDELETION)
                return

        obstacle = self._kind.obstacle(record)
        if obstacle:
            self._skip(record, link, obstacle)
            return
        self._match(record)

    def _follow(self, record: Record, link: Link, subject: Subject | None) -> bool:
        """Apply a record that has a link; return whether the link still held."""
        if subject is None:
            # The crash of an earlier run fell between the link and its item: finish the work.
            self._create(record, link.subject_id or id_for(record))
            return True
        if subject.counterpart is None:
            self._adopt(subject, record, link.linked_by or LinkedBy.RECORD)
            return True
        if subject.counterpart.record_id != record.id:
            return False
        self._apply(subject, record, known_as=Change.UPDATED)
        return True

    def _match(self, record: Record) -> None:
        key = self._kind.key(record)
        namesakes = self._matches.get(key, []) if key else []
        for namesake in namesakes:
            subject = self._subjects.get(namesake.id)
            if subject is not None and subject.counterpart is None:
                # First meeting: what Salesforce holds of this person was never seen before.
                fresh = replace(subject, ledger=replace(subject.ledger, shadows={}))
                by = LinkedBy.EMAIL if record.object.is_person else LinkedBy.DOMAIN
                self._adopt(fresh, record, by)
                return
        link = self._links.get(record.id)
        subject_id = id_for(record)
        if link and link.subject_id:
            # The id that it once gave birth to lives on with another counterpart.
            subject_id = derived_id("record", record.id, "after", link.subject_id)
        if namesakes and record.object.is_person:
            others = ", ".join(namesake.id for namesake in namesakes[:5])
            self._tell(Action.WARNED, Reason.DUPLICATE_EMAIL, record, subject_id, f"as {others}")
        self._create(record, subject_id)

    def _create(self, record: Record, subject_id: str) -> None:
        subject = self._kind.born(subject_id, record, self._fields[record.object], self._now)
        counterpart = Counterpart(
            record_id=record.id,
            object=record.object,
            linked_at=self._now,
            linked_by=LinkedBy.RECORD,
            modstamp=record.modstamp,
        )
        subject = self._kind.settled(replace(subject, counterpart=counterpart), record)
        self._claim(record, record.id, record.object, subject_id, LinkedBy.RECORD)
        self._store(record, subject)
        key = self._kind.key(record)
        if key:
            self._matches.setdefault(key, []).append(subject)
        self._plan.verdicts[record.id] = Change.CREATED

    def _adopt(self, subject: Subject, record: Record, by: LinkedBy) -> None:
        """Link an existing contact to this record, and merge the two."""
        self._claim(record, record.id, record.object, subject.id, by)
        counterpart = Counterpart(
            record_id=record.id, object=record.object, linked_at=self._now, linked_by=by
        )
        undeleted = by is LinkedBy.UNDELETION
        reason = Reason.RELINKED_BY_UNDELETION if undeleted else Reason.LINKED_BY_EMAIL
        if undeleted or by is LinkedBy.EMAIL:
            self._tell(Action.LINKED, reason, record, subject.id)
        self._apply(linked(subject, counterpart), record, known_as=Change.LINKED)

    def _apply(self, subject: Subject, record: Record, *, known_as: Change) -> None:
        counterpart = subject.counterpart
        if counterpart is None or counterpart.modstamp == record.modstamp:
            self._plan.verdicts[record.id] = Reason.NO_CHANGE
            return
        if counterpart.written_at is not None and self._asked_at < counterpart.written_at:
            # The page may show the record as it was before our own write; it comes again.
            self._plan.verdicts[record.id] = Reason.STALE
            return

        merge = merge_record(
            subject.ledger,
            record,
            self._fields[record.object],
            written_until=counterpart.written_until,
        )
        after = self._kind.settled(replace(subject, ledger=merge.ledger), record)
        if merge.send and self._settings.outbound.writes(record.object):
            after = marked(after, Waiting(lane=Lane.FRESH, next_push_at=self._now))
        for conflict in merge.conflicts:
            self._plan.outcomes.append(
                Outcome(
                    action=Action.CONFLICTED,
                    reason=Reason.BOTH_CHANGED,
                    at=self._now,
                    object=record.object,
                    record_id=record.id,
                    subject_id=subject.id,
                    field=conflict.field,
                    kept="ours" if conflict.ours_won else "theirs",
                    lost=None if conflict.lost is None else str(conflict.lost),
                )
            )
        for name in record.unreadable:
            self._tell(Action.WARNED, Reason.UNREADABLE_VALUE, record, subject.id, name)
        if after == subject and known_as is Change.UPDATED:
            self._plan.verdicts[record.id] = Reason.NO_CHANGE
            return
        moved = replace(counterpart, modstamp=record.modstamp)
        self._store(record, replace(after, counterpart=moved, updated_at=self._now))
        self._plan.verdicts[record.id] = known_as

    # --- notes ----------------------------------------------------------------------------------

    def _skip(self, record: Record, link: Link | None, reason: Reason) -> None:
        """Leave a record outside, and remember it, so that reading it again costs nothing."""
        self._plan.verdicts[record.id] = reason
        if link and link.state is LinkState.SKIPPED and link.modstamp == record.modstamp:
            return
        note = Link(
            record_id=record.id,
            object=record.object,
            state=LinkState.SKIPPED,
            reason=reason,
            modstamp=record.modstamp,
        )
        self._plan.closings[record.id] = (note, self._read_links.get(record.id))
        self._plan.sources.setdefault(record.id, set()).add(record.id)
        self._tell(Action.SKIPPED, reason, record)

    def _claim(
        self, record: Record, record_id: str, sobject: SObject, subject_id: str, by: LinkedBy
    ) -> None:
        held = self._links.get(record_id)
        if held and held.state is LinkState.LINKED and held.subject_id == subject_id:
            return
        link = Link(
            record_id=record_id,
            object=sobject,
            state=LinkState.LINKED,
            subject_id=subject_id,
            linked_at=self._now,
            linked_by=by,
        )
        self._links[record_id] = link
        self._plan.claims[record_id] = (link, self._read_links.get(record_id))
        self._plan.sources.setdefault(record_id, set()).add(record.id)

    def _close(self, record: Record, link: Link, state: LinkState) -> None:
        closed = replace(link, state=state)
        self._links[link.record_id] = closed
        claimed = self._plan.claims.get(link.record_id)
        self._plan.closings[link.record_id] = (
            closed,
            claimed[0] if claimed else self._read_links.get(link.record_id),
        )
        self._plan.sources.setdefault(link.record_id, set()).add(record.id)

    def _store(self, record: Record, subject: Subject) -> None:
        self._subjects[subject.id] = subject
        self._plan.saves[subject.id] = subject
        self._plan.sources.setdefault(subject.id, set()).add(record.id)

    def _tell(
        self,
        action: Action,
        reason: Reason,
        record: Record,
        subject_id: str | None = None,
        message: str = "",
    ) -> None:
        self._plan.outcomes.append(
            Outcome(
                action=action,
                reason=reason,
                at=self._now,
                object=record.object,
                record_id=record.id,
                subject_id=subject_id,
                message=message,
            )
        )


def _final_winner(record: Record, rows: Mapping[str, Record]) -> str:
    """Return the last record of a chain of merges, as far as it is known."""
    winner = record.master_id or record.id
    for _ in range(_LONGEST_CHAIN):
        row = rows.get(winner)
        if row is None or not row.deleted or not row.master_id:
            break
        winner = row.master_id
    return winner


def _ended_by(record: Record) -> LinkState:
    if record.conversion:
        return LinkState.CONVERTED
    return LinkState.MERGED if record.master_id else LinkState.DELETED_THERE


def link_ids(records: Iterable[Record]) -> Collection[str]:
    """Return every Salesforce id whose link these records ask for."""
    ids: set[str] = set()
    for record in records:
        ids.add(record.id)
        if record.account_id:
            ids.add(record.account_id)
        if record.master_id:
            ids.add(record.master_id)
        if record.conversion:
            ids.update(filter(None, (record.conversion.contact_id, record.conversion.account_id)))
    return ids
