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
    from collections.abc import Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Company
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
    names = dict.fromkeys((*mapped, *subject.ledger.values))
    return tuple(_explained(name, mapped.get(name), subject, record, settings) for name in names)


def _mapping_of(subject: Contact | Company, settings: SyncSettings) -> tuple[FieldMapping, ...]:
    return settings.fields if isinstance(subject, Contact) else settings.company_fields


def _explained(
    name: str,
    field: FieldMapping | None,
    subject: Subject,
    record: Record | None,
    settings: SyncSettings,
) -> FieldExplained:
    ledger = subject.ledger
    pull = push = _GONE if subject.counterpart else _NOT_LINKED
    shadow = ledger.shadows.get(name, UNKNOWN)
    theirs: Value | object = UNKNOWN
    if record is not None:
        theirs = record.values.get(name, UNKNOWN)
    if record is not None and not is_gone(record):
        pull = push = _NOT_MAPPED
        fields = settings.fields_of(record.object)
        crossing = next((one for one in fields if one.name == name), None)
        if crossing is not None:
            until = written_until(subject, record, fields)
            known = replace(subject, ledger=ledger_against(subject, record, fields))
            again = name == OPTED_OUT and is_refused_again(subject, record)
            pull = _REFUSED if again else _pull(crossing, known, record, until)
            push = _push(crossing, known, record, until, settings, again=again)
            if name in record.values:
                there, ours = record.values[name], ledger.values.get(name)
                theirs = meant(crossing, record.object, there, ours=ours, shadow=shadow)
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


def _pull(
    field: FieldMapping, subject: Subject, record: Record, until: datetime | None
) -> Judgement:
    if field.name not in record.values:
        return Judgement(Verdict.LEAVE, (not_shown(field.name, record),))
    ledger = subject.ledger
    shadow = ledger.shadows.get(field.name, UNKNOWN)
    ours = fitted(field, record.object, ledger.values.get(field.name))
    theirs = record.values[field.name]
    meaning = meant(field, record.object, theirs, ours=ours, shadow=shadow)
    return pulled(field, ledger, record, meaning, written_until=until)


def _push(
    field: FieldMapping,
    subject: Subject,
    record: Record,
    until: datetime | None,
    settings: SyncSettings,
    *,
    again: bool,
) -> Judgement:
    outbound = settings.outbound
    if not outbound.writes(record.object):
        return Judgement(Verdict.LEAVE, (Because.OUTBOUND_DISABLED,))
    if again:
        return _REFUSED
    if field.name == OPTED_OUT and is_unheard(subject.ledger, record):
        return _HEARD
    since = open_since(subject, record.object, outbound)
    return judge_push(field, subject.ledger, record, open_since=since, written_until=until)


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
