"""The session: its headers, its time limits, and its way to another address."""

from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest
import requests

from counterpart.adapters.salesforce.transport import open_session, write_headers

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Listener(HTTPServer):
    """Keeps the head of each request; answers those to `/slow` too late."""

    heard: list[tuple[str, dict[str, str]]]


class _Handler(BaseHTTPRequestHandler):
    server: _Listener

    def do_GET(self) -> None:
        self.server.heard.append((self.path, dict(self.headers)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture
def listener() -> Iterator[_Listener]:
    """Return a server on this machine."""
    server = _Listener(("127.0.0.1", 0), _Handler)
    server.heard = []
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.enable_socket
def test_a_local_endpoint_hears_what_salesforce_would(listener: _Listener) -> None:
    """Path, query and host stay; only scheme and address change, for every host of Salesforce."""
    session = open_session(endpoint_url=f"http://127.0.0.1:{listener.server_port}")

    session.get("https://login.salesforce.com/services/oauth2/token?a=b%20c")
    session.get("https://acme.my.salesforce.com/services/data")

    (token, token_headers), (data, data_headers) = listener.heard
    assert token == "/services/oauth2/token?a=b%20c"
    assert token_headers["Host"] == "login.salesforce.com"
    assert data == "/services/data"
    assert data_headers["Host"] == "acme.my.salesforce.com"
    assert data_headers["Sforce-Auto-Assign"] == "FALSE"
    assert data_headers["Sforce-Call-Options"] == "client=Counterpart/1"
    assert data_headers["Sforce-Query-Options"] == "batchSize=2000"


@pytest.mark.enable_socket
def test_nobody_waits_for_ever() -> None:
    """A server that takes a request and says nothing is given up."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        session = open_session(endpoint_url=f"http://127.0.0.1:{port}", read_timeout=0.05)

        with pytest.raises(requests.ReadTimeout):
            session.get("https://acme.my.salesforce.com/services/data")


@pytest.mark.parametrize(("allowed", "said"), [(False, "false"), (True, "true")])
def test_the_policy_on_duplicates_is_a_header_of_every_write(*, allowed: bool, said: str) -> None:
    """Assignment rules are off whatever the policy."""
    headers = write_headers(allow_duplicates=allowed)

    assert f"allowSave={said};" in headers["Sforce-Duplicate-Rule-Header"]
    assert headers["Sforce-Auto-Assign"] == "FALSE"
