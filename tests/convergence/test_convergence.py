"""Histories: whatever happens, in whatever order, both sides agree when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.convergence.history import history, run
from tests.convergence.mutants import MUTANTS, caught_by

if TYPE_CHECKING:
    from tests.convergence.mutants import Mutant
    from tests.convergence.world import OrgKind

_HISTORIES, _ON_THE_SIMULATOR, _EACH = 120, 8, 20


@pytest.mark.parametrize("first", range(0, _HISTORIES, _EACH))
def test_histories_in_memory_come_to_agree(first: int) -> None:
    """At rest the laws hold, and a further run makes no write."""
    _agree(range(first, first + _EACH), "memory")


def test_histories_on_the_simulator_come_to_agree() -> None:
    """The same, through the real adapter and an org with rules of its own."""
    _agree(range(_ON_THE_SIMULATOR), "simulator")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_bug_that_is_seeded_is_caught(mutant: Mutant) -> None:
    """Some history goes wrong by it, and goes well without it."""
    seed = caught_by(mutant, within=60)

    assert seed is not None
    assert not run(history(seed)).wrongs


def _agree(seeds: range, org: OrgKind) -> None:
    for seed in seeds:
        verdict = run(history(seed, org))
        replay = f"python -m tests.convergence --org {org} --seed {seed}"
        assert not verdict.wrongs, "\n".join([replay, *verdict.wrongs])
