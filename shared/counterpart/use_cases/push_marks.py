"""Marks of what a push could not see: when it is looked at again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.waiting import Lane, Waiting
from counterpart.use_cases.pulled_streams import LOOK_AGAIN

if TYPE_CHECKING:
    from datetime import datetime


def until_shown(waiting: Waiting | None, *, now: datetime) -> Waiting:
    """Return the mark of what waits for the org to show a field; it is looked for in an hour."""
    attempts = max(1, waiting.attempts if waiting else 0)
    return Waiting(lane=Lane.RETRY, next_push_at=now + LOOK_AGAIN, attempts=attempts)


def unless_at_once(mark: Waiting, *, owing: Waiting | None) -> Waiting:
    """Return *mark*, by which a row waits for itself, unless a further record waits for nothing.

    What a push has found to be refused is told to further records by the next one, however long
    the row itself may have to wait.
    """
    if owing is None or owing.lane is not Lane.FRESH:
        return mark
    return replace(owing, attempts=mark.attempts)
