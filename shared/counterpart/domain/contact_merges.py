"""Merging two contacts here: what the survivor becomes, and what is kept to undo it.

The survivor keeps its id, and its values where it has any; blanks are filled from the loser. An
opt-out of either stands. Salesforce is left alone: where both have a record, the loser's becomes
a further one of the survivor. So does one that was deleted there, should it come back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.bounces import at_present_address, still_standing
from counterpart.domain.contact_merge_plans import (
    Choice,
    ContactMerge,
    MergePlan,
    is_held,
    record_ids_of,
    records_of,
)
from counterpart.domain.editing import changes
from counterpart.domain.links import LinkedBy, LinkState, Secondary
from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.marking import mark_of_linked, with_request
from counterpart.domain.passing_values import passed
from counterpart.domain.secondary_records import as_further, is_kept, with_former
from counterpart.domain.sent_values import both_sent
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from counterpart.domain.contacts import Contact, Ledger
    from counterpart.domain.creation_requests import CreationRequest
    from counterpart.domain.links import Counterpart, Link
    from counterpart.domain.sync_settings import SyncSettings


def plan_merge(
    survivor: Contact,
    loser: Contact,
    links: Mapping[str, Link],
    *,
    choices: Mapping[str, Choice],
    otherwise: Choice,
    settings: SyncSettings,
    now: datetime,
) -> MergePlan:
    """Return what merging *loser* into *survivor* writes.

    Args:
        survivor: Keeps its id.
        loser: Goes.
        links: What the records of both mean to us, by Salesforce id.
        choices: Whose value single fields get.
        otherwise: Whose value all others get.
        settings: By which it is decided what has to go out.
        now: By our clock.

    Raises:
        InputError: a choice names a field that there is none to choose for.
    """
    _check(choices, survivor, loser, settings)
    mine = [*records_of(loser), *([loser.former] if loser.former else [])]
    kept = [one for one in mine if is_kept(links.get(one.record_id), loser)]
    moves = survivor.counterpart is None and is_held(links.get(loser.record_id or ""), loser)
    taken = dict(_taken(survivor, loser, choices, otherwise, now=now, moves=moves))
    after = _joined(survivor, loser, taken, now=now, moves=moves)
    if moves and loser.counterpart:
        counterpart = replace(
            loser.counterpart,
            linked_at=now,
            linked_by=LinkedBy.LOCAL_MERGE,
            origin=loser.counterpart.began_by,
            came_from=loser.id,
        )
        former = survivor.former
        after = with_former(after, links.get(former.record_id)) if former else after
        after = replace(
            after,
            ledger=_with_record_of(loser.ledger, after.ledger),
            counterpart=counterpart,
            former=None,
            account_id=loser.account_id,
            company_id=loser.company_id,
            waiting=loser.waiting,
            in_flight=loser.in_flight,
            parked=loser.parked,
        )
    else:
        after = replace(after, former=after.former or _former_of(after, loser))
    own = {one.record_id for one in (after.counterpart, after.former) if one}
    further = [_secondary(one, loser) for one in kept if one.record_id not in own]
    after = replace(after, secondaries=(*after.secondaries, *further))
    after = replace(after, bounce=at_present_address(after))
    after = _waiting(after, survivor, loser, settings, now)
    merge = ContactMerge(loser=loser, survivor=survivor, taken=taken, merged_at=now)
    return MergePlan(
        merge=merge,
        survivor=after,
        loser=loser,
        links=list(_moved_links(after, loser, links, now)),
    )


def _check(
    choices: Mapping[str, Choice], survivor: Contact, loser: Contact, settings: SyncSettings
) -> None:
    # Whoever merges many pairs sends the same choices for all, so that a field may be in neither.
    mapped = {field.name for field in settings.fields}
    known = {*mapped, *survivor.ledger.values, *loser.ledger.values} - {OPTED_OUT}
    for name in choices:
        if name == OPTED_OUT:
            raise InputError(
                "is not to be chosen: a refusal of either stands", field=f"fields.{name}"
            )
        if name not in known:
            allowed = ", ".join(sorted(known))
            message = f"neither contact has {name!r}; fields are {allowed}"
            raise InputError(message, field=f"fields.{name}")


def _taken(
    survivor: Contact,
    loser: Contact,
    choices: Mapping[str, Choice],
    otherwise: Choice,
    *,
    now: datetime,
    moves: bool,
) -> Iterator[tuple[str, datetime]]:
    """Yield the fields that come from the loser, each with the time that it bears then."""
    ours, theirs = survivor.ledger, loser.ledger
    for name in dict.fromkeys((*theirs.values, *choices, OPTED_OUT)):
        value, time = theirs.values.get(name), theirs.times.get(name, loser.created_at)
        mine, since = ours.values.get(name), ours.times.get(name)
        choice = choices.get(name, otherwise)
        if name == OPTED_OUT:
            # What was seen in a record that moves, moves with it.
            known = moves and value is None
            # And so does an opt-in, where the survivor knows of no refusal.
            comes_along = moves and value is False and mine is None
            if (loser.opted_out and mine is not True and not known) or comes_along:
                yield name, time
        elif value == mine:
            # What the loser has cleared has still to go out to its record.
            if moves and since is None and name in theirs.times:
                yield name, time
        elif choice is Choice.LOSER:
            # Somebody chose it just now; no record from before that may take it back.
            yield name, max(now, since or now)
        elif choice is Choice.NEWEST:
            if since is None or time > since:
                yield name, time
        elif mine is None:
            yield name, time


def _joined(
    survivor: Contact, loser: Contact, taken: Mapping[str, datetime], *, now: datetime, moves: bool
) -> Contact:
    ledger = survivor.ledger
    values = {name: loser.ledger.values.get(name) for name in taken}
    if OPTED_OUT in taken and not moves:
        # Whoever was opted in again is out until Salesforce has taken that, and nothing is ever
        # written to a further record.
        values[OPTED_OUT] = True
    tags = dict.fromkeys((*survivor.tags, *loser.tags))
    joined = replace(
        survivor,
        ledger=replace(
            ledger,
            values={**ledger.values, **values},
            times={**ledger.times, **taken},
            insisted=ledger.insisted - taken.keys(),
        ),
    )
    return replace(
        joined,
        # The address that it has now may be the one of either.
        bounce=still_standing(survivor.bounce, joined.email)
        or still_standing(loser.bounce, joined.email),
        outbound_paused_at=survivor.outbound_paused_at or loser.outbound_paused_at,
        tags=tuple(tags),
        account_id=survivor.account_id or (None if survivor.counterpart else loser.account_id),
        company_id=survivor.company_id or (None if survivor.counterpart else loser.company_id),
        # The record that a try has made of either may still come in by itself.
        sent=survivor.sent if survivor.counterpart else both_sent(survivor.sent, loser.sent),
        merged=(*survivor.merged, loser.id),
        updated_at=now,
    )


def _with_record_of(before: Ledger, joined: Ledger) -> Ledger:
    """Return the ledger of a survivor that takes over the record which the loser's is about.

    What was said of that record goes along: what ours was in passing, as it may have been sent to
    it without an answer, and where somebody insisted on the value that stands.
    """
    changed = changes(before, joined.values)
    return replace(
        joined,
        shadows=before.shadows,
        insisted=before.insisted - changed.keys(),
        passing=passed(before, changed, is_linked=True),
    )


def _former_of(after: Contact, loser: Contact) -> Counterpart | None:
    if after.counterpart or loser.former is None:
        return None
    return replace(loser.former, came_from=loser.id)


def _secondary(record: Counterpart | Secondary, loser: Contact) -> Secondary:
    if not isinstance(record, Secondary):
        record = as_further(record, loser, gone=record is loser.former)
    return replace(record, came_from=loser.id)


def _waiting(
    after: Contact, survivor: Contact, loser: Contact, settings: SyncSettings, now: datetime
) -> Contact:
    """Return the contact with its creation request, and the mark that it waits."""
    if after.counterpart:
        # What a job carries of the loser is seen to by the next push of the survivor.
        carried = after.in_flight is not None and after.in_flight is loser.in_flight
        waiting = mark_of_linked(after, settings, now, carried=carried)
        return replace(after, creation=None, waiting=waiting)
    creation = request_of_both(survivor.creation, loser.creation)
    if creation is None or creation.refusal is not None:
        return replace(after, creation=creation, waiting=None)
    return with_request(after, creation, now=now)


def request_of_both(
    own: CreationRequest | None, other: CreationRequest | None
) -> CreationRequest | None:
    """Return the request that stands: an open one before one that was parked."""
    if own and (own.refusal is None or other is None or other.refusal is not None):
        return own
    return other


def _moved_links(
    after: Contact, loser: Contact, links: Mapping[str, Link], now: datetime
) -> Iterator[tuple[Link, Link]]:
    """Yield each link of the loser as it leads to the survivor, with what it replaces."""
    for record_id in record_ids_of(loser):
        link = links.get(record_id)
        if link is None or link.subject_id != loser.id:
            continue
        moved = replace(link, subject_id=after.id)
        if is_held(link, loser):
            own = record_id == after.record_id
            moved = replace(
                moved,
                state=LinkState.LINKED if own else LinkState.SECONDARY,
                linked_at=now,
                linked_by=LinkedBy.LOCAL_MERGE,
            )
        yield moved, link
