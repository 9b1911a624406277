"""What one row of CampaignMember does to a member of ours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.member_from_row import created_from, has_to_go, is_our_row, merged_with
from counterpart.domain.member_status import is_settled
from counterpart.domain.member_steps import (
    Ground,
    MemberChange,
    MemberStep,
    row_outcome,
    step_if_changed,
)
from counterpart.domain.members import Member, MemberCounterpart, against, lapsed, unlinked
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.passing_values import SKEW
from counterpart.domain.records import SObject, object_of
from counterpart.domain.replaced_statuses import in_todays_words
from counterpart.domain.sync_settings import OnRemoteRemoval
from counterpart.domain.waiting import Lane, Waiting

if TYPE_CHECKING:
    from collections.abc import Collection

    from counterpart.domain.member_rows import MemberRow


def pull_row(
    row: MemberRow,
    member: Member | None,
    contact_id: str,
    ground: Ground,
    *,
    instead: bool = False,
) -> MemberStep:
    """Return what a live row does.

    Args:
        row: As it was read.
        member: The member that its person is here, if it is one; removed ones included.
        contact_id: Who its person is here.
        ground: What holds for its campaign.
        instead: The row that the member follows is gone, and this one takes its place. What both
            sides agreed upon holds all the same: what came from there is no wish of ours.
    """
    if member:
        member = _today(against(member, row.campaign_id), ground)
    held = member.counterpart if member else None
    if member is None or _comes_again(row, member, ground):
        if member and held and not instead and _counts_less(row, held, ground):
            return _called_back(member, ground)
        return created_from(row, member, contact_id, ground)
    if held and held.record_id != row.id and not (instead or _counts_more(row, held, ground)):
        return MemberStep(verdict=Reason.OTHER_ROW)
    if not member.present:
        return _kept_out(row, member, ground)
    if held and held.record_id == row.id and _is_stale(row, held, ground):
        return MemberStep(verdict=Reason.STALE)
    return merged_with(row, member, ground)


def _today(member: Member, ground: Ground) -> Member:
    return in_todays_words(member, kind=ground.kind, by_hand=ground.campaign.status_map)


def _comes_again(row: MemberRow, member: Member, ground: Ground) -> bool:
    """Return whether somebody who was removed here is a member there for another reason."""
    if member.removed_at is None:
        return False
    held = member.counterpart
    if held and held.record_id == row.id:
        # Our own row, which was in the making when it was removed here.
        return False
    if lapsed(member, ground.campaign.sync.chosen_at):
        return True
    return row.created_at > member.removed_at and not is_our_row(row, member, ground)


def pull_removal(row: MemberRow, member: Member, ground: Ground) -> MemberStep:
    """Return what it does to a member that its row is gone, and that there is no other."""
    if not member.present:
        # Removed on both sides.
        return MemberStep(verdict=MemberChange.DELETED, delete=member)
    outcome = row_outcome(Action.UNLINKED, Reason.DELETED_THERE, row, member.contact_id, ground)
    member = _today(member, ground)
    if member.waiting and _wanted_since(member, row, ground):
        # Somebody moved the member on, or added it, after it had gone there: it goes out anew.
        anew = unlinked(member)
        return MemberStep(verdict=MemberChange.UNLINKED, save=anew, outcomes=(outcome,))
    if ground.on_remote_removal is OnRemoteRemoval.KEEP:
        kept = replace(unlinked(member), waiting=None, skip=None)
        return MemberStep(verdict=MemberChange.UNLINKED, save=kept, outcomes=(outcome,))
    return MemberStep(verdict=MemberChange.DELETED, delete=member, outcomes=(outcome,))


def _wanted_since(member: Member, row: MemberRow, ground: Ground) -> bool:
    """Return whether somebody here gave a member its status after its row was deleted."""
    held = member.counterpart
    added_again = held is not None and held.linked_at < member.created_at
    if added_again and row.modstamp <= member.created_at + SKEW:
        # It was removed here, its row was deleted for that, and then it was added again.
        return True
    return not is_settled(member, ground.kind) and member.status_changed_at > row.modstamp


def weight_of(person_id: str, further: Collection[str]) -> tuple[bool, bool]:
    """Return how much the row of a person counts: its counterpart's most, then a Contact's."""
    return person_id not in further, object_of(person_id) is SObject.CONTACT


def _counts_more(row: MemberRow, held: MemberCounterpart, ground: Ground) -> bool:
    """Return whether *row* is the one to follow of two."""
    ours = weight_of(held.person_id, ground.further)
    return weight_of(row.person_ids[0], ground.further) > ours


def _counts_less(row: MemberRow, held: MemberCounterpart, ground: Ground) -> bool:
    """Return whether the row that is followed is the one to follow of two, whatever the other."""
    ours = weight_of(held.person_id, ground.further)
    return weight_of(row.person_ids[0], ground.further) < ours


def _is_stale(row: MemberRow, held: MemberCounterpart, ground: Ground) -> bool:
    if held.written_at and ground.asked_at < held.written_at:
        return True
    return held.modstamp is not None and row.modstamp < held.modstamp


def _called_back(member: Member, ground: Ground) -> MemberStep:
    """Return a member whose removal is called off, as somebody there added the person since.

    The row that counts most is the one that it had, which was not deleted as yet.
    """
    back = replace(member, removed_at=None, waiting=None, skip=None, updated_at=ground.now)
    if has_to_go(back, ground.kind, ground.fields):
        back = replace(back, waiting=Waiting(lane=Lane.FRESH, next_push_at=ground.now))
    return MemberStep(verdict=MemberChange.CREATED, save=back)


def _kept_out(row: MemberRow, member: Member, ground: Ground) -> MemberStep:
    """Return what a row does whose member was removed here.

    The removal has still to cross, unless it was called off because outbound was off. What the row
    holds is kept up with all the same: whoever is added again goes on by it, and nothing would
    have the row read once more.
    """
    held = member.counterpart
    same_row = held is not None and held.record_id == row.id
    if held and same_row and _is_stale(row, held, ground):
        return MemberStep(verdict=Reason.REMOVED_HERE)
    waiting, skip = member.waiting, member.skip
    called_off = waiting is None and skip is None
    if not (called_off or (same_row and waiting)):
        waiting = Waiting(lane=Lane.FRESH, next_push_at=ground.now)
        skip = None
    news = merged_with(row, member, ground).save or member
    after = replace(news, waiting=waiting, skip=skip)
    step = step_if_changed(member, after, (), same_row=same_row, now=ground.now)
    return replace(step, verdict=Reason.REMOVED_HERE)
