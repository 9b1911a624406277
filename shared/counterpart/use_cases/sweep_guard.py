"""The guard of a sweep: what was found to be gone is counted before any of it is carried out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.guard import Dangers, is_too_much
from counterpart.use_cases.guarded_pages import Judgement
from counterpart.use_cases.stream_holds import held_by

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.guard import Hold
    from counterpart.domain.streams import StreamState
    from counterpart.domain.sync_settings import Guard
    from counterpart.use_cases.sweepers import Sweeper

# What somebody said yes to may have grown by a tenth when it is done.
_AS_MUCH = 1.1


def too_much(
    sweepers: Sequence[Sweeper], *, read: Mapping[str, int], guard: Guard
) -> dict[str, Dangers]:
    """Return the objects of which so much is gone that somebody has to say yes, and what that does.

    Args:
        sweepers: Who found it.
        read: How many were asked for, by object.
        guard: From the settings.
    """
    found: dict[str, Dangers] = {}
    for sweeper in sweepers:
        for name, number in sweeper.gone.items():
            if number < guard.minimum:
                continue
            dangers = sweeper.dangers(name)
            if is_too_much(dangers, of=read[name], guard=guard):
                found[name] = dangers
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class SweptPart:
    """What one invocation of a sweep found to be too much; others may come before and after it.

    Attributes:
        began_at: When the sweep began that it is a part of, if that leaves nothing out.
        last: Nothing is left for another invocation.
        found: By object, what carrying it out would do.
        of: How many of those objects were asked for.
        settings_version: By which that was counted.
    """

    began_at: datetime | None
    last: bool
    found: Mapping[str, Dangers]
    of: int
    settings_version: int

    @property
    def dangers(self) -> Dangers:
        """Return what carrying it out would do, of all objects together."""
        return sum(self.found.values(), Dangers())

    def is_agreed_to(self, hold: Hold | None) -> bool:
        """Return whether somebody said yes to this, of the same objects and by these settings.

        By others the same rows may do something else, such as deleting contacts that were to
        lose their links.
        """
        if hold is None or not hold.approved or hold.settings_version != self.settings_version:
            return False
        few = self.dangers.total <= hold.dangers.total * _AS_MUCH
        return few and self.found.keys() <= set(hold.objects)

    def leaves(self, state: StreamState, *, now: datetime) -> StreamState:
        """Return what is held from now on.

        What no part of a whole sweep has held once more has gone away.
        """
        hold = state.hold
        if not self.found:
            over = hold and self.last and self.began_at and hold.looked_at < self.began_at
            return replace(state, hold=None) if over else state
        if hold and self.is_agreed_to(hold):
            return replace(state, hold=None if self.last else _spent(hold, self.dangers))
        objects, dangers, of = set(self.found), self.dangers, self.of
        if hold and not hold.approved and self.began_at and hold.looked_at >= self.began_at:
            # What an earlier invocation of this sweep held is asked about along with it.
            objects |= set(hold.objects)
            dangers, of = hold.dangers + dangers, hold.of + of
        return held_by(
            Judgement(dangers=dangers, of=of, complete=self.last),
            state,
            step="",
            now=now,
            settings_version=self.settings_version,
            objects=objects,
        )


def _spent(hold: Hold, done: Dangers) -> Hold:
    """Return what is left of a yes for the invocations that follow."""
    left = Counter(hold.dangers.counts) - Counter(done.counts)
    return replace(hold, dangers=replace(hold.dangers, counts=dict(left)))
