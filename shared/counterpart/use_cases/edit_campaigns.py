"""Create and change campaigns, and choose whether and with what one syncs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.campaign_edits import CampaignEdit, edited, new_campaign, record_of
from counterpart.domain.repetition import check_repetition, identify
from counterpart.errors import (
    ChangedMeanwhileError,
    ConflictError,
    NotFoundError,
    StaleVersionError,
)
from counterpart.use_cases.delete_campaigns import drop_campaign

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.campaigns import Campaign
    from counterpart.use_cases.campaign_stores import CampaignStores

_TRIES = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCampaign:
    """What somebody wants to be made."""

    type_id: str
    edit: CampaignEdit


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeCampaign:
    """A campaign that was asked for.

    Attributes:
        replayed: It was made by an earlier request, of which this is a repetition.
    """

    campaign: Campaign
    replayed: bool = False


def create_campaign(
    wanted: NewCampaign, *, key: str | None, now: datetime, stores: CampaignStores
) -> MadeCampaign:
    """Create a campaign.

    Raises:
        NotFoundError: there is no such type.
        InputError: something of it is not allowed.
        ConflictError: another campaign syncs with the Salesforce campaign already, or the same
            request has made one that was deleted since.
        ChangedMeanwhileError: the same request is being carried out just now.
    """
    identity = identify("campaign", wanted, key=key, now=now)
    stored = stores.campaigns.get_many([identity.id]).get(identity.id)
    if stored:
        check_repetition(stored.request_key, identity)
        return MadeCampaign(campaign=stored, replayed=True)
    if key is not None and stores.campaigns.was_deleted(identity.id):
        message = "the campaign that this key has made was deleted; a new one needs a new key"
        raise ConflictError(message, field="Idempotency-Key")
    campaign_type = stores.type(wanted.type_id, field="type_id")
    made = replace(
        new_campaign(identity.id, wanted.edit, campaign_type=campaign_type, now=now),
        request_key=identity.request_key,
    )
    _claim(made, stores=stores)
    stores.campaigns.save(made)
    made = replace(made, version=1)
    if stores.type_of(made).deleted_at:
        # In this very moment; whoever deletes it may not have seen the campaign.
        drop_campaign(made, now=now, stores=stores)
        raise NotFoundError(f"there is no type {made.type_id}", field="type_id")
    return MadeCampaign(campaign=made)


def change_campaign(
    campaign_id: str,
    edit: CampaignEdit,
    *,
    version: int | None,
    now: datetime,
    stores: CampaignStores,
) -> Campaign:
    """Change a campaign.

    The Salesforce campaign is claimed before the choice is stored, and let go of after it. A crash
    between the two leaves a claim that counts for nothing, because its campaign does not sync with
    what is claimed.

    Args:
        campaign_id: Which.
        edit: What is wanted.
        version: Refuse the change if the campaign has another one.
        now: By our clock.
        stores: Where campaigns are kept.

    Raises:
        NotFoundError: there is no such campaign.
        InputError: the change is not allowed.
        ConflictError: another campaign syncs with the Salesforce campaign already.
        ChangedMeanwhileError: others kept changing it.
    """
    for _ in range(_TRIES):
        before = stores.campaign(campaign_id)
        if version is not None and version != before.version:
            message = f"the campaign has changed: its version is {before.version} by now"
            raise StaleVersionError(message, field="version")
        after = edited(before, edit, campaign_type=stores.type_of(before), now=now)
        if after is before:
            return before
        if record_of(after) != record_of(before):
            _claim(after, stores=stores)
        try:
            stores.campaigns.save(after)
        except ChangedMeanwhileError:
            continue
        left = record_of(before)
        if left and left != record_of(after):
            stores.campaigns.release(left, campaign_id=campaign_id)
        return replace(after, version=after.version + 1)
    raise ChangedMeanwhileError("others kept changing this campaign; try again")


def _claim(campaign: Campaign, *, stores: CampaignStores) -> None:
    """Make *campaign* the owner of the Salesforce campaign that it chose, if it chose one."""
    record_id = record_of(campaign)
    if record_id is None:
        return
    for _ in range(_TRIES):
        owner_id = stores.campaigns.owners([record_id]).get(record_id)
        if owner_id == campaign.id:
            return
        owner = stores.campaigns.get_many([owner_id]).get(owner_id) if owner_id else None
        if owner and record_of(owner) == record_id:
            message = f"campaign {owner.id} ({owner.name}) syncs with this one already"
            raise ConflictError(message, field="sync.salesforce_id")
        if stores.campaigns.claim(record_id, campaign_id=campaign.id, expected=owner_id):
            return
    raise ChangedMeanwhileError("others kept claiming this Salesforce campaign; try again")
