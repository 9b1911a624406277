"""What people and the schedule may ask of a sweep, read strictly."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.document import Section
from counterpart.domain.values import format_time
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Swept(StrEnum):
    """What a sweep goes through, in this order."""

    CONTACTS = "contacts"
    COMPANIES = "companies"
    OPPORTUNITIES = "opportunities"


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepPlace:
    """A place in what a sweep goes through.

    Attributes:
        start: What it goes through there.
        after: How far it came in that; opaque, and nothing at its beginning.
    """

    start: Swept = Swept.CONTACTS
    after: str | None = None

    @property
    def is_first(self) -> bool:
        """Return whether nothing comes before it."""
        return self == SweepPlace()

    def kinds(self) -> list[Swept]:
        """Return what is to be gone through from here on."""
        kinds = list(Swept)
        return kinds[kinds.index(self.start) :]

    def leaves(self, before: SweepPlace | None, rest: SweepPlace | None) -> SweepPlace | None:
        """Return where the sweep after one from here goes on, unless that begins anew.

        Args:
            before: Where this one was to go on.
            rest: Where this one stopped, if it did.
        """
        if before and before.start not in self.kinds():
            # What this leaves out is still to be looked at.
            return before
        return rest


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepRequest:
    """What to sweep.

    Attributes:
        start: Where to begin; what comes before it is left out. Without it, where the sweep before
            stopped, and at the first contact if it did not.
        after: Where an earlier invocation stopped within that; opaque.
        began_at: When the sweep began that leaves nothing out, and that this goes on with.
        dry_run: Look for real, write nothing.
    """

    start: Swept | None = None
    after: str | None = None
    began_at: datetime | None = None
    dry_run: bool = False

    def place(self, unswept: SweepPlace | None) -> SweepPlace:
        """Return where to begin.

        Args:
            unswept: Where the sweep before stopped.
        """
        if unswept and self.start is None and self.after is None:
            return unswept
        return SweepPlace(start=self.start or Swept.CONTACTS, after=self.after)

    def payload(self) -> dict[str, object]:
        """Return the payload that asks for the same."""
        payload: dict[str, object] = {}
        if self.start:
            payload["start"] = str(self.start)
        if self.after:
            payload["after"] = self.after
        if self.began_at:
            payload["began_at"] = format_time(self.began_at)
        return payload


def parse_sweep_request(payload: Mapping[str, object]) -> SweepRequest:
    """Return what a payload asks `sweep_links` for; an empty one asks for all that is left.

    Raises:
        InputError: it asks for something that is not allowed.
    """
    section = Section(
        payload, path="", allowed=("start", "after", "began_at", "dry_run", "scheduled")
    )
    section.boolean("scheduled", default=False)
    start = section.text("start")
    if start is not None and start not in set(Swept):
        raise InputError(f"must be one of {', '.join(Swept)}", field="start")
    return SweepRequest(
        start=Swept(start) if start else None,
        after=section.text("after"),
        began_at=section.moment("began_at"),
        dry_run=section.boolean("dry_run", default=False),
    )
