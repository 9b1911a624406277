"""The queue of creation jobs: it delivers them in any order, and some of them more than once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.ports import Delivery
from counterpart.use_cases.work_off_jobs import work_off_jobs

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from counterpart.adapters.memory import InMemoryCreationQueue
    from counterpart.ports import CreationJob
    from counterpart.use_cases.creation_ports import CreatePorts
    from tests.convergence.world import Mishap

# Until the queue gives a job up (template.yaml, maxReceiveCount).
_MOST_RECEIVES = 5


@dataclass(kw_only=True)
class Message:
    """A job in the queue, which may be delivered more than once."""

    number: int
    job: CreationJob
    attempts: int = 0


class Deliveries:
    """Jobs on their way to `create_records`.

    Args:
        queue: Where the product puts them.
        ports: What they are worked off with.
        invoke: Runs an invocation; returns whether it ended well.
    """

    def __init__(
        self,
        queue: InMemoryCreationQueue,
        ports: CreatePorts,
        invoke: Callable[[Callable[[], object], Mishap], bool],
    ) -> None:
        self._queue, self._ports, self._invoke = queue, ports, invoke
        self.messages: list[Message] = []
        self._numbers = 0

    def deliver(self, chance: random.Random, *, most: int, mishap: Mishap) -> bool:
        """Hand some jobs to `create_records`, in any order, and some of them more than once."""
        self._collect()
        batch = chance.sample(self.messages, min(most, len(self.messages)))
        if not batch:
            return True
        for message in batch:
            message.attempts += 1
        failures: list[str] = []

        def work() -> None:
            deliveries = [
                Delivery(message_id=str(one.number), receipt="", job=one.job, attempts=one.attempts)
                for one in batch
            ]
            failures.extend(work_off_jobs(deliveries, ports=self._ports).failures)

        ended = self._invoke(work, mishap)
        for message in batch:
            if message not in self.messages:
                # Another delivery that ran meanwhile was through with it first.
                continue
            done = ended and str(message.number) not in failures
            # A standard queue delivers at least once.
            forgotten = done and chance.random() < 0.85
            if forgotten or message.attempts >= _MOST_RECEIVES:
                self.messages.remove(message)
        return ended

    def _collect(self) -> None:
        """Let what was sent arrive in the queue."""
        for job in self._queue.receive(1000):
            self._numbers += 1
            self.messages.append(Message(number=self._numbers, job=job))
