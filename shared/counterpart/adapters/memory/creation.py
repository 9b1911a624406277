"""The creation queue and the successor in memory: they keep what they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.adapters.memory.writes import unwatched
from counterpart.ports import DeadLetter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from counterpart.adapters.memory.writes import WriteHook
    from counterpart.ports import CreationJob, Delivery


class InMemoryCreationQueue:
    """Jobs, and dead letters with their reasons.

    Args:
        before_write: Called before each write; what it raises keeps the write from happening.
        after_write: Called after each write that happened.

    Attributes:
        jobs: What was sent and not yet received, oldest first.
        parked: What was parked, with the reasons.
        put_offs: What was put off, and for how long.
    """

    def __init__(
        self, *, before_write: WriteHook = unwatched, after_write: WriteHook = unwatched
    ) -> None:
        self.jobs: list[CreationJob] = []
        self.parked: list[tuple[CreationJob, str]] = []
        self.put_offs: list[tuple[Delivery, timedelta]] = []
        self._before_write = before_write
        self._after_write = after_write

    def send(self, jobs: Sequence[CreationJob]) -> None:
        for job in jobs:
            self._before_write("creation_queue.send")
            self.jobs.append(job)
            self._after_write("creation_queue.send")

    def park(self, job: CreationJob, *, reason: str) -> None:
        self._before_write("creation_queue.park")
        self.parked.append((job, reason))
        self._after_write("creation_queue.park")

    def put_off(self, deliveries: Sequence[Delivery], *, wait: timedelta) -> None:
        self.put_offs += [(delivery, wait) for delivery in deliveries]

    def receive(self, limit: int) -> list[CreationJob]:
        """Take the oldest jobs from the queue; who fails at one sends it again."""
        received = self.jobs[:limit]
        del self.jobs[:limit]
        return received


class InMemoryDeadLetters:
    """The dead letters of a queue in memory."""

    def __init__(self, queue: InMemoryCreationQueue) -> None:
        self._queue = queue
        self._held: set[int] = set()

    def take(self, limit: int) -> Sequence[DeadLetter]:
        free = [parked for parked in self._queue.parked if id(parked) not in self._held][:limit]
        self._held |= {id(parked) for parked in free}
        return [
            DeadLetter(
                id=f"letter-{id(parked)}", receipt=str(id(parked)), job=parked[0], reason=parked[1]
            )
            for parked in free
        ]

    def put_back(self, letters: Sequence[DeadLetter]) -> None:
        self._held -= {int(letter.receipt) for letter in letters}

    def remove(self, letters: Sequence[DeadLetter]) -> None:
        gone = {int(letter.receipt) for letter in letters}
        self._queue.parked[:] = [one for one in self._queue.parked if id(one) not in gone]
        self._held -= gone


class InMemorySuccessor:
    """Payloads of invocations that were asked for.

    Attributes:
        payloads: Oldest first.
    """

    def __init__(self) -> None:
        self.payloads: list[dict[str, object]] = []

    def start(self, payload: Mapping[str, object]) -> None:
        self.payloads.append(dict(payload))
