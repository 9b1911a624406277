"""The queue of creation jobs, and those that were set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from counterpart.domain.creation_requests import CreateAs


@dataclass(frozen=True, kw_only=True, slots=True)
class CreationJob:
    """A request to create one contact in Salesforce.

    Attributes:
        create_as: Overrides the setting, if given.
        requested_at: When somebody asked for it.
    """

    contact_id: str
    requested_at: datetime
    create_as: CreateAs | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One job as the queue hands it over.

    Attributes:
        message_id: How the answer names it.
        receipt: How the queue knows this very delivery.
        job: `None` if the message holds none, which delivering it again won't change.
        attempts: How often it was delivered, this time included.
    """

    message_id: str
    receipt: str
    job: CreationJob | None
    attempts: int = 1


class CreationQueue(Protocol):
    """Jobs on their way to `create_records`."""

    def send(self, jobs: Sequence[CreationJob]) -> None:
        """Queue jobs; each will be delivered at least once."""

    def park(self, job: CreationJob, *, reason: str) -> None:
        """Put a job that cannot succeed among the dead letters, with the reason."""

    def put_off(self, deliveries: Sequence[Delivery], *, wait: timedelta) -> None:
        """Let jobs that failed in passing come again after a while."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetter:
    """A creation job that was set aside.

    Attributes:
        id: How people name it.
        receipt: How the queue knows that we hold it.
        job: `None` if the message holds none.
        reason: `None` if the queue itself set it aside, which knows no reasons.
    """

    id: str
    receipt: str
    job: CreationJob | None
    reason: str | None = None
    parked_at: datetime | None = None


class DeadLetters(Protocol):
    """Creation jobs that were set aside."""

    def take(self, limit: int) -> Sequence[DeadLetter]:
        """Return up to *limit* letters, which others do not see for a minute."""

    def put_back(self, letters: Sequence[DeadLetter]) -> None:
        """Let others see letters again, at once."""

    def remove(self, letters: Sequence[DeadLetter]) -> None:
        """Remove letters for good."""
