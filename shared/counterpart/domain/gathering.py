"""Gathering: what must be known of records before a page of them can be planned."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.links import OWNED, LinkState
from counterpart.domain.records import SObject
from counterpart.domain.subjects import further_of, secondaries_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from counterpart.domain.links import Counterpart, Link, Secondary
    from counterpart.domain.page_plan import Known
    from counterpart.domain.records import Record
    from counterpart.domain.subjects import Subject, SubjectKind

# Two clocks differ and transactions commit late, but neither by as much.
_TOLERANCE = timedelta(days=1)


def unanswered(
    records: Sequence[Record],
    looked_at: Collection[Record],
    known: Known[Subject],
    kind: SubjectKind[Subject],
) -> set[str]:
    """Return ids of records that must be looked at before these can be planned.

    They are the heirs of linked records that are gone, and the counterparts that keep a new record
    from being linked by its key: one of those may just have been converted or merged into this
    very record.
    """
    rows = {record.id: record for record in (*records, *looked_at)}
    wanted: set[str] = set()
    for record in looked_at:
        # It was looked at as somebody's heir, or holds somebody; either way, who is next?
        wanted |= _unread_heirs(record, rows)
    for record in records:
        link = known.link(record.id)
        heirs = heirs_of(record)
        if heirs or record.deleted:
            if link and _leads_somebody(link, known.subjects):
                wanted |= _unread_heirs(record, rows)
        elif link is None or link.subject_id is None or link.state is LinkState.SKIPPED:
            key = kind.key(record)
            matches = known.matches.get(key, ()) if key else ()
            held: list[Counterpart] = [match.counterpart for match in matches if match.counterpart]
            if len(held) == len(matches):
                others: list[Counterpart | Secondary] = [*held]
                for match in matches:
                    others += secondaries_of(match)
                wanted.update(other.record_id for other in others if _may_be_heir(record, other))
        elif link.state is LinkState.LINKED:
            subject = known.subjects.get(link.subject_id)
            if subject and subject.counterpart and subject.counterpart.record_id != record.id:
                wanted.add(subject.counterpart.record_id)
    return wanted - rows.keys()


def newcomers(records: Iterable[Record], known: Known[Subject]) -> list[str]:
    """Return the ids of Contacts that nobody here is linked to, and that may come in."""
    return [
        record.id
        for record in records
        if record.object is SObject.CONTACT
        and not record.deleted
        and not holds(link := known.link(record.id), known.subjects)
        and (link is None or link.state is not LinkState.DELETED_HERE)
    ]


def replaced_formers(
    records: Iterable[Record], links: Mapping[str, Link], subjects: Mapping[str, Subject]
) -> set[str]:
    """Return the ids of former records whose contacts may get one of *records* in their place."""
    found: set[str] = set()
    for record in records:
        link = links.get(record.id)
        subject = subjects.get(link.subject_id or "") if link else None
        if subject and subject.counterpart is None and further_of(subject, record.id):
            found |= {subject.former.record_id} if subject.former else set()
    return found


def heirs_among(looked_at: Collection[Record], records: Iterable[Record]) -> list[Record]:
    """Return those that were looked at, live, and took over from others or from *records*."""
    heirs = {each for record in (*records, *looked_at) for each in heirs_of(record)}
    return [
        record
        for record in looked_at
        if record.id in heirs and not record.deleted and record.conversion is None
    ]


def _may_be_heir(record: Record, counterpart: Counterpart | Secondary) -> bool:
    """Return whether *record* may be what became of a counterpart since that was linked.

    It needs no look, and so no call, for each of the duplicates of an old org: a Contact never
    becomes a Lead, and a record that takes over is touched at that moment.
    """
    if record.object is SObject.LEAD and counterpart.object is SObject.CONTACT:
        return False
    return record.modstamp > counterpart.linked_at - _TOLERANCE


def _unread_heirs(record: Record, rows: Mapping[str, Record]) -> set[str]:
    """Return who is next in the chain of heirs, beyond those that were read.

    One in between may lead nobody any more, as somebody else has moved on from it already.
    """
    heirs, seen = heirs_of(record), {record.id}
    while known := heirs & rows.keys() - seen:
        seen |= known
        heirs = heirs.union(*(heirs_of(rows[each]) for each in known))
    return heirs - rows.keys()


def heirs_of(record: Record) -> set[str]:
    """Return the id of the record that took over, if one did."""
    if record.conversion and record.conversion.contact_id:
        return {record.conversion.contact_id}
    return {record.master_id} if record.deleted and record.master_id else set()


def _leads_somebody(link: Link, subjects: Mapping[str, Subject]) -> bool:
    """Return whether somebody may move to the heir of a link's record."""
    if link.state is LinkState.DELETED_THERE:
        # It may have left the recycle bin, and gone again, before we saw it there.
        lost = subjects.get(link.subject_id or "")
        if lost is None:
            return False
        return lost.counterpart is None or further_of(lost, link.record_id) is not None
    return link.state in OWNED


def holds(link: Link | None, subjects: Mapping[str, Subject]) -> bool:
    """Return whether a link still leads to somebody who agrees, or who can only agree."""
    if link is None or link.subject_id is None:
        return False
    subject = subjects.get(link.subject_id)
    if link.state is LinkState.SECONDARY:
        return subject is not None
    if link.state is not LinkState.LINKED:
        return False
    counterpart = subject.counterpart if subject else None
    return counterpart is None or counterpart.record_id == link.record_id


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
