"""Stored changes: one that must not get lost is made anew of whoever was changed meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.errors import ChangedMeanwhileError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from counterpart.domain.subjects import Subject
    from counterpart.use_cases.push_rows import PushRepository

_TRIES = 6


def store_changed(
    repository: PushRepository[Subject],
    subjects: Mapping[str, Subject],
    change: Callable[[Subject], Subject],
    *,
    concerns: Callable[[Subject], bool] = lambda _: True,
) -> None:
    """Store each of *subjects* as *change* makes it, of what others have made of it meanwhile.

    Args:
        repository: Where they are stored.
        subjects: As they were read, by id.
        change: What becomes of one.
        concerns: Tells of one that was changed meanwhile whether it is still to be changed.

    Raises:
        ChangedMeanwhileError: others kept changing them.
    """
    latest = dict(subjects)
    for _ in range(_TRIES):
        if not latest:
            return
        lost = repository.save_many([change(one) for one in latest.values()])
        fresh = repository.get_many(lost) if lost else {}
        latest = {key: one for key, one in fresh.items() if concerns(one)}
    if latest:
        raise ChangedMeanwhileError(f"{len(latest)} items keep being changed by others")
