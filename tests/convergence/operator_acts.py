"""What operators do: they change the settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.creation_settings import OnExistingMatch
from counterpart.domain.inbound_settings import OnRemoteDelete
from counterpart.domain.mapping import EMAIL, OPTED_OUT, Mode
from counterpart.domain.records import SObject
from counterpart.domain.selection import (
    Criterion,
    Group,
    Junction,
    Operator,
    Selection,
    SelectionMode,
)
from counterpart.domain.switching import switched
from counterpart.domain.sync_settings import Guard
from tests.convergence.fields import CONTACT_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpart.domain.sync_settings import SyncSettings
    from tests.convergence.chronicle import Chronicle
    from tests.convergence.steps import Numbers
    from tests.convergence.world import World

_MODES = (
    Mode.PREFER_SALESFORCE,
    Mode.ALWAYS_SALESFORCE,
    Mode.ALWAYS_OURS,
    Mode.TWO_WAY,
    Mode.TWO_WAY,
    Mode.DO_NOT_SYNC,
)
_EMAIL_MODES = (Mode.TWO_WAY, Mode.PREFER_SALESFORCE, Mode.ALWAYS_SALESFORCE)
_REMAPPED = ("job_title", "phone", "city")
_INTERVALS = (0, 5, 60)
_CRITERIA = Group(
    junction=Junction.ANY,
    members=(
        Criterion(field="Phone", operator=Operator.IS_BLANK),
        Criterion(field="HasOptedOutOfEmail", operator=Operator.EQUALS, value=True),
    ),
)
_SELECTIONS = (
    Selection(),
    Selection(),
    Selection(mode=SelectionMode.MARKED),
    Selection(mode=SelectionMode.CRITERIA, criteria=_CRITERIA),
    Selection(mode=SelectionMode.FROM_NOW_ON),
    Selection(mode=SelectionMode.NONE),
)


_GUARDS = (Guard(), Guard(share_percent=0, minimum=1), Guard(share_percent=20, minimum=2))
_BULK = (2000, 0, 1, 2)


class OperatorActs:
    """Acts of operators, written down where the laws must know of them."""

    def __init__(self, world: World, chronicle: Chronicle) -> None:
        self._world, self._chronicle = world, chronicle

    def change_mode(self, numbers: Numbers) -> str:
        """Give a field another mode."""
        names = [field.name for field in CONTACT_FIELDS if field.name != OPTED_OUT]
        name = names[numbers[1] % len(names)]
        modes = _EMAIL_MODES if name == EMAIL else _MODES
        mode = modes[numbers[2] % len(modes)]
        now = self._world.settings.current()
        fields, of_companies = (
            tuple(replace(field, mode=mode) if field.name == name else field for field in all_of)
            for all_of in (now.fields, now.company_fields)
        )
        self._chronicle.modes[name] = self._world.clock()
        self._save(replace(now, fields=fields, company_fields=of_companies))
        return f"{name} {mode}"

    def switch(self, numbers: Numbers) -> str:
        """Switch the sync of an object on or off, in or out."""
        now = self._world.settings.current()
        sobject = tuple(SObject)[numbers[1] % len(SObject)]
        on = numbers[2] % 3 > 0
        if numbers[3] % 3 == 0:
            objects = {**now.inbound.objects}
            objects[sobject] = replace(objects[sobject], enabled=on)
            self._save(replace(now, inbound=replace(now.inbound, objects=objects)))
            return f"in {sobject} {on}"
        if numbers[3] % 3 == 1:
            writes = {**now.outbound.objects}
            writes[sobject] = replace(writes[sobject], enabled=on)
            self._save(replace(now, outbound=replace(now.outbound, objects=writes)))
            return f"out {sobject} {on}"
        self._save(replace(now, outbound=replace(now.outbound, enabled=on)))
        return f"out {on}"

    def choose(self, numbers: Numbers) -> str:
        """Change how contacts are created, or what a deletion does."""
        now = self._world.settings.current()
        creation = replace(
            now.creation,
            create_as=tuple(CreateAs)[numbers[1] % 2],
            on_existing_match=tuple(OnExistingMatch)[numbers[1] // 2 % 2],
            match_accounts_by_domain=numbers[2] % 2 > 0,
            create_accounts=numbers[3] % 2 > 0,
        )
        on_delete = tuple(OnRemoteDelete)[numbers[4] % 3]
        self._chronicle.ignored_deletions |= on_delete is OnRemoteDelete.IGNORE
        inbound = replace(now.inbound, on_remote_delete=on_delete)
        self._save(replace(now, creation=creation, inbound=inbound))
        return f"{creation} {on_delete}"

    def _save(self, wanted: SyncSettings) -> None:
        world = self._world
        after = switched(world.settings.current(), wanted, now=world.clock())
        self._chronicle.campaigns.outbound_off |= not after.outbound.enabled
        world.settings.save(after, changed_by="somebody", changed_at=world.clock())

    def select(self, numbers: Numbers) -> str:
        """Let other records of an object come in."""
        now = self._world.settings.current()
        sobject = (SObject.LEAD, SObject.CONTACT)[numbers[1] % 2]
        selection = _SELECTIONS[numbers[2] % len(_SELECTIONS)]
        objects = {**now.inbound.objects}
        objects[sobject] = replace(objects[sobject], selection=selection)
        self._world.selected_at[sobject] = self._world.clock()
        self._save(replace(now, inbound=replace(now.inbound, objects=objects)))
        return f"{sobject} {selection.mode}"

    def pace(self, numbers: Numbers) -> str:
        """Change how often an object is looked at."""
        now = self._world.settings.current()
        sobject = tuple(SObject)[numbers[1] % len(SObject)]
        minutes = _INTERVALS[numbers[2] % len(_INTERVALS)]
        objects = {**now.inbound.objects}
        objects[sobject] = replace(objects[sobject], interval_minutes=minutes)
        self._save(replace(now, inbound=replace(now.inbound, objects=objects)))
        return f"{sobject} each {minutes} minutes"

    def remap(self, numbers: Numbers) -> str:
        """Take the mapping of a field to one object away, or give it back."""
        now = self._world.settings.current()
        name = _REMAPPED[numbers[1] % len(_REMAPPED)]
        sobject = (SObject.LEAD, SObject.CONTACT)[numbers[2] % 2]
        (usual,) = (field for field in CONTACT_FIELDS if field.name == name)
        fields = []
        for field in now.fields:
            if field.name == name:
                paths = {**field.paths}
                if paths.pop(sobject, None) is None:
                    paths[sobject] = usual.paths[sobject]
                fields.append(replace(field, paths=paths))
            else:
                fields.append(field)
        self._chronicle.modes[name] = self._world.clock()
        self._save(replace(now, fields=tuple(fields)))
        return f"{name} {sobject}"

    def guard(self, numbers: Numbers) -> str:
        """Change what is too much at once."""
        guard = _GUARDS[numbers[1] % len(_GUARDS)]
        self._save(replace(self._world.settings.current(), guard=guard))
        return str(guard)

    def bulk(self, numbers: Numbers) -> str:
        """Change how many rows go by a job."""
        now, above = self._world.settings.current(), _BULK[numbers[1] % len(_BULK)]
        self._save(replace(now, outbound=replace(now.outbound, bulk_above=above)))
        return str(above)

    def deals(self, numbers: Numbers) -> str:
        """Switch opportunities on or off."""
        now, on = self._world.settings.current(), numbers[1] % 3 > 0
        self._save(replace(now, opportunities=replace(now.opportunities, enabled=on)))
        return f"opportunities {on}"


OPERATOR_ACTS: dict[str, Callable[[OperatorActs, Numbers], str]] = {
    name: getattr(OperatorActs, name)
    for name in (
        *("change_mode", "switch", "choose", "select", "pace", "remap"),
        *("guard", "bulk", "deals"),
    )
}
