"""Holds: what stands still until somebody says yes, and saying it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.records import SObject
from counterpart.domain.streams import PUSH
from counterpart.domain.values import format_time
from counterpart.errors import NotFoundError, TransientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterpart.domain.guard import Hold
    from counterpart.domain.sync_settings import Guard
    from counterpart.ports import Clock, SettingsRepository, StreamRepository, Successor

# Streams that may be held, by the names of their states; ad hoc ones are known by their hold's id.
HELD_STREAMS = (*map(str, SObject), "backfill", "links", PUSH)

_LEASE = timedelta(minutes=1)


def list_holds(*, streams: StreamRepository, settings: SettingsRepository) -> dict[str, object]:
    """Return what is held, of the streams that move by themselves."""
    guard = settings.current().guard
    holds = [hold for name in HELD_STREAMS if (hold := streams.get(name).hold)]
    return {"items": [_shown(hold, guard) for hold in holds]}


def approve(
    hold_id: str,
    *,
    streams: StreamRepository,
    settings: SettingsRepository,
    successor: Successor,
    clock: Clock,
) -> dict[str, object]:
    """Say yes to one hold, and let what was held go on; said twice, it is the same yes.

    Args:
        hold_id: As the run told it.
        streams: Where holds are kept.
        settings: For the sentence that tells what was held.
        successor: The next invocation of the function that pulls.
        clock: Ours.

    Raises:
        NotFoundError: nothing is held under this id: it was released, or dropped because its cause
            went away.
        TransientError: its stream is being looked at by a run at this moment.
    """
    name = hold_id.rpartition("/")[0]
    guard = settings.current().guard
    hold = streams.get(name).hold if name else None
    if hold is None or hold.id != hold_id:
        message = f"nothing is held under {hold_id!r}; it may have been released, or its cause gone"
        raise NotFoundError(message, field="approve")
    if not hold.approved:
        lease = streams.acquire(name, now=clock(), lasts=_LEASE)
        if lease is None:
            raise TransientError(
                f"a run is looking at {name} at this moment; try again in a minute"
            )
        state = streams.get(name)
        hold = replace(hold, approved=True)
        still_held = state.hold is not None and state.hold.id == hold_id
        if still_held:
            streams.save(replace(state, hold=hold), lease)
        streams.release(lease)
        if not still_held:
            raise NotFoundError(f"nothing is held under {hold_id!r} any more", field="approve")
    payload = _payload(name)
    if payload:
        successor.start(payload)
    return {"status": "approved", **_shown(hold, guard)}


def _payload(name: str) -> Mapping[str, object] | None:
    """Return what lets a stream go on at once; `None` if its function looks by itself."""
    sobject, _, since = name.partition(" since ")
    if name == "backfill":
        return {"backfill": "resume"}
    if sobject not in set(SObject):
        return None
    return {"objects": [sobject], **({"since": since} if since else {})}


def _shown(hold: Hold, guard: Guard) -> dict[str, object]:
    return {
        "id": hold.id,
        "stream": hold.stream,
        "objects": list(hold.objects),
        "summary": hold.sentence(guard),
        "counts": {str(danger): number for danger, number in hold.dangers.counts.items()},
        "of": hold.of,
        "complete": hold.complete,
        "examples": list(hold.dangers.examples),
        "held_at": format_time(hold.held_at),
        "looked_at": format_time(hold.looked_at),
        "approved": hold.approved,
    }
