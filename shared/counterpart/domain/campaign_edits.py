"""Making and changing campaigns: names, status maps, and whether and with what one syncs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.campaign_types import LONGEST_LABEL, LONGEST_NAME
from counterpart.domain.campaigns import Campaign, StatusMap, SyncChoice, SyncOption, status_key
from counterpart.domain.document import one_line
from counterpart.domain.ids import given_id
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from counterpart.domain.campaigns import CampaignType

# The first three characters of the id of a Campaign (global describe, `keyPrefix`).
_PREFIX = "701"
_MOST_MAPPED = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncWish:
    """What somebody chooses for a campaign.

    Attributes:
        record_id: Of `EXISTING` alone; 15 or 18 characters.
    """

    option: SyncOption
    record_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignEdit:
    """What somebody wants of a campaign; what is `None` stays."""

    name: str | None = None
    sync: SyncWish | None = None
    status_map: StatusMap | None = None


def new_campaign(
    campaign_id: str, edit: CampaignEdit, *, campaign_type: CampaignType, now: datetime
) -> Campaign:
    """Return a new campaign, which does not sync unless *edit* says so.

    Raises:
        InputError: something of it is not allowed.
    """
    campaign = Campaign(
        id=campaign_id, name="", type_id=campaign_type.id, created_at=now, updated_at=now
    )
    named = replace(edit, name=edit.name or "")
    return edited(campaign, named, campaign_type=campaign_type, now=now)


def edited(
    campaign: Campaign, edit: CampaignEdit, *, campaign_type: CampaignType, now: datetime
) -> Campaign:
    """Return *campaign* after *edit*; the very same object if it changed nothing.

    Raises:
        InputError: something of it is not allowed.
    """
    after = campaign
    if edit.name is not None:
        after = replace(after, name=one_line(edit.name, longest=LONGEST_NAME, field="name"))
    if edit.status_map is not None:
        after = replace(after, status_map=_checked(edit.status_map, campaign_type=campaign_type))
    if edit.sync is not None:
        after = _chosen(after, edit.sync, now=now)
    return campaign if after == campaign else replace(after, updated_at=now)


def record_of(campaign: Campaign) -> str | None:
    """Return the Salesforce campaign that *campaign* syncs with, or is to, if it is known."""
    if not campaign.syncs:
        return None
    return campaign.counterpart.record_id if campaign.counterpart else campaign.sync.record_id


def _chosen(campaign: Campaign, wish: SyncWish, *, now: datetime) -> Campaign:
    """Return *campaign* after a choice; one that is in force already stays as it is."""
    record_id = _record_id(wish)
    current = campaign.sync
    if current.option is wish.option and current.record_id == record_id:
        if current.refusal is None:
            return campaign
    elif campaign.counterpart and campaign.counterpart.record_id == record_id:
        # It was made for this campaign; now it is said to be the one.
        return replace(campaign, sync=replace(current, option=wish.option, record_id=record_id))
    choice = SyncChoice(
        option=wish.option,
        chosen_at=None if wish.option is SyncOption.NONE else now,
        record_id=record_id,
    )
    return replace(campaign, sync=choice, counterpart=None)


def _record_id(wish: SyncWish) -> str | None:
    where = "sync.salesforce_id"
    if wish.option is not SyncOption.EXISTING:
        if wish.record_id is not None:
            raise InputError(f"goes with the option {SyncOption.EXISTING}", field=where)
        return None
    record_id = given_id(wish.record_id or "")
    if record_id is None or not record_id.startswith(_PREFIX):
        message = f"must be the id of a Salesforce campaign, which begins with {_PREFIX}"
        raise InputError(message, field=where)
    return record_id


def _checked(status_map: StatusMap, *, campaign_type: CampaignType) -> StatusMap:
    """Return *status_map* with our labels as the type spells them."""
    to_theirs, to_ours = "status_map.to_salesforce", "status_map.from_salesforce"
    for where, labels in ((to_theirs, status_map.to_theirs), (to_ours, status_map.to_ours)):
        if len(labels) > _MOST_MAPPED:
            raise InputError(f"may have at most {_MOST_MAPPED} entries", field=where)
        _check_unique(labels, where=where)
    return StatusMap(
        to_theirs={
            _ours(ours, campaign_type, where=to_theirs): one_line(
                theirs, longest=LONGEST_LABEL, field=f"{to_theirs}.{ours}"
            )
            for ours, theirs in status_map.to_theirs.items()
        },
        to_ours={
            one_line(theirs, longest=LONGEST_LABEL, field=to_ours): _ours(
                ours, campaign_type, where=f"{to_ours}.{theirs}"
            )
            for theirs, ours in status_map.to_ours.items()
        },
    )


def _ours(label: str, campaign_type: CampaignType, *, where: str) -> str:
    found = campaign_type.find(label)
    if found is None:
        known = ", ".join(each.label for each in campaign_type.statuses)
        raise InputError(f"{label!r} is not a status of this campaign; it has {known}", field=where)
    return found.label


def _check_unique(labels: Mapping[str, str] | Collection[str], *, where: str) -> None:
    seen = set()
    for label in labels:
        if status_key(label) in seen:
            raise InputError(f"{label!r} is there twice; case makes no difference", field=where)
        seen.add(status_key(label))
