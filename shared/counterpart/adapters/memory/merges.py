"""Merges of contacts in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.adapters.memory.paging import page_of
from counterpart.adapters.memory.writes import unwatched
from counterpart.domain.contact_merge_plans import MergeState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.adapters.memory.links import InMemoryLinkRepository
    from counterpart.adapters.memory.subjects import InMemoryContactRepository
    from counterpart.adapters.memory.writes import WriteHook
    from counterpart.domain.contact_merge_plans import ContactMerge
    from counterpart.domain.contacts import Contact
    from counterpart.ports import LinkClaim, Listing


class InMemoryMergeRepository:
    """Merges.

    Args:
        contacts: Which they change.
        links: Which they change.
        before_write: Called before each transaction; what it raises keeps that from happening.
        after_write: Called after each transaction that happened.
    """

    def __init__(
        self,
        contacts: InMemoryContactRepository,
        links: InMemoryLinkRepository,
        *,
        before_write: WriteHook = unwatched,
        after_write: WriteHook = unwatched,
    ) -> None:
        self._contacts = contacts
        self._links = links
        self._merges: dict[str, ContactMerge] = {}
        self._before_write = before_write
        self._after_write = after_write

    def get(self, loser_id: str) -> ContactMerge | None:
        return self._merges.get(loser_id)

    def page(self, *, limit: int, after: str | None = None) -> Listing[ContactMerge]:
        return page_of(self._merges, self._merges, limit=limit, after=after)

    def store(
        self,
        merge: ContactMerge,
        *,
        survivor: Contact,
        loser: Contact,
        links: Sequence[LinkClaim],
        revised: Sequence[ContactMerge] = (),
    ) -> bool:
        self._before_write("merges.store")
        undoes = merge.state is MergeState.UNDONE
        if self._stands(merge.id) is not undoes or not self._links.holds(links):
            return False
        if not all(self._stands(one.id) for one in revised):
            return False
        saved = [survivor, loser] if undoes else [survivor]
        if not self._contacts.exchange(saved, [] if undoes else [loser]):
            return False
        self._links.grant(links)
        self._merges |= {one.id: one for one in (merge, *revised)}
        self._after_write("merges.store")
        return True

    def _stands(self, loser_id: str) -> bool:
        held = self._merges.get(loser_id)
        return held is not None and held.state is MergeState.DONE
