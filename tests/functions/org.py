"""An org within this process, to which everything goes that is meant for Salesforce."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests

from simulator import Simulator
from simulator.credentials import Credentials

_TOKEN = "people's token"

# What Salesforce answers once an administrator has revoked the app's access.
_REVOKED = {"error": "invalid_grant", "error_description": "user hasn't approved this consumer"}
_ENDED = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]


class Org:
    """A simulator, and the hands of the people who work in it."""

    def __init__(self) -> None:
        self._credentials = Credentials.make()
        self._simulator = Simulator(credentials=self._credentials, access_token=_TOKEN)
        self._lets_us_in = True

    def login(self) -> str:
        """Return the content of the stack's secret."""
        known = self._credentials
        return json.dumps(
            {
                "flow": "jwt_bearer",
                "consumer_key": known.consumer_key,
                "username": known.username,
                "private_key": known.private_key,
            }
        )

    def transport(self, request: requests.PreparedRequest) -> requests.Response:
        """Answer a request, in place of the network."""
        response = requests.Response()
        response.request, response.url = request, request.url or ""
        url = urlsplit(response.url)
        if not self._lets_us_in:
            is_sign_in = url.path.endswith("/oauth2/token")
            response.status_code = 400 if is_sign_in else 401
            response._content = json.dumps(_REVOKED if is_sign_in else _ENDED).encode()
            return response
        answer = self._simulator.handle(
            request.method or "GET",
            f"{url.path}?{url.query}",
            headers={**request.headers, "Host": url.netloc},
            body=request.body,
        )
        response.status_code = answer.status
        response.headers.update(answer.headers)
        response._content = answer.body
        return response

    @contextmanager
    def revoked(self) -> Iterator[None]:
        """Let the functions in no longer, until somebody gives them their grant back."""
        self._lets_us_in = False
        yield
        self._lets_us_in = True

    def call(self, method: str, path: str, body: object = None, *, soql: str = "") -> Any:  # noqa: ANN401 - JSON
        """Do what a person does, over the REST API."""
        answer = self._simulator.handle(
            method,
            f"/services/data/v66.0/{path}",
            query={"q": soql} if soql else None,
            headers={"Authorization": f"Bearer {_TOKEN}"},
            body=None if body is None else json.dumps(body),
        )
        assert answer.status < 300, answer.body
        return answer.json() if answer.body else None

    def add(self, sobject: str, **values: object) -> str:
        """Create a record, and return its id."""
        return str(self.call("POST", f"sobjects/{sobject}", values)["id"])

    def purge(self, record_id: str) -> None:
        """Delete a record for good."""
        body = json.dumps({"ids": [record_id]})
        answer = self._simulator.handle("POST", "/_simulator/purge", body=body)
        assert answer.status < 300, answer.body

    def find(self, sobject: str, email: str) -> list[dict[str, Any]]:
        """Return the records of an address."""
        columns = "Id, Title, Counterpart_Id__c"
        soql = f"SELECT {columns} FROM {sobject} WHERE Email = '{email}'"  # noqa: S608 - our own
        rows: list[dict[str, Any]] = self.call("GET", "query", soql=soql)["records"]
        return rows

    def calls(self) -> int:
        """Return how many API calls were made so far."""
        return int(self._simulator.handle("GET", "/_simulator/calls").json()["total"])
