"""Reading runs."""

import pytest

from counterpart.adapters.memory import InMemoryRunRepository
from counterpart.domain.outcomes import Action, Outcome, Reason, Run, RunKind, RunStatus
from counterpart.errors import NotFoundError
from counterpart.use_cases.read_runs import get_run, list_outcomes
from tests.use_cases.world import NOON

RUN = Run(
    id="run-1",
    kind=RunKind.PULL,
    status=RunStatus.COMPLETED,
    started_at=NOON,
    finished_at=NOON,
    summary="Pulled 1 record.",
)
OUTCOME = Outcome(action=Action.SKIPPED, reason=Reason.NO_EMAIL, at=NOON)


def test_a_run_and_its_outcomes() -> None:
    """They come as they were recorded."""
    runs = InMemoryRunRepository()
    runs.record(RUN, [OUTCOME])

    assert get_run("run-1", runs=runs).summary == "Pulled 1 record."
    assert list_outcomes("run-1", limit=10, after=None, runs=runs).items == [OUTCOME]


def test_a_run_that_does_not_exist() -> None:
    """Neither it nor its outcomes are an empty list."""
    runs = InMemoryRunRepository()

    with pytest.raises(NotFoundError):
        get_run("run-1", runs=runs)
    with pytest.raises(NotFoundError):
        list_outcomes("run-1", limit=10, after=None, runs=runs)
