"""The HTTP shell: it turns bytes into requests and responses into bytes, and decides nothing."""

import gzip
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from simulator.messages import JSON, Request, Response

if TYPE_CHECKING:
    from simulator.simulator import Simulator

MOST_HEAD_BYTES = 16_384
_OWN_FAULT = Response(
    status=500,
    headers={"Content-Type": JSON},
    body=b'[{"message":"The simulator failed; see its console.","errorCode":"UNKNOWN_EXCEPTION"}]',
)
HOST = "127.0.0.1"


class Server(ThreadingHTTPServer):
    """Serves a simulator on the loopback interface."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, simulator: "Simulator", port: int) -> None:
        self.simulator = simulator
        super().__init__((HOST, port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as inherited
        """Say nothing when a client hangs up; of anything else the whole trace."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Reads one request after another from a connection."""

    protocol_version = "HTTP/1.1"
    server_version = "Simulator"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    server: ClassVar[Server]  # type: ignore[misc]

    def _serve(self) -> None:
        simulator = self.server.simulator
        number = simulator.arrive()
        try:
            request = self._request()
            if request is None:
                return
            response = self._answer(request, number)
            if response.delay_s:
                time.sleep(response.delay_s)
            if response.dropped:
                self.close_connection = True
                self.connection.close()
                return
            self._send(response)
        finally:
            simulator.leave(number)

    def _answer(self, request: Request, number: int) -> Response:
        try:
            return self.server.simulator.answer(request, number)
        except Exception:
            # A fault of the simulator's own: the client is told, and the trace goes to stderr.
            self._send(_OWN_FAULT)
            self.close_connection = True
            raise

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = _serve  # noqa: N815

    def _request(self) -> Request | None:
        head = len(self.requestline) + sum(
            len(name) + len(value) + 4 for name, value in self.headers.items()
        )
        if len(self.path) > MOST_HEAD_BYTES or head > MOST_HEAD_BYTES:
            status = 414 if len(self.path) > MOST_HEAD_BYTES - 2_048 else 431
            self._discard()
            self._send(Response(status=status, headers={"Content-Type": "text/html"}))
            self.close_connection = True
            return None
        split = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        method = self.command
        # The documented way round proxies that know no PATCH.
        override = dict(parse_qsl(split.query)).get("_HttpMethod")
        return Request(
            method=(override or method).upper() if method == "POST" else method,
            path=split.path,
            query=dict(parse_qsl(split.query, keep_blank_values=True)),
            headers=headers,
            body=self._body(),
        )

    def _body(self) -> bytes:
        body = b"".join(self._pieces())
        if self.headers.get("Content-Encoding", "").lower() == "gzip" and body:
            return gzip.decompress(body)
        return body

    def _pieces(self) -> Iterator[bytes]:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
        else:
            yield self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _discard(self) -> None:
        for _ in self._pieces():
            pass

    def _send(self, response: Response) -> None:
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status not in {204, 304}:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD" and response.status not in {204, 304}:
            self.wfile.write(response.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Leave the console to the greeting; calls are listed at /_simulator/calls."""
