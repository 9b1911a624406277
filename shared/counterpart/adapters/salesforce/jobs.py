"""Changes many records in the background (Bulk API 2.0 guide, "Bulk API 2.0 Ingest")."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from counterpart.adapters.salesforce.tables import holds, rows_of, table_of
from counterpart.adapters.salesforce.trouble import AbsentError, BadRequestError, LostAnswerError
from counterpart.domain.ids import to_18
from counterpart.errors import ConfigurationError
from counterpart.ports import JobProgress, JobResults, JobState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.adapters.salesforce.client import Answer, SalesforceClient
    from counterpart.domain.records import SObject
    from counterpart.ports import RecordChange

_JOBS = "jobs/ingest"
_STATES = {
    "Open": JobState.OPEN,
    "UploadComplete": JobState.WORKING,
    "InProgress": JobState.WORKING,
    "JobComplete": JobState.COMPLETE,
    "Failed": JobState.FAILED,
    "Aborted": JobState.ABORTED,
}
_ENDED = frozenset({JobState.COMPLETE, JobState.FAILED, JobState.ABORTED})


# A job that nobody knows has written nothing that we know of.
_NEVER = datetime.min.replace(tzinfo=UTC)


class SalesforceJobs:
    """Ingest jobs that update by id.

    Of the headers that a write by REST bears, a job needs none: it runs no assignment rule unless
    it names one, and knows no header for duplicate rules.
    """

    def __init__(self, client: SalesforceClient) -> None:
        self._client = client

    def takes(self, change: RecordChange) -> bool:
        return holds(change)

    def open(self, sobject: SObject) -> str | None:
        try:
            # Should the answer be lost, an empty job stays open, which ends by itself.
            answer = self._client.send(
                "POST",
                _JOBS,
                {
                    "object": sobject.value,
                    "operation": "update",
                    "contentType": "CSV",
                    "lineEnding": "LF",
                },
                repeatable=True,
            )
        except (ConfigurationError, BadRequestError):
            return None
        return str(_told(answer)["id"])

    def upload(self, job_id: str, changes: Sequence[RecordChange]) -> None:
        self._client.upload(f"{_JOBS}/{job_id}/batches", table_of(changes))

    def start(self, job_id: str) -> None:
        self._client.send(
            "PATCH", f"{_JOBS}/{job_id}", {"state": "UploadComplete"}, repeatable=False
        )

    def look(self, job_id: str) -> JobProgress:
        try:
            answer = self._client.send("GET", f"{_JOBS}/{job_id}")
        except AbsentError:
            return JobProgress(state=JobState.GONE, refused=0, as_of=_NEVER)
        told = _told(answer)
        state = _STATES.get(str(told.get("state")), JobState.WORKING)
        return JobProgress(
            state=state,
            refused=int(told.get("numberRecordsFailed") or 0),
            as_of=answer.latest,
            ended_at=_ended_at(told) if state in _ENDED else None,
            message=str(told.get("errorMessage") or ""),
        )

    def abort(self, job_id: str) -> None:
        try:
            self._client.send("PATCH", f"{_JOBS}/{job_id}", {"state": "Aborted"}, repeatable=True)
        except (AbsentError, BadRequestError):
            return

    def results(self, job_id: str) -> JobResults:
        return JobResults(
            written=self._ids(f"{_JOBS}/{job_id}/successfulResults"),
            refused=self._ids(f"{_JOBS}/{job_id}/failedResults"),
        )

    def _ids(self, path: str) -> frozenset[str]:
        return frozenset(to_18(row["Id"]) for row in rows_of(self._client.table(path)))


def _ended_at(told: Mapping[str, Any]) -> datetime | None:
    """Return when a job ended, which its stamp tells ("Get Job Info", `systemModstamp`)."""
    stamp = told.get("systemModstamp")
    return datetime.fromisoformat(stamp) if isinstance(stamp, str) else None


def _told(answer: Answer) -> Mapping[str, Any]:
    if not isinstance(answer.body, dict):
        raise LostAnswerError("the answer tells nothing of the job")
    return answer.body
