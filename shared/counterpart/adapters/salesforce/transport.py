"""The HTTP session that everything here shares: its time limits, its headers, its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONNECT_TIMEOUT = 5.0
# A thousand rows with their triggers may take minutes. Salesforce gives up on a query after two
# (SOQL and SOSL reference, "Limits"), and that answer must reach us: a narrower one is asked then.
_READ_TIMEOUT = 150.0

# Salesforce would otherwise run assignment rules on each update and hand leads to other owners.
_ASSIGNMENT = {"Sforce-Auto-Assign": "FALSE"}

# The subrequests of a composite inherit Accept, Authorization and Content-Type from the call, and
# nothing else (REST API guide, "Composite Request Body"), so each bears its own headers.
QUERY_HEADERS = {"Sforce-Query-Options": "batchSize=2000"}


def write_headers(*, allow_duplicates: bool = False) -> Mapping[str, str]:
    """Return the headers that every write must bear.

    Args:
        allow_duplicates: Save a row although a duplicate rule warns of it; a rule that blocks
            blocks all the same.
    """
    allow = "true" if allow_duplicates else "false"
    return _ASSIGNMENT | {
        "Sforce-Duplicate-Rule-Header": (
            f"allowSave={allow}; includeRecordDetails=false; runAsCurrentUser=true"
        )
    }


def open_session(
    *, endpoint_url: str = "", read_timeout: float = _READ_TIMEOUT
) -> requests.Session:
    """Return a session for calls to Salesforce.

    Args:
        endpoint_url: Where to send everything instead, for local work; empty in production.
        read_timeout: Seconds to wait for an answer.
    """
    session = requests.Session()
    session.headers.update(
        _ASSIGNMENT | QUERY_HEADERS | {"Sforce-Call-Options": "client=Counterpart/1"}
    )
    session.mount("https://", _Transport(endpoint_url, (_CONNECT_TIMEOUT, read_timeout)))
    # A proxy or password that the machine knows for others is not meant for a local endpoint.
    session.trust_env = not endpoint_url
    return session


class _Transport(HTTPAdapter):
    """Gives each request time limits and, for local work, another address.

    The `Host` header stays what it was: Salesforce grants some things on some hosts alone, and so
    does its simulator.
    """

    def __init__(self, endpoint_url: str, timeout: tuple[float, float]) -> None:
        super().__init__()
        self._endpoint = urlsplit(endpoint_url) if endpoint_url else None
        self._timeout = timeout

    def send(
        self,
        request: requests.PreparedRequest,
        *args: Any,  # noqa: ANN401 - passed on
        **kwargs: Any,  # noqa: ANN401 - passed on
    ) -> requests.Response:
        if self._endpoint and request.url:
            wanted = urlsplit(request.url)
            request.headers["Host"] = wanted.netloc
            request.url = wanted._replace(
                scheme=self._endpoint.scheme, netloc=self._endpoint.netloc
            ).geturl()
        kwargs["timeout"] = kwargs.get("timeout") or self._timeout
        return super().send(request, *args, **kwargs)
