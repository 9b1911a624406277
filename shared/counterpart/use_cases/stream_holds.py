"""Holds of streams: how one begins, how a yes ends it, and what people are told of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.guard import Hold
from counterpart.domain.ids import new_id
from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.domain.windows import PassProgress

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from counterpart.domain.streams import StreamState
    from counterpart.domain.sync_settings import Guard
    from counterpart.use_cases.guarded_pages import Judgement


def held_by(
    judgement: Judgement,
    state: StreamState,
    *,
    step: str,
    now: datetime,
    settings_version: int = 0,
    objects: Iterable[str] = (),
) -> StreamState:
    """Return a state that is held from now on, or still is; the hold keeps its id."""
    before = state.hold
    hold = Hold(
        id=before.id if before else f"{state.stream}/{new_id(now)}",
        step=step,
        dangers=judgement.dangers,
        of=judgement.of,
        complete=judgement.complete,
        held_at=before.held_at if before else now,
        looked_at=now,
        settings_version=settings_version,
        objects=tuple(sorted(objects)),
    )
    return replace(state, hold=hold)


def approved(state: StreamState, *, settings_version: int) -> StreamState:
    """Return a state in which what somebody said yes to may go on.

    By other settings the same rows may do something else, such as deleting contacts that were to
    lose their links; then it is counted anew, and nobody has said yes to that. So is the rest of a
    window that was cleared before, by a count or a yes.
    """
    state = replace(
        state,
        progress={
            name: step if step.cleared_by == settings_version else replace(step, cleared_by=None)
            for name, step in state.progress.items()
        },
    )
    hold = state.hold
    if hold is None or not hold.approved:
        return state
    if hold.settings_version != settings_version:
        return replace(state, hold=replace(hold, approved=False))
    progress = state.progress.get(hold.step, PassProgress())
    cleared = {**state.progress, hold.step: replace(progress, cleared_by=settings_version)}
    return replace(state, hold=None, progress=cleared)


def told_of(holds: Iterable[Hold | None], guard: Guard) -> list[Outcome]:
    """Return what a run tells of the holds that it made, or judged once more."""
    return [
        Outcome(
            action=Action.HELD,
            reason=Reason.TOO_MUCH_AT_ONCE,
            at=hold.looked_at,
            message=hold.sentence(guard),
        )
        for hold in holds
        if hold
    ]
