"""The upkeep of campaigns, before a run: what was begun here is completed, a step at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.records import CampaignObject
from counterpart.use_cases.campaign_stores import CampaignStores
from counterpart.use_cases.delete_campaigns import dismiss_all
from counterpart.use_cases.move_members_on import move_all_members_on
from counterpart.use_cases.settle_memberships import settle_memberships

if TYPE_CHECKING:
    from counterpart.use_cases.campaign_run import CampaignRun
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts


def settle(run: CampaignRun) -> None:
    """See to the memberships of contacts that have come or gone, however seldom we sync."""
    if run.request.dry_run:
        return
    settle_memberships(
        now=run.ports.clock(),
        enough=run.is_short,
        contacts=run.ports.contacts,
        merges=run.ports.merges,
        stores=_stores(run.ports),
    )


def move_on(run: CampaignRun) -> None:
    """Move members on whose status was removed, and dismiss those of deleted campaigns."""
    if run.request.dry_run:
        return
    stores = _stores(run.ports)
    moved = move_all_members_on(now=run.ports.clock(), enough=run.is_short, stores=stores)
    if moved:
        run.notes.count(CampaignObject.MEMBER, "moved_on", moved)
    dismissed = dismiss_all(now=run.ports.clock(), enough=run.is_short, stores=stores)
    if dismissed:
        run.notes.count(CampaignObject.MEMBER, "dismissed", dismissed)


def _stores(ports: CampaignPorts) -> CampaignStores:
    return CampaignStores(types=ports.types, campaigns=ports.campaigns, members=ports.members)
