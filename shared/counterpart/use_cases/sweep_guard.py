"""The guard of a sweep: what was found to be gone is counted before any of it is carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.guard import is_too_much

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.guard import Dangers, Hold
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


def is_agreed_to(found: Mapping[str, Dangers], hold: Hold | None) -> bool:
    """Return whether *found* is what somebody said yes to."""
    total = sum(dangers.total for dangers in found.values())
    return hold is not None and hold.approved and total <= hold.dangers.total * _AS_MUCH
