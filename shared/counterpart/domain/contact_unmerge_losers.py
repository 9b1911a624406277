"""The loser of a merge of two contacts, as it is again once the merge is undone.

What its records have brought since the merge comes in to it, as from any record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.bounces import at_present_address, still_standing
from counterpart.domain.contact_unmerge_records import linked_again
from counterpart.domain.contacts import Ledger
from counterpart.domain.lifting import is_lifting
from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.merge_revisions import anothers_values
from counterpart.domain.merging import merge_record
from counterpart.domain.policy import UNKNOWN
from counterpart.domain.records import Record
from counterpart.domain.secondary_records import lost_further, with_secondary

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contact_merge_plans import ContactMerge
    from counterpart.domain.contacts import Contact
    from counterpart.domain.links import Counterpart, Secondary
    from counterpart.domain.records import SObject
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.domain.values import Value


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenRecord:
    """A record that goes back to the loser, as it was last seen.

    Attributes:
        modstamp: The `SystemModstamp` last applied, or `None` while none was.
        seen_at: When it was last seen, by Salesforce's clock; of a record that was never read, but
            written to from here, as of that. `None` if nothing of it was seen.
        shadows: What it held then, by our field names.
    """

    record_id: str
    object: SObject
    modstamp: datetime | None
    seen_at: datetime | None
    shadows: Mapping[str, Value]


def record_of_loser(
    merge: ContactMerge, survivor: Contact, held: Container[str], anothers: Container[str]
) -> SeenRecord | None:
    """Return the record that is the loser's again; what it was merged or converted into counts.

    Args:
        merge: As it is kept.
        survivor: As it is now.
        held: The records that are still there.
        anothers: Records that belong to neither of the two by now.
    """
    if _record_before(merge) is None:
        return None
    for own in _taken_over(merge, survivor):
        if own.record_id in held:
            return SeenRecord(
                record_id=own.record_id,
                object=own.object,
                modstamp=own.modstamp,
                seen_at=own.modstamp,
                shadows=own.shadows,
            )
    counterpart = survivor.counterpart
    if counterpart is None or counterpart.record_id in anothers:
        return None
    if counterpart.came_from == merge.id:
        return SeenRecord(
            record_id=counterpart.record_id,
            object=counterpart.object,
            modstamp=counterpart.modstamp,
            seen_at=counterpart.modstamp or counterpart.written_until,
            shadows=survivor.ledger.shadows,
        )
    return None


def _record_before(merge: ContactMerge) -> Counterpart | None:
    """Return the record that the loser had, or had lost."""
    return merge.loser.counterpart or merge.loser.former


def _taken_over(merge: ContactMerge, survivor: Contact) -> list[Secondary]:
    """Return the loser's own record, or what took over from that, among the survivor's further."""
    mine = [one for one in survivor.secondaries if one.came_from == merge.id]
    earlier = {one.record_id for one in merge.loser.secondaries}
    return [one for one in mine if one.record_id not in earlier]


def loser_again(
    merge: ContactMerge,
    survivor: Contact,
    seen: SeenRecord | None,
    settings: SyncSettings,
    now: datetime,
    *,
    others: Sequence[ContactMerge],
    anothers: Container[str],
) -> Contact:
    """Return the loser as it was, with what its record has brought since.

    Args:
        merge: As it is kept.
        survivor: As it is now.
        seen: The record that is the loser's again.
        settings: By which its values come in.
        now: By our clock.
        others: Further merges into the survivor that stand.
        anothers: Records that belong to neither of the two by now.
    """
    before = merge.loser
    mine = {one.record_id: one for one in survivor.secondaries if one.came_from == merge.id}
    earlier = {one.record_id: one for one in before.secondaries}
    # One that is gone is the loser's former one, and no further one besides: what it brought since
    # is news to the loser, should it come back.
    gone = None if seen else _gone(merge, survivor, now, anothers=anothers)
    own = seen or gone
    further = tuple(
        replace(one, came_from=earlier[record_id].came_from if record_id in earlier else merge.id)
        for record_id, one in mine.items()
        if not (own and record_id == own.record_id) and record_id not in anothers
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
        loser = replace(loser, counterpart=None, former=gone or before.former)
        return _with_news(loser, earlier, settings, now)
    counterpart = linked_again(before, seen, now, lives=True)
    if _may_be_refused_again(before, seen):
        counterpart = replace(counterpart, may_refuse=True)
    # What a job carried to it at the merge may still arrive.
    in_flight = before.in_flight if before.record_id == seen.record_id else None
    loser = replace(loser, counterpart=counterpart, former=None, in_flight=in_flight)
    moved = survivor.counterpart if survivor.record_id == seen.record_id else None
    if moved:
        loser = replace(
            loser,
            # What was written to it meanwhile is still our own.
            counterpart=replace(
                counterpart,
                written_at=moved.written_at,
                written_until=moved.written_until,
                lifted_over=moved.lifted_over,
                may_refuse=counterpart.may_refuse or moved.may_refuse,
            ),
            account_id=survivor.account_id,
            company_id=survivor.company_id,
            in_flight=survivor.in_flight,
            parked=survivor.parked,
        )
    loser = replace(
        loser, ledger=_caught_up(merge, seen, others, settings, now, sent=moved is not None)
    )
    loser = replace(loser, bounce=at_present_address(loser))
    return _with_news(loser, earlier, settings, now)


def with_refusal_since(merge: ContactMerge, survivor: Contact, loser: Contact) -> Contact:
    """Return the loser with a refusal that was given while both were one; it stands for both.

    A record that the loser gets back was told of it; without one it would be opted in again.
    """
    known = any(each.opted_out for each in (merge.survivor, merge.loser, loser))
    if known or survivor.ledger.values.get(OPTED_OUT) is not True:
        return loser
    ledger, at = loser.ledger, survivor.ledger.times[OPTED_OUT]
    return replace(
        loser,
        ledger=replace(
            ledger,
            values={**ledger.values, OPTED_OUT: True},
            times={**ledger.times, OPTED_OUT: at},
        ),
    )


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
        loser = lost_further(loser, one.record_id) if one.gone else loser
    return loser


def _gone(
    merge: ContactMerge, survivor: Contact, now: datetime, *, anothers: Container[str]
) -> Counterpart | None:
    """Return the record that the loser had, or what took over from it, and that may come back.

    One that was merged away there is nobody's any more; one that was deleted may come back.
    """
    before, former = _record_before(merge), survivor.former
    own = [one for one in _taken_over(merge, survivor) if one.record_id not in anothers]
    ids = {one.record_id for one in (*own, former) if one}
    if before is None or before.record_id in ids:
        return before
    if former and former.came_from == merge.id:
        return replace(former, came_from=before.came_from)
    return linked_again(merge.loser, own[0], now, lives=False) if own else None


def _may_be_refused_again(before: Contact, seen: SeenRecord) -> bool:
    """Return whether a refusal there may be another one than that which the loser was to lift.

    Its opt-in may have gone out meanwhile, from the survivor, or somebody there may have taken the
    refusal away and given another; all that is known is whether the record has changed.
    """
    if not is_lifting(before.ledger) or seen.shadows.get(OPTED_OUT) is not True:
        return False
    known = before.counterpart
    return known is None or (known.record_id, known.modstamp) != (seen.record_id, seen.modstamp)


def _caught_up(
    merge: ContactMerge,
    seen: SeenRecord,
    others: Sequence[ContactMerge],
    settings: SyncSettings,
    now: datetime,
    *,
    sent: bool,
) -> Ledger:
    """Return the loser's ledger after what its record has brought since the merge.

    Where the survivor's values were *sent* to it meanwhile, which other merges may have brought,
    those are no news, and are taken back: the loser's go out again. A refusal is not: whoever it
    came from, it stands.
    """
    before = merge.loser.ledger
    own = {
        name
        for name, value in seen.shadows.items()
        if sent
        and name != OPTED_OUT
        # What was never set here is blanked there only where it was seen to be blank before.
        and (name in before.values or before.shadows.get(name, UNKNOWN) is None)
        and value != before.shadows.get(name)
        and value in anothers_values(merge, others, name)
    }
    ledger = before
    if seen.seen_at is not None:
        record = Record(
            id=seen.record_id,
            object=seen.object,
            modified_at=seen.seen_at,
            modstamp=seen.seen_at,
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
        # What was blank on both sides is cleared there again.
        values={**dict.fromkeys(own), **ledger.values},
        times={**ledger.times, **{name: max(now, ledger.times.get(name, now)) for name in own}},
        shadows={**ledger.shadows, **{name: seen.shadows[name] for name in own}},
    )
