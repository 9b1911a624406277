"""Undoing a merge of two contacts, as far as nothing newer is lost.

Whatever was edited since stays where it is, and is told. Records that came with the loser go back
to it, together with what was seen in them meanwhile.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.bounces import at_present_address, still_standing
from counterpart.domain.contact_merge_plans import (
    MergePlan,
    MergeState,
    is_held,
    records_of,
)
from counterpart.domain.contact_merges import request_of_both
from counterpart.domain.contact_unmerge_losers import (
    loser_again,
    record_of_loser,
    with_refusal_since,
)
from counterpart.domain.contact_unmerge_records import own_link, with_own_again
from counterpart.domain.contact_unmerge_survivors import (
    brought_since,
    has_the_losers_company,
    is_at_home,
    is_entered_since,
    is_unsent,
    is_untouched,
    paused_since,
    with_own_values,
)
from counterpart.domain.contacts import Ledger
from counterpart.domain.emails import email_key
from counterpart.domain.links import OWNED, LinkState
from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.marking import awaiting_job, mark_of_linked
from counterpart.domain.merge_revisions import Revisions, as_in, given_again
from counterpart.domain.subjects import further_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.bounces import Bounce
    from counterpart.domain.contact_merge_plans import ContactMerge
    from counterpart.domain.contacts import Contact
    from counterpart.domain.links import Link
    from counterpart.domain.sync_settings import SyncSettings


def plan_undo(
    merge: ContactMerge,
    survivor: Contact,
    links: Mapping[str, Link],
    others: Sequence[ContactMerge] = (),
    *,
    settings: SyncSettings,
    now: datetime,
    earlier: Sequence[ContactMerge] = (),
) -> MergePlan:
    """Return what undoing *merge* writes, and what it leaves because it is newer.

    Args:
        merge: As it is kept.
        survivor: As it is now.
        links: What the records of both mean to us now, by Salesforce id.
        others: Further merges into the survivor that stand.
        settings: By which records that changed meanwhile come in to the loser.
        now: By our clock.
        earlier: Merges into the loser that stand.
    """
    held = {
        key
        for key, link in links.items()
        if is_held(link, survivor) or _is_being_deleted(link, survivor)
    }
    # One that a deletion has let go may have met somebody else before the merge is undone.
    anothers = {key for key, link in links.items() if _is_anothers(link, survivor)}
    seen = record_of_loser(merge, survivor, held, anothers)
    leaves = seen is not None and survivor.record_id == seen.record_id
    kept: list[str] = []
    revisions = Revisions(others)
    ledger = _restored(merge, survivor, kept, revisions, settings, now=now, leaves=leaves)
    ledger = with_own_values(merge, survivor, ledger, settings)
    kept += brought_since(merge, replace(survivor, ledger=ledger), seen, settings.fields)
    after = replace(
        survivor,
        ledger=ledger,
        tags=revisions.without_tags(merge, survivor.tags),
        secondaries=tuple(one for one in survivor.secondaries if one.came_from != merge.id),
        merged=tuple(one for one in survivor.merged if one != merge.id),
        updated_at=now,
    )
    paused_at = revisions.without_pause(merge, survivor.outbound_paused_at)
    after = paused_since(paused_at, merge, after, kept, settings=settings, now=now)
    if leaves:
        before = merge.survivor
        if before.creation and after.outbound_paused_at:
            kept.append(f"{survivor.id} is paused by now, and asks for no record any more")
        after = replace(
            after,
            counterpart=None,
            in_flight=None,
            parked=None,
            former=None,
            # It was answered by the record that leaves; a pause since then withdraws it.
            creation=None if after.outbound_paused_at else before.creation,
            account_id=before.account_id,
            company_id=before.company_id,
        )
    elif has_the_losers_company(merge, after):
        company_id, account_id = merge.survivor.company_id, merge.survivor.account_id
        after = replace(after, company_id=company_id, account_id=account_id)
    if after.former and after.former.came_from == merge.id:
        after = replace(after, former=None)
    after = with_own_again(after, merge.survivor, links, now=now)
    after = replace(after, bounce=_bounce(survivor, merge.survivor, after))
    loser = loser_again(merge, survivor, seen, settings, now, others=others, anothers=anothers)
    loser = with_refusal_since(merge, survivor, loser)
    if loser.opted_out and not merge.loser.opted_out:
        kept.append(f"{loser.id} is opted out by now; only a person opts somebody in again")
    stays = {one.record_id for one in records_of(after)}
    lost = merge.loser.counterpart if seen is None else None
    if lost and lost.record_id in anothers:
        kept.append(f"the record {lost.record_id} belongs to another contact by now")
        loser = replace(loser, former=merge.loser.former)
    elif lost and lost.record_id in stays:
        kept.append(f"the record {lost.record_id} took over that of {survivor.id} in Salesforce")
        loser = replace(loser, former=merge.loser.former)
    elif lost:
        kept.append(f"the record {lost.record_id} was deleted in Salesforce")
    after, loser = _with_requests(merge, after, loser, kept)
    return MergePlan(
        merge=replace(merge, state=MergeState.UNDONE, undone_at=now),
        survivor=_marked(after, settings, now),
        loser=_marked(loser, settings, now),
        links=[
            *own_link(after, survivor, links, now),
            *_returned_links(loser, survivor, links, now, stays=stays),
        ],
        kept=tuple(kept),
        revised=(*revisions.made, *given_again(earlier, merge.loser.ledger, loser.ledger)),
    )


def _with_requests(
    merge: ContactMerge, survivor: Contact, loser: Contact, kept: list[str]
) -> tuple[Contact, Contact]:
    """Return both, each with the request to be created that it had, unless that has ended."""
    request = merge.loser.creation
    if request is None or loser.counterpart:
        return survivor, loser
    if merge.survivor.counterpart or request_of_both(merge.survivor.creation, request) != request:
        # The survivor had no need of it, so it was nobody's meanwhile.
        return survivor, replace(loser, creation=request)
    standing = survivor.creation
    if standing and replace(standing, refusal=request.refusal) == request:
        own, sent = merge.survivor.creation, merge.survivor.sent
        return replace(survivor, creation=own, sent=sent), replace(loser, creation=request)
    if survivor.counterpart:
        kept.append(f"{survivor.id} has got the record that was asked for {loser.id}")
    return survivor, loser


def _is_being_deleted(link: Link, survivor: Contact) -> bool:
    """Return whether a deletion of the survivor, which is still there, has marked this link."""
    return link.state is LinkState.DELETED_HERE and link.subject_id == survivor.id


def _is_anothers(link: Link, survivor: Contact) -> bool:
    """Return whether a record that was one of the survivor's belongs to somebody else."""
    return link.state in OWNED and link.subject_id != survivor.id


def _restored(
    merge: ContactMerge,
    survivor: Contact,
    kept: list[str],
    revisions: Revisions,
    settings: SyncSettings,
    *,
    now: datetime,
    leaves: bool,
) -> Ledger:
    """Return the survivor's ledger without what it got from the loser and nobody changed since."""
    before, given = merge.survivor.ledger, merge.loser.ledger
    ledger = survivor.ledger
    for name, time in merge.taken.items():
        value, moment = ledger.values.get(name), ledger.times.get(name)
        unset = name not in before.values and is_untouched(name, merge, survivor)
        nowhere = leaves or unset or is_unsent(name, merge, survivor)
        if name == OPTED_OUT and value is True:
            kept.append(f"{survivor.id} stays opted out; only a person opts somebody in again")
        elif value != given.values.get(name) or moment != time:
            if not revisions.took_over(merge, name):
                kept.append(f"{name} of {survivor.id} was changed since")
        elif nowhere or is_entered_since(name, merge, survivor, settings):
            ledger = as_in(before, name, ledger)
        elif name in before.values or name in ledger.shadows:
            # Given back now, so that no record from before the undoing brings the other one. What
            # was never set here, but was there, is given back to Salesforce.
            there = before.shadows.get(name) if is_at_home(merge.survivor, survivor) else None
            values, at = {name: before.values.get(name, there)}, max(now, time)
            ledger = replace(
                ledger, values={**ledger.values, **values}, times={**ledger.times, name: at}
            )
            revisions.give_back(merge, name, at)
        else:
            ledger = as_in(before, name, ledger)
    return _without_the_record(ledger, before) if leaves else ledger


def _without_the_record(ledger: Ledger, before: Ledger) -> Ledger:
    """Return the survivor's ledger once the loser's record leaves, and what was said of it."""
    kept = {name for name, value in before.values.items() if ledger.values.get(name) == value}
    return replace(
        ledger,
        shadows=before.shadows,
        insisted=before.insisted & kept,
        passing={name: was for name, was in before.passing.items() if name in kept},
    )


def _bounce(survivor: Contact, before: Contact, after: Contact) -> Bounce | None:
    """Return what is known of the address that the survivor has again, or still."""
    known = still_standing(survivor.bounce, after.email)
    if known or email_key(survivor.email) == email_key(after.email):
        # Of an address that it had all along, it may have been taken back since.
        return known
    return still_standing(before.bounce, after.email) or at_present_address(after)


def _marked(contact: Contact, settings: SyncSettings, now: datetime) -> Contact:
    """Return a contact with the mark that fits it."""
    if contact.counterpart:
        carried = contact.in_flight is not None
        return replace(contact, waiting=mark_of_linked(contact, settings, now, carried=carried))
    if contact.creation is None or contact.creation.refusal is not None:
        return replace(contact, waiting=None)
    return replace(contact, waiting=awaiting_job(now=now))


def _returned_links(
    loser: Contact,
    survivor: Contact,
    links: Mapping[str, Link],
    now: datetime,
    *,
    stays: Container[str],
) -> Iterator[tuple[Link, Link]]:
    """Yield each link that leads to the loser again, with what it replaces."""
    own = loser.counterpart
    ids = [one.record_id for one in (own, loser.former, *loser.secondaries) if one]
    for record_id in ids:
        link = links.get(record_id)
        if link is None or link.subject_id != survivor.id or record_id in stays:
            continue
        back = replace(link, subject_id=loser.id)
        if further_of(loser, record_id) and _is_being_deleted(link, survivor):
            # It is not the loser whom somebody wants to delete.
            back = replace(back, state=LinkState.SECONDARY)
        if own and own.record_id == record_id:
            back = replace(back, state=LinkState.LINKED, linked_at=now, linked_by=own.linked_by)
        yield back, link
