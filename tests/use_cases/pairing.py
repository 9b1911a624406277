"""Two contacts in one campaign, of whom one is merged into the other, here or in Salesforce."""

from __future__ import annotations

from tests.use_cases.storytelling import Story

ADA, BOB = "ada@example.com", "bob@example.com"


class Pair:
    """Two linked contacts, and a campaign on both sides.

    Attributes:
        ada: The contact that stays.
        bob: The one that goes.
        adas: Ada's Contact in Salesforce.
        bobs: Bob's.
        record_id: The campaign in Salesforce.
    """

    def __init__(self, *, lagging_index: bool = False, syncs: bool = True) -> None:
        self.world = Story(lagging_index=lagging_index)
        (self.ada, self.adas), (self.bob, self.bobs) = self.world.linked(ADA, BOB)
        self.record_id = self.world.their_campaign(labels=["Registered", "No show", "Attended"])
        self.world.campaign(to=self.record_id if syncs else None)
        if syncs:
            self.world.sync()

    def join(self, **statuses: str) -> None:
        """Add members, and bring them in step."""
        for name, status in statuses.items():
            self.world.join("launch", getattr(self, name), status)
        self.run()

    def merge(self) -> None:
        """Merge Bob into Ada."""
        self.world.merge(self.ada, self.bob)

    def undo(self) -> tuple[str, ...]:
        """Undo that; return what stays."""
        return self.world.undo(self.bob).kept

    def run(self) -> None:
        """Let a run bring campaigns in step."""
        self.world.wait()
        self.world.sync()

    @property
    def here(self) -> dict[str, str]:
        """Return the status of each, by name."""
        names = {self.ada: "ada", self.bob: "bob"}
        return {names[each]: status for each, status in self.world.members_here().items()}

    @property
    def there(self) -> dict[str, str]:
        """Return the status of each in Salesforce, by name."""
        names = {self.adas: "ada", self.bobs: "bob"}
        found = self.world.members_there(self.record_id)
        return {names[each]: status for each, status in found.items()}

    def rests(self) -> bool:
        """Return whether further runs change nothing."""
        before = len(self.world.written)
        for _ in range(2):
            self.world.wait(20)
            self.world.sync()
        written = self.world.written[before:]
        return not [each for each in written if each.startswith(("members", "Campaign"))]
