"""How the story reaches the stack: as a program, as an operator, and as a person in Salesforce."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import boto3
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

Json = dict[str, Any]

# Generous, for a busy laptop; a step that fails takes this long, no step that succeeds does.
PATIENCE_S = 90.0
_PAUSE_S = 1.0
_PAGE = 200
_TIMEOUT_S = 90.0
_API = "/services/data/v66.0"


class UnexpectedAnswerError(Exception):
    """A server answered otherwise than the story takes for granted."""


class Api:
    """Our HTTP API, called as any program calls it: with signed requests."""

    def __init__(self, known: Json) -> None:
        key = known["credentials"]
        self._signer = SigV4Auth(
            Credentials(key["access_key_id"], key["secret_access_key"]), "lambda", known["region"]
        )
        self._url = known["api_url"]
        self._session = _session()

    def call(
        self, method: str, path: str, body: object = None, *, headers: dict[str, str] | None = None
    ) -> Any:  # noqa: ANN401 - each route has its own shape
        """Return what the API answers."""
        request = AWSRequest(
            method=method,
            url=self._url + path,
            data=b"" if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **(headers or {})},
        )
        self._signer.add_auth(request)
        answer = self._session.request(
            method,
            self._url + path,
            data=request.data,
            headers=dict(request.headers),
            timeout=_TIMEOUT_S,
        )
        return _body(answer)

    def contact(self, contact_id: str) -> Json:
        """Return a contact."""
        contact: Json = self.call("GET", f"/contacts/{contact_id}")
        return contact

    def contacts(self) -> Iterator[Json]:
        """Go through all contacts."""
        more = ""
        while True:
            page = self.call("GET", f"/contacts?limit={_PAGE}{more}")
            yield from page["items"]
            if page["next"] is None:
                return
            # Signatures are made over what is sent, so it has to be escaped as AWS escapes it.
            more = f"&next={quote(page['next'], safe='')}"

    def contacts_of(self, email: str) -> list[Json]:
        """Return the contacts who have this address."""
        items: list[Json] = self.call("GET", f"/contacts?email={quote(email, safe='')}")["items"]
        return items

    def change_settings(self, **sections: object) -> Json:
        """Change what *sections* say of the settings, and return all of them."""
        version = self.call("GET", "/settings")["version"]
        settings: Json = self.call("PUT", "/settings", {"version": version, **sections})
        return settings


class Salesforce:
    """The org, used as a person at the keyboard uses it; counts the calls that this costs."""

    def __init__(self, known: Json) -> None:
        self._url = known["salesforce_url"]
        self._session = _session()
        self._session.headers["Authorization"] = f"Bearer {known['salesforce_access_token']}"
        self._own_calls = 0

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Return what the REST API answers."""
        self._own_calls += 1
        answer = self._session.request(method, self._url + path, json=body, timeout=_TIMEOUT_S)
        return _body(answer)

    def query(self, soql: str) -> list[Json]:
        """Return all rows of a query."""
        self._own_calls += 1
        answer = self._session.get(
            f"{self._url}{_API}/query", params={"q": soql}, timeout=_TIMEOUT_S
        )
        page = _body(answer)
        rows: list[Json] = page["records"]
        while not page["done"]:
            page = self.call("GET", page["nextRecordsUrl"])
            rows += page["records"]
        return rows

    def record(self, sobject: str, record_id: str) -> Json:
        """Return a record with all its fields."""
        record: Json = self.call("GET", f"{_API}/sobjects/{sobject}/{record_id}")
        return record

    def edit(self, sobject: str, record_id: str, values: Json) -> None:
        """Edit a record as a person does."""
        self.call("PATCH", f"{_API}/sobjects/{sobject}/{record_id}", values)

    def act(self, what: str, body: Json) -> Json:
        """Do what no API can do, by the simulator's control plane."""
        answer = self._session.post(f"{self._url}/_simulator/{what}", json=body, timeout=_TIMEOUT_S)
        done: Json = _body(answer)
        return done

    def calls_by_others(self) -> int:
        """Return how many API calls the org has answered, less those of the story itself."""
        answer = self._session.get(f"{self._url}/_simulator/calls", timeout=_TIMEOUT_S)
        return int(_body(answer)["total"]) - self._own_calls


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Both sides, and the functions between them."""

    api: Api
    salesforce: Salesforce
    known: Json

    @classmethod
    def of(cls, known: Json) -> "Stack":
        """Return the stack that *known*, the content of `stack.json`, describes."""
        return cls(api=Api(known), salesforce=Salesforce(known), known=known)

    def invoke(self, function: str, event: Json) -> Json:
        """Run a function as an operator does from the console, and return its report."""
        key = self.known["credentials"]
        client = boto3.Session(
            key["access_key_id"], key["secret_access_key"], region_name=self.known["region"]
        ).client(
            "lambda",
            endpoint_url=self.known["aws_endpoint_url"],
            config=Config(read_timeout=910, retries={"max_attempts": 0}, proxies={}),
        )
        answer = client.invoke(
            FunctionName=self.known["functions"][function], Payload=json.dumps(event).encode()
        )
        report: Json = json.load(answer["Payload"])
        if answer.get("FunctionError"):
            raise UnexpectedAnswerError(f"{function} failed: {report.get('errorMessage')}")
        return report

    def pull_until(self, done: Callable[[], bool], *, seconds: float = PATIENCE_S) -> None:
        """Pull until *done*; the schedule may be pulling at this moment, and then we wait."""
        self._invoke_until("pull_records", {}, done, seconds)

    def push_until(self, done: Callable[[], bool]) -> None:
        """Push what waits until *done*; the schedule may have been faster."""
        self._invoke_until("push_edits", {"everything_waiting": True}, done, PATIENCE_S)

    def _invoke_until(
        self, function: str, event: Json, done: Callable[[], bool], seconds: float
    ) -> None:
        def look() -> bool:
            self.invoke(function, event)
            return done()

        wait_until(look, seconds=seconds)


def wait_until(done: Callable[[], bool], *, seconds: float = PATIENCE_S) -> bool:
    """Wait for *done*, and return whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE_S)
    return True


def _session() -> requests.Session:
    session = requests.Session()
    # No proxy stands between us and this machine.
    session.trust_env = False
    return session


def _body(answer: requests.Response) -> Any:  # noqa: ANN401 - JSON
    if not answer.ok:
        raise UnexpectedAnswerError(
            f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
        )
    return answer.json() if answer.content else None
