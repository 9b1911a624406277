"""The API allowance, as a run sees it: whether to go on, and what the report says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.budget import Budget, budget, used_percent

if TYPE_CHECKING:
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import ApiUsage

RUNS_LOW = "The API allowance runs low: only fresh edits go out."


def state_of(usage: ApiUsage, settings: SyncSettings) -> Budget:
    """Return how freely calls may be spent."""
    share = settings.outbound.api_share_percent
    return budget(used=usage.used, allowed=usage.allowed, share_percent=share)


def percent_of(usage: ApiUsage, settings: SyncSettings) -> float | None:
    """Return how much of our share is used; `None` while the allowance is unknown."""
    share = settings.outbound.api_share_percent
    return used_percent(used=usage.used, allowed=usage.allowed, share_percent=share)


def spent(usage: ApiUsage, settings: SyncSettings) -> str | None:
    """Return why a run stops, if our share is known to be used up."""
    return stopped(usage, settings) if state_of(usage, settings) is Budget.STOPPED else None


def stopped(usage: ApiUsage, settings: SyncSettings) -> str:
    """Return why a run stopped."""
    return (
        f"Stopped to spare the org's API allowance: {usage.used} of {usage.allowed} calls are "
        f"used, and our share ends at {settings.outbound.api_share_percent} %."
    )
