"""Planning a push: which of our values go out to one record, seen against what is there now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.keeping import fitted, outgoing
from counterpart.domain.lifting import undoubted
from counterpart.domain.mapping import OPTED_OUT, Mode
from counterpart.domain.moved_places import learned
from counterpart.domain.openings import open_since
from counterpart.domain.passing_values import is_doubtful
from counterpart.domain.policy import Because, Verdict
from counterpart.domain.push_judgements import judge_push, theirs_as_meant
from counterpart.domain.records import Record
from counterpart.domain.values import same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from counterpart.domain.contacts import Ledger
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.outbound_settings import Outbound
    from counterpart.domain.records import Readable
    from counterpart.domain.subjects import Subject
    from counterpart.domain.values import Value


class Held(StrEnum):
    """Why a value of ours does not go out although the sides differ."""

    # The mode protects what Salesforce holds.
    PROTECTED = "protected"
    # Salesforce's is later; the pull brings it.
    THEIRS_LATER = "theirs_later"
    # The record does not show the field, or a value that is none of its type, or our user may not
    # write it.
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
        if not {Because.NOT_SHOWN, Because.UNREADABLE}.isdisjoint(row):
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
                overruled[name] = theirs_as_meant(mapping, ledger, record)
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
    if field.mode is not Mode.TWO_WAY:
        return False
    theirs = theirs_as_meant(field, ledger, record)
    if theirs is None and not field.blank_overwrites:
        # A blank says nothing there.
        return False
    # Where nothing was seen before, nothing is lost with a blank.
    seen = same(field.type, theirs, ledger.shadows.get(name))
    return not seen or is_doubtful(ledger, record, field, theirs)


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


def settled(
    subject: Subject,
    *,
    shadows: Mapping[str, Value],
    written_at: datetime | None,
    written_until: datetime | None,
    fields: Sequence[FieldMapping] = (),
) -> Subject:
    """Return *subject* after Salesforce took, or already held, these values.

    Args:
        subject: As it is now, which may be later than what was pushed.
        shadows: What Salesforce holds now, by our field names.
        written_at: By our clock, when the write was answered; `None` if there was none.
        written_until: The same by Salesforce's clock.
        fields: The mapping by which they were written, if that is known.
    """
    ledger, counterpart = having_seen(subject.ledger, shadows), subject.counterpart
    if ledger.insisted:
        ledger = replace(ledger, insisted=ledger.insisted - shadows.keys())
    if counterpart:
        counterpart = learned(counterpart, fields, shadows.keys())
    if counterpart and written_at:
        counterpart = replace(counterpart, written_at=written_at, written_until=written_until)
    if counterpart and OPTED_OUT in shadows:
        counterpart = undoubted(counterpart)
    return replace(subject, ledger=ledger, counterpart=counterpart)


def seen(
    subject: Subject, values: Mapping[str, Value], fields: Sequence[FieldMapping] = ()
) -> Subject:
    """Return *subject* once a push has seen, or written, these values in Salesforce.

    Args:
        subject: As it was.
        values: By our field names.
        fields: The mapping by which they were seen, if that is known.
    """
    counterpart = subject.counterpart
    if counterpart:
        counterpart = learned(counterpart, fields, values.keys())
    return replace(subject, ledger=having_seen(subject.ledger, values), counterpart=counterpart)


def having_seen(ledger: Ledger, values: Mapping[str, Value]) -> Ledger:
    """Return *ledger* once these values were seen, or written, in Salesforce."""
    return replace(
        ledger,
        shadows={**ledger.shadows, **values},
        passing={name: was for name, was in ledger.passing.items() if name not in values},
    )


def goes_now(
    *, oldest: datetime | None, waiting: int, now: datetime, longest: timedelta, most: int
) -> bool:
    """Return whether what waits goes out at this look: enough of it, or one for long enough."""
    if oldest is None:
        return False
    return waiting >= most or now - oldest >= longest
