"""What a live row makes of a member: a new one, or one that is merged with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.campaigns import status_key
from counterpart.domain.contacts import Ledger
from counterpart.domain.member_status import (
    BOTH,
    STATUS,
    STATUS_PULL,
    Translated,
    in_ours,
    is_settled,
    is_unwritten,
    who_changed,
)
from counterpart.domain.member_steps import (
    Ground,
    MemberChange,
    MemberStep,
    row_outcome,
    step_if_changed,
)
from counterpart.domain.members import Agreement, ChangedBy, Member, MemberCounterpart, against
from counterpart.domain.merging import ledger_of, merge_record
from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.domain.outgoing_fields import goes_out, pending
from counterpart.domain.passing_statuses import brought, may_be_our_write, stands_for
from counterpart.domain.passing_values import with_brought
from counterpart.domain.policy import Changed, Verdict
from counterpart.domain.records import CampaignObject
from counterpart.domain.told_conflicts import lost_value, told
from counterpart.domain.waiting import Lane, Waiting

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from counterpart.domain.campaigns import CampaignType
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.member_rows import MemberRow


def created_from(
    row: MemberRow, removed: Member | None, contact_id: str, ground: Ground
) -> MemberStep:
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


def merged_with(row: MemberRow, member: Member, ground: Ground) -> MemberStep:
    """Return the member with what a row brings; what of ours has to go there waits for it."""
    held = member.counterpart
    same_row = held is not None and held.record_id == row.id
    ours = ground.kind.resolve(member.status).label
    status = in_ours(row.status, kind=ground.kind, by_hand=ground.campaign.status_map)
    agreed = held.agreed if held else None
    who = _who_changed(row, member, ours, status, ground)
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
    elif who is Changed.NEITHER and (
        agreed is None or status_key(agreed.theirs) != status_key(row.status)
    ):
        # Also what ours fell back to there, by a write whose answer a crash has kept from us.
        agreed = Agreement(ours=ours, theirs=row.status)
    elif agreed and verdict is Verdict.SEND and is_settled(member, ground.kind):
        # What was agreed upon is no more, so that ours goes out once more.
        agreed = None
    if who in BOTH:
        outcomes.append(_conflict(row, ours, verdict, member.contact_id, ground))

    merge = merge_record(
        with_brought(against(member, row.campaign_id).ledger, row, ground.fields)
        if same_row
        else _without_shadows(member),
        row,
        ground.fields,
        written_until=held.written_until if held and same_row else None,
    )
    outcomes += told(merge.conflicts, row, subject_id=member.contact_id, at=ground.now)
    after = replace(
        after,
        ledger=merge.ledger,
        counterpart=_counterpart(row, held, agreed, ground),
        # Unless ours has still to cross, both agree by now.
        passing=after.passing if verdict is Verdict.SEND else (),
        skip=None,
    )
    # What somebody there, or automation, makes of ours in a field that takes nothing in is no
    # reason to write: it would go out, and be changed, for ever.
    due = [
        each
        for each in ground.fields
        if each.name in merge.sends or not same_row or not _is_written(member, each.name)
    ]
    if not has_to_go(after, ground.kind, ground.fields):
        after = replace(after, waiting=None)
    elif member.skip or (after.waiting is None and has_to_go(after, ground.kind, due)):
        after = replace(after, waiting=Waiting(lane=Lane.FRESH, next_push_at=ground.now))
    return step_if_changed(member, after, tuple(outcomes), same_row=same_row, now=ground.now)


def is_our_row(row: MemberRow, member: Member, ground: Ground) -> bool:
    """Return whether we made a row as which somebody comes again who was removed here just now."""
    ours = {ground.kind.resolve(member.status).label, *brought(row, member, ground.kind)}
    return may_be_our_write(
        row, member, campaign=ground.campaign, kind=ground.kind
    ) and _stands_for(ours, row, ground)


def has_to_go(member: Member, kind: CampaignType, fields: Sequence[FieldMapping]) -> bool:
    """Return whether something of a linked member differs from what was agreed, and may cross."""
    if not member.present or not is_settled(member, kind):
        return True
    return any(
        goes_out(each) and pending(member.ledger, each, CampaignObject.MEMBER) for each in fields
    )


def _who_changed(
    row: MemberRow, member: Member, ours: str, status: Translated, ground: Ground
) -> Changed:
    """Return who changed the status; our own write is no change of theirs."""
    held = member.counterpart
    same_row = held is not None and held.record_id == row.id
    who = who_changed(
        ours=ours,
        theirs=row.status,
        agreed=held.agreed if held else None,
        translated=status,
        our_time=member.status_changed_at,
        their_time=row.modified_at,
        passing=bool(member.passing),
        unwritten=same_row and is_unwritten(member),
    )
    if who in BOTH and may_be_our_write(row, member, campaign=ground.campaign, kind=ground.kind):
        if _stands_for([ours], row, ground):
            return Changed.NEITHER
        if _stands_for(brought(row, member, ground.kind), row, ground):
            # Or somebody there has said the same just after it was replaced here.
            doubtful = row.modified_at > member.status_changed_at
            return Changed.BOTH_OURS_LATER if doubtful else Changed.OURS
    return who


def _stands_for(ours: Collection[str], row: MemberRow, ground: Ground) -> bool:
    return stands_for(
        ours,
        row.status,
        campaign=ground.campaign,
        kind=ground.kind,
        statuses=ground.statuses,
    )


def _is_written(member: Member, name: str) -> bool:
    """Return whether a member's row was written since its field became what it is here."""
    edited_at = member.ledger.times.get(name)
    written_at = member.counterpart.written_at if member.counterpart else None
    return edited_at is not None and written_at is not None and edited_at <= written_at


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
    return row_outcome(
        Action.WARNED, Reason.STATUS_UNKNOWN, row, contact_id, ground, message=message
    )


def _conflict(
    row: MemberRow, ours: str, verdict: Verdict, contact_id: str, ground: Ground
) -> Outcome:
    sent = verdict is Verdict.SEND
    return lost_value(
        STATUS,
        row.status if sent else ours,
        row,
        kept="ours" if sent else "theirs",
        subject_id=contact_id,
        at=ground.now,
    )
