"""Makes calls to Salesforce: counted, signed in, repeated where that is safe, translated."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

import requests
from simple_salesforce.exceptions import SalesforceError
from urllib3.exceptions import MaxRetryError, NewConnectionError

from counterpart.adapters.salesforce.access import Access, SignIn
from counterpart.adapters.salesforce.composite import CompositeAnswer, bundle, unbundle
from counterpart.adapters.salesforce.meter import Meter
from counterpart.adapters.salesforce.trouble import LostAnswerError, SessionEndedError, trouble
from counterpart.errors import AuthenticationError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from simple_salesforce.api import Salesforce

    from counterpart.adapters.salesforce.composite import Part
    from counterpart.adapters.salesforce.credentials import SalesforceCredentials
    from counterpart.ports import Clock

_ATTEMPTS = 3
_FIRST_PAUSE = 0.5
# No repetition begins later than this after the first attempt did.
_PATIENCE = 60.0
_REFUSED = "Salesforce does not accept a token that it has just issued"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back for a call.

    Attributes:
        earliest: By Salesforce's clock, no later than the moment at which it began to work.
        latest: By Salesforce's clock, the second in which it had done its work.
        access: What it was asked with.
    """

    body: object
    earliest: datetime
    latest: datetime
    access: Access


@dataclass(frozen=True, kw_only=True, slots=True)
class _Request:
    """One request. *path* follows `/services/data/vXX.X/`.

    Attributes:
        body: JSON, or a table.
        tabular: Comma-separated values go out and come back.
    """

    method: str
    path: str
    body: Mapping[str, object] | bytes | None = None
    tabular: bool = False

    def through(self, org: Salesforce, hooks: Mapping[str, object]) -> object:
        """Make the request; return what came back."""
        if not self.tabular:
            return org.restful(self.path, method=self.method, json=self.body, hooks=hooks)
        # The public ways of the library read every answer as JSON.
        response = org._call_salesforce(  # noqa: SLF001
            self.method,
            org.base_url + self.path,
            name=self.path,
            headers={"Content-Type": "text/csv; charset=UTF-8", "Accept": "text/csv"},
            data=self.body,
            hooks=hooks,
        )
        return response.content.decode()


class SalesforceClient:
    """Makes calls to one org. Threads may share it.

    Repetition happens here and nowhere else, in a loop of a few lines: the libraries for it know
    exceptions and statuses, while what may be repeated depends on Salesforce's codes.

    Args:
        session: From `open_session`.
        domain: `login`, `test`, or a My Domain such as `acme.my`.
    """

    def __init__(
        self,
        *,
        session: requests.Session,
        credentials: Callable[[], SalesforceCredentials],
        domain: str,
        api_version: str,
        clock: Clock = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.meter = Meter(clock)
        self._root = f"/services/data/v{api_version}/"
        self._sleep = sleep
        self._sign_in = SignIn(
            session=session,
            domain=domain,
            api_version=api_version,
            credentials=credentials,
            clock=clock,
        )

    def get(self, path: str) -> object:
        """Return the body of what lies at *path*, given as in `Part` or from the host's root."""
        return self._call(_Request(method="GET", path=path.removeprefix(self._root))).body

    def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        repeatable: bool = True,
    ) -> Answer:
        """Make one request, with JSON both ways; *repeatable* as in `composite`."""
        return self._call(_Request(method=method, path=path, body=body), repeatable=repeatable)

    def upload(self, path: str, table: bytes) -> None:
        """Put a table of comma-separated values there; once, since a second one is refused."""
        self._call(_Request(method="PUT", path=path, body=table, tabular=True), repeatable=False)

    def table(self, path: str) -> str:
        """Return the table of comma-separated values that lies at *path*."""
        return str(self._call(_Request(method="GET", path=path, tabular=True)).body)

    def composite(self, parts: Sequence[Part], *, repeatable: bool) -> CompositeAnswer:
        """Make several requests in one call; each fails by itself.

        Args:
            parts: Up to `MOST_PARTS`.
            repeatable: Whether the same may be asked again when an answer was lost.
        """
        first = self._call(self._bundled(parts), repeatable=repeatable)
        answers = unbundle(first.body, parts)
        ended = [at for at, part in enumerate(answers) if part.status == HTTPStatus.UNAUTHORIZED]
        if not ended:
            return CompositeAnswer(parts=answers, earliest=first.earliest, latest=first.latest)

        # The token ended between two parts; those that it failed are asked for anew.
        rest = [parts[at] for at in ended]
        second = self._call(self._bundled(rest), repeatable=repeatable, instead_of=first.access)
        for at, part in zip(ended, unbundle(second.body, rest), strict=True):
            if part.status == HTTPStatus.UNAUTHORIZED:
                raise AuthenticationError(_REFUSED)
            answers[at] = part
        return CompositeAnswer(parts=answers, earliest=first.earliest, latest=second.latest)

    def _bundled(self, parts: Sequence[Part]) -> _Request:
        return _Request(method="POST", path="composite", body=bundle(parts, root=self._root))

    def _call(
        self, request: _Request, *, repeatable: bool = True, instead_of: Access | None = None
    ) -> Answer:
        give_up_at = time.monotonic() + _PATIENCE
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._signed_in(request, instead_of=instead_of)
            except TransientError as exc:
                pause = _FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1)  # noqa: S311 - no secret
                if (
                    attempt == _ATTEMPTS
                    or (isinstance(exc, LostAnswerError) and not repeatable)
                    or time.monotonic() + pause > give_up_at
                ):
                    raise
            self._sleep(pause)

    def _signed_in(self, request: _Request, *, instead_of: Access | None) -> Answer:
        access = self._sign_in.access(instead_of=instead_of)
        try:
            return self._send(access, request)
        except SessionEndedError as exc:
            if instead_of:
                raise AuthenticationError(_REFUSED) from exc
        return self._signed_in(request, instead_of=access)

    def _send(self, access: Access, request: _Request) -> Answer:
        responses: list[requests.Response] = []
        hooks = {"response": lambda response, *_, **__: responses.append(response)}
        self.meter.count()
        try:
            content = request.through(access.org, hooks)
        except SalesforceError as exc:
            raise trouble(exc.status, exc.content) from exc
        except requests.RequestException as exc:
            if _never_left(exc):
                raise TransientError(f"no connection: {type(exc).__name__}") from exc
            raise LostAnswerError(f"no answer: {type(exc).__name__}") from exc
        finally:
            for response in responses:
                self.meter.note(response)

        response = responses[-1]
        latest = _date_of(response)
        return Answer(
            body=[] if content is None else content,
            earliest=latest - response.elapsed,
            latest=latest,
            access=access,
        )


def _never_left(exc: requests.RequestException) -> bool:
    """Return whether the request certainly did not reach Salesforce."""
    if isinstance(exc, (requests.ConnectTimeout, requests.exceptions.SSLError)):
        return True
    cause = exc.args[0] if exc.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def _date_of(response: requests.Response) -> datetime:
    try:
        return parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError) as exc:
        raise LostAnswerError("an answer does not tell Salesforce's time") from exc
