"""Stored changes: one that must not get lost is made anew of whoever was changed meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from counterpart.errors import ChangedMeanwhileError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

_TRIES = 6

_Key = TypeVar("_Key")
_Item = TypeVar("_Item")


class ChangedRepository(Protocol[_Key, _Item]):
    """Where items are stored that others change as well."""

    def get_many(self, keys: Collection[_Key], /) -> Mapping[_Key, _Item]:
        """Return them by key."""

    def save_many(self, items: Sequence[_Item], /) -> Collection[_Key]:
        """Store each unless it changed since; return the keys of those that had."""


def store_changed(
    repository: ChangedRepository[_Key, _Item],
    items: Mapping[_Key, _Item],
    change: Callable[[_Item], _Item],
    *,
    concerns: Callable[[_Item], bool] = lambda _: True,
    noun: str = "items",
) -> None:
    """Store each of *items* as *change* makes it, of what others have made of it meanwhile.

    Args:
        repository: Where they are stored.
        items: As they were read, by key.
        change: What becomes of one.
        concerns: Tells of one that was changed meanwhile whether it is still to be changed.
        noun: What people call them.

    Raises:
        ChangedMeanwhileError: others kept changing them.
    """
    latest = dict(items)
    for _ in range(_TRIES):
        if not latest:
            return
        lost = repository.save_many([change(one) for one in latest.values()])
        fresh = repository.get_many(lost) if lost else {}
        latest = {key: one for key, one in fresh.items() if concerns(one)}
    if latest:
        raise ChangedMeanwhileError(f"{len(latest)} {noun} keep being changed by others")
