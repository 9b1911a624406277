"""Requests and responses without sockets, so that the org can be used in-process."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from simulator.errors import RequestError

JSON = "application/json;charset=UTF-8"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request, its header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    # Parts of a composite request share the call, the caller and the transaction of the whole.
    inner: bool = False

    def json(self) -> Any:  # noqa: ANN401
        """Return the body as JSON."""
        if not self.body.strip():
            return {}
        try:
            return json.loads(self.body)
        except ValueError as exc:
            raise RequestError(
                "JSON_PARSER_ERROR", f"Unexpected content in the body: {exc}"
            ) from exc

    def json_object(self) -> dict[str, Any]:
        """Return the body, which has to be a JSON object."""
        body = self.json()
        if not isinstance(body, dict):
            raise RequestError("JSON_PARSER_ERROR", "The body has to be a JSON object.")
        return body

    def form(self) -> dict[str, str]:
        """Return a form-encoded body."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def flag(self, name: str) -> bool:
        """Return whether the query parameter *name* is true."""
        return self.query.get(name, "").lower() == "true"


@dataclass(kw_only=True)
class Response:
    """One answer; the shell waits *delay_s* before it sends it, or drops the connection."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    # What the body was made of; parts of a composite response are taken from here.
    content: Any = None
    delay_s: float = 0.0
    dropped: bool = False
    # What the call log calls it.
    kind: str = ""

    def json(self) -> Any:  # noqa: ANN401
        """Return the body as JSON, or None where there is none."""
        return json.loads(self.body) if self.body else None


def answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:  # noqa: ANN401
    """Return *content* as a JSON response; it is encoded when the response leaves."""
    return Response(status=status, headers=dict(headers or {}), content=content)


def no_content() -> Response:
    """Return the answer to a change that has nothing to tell."""
    return Response(status=204)


def text(body: str, content_type: str, status: int = 200) -> Response:
    """Return a response that is not JSON."""
    return Response(status=status, headers={"Content-Type": content_type}, body=body.encode())
