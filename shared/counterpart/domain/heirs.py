"""Heirs: what is known of a record that took over from another, which was merged or converted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.marking import mark
from counterpart.domain.waiting import Lane

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from counterpart.domain.contacts import Ledger
    from counterpart.domain.subjects import Subject
    from counterpart.domain.values import Value


def untold(subject: Subject) -> Subject:
    """Return *subject*, whose record has an heir, as if that were not told of a refusal."""
    ledger = subject.ledger
    return replace(subject, ledger=replace(ledger, shadows=told_to_none(ledger, ledger.shadows)))


def told_to_none(ledger: Ledger, shadows: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return what was seen of a record, without the refusal of ours that it was told of.

    Its heir may hold another answer, by the choice of whoever merged the two, or since it was there
    before the lead that was converted into it.
    """
    if ledger.values.get(OPTED_OUT) is not True:
        return shadows
    return {name: shadow for name, shadow in shadows.items() if name != OPTED_OUT}


def to_be_told(subject: Subject, *, now: datetime) -> Subject:
    """Return *subject*, a record of which has an heir, marked if it refuses to be mailed.

    No pull may ever read the heir; a push sees to it that it learns of the refusal.
    """
    if subject.ledger.values.get(OPTED_OUT) is not True:
        return subject
    return replace(subject, waiting=mark(subject.waiting, lane=Lane.FRESH, now=now))
