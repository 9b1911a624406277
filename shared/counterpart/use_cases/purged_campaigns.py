"""Notice campaigns that were erased in Salesforce, which no query for changes tells of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import CampaignObject
from counterpart.use_cases.member_pages import MARKETING_USER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.use_cases.campaign_sync_ports import Followed
    from counterpart.use_cases.notes import Notes
    from counterpart.use_cases.unlink_campaigns import CampaignUnlinker


def without_purged(
    followed: Sequence[Followed],
    *,
    unlinker: CampaignUnlinker,
    notes: Notes,
    dry_run: bool,
) -> list[Followed]:
    """Return those campaigns that Salesforce has still, and end the links of the others.

    One call asks for all of them. Where none of several is to be seen, their links stay: a right
    that was taken from our user looks the same, and is far more likely.
    """
    missing = unlinker.missing(followed)
    if len(missing) == len(followed) > 1:
        message = (
            f"Salesforce shows none of {len(missing)} linked campaigns; their links stay. "
            f"{MARKETING_USER}"
        )
        notes.tell_of(
            CampaignObject.CAMPAIGN, Action.FAILED, Reason.OBJECT_UNAVAILABLE, message=message
        )
        return list(followed)
    if not dry_run:
        for each in missing:
            unlinker.unlink(each.campaign)
    return [each for each in followed if each not in missing]
