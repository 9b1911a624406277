"""Handing over to the next invocation."""

import pytest
from botocore.stub import Stubber

from counterpart.adapters.lambda_successor import LambdaSuccessor
from counterpart.errors import ConfigurationError, CounterpartError, TransientError


@pytest.fixture
def successor(monkeypatch: pytest.MonkeyPatch) -> LambdaSuccessor:
    """Return a successor whose answers are written by the test."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return LambdaSuccessor("pull_records", region="eu-central-1")


@pytest.fixture
def answers(successor: LambdaSuccessor) -> Stubber:
    """Return what writes the answers."""
    stubber = Stubber(successor._client)
    stubber.activate()
    return stubber


def test_the_payload_arrives(successor: LambdaSuccessor, answers: Stubber) -> None:
    """As an event, so that nobody waits for its end."""
    answers.add_response(
        "invoke",
        {"StatusCode": 202},
        {
            "FunctionName": "pull_records",
            "InvocationType": "Event",
            "Payload": b'{"objects": ["Lead"]}',
        },
    )

    successor.start({"objects": ["Lead"]})

    answers.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ResourceNotFoundException", ConfigurationError),
        ("AccessDeniedException", ConfigurationError),
        ("TooManyRequestsException", TransientError),
    ],
)
def test_a_refusal_is_told_in_our_words(
    successor: LambdaSuccessor, answers: Stubber, code: str, error: type[CounterpartError]
) -> None:
    """No vendor's exception leaves the adapter."""
    answers.add_client_error("invoke", code)

    with pytest.raises(error, match=code):
        successor.start({})
