"""Answers to requests that no resource has answered, and what they are called in the log."""

import re

from simulator.errors import SalesforceError, unsupported
from simulator.messages import Request, Response, answer
from simulator.rest.routes import ROUTER
from simulator.usage import LOGIN

VERSIONED = re.compile(r"/services/(?:data|async)/v?(\d+\.\d)(/.*)?")


def kind_of(request: Request) -> str | None:
    """Return what the call log calls a request that no resource answered, or None if it is free."""
    match = VERSIONED.fullmatch(request.path)
    if match is not None:
        return ROUTER.kind_of(request.method, match[2] or "") or "other"
    return LOGIN if request.path.startswith("/services/oauth2/token") else None


def refused(error: SalesforceError) -> Response:
    """Return a refusal as an answer."""
    return answer([error.as_single()], error.status)


def bad_session(request: Request) -> SalesforceError:
    """Return why a request without a good token is refused."""
    header = request.headers.get("authorization", "")
    if header and header.split(" ")[0].lower() not in {"bearer", "oauth"}:
        return SalesforceError("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
    return SalesforceError("INVALID_SESSION_ID", "Session expired or invalid")


def speak_json(request: Request) -> None:
    """Refuse XML, which a real org would take and give as well."""
    accepted = request.headers.get("accept", "*/*")
    if "xml" in accepted and "json" not in accepted and "*/*" not in accepted:
        raise unsupported("This org answers REST calls in JSON only.")
    if "xml" in request.headers.get("content-type", ""):
        raise unsupported("This org takes REST bodies in JSON only.")
