"""Records that contacts get back once a merge of two is undone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.contact_merge_plans import is_held
from counterpart.domain.lifting import is_lifting
from counterpart.domain.links import Counterpart, LinkedBy, LinkState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from counterpart.domain.contact_unmerge_losers import SeenRecord
    from counterpart.domain.contacts import Contact
    from counterpart.domain.links import Link, Secondary


def linked_again(
    before: Contact, seen: SeenRecord | Secondary, now: datetime, *, lives: bool
) -> Counterpart:
    """Return a record that a contact gets back, as it was linked before, or what took over from it.

    Args:
        before: The contact before the merge.
        seen: The record, as it was last seen.
        now: By our clock.
        lives: It is no deleted one, which is kept in mind as the former.
    """
    own, former = before.counterpart, before.former
    if own and own.record_id == seen.record_id:
        return replace(own, modstamp=seen.modstamp)
    lost = own or former
    came_back = former is not None and former.record_id == seen.record_id
    if former and came_back and not lives:
        return former
    return Counterpart(
        record_id=seen.record_id,
        object=seen.object,
        linked_at=now,
        linked_by=LinkedBy.UNDELETION if came_back else LinkedBy.MERGE,
        modstamp=seen.modstamp,
        origin=former.began_by if former and came_back else None,
        came_from=lost.came_from if lost else None,
        # An opt-in from before the merge knew nothing of what took over.
        may_refuse=not came_back and is_lifting(before.ledger),
    )


def with_own_again(
    survivor: Contact, before: Contact, links: Mapping[str, Link], *, now: datetime
) -> Contact:
    """Return the survivor with the record that it had before the loser's took its place, if any.

    That is its counterpart if it is there again, and its former one as long as it may come back.

    Args:
        survivor: Without what was the loser's.
        before: As it was before the merge.
        links: What its records mean to us now, by Salesforce id.
        now: By our clock.
    """
    if survivor.counterpart or survivor.former:
        return survivor
    had = {one.record_id for one in (before.counterpart, before.former) if one}
    own = [
        one for one in survivor.secondaries if one.came_from == survivor.id or one.record_id in had
    ]
    if not own:
        return replace(survivor, former=before.former)
    held = [one for one in own if is_held(links.get(one.record_id), survivor)]
    one = (held or own)[0]
    record = linked_again(before, one, now, lives=bool(held))
    return replace(
        survivor,
        ledger=replace(survivor.ledger, shadows=one.shadows),
        secondaries=tuple(each for each in survivor.secondaries if each is not one),
        counterpart=record if held else None,
        former=None if held else record,
        creation=None if held else survivor.creation,
    )


def own_link(
    after: Contact, survivor: Contact, links: Mapping[str, Link], now: datetime
) -> Iterator[tuple[Link, Link]]:
    """Yield the link of a further record that is the survivor's own counterpart again."""
    own = after.counterpart
    link = links.get(own.record_id) if own and own.record_id != survivor.record_id else None
    if own and link:
        linked = replace(link, state=LinkState.LINKED, linked_at=now, linked_by=own.linked_by)
        yield linked, link
