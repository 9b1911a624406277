"""When SQS takes only some jobs, and messages that hold none."""

from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from counterpart.adapters.sqs import SqsCreationQueue, job_text, parse_job
from counterpart.domain.creation_requests import CreateAs
from counterpart.errors import ConfigurationError, CounterpartError, RecordError, TransientError
from counterpart.ports import CreationJob
from tests.contracts.stores.samples import NOON

JOBS = [CreationJob(contact_id=name, requested_at=NOON) for name in ("ada", "bob", "eve")]
JOB = JOBS[0]


@pytest.fixture
def pauses() -> list[float]:
    """Return how long was waited, each time."""
    return []


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> SqsCreationQueue:
    """Return a queue whose answers are written by the test."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return SqsCreationQueue(
        "https://sqs.example.com/jobs",
        "https://sqs.example.com/dead",
        region="eu-central-1",
        pause=pauses.append,
    )


@pytest.fixture
def answers(queue: SqsCreationQueue) -> Stubber:
    """Return what writes the answers."""
    stubber = Stubber(queue._client)
    stubber.activate()
    return stubber


def _answer(*failed: str, code: str = "InternalError", fault: bool = False) -> dict[str, Any]:
    return {
        "Successful": [],
        "Failed": [{"Id": each, "SenderFault": fault, "Code": code} for each in failed],
    }


def _sent(*numbers: int) -> dict[str, Any]:
    return {
        "QueueUrl": "https://sqs.example.com/jobs",
        "Entries": [
            {"Id": str(number), "MessageBody": job_text(JOBS[number])} for number in numbers
        ],
    }


def test_only_jobs_that_were_not_taken_are_sent_again(
    queue: SqsCreationQueue, answers: Stubber, pauses: list[float]
) -> None:
    """After a pause that grows."""
    answers.add_response("send_message_batch", _answer("1", "2"), _sent(0, 1, 2))
    answers.add_response("send_message_batch", _answer("2"), _sent(1, 2))
    answers.add_response("send_message_batch", _answer(), _sent(2))

    queue.send(JOBS)

    answers.assert_no_pending_responses()
    assert pauses == [0.2, 0.4]


def test_jobs_that_are_never_taken(queue: SqsCreationQueue, answers: Stubber) -> None:
    """The caller is told, and may send them all again."""
    for _ in range(4):
        answers.add_response("send_message_batch", _answer("1"))

    with pytest.raises(TransientError):
        queue.send(JOBS)

    answers.assert_no_pending_responses()


def test_jobs_that_sqs_will_never_take(queue: SqsCreationQueue, answers: Stubber) -> None:
    """Nobody tries again in vain."""
    answers.add_response("send_message_batch", _answer("0", code="KmsDisabled", fault=True))

    with pytest.raises(ConfigurationError, match="KmsDisabled"):
        queue.send(JOBS)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("AWS.SimpleQueueService.NonExistentQueue", ConfigurationError),
        ("AccessDenied", ConfigurationError),
        ("ServiceUnavailable", TransientError),
    ],
)
def test_a_refusal_is_told_in_our_words(
    queue: SqsCreationQueue, answers: Stubber, code: str, error: type[CounterpartError]
) -> None:
    """No vendor's exception leaves the adapter."""
    answers.add_client_error("send_message_batch", code)
    answers.add_client_error("send_message", code)

    with pytest.raises(error):
        queue.send([JOB])
    with pytest.raises(error):
        queue.park(JOB, reason="why")


@pytest.mark.parametrize(
    ("reason", "sent"),
    [("bad\x00\ud800 thing", "bad   thing"), ("", "unknown"), ("x" * 5000, "x" * 1000)],
)
def test_a_reason_that_sqs_would_refuse(
    queue: SqsCreationQueue, answers: Stubber, reason: str, sent: str
) -> None:
    """It is made fit, since the job must not be lost for it."""
    answers.add_response(
        "send_message",
        {},
        {
            "QueueUrl": "https://sqs.example.com/dead",
            "MessageBody": ANY,
            "MessageAttributes": {"reason": {"DataType": "String", "StringValue": sent}},
        },
    )

    queue.park(JOB, reason=reason)

    answers.assert_no_pending_responses()


def test_a_message_as_people_write_it() -> None:
    """An empty create_as is none; time zones other than UTC do."""
    job = parse_job('{"contact_id": "ada", "requested_at": "2026-11-22T13:00:00+01:00"}')

    assert job == JOB
    assert parse_job(job_text(job)[:-1] + ',"create_as":null}') == JOB
    assert parse_job(job_text(job)[:-1] + ',"create_as":"lead"}').create_as is CreateAs.LEAD


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "[" * 100_000,
        "{}",
        '{"contact_id": "", "requested_at": "2026-11-22T12:00:00Z"}',
        '{"contact_id": 7, "requested_at": "2026-11-22T12:00:00Z"}',
        '{"contact_id": "ada"}',
        '{"contact_id": "ada", "requested_at": "yesterday"}',
        '{"contact_id": "ada", "requested_at": "2026-11-22T12:00:00"}',
        '{"contact_id": "ada", "requested_at": 1}',
        '{"contact_id": "ada", "requested_at": "2026-11-22T12:00:00Z", "create_as": "account"}',
        '{"contact_id": "ada", "requested_at": "2026-11-22T12:00:00Z", "priority": "high"}',
    ],
)
def test_a_message_that_holds_no_job(text: str) -> None:
    """It is set aside: delivering it again would not help."""
    with pytest.raises(RecordError):
        parse_job(text)
