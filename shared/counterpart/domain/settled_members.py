"""What is known of a member once its row took what was sent, or held it already."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.campaigns import status_key
from counterpart.domain.members import Agreement, Member, MemberCounterpart, against
from counterpart.domain.replaced_statuses import in_todays_words

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.member_push import MemberPush, PushGround
    from counterpart.domain.member_rows import MemberRow


def settle_member(
    member: Member,
    push: MemberPush,
    row: MemberRow,
    ground: PushGround,
    *,
    now: datetime,
    written_until: datetime | None,
) -> Member:
    """Return *member* after its row took what was sent, or held it already.

    Args:
        member: As it is now, which may be later than what was sent.
        push: What was sent.
        row: As it was read back.
        ground: What holds for its campaign.
        now: By our clock.
        written_until: When the write was answered, by Salesforce's clock; `None` if there was none.
    """
    by_hand = ground.campaign.status_map
    # So that a status that is removed later is told from one that was removed before both agreed.
    known = in_todays_words(against(member, row.campaign_id), kind=ground.kind, by_hand=by_hand)
    held = (
        known.counterpart if known.counterpart and known.counterpart.record_id == row.id else None
    )
    agreed = held.agreed if held else None
    passing = known.passing
    if push.crosses or agreed is None:
        agreed = Agreement(ours=push.ours, theirs=_left_there(push, row, written_until))
        passing = ()
    counterpart = MemberCounterpart(
        record_id=row.id,
        campaign_record_id=row.campaign_id,
        person_id=row.person_ids[0],
        linked_at=held.linked_at if held else now,
        agreed=agreed,
        modstamp=row.modstamp,
        written_at=now if written_until else (held.written_at if held else None),
        written_until=written_until or (held.written_until if held else None),
        responded=row.responded,
        made_here=push.new or (held is not None and held.made_here),
    )
    shadows = {**known.ledger.shadows, **push.fields.agreed, **push.fields.sent}
    after = replace(
        known,
        counterpart=counterpart,
        passing=passing,
        skip=None,
        ledger=replace(known.ledger, shadows=shadows),
    )
    return after if _moved_on(after, push, ground) else replace(after, waiting=None)


def _left_there(push: MemberPush, row: MemberRow, written_until: datetime | None) -> str:
    """Return the status that a row was left with, whoever has changed it before it was read back.

    A change by somebody else is no answer of Salesforce's to ours: the pull has still to see it.
    """
    if "Status" not in push.values:
        return push.found
    replaced = status_key(row.status) != status_key(push.wanted.label)
    if replaced and written_until and row.modified_at > written_until:
        return push.wanted.label
    return row.status


def _moved_on(member: Member, push: MemberPush, ground: PushGround) -> bool:
    """Return whether something was changed here since it was sent."""
    if not member.present:
        return True
    same_status = ground.kind.resolve(member.status).label == push.ours
    return not same_status or dict(member.ledger.values) != dict(push.left.values)
