"""Composite batch: independent requests in one call, each of which costs one."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from simulator.errors import RequestError, SalesforceError
from simulator.messages import Request, Response, answer
from simulator.rest.call import Call
from simulator.rest.router import Route

MOST_PARTS = 25
FAILED = 400
HALTED = 412


def batch(call: Call) -> Response:
    """Answer every part of a batch request, in order."""
    body = call.request.json_object()
    parts = body.get("batchRequests")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise RequestError("JSON_PARSER_ERROR", "The body has to hold a list batchRequests.")
    if not 1 <= len(parts) <= MOST_PARTS:
        raise SalesforceError("LIMIT_EXCEEDED", f"A batch holds 1 to {MOST_PARTS} subrequests.")
    results: list[dict[str, Any]] = []
    for part in parts:
        failed = any(result["statusCode"] >= FAILED for result in results)
        if failed and body.get("haltOnError") is True:
            halted = SalesforceError(
                "BATCH_PROCESSING_HALTED",
                "Batch processing halted per request by HaltOnError parameter",
            )
            results.append({"statusCode": HALTED, "result": [halted.as_single()]})
            continue
        results.append(_run(call, part, first=not results))
    failed = any(result["statusCode"] >= FAILED for result in results)
    return answer({"hasErrors": failed, "results": results})


def _run(call: Call, part: dict[str, Any], *, first: bool) -> dict[str, Any]:
    split = urlsplit(str(part.get("url", "")))
    path = split.path if split.path.startswith("/") else f"/services/data/{split.path}"
    content = part.get("richInput")
    request = Request(
        method=str(part.get("method", "GET")).upper(),
        path=path,
        query=dict(parse_qsl(split.query, keep_blank_values=True)),
        headers=call.request.headers,
        body=b"" if content is None else json.dumps(content).encode(),
        inner=True,
    )
    if not first:
        call.simulator.usage.count()
    response = call.simulator.dispatch(request, user_id=call.user_id, number=call.number)
    return {"statusCode": response.status, "result": response.content}


ROUTES = (Route(method="POST", path="/composite/batch", resource=batch, kind="composite_batch"),)
