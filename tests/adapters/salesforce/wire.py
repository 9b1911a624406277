"""A wire to a Salesforce that says what it is told to say."""

from __future__ import annotations

import io
import json
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Barrier, BrokenBarrierError
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import BaseAdapter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DATE = "Sun, 22 Nov 2026 12:00:00 GMT"
ENDED = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]


@dataclass
class Reply:
    """What the wire will say: a status, headers and a body, or nothing at all."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    error: requests.RequestException | None = None


def bearer(request: requests.PreparedRequest) -> str:
    """Return the token that a request bears."""
    return request.headers["Authorization"].removeprefix("Bearer ")


class Wire(BaseAdapter):
    """Takes the place of the network and keeps what was asked.

    Attributes:
        ended_tokens: Whoever comes with one of these is told that the session has expired,
        gathering: once all who are expected have come with one.
        answers: Decides by the request what is said to it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[requests.PreparedRequest] = []
        self.sign_ins: list[requests.PreparedRequest] = []
        self.token_replies: deque[Reply] = deque()
        self.replies: deque[Reply] = deque()
        self.pauses: list[float] = []
        self.ended_tokens: set[str] = set()
        self.gathering: Barrier | None = None
        self._beside = Barrier(2)
        self.answers: Callable[[requests.PreparedRequest], None] = lambda _: None

    def says(self, body: object, *, status: int = 200, **headers: str) -> None:
        """Answer the next call with this."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.replies.append(Reply(status=status, body=body, headers=named))

    def complains(self, status: int, code: str, message: str = "") -> None:
        """Answer the next call with one error in Salesforce's usual shape."""
        self.says([{"errorCode": code, "message": message}], status=status)

    def says_in_parts(self, *parts: tuple[int, object]) -> None:
        """Answer the next composite."""
        self.says(
            {
                "compositeResponse": [
                    {"httpStatusCode": status, "body": body, "httpHeaders": {}, "referenceId": ""}
                    for status, body in parts
                ]
            }
        )

    def breaks(self, error: requests.RequestException) -> None:
        """Answer the next call with a failure of the network."""
        self.replies.append(Reply(error=error))

    def asked(self, call: int = -1) -> Sequence[dict[str, Any]]:
        """Return the parts of a composite that was asked."""
        parts: Sequence[dict[str, Any]] = json.loads(self.requests[call].body or "")[
            "compositeRequest"
        ]
        return parts

    def queries(self, call: int = -1) -> Sequence[str]:
        """Return the SOQL in the parts of a composite that was asked."""
        return [parse_qs(urlsplit(part["url"]).query)["q"][0] for part in self.asked(call)]

    def rows(self, call: int = -1) -> Sequence[Sequence[dict[str, Any]]]:
        """Return the rows in the parts of a composite that was asked."""
        return [part["body"]["records"] for part in self.asked(call)]

    def send(
        self,
        request: requests.PreparedRequest,
        *_args: Any,  # noqa: ANN401 - a wire has no time limits
        **_kwargs: Any,  # noqa: ANN401 - a wire has no time limits
    ) -> requests.Response:
        if (request.url or "").endswith("/oauth2/token"):
            self.sign_ins.append(request)
            if self.gathering:
                # A second sign-in would come now, if nothing kept it back.
                with suppress(BrokenBarrierError):
                    self._beside.wait(timeout=0.1)
            if self.token_replies:
                return self._respond(request, self.token_replies.popleft())
            token = {
                "access_token": f"token-{len(self.sign_ins)}",
                "instance_url": "https://acme.my.salesforce.com",
            }
            return self._respond(request, Reply(body=token))
        self.requests.append(request)
        if bearer(request) in self.ended_tokens:
            if self.gathering:
                self.gathering.wait()
            return self._respond(request, Reply(status=401, body=ENDED))
        self.answers(request)
        return self._respond(request, self.replies.popleft())

    def _respond(self, request: requests.PreparedRequest, reply: Reply) -> requests.Response:
        if reply.error:
            raise reply.error
        response = requests.Response()
        response.status_code = reply.status
        response.request = request
        response.url = request.url or ""
        response.headers.update({"Date": DATE} | reply.headers)
        text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
        response.raw = io.BytesIO(text.encode())
        response.elapsed = timedelta(seconds=0)
        return response

    def close(self) -> None:
        """Leave nothing open."""
