"""What a sweep goes through: one store after the other, as much at once as one call can name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime

    from counterpart.domain.guard import Dangers
    from counterpart.domain.sweep_requests import Swept
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import Listing
    from counterpart.ports.world import Item
    from counterpart.use_cases.apply_page import Tally
    from counterpart.use_cases.page_applier import Tell

# What is read, or written, of a store at once.
PAGE = 500

# Five queries of one composite call name about so many ids.
_IDS_OF_A_CALL = 3500


@dataclass(frozen=True, kw_only=True, slots=True)
class Sweep:
    """What all that is gone through by one invocation has in common.

    Attributes:
        settings: As they are now.
        tally: What was asked for, and what became of it, is counted here.
        started_at: By our clock.
        keep: Holds the lease for longer.
        tell: Told what somebody loses, before it happens; without it, plan for real and write
            nothing.
    """

    settings: SyncSettings
    tally: Tally
    started_at: datetime
    keep: Callable[[], None]
    tell: Tell | None

    @property
    def dry_run(self) -> bool:
        """Return whether nothing is written."""
        return self.tell is None


class Sweeper(Protocol):
    """Goes through one store, or several."""

    def look(self, kind: Swept, after: str | None, /) -> Iterator[str | None]:
        """Find what is gone, batch by batch; yield after each where the rest begins, if any.

        Args:
            kind: What to go through.
            after: Where to begin.
        """

    @property
    def gone(self) -> Mapping[str, int]:
        """Return how many were found to be gone, by object."""

    def dangers(self, sobject: str, /) -> Dangers:
        """Return what carrying that out would do for one object."""

    def apply(self, held: Collection[str], /) -> None:
        """Carry out what was found, but for the objects that are held."""


def batches(
    page: Callable[[str | None], Listing[Item]],
    after: str | None,
    *,
    wanted: Callable[[Item], bool],
) -> Iterator[tuple[list[Item], str | None]]:
    """Yield what is to be asked for with one call, and where the rest begins, if there is any.

    Args:
        page: Reads what follows a place in a store.
        after: Where to begin.
        wanted: Whether something is to be asked for at all.
    """
    batch: list[Item] = []
    while True:
        listing = page(after)
        batch += filter(wanted, listing.items)
        after = listing.next
        if after is None or len(batch) >= _IDS_OF_A_CALL:
            yield batch, after
            batch = []
        if after is None:
            return
