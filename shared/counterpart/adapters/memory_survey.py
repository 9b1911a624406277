"""The survey of an org in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.adapters.memory_schema import facts, required
from counterpart.adapters.salesforce.rows import EXTERNAL_ID
from counterpart.ports import ApiUsage, FieldFacts, ObjectFacts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.adapters.memory_org import MemoryOrg


class InMemorySurvey:
    """Tells what our user may do in a `MemoryOrg`: everything but what is hidden.

    Attributes:
        invisible: Objects that our user does not see.
        rules: Active duplicate rules, as object and label; `None` while they are not visible.
        usage: What is left of the allowance.
    """

    def __init__(self, org: MemoryOrg) -> None:
        self._org = org
        self.invisible: set[str] = set()
        self.rules: list[tuple[str, str]] | None = []
        self.usage = ApiUsage(used=0, allowed=100_000)

    def allowance(self) -> ApiUsage:
        return self.usage

    def object(self, name: str) -> ObjectFacts | None:
        if name in self.invisible:
            return None
        fields: dict[str, FieldFacts] = {}
        if name in self._org.types:
            needed = required(name)
            for path, place in self._org.places(name).items():
                is_key = path == EXTERNAL_ID
                fields[path] = replace(
                    facts(path, place),
                    nillable=path not in needed,
                    external_id=is_key,
                    unique=is_key,
                )
        return ObjectFacts(
            name=name,
            queryable=True,
            createable=True,
            updateable=True,
            fields=fields,
            parents={"account": "Account"} if "AccountId" in fields else {},
        )

    def duplicate_rules(self) -> Sequence[tuple[str, str]] | None:
        return self.rules
