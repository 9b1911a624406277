"""The survivor of a merge of two contacts, without what the loser brought besides values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.keeping import same_there
from counterpart.domain.merging import merge_record
from counterpart.domain.outgoing_fields import pending
from counterpart.domain.policy import UNKNOWN
from counterpart.domain.records import Record
from counterpart.domain.values import same
from counterpart.domain.waiting import Lane

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from counterpart.domain.contact_merge_plans import ContactMerge
    from counterpart.domain.contact_unmerge_losers import SeenRecord
    from counterpart.domain.contacts import Contact, Ledger
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.sync_settings import SyncSettings


def is_at_home(before: Contact, survivor: Contact) -> bool:
    """Return whether the survivor has the very record that it had before the merge."""
    return before.record_id is not None and survivor.record_id == before.record_id


def is_untouched(name: str, merge: ContactMerge, survivor: Contact) -> bool:
    """Return whether the survivor's record holds a value that it held before the merge."""
    there = merge.survivor.ledger.shadows.get(name)
    unchanged = survivor.ledger.shadows.get(name) == there
    return there is not None and unchanged and _stayed_here(name, merge, survivor)


def is_unsent(name: str, merge: ContactMerge, survivor: Contact) -> bool:
    """Return whether nothing of a field has gone to the survivor's record since the merge.

    A row that is tried again may have been written without an answer.
    """
    there, now = (one.ledger.shadows.get(name, UNKNOWN) for one in (merge.survivor, survivor))
    waiting = survivor.waiting
    tried = waiting is not None and (waiting.lane is Lane.RETRY or waiting.attempts > 0)
    return there == now and not tried and _stayed_here(name, merge, survivor)


def is_entered_since(
    name: str, merge: ContactMerge, survivor: Contact, settings: SyncSettings
) -> bool:
    """Return whether the survivor's record holds what somebody there has entered since the merge.

    It lost to the value that came from the loser, which has not replaced it there yet.
    """
    own, there = survivor.counterpart, survivor.ledger.shadows.get(name, UNKNOWN)
    if own is None or there is UNKNOWN or not _stayed_here(name, merge, survivor):
        return False
    if merge.survivor.ledger.shadows.get(name, UNKNOWN) == there:
        return False
    given = merge.loser.ledger.values.get(name)
    return any(
        field.name == name
        and not same_there(field, own.object, given, survivor.ledger.shadows[name])
        for field in settings.fields_of(own.object)
    )


def _stayed_here(name: str, merge: ContactMerge, survivor: Contact) -> bool:
    """Return whether the survivor has kept its record, to which no job carries the field."""
    jobs = (merge.survivor.in_flight, survivor.in_flight)
    carried = any(job is not None and name in job.sent for job in jobs)
    return is_at_home(merge.survivor, survivor) and not carried


def with_own_values(
    merge: ContactMerge, survivor: Contact, ledger: Ledger, settings: SyncSettings
) -> Ledger:
    """Return the survivor's ledger with what its record holds where the loser's value is gone.

    What was read of that record while the merge stood was judged beside the loser's value, and no
    pull reads it again; so it is judged anew, as a pull would have done. A version that was applied
    before the merge has been judged by what the survivor has again.

    Args:
        merge: As it is kept.
        survivor: As it is now.
        ledger: Its values once the merge is undone.
        settings: By which its record comes in.
    """
    own, had = survivor.counterpart, merge.survivor.counterpart
    if own is None or had is None or not is_at_home(merge.survivor, survivor):
        return ledger
    seen_at = own.modstamp or own.written_until
    comes_in = settings.inbound.objects[own.object].comes_in
    if seen_at is None or seen_at == had.modstamp or not comes_in:
        return ledger
    entered = {name for name in merge.taken if is_entered_since(name, merge, survivor, settings)}
    bare = merge.taken.keys() - ledger.values.keys()
    record = Record(
        id=own.record_id,
        object=own.object,
        modified_at=seen_at,
        modstamp=seen_at,
        values={name: there for name, there in ledger.shadows.items() if name in entered | bare},
    )
    # What was entered since is news to what the survivor has again.
    before = merge.survivor.ledger.shadows
    shadows = {name: there for name, there in ledger.shadows.items() if name not in entered}
    shadows |= {name: before[name] for name in entered & before.keys()}
    judged = merge_record(
        replace(ledger, shadows=shadows),
        record,
        settings.fields_of(own.object),
        written_until=own.written_until,
    )
    return replace(judged.ledger, shadows=ledger.shadows)


def paused_since(
    paused_at: datetime | None,
    merge: ContactMerge,
    survivor: Contact,
    kept: list[str],
    *,
    settings: SyncSettings,
    now: datetime,
) -> Contact:
    """Return the survivor with the pause that it has left, if any.

    What waited before the merge may go; what was edited during the pause stays here, as after any.

    Args:
        paused_at: Of that pause; `None` if it was the loser's alone.
        merge: As it is kept.
        survivor: With its values as they are once the merge is undone.
        kept: What could not be undone is added to these.
        settings: By which its values go out.
        now: By our clock.
    """
    if paused_at or survivor.outbound_paused_at is None:
        return replace(survivor, outbound_paused_at=paused_at)
    times = survivor.ledger.times
    edited = any(
        pending(survivor.ledger, field)
        and merge.merged_at < times.get(field.name, merge.merged_at) < now
        for field in settings.fields
    )
    if edited:
        kept.append(f"what was edited of {survivor.id} while it was paused stays here")
    since = now if edited else merge.survivor.outbound_resumed_at
    return replace(survivor, outbound_paused_at=None, outbound_resumed_at=since)


def brought_since(
    merge: ContactMerge,
    survivor: Contact,
    seen: SeenRecord | None,
    fields: Iterable[FieldMapping],
) -> Iterator[str]:
    """Yield what stays with the survivor that the loser's record has brought it since the merge.

    Args:
        merge: As it is kept.
        survivor: With its values as they are once the merge is undone.
        seen: The record, if it goes back to the loser.
        fields: Of contacts.
    """
    if seen is None:
        return
    before, given, now = merge.survivor.ledger, merge.loser.ledger, survivor.ledger
    for field in fields:
        name = field.name
        if name in merge.taken or name not in now.values or name not in seen.shadows:
            continue
        there, was = seen.shadows[name], given.shadows.get(name)
        is_news = not same(field.type, there, was) and same(field.type, there, now.values[name])
        if is_news and not same(field.type, there, before.values.get(name)):
            yield f"{name} of {survivor.id} came from the record of {merge.id} since, and stays"


def has_the_losers_company(merge: ContactMerge, survivor: Contact) -> bool:
    """Return whether the survivor, which has no record, belongs where the loser belonged."""
    return (
        merge.survivor.counterpart is None
        and survivor.counterpart is None
        and survivor.company_id == merge.loser.company_id
        and survivor.account_id == merge.loser.account_id
    )
