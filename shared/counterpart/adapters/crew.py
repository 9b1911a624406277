"""A crew: a few threads that wait for the network side by side."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Task = TypeVar("Task")
Answer = TypeVar("Answer")


class Crew:
    """Threads that are started when there is work, and kept for the next.

    Args:
        size: How many at most.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._threads = ThreadPoolExecutor(max_workers=size, thread_name_prefix="crew")

    def each(self, work: Callable[[Task], Answer], tasks: Sequence[Task]) -> list[Answer]:
        """Return what *work* returns for each task, in order.

        After an error no further task is begun, and it is raised when none is running any more: no
        write happens behind the back of a caller who was told of the failure.
        """
        if len(tasks) <= 1:
            return [work(task) for task in tasks]

        answers: dict[int, Answer] = {}
        waiting = deque(enumerate(tasks))

        def toil() -> None:
            while waiting:
                try:
                    place, task = waiting.popleft()
                except IndexError:
                    # Another thread took the last task since we looked.
                    return
                try:
                    answers[place] = work(task)
                except BaseException:
                    waiting.clear()
                    raise

        shifts = [self._threads.submit(toil) for _ in range(min(self._size, len(tasks)))]
        wait(shifts)
        for shift in shifts:
            shift.result()
        return [answers[place] for place in range(len(tasks))]
