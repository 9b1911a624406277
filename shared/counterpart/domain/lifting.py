"""Lifting: an opt-in that went out, and a refusal that somebody may have given there since.

If the answer to an opt-in is lost, a box that is ticked afterwards is the one that it was to lift,
or one that somebody has ticked anew. What the record was like before the try tells them apart: if
it has changed since, the refusal stands, whoever changed what of it.

A record that took over may hold a refusal of its own, which nobody here ever saw: that stands, too.
The Contact that a conversion has just made holds the one of its lead.

A further record is never opted in. But a refusal of ours may have been on its way there when the
opt-in was said, and must not undo it once it is met.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.passing_values import SKEW
from counterpart.domain.subjects import Subject, further_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from counterpart.domain.contacts import Contact, Ledger
    from counterpart.domain.links import Counterpart, Secondary
    from counterpart.domain.records import Record
    from counterpart.domain.values import Value

# A conversion makes the Contact first, and then changes the lead; automation may come in between.
_ONE_CONVERSION = timedelta(seconds=5)


def opts_in(sent: Mapping[str, Value]) -> bool:
    """Return whether a push sends an opt-in, of what it sends by our field names."""
    return sent.get(OPTED_OUT) is False


def announced(subject: Subject, record: Record) -> Subject:
    """Return *subject* once an opt-in is about to go out to *record*, as that was just read."""
    counterpart = subject.counterpart
    if counterpart is None:
        return subject
    return replace(subject, counterpart=replace(counterpart, lifted_over=record.modified_at))


def is_refused_again(subject: Subject, record: Record) -> bool:
    """Return whether a refusal there may have been given after an opt-in of ours had gone out."""
    counterpart = subject.counterpart
    if counterpart is None or record.values.get(OPTED_OUT) is not True:
        return False
    if not is_lifting(subject.ledger):
        return False
    lifted_over = counterpart.lifted_over
    changed = lifted_over is not None and record.modified_at > lifted_over
    return changed or counterpart.may_refuse


def is_unheard(known: Ledger, record: Record) -> bool:
    """Return whether a record holds a refusal that nobody here has heard of.

    Whoever reads the record takes it, be it to write something: of an object that does not come
    in, or of a record that is not selected, no pull ever brings it.

    Args:
        known: Ours, as far as it says something about this record.
        record: Its counterpart, as just read.
    """
    refuses = record.values.get(OPTED_OUT) is True
    return refuses and known.values.get(OPTED_OUT) is not True and not is_lifting(known)


def was_there_before(lead: Record, contact: Record | None) -> bool:
    """Return whether a lead may have been converted into a Contact that was there before."""
    made_at = contact.created_at if contact else None
    return made_at is None or made_at < lead.modified_at - _ONE_CONVERSION


def taken_over(before: Subject, after: Subject, *, may_refuse: bool) -> Subject:
    """Return *after*, whose counterpart is new, with what is in doubt of its opt-in.

    Args:
        before: As it was until then, with the record that it had, if it had any.
        after: What it knows of the new one, which another may have shown.
        may_refuse: The new one may hold a refusal that is not that of the one before.
    """
    counterpart, held = after.counterpart, before.counterpart or before.former
    if counterpart is None or not is_lifting(after.ledger):
        return after
    record_id = counterpart.record_id
    further = further_of(before, record_id)
    if further and further.modstamp:
        # What is known is what was seen in that very record.
        return after
    if held and held.record_id == record_id:
        may_refuse = False
    if held:
        may_refuse = may_refuse or held.may_refuse
        counterpart = replace(counterpart, lifted_over=held.lifted_over)
    return replace(after, counterpart=replace(counterpart, may_refuse=may_refuse))


def undoubted(counterpart: Counterpart) -> Counterpart:
    """Return *counterpart* once nothing lifts a refusal in it any more, by whatever way."""
    if counterpart.lifted_over is None and not counterpart.may_refuse:
        # So it is for nearly everybody.
        return counterpart
    return replace(counterpart, lifted_over=None, may_refuse=False)


def is_lifting(ledger: Ledger) -> bool:
    """Return whether somebody here lifted a refusal that Salesforce was last seen to hold."""
    return ledger.values.get(OPTED_OUT) is False and ledger.shadows.get(OPTED_OUT) is True


def refused_again(subject: Subject, record: Record) -> Subject:
    """Return *subject* with the refusal of *record*, as if it had been pulled."""
    ledger, counterpart = subject.ledger, subject.counterpart
    return replace(
        subject,
        ledger=replace(
            ledger,
            values={**ledger.values, OPTED_OUT: True},
            times={**ledger.times, OPTED_OUT: record.modified_at},
        ),
        counterpart=undoubted(counterpart) if counterpart else None,
    )


def lifted_on_the_way(secondaries: Iterable[Secondary], *, now: datetime) -> tuple[Secondary, ...]:
    """Return further records of somebody who refused, and is opted in again.

    A job, or a push without an answer, may have brought the refusal to those that are not known to
    hold it.
    """
    return tuple(
        one if one.shadows.get(OPTED_OUT) is True else replace(one, lifted_at=now)
        for one in secondaries
    )


def lifted_before(loser: Contact) -> datetime | None:
    """Return when somebody was opted in whose refusal may be on its way to a record; or `None`."""
    ledger = loser.ledger
    lifts = ledger.values.get(OPTED_OUT) is False and True in ledger.passing.get(OPTED_OUT, ())
    return ledger.times[OPTED_OUT] if lifts else None


def is_ours(secondary: Secondary, record: Record) -> bool:
    """Return whether a refusal in a further record is one of ours that an opt-in has overtaken."""
    lifted_at = secondary.lifted_at
    if lifted_at is None or record.values.get(OPTED_OUT) is not True:
        return False
    return record.modified_at <= lifted_at - SKEW


def undoes_opt_in(before: Subject, after: Subject, record: Record) -> bool:
    """Return whether an opt-in is undone by a further record, and may be by a refusal of ours."""
    further, was = further_of(before, record.id), before.ledger.values.get(OPTED_OUT)
    refuses = after.ledger.values.get(OPTED_OUT) is True
    return further is not None and further.lifted_at is not None and refuses and was is False
