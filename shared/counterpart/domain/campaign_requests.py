"""What people and schedules may ask of `sync_campaigns`, read strictly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.document import Section
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignsRequest:
    """What to sync.

    Attributes:
        campaign_id: This campaign alone; `None` means all that sync.
        dry_run: Plan for real, write nothing.
        scheduled: Asked by the schedule: goes only if the interval has passed.
        continues: A hand-over: goes on at once, whatever the interval.
    """

    campaign_id: str | None = None
    dry_run: bool = False
    scheduled: bool = False
    continues: bool = False

    def payload(self) -> dict[str, object]:
        """Return the payload by which the next invocation goes on with the same."""
        payload: dict[str, object] = {"continues": True}
        if self.campaign_id:
            payload["campaign_id"] = self.campaign_id
        if self.scheduled:
            payload["scheduled"] = True
        return payload


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignSearchRequest:
    """Which campaigns of Salesforce to list.

    Attributes:
        name: What their names contain.
    """

    name: str


def parse_campaigns_request(
    payload: Mapping[str, object],
) -> CampaignsRequest | CampaignSearchRequest:
    """Return what a payload asks for; an empty one asks for all campaigns now.

    Raises:
        InputError: it asks for something that is not allowed.
    """
    if "search" in payload:
        name = Section(payload, path="", allowed=("search",)).text("search")
        if name is None:
            raise InputError("must be text", field="search")
        return CampaignSearchRequest(name=name)
    section = Section(
        payload, path="", allowed=("campaign_id", "dry_run", "scheduled", "continues", "search")
    )
    return CampaignsRequest(
        campaign_id=section.text("campaign_id"),
        dry_run=section.boolean("dry_run", default=False),
        scheduled=section.boolean("scheduled", default=False),
        continues=section.boolean("continues", default=False),
    )
