"""Transactions that stamp their rows when they write them and show them when they commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.errors import SalesforceError
from simulator.units import Change

if TYPE_CHECKING:
    from simulator.org import Org


@dataclass(kw_only=True)
class OpenTransaction:
    """The writes so far of a transaction that nobody else sees yet."""

    started_at: str
    changes: list[Change] = field(default_factory=list)


class Transactions:
    """The open transactions of an org."""

    def __init__(self, org: "Org") -> None:
        self._org = org
        self._open: dict[str, OpenTransaction] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._open)

    def clear(self) -> None:
        """Forget all transactions."""
        self._open.clear()

    def start(self) -> str:
        """Open a transaction and return its id."""
        self._count += 1
        name = f"tx{self._count}"
        self._open[name] = OpenTransaction(started_at=self._org.clock.stamp())
        return name

    def oldest(self) -> str | None:
        """Return the stamp at which the oldest open transaction started."""
        return min((one.started_at for one in self._open.values()), default=None)

    def commit(self, name: str) -> int:
        """Show what a transaction wrote, under the stamps it wrote; return how many changes."""
        transaction = self._find(name)
        with self._org.store.transaction():
            self._replay(transaction)
        self._end(name)
        return len(transaction.changes)

    def rollback(self, name: str) -> None:
        """Forget what a transaction wrote."""
        self._find(name)
        self._end(name)

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """Add what is written inside to a transaction; inside, its writes are seen."""
        transaction = self._find(name)
        store = self._org.store
        made: list[Change] = []
        with store.transaction() as unit:
            unit.cancel()
            self._replay(transaction)
            store.journal = made
            try:
                yield
                transaction.changes += made
            finally:
                store.journal = None

    def _find(self, name: str) -> OpenTransaction:
        found = self._open.get(name)
        if found is None:
            raise SalesforceError("NOT_FOUND", f"No transaction {name} is open.")
        return found

    def _replay(self, transaction: OpenTransaction) -> None:
        for change in transaction.changes:
            self._org.store.replay(self._org.base.objects[change.kind], change)

    def _end(self, name: str) -> None:
        del self._open[name]
        self._org.locks.release(name)
