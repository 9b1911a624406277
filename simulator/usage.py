"""Counts API calls: against the daily allowance, and for people who want to know the cost."""

from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

from simulator.clock import Clock

LOGGED = 500
# Requests for tokens are no API calls, so they are counted apart.
LOGIN = "login"
WINDOW_S = 24 * 3600
BUCKET_S = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class LoggedCall:
    """One line of the call log."""

    at: str
    method: str
    path: str
    kind: str
    status: int


class Usage:
    """What an org has been asked for, over a rolling day and since the log was cleared."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: deque[list[int]] = deque()
        self._used = 0
        self._kinds: Counter[str] = Counter()
        self._logins = 0
        self.log: deque[LoggedCall] = deque(maxlen=LOGGED)

    def count(self) -> None:
        """Charge one call to the allowance."""
        self._used += 1
        bucket = int(self._clock.timestamp() // BUCKET_S)
        if self._buckets and self._buckets[-1][0] == bucket:
            self._buckets[-1][1] += 1
        else:
            self._buckets.append([bucket, 1])

    def used(self) -> int:
        """Return the calls of the last 24 hours."""
        oldest = (self._clock.timestamp() - WINDOW_S) // BUCKET_S
        while self._buckets and self._buckets[0][0] < oldest:
            self._used -= self._buckets.popleft()[1]
        return self._used

    def note(self, call: LoggedCall) -> None:
        """Enter a call into the log, whatever came of it."""
        if call.kind == LOGIN:
            self._logins += 1
        else:
            self._kinds[call.kind] += 1
        self.log.append(call)

    def summary(self) -> dict[str, Any]:
        """Return how many calls were made, altogether and by kind, and the last of them."""
        return {
            "total": sum(self._kinds.values()),
            "by_kind": dict(sorted(self._kinds.items())),
            "logins": self._logins,
            "used_in_24_h": self.used(),
            "last": [
                {
                    "at": call.at,
                    "method": call.method,
                    "path": call.path,
                    "kind": call.kind,
                    "status": call.status,
                }
                for call in self.log
            ],
        }

    def clear_log(self) -> None:
        """Forget the calls, but not what they cost."""
        self._kinds.clear()
        self._logins = 0
        self.log.clear()

    def reset(self) -> None:
        """Forget everything."""
        self.clear_log()
        self._buckets.clear()
        self._used = 0
