"""Acts of people in Salesforce, and what all of them have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.convergence.rows import living

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpart.adapters.salesforce.rows import Row
    from tests.convergence.chronicle import Chronicle
    from tests.convergence.steps import Numbers
    from tests.convergence.world import World


class TheirActs:
    """Acts of people there, written down in the chronicle as the org accepts them."""

    def __init__(self, world: World, chronicle: Chronicle) -> None:
        self._world, self._chronicle = world, chronicle

    def _living(self) -> list[Row]:
        return living(self._world.hands)

    def _on_one(self, numbers: Numbers, act: Callable[[str], bool]) -> str:
        rows = self._living()
        if not rows:
            return "nobody"
        record_id = rows[numbers[1] % len(rows)]["Id"]
        return f"{record_id} {act(record_id)}"

    def _touched(self, record_id: str) -> None:
        self._chronicle.touched[record_id].append(self._world.stamp(self._world.clock()))
