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
class SweepRequest:
    """What to sweep.

    Attributes:
        start: Where to begin; what comes before it is left out.
        after: Where an earlier invocation stopped within that; opaque.
        began_at: When the sweep began that leaves nothing out, and that this goes on with.
        dry_run: Look for real, write nothing.
    """

    start: Swept = Swept.CONTACTS
    after: str | None = None
    began_at: datetime | None = None
    dry_run: bool = False

    def sweep_began(self, now: datetime) -> datetime | None:
        """Return when the sweep began that this is a part of, if that leaves nothing out."""
        is_first = self.start is Swept.CONTACTS and self.after is None
        return now if is_first else self.began_at

    def payload(self) -> dict[str, object]:
        """Return the payload that asks for the same."""
        payload: dict[str, object] = {"start": str(self.start)}
        if self.after:
            payload["after"] = self.after
        if self.began_at:
            payload["began_at"] = format_time(self.began_at)
        return payload


def parse_sweep_request(payload: Mapping[str, object]) -> SweepRequest:
    """Return what a payload asks `sweep_links` for; an empty one asks for everything.

    Raises:
        InputError: it asks for something that is not allowed.
    """
    section = Section(
        payload, path="", allowed=("start", "after", "began_at", "dry_run", "scheduled")
    )
    section.boolean("scheduled", default=False)
    start = section.text("start", default=Swept.CONTACTS)
    if start not in set(Swept):
        raise InputError(f"must be one of {', '.join(Swept)}", field="start")
    return SweepRequest(
        start=Swept(start),
        after=section.text("after"),
        began_at=section.moment("began_at"),
        dry_run=section.boolean("dry_run", default=False),
    )
