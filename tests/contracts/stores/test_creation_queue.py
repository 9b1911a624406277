"""What every creation queue does."""

from typing import TYPE_CHECKING

import boto3
import pytest

from counterpart.adapters.memory import InMemoryCreationQueue, InMemoryDeadLetters
from counterpart.adapters.sqs import SqsCreationQueue, parse_job
from counterpart.adapters.sqs_dead_letters import SqsDeadLetters
from counterpart.domain.creation_requests import CreateAs
from counterpart.ports import CreationJob, CreationQueue, DeadLetters
from tests.contracts.stores.samples import NOON

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef


class QueueInMemory:
    """A queue and what arrived."""

    def __init__(self) -> None:
        self.queue = InMemoryCreationQueue()
        self.port: CreationQueue = self.queue

    def received(self) -> list[CreationJob]:
        return self.queue.receive(1000)

    def parked(self) -> list[tuple[CreationJob, str]]:
        return self.queue.parked

    def dead_letters(self) -> DeadLetters:
        return InMemoryDeadLetters(self.queue)


class QueueInSqs:
    """A queue of SQS, its dead-letter queue, and what arrived."""

    def __init__(self) -> None:
        self._client = boto3.client("sqs")
        self._url = self._client.create_queue(QueueName="jobs")["QueueUrl"]
        self._dead_url = self._client.create_queue(QueueName="dead")["QueueUrl"]
        self.port: CreationQueue = SqsCreationQueue(self._url, self._dead_url)

    def received(self) -> list[CreationJob]:
        return [parse_job(message["Body"]) for message in self._messages(self._url)]

    def parked(self) -> list[tuple[CreationJob, str]]:
        return [
            (parse_job(message["Body"]), message["MessageAttributes"]["reason"]["StringValue"])
            for message in self._messages(self._dead_url)
        ]

    def dead_letters(self) -> DeadLetters:
        return SqsDeadLetters(self._dead_url)

    def _messages(self, url: str) -> "list[MessageTypeDef]":
        messages: list[MessageTypeDef] = []
        while True:
            answer = self._client.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
            )
            if not answer.get("Messages"):
                return messages
            messages += answer["Messages"]


@pytest.fixture
def queue(store: str, request: pytest.FixtureRequest) -> QueueInMemory | QueueInSqs:
    """Return a queue; the store that is not memory is SQS here."""
    if store == "memory":
        return QueueInMemory()
    request.getfixturevalue("aws")
    return QueueInSqs()


def a_job(number: int = 0, *, create_as: CreateAs | None = None) -> CreationJob:
    """Return a job for one of many contacts."""
    return CreationJob(
        contact_id=f"contact-{number:02}",
        requested_at=NOON.replace(microsecond=123456),
        create_as=create_as,
    )


def test_jobs_arrive_whole(queue: QueueInMemory | QueueInSqs) -> None:
    """More than SQS takes at once, and nothing of them is lost or changed."""
    jobs = [a_job(0, create_as=CreateAs.CONTACT), *map(a_job, range(1, 23))]

    queue.port.send(jobs)

    assert sorted(queue.received(), key=lambda job: job.contact_id) == jobs
    assert queue.parked() == []


def test_no_jobs_are_no_message(queue: QueueInMemory | QueueInSqs) -> None:
    """Sending nothing is allowed, and does nothing."""
    queue.port.send([])

    assert queue.received() == []


def test_a_parked_job_tells_why(queue: QueueInMemory | QueueInSqs) -> None:
    """It lies among the dead letters, with the reason, and nowhere else."""
    queue.port.park(a_job(), reason="STRING_TOO_LONG: Vorname zu läng")

    assert queue.parked() == [(a_job(), "STRING_TOO_LONG: Vorname zu läng")]
    assert queue.received() == []


def test_dead_letters_are_looked_at_and_stay(queue: QueueInMemory | QueueInSqs) -> None:
    """Whoever holds one keeps it from others; put back, it is there again."""
    queue.port.park(a_job(1), reason="No such luck")
    letters = queue.dead_letters()

    (first,) = letters.take(10)
    assert letters.take(10) == []
    letters.put_back([first])
    (second,) = letters.take(10)

    assert (first.id, first.job, first.reason) == (second.id, a_job(1), "No such luck")


def test_dead_letters_are_removed_one_by_one(queue: QueueInMemory | QueueInSqs) -> None:
    """More than one request takes; what is not removed stays."""
    for number in range(12):
        queue.port.park(a_job(number), reason="No such luck")
    letters = queue.dead_letters()

    taken = letters.take(100)
    letters.remove(taken[1:])
    letters.put_back(taken[:1])

    assert len(taken) == 12
    assert [job for job, _ in queue.parked()] == [taken[0].job]
