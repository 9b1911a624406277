"""Fields in which the two sides differ and will go on differing until somebody decides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.bounces import at_present_address
from counterpart.domain.emails import is_address
from counterpart.domain.explaining import explain_fields, last_seen
from counterpart.domain.mapping import EMAIL, OPTED_OUT, Mode
from counterpart.domain.marking import mark, mark_for
from counterpart.domain.openings import is_paused
from counterpart.domain.outgoing_fields import goes_out
from counterpart.domain.policy import UNKNOWN, Verdict
from counterpart.domain.values import same
from counterpart.domain.waiting import Lane
from counterpart.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.contacts import Contact
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.domain.values import Value


@dataclass(frozen=True, kw_only=True, slots=True)
class DivergedField:
    """A field that differs, by what Salesforce was last known to hold.

    Attributes:
        why: What keeps ours from going out.
    """

    name: str
    mode: Mode
    ours: Value
    theirs: Value
    our_time: datetime | None
    why: str


def diverged_fields(contact: Contact, settings: SyncSettings) -> list[DivergedField]:
    """Return the fields of a linked contact whose difference nothing resolves by itself.

    What waits to go out is on its way; and what would go out, but waits no more, was refused or
    cancelled. Where a field never had a value here, nothing of ours differs: a creation may have
    filled it there with what stands for an unknown company, or left a box unticked.
    """
    record = last_seen(contact)
    if record is None:
        return []
    mapped = {field.name: field for field in settings.fields_of(record.object)}
    found = []
    for field in explain_fields(contact, record, settings):
        mapping = mapped.get(field.name)
        if mapping is None or field.name not in contact.ledger.values:
            continue
        if field.shadow is UNKNOWN or field.theirs is UNKNOWN:
            continue
        theirs: Value = field.shadow  # type: ignore[assignment] # not UNKNOWN
        if same(mapping.type, field.ours, theirs) or _stands_cut(mapping, field.ours, theirs):
            continue
        sends = field.push.verdict is Verdict.SEND
        if sends and contact.waiting:
            continue
        found.append(
            DivergedField(
                name=field.name,
                mode=mapping.mode,
                ours=field.ours,
                theirs=theirs,
                our_time=field.our_time,
                why="it was refused or cancelled, and waits no more" if sends else field.push.why,
            )
        )
    return found


def _stands_cut(mapping: FieldMapping, ours: Value, theirs: Value) -> bool:
    """Return whether Salesforce holds the beginning of ours, for which it had room."""
    if not (mapping.truncate and isinstance(ours, str) and isinstance(theirs, str)):
        return False
    return ours.startswith(theirs)


def with_theirs(contact: Contact, name: str, *, settings: SyncSettings, now: datetime) -> Contact:
    """Return *contact* with what Salesforce was last known to hold.

    The value bears the time at which it was seen, not of now: whatever changes there later is
    newer, as if it had been pulled.

    Raises:
        InputError: nothing is known to be taken.
    """
    field, record, ledger = _field(contact, name, settings), last_seen(contact), contact.ledger
    if record is None or name not in ledger.shadows:
        raise InputError("was never seen in Salesforce", field=name)
    theirs = ledger.shadows[name]
    if name == OPTED_OUT and theirs is not True:
        raise InputError("is only opted in by POST /contacts/{contact_id}/opt-in", field=name)
    if name == EMAIL and not is_address(theirs):
        raise InputError("is no address there, and a contact is known by one", field=name)
    taken = replace(
        ledger,
        values={**ledger.values, name: theirs},
        times={**ledger.times, name: record.modified_at},
        insisted=ledger.insisted - {name},
    )
    after = replace(contact, ledger=taken, updated_at=now)
    after = replace(after, bounce=at_present_address(after))
    # A refusal that is taken has to reach further records.
    return replace(after, waiting=mark_for(after, [field], settings, lane=Lane.FRESH, now=now))


def with_ours(contact: Contact, name: str, *, settings: SyncSettings, now: datetime) -> Contact:
    """Return *contact* marked so that the next push sends ours over what is protected there.

    Raises:
        InputError: ours can never go out, by mode, by place, or because outbound is off.
    """
    field, record, ledger = _field(contact, name, settings), last_seen(contact), contact.ledger
    if record is None or name not in ledger.values:
        raise InputError("has no value here that could go out", field=name)
    if field.mode is Mode.RESTRICTIVE_WINS:
        message = (
            "a refusal goes out by itself, as soon as anything may; "
            "POST /contacts/{contact_id}/opt-in lifts one"
        )
        raise InputError(message, field=name)
    if not goes_out(field):
        raise InputError(f"never goes out by its mode, {field.mode}", field=name)
    if not field.writes_to(record.object):
        raise InputError(f"cannot be written on {record.object}", field=name)
    if not settings.outbound.writes(record.object) or is_paused(contact):
        raise InputError("cannot go out: outbound is switched off, or paused", field=name)
    insisted = replace(
        ledger,
        times={**ledger.times, name: max(now, ledger.times.get(name, now))},
        insisted=ledger.insisted | {name},
    )
    waiting = mark(contact.waiting, lane=Lane.FRESH, now=now)
    return replace(contact, ledger=insisted, waiting=waiting, updated_at=now)


def _field(contact: Contact, name: str, settings: SyncSettings) -> FieldMapping:
    if contact.counterpart is None:
        raise InputError("the contact is not linked", field="id")
    fields = {field.name: field for field in settings.fields_of(contact.counterpart.object)}
    if name not in fields:
        allowed = ", ".join(sorted(fields))
        raise InputError(f"does not cross; what does is {allowed}", field=name)
    return fields[name]
