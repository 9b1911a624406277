"""Explaining one contact, or company: why each field is as it is, and what would happen to it next.

Nothing is decided here a second time: each field is put to the very judgements by which a pull
and a push go, and they say which row of their tables holds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.contacts import Contact
from counterpart.domain.keeping import fitted, meant
from counterpart.domain.lifting import is_refused_again, is_unheard
from counterpart.domain.mapping import OPTED_OUT, Mode
from counterpart.domain.openings import open_since
from counterpart.domain.policy import UNKNOWN, Because, Judgement, Verdict
from counterpart.domain.pull_judgements import pulled
from counterpart.domain.pulling import is_gone
from counterpart.domain.push_judgements import judge_push, not_shown
from counterpart.domain.pushing import would_blank
from counterpart.domain.readings import ledger_against, written_until
from counterpart.domain.records import Record
from counterpart.domain.subjects import Subject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Company, Ledger
    from counterpart.domain.guard import Hold
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.domain.values import Value

_NOT_MAPPED = Judgement(Verdict.LEAVE, (Because.NOT_MAPPED,))
_NOT_LINKED = Judgement(Verdict.LEAVE, (Because.NOT_LINKED,))
_GONE = Judgement(Verdict.LEAVE, (Because.GONE,))
_REFUSED = Judgement(Verdict.TAKE, (Because.REFUSED_AGAIN,))
_HEARD = Judgement(Verdict.TAKE, (Because.REFUSAL_SEEN,))


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldExplained:
    """One field of a contact or company, on both sides.

    Attributes:
        mode: `None` for a value that no mapping knows any more.
        theirs: The record's value, or `UNKNOWN`.
        shadow: What Salesforce was last known to hold, or `UNKNOWN`.
        our_time: When our value became what it is.
        pull: What the next pull would do, should it read the record as it is.
        push: What the next push would do.
    """

    name: str
    mode: Mode | None
    ours: Value
    theirs: Value | object
    shadow: Value | object
    our_time: datetime | None
    pull: Judgement
    push: Judgement


@dataclass(frozen=True, kw_only=True, slots=True)
class Why:
    """A machine reason, and the same for people."""

    reason: str
    message: str


def last_seen(subject: Contact | Company) -> Record | None:
    """Return the counterpart of a contact or company as it was last seen; `None` if it has none."""
    counterpart = subject.counterpart
    if counterpart is None:
        return None
    seen_at = counterpart.modstamp or counterpart.written_until or counterpart.linked_at
    return Record(
        id=counterpart.record_id,
        object=counterpart.object,
        modified_at=seen_at,
        modstamp=seen_at,
        values=subject.ledger.shadows,
        account_id=subject.account_id if isinstance(subject, Contact) else None,
    )


def explain_fields(
    subject: Subject, record: Record | None, settings: SyncSettings
) -> tuple[FieldExplained, ...]:
    """Return every field of the mapping, and every value that we hold besides.

    Args:
        subject: Whose.
        record: Its counterpart as it is now, or as it was last seen; `None` if it has none, or
            Salesforce has it no more.
        settings: By which modes the fields cross.
    """
    # Those that cross know their policy; the others are shown all the same.
    crossing: Sequence[FieldMapping] = settings.fields_of(record.object) if record else ()
    mapped: dict[str, FieldMapping] = {
        field.name: field for field in (*_mapping_of(subject, settings), *crossing)
    }
    sight = None
    if record is not None and not is_gone(record):
        sight = _Sight.of(subject, record, crossing, settings)
    names = dict.fromkeys((*mapped, *subject.ledger.values))
    return tuple(_explained(name, mapped.get(name), subject, record, sight) for name in names)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sight:
    """What holds for every field of one subject and its record, found out once for all of them.

    Attributes:
        fields: Those that cross, by name.
        ledger: What is known of the subject beside this very record.
        until: What changed there by then was our own doing.
        again: A refusal there may have been given after an opt-in of ours had gone out.
        writes: Outbound is on for the object.
        since: What was edited before then stays here.
    """

    fields: Mapping[str, FieldMapping]
    ledger: Ledger
    record: Record
    until: datetime | None
    again: bool
    writes: bool
    since: datetime | None

    @classmethod
    def of(
        cls,
        subject: Subject,
        record: Record,
        crossing: Sequence[FieldMapping],
        settings: SyncSettings,
    ) -> _Sight:
        """Return what holds of *record*, of which the fields *crossing* cross."""
        known = replace(subject, ledger=ledger_against(subject, record, crossing))
        return cls(
            fields={field.name: field for field in crossing},
            ledger=known.ledger,
            record=record,
            until=written_until(subject, record, crossing),
            again=is_refused_again(subject, record),
            writes=settings.outbound.writes(record.object),
            since=open_since(known, record.object, settings.outbound),
        )


def _mapping_of(subject: Contact | Company, settings: SyncSettings) -> tuple[FieldMapping, ...]:
    return settings.fields if isinstance(subject, Contact) else settings.company_fields


def _explained(
    name: str,
    field: FieldMapping | None,
    subject: Subject,
    record: Record | None,
    sight: _Sight | None,
) -> FieldExplained:
    ledger = subject.ledger
    pull = push = _GONE if subject.counterpart else _NOT_LINKED
    shadow = ledger.shadows.get(name, UNKNOWN)
    theirs: Value | object = UNKNOWN
    if record is not None:
        theirs = record.values.get(name, UNKNOWN)
    if sight is not None:
        crossing = sight.fields.get(name)
        pull = push = _NOT_MAPPED
        if crossing is not None:
            pull, push = _pull(crossing, sight), _push(crossing, sight)
            if name in sight.record.values:
                there, ours = sight.record.values[name], ledger.values.get(name)
                theirs = meant(crossing, sight.record.object, there, ours=ours, shadow=shadow)
    return FieldExplained(
        name=name,
        mode=field.mode if field else None,
        ours=ledger.values.get(name),
        theirs=theirs,
        shadow=shadow,
        our_time=ledger.times.get(name),
        pull=pull,
        push=push,
    )


def _pull(field: FieldMapping, sight: _Sight) -> Judgement:
    record, ledger = sight.record, sight.ledger
    if field.name == OPTED_OUT and sight.again:
        return _REFUSED
    if field.name not in record.values:
        return Judgement(Verdict.LEAVE, (not_shown(field.name, record),))
    shadow = ledger.shadows.get(field.name, UNKNOWN)
    ours = fitted(field, record.object, ledger.values.get(field.name))
    theirs = record.values[field.name]
    meaning = meant(field, record.object, theirs, ours=ours, shadow=shadow)
    return pulled(field, ledger, record, meaning, written_until=sight.until)


def _push(field: FieldMapping, sight: _Sight) -> Judgement:
    if not sight.writes:
        return Judgement(Verdict.LEAVE, (Because.OUTBOUND_DISABLED,))
    if field.name == OPTED_OUT and sight.again:
        return _REFUSED
    record, ledger = sight.record, sight.ledger
    if field.name == OPTED_OUT and is_unheard(ledger, record):
        return _HEARD
    return judge_push(field, ledger, record, open_since=sight.since, written_until=sight.until)


def holding(contact: Contact, hold: Hold | None, settings: SyncSettings) -> Hold | None:
    """Return what keeps a contact's edits until somebody says yes; `None` if they may go.

    Args:
        contact: Whose.
        hold: Of the push, if the guard holds any.
        settings: By which the push goes.
    """
    counterpart = contact.counterpart
    if hold is None or hold.approved or contact.waiting is None or counterpart is None:
        return None
    fields = settings.fields_of(counterpart.object)
    return hold if would_blank(contact, fields, settings.outbound) else None


def held_back(field: FieldExplained) -> FieldExplained:
    """Return a field of somebody whose edits the guard holds."""
    if field.push.verdict is not Verdict.SEND:
        return field
    return replace(field, push=Judgement(Verdict.LEAVE, (Because.HELD,)))
