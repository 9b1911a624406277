"""Row locks: two requests that touch one Account or Campaign at once get in each other's way."""

import threading
from collections.abc import Iterable
from itertools import count

from simulator.errors import SalesforceError


class Locks:
    """Who has touched which records while others were under way."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._numbers = count(1)
        self._under_way: dict[int, set[str]] = {}
        self._held: dict[str, set[str]] = {}

    def enter(self) -> int:
        """Note that a request has arrived, and return its number."""
        with self._guard:
            number = next(self._numbers)
            self._under_way[number] = set()
            return number

    def leave(self, number: int) -> None:
        """Note that a request has been answered."""
        with self._guard:
            self._under_way.pop(number, None)

    def hold(self, transaction: str, keys: Iterable[str]) -> None:
        """Keep *keys* locked until the transaction ends."""
        self._held.setdefault(transaction, set()).update(keys)

    def release(self, transaction: str) -> None:
        """Unlock what a transaction held."""
        self._held.pop(transaction, None)

    def clear(self) -> None:
        """Unlock everything."""
        self._held.clear()

    def require_free(self, ids: set[str]) -> None:
        """Refuse to go on with records that an open transaction has locked."""
        self.take(None, None, set(), held=ids)

    def take(
        self, number: int | None, transaction: str | None, keys: set[str], *, held: set[str]
    ) -> None:
        """Lock *keys* for a request, or refuse because another one had them meanwhile.

        What an open transaction has locked must not be among the *held* ones either.
        """
        taken = set(self._under_way.get(number, ())) if number is not None else set()
        for owner, theirs in self._held.items():
            if owner != transaction:
                taken |= theirs
        clash = sorted((keys | held) & taken)
        if clash:
            what = "this record" if len(clash) == 1 else f"this record or {len(clash)} records"
            raise SalesforceError(
                "UNABLE_TO_LOCK_ROW",
                f"unable to obtain exclusive access to {what}: {','.join(clash)}",
                fields=[],
            )
        with self._guard:
            for other, touched in self._under_way.items():
                if other != number:
                    touched.update(keys)
