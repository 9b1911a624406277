"""Problems: every error as `application/problem+json` (RFC 9457), none with a stack trace."""

from __future__ import annotations

import traceback
from http import HTTPStatus
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from counterpart.errors import (
    ConflictError,
    HaltError,
    InputError,
    NotFoundError,
    StaleVersionError,
    TransientError,
)
from counterpart.telemetry import logger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CONTENT_TYPE = "application/problem+json"

# The first class that an error belongs to decides.
_STATUSES = (
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (StaleVersionError, HTTPStatus.CONFLICT),
    (ConflictError, HTTPStatus.CONFLICT),
    (InputError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (TransientError, HTTPStatus.SERVICE_UNAVAILABLE),
)

# Where a use case and the API call the same thing by different names.
_NAMES = {"after": "next"}


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str = Field(description="Where in the request, as a dotted path.")
    message: str


class Problem(BaseModel):
    """What is wrong."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []


class RequestError(Exception):
    """A request that no use case gets to see.

    Args:
        status: The answer's status.
        detail: A sentence for its sender.
        headers: To answer with.
    """

    def __init__(
        self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})


def problem(status: HTTPStatus, detail: str, errors: Sequence[FieldError] = ()) -> Problem:
    """Return a problem."""
    return Problem(title=status.phrase, status=status, detail=detail, errors=list(errors))


def invalid(found: Sequence[Mapping[str, Any]]) -> Problem:
    """Return the problem of a request that is not of the right shape.

    Args:
        found: As pydantic tells it. It holds what was sent, of which nothing is repeated.
    """
    errors = [FieldError(field=_path(error), message=_sentence(error)) for error in found]
    told = "; ".join(f"{one.field}: {one.message}" if one.field else one.message for one in errors)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, told, errors)


def problem_of(error: Exception) -> Problem:
    """Return the problem of an error that a use case raised."""
    status = next(
        (status for kind, status in _STATUSES if isinstance(error, kind)),
        HTTPStatus.INTERNAL_SERVER_ERROR,
    )
    if isinstance(error, InputError):
        field = _NAMES.get(error.field, error.field)
        told = f"{field}: {error.detail}" if field else error.detail
        errors = [FieldError(field=field, message=error.detail)] if field else []
        return problem(status, told, errors)
    if isinstance(error, TransientError):
        return problem(status, "this could not be done just now; try again")
    _log(error)
    return problem(status, "something went wrong on our side; the log tells more")


def _log(error: Exception) -> None:
    """Log where it happened; an unexpected error's own words may hold a contact's data."""
    logger.error(
        "a request failed unexpectedly",
        extra={
            "error": type(error).__name__,
            "message_of_error": str(error) if isinstance(error, HaltError) else None,
            "stack": [
                f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
            ],
        },
    )


def _path(error: Mapping[str, Any]) -> str:
    # The first step says whether it is about the body, the query, the path or a header.
    steps = [str(step) for step in error["loc"][1:]]
    if error["type"] == "key":
        steps.append(str(error["ctx"]["key"]))
    return ".".join(steps) or str(error["loc"][0])


def _sentence(error: Mapping[str, Any]) -> str:
    if error["type"] == "missing" and len(error["loc"]) == 1:
        return "a JSON object is required"
    message = str(error["msg"])
    return message[:1].lower() + message[1:]
