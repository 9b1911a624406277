"""What befalls an org and the calls to it, and what its administrators change in Setup."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.convergence.chronicle import Chronicle
    from tests.convergence.world import World

Numbers = tuple[int, ...]

_ACCIDENTS = ("lost", "lost", "locked", "throttled", "down", "token", "quota")
_HIDDEN = ("Lead.Title", "Contact.Title", "Contact.Phone", "Lead.City")
_DUPLICATE_RULES = ("off", "alert", "block")


class WeatherActs:
    """Accidents and permissions, written down where the laws must know of them."""

    def __init__(self, world: World, chronicle: Chronicle) -> None:
        self._world, self._chronicle = world, chronicle
        self._hidden: set[str] = set()
        self._fixed: set[str] = set()

    def hide(self, numbers: Numbers) -> str:
        """Hide a field from our user, or show it again."""
        name = _HIDDEN[numbers[1] % len(_HIDDEN)]
        self._hidden ^= {name}
        self._chronicle.hidden.add(name)
        self._world.hands.hide(sorted(self._hidden))
        return str(sorted(self._hidden))

    def accident(self, numbers: Numbers) -> str:
        """Let something go wrong with a call to come."""
        kind = _ACCIDENTS[numbers[1] % len(_ACCIDENTS)]
        self._world.hands.accident(kind, 1 + numbers[2] % 2)
        return kind

    def fix(self, numbers: Numbers) -> str:
        """Let our user read a field and not write it, or write it again."""
        name = _HIDDEN[numbers[1] % len(_HIDDEN)]
        self._fixed ^= {name}
        self._world.hands.fix(sorted(self._fixed))
        return str(sorted(self._fixed))

    def rule(self, numbers: Numbers) -> str:
        """Let the org mind records that look alike, or not."""
        name = _DUPLICATE_RULES[numbers[1] % len(_DUPLICATE_RULES)]
        self._world.hands.mind_duplicates(name)
        return name


WEATHER_ACTS: dict[str, Callable[[WeatherActs, Numbers], str]] = {
    name: getattr(WeatherActs, name) for name in ("hide", "accident", "fix", "rule")
}
