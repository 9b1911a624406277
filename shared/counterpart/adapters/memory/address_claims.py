"""Claims on addresses in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.adapters.memory.writes import unwatched

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime, timedelta

    from counterpart.adapters.memory.writes import WriteHook


class InMemoryAddressClaims:
    """Claims on addresses.

    Args:
        before_write: Called before each write; what it raises keeps the write from happening.
        after_write: Called after each write that happened.
    """

    def __init__(
        self, *, before_write: WriteHook = unwatched, after_write: WriteHook = unwatched
    ) -> None:
        # By address: the contact that claims it, and until when.
        self._claims: dict[str, tuple[str, datetime]] = {}
        self._before_write = before_write
        self._after_write = after_write

    def take(
        self, wanted: Mapping[str, str], *, now: datetime, lasts: timedelta
    ) -> Collection[str]:
        late = set()
        for contact_id, address in wanted.items():
            self._before_write("claims.take")
            holder, until = self._claims.get(address, (contact_id, now))
            if holder != contact_id and until > now:
                late.add(contact_id)
                continue
            self._claims[address] = (contact_id, now + lasts)
            self._after_write("claims.take")
        return late

    def give_back(self, contact_id: str, address: str) -> None:
        self._before_write("claims.give_back")
        if self._claims.get(address, ("",))[0] == contact_id:
            del self._claims[address]
        self._after_write("claims.give_back")
