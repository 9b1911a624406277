"""The virtual clock, the points at which an invocation can be struck, and calls between two."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What a call to Salesforce takes, in seconds.
_CALL = 0.4

DAWN = datetime(2026, 11, 22, 6, tzinfo=UTC)


class VirtualClock:
    """Our clock; it moves only when it is told to."""

    def __init__(self) -> None:
        self.at = DAWN

    def __call__(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


class Crash(BaseException):
    """The process dies. No `except` of the product sees it, and no write of it happens any more."""


@dataclass(kw_only=True)
class _Frame:
    """One invocation: how many points are left until it is struck, and whether it has died."""

    left: int = 0
    strike: Callable[[], None] | None = None
    dead: bool = False


class Watch:
    """Counts writes, and strikes an invocation at a chosen point.

    A point lies before and after every write to the store, and every call to Salesforce. What
    strikes is a crash, or whole invocations of others that happen in between.
    """

    def __init__(self) -> None:
        self.writes: Counter[str] = Counter()
        self._frames: list[_Frame] = []

    @contextmanager
    def invocation(
        self, *, at: int = 0, strike: Callable[[], None] | None = None
    ) -> Iterator[None]:
        """Run an invocation that is struck at its point number *at*; 0 is never."""
        self._frames.append(_Frame(left=at, strike=strike))
        try:
            yield
        finally:
            self._frames.pop()

    def die(self) -> None:
        """Kill the invocation that is running."""
        self._frames[-1].dead = True
        raise Crash

    def before_write(self, _: str) -> None:
        """Pass the point before a write."""
        self.pass_point()

    def after_write(self, name: str) -> None:
        """Count a write, and pass the point after it."""
        self.writes[name] += 1
        self.pass_point()

    def pass_point(self) -> None:
        """Go on, or be struck."""
        if not self._frames:
            return
        frame = self._frames[-1]
        if frame.dead:
            raise Crash
        if frame.left > 0:
            frame.left -= 1
            if frame.left == 0 and frame.strike:
                frame.strike()


class Calls:
    """Calls to Salesforce: each takes its time, and has a point before and after it.

    Args:
        watch: Whose points they are.
        pass_time: Lets time pass.
    """

    def __init__(self, watch: Watch, pass_time: Callable[[float], None]) -> None:
        self._watch, self._pass_time = watch, pass_time

    @contextmanager
    def one(self) -> Iterator[None]:
        """Make one call; whoever returns its answer from within passes the point after it."""
        self._watch.pass_point()
        self._pass_time(_CALL)
        yield
        self._watch.pass_point()
