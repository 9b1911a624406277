"""What befalls an org and the calls to it, and what its administrators change in Setup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.convergence.hands import JOB_WAYS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.convergence.chronicle import Chronicle
    from tests.convergence.steps import Numbers
    from tests.convergence.world import World

_ACCIDENTS = ("lost", "lost", "locked", "throttled", "down", "token", "quota")
_HIDDEN = ("Lead.Title", "Contact.Title", "Contact.Phone", "Lead.City")
_BARRED = ("Lead", "Contact", "Account", "Opportunity", "OpportunityContactRole")
_DUPLICATE_RULES = ("off", "alert", "block")


class WeatherActs:
    """Accidents and permissions, written down where the laws must know of them."""

    def __init__(self, world: World, chronicle: Chronicle) -> None:
        self._world, self._chronicle = world, chronicle
        self._hidden: set[str] = set()
        self._fixed: set[str] = set()
        self._barred: set[str] = set()

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

    def bar(self, numbers: Numbers) -> str:
        """Take our user's right to see an object, or give it back."""
        self._barred = set() if self._barred else {_BARRED[numbers[1] % len(_BARRED)]}
        self._chronicle.barred |= self._barred
        self._world.hands.bar(sorted(self._barred))
        return str(sorted(self._barred))

    def job(self, numbers: Numbers) -> str:
        """Let bulk jobs drag, fail, be refused, or be forgotten."""
        how = JOB_WAYS[numbers[1] % len(JOB_WAYS)]
        self._world.hands.let_jobs(how)
        return how

    def rule(self, numbers: Numbers) -> str:
        """Let the org mind records that look alike, or not."""
        name = _DUPLICATE_RULES[numbers[1] % len(_DUPLICATE_RULES)]
        self._world.hands.mind_duplicates(name)
        return name


WEATHER_ACTS: dict[str, Callable[[WeatherActs, Numbers], str]] = {
    name: getattr(WeatherActs, name) for name in ("hide", "accident", "fix", "rule", "bar", "job")
}
