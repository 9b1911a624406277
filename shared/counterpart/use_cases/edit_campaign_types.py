"""Create and change types of campaigns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.campaign_types import TypeEdit, edited, left_out, new_type
from counterpart.domain.campaigns import MemberStatus, status_key
from counterpart.domain.repetition import check_repetition, identify
from counterpart.errors import ChangedMeanwhileError, ConflictError, StaleVersionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from counterpart.domain.campaigns import CampaignType
    from counterpart.use_cases.campaign_stores import CampaignStores

_TRIES = 6
_PAGE = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class NewType:
    """What somebody wants to be made."""

    name: str
    statuses: tuple[MemberStatus, ...]
    description: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeType:
    """A type that was asked for.

    Attributes:
        replayed: It was made by an earlier request, of which this is a repetition.
    """

    campaign_type: CampaignType
    replayed: bool = False


def create_type(
    wanted: NewType, *, key: str | None, now: datetime, stores: CampaignStores
) -> MadeType:
    """Create a type.

    Raises:
        InputError: something of it is not allowed.
        ConflictError: the same request has made one already, which was deleted since.
        ChangedMeanwhileError: the same request is being carried out just now.
    """
    identity = identify("campaign type", wanted, key=key, now=now)
    stored = stores.types.get_many([identity.id]).get(identity.id)
    if stored:
        check_repetition(stored.request_key, identity)
        if stored.deleted_at:
            message = "the type that this key has made was deleted; a new one needs a new key"
            raise ConflictError(message, field="Idempotency-Key")
        return MadeType(campaign_type=stored, replayed=True)
    made = new_type(
        identity.id,
        name=wanted.name,
        description=wanted.description,
        statuses=wanted.statuses,
        request_key=identity.request_key,
        now=now,
    )
    stores.types.save(made)
    return MadeType(campaign_type=replace(made, version=1))


def change_type(
    type_id: str,
    edit: TypeEdit,
    *,
    version: int | None,
    now: datetime,
    stores: CampaignStores,
) -> CampaignType:
    """Change a type; from the same write on, a removed status stands for its replacement.

    Members that are stored with it move on afterwards; see `move_members_on`.

    Args:
        type_id: Which.
        edit: What is wanted.
        version: Refuse the change if the type has another one.
        now: By our clock.
        stores: Where campaigns are kept.

    Raises:
        NotFoundError: there is no such type.
        InputError: the change is not allowed.
        ChangedMeanwhileError: others kept changing it.
    """
    for _ in range(_TRIES):
        before = stores.type(type_id)
        if version is not None and version != before.version:
            message = f"the type has changed: its version is {before.version} by now"
            raise StaleVersionError(message, field="version")
        in_use = {
            each.label: members_of(before, each, stores=stores) for each in left_out(before, edit)
        }
        after = edited(before, edit, in_use=in_use, now=now)
        if after is before:
            return before
        try:
            stores.types.save(after)
        except ChangedMeanwhileError:
            continue
        return replace(after, version=after.version + 1)
    raise ChangedMeanwhileError("others kept changing this type; try again")


def members_of(campaign_type: CampaignType, status: MemberStatus, *, stores: CampaignStores) -> int:
    """Return how many members of all its campaigns have a status of a type."""
    campaign_ids = list(campaigns_of(campaign_type, stores=stores))
    return sum(
        stores.members.count(campaign_ids, label)
        for label in labels_for(campaign_type, status.label)
    )


def campaigns_of(campaign_type: CampaignType, *, stores: CampaignStores) -> Iterator[str]:
    """Yield the ids of the campaigns of a type."""
    after: str | None = None
    while True:
        listing = stores.campaigns.page(type_id=campaign_type.id, limit=_PAGE, after=after)
        yield from (each.id for each in listing.items)
        after = listing.next
        if after is None:
            return


def labels_for(campaign_type: CampaignType, label: str) -> Sequence[str]:
    """Return the labels with which members of a status may be stored, its own first."""
    wanted = status_key(campaign_type.resolve(label).label)
    return [
        campaign_type.resolve(label).label,
        *(
            each.label
            for each in campaign_type.removals
            if not each.settled and status_key(campaign_type.resolve(each.label).label) == wanted
        ),
    ]
