"""Places: what a field of Salesforce's can hold, as far as Salesforce was asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from counterpart.domain.records import AnyObject


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What `describe` says of the field that one of ours is mapped to.

    Attributes:
        type: Salesforce's.
        length: Of a text, in characters; `None` for no limit.
        scale: Of a number, the digits behind the point; `None` where that says nothing.
        choices: The active values of a picklist.
        writable: Our user may create and change it.
        calculated: A formula, or a roll-up: nobody writes it.
        rich: A text with marks of its own, such as `<b>`, that cannot be cut anywhere.
        masked: Our user sees a mask in place of its value, such as `****1234`.
    """

    type: str
    length: int | None = None
    scale: int | None = None
    choices: tuple[str, ...] = ()
    writable: bool = True
    calculated: bool = False
    rich: bool = False
    masked: bool = False


class Places(Protocol):
    """The places of one field of ours, as far as they are known; a dictionary is such."""

    def get(self, sobject: AnyObject, /) -> Place | None:
        """Return its place on an object, or `None` where nothing is known of that."""
