"""The whole simulator without sockets: requests in, responses out."""

import json
import threading
from collections.abc import Mapping
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from simulator.clock import Clock
from simulator.control import routes as control
from simulator.credentials import Credentials
from simulator.errors import SalesforceError, not_found, unsupported
from simulator.faults import Fault, Faults
from simulator.messages import JSON, Request, Response, answer
from simulator.org import Org
from simulator.records.writer import ManyMatchesError
from simulator.rest import limits, oauth
from simulator.rest.call import Call
from simulator.rest.conditional import NotModifiedError
from simulator.rest.refusals import VERSIONED, bad_session, kind_of, refused, speak_json
from simulator.rest.routes import ROUTER
from simulator.rest.targets import objects_of
from simulator.sessions import Sessions
from simulator.usage import LOGIN, LoggedCall, Usage

PROJECT = Path(__file__).parent.parent / "salesforce"
OTHER_PROTOCOLS = ("/services/soap/", "/cometd/", "/services/wsdl/")


class Simulator:
    """An org and everything around it that a client can reach."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        project: Path | None = PROJECT,
        database: str = ":memory:",
        credentials: Credentials | None = None,
        credentials_file: Path | None = None,
        access_token: str | None = None,
        setup: dict[str, Any] | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.credentials = credentials or Credentials.make()
        self.org = Org(
            clock=self.clock,
            project=project,
            database=database,
            username=self.credentials.username,
            setup=setup,
        )
        self.sessions = Sessions(self.clock, fixed_token=access_token, user_id=self.org.user_id)
        self.faults = Faults()
        self.usage = Usage(self.clock)
        self.rotate_refresh_tokens = True
        self._credentials_file = credentials_file
        self._turn = threading.RLock()
        self._row_fault: Fault | None = None

    def reset(self) -> None:
        """Become an empty org without faults, whose calls are uncounted."""
        self.org.reset()
        self.faults.remove()
        self.usage.reset()

    def handle(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | str | dict[str, Any] | list[Any] | None = None,
    ) -> Response:
        """Answer one request; a JSON body may be given as it is."""
        split = urlsplit(path)
        if isinstance(body, dict | list):
            body = json.dumps(body)
        request = Request(
            method=method.upper(),
            path=split.path,
            query={**dict(parse_qsl(split.query, keep_blank_values=True)), **(query or {})},
            headers={name.lower(): value for name, value in (headers or {}).items()},
            body=body.encode() if isinstance(body, str) else body or b"",
        )
        number = self.arrive()
        try:
            return self.answer(request, number)
        finally:
            self.leave(number)

    def arrive(self) -> int:
        """Note that a request has arrived."""
        return self.org.locks.enter()

    def leave(self, number: int) -> None:
        """Note that a request has been answered in full."""
        self.org.locks.leave(number)

    def answer(self, request: Request, number: int) -> Response:
        """Answer a request in its turn; the org does one thing at a time."""
        with self._turn:
            if request.path.startswith("/_simulator"):
                return self._finished(request, control.handle(self, request))
            self.org.empty_recycle_bin()
            self.org.jobs.advance()
            faults = self.faults.for_call(request, lambda: objects_of(request))
            response = self._struck(faults, "before")
            if response is None:
                response = self._respond(request, number)
                changed = self._struck(faults, "after")
                response = changed if changed is not None else response
            response.delay_s += sum(fault.delay_s for fault in faults if fault.do == "delay")
            return self._finished(request, response)

    @staticmethod
    def _struck(faults: list[Fault], when: str) -> Response | None:
        for fault in faults:
            if fault.when != when:
                continue
            if fault.do == "drop":
                return Response(dropped=True)
            if fault.do == "status":
                return fault.response()
        return None

    def _respond(self, request: Request, number: int) -> Response:
        response = oauth.handle(self, request)
        if response is None and request.path.rstrip("/") == "/services/data":
            response = limits.versions()
        if response is None and request.path.lower().startswith(OTHER_PROTOCOLS):
            response = refused(unsupported("This org speaks REST and Bulk, no other protocol."))
        if response is not None:
            return response
        user_id = self.authenticate(request)
        if user_id is None:
            return refused(bad_session(request))
        if self.usage.used() >= self.org.features.daily_limit:
            return refused(
                SalesforceError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
            )
        self.usage.count()
        transaction = request.headers.get("x-simulator-transaction")
        if request.method == "GET" and transaction is None:
            return self.dispatch(request, user_id=user_id, number=number)
        try:
            with self.org.writing(transaction):
                return self.dispatch(request, user_id=user_id, number=number)
        except SalesforceError as exc:
            return refused(exc)

    def dispatch(self, request: Request, *, user_id: str, number: int | None) -> Response:
        """Answer a request of a known user; parts of a composite request come here too."""
        try:
            if request.inner:
                response = self._inner_fault(request)
                if response is not None:
                    return response
            return self._routed(request, user_id=user_id, number=number)
        except NotModifiedError:
            return Response(status=304)
        except ManyMatchesError as exc:
            return answer(exc.record_ids, 300)
        except SalesforceError as exc:
            return refused(exc)

    def _inner_fault(self, request: Request) -> Response | None:
        faults = self.faults.for_call(request, lambda: objects_of(request))
        return self._struck([fault for fault in faults if fault.do == "status"], "before")

    def _routed(self, request: Request, *, user_id: str, number: int | None) -> Response:
        match = VERSIONED.fullmatch(request.path)
        if match is None:
            raise not_found()
        version = match[1]
        if float(version) < limits.OLDEST:
            raise SalesforceError("GONE", "The requested version of the API is no longer there.")
        if version not in limits.VERSIONS:
            raise not_found()
        prefix = "/async" if request.path.startswith("/services/async/") else ""
        if not prefix:
            speak_json(request)
        found = ROUTER.find(request.method, prefix + (match[2] or ""))
        call = Call(
            simulator=self, request=request, version=version, user_id=user_id, number=number
        )
        response = found.answer(call)
        response.kind = found.route.kind
        return response

    def authenticate(self, request: Request) -> str | None:
        """Return the user whose token the request bears."""
        header = request.headers.get("authorization", "")
        scheme, _, token = header.partition(" ")
        if scheme.lower() not in {"bearer", "oauth"}:
            token = request.headers.get("x-sfdc-session", "")
        return self.sessions.user_of(token.strip(), self.org.features.session_timeout_s)

    def instance_url(self, request: Request) -> str:
        """Return the address under which the client reached the org."""
        return f"http://{request.headers.get('host', 'localhost')}"

    def identity_url(self, request: Request, user_id: str) -> str:
        """Return the address that tells who a user is."""
        return f"{self.instance_url(request)}/id/{self.org.org_id}/{user_id}"

    def fail_row(self, call: Call, name: str) -> None:
        """Refuse the next row of a call if a fault says so."""
        fault = self.faults.for_row(call.request, name)
        if fault is not None and fault.when == "before":
            raise fault.error()
        self._row_fault = fault

    def fail_row_after(self) -> None:
        """Refuse the row that was just written, if the fault that struck it says so."""
        fault, self._row_fault = self._row_fault, None
        if fault is not None:
            raise fault.error()

    def replace_refresh_token(self, token: str) -> None:
        """Accept another refresh token from now on."""
        self.credentials.refresh_token = token
        if self._credentials_file is not None:
            self.credentials.write(self._credentials_file)

    def _finished(self, request: Request, response: Response) -> Response:
        if response.content is not None and not response.body:
            response.body = json.dumps(
                response.content, ensure_ascii=False, separators=(",", ":")
            ).encode()
            response.headers.setdefault("Content-Type", JSON)
        response.headers["Date"] = formatdate(self.clock.timestamp(), usegmt=True)
        kind = response.kind or kind_of(request)
        if kind is None:
            return response
        if kind != LOGIN:
            used, most = self.usage.used(), self.org.features.daily_limit
            response.headers["Sforce-Limit-Info"] = f"api-usage={used}/{most}"
        self.usage.note(
            LoggedCall(
                at=self.clock.stamp(),
                method=request.method,
                path=request.path,
                kind=kind,
                status=0 if response.dropped else response.status,
            )
        )
        return response
