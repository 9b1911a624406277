"""What becomes of two members when the contacts that they are turn out to be one person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.contacts import Ledger
from counterpart.domain.marking import mark
from counterpart.domain.member_unions import absorbed_from
from counterpart.domain.members import Absorbed
from counterpart.domain.passing_statuses import passed

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.campaigns import Campaign, CampaignType
    from counterpart.domain.members import Member
    from counterpart.domain.waiting import Lane


def united(
    survivor: Member | None,
    loser: Member,
    *,
    survivor_id: str,
    campaign: Campaign,
    campaign_type: CampaignType,
    lane: Lane,
    now: datetime,
) -> Member:
    """Return the membership of the contact that stays; *survivor* itself if that is done already.

    The status that is further along wins. Fields that the survivor has none for are filled. The
    CampaignMember of the loser becomes the survivor's if it has none; otherwise it stays alone.
    A removal of the survivor that has not crossed is called off if the loser is a member.
    What both were is kept, so that the merge can be undone.

    Args:
        survivor: What it was in this campaign; `None` if it was no member.
        loser: What the contact that goes was.
        survivor_id: The contact that stays.
        campaign: The campaign of both.
        campaign_type: Its type.
        lane: In which the survivor waits, if it is to go out.
        now: By our clock.
    """
    earlier = absorbed_from(survivor, loser.contact_id) if survivor else None
    if survivor and earlier and earlier.loser == loser:
        return survivor
    took_status = False
    if survivor is None or (loser.present and not survivor.present):
        after = _moved(
            loser, survivor, survivor_id=survivor_id, campaign_type=campaign_type, now=now
        )
        took_status = True
    elif loser.present:
        after = _joined(survivor, loser, campaign_type=campaign_type, now=now)
        took_status = after.status != survivor.status
    elif survivor.counterpart is None and loser.counterpart:
        # Its removal has still to cross, so the row is there, and nobody would read it again.
        after = _completed(survivor, loser, campaign_type=campaign_type, now=now)
    else:
        # Only a removal that has still to cross, of somebody who is a member all the same.
        after = survivor
    if after is not survivor and campaign.syncs:
        after = replace(after, waiting=mark(after.waiting, lane=lane, now=now))

    absorbed = Absorbed(
        loser=loser,
        before=replace(survivor, absorbed=()) if survivor else None,
        took_status=took_status,
    )
    if earlier:
        # The loser was changed by somebody before it could go.
        took_status = took_status or earlier.took_status
        absorbed = replace(absorbed, before=earlier.before, took_status=took_status)
    others = survivor.absorbed if survivor else ()
    return replace(after, absorbed=(*(each for each in others if each is not earlier), absorbed))


def _moved(
    loser: Member,
    survivor: Member | None,
    *,
    survivor_id: str,
    campaign_type: CampaignType,
    now: datetime,
) -> Member:
    """Return the membership of *loser* as that of a contact which is no member, or was removed.

    Of one that was removed the row is still there, as its removal has not crossed. It counts more,
    being its own, and nobody would read it again; what the loser has no value for stays in it.
    """
    moved = replace(loser, contact_id=survivor_id, updated_at=now)
    if survivor is None:
        return replace(moved, version=0)
    moved = replace(moved, version=survivor.version)
    if survivor.counterpart is None:
        return moved
    ours, theirs = loser.ledger, survivor.ledger
    ledger = Ledger(
        values={**theirs.values, **ours.values},
        times={**theirs.times, **ours.times},
        shadows=theirs.shadows,
    )
    passing = passed(survivor, campaign_type)
    return replace(moved, counterpart=survivor.counterpart, ledger=ledger, passing=passing)


def _joined(
    survivor: Member, loser: Member, *, campaign_type: CampaignType, now: datetime
) -> Member:
    after = survivor
    if campaign_type.rank(loser.status) > campaign_type.rank(survivor.status):
        after = replace(
            after,
            status=campaign_type.resolve(loser.status).label,
            status_changed_at=max(now, survivor.status_changed_at),
            changed_by=loser.changed_by,
            passing=passed(survivor, campaign_type),
            updated_at=now,
        )
    return _completed(after, loser, campaign_type=campaign_type, now=now)


def _completed(
    survivor: Member, loser: Member, *, campaign_type: CampaignType, now: datetime
) -> Member:
    """Return a membership with what it lacks of the other one's fields, and with its row."""
    after = survivor
    ours, theirs = survivor.ledger, loser.ledger
    filled = {
        name: value
        for name, value in theirs.values.items()
        if value is not None and ours.values.get(name) is None
    }
    if filled:
        ledger = Ledger(
            values={**ours.values, **filled},
            times={**ours.times, **dict.fromkeys(filled, now)},
            shadows=ours.shadows,
        )
        after = replace(after, ledger=ledger)
    if survivor.counterpart is None and loser.counterpart:
        after = replace(
            after,
            counterpart=loser.counterpart,
            ledger=replace(after.ledger, shadows=theirs.shadows),
            passing=passed(loser, campaign_type),
        )
    return after if after is survivor else replace(after, updated_at=now)
