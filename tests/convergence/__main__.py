"""Play histories: `python -m tests.convergence --histories 2000`, or one: `--seed 17`."""

# ruff: noqa: T201 - people read this at the keyboard

from __future__ import annotations

import argparse
import sys
import time
from typing import get_args

from tests.convergence.history import history, run, shortest
from tests.convergence.world import OrgKind


def main() -> int:
    """Play them; return 1 if one goes wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.convergence", description=__doc__)
    parser.add_argument("--seed", type=int, help="play this one alone, cut short, step by step")
    parser.add_argument("--histories", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the seed of the first")
    parser.add_argument("--org", choices=get_args(OrgKind), default="memory")
    parser.add_argument("--steps", type=int, default=120, help="at most so many in each")
    parser.add_argument("--whole", action="store_true", help="do not cut it short")
    parser.add_argument("--stop-after", type=int, default=3, help="so many that go wrong")
    chosen = parser.parse_args()

    seeds = (
        [chosen.seed]
        if chosen.seed is not None
        else range(chosen.first, chosen.first + chosen.histories)
    )
    began, steps, wrong = time.monotonic(), 0, 0
    for seed in seeds:
        wanted = history(seed, chosen.org, chosen.steps)
        steps += len(wanted.steps)
        verdict = run(wanted)
        if not verdict.wrongs:
            continue
        wrong += 1
        if not chosen.whole:
            wanted = shortest(wanted)
            verdict = run(wanted)
        print(f"seed {seed}, org {wanted.org}, skew {wanted.skew} s, lagging {wanted.lagging}")
        print("  " + "\n  ".join([*verdict.told, "at rest:", *verdict.wrongs]))
        if wrong == chosen.stop_after:
            break
    spent = time.monotonic() - began
    print(f"{len(seeds)} histories, {steps} steps, {spent:.1f} s; {wrong} went wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
