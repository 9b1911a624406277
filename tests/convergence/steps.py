"""Steps: small values that mean something in every world, so that any of them can be left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

Numbers = tuple[int, ...]

_NUMBERS = 7
_LARGEST = 9999
# Of the invocations that can be struck, so many are, in percent: by a crash, by another invocation.
_CRASHES, _INTERRUPTIONS = 18, 22


@dataclass(frozen=True)
class Step:
    """One thing that happens.

    Attributes:
        act: What, as in `acts.ACTS`.
        numbers: With whom, to what, how: each act takes what it needs, modulo what there is.
        at: The point at which it is struck; 0 is never.
        inner: What strikes it; `None` is a crash.
    """

    act: str
    numbers: Numbers
    at: int = 0
    inner: Step | None = field(default=None)


# How often each act happens, against the others.
WEIGHTS = {
    "pull": 22,
    "push": 16,
    "deliver": 8,
    "write": 14,
    "spree": 6,
    "create": 6,
    "request": 2,
    "remove": 1,
    "pause": 2,
    "edit": 18,
    "add": 8,
    "add_account": 2,
    "touch": 2,
    "delete": 2,
    "undelete": 2,
    "purge": 1,
    "merge": 2,
    "convert": 4,
    "move": 1,
    "change_mode": 1,
    "switch": 2,
    "choose": 1,
    "hide": 1,
    "fix": 1,
    "rule": 1,
    "select": 1,
    "mark": 2,
    "pace": 1,
    "remap": 1,
    "sweep": 1,
    "backfill": 1,
    "sync_campaigns": 16,
    "enroll": 8,
    "shift": 9,
    "leave": 3,
    "their_join": 8,
    "their_shift": 8,
    "their_leave": 2,
    "their_touch": 1,
    "their_end": 2,
    "their_status": 1,
    "choose_sync": 1,
    "map_statuses": 1,
    "change_type": 1,
    "keep_in_step": 1,
    "accident": 5,
    "join": 3,
    "part": 2,
    "opt_in": 2,
    "report": 1,
    "bounce": 1,
    "settle": 3,
    "redrive": 1,
    "say_yes": 2,
    "guard": 1,
    "bulk": 1,
    "job": 2,
    "bar": 1,
    "deals": 1,
    "deal": 3,
    "edit_deal": 3,
    "role": 4,
    "edit_role": 2,
    "drop_deal": 1,
    "restore_deal": 1,
    "wait": 3,
    "catch_up": 4,
}
_STRUCK = {
    "pull": 40,
    "push": 40,
    "deliver": 30,
    "sweep": 20,
    "backfill": 20,
    "write": 4,
    "spree": 20,
    "create": 6,
    "request": 6,
    "remove": 4,
    "join": 3,
    "part": 3,
    "opt_in": 3,
    "settle": 3,
    "redrive": 6,
    "say_yes": 6,
    "sync_campaigns": 40,
    "enroll": 3,
    "shift": 3,
    "leave": 3,
    "choose_sync": 4,
    "map_statuses": 3,
    "change_type": 3,
}
# Points that few invocations come to, beyond those: now and then one of them is struck. Here and
# above a little more than the most points that were ever counted.
_FURTHER = {
    "pull": 50,
    "push": 15,
    "sync_campaigns": 45,
    "choose_sync": 3,
    "join": 11,
    "part": 11,
    "remove": 10,
    "pause": 3,
    "report": 3,
}
# What happens within another invocation, as others go on working.
_WITHIN = (
    "write",
    "write",
    "write",
    "edit",
    "edit",
    "push",
    "pull",
    "deliver",
    "convert",
    "merge",
    "delete",
    "add",
    "join",
    "part",
    "opt_in",
    "settle",
    "sync_campaigns",
    "enroll",
    "shift",
    "leave",
    "their_join",
    "their_shift",
    "their_leave",
)
# Now and then operators and admins change the rules, as others go on working.
_RULED_WITHIN = ("change_mode", "switch", "remap", "select", "hide", "fix", "bar")


def any_step(chance: random.Random) -> Step:
    """Return a step."""
    act = chance.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()))[0]
    return _filled(act, chance, nested=False)


def _filled(act: str, chance: random.Random, *, nested: bool) -> Step:
    numbers = tuple(chance.randint(0, _LARGEST) for _ in range(_NUMBERS))
    at, inner = 0, None
    luck = chance.randint(0, 99)
    if act in _STRUCK and luck < _CRASHES + _INTERRUPTIONS:
        at = chance.randint(1, _STRUCK[act])
        if luck >= _CRASHES and nested:
            at = 0
        elif luck >= _CRASHES:
            within, rule = chance.choice(_WITHIN), numbers[-1] % 57
            if rule < len(_RULED_WITHIN):
                within = _RULED_WITHIN[rule]
            inner = _filled(within, chance, nested=True)
    if act in _FURTHER and luck < _CRASHES and (numbers[-1] % 5 == 0 or act not in _STRUCK):
        at = _STRUCK.get(act, 0) + 1 + numbers[-1] // 5 % _FURTHER[act]
    return Step(act, numbers, at, inner)
