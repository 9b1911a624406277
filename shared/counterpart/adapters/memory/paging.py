"""Pages of what repositories in memory keep, in the order of its ids."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, TypeVar

from counterpart.adapters import tokens
from counterpart.ports import Listing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_Kept = TypeVar("_Kept")


def page_of(
    kept: Mapping[str, _Kept], ids: Collection[str], *, limit: int, after: str | None
) -> Listing[_Kept]:
    """Return a page of those that have these ids."""
    ordered = sorted(ids)
    last = tokens.decode(after, keys=["id"])["id"] if after is not None else ""
    start = bisect_right(ordered, last)
    listed = ordered[start : start + limit]
    more = start + limit < len(ordered)
    return Listing(
        items=[kept[each] for each in listed],
        next=tokens.encode({"id": listed[-1]}) if more else None,
    )
