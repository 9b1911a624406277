"""The API budget: how freely to spend, seen from what the whole org has used today."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

# What Salesforce said of its allowance is believed for as long. After that nobody knows, and a run
# finds out with its first call: or else one that has stopped would never learn that it may go on.
BELIEVED_FOR = timedelta(minutes=15)

# Of our share; from here on, what can wait waits.
_SLOW_AT_PERCENT = 80


class Budget(StrEnum):
    """How freely calls may be spent."""

    FLOWING = "flowing"
    # Fresh edits and polls go on; retries and backlogs wait.
    SLOW = "slow"
    STOPPED = "stopped"


def budget(*, used: int, allowed: int, share_percent: int) -> Budget:
    """Return how freely calls may be spent.

    Args:
        used: Calls of the whole org in the last 24 hours, as `Sforce-Limit-Info` says.
        allowed: What the org may make in 24 hours; 0 while unknown.
        share_percent: Up to which percentage of that we go on; the rest is for others.
    """
    if allowed <= 0:
        return Budget.FLOWING
    if used * 100 >= allowed * share_percent:
        return Budget.STOPPED
    if used * 100 * 100 >= allowed * share_percent * _SLOW_AT_PERCENT:
        return Budget.SLOW
    return Budget.FLOWING


def used_percent(*, used: int, allowed: int, share_percent: int) -> float | None:
    """Return how much of our share is used, in percent; `None` while the allowance is unknown."""
    if allowed <= 0:
        return None
    return round(used * 100 * 100 / (allowed * share_percent), 1)
