"""Forecasts: whatever happened before, the next pull and the next push do what was foretold."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from counterpart.domain.mapping import ConflictPolicy, Mode
from counterpart.domain.records import SObject
from counterpart.domain.standard_fields import CONTACT_FIELDS
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.sync_tags import sync_tag
from counterpart.domain.waiting import Lane
from counterpart.domain.wishes import Wish
from counterpart.errors import CounterpartError
from tests.use_cases.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpart.domain.contacts import Contact

# What is looked at, by our name and by theirs.
COLUMNS = {"job_title": "Title", "phone": "Phone", "first_name": "FirstName"}
PEOPLE = (SObject.LEAD, SObject.CONTACT)
MODES = [mode for mode in Mode if mode is not Mode.RESTRICTIVE_WINS]


class History:
    """Some steps of a life, the same for a seed each time that they are played.

    Args:
        seed: What happens.
    """

    def __init__(self, seed: int) -> None:
        self._dice = Random(seed)
        policy = self._dice.choice(list(ConflictPolicy))
        fields = tuple(
            replace(field, mode=self._dice.choice(MODES)) if field.name in COLUMNS else field
            for field in CONTACT_FIELDS
        )
        self.world = World(SyncSettings(conflict_policy=policy, fields=fields))
        self.world.lead("ada@example.com", Title="A")
        self.world.add("bob@example.com", sync=True, job_title="B")
        self.world.settle(1)
        acts: list[Callable[[], object]] = [
            *[self._edit, self._edit_there] * 4,
            *(self._pause, self._switch, self._hide, self._convert, self._merge, self._merge_there),
            *(self._remap, self._add, self._pull, self._push, self.world.org.hidden.clear),
        ]
        for _ in range(self._dice.randint(4, 16)):
            self.world.wait(self._dice.choice([0.25, 1, 5, 20]))
            # Not everything can be asked of everybody.
            with suppress(CounterpartError):
                self._dice.choice(acts)()

    def _value(self) -> str | None:
        return self._dice.choice([None, "A", "B", "C"])

    def _somebody(self) -> Contact:
        return self._dice.choice(self.world.everybody())

    def _living(self, *objects: SObject) -> list[str]:
        rows = [row for sobject in objects for row in self.world.org.rows(sobject)]
        return [
            str(row["Id"]) for row in rows if not row["IsDeleted"] and not row.get("IsConverted")
        ]

    def _edit(self) -> None:
        field = self._dice.choice(list(COLUMNS))
        value = self._dice.choice([self._value(), "x" * 129])
        self.world.write(Wish(contact_id=self._somebody().id, fields={field: value}))

    def _edit_there(self) -> None:
        column = self._dice.choice(list(COLUMNS.values()))
        self.world.org.edit(self._dice.choice(self._living(*PEOPLE)), {column: self._value()})

    def _pause(self) -> None:
        contact = self._somebody()
        tag = sync_tag(contact)
        tags = (tag.value,) if tag and self._dice.random() < 0.5 else ()
        self.world.write(Wish(contact_id=contact.id, tags=tags))

    def _switch(self) -> None:
        self.world.switch_outbound(on=not self.world.settings.current().outbound.enabled)

    def _hide(self) -> None:
        column = self._dice.choice(list(COLUMNS.values()))
        self.world.org.hidden.add((self._dice.choice(PEOPLE), column))

    def _convert(self) -> None:
        for lead_id in self._living(SObject.LEAD)[:1]:
            self.world.org.convert(lead_id)

    def _merge(self) -> None:
        survivor, loser = self._somebody(), self._somebody()
        self.world.merge(survivor.id, loser.id)

    def _merge_there(self) -> None:
        leads = self._living(SObject.LEAD)
        if len(leads) > 1:
            self.world.org.merge(*self._dice.sample(leads, 2))

    def _remap(self) -> None:
        name, mode = self._dice.choice(list(COLUMNS)), self._dice.choice(MODES)
        fields = self.world.settings.current().fields
        self.world.change(
            fields=tuple(replace(one, mode=mode) if one.name == name else one for one in fields)
        )

    def _add(self) -> None:
        name = self._dice.choice(["ada", "bob", "eve"])
        if self._dice.random() < 0.5:
            self.world.lead(f"{name}@example.com", Title=self._value())
        else:
            self.world.add(f"{name}@example.com", sync=True, job_title=self._value())

    def _pull(self) -> None:
        self.world.pull()

    def _push(self) -> None:
        self.world.create()
        self.world.push()


def told_by_name(told: Any, way: str) -> dict[str, str]:  # noqa: ANN401 - JSON
    """Return what is foretold of each field that is looked at."""
    return {one["name"]: one[way]["does"] for one in told["fields"] if one["name"] in COLUMNS}


@pytest.mark.parametrize("seed", range(60))
def test_what_is_foretold_happens(seed: int) -> None:
    """Of every linked contact: which fields go out and come in, and that all others stay."""
    world, pushed, pulled = (History(seed).world for _ in range(3))
    linked = [contact for contact in world.everybody() if contact.counterpart]
    told = {contact.id: world.explain(contact.id)["contact"] for contact in linked}
    pushed.push()
    pulled.pull()

    for contact in linked:
        foretold, record_id = told[contact.id], world.record_of(contact.id)
        before, after = world.org.row(record_id), pushed.org.row(record_id)
        written = {name for name, column in COLUMNS.items() if before[column] != after[column]}
        waiting = foretold["waiting"]
        # Another hour, and another function.
        if waiting and waiting["goes_at"] and waiting["lane"] not in {Lane.PARKED, Lane.CREATE}:
            push = told_by_name(foretold, "push")
            assert written == {name for name, does in push.items() if does == "send ours"}
        else:
            assert written == set()

        further = [one["next_pull"]["does"] for one in foretold["secondaries"]]
        pull = foretold["next_pull"]
        if {*further, pull["does"]} <= {"updated", "no_change"} and "updated" not in further:
            values = pulled.contact(contact.id).ledger.values
            taken = {
                name for name in COLUMNS if values.get(name) != contact.ledger.values.get(name)
            }
            takes = told_by_name(foretold, "pull")
            reads = pull["reason"] == "not_yet_read"
            assert taken == {name for name in takes if reads and takes[name] == "take theirs"}
