"""Planning a push: which of our values go out to one record, seen against what is there now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.conflicts import judge_two_way
from counterpart.domain.contacts import Contact
from counterpart.domain.emails import is_address
from counterpart.domain.keeping import fitted, meant, outgoing
from counterpart.domain.mapping import EMAIL, Mode
from counterpart.domain.merging import is_echo
from counterpart.domain.policy import (
    OUTGOING,
    PUSH,
    UNKNOWN,
    Because,
    Judgement,
    Verdict,
    compare,
    lifted,
)
from counterpart.domain.records import Record
from counterpart.domain.values import same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from counterpart.domain.contacts import Company, Ledger
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import AnyObject, Readable, SObject
    from counterpart.domain.subjects import Subject
    from counterpart.domain.sync_settings import Outbound
    from counterpart.domain.values import Value


# Of a contact that is paused, every edit is too old, as long as the pause lasts.
_WHILE_PAUSED = datetime.max.replace(tzinfo=UTC)


class Held(StrEnum):
    """Why a value of ours does not go out although the sides differ."""

    # The mode protects what Salesforce holds.
    PROTECTED = "protected"
    # Salesforce's is later; the pull brings it.
    THEIRS_LATER = "theirs_later"
    # The record does not show the field, or our user may not write it.
    UNAVAILABLE = "unavailable"
    # It is older than the moment outbound was switched on, or this contact's pause ended.
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True, slots=True)
class PushPlan:
    """What goes out to one record.

    Attributes:
        values: What to write, by API name.
        sent: The same, by our field names: the shadows once the write succeeded.
        agreed: Fields in which both sides turned out to hold the same already.
        held: Fields that stay as they are, and why.
        overruled: Salesforce's values that a later one of ours replaces, by our field names.
        shortened: Fields that go out cut to the length of their place, and that length.
    """

    values: Mapping[str, str | int | float | bool | None]
    sent: Mapping[str, Value]
    agreed: Mapping[str, Value]
    held: Mapping[str, Held]
    overruled: Mapping[str, Value]
    shortened: Mapping[str, int] = field(default_factory=dict)


NOTHING = PushPlan(values={}, sent={}, agreed={}, held={}, overruled={})


def plan_push(
    ledger: Ledger,
    record: Readable,
    fields: Sequence[FieldMapping],
    *,
    open_since: datetime | None,
    written_until: datetime | None = None,
) -> PushPlan:
    """Return what of *ledger* goes out to *record*, which was read just now.

    Args:
        ledger: Ours.
        record: Its counterpart, with every field that could be written.
        fields: The mapping for this object.
        open_since: The moment that `open_since` returns; a value older than that does not go.
        written_until: When, by Salesforce's clock, we last wrote to the record ourselves.
    """
    values: dict[str, str | int | float | bool | None] = {}
    sent: dict[str, Value] = {}
    agreed: dict[str, Value] = {}
    held: dict[str, Held] = {}
    overruled: dict[str, Value] = {}
    shortened: dict[str, int] = {}
    for mapping in fields:
        name, sobject = mapping.name, record.object
        verdict, row = judge_push(
            mapping, ledger, record, open_since=open_since, written_until=written_until
        )
        if Because.NOT_SHOWN in row:
            held[name] = Held.UNAVAILABLE
        elif Because.BEFORE_SWITCHED_ON in row:
            held[name] = Held.CLOSED
        elif Because.AGREED in row:
            agreed[name] = fitted(mapping, sobject, ledger.values[name])
        elif verdict is Verdict.SEND:
            ours = fitted(mapping, sobject, ledger.values[name])
            values[mapping.paths[sobject]] = outgoing(mapping, sobject, ours)
            sent[name] = ours
            if ours != ledger.values[name]:
                shortened[name] = len(str(ours))
            if _overrules(mapping, ledger, record) and Because.ADDRESS_STANDS not in row:
                overruled[name] = _theirs(mapping, ledger, record)
        elif verdict is Verdict.PROTECT:
            held[name] = Held.PROTECTED
        elif verdict is Verdict.TAKE:
            held[name] = Held.THEIRS_LATER
    return PushPlan(
        values=values,
        sent=sent,
        agreed=agreed,
        held=held,
        overruled=overruled,
        shortened=shortened,
    )


def _overrules(field: FieldMapping, ledger: Ledger, record: Readable) -> bool:
    """Return whether sending ours replaces a change of theirs that we have not pulled."""
    name = field.name
    known = field.mode is Mode.TWO_WAY and name in ledger.shadows
    return known and not same(field.type, _theirs(field, ledger, record), ledger.shadows[name])


def _theirs(field: FieldMapping, ledger: Ledger, record: Readable) -> Value:
    """Return what the record holds, as it is meant here."""
    name = field.name
    return meant(
        field,
        record.object,
        record.values[name],
        ours=ledger.values.get(name),
        shadow=ledger.shadows.get(name, UNKNOWN),
    )


def has_to_go(
    subject: Subject,
    record: Record,
    fields: Sequence[FieldMapping],
    outbound: Outbound,
    *,
    written_until: datetime | None = None,
) -> bool:
    """Return whether a push of *subject* would write to *record*, by the settings.

    Or would, once the org shows a field again that it hides at present.
    """
    if not outbound.writes(record.object):
        return False
    since = open_since(subject, record.object, outbound)
    plan = plan_push(subject.ledger, record, fields, open_since=since, written_until=written_until)
    return bool(plan.values) or Held.UNAVAILABLE in plan.held.values()


def is_paused(subject: Contact | Company) -> bool:
    """Return whether somebody has paused what goes out of this very contact.

    A refusal to be mailed goes out all the same.
    """
    return isinstance(subject, Contact) and subject.outbound_paused_at is not None


def open_since(subject: Contact | Company, sobject: SObject, outbound: Outbound) -> datetime | None:
    """Return the moment before which no edit of *subject* goes out, if there is one."""
    if is_paused(subject):
        return _WHILE_PAUSED
    resumed_at = subject.outbound_resumed_at if isinstance(subject, Contact) else None
    moments = [at for at in (outbound.open_since(sobject), resumed_at) if at]
    return max(moments, default=None)


def would_blank(subject: Subject, fields: Sequence[FieldMapping], outbound: Outbound) -> bool:
    """Return whether a push would take a value away, were Salesforce as it was last seen."""
    counterpart = subject.counterpart
    if counterpart is None or not outbound.writes(counterpart.object):
        return False
    if not any(_is_blank(subject.ledger, field) for field in fields):
        return False
    seen = Record(
        id=counterpart.record_id,
        object=counterpart.object,
        modified_at=counterpart.linked_at,
        modstamp=counterpart.linked_at,
        values=subject.ledger.shadows,
    )
    plan = plan_push(
        subject.ledger,
        seen,
        fields,
        open_since=open_since(subject, counterpart.object, outbound),
    )
    return any(value is None for value in plan.values.values())


def _is_blank(ledger: Ledger, field: FieldMapping) -> bool:
    """Return whether a value was cleared here that Salesforce was last seen to hold."""
    return (
        field.name in ledger.values
        and ledger.values[field.name] is None
        and ledger.shadows.get(field.name) is not None
    )


def pending(ledger: Ledger, field: FieldMapping, sobject: AnyObject | None = None) -> bool:
    """Return whether our value of *field* is not what Salesforce was last known to hold.

    On *sobject* it counts as long as there is room for it.
    """
    if field.name not in ledger.values or field.mode is Mode.DO_NOT_SYNC:
        return False
    if ledger.values[field.name] is None and not field.blank_overwrites:
        return False
    shadow = ledger.shadows.get(field.name, UNKNOWN)
    if shadow is UNKNOWN:
        # A value that was never there and is blank here is no edit.
        return ledger.values[field.name] is not None
    ours = ledger.values[field.name]
    if sobject:
        ours = fitted(field, sobject, ours)
    return not same(field.type, ours, shadow)  # type: ignore[arg-type] # not UNKNOWN


def judge_push(
    field: FieldMapping,
    ledger: Ledger,
    record: Readable,
    *,
    open_since: datetime | None,
    written_until: datetime | None = None,
) -> Judgement:
    """Return what a push does with one field of ours, and why; the arguments of `plan_push`."""
    because = _settled_before(field, ledger, record, open_since)
    if because:
        return Judgement(Verdict.LEAVE, (because,))
    name = field.name
    ours = fitted(field, record.object, ledger.values[name])
    theirs = _theirs(field, ledger, record)
    if lifted(field, ours=ours, shadow=ledger.shadows.get(name, UNKNOWN)):
        return Judgement(Verdict.SEND, (Because.LIFTED,))
    if name in ledger.insisted and goes_out(field):
        return Judgement(Verdict.SEND, (Because.INSISTED,))
    if field.mode is not Mode.TWO_WAY:
        sides = compare(field, ours=ours, theirs=theirs)
        return Judgement(PUSH[field.mode][sides], (sides,))
    verdict, row = judge_two_way(
        field,
        ours=ours,
        theirs=theirs,
        shadow=ledger.shadows.get(name, UNKNOWN),
        our_time=ledger.times.get(name),
        modified_at=record.modified_at,
        echo=is_echo(record, written_until),
    )
    if name == EMAIL and verdict is Verdict.TAKE and not is_address(theirs):
        # No pull would ever bring it, and ours would stay outside for good.
        return Judgement(Verdict.SEND, (*row, Because.ADDRESS_STANDS))
    return Judgement(verdict, row)


def _settled_before(
    field: FieldMapping, ledger: Ledger, record: Readable, open_since: datetime | None
) -> Because | None:
    """Return why no table is asked about a field, or `None` if one is."""
    name = field.name
    if not pending(ledger, field, record.object):
        never = ledger.values.get(name) is None and name not in ledger.shadows
        return Because.NEVER_SET if never else Because.NOTHING_NEW
    if not field.writes_to(record.object):
        return Because.NOT_WRITABLE
    our_time = ledger.times.get(name)
    too_old = open_since and (our_time is None or our_time < open_since)
    if too_old and not refuses(ledger, field):
        paused = open_since == _WHILE_PAUSED
        return Because.OUTBOUND_PAUSED if paused else Because.BEFORE_SWITCHED_ON
    if name not in record.values:
        return Because.NOT_SHOWN
    ours = fitted(field, record.object, ledger.values[name])
    agreed = same(field.type, ours, _theirs(field, ledger, record))
    return Because.AGREED if agreed else None


def refuses(ledger: Ledger, field: FieldMapping) -> bool:
    """Return whether ours is a refusal to be mailed.

    It never grows old, and no pause keeps it: whatever was closed when it came, it goes out.
    """
    return field.mode is Mode.RESTRICTIVE_WINS and ledger.values.get(field.name) is True


def goes_out(field: FieldMapping) -> bool:
    """Return whether our values of *field* can reach Salesforce in its mode."""
    return field.mode in OUTGOING


def settled(
    subject: Subject,
    *,
    shadows: Mapping[str, Value],
    written_at: datetime | None,
    written_until: datetime | None,
) -> Subject:
    """Return *subject* after Salesforce took, or already held, these values.

    Args:
        subject: As it is now, which may be later than what was pushed.
        shadows: What Salesforce holds now, by our field names.
        written_at: By our clock, when the write was answered; `None` if there was none.
        written_until: The same by Salesforce's clock.
    """
    counterpart = subject.counterpart
    if counterpart and written_at:
        counterpart = replace(counterpart, written_at=written_at, written_until=written_until)
    before = subject.ledger
    ledger = replace(
        before,
        shadows={**before.shadows, **shadows},
        insisted=before.insisted - shadows.keys(),
    )
    return replace(subject, ledger=ledger, counterpart=counterpart)


def goes_now(
    *, oldest: datetime | None, waiting: int, now: datetime, longest: timedelta, most: int
) -> bool:
    """Return whether what waits goes out at this look: enough of it, or one for long enough."""
    if oldest is None:
        return False
    return waiting >= most or now - oldest >= longest
