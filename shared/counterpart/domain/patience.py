"""Patience: after which failures a row is tried again by itself, when, and how often.

Two clocks run at different speeds. A call that got no answer is repeated within seconds, by the
client, where that is safe. A row that Salesforce did not take for a passing reason waits here, for
minutes and then hours, and is parked when patience ends. What is parked is tried again after a
day, and then more and more rarely: rights, fields and rules of an org change without a word to us.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

from counterpart.domain.refusals import NOT_TRIED
from counterpart.domain.waiting import Lane, Parked, Waiting

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from counterpart.domain.refusals import Refusal

_LONGEST_WAIT = timedelta(hours=6)
_FIRST_REST = timedelta(days=1)
_LONGEST_REST = timedelta(days=7)
_LOCK = "UNABLE_TO_LOCK_ROW"


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long a failure may take to pass.

    Attributes:
        first_wait: After the n-th failure a row waits this long, doubled each time.
        most_attempts: Where the settings allow more, so many are enough.
        counts: Each was an attempt; if not, the wait stays the same, and there is no end to it.
    """

    first_wait: timedelta = timedelta(minutes=1)
    most_attempts: int = 100
    counts: bool = True


_USUAL = Patience()

PATIENCE = {
    # Nothing was learned of it; each try takes some of those out that spoil the others' turn.
    NOT_TRIED: Patience(counts=False),
    # Somebody has to approve the record first.
    "ENTITY_IS_LOCKED": Patience(first_wait=timedelta(minutes=30)),
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": Patience(
        first_wait=timedelta(minutes=15)
    ),
    # Code of the org's own. What fails three times in half an hour is more likely to be broken.
    "CANNOT_EXECUTE_FLOW_TRIGGER": Patience(first_wait=timedelta(minutes=5), most_attempts=3),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": Patience(
        first_wait=timedelta(minutes=5), most_attempts=3
    ),
}


def patience_with(refusal: Refusal) -> Patience:
    """Return how long to go on; where the org's code met a lock, the lock is what counts."""
    if _LOCK in refusal.message:
        return _USUAL
    return PATIENCE.get(refusal.code, _USUAL)


def is_worn_out(waiting: Waiting | None, refusal: Refusal, *, most: int) -> bool:
    """Return whether one more failure is one too many; *most* is what the settings allow."""
    patience = patience_with(refusal)
    attempts = (waiting.attempts if waiting else 0) + 1
    return patience.counts and attempts >= min(most, patience.most_attempts)


def put_off(
    waiting: Waiting | None, *, now: datetime, jitter: float, patience: Patience = _USUAL
) -> Waiting:
    """Return the mark of a row that failed in passing: later each time, and never all at once.

    Args:
        waiting: Its mark so far.
        now: By our clock.
        jitter: Between 0 and 1; spreads rows that failed together over half the wait.
        patience: With the failure.
    """
    before = waiting.attempts if waiting else 0
    attempts = before + patience.counts
    doublings = min(before, 20) if patience.counts else 0
    wait = min(patience.first_wait * 2**doublings, _LONGEST_WAIT)
    return Waiting(lane=Lane.RETRY, next_push_at=now + wait * (0.5 + jitter / 2), attempts=attempts)


def parked_for(
    before: Parked | None,
    waiting: Waiting | None,
    refusal: Refusal,
    *,
    fields: tuple[str, ...],
    now: datetime,
    run_id: str,
    further: Sequence[Refusal] = (),
) -> Parked:
    """Return what is remembered of a row, or of some fields of it, that is set aside.

    Args:
        before: What it was set aside for until now; the same once more is counted.
        waiting: Its mark so far.
        refusal: Salesforce's words; what else it says of the row is remembered with it.
        fields: Ours, if the others have crossed.
        now: By our clock.
        run_id: The run that has tried it.
        further: What it was refused for before, in the same try, with more fields.
    """
    again = Parked(
        code=refusal.code,
        message=refusal.message,
        fields=fields,
        attempts=(waiting.attempts if waiting else 0) + 1,
        first_at=now,
        last_at=now,
        run_id=run_id,
        further=tuple(
            (one.code, one.message)
            for one in chain(refusal.others, *((earlier, *earlier.others) for earlier in further))
        ),
    )
    if before is None or (before.code, before.fields) != (again.code, again.fields):
        return again
    return replace(again, attempts=before.attempts + again.attempts, first_at=before.first_at)


def parking(parked: Parked) -> Waiting:
    """Return the mark of a row that is set aside: it rests for as long as it has lain there."""
    rest = min(max(parked.last_at - parked.first_at, _FIRST_REST), _LONGEST_REST)
    return Waiting(lane=Lane.PARKED, next_push_at=parked.last_at + rest)
