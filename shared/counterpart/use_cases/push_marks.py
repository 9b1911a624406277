"""Marks of what a push did not get through: when it is tried again, in passing or for long."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from counterpart.domain.patience import patience_with, put_off
from counterpart.domain.waiting import Lane, Waiting
from counterpart.use_cases.pulled_streams import LOOK_AGAIN

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.refusals import Refusal


def after_refusal(waiting: Waiting | None, refusal: Refusal, *, now: datetime) -> Waiting:
    """Return the mark of a row that failed in passing, at a moment of its own."""
    return put_off(
        waiting,
        now=now,
        jitter=random.random(),  # noqa: S311 - spreads load, guards nothing
        patience=patience_with(refusal),
    )


def until_shown(waiting: Waiting | None, *, now: datetime) -> Waiting:
    """Return the mark of what waits for the org to show a field; it is looked for in an hour."""
    attempts = max(1, waiting.attempts if waiting else 0)
    return Waiting(lane=Lane.RETRY, next_push_at=now + LOOK_AGAIN, attempts=attempts)
