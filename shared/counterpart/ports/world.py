"""The small things that every use case may need: time, lists, names, other functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

Item = TypeVar("Item")


Clock = Callable[[], datetime]


# What Salesforce's JSON can hold in one field.
Json = str | int | float | bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing(Generic[Item]):
    """Some items of a longer list.

    Attributes:
        next: Opaque; hand it back to get what follows. `None` at the end.
    """

    items: Sequence[Item]
    next: str | None = None


class ErrandRunner(Protocol):
    """Another function, which does what has to be done where Salesforce can be asked."""

    def run(self, errand: Mapping[str, object]) -> Mapping[str, object]:
        """Return its answer to a payload.

        Raises:
            InputError: the errand was refused.
            TransientError: there was no answer.
        """


class DomainNames(Protocol):
    """What is known of domain names."""

    def registrable(self, host: str) -> str | None:
        """Return the part of a host that somebody registered: `acme.co.uk` for `a.acme.co.uk`.

        Returns `None` for a bare public suffix, an address of numbers or no host at all.
        """

    def provides_mail(self, domain: str) -> bool:
        """Return whether a domain gives addresses to everybody: free mail, access, disposable.

        Args:
            domain: In lower case and ASCII.
        """


class Successor(Protocol):
    """The next invocation of the same function."""

    def start(self, payload: Mapping[str, object]) -> None:
        """Start it at once with this payload, without waiting for it."""
