"""How campaigns are kept in step, as a part of the settings document."""

from __future__ import annotations

from counterpart.domain.document import Section
from counterpart.domain.inbound_settings import INTERVALS
from counterpart.domain.sync_settings import Campaigns, OnRemoteRemoval
from counterpart.errors import InputError


def campaigns_to_document(campaigns: Campaigns) -> dict[str, object]:
    """Return how campaigns are kept in step, as JSON."""
    return {
        "interval_minutes": campaigns.interval_minutes,
        "create_missing_statuses": campaigns.create_missing_statuses,
        "on_remote_removal": campaigns.on_remote_removal.value,
    }


def campaigns_from_document(content: object, *, base: Campaigns) -> Campaigns:
    """Return what *content* describes; what it leaves out stays as in *base*.

    Raises:
        InputError: something is wrong with it.
    """
    section = Section(
        content,
        path="campaigns",
        allowed=("interval_minutes", "create_missing_statuses", "on_remote_removal"),
    )
    interval = section.whole(
        "interval_minutes", default=base.interval_minutes, least=0, most=max(INTERVALS)
    )
    if interval not in INTERVALS:
        raise InputError(
            f"must be one of {', '.join(map(str, INTERVALS))}; 0 is by hand only",
            field=section.where("interval_minutes"),
        )
    return Campaigns(
        interval_minutes=interval,
        create_missing_statuses=section.boolean(
            "create_missing_statuses", default=base.create_missing_statuses
        ),
        on_remote_removal=section.choice(
            "on_remote_removal", OnRemoteRemoval, default=base.on_remote_removal
        ),
    )
