"""What waits to go out of a contact or company, is on its way, or was set aside."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from counterpart.domain.values import Value


class Lane(StrEnum):
    """Why something waits; lanes keep a backlog from starving a fresh edit."""

    FRESH = "fresh"
    BULK = "bulk"
    RETRY = "retry"
    CREATE = "create"
    # On its way in a job, whose answer is not known yet.
    SENT = "sent"
    # An opt-out that was made while outbound was off; it goes once that is on again.
    OPT_OUT = "opt_out"
    # Set aside with its reason; tried again now and then, or when somebody says so.
    PARKED = "parked"


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """The mark that something must go out.

    Attributes:
        next_push_at: When it was marked, or after a set-back when it may be tried again.
        attempts: How often it was tried in vain.
    """

    lane: Lane
    next_push_at: datetime
    attempts: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class InFlight:
    """What a job carries to the counterpart; Salesforce may hold it by now, or not yet.

    Attributes:
        record_id: The record that it goes to.
        sent: By our field names.
        version: Of the contact or company, as it was stored along with this. A later one means
            that somebody has changed it since.
    """

    job_id: str
    record_id: str
    sent: Mapping[str, Value]
    version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Parked:
    """Why something of an edit was set aside, for people to see and to send again.

    Attributes:
        code: Salesforce's status code, or our reason where it said nothing.
        message: Its own words.
        fields: Ours, if it is about some fields alone and the others have crossed.
        attempts: How often it was tried.
        run_id: The run that tried it last.
        further: What else was said of it by the same try, where one refusal followed another:
            codes and words.
    """

    code: str
    message: str
    fields: tuple[str, ...]
    attempts: int
    first_at: datetime
    last_at: datetime
    run_id: str
    further: tuple[tuple[str, str], ...] = ()

    def is_about(self, code: str) -> bool:
        """Return whether *code* is among the reasons."""
        return code in {self.code, *(other for other, _ in self.further)}
