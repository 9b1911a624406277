"""Translates what Salesforce complains of into our errors.

The codes and what they mean: REST API guide, "Status Codes and Error Responses". A body may be a
list, an object or, when an edge server speaks, a page of HTML; nothing is taken for granted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus

from counterpart.domain.refusals import Refusal, Remedy
from counterpart.errors import (
    ConfigurationError,
    CounterpartError,
    HaltError,
    MissingFieldError,
    QuotaExhaustedError,
    ThrottledError,
    TransientError,
)

# Salesforce's own status for a server that is too busy, besides those from 500 on.
_TOO_BUSY = 420
LIMIT = "REQUEST_LIMIT_EXCEEDED"
_TIMEOUT = "QUERY_TIMEOUT"
_LOST_PLACE = "INVALID_QUERY_LOCATOR"
_QUOTED_NAME = re.compile(r"'(\w+)'")
_LISTED_NAMES = re.compile(r"fields: (\w+(?:, \w+)*)")
_MISSING = frozenset({"INVALID_FIELD", "INVALID_TYPE"})
# Salesforce does not select by this field, or not with this value.
_UNSELECTABLE = frozenset({"INVALID_QUERY_FILTER_OPERATOR", "MALFORMED_QUERY"})
_CONFIGURATION = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


class LostAnswerError(TransientError):
    """Nobody can say whether Salesforce acted on the request."""


class AbsentError(ConfigurationError):
    """There is nothing at that address, or not for our user."""


class LostPlaceError(CounterpartError):
    """Salesforce no longer knows where it was in a long answer; never leaves who asks queries."""


class BadRequestError(HaltError):
    """Salesforce does not take the request as it is, and did nothing.

    Args:
        message: What it answered, without what the request held.
        said: Why.
    """

    def __init__(self, message: str, said: Complaint) -> None:
        super().__init__(message)
        self.said = said


class SessionEndedError(CounterpartError):
    """Our token is no longer accepted; never leaves the client."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Complaint:
    """Why Salesforce did not take a request."""

    code: str = ""
    message: str = ""
    fields: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The sentence without the excerpt of the query that may stand before it."""
        return self.message.strip().rpartition("\n")[2]


def complaint(content: object) -> Complaint:
    """Return the first complaint in the body of an answer."""
    first = content[0] if isinstance(content, list) and content else content
    if not isinstance(first, dict):
        return Complaint()
    code = first.get("errorCode") or first.get("statusCode") or first.get("error") or ""
    message = first.get("message") or first.get("error_description") or ""
    fields = tuple(map(str, first.get("fields") or ()))
    return Complaint(
        code=str(code), message=str(message), fields=fields or _column(str(code), str(message))
    )


def _column(code: str, message: str) -> tuple[str, ...]:
    """Return the columns that our user does not see or may not write.

    The first kind is told within the sentence alone, the second at times.
    """
    if code == "INVALID_FIELD":
        named = _QUOTED_NAME.search(message)
        return (named[1],) if named else ()
    listed = _LISTED_NAMES.search(message) if code == "INVALID_FIELD_FOR_INSERT_UPDATE" else None
    return tuple(listed[1].split(", ")) if listed else ()


def trouble(status: int, content: object) -> CounterpartError:
    """Return the error that an answer with this HTTP status and body amounts to."""
    said = complaint(content)
    if status == HTTPStatus.UNAUTHORIZED:
        return SessionEndedError(said.code)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == _TOO_BUSY:
        return LostAnswerError(f"Salesforce answered {status} {said.code}".strip())
    if status == HTTPStatus.TOO_MANY_REQUESTS or said.code == LIMIT:
        # One code for two situations, told apart by the text alone.
        if "TotalRequests" in said.message:
            return QuotaExhaustedError(said.message)
        return ThrottledError(said.message or f"Salesforce answered {status}")
    return _refused(status, said)


def timed_out(content: object) -> bool:
    """Return whether the body of an answer says that a query took Salesforce too long."""
    return complaint(content).code == _TIMEOUT


def _refused(status: int, said: Complaint) -> CounterpartError:
    if passes(said.code):
        return TransientError(f"Salesforce answered {status} {said.code}")
    if said.code == _LOST_PLACE:
        return LostPlaceError(f"Salesforce answered {status} {said.code}")
    if said.code in _MISSING:
        return MissingFieldError(said.words)
    if said.code in _UNSELECTABLE:
        # The sentence may quote a value.
        return MissingFieldError(f"Salesforce answered {status} {said.code}")
    if status in _CONFIGURATION:
        kind = AbsentError if status == HTTPStatus.NOT_FOUND else ConfigurationError
        return kind(f"Salesforce answered {status} {said.code}: {said.words}")
    # The text may quote what we asked for, addresses included; the code says enough.
    message = f"Salesforce answered {status} {said.code}".strip()
    return (
        BadRequestError(message, said) if status == HTTPStatus.BAD_REQUEST else HaltError(message)
    )


def passes(code: str) -> bool:
    """Return whether the same request may succeed later."""
    return Refusal(code=code, message="").remedy is Remedy.RETRY
