"""Undoing a merge of two contacts, as far as nothing newer is lost.

Whatever was edited since stays where it is, and is told. Records that came with the loser go back
to it, together with what was seen in them meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.bounces import still_standing
from counterpart.domain.contact_merge_plans import (
    MergePlan,
    MergeState,
    is_held,
    record_ids_of,
    records_of,
)
from counterpart.domain.contacts import Counterpart, Lane, Ledger, LinkedBy, LinkState, Waiting
from counterpart.domain.editing import JOB_LOST_AFTER, mark, wants_out
from counterpart.domain.emails import email_key
from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.merging import merge_record
from counterpart.domain.opt_outs import held_opt_out
from counterpart.domain.policy import UNKNOWN
from counterpart.domain.records import Record
from counterpart.domain.secondary_records import with_secondary

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping
    from datetime import datetime

    from counterpart.domain.bounces import Bounce
    from counterpart.domain.contact_merge_plans import ContactMerge
    from counterpart.domain.contacts import Contact, Link, Secondary
    from counterpart.domain.records import SObject
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.domain.values import Value

# How a counterpart of the survivor came about that is still the loser's, or what became of it.
_MOVED_ON = frozenset(
    {LinkedBy.LOCAL_MERGE, LinkedBy.CONVERSION, LinkedBy.MERGE, LinkedBy.UNDELETION}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """A record that goes back to the loser, as it was last seen."""

    record_id: str
    object: SObject
    modstamp: datetime | None
    shadows: Mapping[str, Value]


def plan_undo(
    merge: ContactMerge,
    survivor: Contact,
    links: Mapping[str, Link],
    *,
    settings: SyncSettings,
    now: datetime,
) -> MergePlan:
    """Return what undoing *merge* writes, and what it leaves because it is newer.

    Args:
        merge: As it is kept.
        survivor: As it is now.
        links: What the records of both mean to us now, by Salesforce id.
        settings: By which records that changed meanwhile come in to the loser.
        now: By our clock.
    """
    held = {
        key
        for key, link in links.items()
        if is_held(link, survivor) or _is_being_deleted(link, survivor)
    }
    seen = _goes_back(merge, survivor, held)
    leaves = seen is not None and _is_counterpart(survivor, seen.record_id)
    kept: list[str] = []
    ledger = _restored(merge, survivor, kept, now=now, leaves=leaves)
    after = replace(
        survivor,
        ledger=ledger,
        tags=_tags(merge, survivor),
        secondaries=tuple(one for one in survivor.secondaries if one.came_from != merge.id),
        merged=tuple(one for one in survivor.merged if one != merge.id),
        updated_at=now,
    )
    after = replace(after, bounce=_bounce(survivor, merge.survivor, after.email))
    if leaves:
        before = merge.survivor
        after = replace(
            after,
            counterpart=None,
            in_flight=None,
            parked=None,
            former=before.former,
            account_id=before.account_id,
            company_id=before.company_id,
        )
    elif after.former and after.former.record_id in record_ids_of(merge.loser):
        after = replace(after, former=merge.survivor.former)
    loser = _loser(merge, survivor, seen, settings, now)
    if loser.opted_out and not merge.loser.opted_out:
        kept.append(f"{loser.id} is opted out by now; only a person opts somebody in again")
    stays = {one.record_id for one in records_of(after)}
    lost = merge.loser.counterpart if seen is None else None
    if lost and lost.record_id in stays:
        kept.append(f"the record {lost.record_id} took over that of {survivor.id} in Salesforce")
        loser = replace(loser, former=merge.loser.former)
    elif lost:
        kept.append(f"the record {lost.record_id} was deleted in Salesforce")
    request = merge.loser.creation
    back = request is not None and after.creation == request and merge.survivor.creation is None
    after = replace(after, creation=None, sent=merge.survivor.sent) if back else after
    loser = replace(loser, creation=request if back and not loser.counterpart else None)
    return MergePlan(
        merge=replace(merge, state=MergeState.UNDONE, undone_at=now),
        survivor=_marked(after, settings, now),
        loser=_marked(loser, settings, now),
        links=list(_returned_links(loser, survivor, links, now, stays=stays)),
        kept=tuple(kept),
    )


def _is_being_deleted(link: Link, survivor: Contact) -> bool:
    """Return whether a deletion of the survivor, which is still there, has marked this link."""
    return link.state is LinkState.DELETED_HERE and link.subject_id == survivor.id


def _goes_back(merge: ContactMerge, survivor: Contact, held: Container[str]) -> _Seen | None:
    """Return the record that is the loser's again; what it was merged or converted into counts.

    Args:
        merge: As it is kept.
        survivor: As it is now.
        held: The records that are still there.
    """
    if merge.loser.counterpart is None:
        return None
    mine = [one for one in survivor.secondaries if one.came_from == merge.id]
    earlier = {one.record_id for one in merge.loser.secondaries}
    own = [one for one in mine if one.record_id not in earlier and one.record_id in held]
    if own:
        return _seen_of(own[0])
    counterpart = survivor.counterpart
    if counterpart and merge.survivor.counterpart is None and counterpart.linked_by in _MOVED_ON:
        return _Seen(
            record_id=counterpart.record_id,
            object=counterpart.object,
            modstamp=counterpart.modstamp,
            shadows=survivor.ledger.shadows,
        )
    return None


def _seen_of(secondary: Secondary) -> _Seen:
    return _Seen(
        record_id=secondary.record_id,
        object=secondary.object,
        modstamp=secondary.modstamp,
        shadows=secondary.shadows,
    )


def _is_counterpart(survivor: Contact, record_id: str) -> bool:
    return survivor.counterpart is not None and survivor.counterpart.record_id == record_id


def _restored(
    merge: ContactMerge, survivor: Contact, kept: list[str], *, now: datetime, leaves: bool
) -> Ledger:
    """Return the survivor's ledger without what it got from the loser and nobody changed since."""
    before, given = merge.survivor.ledger, merge.loser.ledger
    values, times = dict(survivor.ledger.values), dict(survivor.ledger.times)
    for name, time in merge.taken.items():
        if name == OPTED_OUT and values.get(name) is True:
            kept.append(f"{survivor.id} stays opted out; only a person opts somebody in again")
        elif values.get(name) != given.values.get(name) or times.get(name) != time:
            kept.append(f"{name} of {survivor.id} was changed since")
        elif name in before.values or name in survivor.ledger.shadows:
            # Given back now, so that no record from before the undoing brings the other one.
            values[name], times[name] = before.values.get(name), max(now, time)
        else:
            values.pop(name, None)
            times.pop(name, None)
    shadows = before.shadows if leaves else survivor.ledger.shadows
    return replace(survivor.ledger, values=values, times=times, shadows=shadows)


def _bounce(survivor: Contact, before: Contact, email: str | None) -> Bounce | None:
    """Return what is known of the address that the survivor has again, or still."""
    known = still_standing(survivor.bounce, email)
    # Of an address that it had all along, it may have been taken back since.
    had_another = email_key(survivor.email) != email_key(email)
    return still_standing(before.bounce, email) if had_another and not known else known


def _tags(merge: ContactMerge, survivor: Contact) -> tuple[str, ...]:
    """Return the survivor's tags without those that came from the loser alone."""
    before = set(merge.survivor.tags)
    return tuple(tag for tag in survivor.tags if tag in before or tag not in merge.loser.tags)


def _loser(
    merge: ContactMerge,
    survivor: Contact,
    seen: _Seen | None,
    settings: SyncSettings,
    now: datetime,
) -> Contact:
    """Return the loser as it was, with what its record has brought since."""
    before = merge.loser
    mine = {one.record_id: one for one in survivor.secondaries if one.came_from == merge.id}
    earlier = {one.record_id: one for one in before.secondaries}
    own_id = seen.record_id if seen else None
    further = tuple(
        replace(one, came_from=earlier[record_id].came_from if record_id in earlier else merge.id)
        for record_id, one in mine.items()
        if record_id != own_id
    )
    loser = replace(
        before,
        # Of the loser's address, the survivor may have learnt meanwhile.
        bounce=still_standing(survivor.bounce, before.email) or before.bounce,
        updated_at=now,
        waiting=None,
        in_flight=None,
        parked=None,
        creation=None,
        secondaries=further,
        version=0,
    )
    if seen is None:
        former = before.counterpart or before.former
        loser = replace(loser, counterpart=None, former=former)
        return _with_news(loser, earlier, settings, now)
    known = before.counterpart if _had(before, seen.record_id) else None
    counterpart = replace(
        known or _heir(seen, now),
        modstamp=seen.modstamp,
    )
    loser = replace(loser, counterpart=counterpart)
    moved = survivor.counterpart if _is_counterpart(survivor, seen.record_id) else None
    if moved:
        loser = replace(
            loser,
            # What was written to it meanwhile is still our own.
            counterpart=replace(
                counterpart, written_at=moved.written_at, written_until=moved.written_until
            ),
            account_id=survivor.account_id,
            company_id=survivor.company_id,
            in_flight=survivor.in_flight,
            parked=survivor.parked,
        )
    loser = replace(loser, ledger=_caught_up(merge, seen, settings, now, sent=moved is not None))
    loser = replace(loser, bounce=still_standing(loser.bounce, loser.email))
    return _with_news(loser, earlier, settings, now)


def _with_news(
    loser: Contact, earlier: Mapping[str, Secondary], settings: SyncSettings, now: datetime
) -> Contact:
    """Return the loser with what its further records have brought since the merge."""
    for one in loser.secondaries:
        known = earlier.get(one.record_id)
        if known is None or one.modstamp is None:
            continue
        record = Record(
            id=one.record_id,
            object=one.object,
            modified_at=one.modstamp,
            modstamp=one.modstamp,
            values=one.shadows,
        )
        before = replace(one, modstamp=known.modstamp, shadows=known.shadows)
        others = tuple(before if each is one else each for each in loser.secondaries)
        loser = with_secondary(replace(loser, secondaries=others), record, settings, now=now)
    return loser


def _heir(seen: _Seen, now: datetime) -> Counterpart:
    return Counterpart(
        record_id=seen.record_id, object=seen.object, linked_at=now, linked_by=LinkedBy.MERGE
    )


def _caught_up(
    merge: ContactMerge, seen: _Seen, settings: SyncSettings, now: datetime, *, sent: bool
) -> Ledger:
    """Return the loser's ledger after what its record has brought since the merge.

    Args:
        merge: As it is kept.
        seen: The record, as it was last seen.
        settings: By which its values come in.
        now: By our clock.
        sent: The survivor's values went out to it meanwhile; those are no news, and are taken
            back: the loser's go out again. A refusal is not: whoever it came from, it stands.
    """
    before, others = merge.loser.ledger, merge.survivor.ledger.values
    own = {
        name
        for name, value in seen.shadows.items()
        if sent
        and name != OPTED_OUT
        and name in before.values
        and name not in merge.taken
        and name in others
        and others[name] == value != before.shadows.get(name)
    }
    ledger = before
    if seen.modstamp is not None:
        record = Record(
            id=seen.record_id,
            object=seen.object,
            modified_at=seen.modstamp,
            modstamp=seen.modstamp,
            # What is as it was before the merge is no news.
            values={
                name: value
                for name, value in seen.shadows.items()
                if name not in own and before.shadows.get(name, UNKNOWN) != value
            },
        )
        fields = settings.fields_of(seen.object)
        ledger = merge_record(before, record, fields, written_until=None).ledger
    return replace(
        ledger,
        times={**ledger.times, **{name: max(now, ledger.times.get(name, now)) for name in own}},
        shadows={**ledger.shadows, **{name: seen.shadows[name] for name in own}},
    )


def _had(before: Contact, record_id: str) -> bool:
    return before.counterpart is not None and before.counterpart.record_id == record_id


def _marked(contact: Contact, settings: SyncSettings, now: datetime) -> Contact:
    """Return a contact with the mark that fits it."""
    if contact.counterpart:
        # What a job carries is seen to by the next push.
        waits = contact.in_flight is not None or any(
            wants_out(contact, field, settings) for field in settings.fields
        )
        own = contact.waiting
        waiting = own if own and own.lane is not Lane.CREATE else None
        if waits:
            waiting = mark(waiting, lane=Lane.FRESH, now=now)
        elif held_opt_out(contact, settings, now=now):
            waiting = mark(waiting, lane=Lane.OPT_OUT, now=now)
        return replace(contact, waiting=waiting)
    if contact.creation is None or contact.creation.refusal is not None:
        return replace(contact, waiting=None)
    return replace(contact, waiting=Waiting(lane=Lane.CREATE, next_push_at=now + JOB_LOST_AFTER))


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
        further = any(one.record_id == record_id for one in loser.secondaries)
        if further and _is_being_deleted(link, survivor):
            # It is not the loser whom somebody wants to delete.
            back = replace(back, state=LinkState.SECONDARY)
        if own and own.record_id == record_id:
            back = replace(back, state=LinkState.LINKED, linked_at=now, linked_by=own.linked_by)
        yield back, link
