"""The HTTP shell, over real sockets, and a real client on top of it."""

from __future__ import annotations

import gzip
import http.client
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest

from simulator import Simulator
from tests.simulator.conftest import ROOT, TOKEN

pytestmark = pytest.mark.enable_socket
BEARER = {"Authorization": f"Bearer {TOKEN}"}
HERE = Path(__file__).parents[2]


@pytest.fixture
def connection(served: str) -> Iterator[http.client.HTTPConnection]:
    made = http.client.HTTPConnection(urlsplit(served).netloc, timeout=10)
    yield made
    made.close()


def ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, http.client.HTTPResponse, bytes]:
    connection.request(method, path, body, BEARER | (headers or {}))
    response = connection.getresponse()
    return response.status, response, response.read()


def test_a_connection_is_kept_and_follows_the_clock(
    connection: http.client.HTTPConnection,
) -> None:
    """One socket, many requests, and the Date of the org."""
    first = ask(connection, "GET", f"{ROOT}/limits")
    kept = connection.sock
    second = ask(connection, "GET", f"{ROOT}/sobjects")

    assert (first[0], second[0]) == (200, 200)
    assert connection.sock is kept
    assert second[1].headers["Date"] == "Sun, 22 Nov 2026 12:00:00 GMT"
    assert second[1].headers["Sforce-Limit-Info"] == "api-usage=2/100000"
    assert second[1].headers["Content-Type"] == "application/json;charset=UTF-8"


def test_bodies_may_be_chunked_or_packed(connection: http.client.HTTPConnection) -> None:
    """Both are HTTP, and clients use both."""
    body = json.dumps({"LastName": "x"}).encode()

    chunked = ask(connection, "POST", f"{ROOT}/sobjects/Contact", iter([body[:5], body[5:]]))
    packed = ask(
        connection,
        "POST",
        f"{ROOT}/sobjects/Contact",
        gzip.compress(body),
        {"Content-Encoding": "gzip"},
    )

    assert (chunked[0], packed[0]) == (201, 201)


def test_an_update_answers_nothing_at_all(connection: http.client.HTTPConnection) -> None:
    """204 has no body, and the next request on the socket is understood."""
    made = json.loads(ask(connection, "POST", f"{ROOT}/sobjects/Contact", b'{"LastName":"x"}')[2])

    status, _, body = ask(
        connection, "PATCH", f"{ROOT}/sobjects/Contact/{made['id']}", b'{"Title":"CEO"}'
    )
    overridden = ask(
        connection,
        "POST",
        f"{ROOT}/sobjects/Contact/{made['id']}?_HttpMethod=PATCH",
        b'{"Title":"CTO"}',
    )

    assert (status, body, overridden[0]) == (204, b"", 204)
    assert ask(connection, "HEAD", f"{ROOT}/sobjects/Contact/{made['id']}")[2] == b""


@pytest.mark.parametrize(
    ("path", "header", "status"), [("x" * 17_000, "", 414), ("", "x" * 17_000, 431)]
)
def test_long_addresses_and_headers_are_refused(
    connection: http.client.HTTPConnection, path: str, header: str, status: int
) -> None:
    """16 KB for both together."""
    found = ask(connection, "GET", f"{ROOT}/query?q={path}", None, {"X-Long": header})

    assert found[0] == status


def test_a_dropped_answer_is_a_cut_socket(
    connection: http.client.HTTPConnection, simulator: Simulator
) -> None:
    """The write is done, and nobody says so."""
    simulator.faults.add({"do": "drop", "when": "after", "match": {"method": "POST"}})

    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        ask(connection, "POST", f"{ROOT}/sobjects/Contact", b'{"LastName":"x"}')

    assert simulator.org.store.count(simulator.org.base.objects["Contact"]) == 1


def test_simple_salesforce_reads_and_writes(served: str) -> None:
    """A client that was written against real orgs finds what it expects."""
    sf = _client(served)

    made = sf.Contact.create({"LastName": "Löwe", "Email": "a@example.com"})
    sf.Contact.update(made["id"], {"Title": "CEO"})
    assert sf.Contact.upsert("Counterpart_Id__c/K1", {"LastName": "y"}) == 201
    assert sf.Contact.upsert("Counterpart_Id__c/K1", {"LastName": "z"}) == 200

    rows = list(sf.query_all_iter("SELECT LastName, Title FROM Contact ORDER BY LastName"))
    assert [(row["LastName"], row["Title"]) for row in rows] == [("Löwe", "CEO"), ("z", None)]
    assert sf.Contact.get(made["id"])["Title"] == "CEO"
    assert sf.Contact.describe()["name"] == "Contact"
    assert sf.Contact.delete(made["id"]) == 204
    assert sf.query("SELECT COUNT() FROM Contact", include_deleted=True)["totalSize"] == 2
    with pytest.raises(SalesforceMalformedRequest) as refused:
        sf.Contact.create({"Title": "x"})
    content: Any = refused.value.content
    assert content[0]["errorCode"] == "REQUIRED_FIELD_MISSING"


def test_simple_salesforce_works_in_bulk(served: str) -> None:
    """Both bulk APIs, through the client's own loops."""
    with pytest.MonkeyPatch.context() as patch:
        sf = _client(served)
        patch.setattr("simple_salesforce.bulk.sleep", lambda _seconds: None)
        patch.setattr("simple_salesforce.bulk2.sleep", lambda _seconds: None)

        results = sf.bulk.Contact.insert([{"LastName": "a"}, {"Title": "nobody"}])
        second = sf.bulk2.Contact.insert(records=[{"LastName": "b"}, {"LastName": "c"}])
        found = sf.bulk.Contact.query("SELECT LastName FROM Contact")
        pages = list(sf.bulk2.Contact.query("SELECT LastName FROM Contact ORDER BY LastName"))

    assert [row["success"] for row in results] == [True, False]
    assert (second[0]["numberRecordsProcessed"], second[0]["numberRecordsFailed"]) == (2, 0)
    assert sorted(row["LastName"] for row in found) == ["a", "b", "c"]
    assert "".join(pages).split() == ['"LastName"', '"a"', '"b"', '"c"']


def _client(served: str) -> Any:
    """Return a client whose https is led to the simulator, as it insists on https."""
    from requests.adapters import HTTPAdapter  # noqa: PLC0415 - a dependency of the client

    host = urlsplit(served).netloc

    class Redirect(HTTPAdapter):
        def send(self, request: Any, *args: Any, **options: Any) -> Any:
            request.url = request.url.replace("https://", "http://", 1)
            return super().send(request, *args, **options)

    sf = Salesforce(session_id=TOKEN, instance=host, version="66.0")
    sf.session.mount("https://", Redirect())
    return sf


def test_the_command_starts_tells_and_stops(tmp_path: Path, socket_enabled: None) -> None:
    """One line starts it; SIGTERM ends it; a file keeps the org."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "simulator", "--port", str(port), "--access-token", TOKEN]
    command += [
        "--database",
        str(tmp_path / "org.db"),
        "--credentials",
        str(tmp_path / "keys.json"),
    ]

    for expected in (0, 1):
        with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            told = ""
            for line in process.stdout:
                told += line
                if line.startswith("Ready"):
                    break
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            query = f"{ROOT}/query?q=SELECT+Id+FROM+Contact"
            assert json.loads(ask(connection, "GET", query)[2])["totalSize"] == expected
            ask(connection, "POST", f"{ROOT}/sobjects/Contact", b'{"LastName":"x"}')
            connection.close()
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        assert "client id" in told and str(port) in told
    assert (tmp_path / "keys.json").exists()
