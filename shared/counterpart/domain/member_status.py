"""Statuses of members on both sides: which stands for which, and whose crosses.

A side has changed its status if that differs from what both were when they were last brought
together. A change of ours is always sent; one of theirs is taken unless ours changed later. Where
a side lacks the other's status it falls back to its default, and what stood behind the fallback
is remembered as agreed, so that a fallback is no change and never crosses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from counterpart.domain.campaigns import status_key
from counterpart.domain.member_rows import find_status, short_label
from counterpart.domain.members import ChangedBy
from counterpart.domain.policy import Changed, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from counterpart.domain.campaigns import CampaignType, StatusMap
    from counterpart.domain.member_rows import TheirStatus
    from counterpart.domain.members import Agreement, Member

# By which people are told of it; the members' own fields have the names of the settings.
STATUS = "status"

BOTH = frozenset({Changed.BOTH_OURS_LATER, Changed.BOTH_THEIRS_LATER})

# When a row comes in.
STATUS_PULL = {
    Changed.NEITHER: Verdict.LEAVE,
    Changed.OURS: Verdict.SEND,
    Changed.THEIRS: Verdict.TAKE,
    Changed.BOTH_OURS_LATER: Verdict.SEND,
    Changed.BOTH_THEIRS_LATER: Verdict.TAKE,
}

# When a member goes out, against its row as it was just read: whatever is ours is sent.
STATUS_PUSH = {
    Changed.NEITHER: Verdict.LEAVE,
    Changed.OURS: Verdict.SEND,
    Changed.THEIRS: Verdict.LEAVE,
    Changed.BOTH_OURS_LATER: Verdict.SEND,
    Changed.BOTH_THEIRS_LATER: Verdict.SEND,
}


class Translated(NamedTuple):
    """A status in the words of the other side.

    Attributes:
        known: Whether that side has it; if not, the label is its default's.
    """

    label: str
    known: bool


def in_ours(theirs: str, *, kind: CampaignType, by_hand: StatusMap) -> Translated:
    """Return what Salesforce's label stands for among our statuses."""
    mapped = by_hand.ours(theirs)
    found = kind.lead(mapped) if mapped else None
    # Salesforce may hold a long label of ours cut.
    wanted = status_key(short_label(theirs))
    alike = (each for each in kind.statuses if status_key(short_label(each.label)) == wanted)
    found = found or kind.lead(theirs) or next(alike, None)
    return Translated(found.label if found else kind.default.label, known=found is not None)


def in_theirs(
    ours: str, *, kind: CampaignType, statuses: Sequence[TheirStatus], by_hand: StatusMap
) -> Translated:
    """Return what our label stands for among the statuses of a Salesforce campaign.

    A campaign that has not got it may have one that ours has replaced. A campaign without any
    default takes what it is given.
    """
    mapped = by_hand.theirs(ours)
    found = find_status(mapped, statuses) if mapped else None
    found = found or find_status(ours, statuses)
    replaced = (
        each
        for each in statuses
        if (today := kind.lead(each.label)) and status_key(today.label) == status_key(ours)
    )
    found = found or next(replaced, None)
    if found:
        return Translated(found.label, known=True)
    default = next((each for each in statuses if each.default), None)
    return Translated(default.label if default else ours, known=False)


def is_settled(member: Member, kind: CampaignType) -> bool:
    """Return whether both sides agree on a member's status, and it was nothing else since.

    One that was removed is something else, also where what takes its place was agreed upon before.
    """
    agreed = member.counterpart.agreed if member.counterpart else None
    if agreed is None or member.passing:
        return False
    today = kind.resolve(member.status).label
    return status_key(member.status) == status_key(today) == status_key(agreed.ours)


def is_unwritten(member: Member) -> bool:
    """Return whether somebody here gave a member its status, and its row was not written since.

    So it is where the row had that status already, or the one that ours falls back to.
    """
    if member.changed_by is ChangedBy.SALESFORCE:
        return False
    written_at = member.counterpart.written_at if member.counterpart else None
    return written_at is None or written_at < member.status_changed_at


def who_changed(
    *,
    ours: str,
    theirs: str,
    agreed: Agreement | None,
    translated: Translated,
    our_time: datetime,
    their_time: datetime,
    passing: bool = False,
    unwritten: bool = False,
) -> Changed:
    """Return who changed the status since both were last brought together.

    Args:
        ours: Our label, as it stands today.
        theirs: Salesforce's label.
        agreed: `None` at the first meeting; then both count as changed.
        translated: Theirs, in our words.
        our_time: When ours became what it is.
        their_time: When a user last changed the row.
        passing: Ours has been something else since, and is what was agreed upon by a new choice.
        unwritten: Ours was agreed upon without a write. A change of theirs from before, which was
            not to be seen then, is no newer for that.
    """
    if agreed is None:
        if translated.known and status_key(ours) == status_key(translated.label):
            return Changed.NEITHER
        ours_changed = theirs_changed = True
    else:
        ours_changed = passing or status_key(ours) != status_key(agreed.ours)
        theirs_changed = status_key(theirs) != status_key(agreed.theirs)
        ours_changed |= theirs_changed and unwritten and our_time > their_time
    if ours_changed and theirs_changed:
        later = our_time > their_time
        return Changed.BOTH_OURS_LATER if later else Changed.BOTH_THEIRS_LATER
    if ours_changed:
        return Changed.OURS
    return Changed.THEIRS if theirs_changed else Changed.NEITHER
