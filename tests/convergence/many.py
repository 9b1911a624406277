"""Many histories: played by several processes, told of as they end.

The order of a set of texts is another in each process, unless the process is born with a fixed
seed for hashes; so every history is played in one that was, and replays exactly.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from unittest.mock import patch

from counterpart.domain.mapping import ConflictPolicy
from tests.convergence.history import history, run, shortest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.pool import Pool

    from tests.convergence.history import History
    from tests.convergence.world import OrgKind

# Seconds between two lines about progress.
_SILENCE = 15


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A history to be played."""

    seed: int
    org: OrgKind
    steps: int
    policy: ConflictPolicy = ConflictPolicy.THREE_WAY

    @property
    def history(self) -> History:
        """Return it."""
        return replace(history(self.seed, self.org, self.steps), policy=self.policy)

    @property
    def replay(self) -> str:
        """Return what plays it again, cut as short as it still goes wrong."""
        world = f"--org {self.org} --policy {self.policy} --steps {self.steps}"
        return f"python -m tests.convergence {world} --seed {self.seed}"


@dataclass(frozen=True, kw_only=True)
class Played:
    """What came of a history.

    Attributes:
        seconds: What it cost the processor.
    """

    wanted: Wanted
    wrongs: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Told:
    """What came of all of them.

    Attributes:
        played: How many ended, on each kind of org.
        wrong: Those that went wrong.
        proven: All were played, and none went wrong.
    """

    played: Counter[str]
    wrong: Sequence[Wanted]
    proven: bool


def org_of(seed: int) -> OrgKind:
    """Return where the history of a seed is played: every other one on the simulator."""
    return "memory" if seed % 2 else "simulator"


def play_one(wanted: Wanted) -> Played:
    """Play a history."""
    began = time.process_time()
    verdict = run(wanted.history)
    spent = time.process_time() - began
    return Played(wanted=wanted, wrongs=verdict.wrongs, seconds=spent)


def retell(wanted: Wanted, *, cut_short: bool) -> tuple[list[str], bool]:
    """Return what happens in a history, line by line, and whether it goes well.

    Args:
        wanted: Which.
        cut_short: One that goes wrong is told as short as it still does.
    """
    played = wanted.history
    verdict = run(played)
    if verdict.wrongs and cut_short:
        played = shortest(played)
        verdict = run(played)
    head = f"seed {played.seed}, org {played.org}, skew {played.skew} s, lagging {played.lagging}"
    told = [*verdict.told, "at rest:", *(verdict.wrongs or ["all is well"])]
    return [head, *(f"  {line}" for line in told)], not verdict.wrongs


@contextmanager
def players(number: int) -> Iterator[Pool]:
    """Yield so many processes in which hashes are the same each time."""
    with patch.dict(os.environ, {"PYTHONHASHSEED": "0"}):
        # Whoever interrupts this means the whole, which then tells how far it has come.
        deaf = (signal.SIGINT, signal.SIG_IGN)
        pool = multiprocessing.get_context("spawn").Pool(number, signal.signal, deaf)
    with pool:
        yield pool


def play(
    histories: Sequence[Wanted],
    *,
    workers: int,
    within: float | None,
    stop_after: int,
    say: Callable[[str], object],
) -> Told:
    """Play histories in several processes, and say how it goes, also if somebody interrupts it.

    Args:
        histories: In this order.
        workers: So many processes.
        within: Seconds after which it ends; `None` is never.
        stop_after: It also ends after so many that went wrong.
        say: Is given a line at a time.
    """
    began = said = time.monotonic()
    played: Counter[str] = Counter()
    wrong: list[Wanted] = []
    seconds = 0.0
    why = "time ran out"
    with players(workers) as pool:
        try:
            for one in pool.imap_unordered(play_one, histories, chunksize=1):
                played[one.wanted.org] += 1
                seconds += one.seconds
                if one.wrongs:
                    wrong.append(one.wanted)
                    say("\n  ".join([f"WRONG, replayed by {one.wanted.replay}", *one.wrongs]))
                now = time.monotonic()
                if now - said >= _SILENCE:
                    said = now
                    say(f"{played.total()} of {len(histories)} after {now - began:.0f} s")
                if len(wrong) >= stop_after or (within is not None and now - began > within):
                    break
        except KeyboardInterrupt:
            why = "interrupted"
    spent = time.monotonic() - began
    steps = sum(one.steps for one in histories[: played.total()])
    orgs = " and ".join(f"{count} with {name}" for name, count in sorted(played.items()))
    say(
        f"{played.total()} histories ({orgs}) of {steps} steps in all, {spent:.0f} s with "
        f"{workers} processes, {seconds:.0f} s of processor time; {len(wrong)} went wrong"
    )
    whole = played.total() == len(histories)
    if not whole and not wrong:
        say(f"{why}: {len(histories) - played.total()} histories were not played")
    return Told(played=played, wrong=wrong, proven=whole and not wrong)
