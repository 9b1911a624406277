"""The org's own time: it runs, stands still, or is pushed forwards."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

# Times are kept in the form in which REST prints them: it sorts as text and needs no conversion.
STAMP_FORMAT = "%Y-%m-%dT%H:%M:%S.000+0000"
_STAMP_LENGTH = len("2026-11-22T10:00:00.000+0000")


def stamp(moment: datetime) -> str:
    """Return *moment* as the org stores it, to the second."""
    # Some C libraries do not pad the years before 1000 by themselves.
    return moment.astimezone(UTC).strftime(STAMP_FORMAT).rjust(_STAMP_LENGTH, "0")


def parse_stamp(text: str) -> datetime:
    """Return the moment a stored stamp stands for."""
    return datetime.strptime(text, STAMP_FORMAT).replace(tzinfo=UTC)


@lru_cache(maxsize=16)
def _stamp_of(second: int) -> str:
    return stamp(datetime.fromtimestamp(second, UTC))


class Clock:
    """A clock that follows a source until it is frozen."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._offset = 0.0
        self._frozen: float | None = None

    def now(self) -> datetime:
        """Return the current moment in UTC."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    def timestamp(self) -> float:
        """Return the current moment in seconds since 1970."""
        return self._source() + self._offset if self._frozen is None else self._frozen

    def stamp(self) -> str:
        """Return the current moment as records are stamped."""
        return _stamp_of(int(self.timestamp()))

    @property
    def frozen(self) -> bool:
        """Whether time stands still."""
        return self._frozen is not None

    def freeze(self, moment: datetime | None = None) -> None:
        """Stop at *moment*, or at the present one."""
        self._frozen = self.timestamp() if moment is None else moment.timestamp()

    def advance(self, seconds: float) -> None:
        """Move forwards, whether standing or running."""
        if self._frozen is None:
            self._offset += seconds
        else:
            self._frozen += seconds

    def run(self) -> None:
        """Go on from the moment at which time stood still."""
        if self._frozen is not None:
            self._offset = self._frozen - self._source()
            self._frozen = None

    def reset(self) -> None:
        """Follow the source again."""
        self._offset, self._frozen = 0.0, None

    def stamp_before(self, *, days: float) -> str:
        """Return the stamp of the moment that many *days* ago."""
        return stamp(self.now() - timedelta(days=days))
