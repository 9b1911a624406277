"""Keeps us signed in: one token for the whole process, renewed once for all who need it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import jwt
import requests
from simple_salesforce.api import Salesforce

from counterpart.adapters.salesforce.credentials import JwtBearer
from counterpart.adapters.salesforce.trouble import complaint
from counterpart.errors import AuthenticationError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpart.adapters.salesforce.credentials import SalesforceCredentials
    from counterpart.ports import Clock

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# Salesforce takes an assertion that ends within three minutes.
_ASSERTION_LASTS = timedelta(minutes=3)


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """A token and what can be asked with it."""

    org: Salesforce
    number: int


class SignIn:
    """Signs in when that is first needed, and again when the token has ended.

    Args:
        domain: `login`, `test`, or a My Domain such as `acme.my`.
        credentials: Asked at each sign-in, so that a rotated secret is picked up.
    """

    def __init__(
        self,
        *,
        session: requests.Session,
        domain: str,
        api_version: str,
        credentials: Callable[[], SalesforceCredentials],
        clock: Clock,
    ) -> None:
        self._session = session
        self._host = f"https://{domain}.salesforce.com"
        self._api_version = api_version
        self._credentials = credentials
        self._clock = clock
        self._lock = Lock()
        self._access: Access | None = None
        self._sign_ins = 0
        # Why no successor was granted to the access of this number.
        self._refusal: tuple[int, AuthenticationError] | None = None

    def access(self, *, instead_of: Access | None = None) -> Access:
        """Return an access that works, or a newer one than *instead_of*, which no longer does.

        However many threads ask at once, one of them signs in and all get its result.

        Raises:
            AuthenticationError: Salesforce does not accept our credentials.
        """
        stale = instead_of.number if instead_of else 0
        with self._lock:
            if self._access and self._access.number > stale:
                return self._access
            if instead_of and self._refusal and self._refusal[0] == stale:
                raise self._refusal[1]
            self._sign_ins += 1
            try:
                self._access = self._sign_in(self._sign_ins)
            except AuthenticationError as exc:
                # The next call starts afresh: somebody may have mended it by then.
                self._access, self._refusal = None, (stale, exc)
                raise
            return self._access

    def _sign_in(self, number: int) -> Access:
        try:
            response = self._ask_for_token(self._credentials())
        except requests.RequestException as exc:
            raise TransientError(f"signing in failed: {type(exc).__name__}") from exc
        told = _json(response)
        if not {"access_token", "instance_url"} <= told.keys():
            said = complaint(told)
            words = f"signing in was answered {response.status_code} {said.code} {said.message}"
            if HTTPStatus.BAD_REQUEST <= response.status_code < HTTPStatus.METHOD_NOT_ALLOWED:
                raise AuthenticationError(words.strip())
            raise TransientError(words.strip())

        org = Salesforce(
            session_id=told["access_token"],
            instance=urlsplit(told["instance_url"]).netloc,
            version=self._api_version,
            session=self._session,
            object_pairs_hook=None,
        )
        # It asks for indented answers, which are a third longer.
        del org.headers["X-PrettyPrint"]
        return Access(org=org, number=number)

    def _ask_for_token(self, credentials: SalesforceCredentials) -> requests.Response:
        url = f"{self._host}/services/oauth2/token"
        if isinstance(credentials, JwtBearer):
            claims = {
                "iss": credentials.consumer_key,
                "sub": credentials.username,
                "aud": self._host,
                "exp": self._clock() + _ASSERTION_LASTS,
            }
            try:
                assertion = jwt.encode(claims, credentials.private_key, algorithm="RS256")
            except (jwt.PyJWTError, ValueError, TypeError) as exc:
                raise AuthenticationError("the private key is not an RSA key in PEM") from exc
            return self._session.post(url, {"grant_type": _GRANT, "assertion": assertion})
        return self._session.post(
            url,
            {"grant_type": "client_credentials"},
            auth=(credentials.consumer_key, credentials.consumer_secret),
        )


def _json(response: requests.Response) -> dict[str, str]:
    """Return the object in the body; an edge server in trouble sends none, but a page of HTML."""
    try:
        body = response.json()
    except requests.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}
