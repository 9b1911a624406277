"""Who plays: people of the seeded org, each in one step alone, and newcomers."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from scripts.demo.sides import Sides
from scripts.demo.stack import Json, Stack


def _tag() -> str:
    return f"{int(time.time()) % 36**6:x}"


@dataclass(kw_only=True)
class Cast:
    """What the steps share.

    Attributes:
        stack: Both sides.
        tag: Sets this telling apart from others on the same stack.
        started_at: When the story began.
        sides: Everybody, as last read.
        played: Records that have had their step.
        campaign_id: The campaign of the story here, and its record in Salesforce.
        campaign_people: Its members, each with record and contact.
    """

    stack: Stack
    tag: str = field(default_factory=_tag)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    sides: Sides = field(default_factory=lambda: Sides(theirs={}, ours={}, shared=[]))
    played: set[str] = field(default_factory=set)
    campaign_id: str = ""
    campaign_record: str = ""
    campaign_people: list[tuple[Json, Json]] = field(default_factory=list)

    def next_linked(self, sobject: str) -> tuple[Json, Json]:
        """Return a person of that object who has not played yet: the record, and our contact."""
        for row in self.sides.alone(sobject):
            if row["Id"] in self.sides.ours and row["Id"] not in self.played:
                self.played.add(row["Id"])
                return row, self.stack.api.contact(self.sides.ours[row["Id"]]["id"])
        raise LookupError(f"No {sobject} is left to play with; start afresh: make down, make demo")

    def ours(self, contact: Json) -> Json:
        """Return a contact of ours as it is now."""
        return self.stack.api.contact(contact["id"])
