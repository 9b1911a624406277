"""Merge two contacts here, undo it, and find out where a contact has gone.

Both contacts, the links of the loser and the record of the merge change in one transaction, so
that no crash leaves half of it. Salesforce has no part in it. The memberships of the loser are
carried over after that transaction, by writes of their own that may be repeated; they come back in
the same way after the transaction that undoes the merge. The loser is noted before as one that
goes, or comes, so that `settle_memberships` completes what a crash cuts short.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.contact_merge_plans import (
    ContactMerge,
    MergePlan,
    MergeState,
    record_ids_of,
)
from counterpart.domain.contact_merges import plan_merge
from counterpart.domain.contact_unmerges import plan_undo
from counterpart.errors import (
    ChangedMeanwhileError,
    CounterpartError,
    InputError,
    NotFoundError,
    StaleVersionError,
)
from counterpart.ports import LinkClaim
from counterpart.use_cases.carry_memberships import carry_memberships
from counterpart.use_cases.part_memberships import part_memberships
from counterpart.use_cases.read_contacts import with_companies
from counterpart.use_cases.write_contacts import job_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contact_merge_plans import Choice
    from counterpart.domain.contacts import Contact
    from counterpart.ports import (
        ContactRepository,
        CreationQueue,
        LinkRepository,
        MergeRepository,
        SettingsRepository,
    )
    from counterpart.use_cases.campaign_stores import CampaignStores

_TRIES = 6
# Who was merged into somebody who was merged in turn is followed as far as this.
_LONGEST_CHAIN = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class MergePorts:
    """What merging needs of the world."""

    contacts: ContactRepository
    links: LinkRepository
    merges: MergeRepository
    campaigns: CampaignStores
    settings: SettingsRepository
    queue: CreationQueue


@dataclass(frozen=True, kw_only=True, slots=True)
class Merged:
    """What became of a merge, or of undoing one.

    Attributes:
        loser: Back again, if the merge was undone.
        kept: What could not be undone.
    """

    merge: ContactMerge
    survivor: Contact
    loser: Contact | None = None
    kept: tuple[str, ...] = ()


def merge_contacts(
    survivor_id: str,
    loser_id: str,
    *,
    choices: Mapping[str, Choice],
    otherwise: Choice,
    now: datetime,
    ports: MergePorts,
) -> Merged:
    """Merge one contact into another; one that was merged into it already stays merged.

    Args:
        survivor_id: Who keeps its id.
        loser_id: Who goes.
        choices: Whose value single fields get.
        otherwise: Whose value all others get.
        now: By our clock.
        ports: The world.

    Raises:
        InputError: the two cannot be merged so.
        NotFoundError: one of them does not exist.
        ChangedMeanwhileError: others kept changing them.
    """
    if survivor_id == loser_id:
        raise InputError("is the contact itself; name another one", field="loser")
    for _ in range(_TRIES):
        found = ports.contacts.get_many([survivor_id, loser_id])
        survivor, loser = found.get(survivor_id), found.get(loser_id)
        if survivor is None:
            raise NotFoundError(f"there is no contact {survivor_id}", field="id")
        if loser is None:
            merge = ports.merges.get(loser_id)
            if merge and merge.state is MergeState.DONE and merge.survivor.id == survivor_id:
                carry_memberships(loser_id, survivor_id, now=now, stores=ports.campaigns)
                return Merged(merge=merge, survivor=survivor)
            other_id = survivor_of(loser_id, merges=ports.merges)
            message = f"there is no contact {loser_id}"
            if other_id:
                message = f"contact {loser_id} was merged into {other_id}; name that one"
            raise NotFoundError(message, field="loser")
        earlier = ports.merges.get(loser_id)
        if earlier:
            # The memberships that it had when it was another's come back before that is forgotten.
            _part(earlier, now, ports)
        memberships = ports.campaigns.members.find_by_contact([loser_id]).get(loser_id, ())
        plan = plan_merge(
            survivor,
            loser,
            ports.links.get_many([*record_ids_of(loser), *record_ids_of(survivor)]),
            choices=choices,
            otherwise=otherwise,
            settings=ports.settings.current(),
            now=now,
        )
        campaign_ids = tuple(each.campaign_id for each in memberships)
        plan = replace(plan, merge=replace(plan.merge, campaign_ids=campaign_ids))
        ports.campaigns.members.unsettle([loser_id], now=now)
        if _stored(plan, ports):
            told = _told(plan, ports)
            carry_memberships(loser_id, survivor_id, now=now, stores=ports.campaigns)
            return told
    raise ChangedMeanwhileError("others kept changing these contacts; try again")


def undo_merge(loser_id: str, *, now: datetime, ports: MergePorts) -> Merged:
    """Bring back the contact that was merged away, as far as nothing newer is lost.

    Raises:
        NotFoundError: there was no such merge.
        StaleVersionError: it was undone already.
        InputError: its survivor is no more.
        ChangedMeanwhileError: others kept changing the survivor.
    """
    for _ in range(_TRIES):
        merge = ports.merges.get(loser_id)
        if merge is None:
            raise NotFoundError(f"no contact {loser_id} was merged into another", field="id")
        if merge.state is MergeState.UNDONE:
            # A crash may have kept memberships from coming back.
            _part(merge, now, ports)
            raise StaleVersionError("was undone already", field="id")
        survivor_id = merge.survivor.id
        survivor = ports.contacts.get_many([survivor_id]).get(survivor_id)
        if survivor is None:
            message = f"its survivor {survivor_id} is no more, or was merged in turn: undo that"
            raise InputError(message, field="id")
        plan = plan_undo(
            merge,
            survivor,
            ports.links.get_many([*record_ids_of(survivor), *record_ids_of(merge.loser)]),
            _standing(survivor, loser_id, ports),
            settings=ports.settings.current(),
            now=now,
            earlier=_standing(merge.loser, loser_id, ports),
        )
        # What one of them waited for then may be a company by now.
        after, again = with_companies([plan.survivor, plan.loser], links=ports.links)
        plan = replace(plan, survivor=after, loser=again)
        ports.campaigns.members.unsettle([loser_id], now=now)
        if _stored(plan, ports):
            told = _told(plan, ports)
            return replace(told, kept=(*told.kept, *_part(merge, now, ports)))
    raise ChangedMeanwhileError("others kept changing these contacts; try again")


def _standing(survivor: Contact, loser_id: str, ports: MergePorts) -> Sequence[ContactMerge]:
    """Return the merges into a contact that stand, but for one."""
    found = (ports.merges.get(each) for each in survivor.merged if each != loser_id)
    return [
        one
        for one in found
        if one and one.state is MergeState.DONE and one.survivor.id == survivor.id
    ]


def _part(merge: ContactMerge, now: datetime, ports: MergePorts) -> Sequence[str]:
    return part_memberships(merge, now=now, contacts=ports.contacts, stores=ports.campaigns)


def survivor_of(contact_id: str, *, merges: MergeRepository) -> str | None:
    """Return into whom a contact was merged, followed to the last; `None` if into nobody."""
    survivor_id: str | None = None
    for _ in range(_LONGEST_CHAIN):
        merge = merges.get(survivor_id or contact_id)
        if merge is None or merge.state is not MergeState.DONE:
            break
        survivor_id = merge.survivor.id
    return survivor_id


def _stored(plan: MergePlan, ports: MergePorts) -> bool:
    return ports.merges.store(
        plan.merge,
        survivor=plan.survivor,
        loser=plan.loser,
        links=[LinkClaim(link=link, expected=expected) for link, expected in plan.links],
        revised=plan.revised,
    )


def _told(plan: MergePlan, ports: MergePorts) -> Merged:
    survivor = replace(plan.survivor, version=plan.survivor.version + 1)
    loser = None
    if plan.merge.state is MergeState.UNDONE:
        loser = replace(plan.loser, version=plan.loser.version + 1)
    jobs = [job for one in (survivor, loser) if one and (job := job_for(one))]
    # Should it fail, the minute's look finds the request, and sends its job again.
    with suppress(CounterpartError):
        if jobs:
            ports.queue.send(jobs)
    return Merged(merge=plan.merge, survivor=survivor, loser=loser, kept=plan.kept)
