"""Statuses that were removed from their type, as whoever has one is seen from then on.

It is of no account whether the replacement was stored with a member already: both sides are
compared as if it had been.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.campaigns import status_key
from counterpart.domain.member_status import in_ours
from counterpart.domain.members import ChangedBy
from counterpart.domain.passing_statuses import passed

if TYPE_CHECKING:
    from counterpart.domain.campaigns import CampaignType, StatusMap
    from counterpart.domain.members import Member


def in_todays_words(member: Member, *, kind: CampaignType, by_hand: StatusMap) -> Member:
    """Return *member* with what takes the place of its status, as of when that was removed.

    What somebody did later than that, on either side, is the later change; and what the member had
    may have gone to Salesforce without an answer, so it is a status in passing. A fallback that was
    pulled is nobody's choice, and neither is what takes its place.
    """
    today = _with_fallback_respelt(member, kind=kind, by_hand=by_hand)
    replaced_at = kind.replaced_at(today.status)
    if replaced_at is None:
        return today
    return replace(
        today,
        status=kind.resolve(today.status).label,
        status_changed_at=max(replaced_at, today.status_changed_at),
        changed_by=ChangedBy.PERSON,
        passing=passed(today, kind),
    )


def _with_fallback_respelt(member: Member, *, kind: CampaignType, by_hand: StatusMap) -> Member:
    """Return *member* with a fallback that was pulled spelt as its type calls it today.

    A status that both sides had is ours, and so is what takes its place.
    """
    held = member.counterpart
    if held is None or held.agreed is None or member.changed_by is not ChangedBy.SALESFORCE:
        return member
    former = status_key(held.agreed.ours)
    today = kind.lead(held.agreed.ours)
    if today is None or status_key(today.label) == former:
        return member
    theirs = in_ours(held.agreed.theirs, kind=kind, by_hand=by_hand)
    if theirs.known and status_key(theirs.label) == status_key(today.label):
        return member
    agreed = replace(held.agreed, ours=today.label)
    status = today.label if status_key(member.status) == former else member.status
    return replace(member, status=status, counterpart=replace(held, agreed=agreed))
