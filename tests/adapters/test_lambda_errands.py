"""Asking another function and waiting for its answer."""

import io
import json

import pytest
from botocore.stub import Stubber

from counterpart.adapters.lambda_errands import LambdaErrands
from counterpart.errors import ConfigurationError, InputError, TransientError


@pytest.fixture
def errands(monkeypatch: pytest.MonkeyPatch) -> LambdaErrands:
    """Return errands whose answers are written by the test."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return LambdaErrands("pull_records", region="eu-central-1")


@pytest.fixture
def answers(errands: LambdaErrands) -> Stubber:
    """Return what writes the answers."""
    stubber = Stubber(errands._client)
    stubber.activate()
    return stubber


def says(answers: Stubber, told: object, **besides: str) -> None:
    """Let the function answer."""
    payload = io.BytesIO(json.dumps(told).encode())
    answers.add_response("invoke", {"StatusCode": 200, "Payload": payload, **besides})


def test_an_answer_is_waited_for(errands: LambdaErrands, answers: Stubber) -> None:
    """The payload arrives, and what comes back is what the function said."""
    answers.add_response(
        "invoke",
        {"StatusCode": 200, "Payload": io.BytesIO(b'{"status": "none"}')},
        {
            "FunctionName": "pull_records",
            "InvocationType": "RequestResponse",
            "Payload": b'{"backfill": "status"}',
        },
    )

    assert errands.run({"backfill": "status"}) == {"status": "none"}
    answers.assert_no_pending_responses()


def test_a_payload_that_is_refused(errands: LambdaErrands, answers: Stubber) -> None:
    """Its sender is told what is wrong, and where."""
    says(answers, {"status": "refused", "error": "names no field", "field": "backfill.fields"})

    with pytest.raises(InputError, match="names no field") as told:
        errands.run({"backfill": {}})

    assert told.value.field == "backfill.fields"


@pytest.mark.parametrize(
    ("told", "besides"),
    [(None, {}), ([], {}), ({"errorMessage": "boom"}, {"FunctionError": "Unhandled"})],
)
def test_a_function_that_fails(
    errands: LambdaErrands, answers: Stubber, told: object, besides: dict[str, str]
) -> None:
    """There is no answer; trying again may bring one."""
    says(answers, told, **besides)

    with pytest.raises(TransientError, match="pull_records"):
        errands.run({})


def test_a_function_that_is_not_there(errands: LambdaErrands, answers: Stubber) -> None:
    """The deployment lacks something."""
    answers.add_client_error("invoke", "ResourceNotFoundException")

    with pytest.raises(ConfigurationError):
        errands.run({})
