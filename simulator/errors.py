"""What an org answers when it refuses: a status, a code, a sentence and the fields at fault."""

from collections.abc import Sequence
from typing import Any

# The status that goes with a code where the REST API answers something else than 400.
STATUS_OF_CODE = {
    "INVALID_SESSION_ID": 401,
    "INVALID_AUTH_HEADER": 401,
    "REQUEST_LIMIT_EXCEEDED": 403,
    "API_DISABLED_FOR_ORG": 403,
    "FUNCTIONALITY_NOT_ENABLED": 403,
    "INSUFFICIENT_ACCESS": 403,
    "INSUFFICIENT_ACCESS_OR_READONLY": 403,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "ENTITY_IS_DELETED": 404,
    "METHOD_NOT_ALLOWED": 405,
    "GONE": 410,
    "MATCH_PRECONDITION_FAILED": 412,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "UNKNOWN_EXCEPTION": 500,
    "NOT_IMPLEMENTED": 501,
    "SERVER_UNAVAILABLE": 503,
}


class SalesforceError(Exception):
    """A refusal in Salesforce's own words."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        fields: Sequence[str] | None = None,
        status: int | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = list(fields) if fields is not None else None
        self.status = status if status is not None else STATUS_OF_CODE.get(code, 400)
        self.extra = extra or {}

    def as_single(self) -> dict[str, Any]:
        """Return the shape used by calls about one record, queries and describes."""
        body: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            body["fields"] = self.fields
        return body | self.extra

    def as_row(self) -> dict[str, Any]:
        """Return the shape used by collections, for one row of many."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields or []}


class InjectedError(SalesforceError):
    """A refusal that was asked for over the control plane."""


class RequestError(SalesforceError):
    """A request that can't be read at all, so that not even its good rows are tried."""


def not_found() -> SalesforceError:
    """Return the answer to a path that names nothing."""
    return SalesforceError("NOT_FOUND", "The requested resource does not exist")


def unsupported(sentence: str) -> SalesforceError:
    """Return the honest answer to something a real org does and this one does not."""
    return SalesforceError("NOT_IMPLEMENTED", sentence)
