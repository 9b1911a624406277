"""Bugs seeded by hand: each is put into the running product, and some history must show it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from counterpart.adapters.memory import InMemoryStreamRepository
from counterpart.adapters.memory_salesforce import InMemorySalesforce
from counterpart.domain import policy
from counterpart.domain.mapping import Mode
from counterpart.domain.merging import merge_record
from counterpart.domain.streams import lower_bound
from counterpart.ports import RowAnswer
from tests.convergence.history import history, run

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A bug.

    Attributes:
        name: What it is, in a few words.
        plant: Puts it in, for as long as the stack is open.
        first: The first seed to try: the one that showed it when it was written.
    """

    name: str
    plant: Callable[[ExitStack], None]
    first: int = 0


def caught_by(name: str, *, within: int) -> tuple[int, str] | None:
    """Return the seed of a history that goes wrong with a bug and well without it, and what is so.

    Args:
        name: The bug.
        within: So many seeds are tried, from its first on.
    """
    (mutant,) = (each for each in MUTANTS if each.name == name)
    for seed in range(mutant.first, mutant.first + within):
        with ExitStack() as stack:
            mutant.plant(stack)
            wrongs = run(history(seed)).wrongs
        # A bug that breaks the program is no bug that a law has found.
        broken = any(wrong.startswith("Traceback") for wrong in wrongs)
        if wrongs and not broken and not run(history(seed)).wrongs:
            return seed, wrongs[0]
    return None


def _no_overlap(stack: ExitStack) -> None:
    def bound(**given: Any) -> Any:  # noqa: ANN401 - passed on
        return lower_bound(**given | {"overlap": given["overlap"] * 0})

    stack.enter_context(patch("counterpart.use_cases.page_turner.lower_bound", bound))


def _watermark_early(stack: ExitStack) -> None:
    save = InMemoryStreamRepository.save

    def early(self: Any, state: Any, lease: Any) -> None:  # noqa: ANN401 - passed on
        done = {name: replace(one, finished=True) for name, one in state.progress.items()}
        save(self, replace(state, watermark=state.upper or state.watermark, progress=done), lease)

    stack.enter_context(patch.object(InMemoryStreamRepository, "save", early))


def _row_failure_ignored(stack: ExitStack) -> None:
    update = InMemorySalesforce.update

    def deaf(self: Any, changes: Any) -> Any:  # noqa: ANN401 - passed on
        answer = update(self, changes)
        return replace(answer, rows=[RowAnswer(record_id="said") for _ in answer.rows])

    stack.enter_context(patch.object(InMemorySalesforce, "update", deaf))


def _shadow_dropped(stack: ExitStack) -> None:
    def forgetful(ledger: Any, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - passed on
        merge = merge_record(ledger, *given, **named)
        return replace(merge, ledger=replace(merge.ledger, shadows=ledger.shadows))

    stack.enter_context(patch("counterpart.domain.pulling.merge_record", forgetful))


def _opt_out_stays_there(stack: ExitStack) -> None:
    never = {Mode.RESTRICTIVE_WINS: policy.PULL[Mode.ALWAYS_OURS]}
    stack.enter_context(patch.dict(policy.PULL, never))


MUTANTS = (
    Mutant(name="no overlap is read", plant=_no_overlap, first=1),
    Mutant(name="the watermark runs ahead of the pages", plant=_watermark_early, first=4),
    Mutant(name="a row's failure is ignored", plant=_row_failure_ignored, first=8),
    Mutant(name="the shadow is dropped", plant=_shadow_dropped, first=2),
    Mutant(name="an opt-out does not come in", plant=_opt_out_stays_there),
)
