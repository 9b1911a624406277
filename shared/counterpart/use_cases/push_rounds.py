"""The rounds of a push: those whose turn it is go out, and jobs under way are looked after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from counterpart.domain.budget import Budget
from counterpart.use_cases.job_rows import MOST_ROWS
from counterpart.use_cases.push_look import MARGIN
from counterpart.use_cases.waiting_line import AGAIN_AFTER, PUT_OFF_AT_MOST, ROUND

if TYPE_CHECKING:
    from counterpart.domain.contacts import Company, Contact
    from counterpart.use_cases.push_guard import PushGuard
    from counterpart.use_cases.push_look import PushLook
    from counterpart.use_cases.pushed_kind import PushedKind

# Seconds between two looks at a job while there is nothing else to do; the next invocation is
# less than a minute away.
_WAITS = (2, 4, 8, 15, 15, 15)


def push_rounds(look: PushLook, guard: PushGuard) -> None:
    """Push who waits, round by round, until nobody is left, or time or calls run short.

    Args:
        look: Whose rounds these are.
        guard: Lets pass who may go.
    """
    pushed: dict[str, datetime] = {}
    waits = iter(_WAITS)
    while not look.is_off():
        if not look.has_time():
            look.more = True
            look.remark("Time ran short; the next look goes on with the rest.")
            return
        state = look.budget()
        if state is Budget.STOPPED:
            return
        slow = state is Budget.SLOW
        if _push_round(look, pushed, guard, slow=slow) or _let_go(look, guard, slow=slow):
            waits = iter(_WAITS)
        elif not look.awaits_jobs() or not _wait(look, next(waits, None)):
            look.more |= slow and any(kind.line.has_older(now=look.clock()) for kind in look.kinds)
            return


def _push_round(
    look: PushLook, pushed: dict[str, datetime], guard: PushGuard, *, slow: bool
) -> bool:
    """Push those whose turn it is; return whether there were any, or a job has ended."""
    moved = False
    for kind in look.kinds:
        had_job = kind.has_jobs
        if had_job:
            # What a job has carried takes its time to be settled; nobody's edit waits for that.
            moved |= _push_those(look, kind, pushed, guard, fresh_only=True)
        if look.book.lease and kind.look_after_jobs():
            moved = True
            # Whoever was edited while the job carried them need not wait any longer.
            now = look.clock()
            pushed |= {one: now for one, at in pushed.items() if at > now}
        look.tell_of_silent_jobs(kind.silent_jobs)
        look.more |= kind.has_broken_off
        if not look.has_time():
            # Its rows have taken it; who waits does so until the next look.
            return True
        if not (had_job and kind.has_jobs):
            fresh_only = slow or kind.has_jobs
            moved |= _push_those(look, kind, pushed, guard, fresh_only=fresh_only)
    look.renew()
    return moved


def _push_those(
    look: PushLook,
    kind: PushedKind[Contact] | PushedKind[Company],
    pushed: dict[str, datetime],
    guard: PushGuard,
    *,
    fresh_only: bool,
) -> bool:
    """Push those of a kind whose turn it is; return whether there were any."""
    ids = kind.line.next_round(
        until=_until(look),
        now=look.clock(),
        fresh_only=fresh_only,
        pushed=pushed,
        outbound=look.settings.outbound,
        most=_most(look),
    )
    if ids:
        pushed |= dict.fromkeys(ids, _again_at(look))
        guard.give_back(kind.push(kind.let_pass(guard, ids)))
        kind.push_refusals(guard.refusing)
    return bool(ids)


def _let_go(look: PushLook, guard: PushGuard, *, slow: bool) -> bool:
    """Judge who stands aside, after all that waits was seen; return whether anybody went."""
    complete = not slow and not look.has_jobs()
    free = guard.judge(now=look.clock(), complete=complete)
    for sobject, ids in free.items():
        kind = look.people if sobject.is_person else look.companies
        for start in range(0, len(ids), _most(look)):
            # Who is not reached goes on waiting, and is looked at by the next look.
            if look.has_time() and look.budget() is not Budget.STOPPED:
                kind.push(ids[start : start + _most(look)])
                look.renew()
    return bool(free)


def _most(look: PushLook) -> int:
    """Return how many go at once."""
    return MOST_ROWS if look.settings.outbound.bulk_above else ROUND


def _wait(look: PushLook, seconds: int | None) -> bool:
    """Give a job some time; return `False` if it is left to a later look."""
    if seconds is None or look.time_left() < MARGIN + timedelta(seconds=seconds):
        look.more = True
        look.remark("Salesforce works at a job; a later look settles its rows.")
        return False
    look.ports.pause(timedelta(seconds=seconds))
    return True


def _again_at(look: PushLook) -> datetime:
    """Return when those whose turn it is go once more, if they are edited meanwhile.

    Where nothing is written, everybody waits as before, and would go again and again.
    """
    if look.request.dry_run:
        return datetime.max.replace(tzinfo=UTC)
    return look.clock() + AGAIN_AFTER


def _until(look: PushLook) -> datetime:
    """Return up to when older work that waits is for this look.

    What is marked from its beginning on is for the next, so that it comes to an end; a person
    who asks for everything means what was put off, too.
    """
    return look.started_at + (timedelta(0) if look.request.scheduled else PUT_OFF_AT_MOST)
