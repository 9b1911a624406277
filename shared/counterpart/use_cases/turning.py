"""Turning pages: ask for what comes next, apply what it is the turn of.

One poll asks for the next page of every pass at once, so that finding nothing costs one call.
Pages are applied in the order of the passes' stages.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from counterpart.domain.passes import Pass
from counterpart.domain.windows import Stamped, after_page, narrowed
from counterpart.errors import MissingFieldError, TransientError
from counterpart.use_cases.guarded_pages import HeldBackError, UnfinishedPageError
from counterpart.use_cases.pulled_streams import PulledStream

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from counterpart.ports import Clock, Poll, RecordPage
    from counterpart.use_cases.pulled_streams import PulledStreams

# Salesforce's stamps count seconds.
_STAMP = timedelta(seconds=1)

Row = TypeVar("Row", bound=Stamped)

Step = tuple[PulledStream, Pass]


class Source(Protocol[Row]):
    """Where the pages of some streams come from, and where they go."""

    def poll(self, steps: Sequence[Step], /) -> Poll[Row]:
        """Return the next page of each of these passes, asked for in one call.

        Raises:
            MissingFieldError: a field that is read does not exist for our user.
        """

    def beginning(self, step: Step, /) -> datetime | None:
        """Return where the whole window of a pass begins; `None` is the beginning of time."""

    def apply(self, step: Step, records: Sequence[Row], asked_at: datetime, /) -> None:
        """Apply one page.

        Raises:
            HeldBackError: what it does needs somebody's yes.
            UnfinishedPageError: time ran short; it is to be asked for once more.
        """

    def set_aside(self, streams: Sequence[PulledStream], exc: MissingFieldError, /) -> None:
        """Let the next poll do without the fields that are missing.

        Raises:
            MissingFieldError: nothing that could be left out is missing.
        """


def turn_pages(
    streams: Sequence[PulledStream],
    *,
    source: Source[Row],
    saved_by: PulledStreams,
    clock: Clock,
    may_go_on: Callable[[Sequence[PulledStream], int], bool],
) -> None:
    """Move streams page by page until each is finished, and give them back.

    Args:
        streams: Opened before.
        source: What is read.
        saved_by: Who opened them.
        clock: Ours.
        may_go_on: Asked before each turn, with what is unfinished and the turns done so far.

    Raises:
        LeaseLostError: somebody else has taken a stream over.
    """
    try:
        # Of a window that was handed over, what was left may have been switched off since.
        for stream in streams:
            if stream.finished:
                saved_by.finish(stream)
        turning, turns = [stream for stream in streams if not stream.finished], 0
        while turning and may_go_on(turning, turns):
            saved_by.keep(turning)
            _turn(turning, source, saved_by, clock)
            for stream in turning:
                if stream.finished:
                    saved_by.finish(stream)
            turning = [
                stream for stream in turning if not (stream.finished or saved_by.stops(stream))
            ]
            turns += 1
    finally:
        saved_by.give_back(streams)


def _turn(
    streams: Sequence[PulledStream], source: Source[Row], saved_by: PulledStreams, clock: Clock
) -> None:
    """Ask for the next page of every pass, in one call, and apply those whose turn it is."""
    steps = _next_steps(streams)
    asked_at = clock()
    try:
        poll = source.poll(steps)
    except MissingFieldError as exc:
        try:
            source.set_aside(streams, exc)
        except MissingFieldError:
            _single_out(streams, steps, source, saved_by)
        return

    for stream in streams:
        if stream.state.upper is None:
            stream.state = replace(stream.state, upper=poll.as_of)
    unfinished: int | None = None
    for (stream, step), page in zip(steps, poll.pages, strict=True):
        if unfinished is not None and step.stage > unfinished and page.records:
            # More of an earlier stage is to come; this page is asked for again after it.
            continue
        if not _advance((stream, step), page, poll.as_of, source, saved_by, asked_at=asked_at):
            unfinished = step.stage if unfinished is None else min(unfinished, step.stage)


def _advance(
    where: Step,
    page: RecordPage[Row],
    as_of: datetime,
    source: Source[Row],
    saved_by: PulledStreams,
    *,
    asked_at: datetime,
) -> bool:
    """Apply a page; return whether its pass has come to its end."""
    stream, step = where
    upper = stream.state.upper or as_of
    if page.timed_out:
        _narrow(stream, step, beginning=source.beginning(where), upper=upper)
        saved_by.save(stream)
        return False
    try:
        source.apply(where, page.records, asked_at)
    except HeldBackError as exc:
        # The first page of a window is read to its very moment, which is after the clock of the
        # answer; what was judged has to be in the window when somebody says yes to it.
        latest = max((row.modstamp for row in page.records), default=upper)
        stream.state = replace(stream.state, upper=max(upper, latest + _STAMP))
        saved_by.hold(stream, step, exc.judgement)
        return False
    except UnfinishedPageError:
        saved_by.save(stream)
        return False
    saved_by.pass_on(stream, step)
    before = stream.progress(step)
    after = after_page(page.records, finished=page.finished, before=before, upper=upper)
    stream.state = replace(stream.state, progress={**stream.state.progress, step.name: after})
    if page.records and not stream.finished:
        saved_by.save(stream)
    return after.finished


def _single_out(
    streams: Sequence[PulledStream],
    steps: Sequence[Step],
    source: Source[Row],
    saved_by: PulledStreams,
) -> None:
    """Leave out the streams that our user may not read at all, so that the others can go on.

    Raises:
        MissingFieldError: each of them can be read by itself, but not all together.
    """
    complaint: MissingFieldError | None = None
    for stream in streams:
        asked = [step for step in steps if step[0] is stream]
        if not asked:
            # Its turn is still to come.
            continue
        try:
            source.poll(asked)
        except MissingFieldError as exc:
            saved_by.hide(stream, exc)
            complaint = exc
    if complaint is None:
        # It was shown to us meanwhile, or what we knew of the object has changed.
        source.poll(steps)


def _narrow(
    stream: PulledStream, step: Pass, *, beginning: datetime | None, upper: datetime
) -> None:
    """Ask for half of what Salesforce gave up on, from now on.

    Raises:
        TransientError: half would be nothing.
    """
    narrower = narrowed(stream.progress(step), lower=beginning, upper=upper)
    if narrower is None:
        raise TransientError(f"Salesforce gives up on a query for one second of {step.object}")
    progress = {**stream.state.progress, step.name: narrower}
    stream.state = replace(stream.state, progress=progress)


def _next_steps(streams: Sequence[PulledStream]) -> list[Step]:
    """Return the passes to ask for a page, in order.

    Those of later stages are asked on the chance that the earlier ones end with this page; where
    one of them is known to be long, they are not.
    """
    steps = [
        (stream, step)
        for stream in streams
        for step in stream.passes
        if not stream.progress(step).finished
    ]
    steps.sort(key=lambda one: one[1].stage)
    first = steps[0][1].stage
    now = [(stream, step) for stream, step in steps if step.stage == first]
    return now if any(stream.progress(step).after for stream, step in now) else steps
