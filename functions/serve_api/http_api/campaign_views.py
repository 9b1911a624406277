"""The shapes of what the API gives out of types, campaigns and members."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from counterpart.domain.campaigns import Campaign, CampaignType
from counterpart.domain.members import Member
from counterpart.domain.values import format_time
from counterpart.domain.waiting import Lane
from counterpart.ports.campaigns import CampaignFound
from counterpart.use_cases.read_members import Membership
from http_api.problems import Problem
from http_api.views import Json


class StatusShown(BaseModel):
    """A step of a campaign."""

    label: str
    success: bool


class RemovalShown(BaseModel):
    """A status that was removed."""

    label: str
    replacement: str
    removed_at: str
    settled: bool = Field(description="Every member that had it has moved on.")


class TypeShown(BaseModel):
    """A type of campaign."""

    id: str
    name: str
    description: str
    statuses: list[StatusShown] = Field(description="In order; the first is the default.")
    removals: list[RemovalShown] = Field(description="Members with these have the replacement.")
    created_at: str
    updated_at: str
    version: int

    @classmethod
    def of(cls, campaign_type: CampaignType) -> TypeShown:
        """Return *campaign_type* in this shape."""
        return cls(
            id=campaign_type.id,
            name=campaign_type.name,
            description=campaign_type.description,
            statuses=[
                StatusShown(label=each.label, success=each.success)
                for each in campaign_type.statuses
            ],
            removals=[
                RemovalShown(
                    label=each.label,
                    replacement=each.replacement,
                    removed_at=format_time(each.removed_at),
                    settled=each.settled,
                )
                for each in campaign_type.removals
            ],
            created_at=format_time(campaign_type.created_at),
            updated_at=format_time(campaign_type.updated_at),
            version=campaign_type.version,
        )


class Types(BaseModel):
    """Some types of a longer list."""

    items: list[TypeShown]
    next: str | None = Field(description="Hand it back as `next` to get what follows.")


class SyncShown(BaseModel):
    """Whether and with what a campaign syncs."""

    option: Literal["none", "existing", "new"]
    salesforce_id: str | None
    chosen_at: str | None
    state: Literal["off", "waiting", "linked", "ended"] = Field(
        description="`ended`: nothing is tried until somebody chooses again."
    )
    reason: str | None = Field(description="Why it ended.")

    @classmethod
    def of(cls, campaign: Campaign) -> SyncShown:
        """Return the sync of *campaign* in this shape."""
        sync, counterpart = campaign.sync, campaign.counterpart
        state: Literal["off", "waiting", "linked", "ended"] = "off"
        if sync.refusal is not None:
            state = "ended"
        elif campaign.syncs:
            state = "linked" if counterpart else "waiting"
        return cls(
            option=sync.option.value,
            salesforce_id=counterpart.record_id if counterpart else sync.record_id,
            chosen_at=format_time(sync.chosen_at) if sync.chosen_at else None,
            state=state,
            reason=sync.refusal,
        )


class StatusMapShown(BaseModel):
    """Which status stands for which, where the labels differ."""

    to_salesforce: dict[str, str] = Field(description="Theirs, by ours.")
    from_salesforce: dict[str, str] = Field(description="Ours, by theirs.")


class CampaignShown(BaseModel):
    """A campaign."""

    id: str
    name: str
    type_id: str
    sync: SyncShown
    status_map: StatusMapShown
    created_at: str
    updated_at: str
    version: int

    @classmethod
    def of(cls, campaign: Campaign) -> CampaignShown:
        """Return *campaign* in this shape."""
        return cls(
            id=campaign.id,
            name=campaign.name,
            type_id=campaign.type_id,
            sync=SyncShown.of(campaign),
            status_map=StatusMapShown(
                to_salesforce=dict(campaign.status_map.to_theirs),
                from_salesforce=dict(campaign.status_map.to_ours),
            ),
            created_at=format_time(campaign.created_at),
            updated_at=format_time(campaign.updated_at),
            version=campaign.version,
        )


class Campaigns(BaseModel):
    """Some campaigns of a longer list."""

    items: list[CampaignShown]
    next: str | None = Field(description="Hand it back as `next` to get what follows.")


class MemberRecord(BaseModel):
    """The CampaignMember that a member is linked to."""

    id: str
    person_id: str = Field(description="Its Contact or Lead.")
    status: str | None = Field(
        description="Salesforce's own; it may stand for ours where Salesforce lacks ours."
    )
    responded: bool = Field(description="Whether that counts as a response in Salesforce.")
    linked_at: str


class MemberSkip(BaseModel):
    """Why a member does not go out as yet."""

    reason: str
    since: str
    message: str


class MemberShown(BaseModel):
    """A contact in a campaign."""

    campaign_id: str
    contact_id: str
    status: str
    success: bool
    status_changed_at: str
    changed_by: Literal["person", "automation", "salesforce"]
    fields: dict[str, Json]
    state: Literal["local", "waiting", "skipped", "linked"]
    salesforce: MemberRecord | None
    skipped: MemberSkip | None
    created_at: str
    updated_at: str
    version: int

    @classmethod
    def of(cls, membership: Membership) -> MemberShown:
        """Return *membership* in this shape."""
        member = membership.member
        status = membership.campaign_type.resolve(member.status)
        record = _record(member, membership.campaign)
        skip = member.skip if membership.campaign.syncs else None
        return cls(
            campaign_id=member.campaign_id,
            contact_id=member.contact_id,
            status=status.label,
            success=status.success,
            status_changed_at=format_time(member.status_changed_at),
            changed_by=member.changed_by.value,
            fields={
                name: list(value) if isinstance(value, tuple) else value
                for name, value in member.ledger.values.items()
            },
            state=_state(member, membership.campaign, linked=record is not None),
            salesforce=record,
            skipped=skip
            and MemberSkip(
                reason=skip.reason.value, since=format_time(skip.since), message=skip.message
            ),
            created_at=format_time(member.created_at),
            updated_at=format_time(member.updated_at),
            version=member.version,
        )


class Members(BaseModel):
    """Some members of a longer list."""

    items: list[MemberShown]
    next: str | None = Field(
        description="Hand it back as `next` to get what follows; a page may be short, or empty."
    )


class Memberships(BaseModel):
    """What a contact is a member of."""

    items: list[MemberShown]


class MemberAnswer(BaseModel):
    """What became of one item."""

    status: int = Field(description="As if the item had been sent alone.")
    member: MemberShown | None = None
    error: Problem | None = None


class MemberAnswers(BaseModel):
    """What became of each item, in order."""

    items: list[MemberAnswer]


class SalesforceCampaign(BaseModel):
    """A campaign in Salesforce."""

    id: str
    name: str
    active: bool
    status: str | None

    @classmethod
    def of(cls, found: CampaignFound) -> SalesforceCampaign:
        """Return *found* in this shape."""
        return cls(id=found.record_id, name=found.name, active=found.active, status=found.status)


class SalesforceCampaigns(BaseModel):
    """Campaigns in Salesforce, active ones first."""

    items: list[SalesforceCampaign]


def _record(member: Member, campaign: Campaign) -> MemberRecord | None:
    """Return the record of *member*, if it belongs to what its campaign syncs with now."""
    theirs, ours = member.counterpart, campaign.counterpart
    if theirs is None or ours is None or theirs.campaign_record_id != ours.record_id:
        return None
    return MemberRecord(
        id=theirs.record_id,
        person_id=theirs.person_id,
        status=theirs.agreed.theirs if theirs.agreed else None,
        responded=theirs.responded,
        linked_at=format_time(theirs.linked_at),
    )


def _state(
    member: Member, campaign: Campaign, *, linked: bool
) -> Literal["local", "waiting", "skipped", "linked"]:
    if not campaign.syncs:
        return "local"
    # An edit since then goes out by itself.
    looked_at = member.waiting is None or member.waiting.lane is Lane.RETRY
    if member.skip and looked_at:
        return "skipped"
    return "linked" if linked and not member.waiting else "waiting"
