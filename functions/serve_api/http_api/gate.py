"""The gate: what is checked of a request before any route sees it."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn, TypeGuard
from urllib.parse import quote

from http_api.problems import RequestError

if TYPE_CHECKING:
    from collections.abc import Collection

# What Lambda takes at once (Lambda developer guide, "Quotas").
MOST_BYTES = 6 * 1024 * 1024

# What no route takes as it is. A Function URL leaves it encoded; other hosts decode the path.
_STRANGE = re.compile(r"[^A-Za-z0-9\-._~!$&'()*+,;=:@%/ ]")


def opened(event: object) -> dict[str, Any]:
    """Return *event* with its body as text, and a path that routes can take.

    Raises:
        RequestError: it is no HTTP request, or its body is too large or not text.
    """
    if not _is_request(event):
        raise RequestError(
            HTTPStatus.BAD_REQUEST,
            "this function answers HTTP requests; events/serve_api/ shows what they look like",
        )
    body = event.get("body") or ""
    if len(body) > MOST_BYTES * 4 / 3 + 4:
        _refuse_size()
    if event.get("isBase64Encoded"):
        try:
            body = base64.b64decode(body, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as exc:
            raise RequestError(HTTPStatus.BAD_REQUEST, "the body is not UTF-8") from exc
    if len(body.encode(errors="surrogatepass")) > MOST_BYTES:
        _refuse_size()
    _check_content_type(event, has_body=bool(body))
    path = _STRANGE.sub(lambda found: quote(found[0], safe=""), event["rawPath"])
    return {**event, "rawPath": path, "body": body, "isBase64Encoded": False}


def read_json(text: str) -> dict[str, Any]:
    """Return the JSON object in a body.

    Raises:
        RequestError: it holds none.
    """
    try:
        content = json.loads(text, parse_constant=_refuse_constant)
        # Half of a surrogate pair can be written in JSON, but is no text that can be stored.
        if "\\ud" in text.lower():
            json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as exc:
        raise RequestError(HTTPStatus.BAD_REQUEST, "the body is not valid JSON") from exc
    if not isinstance(content, dict):
        raise RequestError(HTTPStatus.UNPROCESSABLE_ENTITY, "the body must be a JSON object")
    return content


def check_parameters(sent: Collection[str], *, allowed: Collection[str]) -> None:
    """Check that a mistyped parameter is not passed over, which might list everything.

    Raises:
        RequestError: there is an unknown one.
    """
    for name in sent:
        if name not in allowed:
            raise RequestError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                f"unknown parameter {name!r}; allowed are {', '.join(sorted(allowed))}",
            )


def _is_request(event: object) -> TypeGuard[Mapping[str, Any]]:
    return (
        isinstance(event, Mapping)
        and isinstance(event.get("rawPath"), str)
        and "http" in (event.get("requestContext") or {})
    )


def _check_content_type(event: Mapping[str, Any], *, has_body: bool) -> None:
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    content_type = headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if has_body and content_type != "application/json":
        raise RequestError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "the body must be JSON; send it with `Content-Type: application/json`",
        )


def _refuse_size() -> NoReturn:
    message = f"the body may take {MOST_BYTES} bytes; send a large batch in parts"
    raise RequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message)


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is not JSON"
    raise ValueError(message)
