"""Set-backs: what failed in passing is tried again later, each at a moment of its own."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from counterpart.domain.patience import Patience, is_worn_out, patience_with, put_off

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.refusals import Refusal
    from counterpart.domain.waiting import Waiting


def set_back(waiting: Waiting | None, refusal: Refusal | None = None, *, now: datetime) -> Waiting:
    """Return the mark of what is tried again; *refusal* says how much patience it asks for."""
    return put_off(
        waiting,
        now=now,
        jitter=random.random(),  # noqa: S311 - spreads load, guards nothing
        patience=patience_with(refusal) if refusal else Patience(),
    )


def after_refusal(
    waiting: Waiting | None, refusal: Refusal, *, most: int, now: datetime
) -> Waiting | None:
    """Return the mark of a row that failed in passing; `None` once it has failed too often.

    Args:
        waiting: Its mark so far.
        refusal: Salesforce's words.
        most: As many attempts the settings allow.
        now: By our clock.
    """
    if is_worn_out(waiting, refusal, most=most):
        return None
    return set_back(waiting, refusal, now=now)
