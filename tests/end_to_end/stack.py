"""How the tests reach the stack: as programs, as operators, and as people in Salesforce."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

ROOT = Path(__file__).resolve().parents[2]

# Nobody stands between the tests and this machine.
_OPENER = build_opener(ProxyHandler({}))

Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a server answered."""

    status: int
    body: Any


@dataclass(frozen=True, kw_only=True)
class Stack:
    """The stack as `stack.json` describes it."""

    known: dict[str, Any]
    # Which functions were invoked by hand, as often as they were.
    invoked: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> "Stack":
        """Return the stack that *path* describes."""
        return cls(known=json.loads(path.read_text()))

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: tuple[str, str] | None = None,
        signed: bool = True,
    ) -> Answer:
        """Send a request to the API, signed with *key* or else with the stack's own."""
        known = self.known["credentials"]
        content = None if body is None else json.dumps(body).encode()
        url = self.known["api_url"] + path
        request = AWSRequest(
            method=method, url=url, data=content, headers={"Content-Type": "application/json"}
        )
        if signed:
            access_key, secret = key or (known["access_key_id"], known["secret_access_key"])
            credentials = Credentials(access_key, secret)
            SigV4Auth(credentials, "lambda", self.known["region"]).add_auth(request)
        return _send(method, url, content, dict(request.headers))

    def salesforce(self, method: str, path: str, body: object = None) -> Answer:
        """Send a request to Salesforce, as the person at the keyboard."""
        headers = {
            "Authorization": f"Bearer {self.known['salesforce_access_token']}",
            "Content-Type": "application/json",
        }
        content = None if body is None else json.dumps(body).encode()
        return _send(method, self.known["salesforce_url"] + path, content, headers)

    def query(self, soql: str) -> list[dict[str, Any]]:
        """Return the rows that Salesforce has for *soql*."""
        answer = self.salesforce("GET", f"/services/data/v66.0/query?q={quote(soql)}")
        assert answer.status == 200, answer
        rows: list[dict[str, Any]] = answer.body["records"]
        return rows

    def invoke(self, function: str, event: object) -> Any:  # noqa: ANN401 - whatever it reports
        """Return what *function* reports on *event*."""
        answer = self.client("lambda").invoke(
            FunctionName=self.known["functions"][function], Payload=json.dumps(event).encode()
        )
        self.invoked.append(function)
        report = json.load(answer["Payload"])
        assert "FunctionError" not in answer, report
        return report

    def client(self, service: str) -> Any:  # noqa: ANN401 - stubs type each service apart
        """Return a client of the local AWS, with the key that stack.json holds."""
        known = self.known["credentials"]
        make: Any = boto3.Session(
            known["access_key_id"], known["secret_access_key"], region_name=self.known["region"]
        ).client
        return make(
            service,
            endpoint_url=self.known["aws_endpoint_url"],
            config=Config(read_timeout=300, retries={"max_attempts": 0}, proxies={}),
        )


def wait_for(look: Callable[[], Found | None], *, seconds: float = 60) -> Found:
    """Return what *look* finds, once it finds something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.5)
    raise AssertionError(f"nothing was found within {seconds} s")


def _send(method: str, url: str, content: bytes | None, headers: dict[str, str]) -> Answer:
    request = Request(url, data=content, headers=headers, method=method)  # noqa: S310 - loopback
    try:
        with _OPENER.open(request, timeout=60) as response:
            return _read(response)
    except HTTPError as refusal:
        return _read(refusal)


def _read(response: HTTPResponse | HTTPError) -> Answer:
    text = response.read()
    assert response.status is not None
    return Answer(status=response.status, body=json.loads(text) if text else None)
