"""What becomes of a membership when the merge of two contacts is undone.

Each gets back what it had, as far as nobody changed it since; a CampaignMember goes with the
person that it is about.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.marking import mark
from counterpart.domain.member_unions import (
    caught_up,
    changed_since,
    emptied,
    filled_by,
    has_row_of_loser,
    joined_there,
    row_of_loser,
    still_removed,
    was_member,
    without,
)
from counterpart.domain.members import ChangedBy, unlinked
from counterpart.domain.passing_statuses import passed

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from counterpart.domain.campaigns import Campaign, CampaignType
    from counterpart.domain.members import Absorbed, Member, MemberCounterpart
    from counterpart.domain.waiting import Lane


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """Where a merge is undone.

    Attributes:
        survivor_ids: Records of the contact that stayed, now that the merge is undone.
        loser_ids: Records of the one that is back.
        lane: In which members wait that are to go out.
        now: By our clock.
    """

    campaign: Campaign
    kind: CampaignType
    survivor_ids: Collection[str]
    loser_ids: Collection[str]
    lane: Lane
    now: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Parted:
    """Two memberships that were one.

    Attributes:
        survivor: Of the contact that stayed; `None` if it is no member.
        loser: Of the contact that is back; `None` if it is no member.
        kept: What stays as it is because it is newer, for people.
    """

    survivor: Member | None
    loser: Member | None
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Since:
    """What has happened since the merge.

    Attributes:
        row: The CampaignMember that goes along with the loser.
        inherited: That of the loser is about the survivor by now, who took its record over.
        moved: The status was changed by something else than merges.
        moved_there: By Salesforce, in that row.
        joined_there: Somebody in Salesforce has made the survivor a member by a row of its own.
    """

    row: MemberCounterpart | None
    inherited: bool
    moved: bool
    moved_there: bool
    joined_there: bool

    @property
    def moved_here(self) -> bool:
        """Whether the change stays with the survivor."""
        return self.moved and not self.moved_there


def parted(member: Member, absorbed: Absorbed, scene: Scene) -> Parted:
    """Return what both are of whom *member* has been the only one since the merge.

    Args:
        member: Of the contact that stayed, as it is now.
        absorbed: What it was united with, one of its own.
        scene: Where it happens.
    """
    alone = replace(member, absorbed=without(member, absorbed, scene.kind))
    where = f"campaign {member.campaign_id}"
    row = row_of_loser(member, absorbed, loser_ids=scene.loser_ids, survivor_ids=scene.survivor_ids)
    were_members = absorbed.loser.present or was_member(absorbed)
    if were_members and not member.present:
        return _removed(alone, absorbed, row, scene)
    moved = changed_since(member, absorbed, scene.kind)
    since = _Since(
        row=row,
        inherited=row is None and has_row_of_loser(member, absorbed),
        moved=moved or (member.present and not were_members),
        moved_there=moved and row is not None and member.changed_by is ChangedBy.SALESFORCE,
        joined_there=row is None and joined_there(member, absorbed),
    )
    kept = []
    if since.joined_there and not was_member(absorbed):
        kept.append(f"{member.contact_id} was added to {where} in Salesforce since")
    if since.moved_here and (absorbed.took_status or not were_members):
        kept.append(f"the status of {member.contact_id} in {where} was changed since")
    if was_member(absorbed):
        kept += [
            f"{name} of {member.contact_id} in {where} was changed since"
            for name, value in filled_by(absorbed).items()
            if member.ledger.values.get(name) != value
        ]
    return Parted(
        survivor=_survivor(alone, absorbed, since, scene),
        loser=_loser(member, absorbed, since, scene),
        kept=tuple(kept),
    )


def _removed(
    alone: Member, absorbed: Absorbed, row: MemberCounterpart | None, scene: Scene
) -> Parted:
    """Return what both are after somebody has removed them, while they were one."""
    kept = (f"{alone.contact_id} was removed from campaign {alone.campaign_id} since",)
    loser = _restored(absorbed.loser, scene)
    if row:
        # The removal has still to cross, by the row that goes along.
        loser = replace(loser, counterpart=row, removed_at=alone.removed_at)
        if not scene.campaign.syncs:
            loser = replace(loser, waiting=alone.waiting, skip=alone.skip)
        return Parted(survivor=None, loser=_marked(loser, scene), kept=kept)
    if loser.counterpart and scene.loser_ids and not has_row_of_loser(alone, absorbed):
        # Only the survivor's row went; that of the loser is there still.
        return Parted(survivor=alone, loser=_marked(loser, scene), kept=kept)
    return Parted(survivor=alone, loser=None, kept=kept)


# --- the contact that is back -------------------------------------------------------------------


def _restored(before: Member, scene: Scene) -> Member:
    """Return a member as it was, yet to be marked unless its removal waits for its campaign."""
    back = replace(before, version=0, updated_at=scene.now)
    if scene.campaign.syncs or before.present:
        back = replace(back, skip=None, waiting=None)
    return back


def _loser(member: Member, absorbed: Absorbed, since: _Since, scene: Scene) -> Member:
    before = absorbed.loser
    loser = _restored(before, scene)
    if since.row:
        # What the survivor was may have been sent to it without an answer.
        ledger, passing = caught_up(member, absorbed), passed(member, scene.kind)
        loser = replace(loser, counterpart=since.row, ledger=ledger, passing=passing)
        agreed = since.row.agreed
        if since.moved_there:
            loser = replace(
                loser,
                status=member.status,
                status_changed_at=member.status_changed_at,
                changed_by=member.changed_by,
            )
        elif agreed and scene.kind.resolve(agreed.ours) != scene.kind.resolve(before.status):
            # The survivor's was sent to it meanwhile; from now on this is the newer one.
            newer = max(scene.now, before.status_changed_at)
            loser = replace(loser, status_changed_at=newer)
    elif not scene.loser_ids:
        # It has no record any more, and with that no row.
        loser = unlinked(loser)
    return _marked(loser, scene)


# --- the contact that stayed --------------------------------------------------------------------


def _survivor(member: Member, absorbed: Absorbed, since: _Since, scene: Scene) -> Member | None:
    """Return what is left of *member*, which has lost the union already."""
    before = absorbed.before
    after = member
    if since.row:
        after = unlinked(after)
    others = [each.loser for each in after.absorbed if each.loser.present]
    own = [before] if before and before.present else []
    stays = since.moved_here or since.inherited or since.joined_there
    if not own and not others and not stays:
        return _no_member(after, before, since, scene)
    if (own or others) and not since.moved_here and (absorbed.took_status or not own):
        former = max([*own, *others], key=lambda each: scene.kind.rank(each.status))
        after = _given_back(after, former, scene)
    if own:
        after = replace(after, ledger=emptied(after.ledger, absorbed, scene.now))
    if after == member:
        return after
    return _marked(replace(after, updated_at=scene.now), scene)


def _no_member(after: Member, before: Member | None, since: _Since, scene: Scene) -> Member | None:
    """Return what is left of who was no member before; `None` if nobody else has to know."""
    if before:
        # Its removal has still to cross.
        return _marked(still_removed(before, after, scene.kind), scene)
    in_the_making = since.row is None and after.waiting is not None
    if scene.campaign.syncs and after.present and (after.counterpart or in_the_making):
        return _marked(replace(after, removed_at=scene.now, updated_at=scene.now), scene)
    return None


def _given_back(after: Member, former: Member, scene: Scene) -> Member:
    """Return a member with a status that it had, which is the newer one from now on."""
    label = scene.kind.resolve(former.status).label
    if label == after.status:
        return after
    return replace(
        after,
        status=label,
        status_changed_at=max(scene.now, after.status_changed_at),
        changed_by=former.changed_by,
        passing=passed(after, scene.kind),
    )


def _marked(member: Member, scene: Scene) -> Member:
    """Return *member* waiting to go out, if its campaign syncs.

    Once a campaign syncs again, all its members are looked at; a removal is by its own mark alone.
    """
    if not scene.campaign.syncs:
        return replace(member, waiting=None) if member.present else member
    return replace(member, waiting=mark(member.waiting, lane=scene.lane, now=scene.now))
