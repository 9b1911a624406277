"""Statuses in passing: what a member's was for a while, since both sides last agreed.

Each of them may have gone to Salesforce without an answer, and would be met there as if somebody
had said otherwise since. So it is remembered, by the very write that replaces it, until both sides
agree anew. Till then ours has changed, also where it is what was agreed upon once more: what stands
there may be the source of a fallback, or one of these.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.campaigns import status_key
from counterpart.domain.member_status import Translated, in_ours, in_theirs, is_settled
from counterpart.domain.members import against
from counterpart.domain.passing_values import SKEW

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from counterpart.domain.campaigns import Campaign, CampaignType
    from counterpart.domain.member_rows import MemberRow, TheirStatus
    from counterpart.domain.members import Member

# Nobody moves a member more often before it has gone out.
_MOST = 5


def passed(member: Member, kind: CampaignType) -> tuple[str, ...]:
    """Return the statuses in passing of a member that is about to get another one."""
    if is_settled(member, kind):
        return ()
    return together(member.passing, (member.status,))


def together(*passing: Sequence[str]) -> tuple[str, ...]:
    """Return all of these statuses, each once; the last ones, if they are too many."""
    latest_first = dict.fromkeys(label for each in reversed(passing) for label in reversed(each))
    return tuple(latest_first)[:_MOST][::-1]


def may_be_our_write(
    row: MemberRow, member: Member, *, campaign: Campaign, kind: CampaignType
) -> bool:
    """Return whether a row may have its status from us, by a write that was never answered.

    Then both sides have left the statuses that they had agreed upon; or they never agreed, and the
    row is one that we know already, or was made after ours got its status; or ours has been
    something else, and nobody there has changed the row since. Of somebody who was removed here it
    may have been made just before that, though it looks a little newer.
    """
    held = against(member, row.campaign_id).counterpart
    if member.removed_at:
        newer_by = row.created_at - member.removed_at
        return held is None and timedelta(0) < newer_by <= SKEW
    if held and held.record_id != row.id:
        return False
    if _may_be_in_passing(row, member):
        return True
    if held is None or held.agreed is None:
        ours = Translated(kind.resolve(member.status).label, known=True)
        is_known = held is not None or row.created_at > member.status_changed_at
        return is_known and in_ours(row.status, kind=kind, by_hand=campaign.status_map) != ours
    theirs_moved = status_key(row.status) != status_key(held.agreed.theirs)
    return theirs_moved and not is_settled(member, kind)


def stands_for(
    ours: Collection[str],
    theirs: str,
    *,
    campaign: Campaign,
    kind: CampaignType,
    statuses: Sequence[TheirStatus],
) -> bool:
    """Return whether one of our statuses, sent to Salesforce, becomes theirs; be it as a fallback.

    Args:
        ours: Our labels.
        theirs: What a row has.
        campaign: Whose statuses may be mapped by hand.
        kind: Its type.
        statuses: Those of the campaign in Salesforce; if nobody has read them, none stands for any.
    """
    there = (
        in_theirs(each, kind=kind, statuses=statuses, by_hand=campaign.status_map) for each in ours
    )
    return bool(statuses) and any(status_key(each.label) == status_key(theirs) for each in there)


def brought(row: MemberRow, member: Member, kind: CampaignType) -> Collection[str]:
    """Return the statuses in passing that a row may have, as they were or are called."""
    if not _may_be_in_passing(row, member):
        return ()
    return {each for label in member.passing for each in (label, kind.resolve(label).label)}


def _may_be_in_passing(row: MemberRow, member: Member) -> bool:
    return bool(member.passing) and row.modified_at <= member.status_changed_at + SKEW
