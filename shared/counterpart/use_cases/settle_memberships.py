"""See to the memberships of contacts that have come or gone, whatever kept others from it.

Whoever merges or deletes a contact notes that before, and carries its memberships over, or deletes
them, after that. A crash may fall in between, an index may not know yet of a membership, and
somebody who has read the contact just before may make it a member just after. So each is looked at
for a while, until nothing of the kind can come to light any more.

So is each contact whose record moves to another one: the rows of that record are read again.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.contact_merge_plans import MergeState, records_of
from counterpart.errors import ChangedMeanwhileError
from counterpart.use_cases.carry_memberships import carry_memberships
from counterpart.use_cases.forget_memberships import forget_memberships
from counterpart.use_cases.merge_contacts import survivor_of
from counterpart.use_cases.outsiders import Outsiders
from counterpart.use_cases.part_memberships import part_memberships

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from counterpart.domain.contact_merge_plans import ContactMerge
    from counterpart.domain.members import Unsettled
    from counterpart.ports import ContactRepository, MergeRepository
    from counterpart.use_cases.campaign_stores import CampaignStores

# No invocation that read a contact before it came or went lives longer than this.
_STRAGGLERS = timedelta(minutes=15)
# Rows of a record that moves are read by the next run, which begins five minutes later at most
# unless the schedule is another one, and once more in the end: each reading costs API calls.
_AT_FIRST = timedelta(minutes=6)


def settle_memberships(
    *,
    now: datetime,
    enough: Callable[[], bool],
    contacts: ContactRepository,
    merges: MergeRepository,
    stores: CampaignStores,
) -> None:
    """Look at all contacts that come or go, until it is *enough*; those noted first go first."""
    for unsettled in stores.members.unsettled():
        if enough():
            return
        contact_id = unsettled.contact_id
        age = now - unsettled.noted_at
        if unsettled.moved:
            if age < _AT_FIRST or age >= _STRAGGLERS:
                _look_at_rows(contact_id, unsettled.moved, now=now, merges=merges, stores=stores)
            if age >= _STRAGGLERS:
                stores.members.settle(unsettled)
            continue
        there = contact_id in contacts.get_many([contact_id])
        # Read after the contact: whoever was merged away by then is not taken for deleted.
        merge = merges.get(contact_id)
        if not there and merge and merge.state is MergeState.UNDONE:
            # Brought back between the two, or deleted since.
            there = contact_id in contacts.get_many([contact_id])
        # Whom others keep changing is looked at again.
        with suppress(ChangedMeanwhileError):
            if not there:
                _see_off(unsettled, merge, now=now, contacts=contacts, stores=stores)
            elif merge and merge.state is MergeState.UNDONE:
                part_memberships(merge, now=now, contacts=contacts, stores=stores)
            brought_back = there and _was_undone(merge, since=unsettled.noted_at)
            if brought_back or age >= _STRAGGLERS:
                stores.members.settle(unsettled)


def _see_off(
    unsettled: Unsettled,
    merge: ContactMerge | None,
    *,
    now: datetime,
    contacts: ContactRepository,
    stores: CampaignStores,
) -> None:
    """Leave a contact that is no more without memberships."""
    contact_id = unsettled.contact_id
    if merge is None or merge.state is not MergeState.DONE:
        forget_memberships(
            contact_id, members=stores.members, now=now, person_ids=unsettled.person_ids
        )
        return
    survivor_id = merge.survivor.id
    carried = carry_memberships(contact_id, survivor_id, now=now, stores=stores)
    if carried and not contacts.get_many([survivor_id]):
        # It is no more either, and what it has got just now goes on from there.
        left = [one.record_id for each in (merge.survivor, merge.loser) for one in records_of(each)]
        stores.members.unsettle([survivor_id], now=now, person_ids=left)


def _look_at_rows(
    contact_id: str,
    record_id: str,
    *,
    now: datetime,
    merges: MergeRepository,
    stores: CampaignStores,
) -> None:
    """Have the rows of a record read again that was, or is, one of a contact's."""
    # What it was a member of went along when it was merged away.
    holders = {contact_id, survivor_of(contact_id, merges=merges) or contact_id}
    found = stores.members.find_by_contact(holders)
    campaign_ids = {each.campaign_id for members in found.values() for each in members}
    outsiders = Outsiders(stores.members, lambda: now)
    for campaign in stores.campaigns.get_many(campaign_ids).values():
        if campaign.syncs:
            outsiders.look_now(campaign.id, [record_id])


def _was_undone(merge: ContactMerge | None, *, since: datetime) -> bool:
    return merge is not None and merge.undone_at is not None and merge.undone_at >= since
