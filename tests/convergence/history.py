"""Histories: made from a seed, played, brought to rest, judged; cut short if they show a bug."""

from __future__ import annotations

import random
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from unittest.mock import patch

from counterpart.domain.mapping import ConflictPolicy
from counterpart.domain.sync_settings import Guard
from tests.convergence.acts import Player
from tests.convergence.chronicle import Chronicle
from tests.convergence.our_acts import UnkeptPromiseError
from tests.convergence.rest import come_to_rest, judge
from tests.convergence.steps import any_step
from tests.convergence.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.convergence.steps import Step
    from tests.convergence.world import OrgKind

_SKEWS = (0, 0, 0, 2, -3, 45, -50)
_TWO_WAY = ("last_name", "job_title", "phone", "city")
# Most live with the usual guard, and push without jobs.
_GUARDS = (
    *(Guard(),) * 5,
    Guard(share_percent=0, minimum=1),
    Guard(share_percent=10, minimum=2),
    Guard(share_percent=40, minimum=2),
)
_BULK = (2000, 2000, 1, 1, 1, 2)
STEPS = 200


@dataclass(frozen=True, kw_only=True)
class History:
    """What happens, in which world.

    Attributes:
        two_way: Fields that are two-way from the start; the others have their usual mode.
        guard: What is too much at once, to begin with.
        bulk_above: More rows than this go by a job, to begin with.
        deals: Whether opportunities come in from the start.
        policy: Who wins them.
    """

    seed: int
    org: OrgKind
    skew: float
    lagging: bool
    two_way: tuple[str, ...]
    guard: Guard
    bulk_above: int
    deals: bool
    steps: tuple[Step, ...]
    policy: ConflictPolicy = ConflictPolicy.THREE_WAY


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a history came to.

    Attributes:
        wrongs: What was wrong at rest, or on the way; nothing if all is well.
        told: Each step and what it came to.
    """

    wrongs: tuple[str, ...]
    told: tuple[str, ...]


def history(seed: int, org: OrgKind = "memory", steps: int = STEPS) -> History:
    """Return the history of a seed: always the same."""
    chance = random.Random(seed)
    return History(
        seed=seed,
        org=org,
        skew=chance.choice(_SKEWS),
        lagging=chance.random() < 0.3,
        two_way=tuple(name for name in _TWO_WAY if chance.random() < 0.6),
        guard=chance.choice(_GUARDS),
        bulk_above=chance.choice(_BULK),
        deals=chance.random() < 0.7,
        steps=tuple(any_step(chance) for _ in range(steps)),
    )


def run(wanted: History) -> Verdict:
    """Play a history and judge it."""
    told: list[str] = []
    with _seeded(wanted.seed):
        world = World(
            wanted.org,
            skew=wanted.skew,
            lagging=wanted.lagging,
            two_way=wanted.two_way,
            policy=wanted.policy,
            guard=wanted.guard,
            bulk_above=wanted.bulk_above,
            deals=wanted.deals,
        )
        chronicle = Chronicle()
        player = Player(world, chronicle)
        try:
            for step in wanted.steps:
                at = f"{world.clock():%H:%M:%S.%f}"
                came_to = player.play(step)
                inner = f" [{step.inner.act} in between]" if step.inner else ""
                struck = f" struck at {step.at}{inner}" if step.at else ""
                told.append(f"{at} {step.act}: {came_to}{struck}")
            wrongs = [*come_to_rest(world, chronicle), *judge(world, chronicle)]
        except UnkeptPromiseError as exc:
            wrongs = [str(exc)]
        except Exception:  # noqa: BLE001 - whatever the product raises is what is looked for
            wrongs = [traceback.format_exc()]
    return Verdict(wrongs=tuple(wrongs), told=tuple(told))


def shortest(wanted: History, *, tries: int = 400) -> History:
    """Return a history that still goes wrong, with as many steps cut out as can be."""
    size = len(wanted.steps) // 2
    while size and tries:
        start = 0
        while start < len(wanted.steps) and tries:
            rest = wanted.steps[:start] + wanted.steps[start + size :]
            candidate = replace(wanted, steps=rest)
            tries -= 1
            if run(candidate).wrongs:
                wanted = candidate
            else:
                start += size
        size //= 2
    return wanted


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Make chance the same each time, in the product's own hands, too."""
    state = random.getstate()
    random.seed(seed)
    try:
        with patch("secrets.randbits", random.Random(seed).getrandbits):
            yield
    finally:
        random.setstate(state)
