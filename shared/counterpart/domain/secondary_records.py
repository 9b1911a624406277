"""Further records of a contact: those of contacts that were merged into it here.

Salesforce is left alone by such a merge, so both records live on. What changes in the further one
comes in to the contact, field by field, and goes out from there to its counterpart; nothing but a
refusal to be mailed is ever written to the further one.

One that was deleted there is kept in mind, should it come back; so is a former record of the
contact's own, once a further one has taken its place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.bounces import after_record, at_present_address
from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.heirs import told_to_none
from counterpart.domain.lifting import is_ours, lifted_before
from counterpart.domain.links import OWNED, LinkState, Secondary
from counterpart.domain.mapping import EMAIL, OPTED_OUT
from counterpart.domain.marking import mark_for
from counterpart.domain.merging import merge_record
from counterpart.domain.outgoing_fields import refuses
from counterpart.domain.policy import UNKNOWN
from counterpart.domain.subjects import Subject, further_of
from counterpart.domain.waiting import Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from counterpart.domain.bounces import Bounce
    from counterpart.domain.links import Counterpart, Link
    from counterpart.domain.records import Record, SObject
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.domain.values import Value


def is_secondary(link: Link, subject: Subject | None) -> bool:
    """Return whether the record of a link is a further one of somebody, or has come back as one.

    The end of its link may have been lost in a crash before it became one.
    """
    if link.state is LinkState.SECONDARY:
        return True
    came_back = link.state in {LinkState.DELETED_THERE, LinkState.LINKED}
    return came_back and subject is not None and further_of(subject, link.record_id) is not None


def is_kept(link: Link | None, subject: Subject) -> bool:
    """Return whether a record belongs to *subject*, or would again if it came back."""
    if link is None or link.subject_id != subject.id:
        return False
    return link.state in OWNED or link.state is LinkState.DELETED_THERE


def as_further(record: Counterpart, contact: Contact, *, gone: bool = False) -> Secondary:
    """Return the record of *contact*, or its former one, as a further one, as it was last seen."""
    return Secondary(
        record_id=record.record_id,
        object=record.object,
        linked_at=record.linked_at,
        came_from=record.came_from or contact.id,
        modstamp=record.modstamp,
        shadows=contact.ledger.shadows,
        lifted_at=lifted_before(contact),
        gone=gone,
    )


def with_former(subject: Subject, link: Link | None) -> Subject:
    """Return *subject*, which is to get another record, with its former one kept in mind.

    Args:
        subject: Who has none now.
        link: Of its former record; that may be somebody else's by now, or merged into another.
    """
    if not isinstance(subject, Contact):
        return subject
    former = subject.former
    if former is None or not is_kept(link, subject) or further_of(subject, former.record_id):
        return subject
    further = as_further(former, subject, gone=True)
    return replace(subject, secondaries=(*subject.secondaries, further))


def with_secondary(
    subject: Subject, record: Record, settings: SyncSettings, *, now: datetime
) -> Subject:
    """Return *subject* after a further record came in; the very same object if it changed nothing.

    Only what differs from what was last seen in that record counts as its news, and is decided by
    the gate or the three-way merge of the field's mode. A blank there clears nothing here.
    """
    if not isinstance(subject, Contact):
        return subject
    stored = known = further_of(subject, record.id)
    if known is None or not known.shadows:
        # Nothing was seen of it yet, so nothing of it is known to be news.
        known = _first_seen(record, known, now)
    elif known.modstamp is not None and record.modstamp < known.modstamp:
        return subject

    ledger, fields = subject.ledger, settings.fields_of(record.object)
    against = Ledger(values=ledger.values, times=ledger.times, shadows=known.shadows)
    news = replace(record, values=_news(known, record, ledger))
    merged = merge_record(against, news, fields, written_until=None).ledger
    seen = replace(
        known,
        modstamp=record.modstamp,
        shadows={**known.shadows, **record.values},
        lifted_at=None if record.values.get(OPTED_OUT) is True else known.lifted_at,
        gone=False,
    )
    if seen == stored and merged is against:
        return subject
    others: tuple[Secondary, ...] = tuple(
        one for one in subject.secondaries if one.record_id != record.id
    )
    after = replace(
        subject,
        ledger=replace(ledger, values=merged.values, times=merged.times),
        secondaries=(*others, seen),
        updated_at=now,
    )
    after = replace(after, bounce=_bounce(after, record))
    due = [field for field in fields if field.name in news.values or refuses(ledger, field)]
    return replace(after, waiting=mark_for(after, due, settings, lane=Lane.FRESH, now=now))


def told_further(subject: Subject, record_id: str, name: str) -> Subject:
    """Return *subject* after a further record learned of its refusal, which is our field *name*."""
    return _with_changed(
        subject,
        record_id,
        lambda one: replace(one, shadows={**one.shadows, name: True}, lifted_at=None),
    )


def moved_secondary(subject: Subject, record_id: str, heir: tuple[str, SObject] | None) -> Subject:
    """Return *subject* with the heir of a further record in its place, or with neither."""
    if not isinstance(subject, Contact):
        return subject
    kept = tuple(
        # What took over lives, also if it was seen deleted before.
        replace(one, gone=False) if heir and one.record_id == heir[0] else one
        for one in subject.secondaries
        if one.record_id != record_id
    )
    # Two of them may have become one.
    if heir is not None and all(one.record_id != heir[0] for one in kept):
        heir_id, sobject = heir
        kept += tuple(
            replace(
                one,
                record_id=heir_id,
                object=sobject,
                modstamp=None,
                shadows=told_to_none(subject.ledger, one.shadows),
                gone=False,
            )
            for one in subject.secondaries
            if one.record_id == record_id
        )
    return replace(subject, secondaries=kept)


def lost_further(subject: Subject, record_id: str) -> Subject:
    """Return *subject*, a further record of which was deleted."""
    return _with_changed(subject, record_id, lambda one: replace(one, gone=True))


def _with_changed(
    subject: Subject, record_id: str, change: Callable[[Secondary], Secondary]
) -> Subject:
    if not isinstance(subject, Contact):
        return subject
    after = tuple(change(one) if one.record_id == record_id else one for one in subject.secondaries)
    return replace(subject, secondaries=after)


def _first_seen(record: Record, known: Secondary | None, now: datetime) -> Secondary:
    """Return a record as if its values had been seen before, but for a refusal, which counts."""
    seen = {
        name: value
        for name, value in record.values.items()
        if name != OPTED_OUT or value is not True
    }
    if known:
        return replace(known, shadows=seen)
    return Secondary(
        record_id=record.id,
        object=record.object,
        linked_at=now,
        came_from="",
        shadows=seen,
    )


def _bounce(contact: Contact, record: Record) -> Bounce | None:
    """Return what is known of the address; a further record may tell of a bounce, and of none not.

    Each record bears a mark of its own, so that one without says nothing of the other's.
    """
    tells = record.bounce is not None and record.bounce.at is not None
    known = at_present_address(contact)
    return after_record(known, record, contact.email, told=None) if tells else known


def _news(known: Secondary, record: Record, ledger: Ledger) -> Mapping[str, Value]:
    news = {
        name: value
        for name, value in record.values.items()
        if value is not None and known.shadows.get(name, UNKNOWN) != value
    }
    # An address is followed only by whoever bore the one before: it is not just any value.
    if ledger.values.get(EMAIL) != known.shadows.get(EMAIL):
        news.pop(EMAIL, None)
    if is_ours(known, record):
        news.pop(OPTED_OUT, None)
    return news
