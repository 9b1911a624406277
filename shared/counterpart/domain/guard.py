"""The guard: what a run would delete, unlink, move or blank, and how much of it is too much.

One mistake on the other side, such as a list that was deleted or a column that was emptied, must
not become one here within five minutes. What is more than a share of all, and more than a few, is
held until a person says yes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.page_plan import Change

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from counterpart.domain.page_plan import PagePlan
    from counterpart.domain.subjects import Subject
    from counterpart.domain.sync_settings import Guard

_MOST_EXAMPLES = 5


class Danger(StrEnum):
    """What is done to somebody that is hard to undo."""

    DELETED = "deleted"
    UNLINKED = "unlinked"
    RELINKED = "relinked"
    BLANKED = "blanked"


_OF_CHANGES = {
    Change.DELETED: Danger.DELETED,
    Change.UNLINKED: Danger.UNLINKED,
    Change.RELINKED: Danger.RELINKED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Dangers:
    """What some rows would do.

    Attributes:
        counts: Rows by what they do.
        examples: Salesforce ids, or our own, of the first few.
    """

    counts: Mapping[Danger, int] = field(default_factory=dict)
    examples: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Return how many rows do any of it."""
        return sum(self.counts.values())

    @property
    def gone(self) -> int:
        """Return how many are about rows that no longer live in Salesforce."""
        return self.total - self.counts.get(Danger.BLANKED, 0)

    def __add__(self, other: Dangers) -> Dangers:
        """Return both together."""
        counts = Counter(self.counts)
        counts.update(other.counts)
        examples = (*self.examples, *other.examples)[:_MOST_EXAMPLES]
        return Dangers(counts=dict(counts), examples=examples)


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """A stream that stands still until somebody says yes.

    Attributes:
        id: The stream's name, a slash, and an id of its own.
        step: The pass that was about to do it; empty where a stream has none.
        of: Of how many records.
        complete: Whether all of the window was counted; if not, there may be more.
        looked_at: When it was last judged.
        approved: Somebody said yes.
        settings_version: By which it was counted; a yes is to what these would do.
        objects: Whose records these are, where a stream is about several.
    """

    id: str
    step: str
    dangers: Dangers
    of: int
    complete: bool
    held_at: datetime
    looked_at: datetime
    approved: bool = False
    settings_version: int = 0
    objects: tuple[str, ...] = ()

    @property
    def stream(self) -> str:
        """Return the stream that is held."""
        return self.id.rpartition("/")[0]

    def waits(self, now: datetime, *, pause: timedelta) -> bool:
        """Return whether nobody said yes, and it is too early to judge it once more."""
        return not self.approved and now - self.looked_at < pause

    def sentence(self, guard: Guard) -> str:
        """Return why it is held, for people."""
        done = ", ".join(
            f"{'at least ' if not self.complete else ''}{number} {danger}"
            for danger, number in self.dangers.counts.items()
            if number
        )
        whose = f" of {' and '.join(self.objects)}" if self.objects else ""
        then = (
            "Somebody said yes, so it goes on with its next run."
            if self.approved
            else f'To go on, send {{"approve": "{self.id}"}} to pull_records.'
        )
        return (
            f"Held: of {self.of} records{whose} this would leave {done}; {guard.minimum} or more "
            f"that are more than {guard.share_percent} % need a yes. "
            f"Examples: {', '.join(self.dangers.examples)}. {then}"
        )


def dangers_of(plan: PagePlan[Subject]) -> Dangers:
    """Return what a plan would do; who moves counts once, also if that blanks something."""
    found: list[tuple[Danger, str]] = [
        (_OF_CHANGES[verdict], record_id)
        for record_id, verdict in plan.verdicts.items()
        if isinstance(verdict, Change) and verdict in _OF_CHANGES
    ]
    moved = {record_id for _, record_id in found}
    theirs = moved.union(*(ids for ids in plan.sources.values() if ids & moved))
    found += [(Danger.BLANKED, record_id) for record_id in sorted(plan.blanked - theirs)]
    return dangers(found)


def dangers(found: Sequence[tuple[Danger, str]]) -> Dangers:
    """Return rows, each with what it does, counted."""
    return Dangers(
        counts=dict(Counter(danger for danger, _ in found)),
        examples=tuple(key for _, key in found[:_MOST_EXAMPLES]),
    )


def is_too_much(found: Dangers, *, of: int, guard: Guard) -> bool:
    """Return whether what was found needs a yes.

    Args:
        found: In the whole of a window.
        of: How many records there are, those that are gone by it included.
        guard: From the settings.
    """
    return found.total >= guard.minimum and found.total * 100 > of * guard.share_percent
