"""Dead letters of the creation queue in Amazon SQS."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from counterpart.adapters.aws import new_client, translated_errors
from counterpart.adapters.sqs import parse_job
from counterpart.errors import RecordError
from counterpart.ports import DeadLetter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_sqs import SQSClient

# Amazon SQS API reference, ReceiveMessage: ten messages at most.
_BATCH = 10
# Long enough to decide on all that one request takes; who dies meanwhile loses nothing.
_HIDDEN_SECONDS = 60


class SqsDeadLetters:
    """Messages of a dead-letter queue, hidden from others while we hold them.

    Args:
        queue_url: The dead-letter queue.
        region: `None` leaves it to botocore.
    """

    def __init__(self, queue_url: str, *, region: str | None = None) -> None:
        self._queue_url = queue_url
        self._client: SQSClient = new_client("sqs", region=region)

    def take(self, limit: int) -> Sequence[DeadLetter]:
        taken: list[DeadLetter] = []
        while len(taken) < limit:
            with translated_errors("Dead letters cannot be read"):
                answer = self._client.receive_message(
                    QueueUrl=self._queue_url,
                    MaxNumberOfMessages=min(_BATCH, limit - len(taken)),
                    VisibilityTimeout=_HIDDEN_SECONDS,
                    # Asks all servers of the queue, so that a short queue is not found empty.
                    WaitTimeSeconds=1,
                    MessageAttributeNames=["reason"],
                    AttributeNames=["SentTimestamp"],
                )
            messages = answer.get("Messages", [])
            if not messages:
                break
            taken += map(_letter_of, messages)
        return taken

    def put_back(self, letters: Sequence[DeadLetter]) -> None:
        for batch in _batches(letters):
            with translated_errors("Dead letters cannot be put back"):
                self._client.change_message_visibility_batch(
                    QueueUrl=self._queue_url,
                    Entries=[
                        {
                            "Id": str(number),
                            "ReceiptHandle": letter.receipt,
                            "VisibilityTimeout": 0,
                        }
                        for number, letter in enumerate(batch)
                    ],
                )

    def remove(self, letters: Sequence[DeadLetter]) -> None:
        for batch in _batches(letters):
            with translated_errors("Dead letters cannot be removed"):
                self._client.delete_message_batch(
                    QueueUrl=self._queue_url,
                    Entries=[
                        {"Id": str(number), "ReceiptHandle": letter.receipt}
                        for number, letter in enumerate(batch)
                    ],
                )


def _batches(letters: Sequence[DeadLetter]) -> list[Sequence[DeadLetter]]:
    return [letters[start : start + _BATCH] for start in range(0, len(letters), _BATCH)]


def _letter_of(message: Mapping[str, Any]) -> DeadLetter:
    try:
        job = parse_job(message["Body"])
    except RecordError:
        job = None
    reason = message.get("MessageAttributes", {}).get("reason", {}).get("StringValue")
    sent = message.get("Attributes", {}).get("SentTimestamp")
    return DeadLetter(
        id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        job=job,
        reason=reason,
        parked_at=datetime.fromtimestamp(int(sent) / 1000, tz=UTC) if sent else None,
    )
