"""Play histories: `python -m tests.convergence --histories 2000`, or one: `--seed 17`."""

# ruff: noqa: T201 - people read this at the keyboard

from __future__ import annotations

import argparse
import os
import sys
from typing import get_args

from counterpart.domain.mapping import ConflictPolicy
from tests.convergence.history import STEPS
from tests.convergence.many import Wanted, org_of, play, players, retell
from tests.convergence.world import OrgKind


def main() -> int:
    """Play them; return 1 if one goes wrong, or time runs out before the last."""
    parser = argparse.ArgumentParser(prog="python -m tests.convergence", description=__doc__)
    parser.add_argument("--seed", type=int, help="play this one alone, cut short, step by step")
    parser.add_argument("--whole", action="store_true", help="do not cut it short")
    parser.add_argument("--histories", type=_number, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the seed of the first")
    parser.add_argument("--steps", type=_number, default=STEPS, help="so many in each")
    parser.add_argument("--org", choices=get_args(OrgKind), help="of all; else the seed says")
    parser.add_argument(
        "--policy", type=ConflictPolicy, choices=ConflictPolicy, default=ConflictPolicy.THREE_WAY
    )
    parser.add_argument("--workers", type=_number, default=os.cpu_count() or 1)
    parser.add_argument("--within", type=float, help="seconds; more are too many")
    parser.add_argument("--stop-after", type=_number, default=3, help="so many that go wrong")
    chosen = parser.parse_args()
    if chosen.seed is not None:
        org = chosen.org or org_of(chosen.seed)
        wanted = Wanted(seed=chosen.seed, org=org, steps=chosen.steps, policy=chosen.policy)
        with players(1) as pool:
            lines, well = pool.apply(retell, (wanted,), {"cut_short": not chosen.whole})
        print("\n".join(lines))
        return 0 if well else 1
    seeds = range(chosen.first, chosen.first + chosen.histories)
    told = play(
        [
            Wanted(
                seed=seed, org=chosen.org or org_of(seed), steps=chosen.steps, policy=chosen.policy
            )
            for seed in seeds
        ],
        workers=chosen.workers,
        within=chosen.within,
        stop_after=chosen.stop_after,
        say=lambda line: print(line, flush=True),
    )
    return 0 if told.proven else 1


def _number(text: str) -> int:
    """Return a number of something; none of it would prove nothing."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
