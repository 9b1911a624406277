"""Acts of people in Salesforce, and what all of them have in common."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from counterpart.domain.records import object_of
from tests.convergence.chronicle import Edit
from tests.convergence.fields import COMPANY_FIELDS, CONTACT_FIELDS
from tests.convergence.hands import NEAT, RAW
from tests.convergence.rows import living

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.values import Value
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

    def _note(self, record_id: str, before: Row, values: dict[str, Any], late: float) -> None:
        sobject = object_of(record_id)
        if sobject is None:
            return
        self._touched(record_id)
        now, seen = self._world.clock(), self._seen(record_id)
        stamped = self._chronicle.touched[record_id][-1]
        for field in (*CONTACT_FIELDS, *COMPANY_FIELDS):
            path = field.paths.get(sobject)
            if path in values and values[path] != before.get(path):
                value = values[path]
                if path == "Title" and str(value).startswith(RAW):
                    value = NEAT
                unseen = field.name in seen and seen[field.name] != before.get(path)
                edit = Edit(
                    value=value,
                    stamped=stamped,
                    seen=now + timedelta(seconds=late),
                    back=unseen and seen[field.name] == value,
                )
                self._chronicle.note_theirs(record_id, field.name, edit)

    def _seen(self, record_id: str) -> Mapping[str, Value]:
        """Return what the product last saw in a record."""
        link = self._world.links.get_many([record_id]).get(record_id)
        subject_id = link.subject_id if link else None
        found = [one for one in self._world.all_subjects() if one.id == subject_id]
        return found[0].ledger.shadows if found else {}
