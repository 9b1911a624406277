"""Threads that work side by side."""

from threading import Barrier, Event

import pytest

from counterpart.adapters.crew import Crew


def test_answers_come_in_the_order_of_the_tasks() -> None:
    """Whoever is done first."""
    assert Crew(4).each(lambda number: number * number, range(100)) == [n * n for n in range(100)]
    assert Crew(4).each(lambda number: number, [1]) == [1]
    assert Crew(4).each(lambda number: number, []) == []


def test_as_many_work_at_once_as_there_are_threads() -> None:
    """Each waits for the others, so fewer would wait for ever."""
    together = Barrier(4, timeout=10)

    assert len(Crew(4).each(lambda _: together.wait(), range(4))) == 4


def test_an_error_stops_what_has_not_begun() -> None:
    """No further task is begun."""
    begun: list[int] = []

    def work(number: int) -> None:
        begun.append(number)
        if number == 3:
            raise ValueError(number)

    with pytest.raises(ValueError, match="3"):
        Crew(1).each(work, range(10))

    assert begun == [0, 1, 2, 3]


def test_an_error_waits_for_what_is_running() -> None:
    """Nothing happens behind the back of who was told of it."""
    running, failing = Event(), Event()
    ended: list[int] = []

    def work(number: int) -> None:
        if number == 0:
            running.wait(timeout=10)
            failing.set()
            raise ValueError(number)
        running.set()
        failing.wait(timeout=10)
        ended.append(number)

    with pytest.raises(ValueError, match="0"):
        Crew(2).each(work, range(2))

    assert ended == [1]


def test_an_index_error_of_the_work_is_no_end_of_tasks() -> None:
    """It is raised like any other."""
    with pytest.raises(IndexError):
        Crew(2).each(lambda number: [][number], [0, 1, 2])
