"""What Bulk API 1 tells of its jobs and batches."""

from typing import Any

from simulator.jobs.batches import Batch
from simulator.jobs.desk import Job


def batches_of(job: Job) -> list[Batch]:
    """Return the batches of a job."""
    return job.parts


def job_info(job: Job) -> dict[str, Any]:
    """Return what is told of a job."""
    batches = batches_of(job)
    counts = {
        state: sum(one.state == state for one in batches)
        for state in ("Queued", "InProgress", "Completed", "Failed")
    }
    return job.told() | {
        "externalIdFieldName": job.info["externalIdFieldName"],
        "concurrencyMode": job.info["concurrencyMode"],
        "contentType": job.info["contentType"],
        "assignmentRuleId": job.info["assignmentRuleId"],
        "fastPathEnabled": False,
        "numberBatchesQueued": counts["Queued"],
        "numberBatchesInProgress": counts["InProgress"],
        "numberBatchesCompleted": counts["Completed"],
        "numberBatchesFailed": counts["Failed"],
        "numberBatchesTotal": len(batches),
        "numberRecordsProcessed": sum(one.processed for one in batches),
        "numberRecordsFailed": sum(one.failed for one in batches),
        "numberRetries": 0,
        "totalProcessingTime": 0,
        "apiActiveProcessingTime": 0,
        "apexProcessingTime": 0,
    }


def batch_info(job: Job, batch: Batch) -> dict[str, Any]:
    """Return what is told of a batch."""
    return {
        "id": batch.id,
        "jobId": job.id,
        "state": batch.state,
        "stateMessage": batch.message,
        "createdDate": batch.created_at,
        "systemModstamp": batch.created_at,
        "numberRecordsProcessed": batch.processed,
        "numberRecordsFailed": batch.failed,
        "totalProcessingTime": 0,
        "apiActiveProcessingTime": 0,
        "apexProcessingTime": 0,
    }
