"""Delete types of campaigns, and list those that were not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.errors import ChangedMeanwhileError, ConflictError, NotFoundError
from counterpart.ports import Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from counterpart.domain.campaigns import Campaign, CampaignType
    from counterpart.use_cases.campaign_stores import CampaignStores

_TRIES = 6
_PAGE = 1000
_MOST_NAMED = 5


def delete_type(type_id: str, *, now: datetime, stores: CampaignStores) -> None:
    """Delete a type of which there is no campaign; one that was deleted stays so.

    It is marked before it is known for sure that no campaign is of it. Whoever makes one looks at
    the mark after that, so that of two such requests at least one knows of the other. What a crash
    in between leaves marked goes on serving its campaigns, and deleting it again brings it back.

    Raises:
        NotFoundError: there never was such a type.
        ConflictError: there are campaigns of it.
        ChangedMeanwhileError: others kept changing it.
    """
    for _ in range(_TRIES):
        found = stores.types.get_many([type_id]).get(type_id)
        if found is None:
            raise NotFoundError(f"there is no type {type_id}", field="id")
        using = list(_campaigns_of(type_id, stores=stores))
        wanted = None if using else found.deleted_at or now
        if wanted != found.deleted_at:
            try:
                stores.types.save(replace(found, deleted_at=wanted))
            except ChangedMeanwhileError:
                continue
            if not using:
                # Somebody may have made a campaign since the look.
                continue
        if using:
            raise ConflictError(_told(using), field="id")
        return
    raise ChangedMeanwhileError("others kept changing this type; try again")


def list_types(*, limit: int, after: str | None, stores: CampaignStores) -> Listing[CampaignType]:
    """Return types that were not deleted, in the order of their ids."""
    types: list[CampaignType] = []
    while True:
        listing = stores.types.page(limit=limit - len(types), after=after)
        types += [each for each in listing.items if each.deleted_at is None]
        after = listing.next
        if after is None or len(types) == limit:
            return Listing(items=types, next=after)


def _campaigns_of(type_id: str, *, stores: CampaignStores) -> Iterator[Campaign]:
    """Yield the campaigns of a type; the index by type would not know of the newest."""
    after: str | None = None
    while True:
        listing = stores.campaigns.page(limit=_PAGE, after=after)
        yield from (each for each in listing.items if each.type_id == type_id)
        after = listing.next
        if after is None:
            return


def _told(using: Iterable[Campaign]) -> str:
    names = [f"{each.id} ({each.name})" for each in using]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    told = ", ".join(names[:_MOST_NAMED]) + more
    if len(names) == 1:
        return f"campaign {told} is of this type; delete it first"
    return f"campaigns {told} are of this type; delete them first"
