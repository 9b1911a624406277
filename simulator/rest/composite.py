"""Composite: up to 25 requests in one call, which can build on one another."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from simulator.errors import RequestError, SalesforceError
from simulator.messages import Request, Response, answer
from simulator.rest import references
from simulator.rest.call import Call
from simulator.rest.router import Route

MOST_PARTS = 25
MOST_HEAVY_PARTS = 5
_HEAVY = re.compile(r"/services/data/v[\d.]+/(?:query|queryAll|composite/sobjects)\b")
_ALLOWED = re.compile(
    r"/services/data/v[\d.]+/(?:sobjects|query|queryAll|composite/sobjects|composite/tree|"
    r"parameterizedSearch|search|limits)\b.*"
)
_REFERENCE_ID = re.compile(r"\w+", re.ASCII)
ROLLED_BACK = (
    "The transaction was rolled back since another operation in the same transaction failed."
)
FAILED = 400


def composite(call: Call) -> Response:
    """Answer every part of a composite request, in order."""
    body = call.request.json_object()
    parts = body.get("compositeRequest")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise RequestError("JSON_PARSER_ERROR", "The body has to hold a list compositeRequest.")
    _check(parts)
    all_or_none = body.get("allOrNone") is True
    answers: dict[str, Any] = {}
    results: list[dict[str, Any]] = []
    with call.org.store.transaction() as unit:
        for part in parts:
            results.append(run_part(call, part, answers))
            if all_or_none and results[-1]["httpStatusCode"] >= FAILED:
                unit.cancel()
                results = rolled_back(parts, results)
                break
    return answer({"compositeResponse": results})


def run_part(call: Call, part: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to one part, and remember it for those that refer to it."""
    reference = part["referenceId"]
    try:
        url = references.resolve(part["url"], answers)
        content = references.resolve(part.get("body"), answers)
    except SalesforceError as exc:
        return _result(reference, exc.status, [exc.as_single()])
    split = urlsplit(str(url))
    method = str(part["method"]).upper()
    if _ALLOWED.fullmatch(split.path) is None:
        error = SalesforceError(
            "NOT_FOUND", f"The url {url} can not be part of a composite request."
        )
        return _result(reference, error.status, [error.as_single()])
    own = {name.lower(): str(value) for name, value in (part.get("httpHeaders") or {}).items()}
    request = Request(
        method=method,
        path=split.path,
        query=dict(parse_qsl(split.query, keep_blank_values=True)),
        headers={**call.request.headers, **own},
        body=b"" if content is None else json.dumps(content).encode(),
        inner=True,
    )
    response = call.simulator.dispatch(request, user_id=call.user_id, number=call.number)
    if response.status < FAILED:
        answers[reference] = response.content
    kept = {name: value for name, value in response.headers.items() if name in {"Location", "ETag"}}
    return _result(reference, response.status, response.content, kept)


def rolled_back(parts: list[dict[str, Any]], results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the answers of parts that were all taken back because the last one failed."""
    halted = [SalesforceError("PROCESSING_HALTED", ROLLED_BACK).as_single()]
    shown = []
    for index, part in enumerate(parts):
        if index == len(results) - 1:
            shown.append(results[index])
        else:
            shown.append(_result(part["referenceId"], FAILED, halted))
    return shown


def _result(
    reference: str,
    status: int,
    body: Any,  # noqa: ANN401 - the answer of any resource
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    return {
        "body": body,
        "httpHeaders": headers or {},
        "httpStatusCode": status,
        "referenceId": reference,
    }


def _check(parts: list[dict[str, Any]]) -> None:
    if not 1 <= len(parts) <= MOST_PARTS:
        raise SalesforceError(
            "LIMIT_EXCEEDED", f"A composite request holds 1 to {MOST_PARTS} subrequests."
        )
    heavy = sum(1 for part in parts if _HEAVY.match(str(part.get("url", ""))))
    if heavy > MOST_HEAVY_PARTS:
        raise SalesforceError(
            "LIMIT_EXCEEDED",
            f"A composite request holds at most {MOST_HEAVY_PARTS} queries and collections.",
        )
    check_references(parts)


def check_references(parts: list[dict[str, Any]]) -> None:
    """Refuse parts that are incomplete or whose names clash."""
    seen: set[str] = set()
    for part in parts:
        for name in ("method", "url", "referenceId"):
            if not isinstance(part.get(name), str):
                raise RequestError("JSON_PARSER_ERROR", f"A subrequest needs a {name}.")
        reference = part["referenceId"]
        if _REFERENCE_ID.fullmatch(reference) is None:
            raise SalesforceError(
                "INVALID_INPUT", f"The referenceId {reference} may hold letters, digits and _."
            )
        if reference in seen:
            raise SalesforceError("INVALID_INPUT", f"The referenceId {reference} is used twice.")
        seen.add(reference)


ROUTES = (Route(method="POST", path="/composite", resource=composite, kind="composite"),)
