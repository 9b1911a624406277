"""Faults on request: which calls they strike, and what they do to them."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

from simulator.errors import STATUS_OF_CODE, InjectedError, SalesforceError
from simulator.messages import Request, Response, answer, text

ACTS = ("status", "drop", "delay", "row_error")
MATCH_KEYS = ("method", "path", "object", "nth", "times", "probability")
FAULT_KEYS = ("match", "when", "do", "status", "error_code", "message", "delay_s", "seed", "fields")
MESSAGES = {
    "INVALID_SESSION_ID": "Session expired or invalid",
    "REQUEST_LIMIT_EXCEEDED": "TotalRequests Limit exceeded.",
    "UNABLE_TO_LOCK_ROW": "unable to obtain exclusive access to this record",
    "QUERY_TIMEOUT": "Your query request was running for too long.",
    "INVALID_QUERY_LOCATOR": "invalid query locator",
    "SERVER_UNAVAILABLE": "The server is temporarily unavailable.",
    "UNKNOWN_EXCEPTION": "An unexpected error occurred.",
    "NOT_FOUND": "The requested resource does not exist",
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": (
        "The organization is in read-only mode during maintenance."
    ),
    "TXN_SECURITY_METERING_ERROR": "The transaction security policy could not be evaluated.",
    "DUPLICATES_DETECTED": "Use one of these records?",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "The record did not pass a validation rule.",
}
CODE_OF_STATUS = {401: "INVALID_SESSION_ID", 403: "REQUEST_LIMIT_EXCEEDED", 404: "NOT_FOUND"}
# Statuses that come from the edge, which speaks HTML.
HTML_STATUSES = frozenset({420, 429, 500, 502, 503, 504})
HTML = (
    "<html><head><title>{status}</title></head>"
    "<body><h1>{status}</h1><p>{message}</p></body></html>"
)
DEFAULT_ROW_ERROR = "UNKNOWN_EXCEPTION"


@dataclass(kw_only=True)
class Fault:
    """One fault, and how often it has matched and struck."""

    number: int
    do: Literal["status", "drop", "delay", "row_error"]
    when: Literal["before", "after"] = "before"
    method: str | None = None
    path: str | None = None
    object: str | None = None
    nth: int | None = None
    times: int | None = None
    probability: float | None = None
    status: int | None = None
    error_code: str | None = None
    message: str | None = None
    fields: list[str] = field(default_factory=list)
    delay_s: float = 0.0
    dice: random.Random = field(default_factory=lambda: random.Random(0))
    matched: int = 0
    struck: int = 0

    def strikes(self) -> bool:
        """Count one match, and return whether the fault strikes it."""
        self.matched += 1
        if self.nth is not None and self.matched < self.nth:
            return False
        times = self.times if self.times is not None else (1 if self.nth is not None else None)
        if times is not None and self.struck >= times:
            return False
        if self.probability is not None and self.dice.random() >= self.probability:
            return False
        self.struck += 1
        return True

    def response(self) -> Response:
        """Return what the struck call is answered."""
        if self.error_code is None and self.status in HTML_STATUSES:
            message = self.message or "We are down for maintenance."
            page = HTML.format(status=self.status, message=message)
            return text(page, "text/html; charset=UTF-8", self.status or 503)
        error = self.error()
        return answer([error.as_single()], error.status)

    def error(self) -> InjectedError:
        """Return what the struck row or call is refused with."""
        code = self.error_code or CODE_OF_STATUS.get(self.status or 0, DEFAULT_ROW_ERROR)
        return InjectedError(
            code,
            self.message or MESSAGES.get(code, code.replace("_", " ").lower()),
            fields=self.fields,
            status=self.status or STATUS_OF_CODE.get(code),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the fault as it was given, with its number and its count."""
        match = {
            name: getattr(self, name) for name in MATCH_KEYS if getattr(self, name) is not None
        }
        rest = {"status": self.status, "error_code": self.error_code, "message": self.message}
        return {
            "id": self.number,
            "match": match,
            "when": self.when,
            "do": self.do,
            **{name: value for name, value in rest.items() if value is not None},
            **({"delay_s": self.delay_s} if self.delay_s else {}),
            "matched": self.matched,
            "struck": self.struck,
        }


class Faults:
    """The faults in force."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._count = 0

    def add(self, given: dict[str, Any]) -> Fault:
        """Put a fault in force."""
        match = given.get("match", {})
        unknown = [name for name in given if name not in FAULT_KEYS]
        if not isinstance(match, dict):
            raise SalesforceError("INVALID_INPUT", "match has to be an object.")
        unknown += [f"match.{name}" for name in match if name not in MATCH_KEYS]
        if unknown:
            raise SalesforceError("INVALID_INPUT", f"A fault has no {', '.join(unknown)}.")
        if given.get("do") not in ACTS:
            raise SalesforceError("INVALID_INPUT", f"do is one of {', '.join(ACTS)}.")
        if given.get("when", "before") not in {"before", "after"}:
            raise SalesforceError("INVALID_INPUT", "when is before or after.")
        self._count += 1
        rest = {name: value for name, value in given.items() if name not in {"match", "seed"}}
        if rest["do"] == "status" and "status" not in rest and "error_code" not in rest:
            raise SalesforceError(
                "INVALID_INPUT", "A status fault needs a status or an error_code."
            )
        fault = Fault(number=self._count, **match, **rest)
        fault.dice = random.Random(given.get("seed", 0))
        self._faults.append(fault)
        return fault

    def remove(self, number: int | None = None) -> int:
        """Lift one fault, or all; return how many were lifted."""
        kept = [one for one in self._faults if number is not None and one.number != number]
        lifted = len(self._faults) - len(kept)
        self._faults = kept
        return lifted

    def as_list(self) -> list[dict[str, Any]]:
        """Return the faults in force."""
        return [fault.as_dict() for fault in self._faults]

    def for_call(self, request: Request, objects: Callable[[], set[str]]) -> list[Fault]:
        """Return the faults that strike a call."""
        if not self._faults:
            return []
        return [
            fault
            for fault in self._faults
            if fault.do != "row_error" and _matches(fault, request, objects) and fault.strikes()
        ]

    def for_row(self, request: Request, name: str) -> Fault | None:
        """Return the fault that strikes one row of a call; each row is a match of its own."""
        for fault in self._faults:
            if (
                fault.do == "row_error"
                and _matches(fault, request, lambda: {name.lower()})
                and fault.strikes()
            ):
                return fault
        return None


def _matches(fault: Fault, request: Request, objects: Callable[[], set[str]]) -> bool:
    if fault.method is not None and fault.method.upper() != request.method:
        return False
    if fault.path is not None and not (
        fnmatchcase(request.path, fault.path) or fnmatchcase(request.path, f"*{fault.path}")
    ):
        return False
    return fault.object is None or fault.object.lower() in objects()
