"""An org on a frozen clock, and a client that calls it without sockets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from simulator import Response, Simulator
from simulator.clock import Clock
from simulator.credentials import Credentials
from simulator.server import HOST, Server

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
TOKEN = "a-fixed-token"
ROOT = "/services/data/v66.0"
QUIET = {"Sforce-Auto-Assign": "FALSE"}


@dataclass(kw_only=True)
class Client:
    """Calls a simulator as its integration user."""

    simulator: Simulator

    def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Response:
        whole = path if path.startswith("/") else f"{ROOT}/{path}"
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        return self.simulator.handle(method, whole, headers=bearer | (headers or {}), body=body)

    def get(self, path: str, headers: dict[str, str] | None = None) -> Response:
        return self.call("GET", path, None, headers)

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Response:
        return self.call("POST", path, body if body is not None else {}, headers)

    def patch(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Response:
        return self.call("PATCH", path, body, headers)

    def delete(self, path: str, headers: dict[str, str] | None = None) -> Response:
        return self.call("DELETE", path, None, headers)

    def ask(self, soql: str, headers: dict[str, str] | None = None, how: str = "query") -> Response:
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        return self.simulator.handle(
            "GET", f"{ROOT}/{how}", query={"q": soql}, headers=bearer | (headers or {})
        )

    def query(self, soql: str, how: str = "query") -> list[dict[str, Any]]:
        response = self.ask(soql, how=how)
        assert response.status == 200, response.body
        return list(response.json()["records"])

    def values(self, soql: str, how: str = "query") -> list[Any]:
        """Return the first selected value of each record."""
        return [
            next(value for name, value in record.items() if name != "attributes")
            for record in self.query(soql, how)
        ]

    def create(self, name: str, **values: Any) -> str:
        response = self.post(f"sobjects/{name}", values, QUIET)
        assert response.status == 201, response.body
        return str(response.json()["id"])

    def read(self, name: str, record_id: str) -> dict[str, Any]:
        response = self.get(f"sobjects/{name}/{record_id}")
        assert response.status == 200, response.body
        return dict(response.json())

    def control(self, path: str, body: Any = None) -> Any:
        response = self.post(f"/_simulator/{path}", body)
        assert response.status == 200, response.body
        return response.json()

    def freeze(self, moment: str) -> None:
        self.control("clock", {"freeze": moment})

    def advance(self, seconds: float) -> None:
        self.control("clock", {"advance_s": seconds})


def error_of(response: Response) -> tuple[int, str]:
    """Return the status and the code of a refusal."""
    return response.status, response.json()[0]["errorCode"]


@pytest.fixture(scope="session")
def credentials() -> Credentials:
    return Credentials.make()


@pytest.fixture
def simulator(credentials: Credentials) -> Iterator[Simulator]:
    clock = Clock()
    clock.freeze(NOON)
    made = Simulator(clock=clock, credentials=Credentials(**vars(credentials)), access_token=TOKEN)
    yield made
    made.org.store.close()


@pytest.fixture
def client(simulator: Simulator) -> Client:
    return Client(simulator=simulator)


@pytest.fixture
def served(simulator: Simulator, socket_enabled: None) -> Iterator[str]:
    """The address of a simulator that listens on the loopback interface."""
    server = Server(simulator, 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://{HOST}:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
