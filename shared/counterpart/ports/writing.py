"""Writing to Salesforce what exists: in calls of many rows, or by jobs of many more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from counterpart.domain.records import AnyObject, SObject
from counterpart.domain.refusals import Refusal
from counterpart.ports.reading import ApiUsage
from counterpart.ports.world import Json

# Rows that one call takes: five collections of 200.
WRITE_SIZE = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordChange:
    """New values for some fields of one record, by API name."""

    object: AnyObject
    record_id: str
    values: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True, slots=True)
class RowAnswer:
    """What Salesforce said of one row: it has an id, or it was refused."""

    record_id: str | None = None
    created: bool = False
    refusal: Refusal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WriteAnswer:
    """What Salesforce said of each row, in order.

    Attributes:
        as_of: By Salesforce's clock, a moment no earlier than the last of these writes.
    """

    rows: Sequence[RowAnswer]
    as_of: datetime


class RecordWriter(Protocol):
    """Changes records that exist."""

    def update(self, changes: Sequence[RecordChange]) -> WriteAnswer:
        """Write up to 1,000 changes with one API call; each row succeeds or fails by itself.

        A collection that failed as a whole for a passing reason gives each of its rows a refusal
        to be retried. An answer that was lost raises `TransientError`: the write may have happened.
        """

    def usage(self) -> ApiUsage:
        """Return what the calls so far have cost. Costs nothing itself."""


class JobState(StrEnum):
    """How far a job is."""

    # Nothing of it is written, and nothing will be until it is started.
    OPEN = "open"
    WORKING = "working"
    # Every row was tried.
    COMPLETE = "complete"
    # It ended early; some rows may never have been tried.
    FAILED = "failed"
    ABORTED = "aborted"
    # Salesforce does not know it, or no longer.
    GONE = "gone"


@dataclass(frozen=True, kw_only=True, slots=True)
class JobProgress:
    """What Salesforce tells of a job.

    Attributes:
        refused: Rows that were tried and not taken.
        as_of: By Salesforce's clock, a moment no earlier than the last of its writes so far.
        ended_at: By the same clock, when it ended, to Salesforce's precision; `None` while it works
            or if Salesforce does not tell. A record that bears a later time was changed after it.
        message: Why it failed, in Salesforce's words.
    """

    state: JobState
    refused: int
    as_of: datetime
    ended_at: datetime | None = None
    message: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class JobResults:
    """What became of the rows of a job that has ended; what is in neither was never tried.

    Attributes:
        written: Ids of records.
        refused: Ids of records that were tried and not taken.
    """

    written: Collection[str]
    refused: Collection[str]


class RecordJobs(Protocol):
    """Changes many records of one object in the background; each row succeeds or fails alone."""

    def takes(self, change: RecordChange) -> bool:
        """Return whether a job can carry this change as it is."""

    def open(self, sobject: SObject) -> str | None:
        """Open a job and return its id; `None` if the org lets us have none."""

    def upload(self, job_id: str, changes: Sequence[RecordChange]) -> None:
        """Hand over all rows of a job, once; nothing is written before it is started."""

    def start(self, job_id: str) -> None:
        """Let a job begin to write."""

    def look(self, job_id: str) -> JobProgress:
        """Return how far a job is."""

    def abort(self, job_id: str) -> None:
        """End a job; what it has written stays. One that has ended already is left alone."""

    def results(self, job_id: str) -> JobResults:
        """Return what became of the rows of a job that has ended."""
