"""Links in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.adapters.memory.writes import unwatched

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from counterpart.adapters.memory.writes import WriteHook
    from counterpart.domain.links import Link
    from counterpart.ports import LinkClaim


class InMemoryLinkRepository:
    """Links.

    Args:
        links: Stored to begin with.
        before_write: Called before each write; what it raises keeps the write from happening.
        after_write: Called after each write that happened.
    """

    def __init__(
        self,
        *links: Link,
        before_write: WriteHook = unwatched,
        after_write: WriteHook = unwatched,
    ) -> None:
        self._links = {link.record_id: link for link in links}
        self._before_write = before_write
        self._after_write = after_write

    def get_many(self, record_ids: Collection[str]) -> Mapping[str, Link]:
        links = self._links
        return {record_id: links[record_id] for record_id in record_ids if record_id in links}

    def claim_many(self, claims: Sequence[LinkClaim]) -> Collection[str]:
        conflicts = set()
        for claim in claims:
            self._before_write("links.claim")
            record_id = claim.link.record_id
            if not _same(self._links.get(record_id), claim.expected):
                conflicts.add(record_id)
                continue
            self._links[record_id] = claim.link
            self._after_write("links.claim")
        return conflicts

    def holds(self, claims: Sequence[LinkClaim]) -> bool:
        """Return whether every claim would be granted."""
        return all(_same(self._links.get(claim.link.record_id), claim.expected) for claim in claims)

    def grant(self, claims: Sequence[LinkClaim]) -> None:
        """Store the links of claims that hold; no hook is called."""
        self._links |= {claim.link.record_id: claim.link for claim in claims}


def _same(stored: Link | None, expected: Link | None) -> bool:
    if stored is None or expected is None:
        return stored is expected
    return (stored.subject_id, stored.state) == (expected.subject_id, expected.state)
