"""Claimed addresses: of two contacts of one address, one at a time is made a record.

Two batches that run at the very same moment look for existing people before either has made any,
so neither sees the other's. A claim lasts for longer than two invocations: whoever looked before
the record was there comes to claim the address while it is still claimed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.creation_settings import OnExistingMatch
from counterpart.use_cases.settled_people import ANOTHER_IS_MADE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.use_cases.creation_ports import CreationBatch, Person

# An invocation lasts five minutes at most.
_LASTS = timedelta(minutes=15)


class ClaimedAddresses:
    """Claims the addresses of those who are about to be created.

    Where the settings let a further record of an address be made, nothing is claimed.

    Args:
        batch: Theirs; who comes too late is added to what failed of it.
    """

    def __init__(self, batch: CreationBatch) -> None:
        self._batch = batch
        self._ports = batch.ports
        self._claims = batch.settings.creation.on_existing_match is OnExistingMatch.LINK

    def take(self, people: Sequence[Person]) -> list[Person]:
        """Return who may be created; the next delivery finds what became of the others' twins."""
        wanted = {person.contact.id: person.key for person in people if person.key}
        if not self._claims or not wanted:
            return list(people)
        late = self._ports.claims.take(wanted, now=self._ports.clock(), lasts=_LASTS)
        self._batch.failed.update(dict.fromkeys(late, ANOTHER_IS_MADE))
        return [person for person in people if person.contact.id not in late]

    def give_back(self, person: Person) -> None:
        """Let others of an address go, whose record Salesforce has refused."""
        if self._claims and person.key:
            self._ports.claims.give_back(person.contact.id, person.key)
