"""Members come, move and go: what somebody's wish does to one, and to the mark that it waits.

Status, time and mark change together in the new member, which is stored by one write.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.contact_document import read_edit
from counterpart.domain.editing import changes, ledger_with
from counterpart.domain.mapping import synced_fields
from counterpart.domain.marking import mark
from counterpart.domain.members import ChangedBy, Member
from counterpart.domain.outgoing_fields import goes_out
from counterpart.domain.passing_statuses import passed
from counterpart.domain.records import CampaignObject
from counterpart.domain.replaced_statuses import in_todays_words
from counterpart.errors import ConflictError, InputError, NotFoundError, StaleVersionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.campaigns import Campaign, CampaignType
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.values import Value
    from counterpart.domain.waiting import Lane


class MemberAct(StrEnum):
    """What is to happen to a contact in a campaign."""

    # Who is a member already is changed.
    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberWish:
    """What somebody wants of one contact in a campaign; what is `None` was not sent.

    Attributes:
        fields: By the names of the settings' mapping of members' fields; `None` clears.
        automated: Sent by a program on its own: the member may move forward only.
        version: Refuse the change if the member has another one.
    """

    contact_id: str
    act: MemberAct = MemberAct.ADD
    status: str | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
    automated: bool = False
    version: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """Where it happens.

    Attributes:
        fields: The settings' mapping of members' fields.
        lane: In which a member waits that is to go out.
        now: By our clock.
    """

    campaign: Campaign
    campaign_type: CampaignType
    fields: Sequence[FieldMapping]
    lane: Lane
    now: datetime


class Became(StrEnum):
    """What became of a wish."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    # Gone here, and kept until it is gone in Salesforce.
    REMOVED = "removed"
    # Gone; nobody else has to know.
    DROPPED = "dropped"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fulfilled:
    """A member as a wish leaves it, to be stored, or to be deleted where it is `DROPPED`."""

    member: Member
    became: Became


def fulfil(wish: MemberWish, member: Member | None, stage: Stage) -> Fulfilled:
    """Return what *wish* makes of a contact in a campaign.

    Args:
        wish: What is wanted.
        member: What is stored, if anything is; one whose removal has still to cross counts as none.
        stage: Where it happens.

    Raises:
        InputError: the wish cannot be fulfilled.
    """
    present = member if member and member.present else None
    if present is None:
        if wish.act is not MemberAct.ADD:
            message = f"contact {wish.contact_id} is not a member of this campaign"
            raise NotFoundError(message, field="contact_id")
        if wish.version is not None:
            raise StaleVersionError("the contact is not a member by now", field="version")
        return Fulfilled(member=_added(wish, member, stage), became=Became.ADDED)

    if wish.version is not None and wish.version != present.version:
        message = f"the member has changed: its version is {present.version} by now"
        raise StaleVersionError(message, field="version")
    if wish.act is MemberAct.REMOVE:
        return _removed(present, stage)
    changed = _changed(wish, present, stage)
    became = Became.UNCHANGED if changed is present else Became.CHANGED
    return Fulfilled(member=changed, became=became)


def moved_on(member: Member, stage: Stage) -> Member:
    """Return *member* stored with the status that stands for the one it has, which was removed."""
    kind, by_hand = stage.campaign_type, stage.campaign.status_map
    today = in_todays_words(member, kind=kind, by_hand=by_hand)
    after = replace(today, updated_at=stage.now)
    # Where it was pulled as a fallback, Salesforce has a status that we lack, and keeps it.
    return after if after.changed_by is ChangedBy.SALESFORCE else _marked(after, stage)


def _added(wish: MemberWish, former: Member | None, stage: Stage) -> Member:
    """Return a new member, or one whose removal has not crossed, which is thereby called off."""
    label = _wanted(wish, stage) or stage.campaign_type.default.label
    changed_by = ChangedBy.AUTOMATION if wish.automated else ChangedBy.PERSON
    edits = {name: value for name, value in _edits(wish, stage).items() if value is not None}
    if former is None:
        born = Member(
            campaign_id=stage.campaign.id,
            contact_id=wish.contact_id,
            status=label,
            status_changed_at=stage.now,
            changed_by=changed_by,
            created_at=stage.now,
            updated_at=stage.now,
        )
    else:
        back = replace(former, removed_at=None, skip=None, created_at=stage.now)
        born = _with_status(back, label, changed_by, stage)
        if wish.status is not None and not born.passing:
            # Somebody has named it anew, be it what was agreed upon.
            born = replace(born, passing=(former.status,))
    return _marked(_with_values(born, edits, stage.now), stage)


def _changed(wish: MemberWish, member: Member, stage: Stage) -> Member:
    after = member
    label = _wanted(wish, stage)
    if label is not None:
        rank, wanted = (stage.campaign_type.rank(each) for each in (member.status, label))
        if wish.automated and wanted < rank:
            now_at = stage.campaign_type.resolve(member.status).label
            message = f"automation moves members forward only, and this one is at {now_at} already"
            raise ConflictError(message, field="status")
        if wanted != rank:
            changed_by = ChangedBy.AUTOMATION if wish.automated else ChangedBy.PERSON
            after = _with_status(after, label, changed_by, stage)
    moved = after is not member

    edits = changes(member.ledger, _edits(wish, stage))
    if edits:
        after = _with_values(after, edits, stage.now)
    if not moved and not any(each.name in edits for each in _outgoing(stage)):
        return after
    return _marked(after, stage)


def _removed(member: Member, stage: Stage) -> Fulfilled:
    if not stage.campaign.syncs:
        return Fulfilled(member=member, became=Became.DROPPED)
    # Also where no record is known: it may be in the making this very moment.
    gone = replace(member, removed_at=stage.now, updated_at=stage.now)
    return Fulfilled(member=_marked(gone, stage), became=Became.REMOVED)


def _wanted(wish: MemberWish, stage: Stage) -> str | None:
    if wish.status is None:
        return None
    found = stage.campaign_type.find(wish.status)
    if found is None:
        known = ", ".join(each.label for each in stage.campaign_type.statuses)
        raise InputError(f"is not a status of this campaign; it has {known}", field="status")
    return found.label


def _edits(wish: MemberWish, stage: Stage) -> Mapping[str, Value]:
    if wish.fields and not stage.fields:
        message = "members have no fields; the settings name them, under member_fields"
        raise InputError(message, field="fields")
    return read_edit(fields=wish.fields, mapping=stage.fields).values


def _outgoing(stage: Stage) -> list[FieldMapping]:
    return [
        each
        for each in synced_fields(stage.fields, CampaignObject.MEMBER)
        if goes_out(each) and each.writes_to(CampaignObject.MEMBER)
    ]


def _with_status(member: Member, label: str, changed_by: ChangedBy, stage: Stage) -> Member:
    return replace(
        member,
        status=label,
        # By Salesforce's clock, the status that is replaced may come from a little later than
        # now. The new one must not look older, or its record would bring the old one back.
        status_changed_at=max(stage.now, member.status_changed_at),
        changed_by=changed_by,
        passing=passed(member, stage.campaign_type),
        updated_at=stage.now,
    )


def _with_values(member: Member, edits: Mapping[str, Value], now: datetime) -> Member:
    return replace(member, ledger=ledger_with(member.ledger, edits, now=now), updated_at=now)


def _marked(member: Member, stage: Stage) -> Member:
    """Return *member* waiting to go out, if its campaign syncs."""
    if not stage.campaign.syncs:
        return member
    return replace(member, waiting=mark(member.waiting, lane=stage.lane, now=stage.now))
