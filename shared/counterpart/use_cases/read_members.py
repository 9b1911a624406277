"""Read members of campaigns: one, those of a campaign or of a status, or all of a contact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.members import Member, MemberKey
from counterpart.errors import InputError, NotFoundError
from counterpart.ports import Listing
from counterpart.use_cases.edit_campaign_types import labels_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.domain.campaigns import Campaign, CampaignType
    from counterpart.ports import ContactRepository
    from counterpart.use_cases.campaign_stores import CampaignStores

# Longer than any number of statuses that a type can have had.
_LONGEST_PLACE = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Membership:
    """A member, and the type that says what its status stands for."""

    member: Member
    campaign: Campaign
    campaign_type: CampaignType


def get_member(campaign_id: str, contact_id: str, *, stores: CampaignStores) -> Membership:
    """Return a member.

    Raises:
        NotFoundError: there is no such campaign, or the contact is not a member of it.
    """
    campaign = stores.campaign(campaign_id)
    key = MemberKey(campaign_id, contact_id)
    member = stores.members.get_many([key]).get(key)
    if member is None or not member.present:
        message = f"contact {contact_id} is not a member of this campaign"
        raise NotFoundError(message, field="contact_id")
    return Membership(member=member, campaign=campaign, campaign_type=stores.type_of(campaign))


def list_members(
    campaign_id: str,
    *,
    status: str | None,
    limit: int,
    after: str | None,
    stores: CampaignStores,
) -> Listing[Membership]:
    """Return members of a campaign, of one status or all, at most *limit* at once.

    Raises:
        NotFoundError: there is no such campaign.
        InputError: it has no such status, or nobody here gave out such an *after*.
    """
    campaign = stores.campaign(campaign_id)
    campaign_type = stores.type_of(campaign)
    if status is None:
        listing = stores.members.page(campaign_id, limit=limit, after=after)
    elif campaign_type.find(status) is None:
        known = ", ".join(each.label for each in campaign_type.statuses)
        raise InputError(f"is not a status of this campaign; it has {known}", field="status")
    else:
        labels = labels_for(campaign_type, status)
        listing = _of_labels(campaign_id, labels, limit=limit, after=after, stores=stores)
    return Listing(
        items=[
            Membership(member=each, campaign=campaign, campaign_type=campaign_type)
            for each in listing.items
            if each.present
        ],
        next=listing.next,
    )


def list_memberships(
    contact_id: str, *, contacts: ContactRepository, stores: CampaignStores
) -> Sequence[Membership]:
    """Return what a contact is a member of, in the order of the campaigns' ids.

    Raises:
        NotFoundError: there is no such contact.
    """
    if not contacts.get_many([contact_id]):
        raise NotFoundError(f"there is no contact {contact_id}", field="id")
    found = stores.members.find_by_contact([contact_id]).get(contact_id, ())
    campaigns = stores.campaigns.get_many({each.campaign_id for each in found})
    types = stores.types.get_many({each.type_id for each in campaigns.values()})
    return [
        Membership(
            member=each,
            campaign=campaigns[each.campaign_id],
            campaign_type=types[campaigns[each.campaign_id].type_id],
        )
        for each in found
        # A campaign that was deleted may have members for a while.
        if each.present and each.campaign_id in campaigns
    ]


def _of_labels(
    campaign_id: str,
    labels: Sequence[str],
    *,
    limit: int,
    after: str | None,
    stores: CampaignStores,
) -> Listing[Member]:
    """Return who is stored with one of *labels*, one label after the other."""
    place, inner = _place(after)
    if place >= len(labels):
        return Listing(items=[])
    listing = stores.members.page_of_status(campaign_id, labels[place], limit=limit, after=inner)
    if listing.next is not None:
        return Listing(items=listing.items, next=f"{place}.{listing.next}")
    following = f"{place + 1}." if place + 1 < len(labels) else None
    return Listing(items=listing.items, next=following)


def _place(after: str | None) -> tuple[int, str | None]:
    """Return at which label to go on, and after whom."""
    if after is None:
        return 0, None
    place, dot, inner = after.partition(".")
    if not dot or not place.isdecimal() or len(place) > _LONGEST_PLACE:
        raise InputError("is not a token that a list of ours has given out", field="after")
    return int(place), inner or None
