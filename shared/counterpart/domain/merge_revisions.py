"""Several merges into one contact: undoing one of them leaves the others to be undone as rightly.

A merge remembers the survivor as it was, with what earlier merges had given it. Once one of those
is undone, a later one must not bring its values back; and what a later one covered, and gives back
by being undone, still is the earlier one's to take away.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from counterpart.domain.contact_merge_plans import ContactMerge
    from counterpart.domain.contacts import Ledger
    from counterpart.domain.values import Value


class Revisions:
    """What changes about merges that stand.

    Args:
        others: All of them that are into the same survivor.
    """

    def __init__(self, others: Iterable[ContactMerge]) -> None:
        self._others = {one.id: one for one in others}
        self._changed: set[str] = set()

    @property
    def made(self) -> tuple[ContactMerge, ...]:
        """Return the merges that are to be stored anew."""
        return tuple(one for key, one in self._others.items() if key in self._changed)

    def took_over(self, undone: ContactMerge, name: str) -> bool:
        """Return whether a later merge covered a value of one that is undone; it forgets it then.

        Args:
            undone: Whose value it was.
            name: Of the field.
        """
        found = False
        for key, other in list(self._others.items()):
            ledger = other.survivor.ledger
            same = ledger.values.get(name) == undone.loser.ledger.values.get(name)
            if name in other.taken and same and ledger.times.get(name) == undone.taken[name]:
                found = True
                ledger = as_in(undone.survivor.ledger, name, ledger)
                survivor = replace(other.survivor, ledger=ledger)
                self._note(key, replace(other, survivor=survivor))
        return found

    def give_back(self, undone: ContactMerge, name: str, at: datetime) -> None:
        """Note that the survivor has a value again that an earlier merge had given it.

        Args:
            undone: The merge that had covered it.
            name: Of the field.
            at: The time that it bears from now on.
        """
        held = undone.survivor.ledger.times.get(name)
        for key, other in list(self._others.items()):
            if name in other.taken and other.taken[name] == held:
                self._note(key, replace(other, taken={**other.taken, name: at}))

    def without_tags(self, undone: ContactMerge, tags: Sequence[str]) -> tuple[str, ...]:
        """Return the survivor's tags without those that came from this loser alone.

        Later merges forget that the survivor had these before them, unless one that is earlier
        still brought them as well.
        """
        brought = set(undone.loser.tags) - set(undone.survivor.tags)
        earlier: set[str] = set()
        for key, other in sorted(self._others.items(), key=lambda item: item[1].merged_at):
            had = other.survivor.tags
            left = tuple(tag for tag in had if tag not in brought or tag in earlier)
            if left != had and other.merged_at >= undone.merged_at:
                self._note(key, replace(other, survivor=replace(other.survivor, tags=left)))
            earlier.update(other.loser.tags)
        return tuple(tag for tag in tags if tag not in brought or tag in earlier)

    def without_pause(self, undone: ContactMerge, paused_at: datetime | None) -> datetime | None:
        """Return since when the survivor is paused, without the pause that this loser brought.

        Later merges forget that the survivor was paused before them, and one of them may have
        brought a pause as well.
        """
        brought = undone.loser.outbound_paused_at
        if undone.survivor.outbound_paused_at or paused_at is None or paused_at != brought:
            # It had one of its own, or somebody has lifted or begun one since.
            return paused_at
        left: datetime | None = None
        for key, other in sorted(self._others.items(), key=lambda item: item[1].merged_at):
            if other.merged_at >= undone.merged_at:
                survivor = replace(other.survivor, outbound_paused_at=left)
                self._note(key, replace(other, survivor=survivor))
                left = left or other.loser.outbound_paused_at
        return left

    def _note(self, key: str, revised: ContactMerge) -> None:
        self._others[key] = revised
        self._changed.add(key)


def anothers_values(
    merge: ContactMerge, others: Iterable[ContactMerge], name: str
) -> Sequence[Value]:
    """Return what the survivor may have held in a field that is none of the loser's.

    Args:
        merge: The one of this loser.
        others: Further merges into the survivor that stand.
        name: Of the field.
    """
    ledgers = [other.loser.ledger for other in others if name in other.taken]
    if name not in merge.taken:
        ledgers.append(merge.survivor.ledger)
    return [ledger.values[name] for ledger in ledgers if name in ledger.values]


def given_again(
    earlier: Iterable[ContactMerge], before: Ledger, after: Ledger
) -> Sequence[ContactMerge]:
    """Return the merges into a contact that are to be stored anew, as it comes back from another.

    What they had given it goes out to its record once more, and bears a new time for that; it is
    theirs to take away all the same.

    Args:
        earlier: Those that stand.
        before: Its values when it went.
        after: Its values as it comes back.
    """
    revised = []
    for merge in earlier:
        taken = {
            name: after.times[name]
            for name, time in merge.taken.items()
            if time == before.times.get(name) != after.times.get(name)
            and name in after.times
            and after.values.get(name) == before.values.get(name)
        }
        if taken:
            revised.append(replace(merge, taken={**merge.taken, **taken}))
    return revised


def as_in(source: Ledger, name: str, ledger: Ledger) -> Ledger:
    """Return a ledger with the value and time of one field as they are in another."""
    values = {key: value for key, value in ledger.values.items() if key != name}
    times = {key: time for key, time in ledger.times.items() if key != name}
    insisted, passing = ledger.insisted, ledger.passing
    if name in source.times:
        times[name] = source.times[name]
    if name in source.values:
        values[name] = source.values[name]
    else:
        # Nobody says anything of what is not set.
        insisted = insisted - {name}
        passing = {key: was for key, was in passing.items() if key != name}
    return replace(ledger, values=values, times=times, insisted=insisted, passing=passing)
