"""Lifting: an opt-in that went out, and a refusal that somebody may have given there since.

If the answer to an opt-in is lost, a box that is ticked afterwards is the one that it was to lift,
or one that somebody has ticked anew. What the record was like before the try tells them apart: if
it has changed since, the refusal stands, whoever changed what of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.subjects import Subject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterpart.domain.contacts import Ledger
    from counterpart.domain.records import Record
    from counterpart.domain.values import Value


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
    return (
        counterpart is not None
        and counterpart.lifted_over is not None
        and record.modified_at > counterpart.lifted_over
        and record.values.get(OPTED_OUT) is True
        and is_lifting(subject.ledger)
    )


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
        counterpart=replace(counterpart, lifted_over=None) if counterpart else None,
    )
