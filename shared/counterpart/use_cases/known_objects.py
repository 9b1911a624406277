"""Known objects: what our user sees of an org, asked once for each, over paths of parents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from counterpart.ports import FieldFacts, ObjectFacts, OrgSurvey


@dataclass(frozen=True, kw_only=True, slots=True)
class Complaint:
    """What is wrong with one entry of a settings document.

    Attributes:
        field: Where in the document.
    """

    field: str
    message: str

    def answer(self) -> dict[str, str]:
        """Return it as JSON."""
        return {"field": self.field, "message": self.message}


class KnownObjects:
    """Objects that were asked for."""

    def __init__(self, survey: OrgSurvey) -> None:
        self._survey = survey
        self._objects: dict[str, ObjectFacts | None] = {}

    def field(self, sobject: str, path: str) -> FieldFacts | str:
        """Return a field, or a parent's by its dotted path; if there is none, a sentence."""
        *parents, name = path.split(".")
        owner = sobject
        for relationship in parents:
            facts = self.object(owner)
            above = facts.parents.get(relationship.lower()) if facts else None
            if above is None:
                return f"our user sees no relationship {relationship} on {owner}"
            owner = above
        facts = self.object(owner)
        fields = facts.fields if facts else {}
        found = (each for key, each in fields.items() if key.lower() == name.lower())
        return next(found, None) or f"our user sees no field {name} on {owner}"

    def object(self, name: str) -> ObjectFacts | None:
        """Return what our user may do with an object; `None` if it does not see it."""
        if name not in self._objects:
            self._objects[name] = self._survey.object(name)
        return self._objects[name]
