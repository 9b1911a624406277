"""Creation jobs in Amazon SQS."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

from counterpart.adapters.aws import new_client, translated_errors
from counterpart.adapters.crew import Crew
from counterpart.adapters.moments import from_text, to_text
from counterpart.domain.creation_requests import CreateAs
from counterpart.errors import ConfigurationError, RecordError, TransientError
from counterpart.ports import CreationJob, Delivery

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import timedelta

    from mypy_boto3_sqs import SQSClient

# Amazon SQS API reference, SendMessageBatch: ten messages at most.
_BATCH = 10
_SENDERS = 4
_ROUNDS = 4
_FIRST_PAUSE_SECONDS = 0.1

# Amazon SQS API reference, SendMessage: characters that a message may hold.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST_REASON = 1000

_KEYS = frozenset({"contact_id", "create_as", "requested_at"})


class SqsCreationQueue:
    """A queue of jobs and its dead-letter queue.

    Args:
        queue_url: Where jobs are sent.
        dead_letter_queue_url: Where jobs are parked.
        region: `None` leaves it to botocore.
        pause: Waits some seconds before what SQS did not take is sent again.
    """

    def __init__(
        self,
        queue_url: str,
        dead_letter_queue_url: str,
        *,
        region: str | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._queue_url = queue_url
        self._dead_letter_queue_url = dead_letter_queue_url
        self._client: SQSClient = new_client("sqs", region=region)
        self._crew = Crew(_SENDERS)
        self._pause = pause

    def send(self, jobs: Sequence[CreationJob]) -> None:
        """Queue jobs; after an error some may be queued, and sending all again does no harm."""
        texts = [job_text(job) for job in jobs]
        self._crew.each(
            self._send_batch,
            [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)],
        )

    def park(self, job: CreationJob, *, reason: str) -> None:
        """Put a job among the dead letters; the reason is an attribute of the message."""
        with translated_errors("A job cannot be parked"):
            self._client.send_message(
                QueueUrl=self._dead_letter_queue_url,
                MessageBody=job_text(job),
                MessageAttributes={
                    "reason": {"DataType": "String", "StringValue": _printable(reason)}
                },
            )

    def put_off(self, deliveries: Sequence[Delivery], *, wait: timedelta) -> None:
        """Shorten the time for which they are hidden; best effort, for they come again anyhow."""
        seconds = int(wait.total_seconds())
        self._crew.each(
            lambda batch: self._hide_batch(batch, seconds),
            [deliveries[start : start + _BATCH] for start in range(0, len(deliveries), _BATCH)],
        )

    def _hide_batch(self, deliveries: Sequence[Delivery], seconds: int) -> None:
        with translated_errors("Jobs cannot be put off"):
            self._client.change_message_visibility_batch(
                QueueUrl=self._queue_url,
                Entries=[
                    {
                        "Id": str(number),
                        "ReceiptHandle": delivery.receipt,
                        "VisibilityTimeout": seconds,
                    }
                    for number, delivery in enumerate(deliveries)
                ],
            )

    def _send_batch(self, texts: Sequence[str]) -> None:
        left = {str(number): text for number, text in enumerate(texts)}
        for round_ in range(_ROUNDS):
            if round_:
                self._pause(_FIRST_PAUSE_SECONDS * 2**round_)
            with translated_errors("Jobs cannot be queued"):
                answer = self._client.send_message_batch(
                    QueueUrl=self._queue_url,
                    Entries=[{"Id": key, "MessageBody": text} for key, text in left.items()],
                )
            failed = answer.get("Failed", [])
            for entry in failed:
                if entry["SenderFault"]:
                    raise ConfigurationError(f"SQS refuses jobs: {entry['Code']}")
            left = {entry["Id"]: left[entry["Id"]] for entry in failed}
            if not left:
                return
        raise TransientError(f"SQS did not take {len(left)} jobs in {_ROUNDS} rounds")


def job_text(job: CreationJob) -> str:
    """Return a job as the text of a message."""
    content = {"contact_id": job.contact_id, "requested_at": to_text(job.requested_at)}
    if job.create_as:
        content["create_as"] = job.create_as.value
    return json.dumps(content, separators=(",", ":"))


def parse_job(text: str) -> CreationJob:
    """Return the job in the text of a message.

    Raises:
        RecordError: it holds none; delivering it again won't help.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise RecordError("The message is not JSON") from exc
    if not isinstance(content, dict):
        raise RecordError("The message is not a JSON object")
    unknown = content.keys() - _KEYS
    if unknown:
        raise RecordError(f"The message has unknown keys: {', '.join(sorted(unknown))}")
    contact_id = content.get("contact_id")
    if not isinstance(contact_id, str) or not contact_id:
        raise RecordError("The message names no contact_id")
    try:
        requested_at = from_text(content["requested_at"])
        create_as = CreateAs(content["create_as"]) if content.get("create_as") else None
    except (KeyError, TypeError, ValueError) as exc:
        raise RecordError("The message's requested_at or create_as is missing or wrong") from exc
    if requested_at.tzinfo is None:
        raise RecordError("The message's requested_at lacks a time zone")
    return CreationJob(contact_id=contact_id, requested_at=requested_at, create_as=create_as)


def delivery_of(message: Mapping[str, Any]) -> Delivery:
    """Return what an event's record of `aws:sqs` delivers."""
    try:
        job = parse_job(message["body"])
    except RecordError:
        job = None
    received = message.get("attributes", {}).get("ApproximateReceiveCount", "1")
    return Delivery(
        message_id=message["messageId"],
        receipt=message["receiptHandle"],
        job=job,
        attempts=int(received),
    )


def _printable(reason: str) -> str:
    return _FORBIDDEN.sub(" ", reason)[:_LONGEST_REASON] or "unknown"
