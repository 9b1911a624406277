"""What of a member goes out to its row."""

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
    is_unwritten,
    who_changed,
)
from counterpart.domain.members import Member, MemberCounterpart, against
from counterpart.domain.passing_values import with_brought
from counterpart.domain.policy import Changed, Verdict
from counterpart.domain.pushing import having_seen, plan_push
from counterpart.domain.records import CampaignObject
from counterpart.domain.replaced_statuses import in_todays_words
from counterpart.domain.yielding import yielded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.campaigns import Campaign, CampaignType
    from counterpart.domain.contacts import Ledger
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
        new: Whether the row is yet to be made.
        found: The status that the row had when this was decided.
        overruled: What ours replaces of theirs that no pull has seen, by our names.
        fields: What goes of the mapped fields.
        paths: Where each of them goes, by our name.
        left: The member's own fields, once what a newer row replaces is given up.
        lost: What of ours that is, by our names.
    """

    values: Mapping[str, str | int | float | bool | None]
    ours: str
    wanted: Translated
    crosses: bool
    new: bool
    found: str
    overruled: Mapping[str, Value]
    fields: PushPlan
    paths: Mapping[str, str]
    left: Ledger
    lost: Mapping[str, Value]


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
            our_time=known.status_changed_at,
            their_time=row.modified_at,
            passing=bool(known.passing),
            unwritten=is_unwritten(known),
        )
        crosses = STATUS_PUSH[who] is Verdict.SEND and not _too_old(known, held, ground)
    ledger = (
        with_brought(known.ledger, row, ground.fields)
        if held or not row.id
        else replace(known.ledger, shadows={})
    )
    until = held.written_until if held else None
    fields = plan_push(
        ledger,
        row,
        ground.fields,
        # Who becomes a member there does so with all that it has, as it does with its status.
        open_since=_open_since(ground) if row.id else None,
        written_until=until,
    )
    values = dict(fields.values)
    overruled = dict(fields.overruled)
    unseen = held is None or held.modstamp != row.modstamp
    if crosses and status_key(wanted.label) != status_key(row.status):
        values["Status"] = wanted.label
        if who in BOTH and unseen:
            overruled[STATUS] = row.status
    left, lost = member.ledger, dict[str, "Value"]()
    if values and held:
        # Where nothing is written, the row goes on telling a pull how new it is.
        left, lost = yielded(
            left, row, fields, ground.fields, known=ledger, written_until=until, is_news=unseen
        )
    return MemberPush(
        values=values,
        ours=ours,
        wanted=wanted,
        crosses=crosses,
        new=not row.id,
        found=row.status,
        overruled=overruled,
        fields=fields,
        paths={each.name: each.paths[CampaignObject.MEMBER] for each in ground.fields},
        left=left,
        lost=lost,
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
    stored = {status_key(member.status), status_key(agreed.ours)} if agreed else set()
    moved_on = member.passing or stored != {status_key(push.ours)}
    if agreed and moved_on and STATUS in push.overruled:
        # No pull takes what ours was told to replace, however late it is.
        agreed = replace(agreed, theirs=row.status)
    return replace(
        member,
        counterpart=replace(held, agreed=agreed, modstamp=row.modstamp),
        ledger=having_seen(member.ledger, push.fields.overruled),
    )
