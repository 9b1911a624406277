"""Read runs, and what each of them tells of single records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.errors import NotFoundError

if TYPE_CHECKING:
    from counterpart.domain.outcomes import Outcome, Run
    from counterpart.ports import Listing, RunRepository


def get_run(run_id: str, *, runs: RunRepository) -> Run:
    """Return a run.

    Raises:
        NotFoundError: there is no such run, or it is forgotten by now.
    """
    run = runs.get(run_id)
    if run is None:
        raise NotFoundError(f"there is no run {run_id}; runs are kept for some time", field="id")
    return run


def list_outcomes(
    run_id: str, *, limit: int, after: str | None, runs: RunRepository
) -> Listing[Outcome]:
    """Return the outcomes of a run, in the order they were recorded.

    Raises:
        NotFoundError: there is no such run, or it is forgotten by now.
    """
    get_run(run_id, runs=runs)
    return runs.outcomes(run_id, limit=limit, after=after)
