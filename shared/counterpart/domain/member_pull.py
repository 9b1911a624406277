"""What one row of CampaignMember does to a member of ours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.campaigns import status_key
from counterpart.domain.contacts import Lane, Ledger, Waiting
from counterpart.domain.member_status import (
    STATUS_PULL,
    Translated,
    in_ours,
    in_theirs,
    in_todays_words,
    is_unwritten,
    who_changed,
)
from counterpart.domain.members import (
    Agreement,
    ChangedBy,
    Member,
    MemberCounterpart,
    against,
    lapsed,
)
from counterpart.domain.merging import ledger_of, merge_record
from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.domain.policy import Changed, Verdict
from counterpart.domain.pushing import goes_out, pending
from counterpart.domain.records import CampaignObject
from counterpart.domain.sync_settings import OnRemoteRemoval

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from counterpart.domain.campaigns import Campaign, CampaignType
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.member_rows import MemberRow, TheirStatus

_CONTACT_PREFIX = "003"
_BOTH = frozenset({Changed.BOTH_OURS_LATER, Changed.BOTH_THEIRS_LATER})


class MemberChange(StrEnum):
    """What a row did to a member."""

    CREATED = "created"
    UPDATED = "updated"
    LINKED = "linked"
    UNLINKED = "unlinked"
    DELETED = "deleted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """What holds for all rows of one campaign.

    Attributes:
        fields: Of members, those that cross.
        now: By our clock.
        asked_at: By our clock, when the rows were asked for.
        statuses: Those of the campaign in Salesforce, where somebody has to know them.
        further: People who are further records of contacts, since these were merged here.
    """

    campaign: Campaign
    kind: CampaignType
    fields: Sequence[FieldMapping]
    on_remote_removal: OnRemoteRemoval
    now: datetime
    asked_at: datetime
    statuses: Sequence[TheirStatus] = ()
    further: Collection[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberStep:
    """What is to be done about one row.

    Attributes:
        verdict: A change, or the reason for leaving everything as it is.
        save: The member's next version, if it changes.
        delete: The member, if it goes.
        outcomes: What somebody may ask about.
    """

    verdict: MemberChange | Reason
    save: Member | None = None
    delete: Member | None = None
    outcomes: tuple[Outcome, ...] = ()


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
        return _created(row, member, contact_id, ground)
    if held and held.record_id != row.id and not (instead or _counts_more(row, held, ground)):
        return MemberStep(verdict=Reason.OTHER_ROW)
    if not member.present:
        return _kept_out(row, member, ground)
    if held and held.record_id == row.id and _is_stale(row, held, ground):
        return MemberStep(verdict=Reason.STALE)
    return _merged(row, member, ground)


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
    return row.created_at > member.removed_at or lapsed(member, ground.campaign.sync.chosen_at)


def pull_removal(row: MemberRow, member: Member, ground: Ground) -> MemberStep:
    """Return what it does to a member that its row is gone, and that there is no other."""
    if not member.present:
        # Removed on both sides.
        return MemberStep(verdict=MemberChange.DELETED, delete=member)
    outcome = _outcome(Action.UNLINKED, Reason.DELETED_THERE, row, member.contact_id, ground)
    member = _today(member, ground)
    if member.waiting and _wanted_since(member, row, ground):
        # Somebody moved the member on, or added it, after it had gone there: it goes out anew.
        unlinked = replace(member, counterpart=None, ledger=replace(member.ledger, shadows={}))
        return MemberStep(verdict=MemberChange.UNLINKED, save=unlinked, outcomes=(outcome,))
    if ground.on_remote_removal is OnRemoteRemoval.KEEP:
        kept = replace(
            member,
            counterpart=None,
            waiting=None,
            skip=None,
            ledger=replace(member.ledger, shadows={}),
        )
        return MemberStep(verdict=MemberChange.UNLINKED, save=kept, outcomes=(outcome,))
    return MemberStep(verdict=MemberChange.DELETED, delete=member, outcomes=(outcome,))


def _wanted_since(member: Member, row: MemberRow, ground: Ground) -> bool:
    """Return whether somebody here gave a member its status after its row was deleted."""
    held = member.counterpart
    if held and max(held.linked_at, row.modstamp) < member.created_at:
        # It was removed here, its row was deleted for that, and then it was added again.
        return True
    agreed = held.agreed if held else None
    ours = ground.kind.resolve(member.status).label
    moved_on = agreed is None or status_key(ours) != status_key(agreed.ours)
    return moved_on and member.status_changed_at > row.modstamp


def may_be_our_write(
    row: MemberRow, member: Member, *, campaign: Campaign, kind: CampaignType
) -> bool:
    """Return whether a row may have its status from us, by a write that was never answered.

    Then both sides have left the statuses that they had agreed upon; or they never agreed, and the
    row is one that we know already, or was made after ours got its status.
    """
    held = against(member, row.campaign_id).counterpart
    if not member.present or (held and held.record_id != row.id):
        return False
    ours = kind.resolve(member.status).label
    if held is None or held.agreed is None:
        theirs = in_ours(row.status, kind=kind, by_hand=campaign.status_map)
        is_known = held is not None or row.created_at > member.status_changed_at
        return is_known and theirs != Translated(ours, known=True)
    theirs_moved = status_key(row.status) != status_key(held.agreed.theirs)
    return theirs_moved and status_key(ours) != status_key(held.agreed.ours)


def has_to_go(member: Member, kind: CampaignType, fields: Sequence[FieldMapping]) -> bool:
    """Return whether something of a linked member differs from what was agreed, and may cross."""
    held = member.counterpart
    if held is None or held.agreed is None or not member.present:
        return True
    if status_key(kind.resolve(member.status).label) != status_key(held.agreed.ours):
        return True
    return any(
        goes_out(each) and pending(member.ledger, each, CampaignObject.MEMBER) for each in fields
    )


def weight_of(person_id: str, further: Collection[str]) -> tuple[bool, bool]:
    """Return how much the row of a person counts: its counterpart's most, then a Contact's."""
    return person_id not in further, person_id.startswith(_CONTACT_PREFIX)


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


def _created(row: MemberRow, removed: Member | None, contact_id: str, ground: Ground) -> MemberStep:
    """Return the member that a row becomes; one that was removed here before comes again."""
    status = in_ours(row.status, kind=ground.kind, by_hand=ground.campaign.status_map)
    member = Member(
        campaign_id=ground.campaign.id,
        contact_id=contact_id,
        status=status.label,
        status_changed_at=row.modified_at,
        changed_by=ChangedBy.SALESFORCE,
        created_at=removed.created_at if removed else ground.now,
        updated_at=ground.now,
        ledger=ledger_of(row, ground.fields),
        counterpart=_counterpart(
            row, None, Agreement(ours=status.label, theirs=row.status), ground
        ),
        version=removed.version if removed else 0,
    )
    outcomes = () if status.known else (_unknown_status(row, contact_id, ground),)
    return MemberStep(verdict=MemberChange.CREATED, save=member, outcomes=outcomes)


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
        waiting = waiting or Waiting(lane=Lane.FRESH, next_push_at=ground.now)
        skip = None
    news = _merged(row, member, ground).save or member
    after = replace(news, waiting=waiting, skip=skip)
    step = _if_changed(member, after, (), same_row=same_row, now=ground.now)
    return replace(step, verdict=Reason.REMOVED_HERE)


def _merged(row: MemberRow, member: Member, ground: Ground) -> MemberStep:
    held = member.counterpart
    same_row = held is not None and held.record_id == row.id
    ours = ground.kind.resolve(member.status).label
    status = in_ours(row.status, kind=ground.kind, by_hand=ground.campaign.status_map)
    agreed = held.agreed if held else None
    who = who_changed(
        ours=ours,
        theirs=row.status,
        agreed=agreed,
        translated=status,
        our_time=member.status_changed_at,
        their_time=row.modified_at,
        unwritten=same_row and is_unwritten(member),
    )
    if (
        who in _BOTH
        and may_be_our_write(row, member, campaign=ground.campaign, kind=ground.kind)
        and _stands_for(ours, row.status, ground)
    ):
        # A crash has kept its answer from us. What it fell back to there is no news.
        who, agreed = Changed.NEITHER, Agreement(ours=ours, theirs=row.status)
    verdict = STATUS_PULL[who]
    outcomes: list[Outcome] = []
    after = member
    if verdict is Verdict.TAKE:
        agreed = Agreement(ours=status.label, theirs=row.status)
        after = replace(
            after,
            status=status.label,
            status_changed_at=row.modified_at,
            changed_by=ChangedBy.SALESFORCE,
        )
        if not status.known:
            outcomes.append(_unknown_status(row, member.contact_id, ground))
    elif who is Changed.NEITHER and agreed is None:
        agreed = Agreement(ours=ours, theirs=row.status)
    elif agreed and verdict is Verdict.SEND and status_key(ours) == status_key(agreed.ours):
        # What was agreed upon is no more, so that ours goes out once more.
        agreed = None
    if who in _BOTH and held and held.agreed:
        outcomes.append(_conflict(row, ours, who, member.contact_id, ground))

    merge = merge_record(
        against(member, row.campaign_id).ledger if same_row else _without_shadows(member),
        row,
        ground.fields,
        written_until=held.written_until if held and same_row else None,
    )
    after = replace(
        after, ledger=merge.ledger, counterpart=_counterpart(row, held, agreed, ground), skip=None
    )
    if not has_to_go(after, ground.kind, ground.fields):
        after = replace(after, waiting=None)
    elif after.waiting is None or member.skip:
        after = replace(after, waiting=Waiting(lane=Lane.FRESH, next_push_at=ground.now))
    return _if_changed(member, after, tuple(outcomes), same_row=same_row, now=ground.now)


def _stands_for(ours: str, theirs: str, ground: Ground) -> bool:
    """Return whether our status, sent to Salesforce, becomes theirs; be it as a fallback."""
    if not ground.statuses:
        return False
    there = in_theirs(
        ours, kind=ground.kind, statuses=ground.statuses, by_hand=ground.campaign.status_map
    )
    return status_key(there.label) == status_key(theirs)


def _if_changed(
    before: Member, after: Member, outcomes: tuple[Outcome, ...], *, same_row: bool, now: datetime
) -> MemberStep:
    """Return the step to *after*, unless it would tell nothing new but a stamp."""
    if same_row and before.counterpart and after.counterpart:
        stamp = before.counterpart.modstamp
        if before == replace(after, counterpart=replace(after.counterpart, modstamp=stamp)):
            return MemberStep(verdict=Reason.NO_CHANGE)
    moved = before.status != after.status or before.ledger.values != after.ledger.values
    if moved:
        after = replace(after, updated_at=now)
    verdict = MemberChange.UPDATED if same_row else MemberChange.LINKED
    return MemberStep(verdict=verdict, save=after, outcomes=outcomes)


def _without_shadows(member: Member) -> Ledger:
    return replace(member.ledger, shadows={}) if member.counterpart else member.ledger


def _counterpart(
    row: MemberRow, held: MemberCounterpart | None, agreed: Agreement | None, ground: Ground
) -> MemberCounterpart:
    if held and held.record_id == row.id:
        return replace(
            held,
            person_id=row.person_ids[0],
            agreed=agreed,
            modstamp=row.modstamp,
            responded=row.responded,
        )
    return MemberCounterpart(
        record_id=row.id,
        campaign_record_id=row.campaign_id,
        person_id=row.person_ids[0],
        linked_at=ground.now,
        agreed=agreed,
        modstamp=row.modstamp,
        responded=row.responded,
    )


def _unknown_status(row: MemberRow, contact_id: str, ground: Ground) -> Outcome:
    message = (
        f"The type has no status {row.status!r}; the member has the default, and Salesforce keeps "
        "its own. Add the status, or map it, before the member's next change there."
    )
    return _outcome(Action.WARNED, Reason.STATUS_UNKNOWN, row, contact_id, ground, message=message)


def _conflict(row: MemberRow, ours: str, who: Changed, contact_id: str, ground: Ground) -> Outcome:
    ours_won = who is Changed.BOTH_OURS_LATER
    told = _outcome(Action.CONFLICTED, Reason.BOTH_CHANGED, row, contact_id, ground)
    return replace(
        told,
        field="status",
        kept="ours" if ours_won else "theirs",
        lost=row.status if ours_won else ours,
    )


def _outcome(
    action: Action,
    reason: Reason,
    row: MemberRow,
    contact_id: str,
    ground: Ground,
    *,
    message: str = "",
) -> Outcome:
    return Outcome(
        action=action,
        reason=reason,
        at=ground.now,
        object=CampaignObject.MEMBER,
        record_id=row.id,
        subject_id=contact_id,
        message=message,
    )
