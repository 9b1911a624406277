"""What of a member goes out to its row, and what is known of it afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.campaigns import status_key
from counterpart.domain.member_status import (
    BOTH,
    STATUS,
    STATUS_PUSH,
    Translated,
    in_ours,
    in_theirs,
    in_todays_words,
    is_unwritten,
    who_changed,
)
from counterpart.domain.members import Agreement, Member, MemberCounterpart, against
from counterpart.domain.passing_values import with_brought
from counterpart.domain.policy import Changed, Verdict
from counterpart.domain.pushing import having_seen, plan_push
from counterpart.domain.records import CampaignObject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.campaigns import Campaign, CampaignType
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.member_rows import MemberRow, TheirStatus
    from counterpart.domain.pushing import PushPlan
    from counterpart.domain.values import Value


@dataclass(frozen=True, kw_only=True, slots=True)
class PushGround:
    """What holds for all members of one campaign that go out.

    Attributes:
        statuses: Those that the Salesforce campaign has.
        fields: Of members, those that cross.
        open_since: When outbound was switched on; of a row that is there, what is older does not
            go.
    """

    campaign: Campaign
    kind: CampaignType
    statuses: Sequence[TheirStatus]
    fields: Sequence[FieldMapping]
    open_since: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberPush:
    """What goes out to one row, which was read just now or does not exist.

    Attributes:
        values: What to write, by API name; empty if there is nothing to write.
        ours: Our status, in the words of today.
        wanted: What it stands for there.
        crosses: Whether our status is to be theirs, be it written or there already.
        found: The status that the row had when this was decided.
        overruled: What ours replaces of theirs that no pull has seen, by our names.
        fields: What goes of the mapped fields.
        paths: Where each of them goes, by our name.
        seen: The member's own fields, as they were.
    """

    values: Mapping[str, str | int | float | bool | None]
    ours: str
    wanted: Translated
    crosses: bool
    found: str
    overruled: Mapping[str, Value]
    fields: PushPlan
    paths: Mapping[str, str]
    seen: Mapping[str, Value]


def plan_member(member: Member, row: MemberRow, ground: PushGround) -> MemberPush:
    """Return what of *member* goes out to *row*; a row without an id is yet to be made."""
    by_hand = ground.campaign.status_map
    ours = ground.kind.resolve(member.status).label
    wanted = in_theirs(ours, kind=ground.kind, statuses=ground.statuses, by_hand=by_hand)
    known = in_todays_words(against(member, row.campaign_id), kind=ground.kind, by_hand=by_hand)
    held = (
        known.counterpart if known.counterpart and known.counterpart.record_id == row.id else None
    )
    crosses, who = True, Changed.OURS
    if row.id:
        who = who_changed(
            ours=ours,
            theirs=row.status,
            agreed=held.agreed if held else None,
            translated=in_ours(row.status, kind=ground.kind, by_hand=by_hand),
            our_time=member.status_changed_at,
            their_time=row.modified_at,
            passing=bool(known.passing),
            unwritten=is_unwritten(member),
        )
        crosses = STATUS_PUSH[who] is Verdict.SEND and not _too_old(member, held, ground)
    fields = plan_push(
        with_brought(known.ledger, row, ground.fields)
        if held or not row.id
        else replace(known.ledger, shadows={}),
        row,
        ground.fields,
        # Who becomes a member there does so with all that it has, as it does with its status.
        open_since=_open_since(ground) if row.id else None,
        written_until=held.written_until if held else None,
    )
    values = dict(fields.values)
    overruled = dict(fields.overruled)
    if crosses and status_key(wanted.label) != status_key(row.status):
        values["Status"] = wanted.label
        unseen = held is None or held.modstamp != row.modstamp
        if who in BOTH and unseen:
            overruled[STATUS] = row.status
    return MemberPush(
        values=values,
        ours=ours,
        wanted=wanted,
        crosses=crosses,
        found=row.status,
        overruled=overruled,
        fields=fields,
        paths={each.name: each.paths[CampaignObject.MEMBER] for each in ground.fields},
        seen=member.ledger.values,
    )


def _too_old(member: Member, held: MemberCounterpart | None, ground: PushGround) -> bool:
    """Return whether the status was changed before outbound was on; then it stays here.

    At the first meeting of both sides it goes all the same: somebody chose to bring them together.
    """
    open_since = _open_since(ground)
    if open_since is None or held is None or held.agreed is None:
        return False
    return member.status_changed_at <= open_since


def _open_since(ground: PushGround) -> datetime | None:
    """Return the moment before which nothing of members goes out, if there is one.

    What was done before the campaign was chosen takes part like everything else, so the switch
    counts only if it was turned on after that.
    """
    chosen_at = ground.campaign.sync.chosen_at
    if ground.open_since and chosen_at and chosen_at >= ground.open_since:
        return None
    return ground.open_since


def having_met(member: Member, push: MemberPush, row: MemberRow) -> Member:
    """Return *member* once what ours replaces in its row was seen, and ours is to stand.

    One that goes out to a row by which somebody else made it a member is linked by the write alone.
    """
    held = member.counterpart
    if held is None or held.record_id != row.id:
        return member
    agreed = held.agreed
    moved_on = agreed and (member.passing or status_key(push.ours) != status_key(agreed.ours))
    if agreed and moved_on and STATUS in push.overruled:
        # No pull takes what ours was told to replace, however late it is.
        agreed = replace(agreed, theirs=row.status)
    return replace(
        member,
        counterpart=replace(held, agreed=agreed, modstamp=row.modstamp),
        ledger=having_seen(member.ledger, push.fields.overruled),
    )


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
    known = against(member, row.campaign_id)
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
    return not same_status or dict(member.ledger.values) != dict(push.seen)
