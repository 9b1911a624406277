"""What is to be done about one row of CampaignMember, and what it is decided by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.domain.records import CampaignObject

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from counterpart.domain.campaigns import Campaign, CampaignType
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.member_rows import MemberRow, TheirStatus
    from counterpart.domain.members import Member
    from counterpart.domain.sync_settings import OnRemoteRemoval


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


def step_if_changed(
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


def row_outcome(
    action: Action,
    reason: Reason,
    row: MemberRow,
    contact_id: str,
    ground: Ground,
    *,
    message: str = "",
) -> Outcome:
    """Return what somebody may ask about a row, and about the contact that it is of."""
    return Outcome(
        action=action,
        reason=reason,
        at=ground.now,
        object=CampaignObject.MEMBER,
        record_id=row.id,
        subject_id=contact_id,
        message=message,
    )
