"""The waiting line: whose edits go out next, and how all of them are cancelled."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, Protocol

from counterpart.domain.opt_outs import due_opt_outs, held_opt_out
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.pushing import goes_now
from counterpart.domain.subjects import Subject
from counterpart.domain.waiting import Lane
from counterpart.use_cases.push_rows import PushRepository
from counterpart.use_cases.unseen import Unseen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.outbound_settings import Outbound
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.use_cases.notes import Notes

# Read in one or two calls, written in five; what is held of them in memory stays small.
ROUND = 5000
# Of a round, this much at most is for fresh edits while older work waits, and the other way round.
_FRESH_SHARE = 0.8

_CANCELLED_AT_ONCE = 1000
_EDIT_LANES = (Lane.FRESH, Lane.BULK, Lane.RETRY)
# Older work, in this order.
_OLDER_LANES = (Lane.RETRY, Lane.SENT, Lane.BULK, Lane.PARKED)

# Nothing that waits, other than what is parked, is put off for longer (`put_off`).
PUT_OFF_AT_MOST = timedelta(days=1)

# Whose turn it was goes once more after as long, if a fresh edit of theirs waits again: a look that
# takes a quarter of an hour because of a backlog is no worse for them than looks of a minute each.
AGAIN_AFTER = timedelta(minutes=1)


class WaitingRepository(PushRepository[Subject], Protocol[Subject]):
    """What the line needs of contacts, or companies."""

    def waiting(self, lane: Lane, *, until: datetime, limit: int) -> Sequence[str]:
        """Return ids of those whose mark in *lane* is due by *until*, longest wait first."""

    def oldest_wait(self, lane: Lane) -> datetime | None:
        """Return the earliest due time in *lane*, or `None` if nothing waits there."""


class WaitingLine(Generic[Subject]):
    """Those contacts, or companies, that wait for their edits to go out.

    Args:
        repository: Where they are stored; its index may lag behind.
    """

    def __init__(self, repository: WaitingRepository[Subject]) -> None:
        self._repository: WaitingRepository[Subject] = repository
        self._unseen = Unseen()

    def oldest(self) -> datetime | None:
        """Return since when the longest wait of an edit lasts."""
        waits = (self._repository.oldest_wait(lane) for lane in (Lane.FRESH, Lane.BULK))
        return min(filter(None, waits), default=None)

    def has_edits(self) -> bool:
        """Return whether an edit waits, or is on its way."""
        return any(self._repository.oldest_wait(lane) for lane in (*_EDIT_LANES, Lane.SENT))

    def is_ready(self, outbound: Outbound, *, now: datetime) -> bool:
        """Return whether enough waits, one has waited long enough, or a put-off is over."""
        oldest = self.oldest()
        number = sum(
            len(self._repository.waiting(lane, until=now, limit=outbound.max_waiting))
            for lane in (Lane.FRESH, Lane.BULK)
            if oldest
        )
        longest = timedelta(minutes=outbound.max_wait_minutes)
        most = outbound.max_waiting
        if goes_now(oldest=oldest, waiting=number, now=now, longest=longest, most=most):
            return True
        if any(
            self._repository.waiting(lane, until=now, limit=1)
            for lane in (Lane.RETRY, Lane.SENT, Lane.PARKED)
        ):
            return True
        reopened = due_opt_outs(outbound)
        return bool(reopened and self._repository.waiting(Lane.OPT_OUT, until=reopened, limit=1))

    def next_round(
        self,
        *,
        until: datetime,
        now: datetime,
        fresh_only: bool,
        pushed: Mapping[str, datetime],
        outbound: Outbound,
        most: int = ROUND,
    ) -> list[str]:
        """Return whose turn it is: fresh edits first, but older work always gets its share.

        Args:
            until: Older work that was marked later is for the next look.
            now: Fresh edits go along up to this moment, and so does what has rested for long
                enough after it was set aside.
            fresh_only: Older work has to wait, for the API budget or for a job.
            pushed: Whose turn it was during this look, and when fresh edits of theirs go again.
            outbound: As it is now; opt-outs that were held until it was on go along.
            most: How many at once.
        """
        had_turn = pushed.__contains__
        fresh = self._waiting(
            Lane.FRESH, max(until, now), lambda one: pushed.get(one, now) > now, most
        )
        fresh = self._edited_again(fresh, pushed)
        if (reopened := due_opt_outs(outbound)) and len(fresh) < most:
            fresh += self._waiting(Lane.OPT_OUT, reopened, had_turn, most)
        if fresh_only:
            return fresh[:most]
        older: list[str] = []
        for lane in _OLDER_LANES:
            if len(older) < most:
                due = now if lane is Lane.PARKED else until
                older += self._waiting(lane, due, had_turn, most)
        room = max(most - len(older), int(most * _FRESH_SHARE))
        chosen = fresh[:room]
        return chosen + older[: most - len(chosen)]

    def has_older(self, *, now: datetime) -> bool:
        """Return whether older work is due."""
        return any(self._repository.waiting(lane, until=now, limit=1) for lane in _OLDER_LANES)

    def _edited_again(self, fresh: list[str], pushed: Mapping[str, datetime]) -> list[str]:
        """Return *fresh* without those who had their turn, and stand in the index alone."""
        again = [one for one in fresh if one in pushed]
        if not again:
            return fresh
        there = self._repository.get_many(again).values()
        edited = {one.id for one in there if one.waiting and one.waiting.lane is Lane.FRESH}
        return [one for one in fresh if one not in pushed or one in edited]

    def _waiting(
        self, lane: Lane, until: datetime, is_seen: Callable[[str], bool], most: int
    ) -> list[str]:
        """Return who waits in a lane, without those whom this look has seen to already."""
        return self._unseen.of(
            lambda limit: self._repository.waiting(lane, until=until, limit=limit),
            is_seen,
            most=most,
        )

    def cancel(
        self,
        notes: Notes,
        *,
        settings: SyncSettings,
        now: datetime,
        may_go_on: Callable[[], bool],
    ) -> bool:
        """Take the marks of all edits off, each with the reason.

        Requests to be created stay, and so do opt-outs, which go once outbound is on again.

        Args:
            notes: Where the reasons go.
            settings: By which nothing goes out.
            now: No later than these were read.
            may_go_on: Whether there is time.

        Returns:
            Whether that was all of them; the next look goes on with the rest.
        """

        def rest(subject: Subject) -> Subject:
            waiting = held_opt_out(subject, settings, now=now)
            return replace(subject, waiting=waiting, parked=None)

        until = now + PUT_OFF_AT_MOST
        return all(self._cancel(lane, notes, until, may_go_on, rest) for lane in _EDIT_LANES)

    def _cancel(
        self,
        lane: Lane,
        notes: Notes,
        until: datetime,
        may_go_on: Callable[[], bool],
        rest: Callable[[Subject], Subject],
    ) -> bool:
        seen: set[str] = set()
        while may_go_on():
            ids = self._waiting(lane, until, seen.__contains__, _CANCELLED_AT_ONCE)
            if not ids:
                return True
            seen.update(ids)
            idle = [
                rest(subject)
                for subject in self._repository.get_many(ids).values()
                if subject.waiting and subject.waiting.lane in _EDIT_LANES
            ]
            for subject in idle:
                notes.tell(Action.SKIPPED, Reason.OUTBOUND_DISABLED, subject.id)
            notes.keep()
            lost = self._repository.save_many(idle)
            for subject in idle:
                if subject.id not in lost:
                    notes.skip(Reason.OUTBOUND_DISABLED)
        return False
