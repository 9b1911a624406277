"""Who of a line was not seen to yet, where its index goes on naming some who were."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Unseen:
    """Asks a line for those at its head, less those who were seen to.

    Most of them have left it. Some stand there still, since the index lags behind, they were edited
    meanwhile, or the guard holds them: as many more are asked for as were met again at most, and
    not as many as were seen to, or a long line would be read anew for each handful of it.
    """

    def __init__(self) -> None:
        self._again = 0

    def of(
        self,
        ask: Callable[[int], Sequence[str]],
        is_seen: Callable[[str], bool],
        *,
        most: int,
    ) -> list[str]:
        """Return up to *most* of those who were not seen to, in the order of the line.

        Args:
            ask: Returns as many ids as it is told from the head of the line.
            is_seen: Tells who was seen to.
            most: How many at most.
        """
        while True:
            limit = most + self._again
            ids = ask(limit)
            left = [one for one in ids if not is_seen(one)]
            again = len(ids) - len(left)
            if again <= self._again or len(ids) < limit:
                return left[:most]
            self._again = again
