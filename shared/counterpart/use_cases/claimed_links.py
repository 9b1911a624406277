"""Claimed links: links are written, and what memberships have to know of it is noted first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from counterpart.domain.links import move_by

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from counterpart.ports import Clock, LinkClaim, LinkRepository
    from counterpart.ports.campaigns import MemberRepository


class ClaimPorts(Protocol):
    """What claiming needs of the world."""

    @property
    def links(self) -> LinkRepository: ...

    @property
    def members(self) -> MemberRepository: ...

    @property
    def clock(self) -> Clock: ...


def claim_links(claims: Sequence[LinkClaim], ports: ClaimPorts) -> Collection[str]:
    """Write links; return the ids of records that lost theirs to somebody else.

    A row of a campaign is not touched when its record moves to another contact, so nothing would
    read it again. The move is noted first, and `settle_memberships` sees to the row.
    """
    moves = [move for each in claims if (move := move_by(each.link, each.expected))]
    if moves:
        ports.members.unsettle_moved(moves, now=ports.clock())
    return ports.links.claim_many(claims)
