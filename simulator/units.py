"""What is written together, and how a change is written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One change of one row, as it can be made again."""

    act: Literal["insert", "update", "remove"]
    kind: str
    record_id: str
    values: Mapping[str, Any]


class Unit:
    """What is written together, as long as nobody cancels it."""

    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        """Take everything back when the unit ends."""
        self.cancelled = True
