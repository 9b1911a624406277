"""Histories: whatever happens, in whatever order, both sides agree when it is over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from counterpart.domain.mapping import ConflictPolicy
from tests.convergence.history import STEPS
from tests.convergence.many import Wanted, org_of, play_one, players
from tests.convergence.mutants import MUTANTS, show

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.pool import Pool

    from tests.convergence.mutants import Mutant

# A sample; `make converge` plays the whole.
_HISTORIES, _EACH = 80, 10


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """Give a process that plays."""
    with players(1) as pool:
        yield pool


@pytest.mark.parametrize("first", range(0, _HISTORIES, _EACH))
def test_histories_come_to_agree(first: int, pool: Pool) -> None:
    """At rest the laws hold, and a further run makes no write."""
    _agree(range(first, first + _EACH), pool)


@pytest.mark.parametrize("policy", [ConflictPolicy.SALESFORCE_WINS, ConflictPolicy.NEWEST_RECORD])
def test_histories_come_to_agree_by_every_conflict_policy(
    policy: ConflictPolicy, pool: Pool
) -> None:
    """Whoever wins, the sides come to rest, and no run undoes another."""
    _agree(range(_EACH), pool, policy)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_bug_that_is_seeded_is_caught(mutant: Mutant, pool: Pool) -> None:
    """A history goes wrong by it, with these words, and goes well without it."""
    shown = pool.apply(show, (mutant.name, mutant.seed))

    assert shown.caught(mutant.breaks), shown


def test_the_table_of_seeded_bugs_is_true() -> None:
    """It names each of them, and what it breaks."""
    text = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")
    _, _, table = text.partition("| bug | breaks | seed |\n|---|---|---|\n")

    assert table.splitlines() == [
        f"| {each.name} | {each.breaks} | {each.seed} |" for each in MUTANTS
    ]


def _agree(seeds: range, pool: Pool, policy: ConflictPolicy = ConflictPolicy.THREE_WAY) -> None:
    wanted = [Wanted(seed=seed, org=org_of(seed), steps=STEPS, policy=policy) for seed in seeds]

    wrong = [one for one in pool.map(play_one, wanted) if one.wrongs]

    told = [line for one in wrong for line in (one.wanted.replay, *one.wrongs)]
    assert not wrong, "\n".join(told)
