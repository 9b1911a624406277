"""The token endpoint and what belongs to it: JWT bearer, client credentials and refresh."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simulator.messages import Request, Response, answer

if TYPE_CHECKING:
    from simulator.simulator import Simulator

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
# Clients whose clock runs a little behind or ahead are still let in.
LONGEST_EXPIRY_S = 5 * 60
SKEW_S = 180
SHARED_HOSTS = ("login.salesforce.com", "test.salesforce.com")


class OAuthError(Exception):
    """A refusal in the words of OAuth."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


def handle(simulator: "Simulator", request: Request) -> Response | None:
    """Return the answer if the path is one of OAuth's, else None."""
    endpoint = _ENDPOINTS.get((request.method, request.path.rstrip("/")))
    if endpoint is None:
        if request.method == "GET" and request.path.startswith("/id/"):
            endpoint = userinfo
        else:
            return None
    try:
        return endpoint(simulator, request)
    except OAuthError as exc:
        return answer({"error": exc.error, "error_description": exc.description}, exc.status)


def token(simulator: "Simulator", request: Request) -> Response:
    """Answer a request for an access token."""
    form = {**request.query, **request.form()}
    grant = form.get("grant_type")
    if grant == JWT_GRANT:
        return _granted(simulator, request, _jwt_user(simulator, request, form), {})
    if grant == "client_credentials":
        _check_client(simulator, request, form)
        if _host(request) in SHARED_HOSTS:
            raise OAuthError("invalid_grant", "request not supported on this domain")
        return _granted(simulator, request, simulator.org.user_id, {})
    if grant == "refresh_token":
        _check_client(simulator, request, form, secret_needed="client_secret" in form)
        rotated = _rotate(simulator, form.get("refresh_token"))
        return _granted(simulator, request, simulator.org.user_id, rotated)
    if grant is None:
        raise OAuthError("invalid_request", "grant_type is required")
    raise OAuthError("unsupported_grant_type", "grant type not supported")


def userinfo(simulator: "Simulator", request: Request) -> Response:
    """Answer who the bearer of the token is."""
    user_id = simulator.authenticate(request)
    if user_id is None:
        return Response(status=403, headers={"Content-Type": "text/html"}, body=b"Bad_OAuth_Token")
    org = simulator.org
    user = org.store.get(org.base.objects["User"], user_id) or {}
    url = simulator.instance_url(request)
    return answer(
        {
            "sub": simulator.identity_url(request, user_id),
            "id": simulator.identity_url(request, user_id),
            "user_id": user_id,
            "organization_id": org.org_id,
            "preferred_username": user.get("Username"),
            "username": user.get("Username"),
            "nickname": user.get("CommunityNickname"),
            "name": user.get("Name"),
            "display_name": user.get("Name"),
            "email": user.get("Email"),
            "email_verified": True,
            "given_name": user.get("FirstName"),
            "family_name": user.get("LastName"),
            "zoneinfo": "GMT",
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
            "active": True,
            "urls": {
                "rest": f"{url}/services/data/v{{version}}/",
                "sobjects": f"{url}/services/data/v{{version}}/sobjects/",
                "query": f"{url}/services/data/v{{version}}/query/",
            },
        }
    )


def revoke(simulator: "Simulator", request: Request) -> Response:
    """End a session."""
    simulator.sessions.end({**request.query, **request.form()}.get("token", ""))
    return Response(status=200)


def _jwt_user(simulator: "Simulator", request: Request, form: dict[str, str]) -> str:
    # Loaded by the first login, since it is slow to load.
    import jwt  # noqa: PLC0415

    org, known = simulator.org, simulator.credentials
    now = org.clock.timestamp()
    audiences = (*AUDIENCES, simulator.instance_url(request), f"https://{_host(request)}")
    try:
        claims: dict[str, Any] = jwt.decode(
            form.get("assertion", ""),
            known.public_key,
            algorithms=["RS256"],
            # Times are judged by the org's own clock, below.
            options={
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
                "verify_aud": False,
            },
        )
    except jwt.InvalidSignatureError as exc:
        raise OAuthError("invalid_grant", "invalid assertion") from exc
    except jwt.PyJWTError as exc:
        raise OAuthError("invalid_grant", "invalid assertion") from exc
    if claims.get("iss") != known.consumer_key:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    audience = str(claims.get("aud", "")).rstrip("/")
    if audience.removesuffix("/services/oauth2/token") not in audiences:
        raise OAuthError("invalid_grant", "audience is invalid")
    try:
        expires = float(claims.get("exp", 0))
    except (TypeError, ValueError) as exc:
        raise OAuthError("invalid_grant", "invalid assertion") from exc
    if expires < now - SKEW_S or expires > now + LONGEST_EXPIRY_S + SKEW_S:
        raise OAuthError("invalid_grant", "expired authorization code")
    users = org.base.objects["User"]
    username = users.by_name["username"]
    found = org.store.matches(users, username, str(claims.get("sub", "")))
    if not found or not (org.store.get(users, found[0]) or {})["IsActive"]:
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    return found[0]


def _check_client(
    simulator: "Simulator", request: Request, form: dict[str, str], *, secret_needed: bool = True
) -> None:
    known = simulator.credentials
    name, secret = form.get("client_id"), form.get("client_secret")
    header = request.headers.get("authorization", "")
    if header.lower().startswith("basic "):
        try:
            name, _, secret = base64.b64decode(header[6:]).decode().partition(":")
        except ValueError as exc:
            raise OAuthError("invalid_client", "invalid client credentials", 401) from exc
    if name != known.consumer_key:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if secret_needed and not hmac.compare_digest(secret or "", known.consumer_secret):
        raise OAuthError("invalid_client", "invalid client credentials")


def _rotate(simulator: "Simulator", given: str | None) -> dict[str, str]:
    known = simulator.credentials
    if given is None or not hmac.compare_digest(given, known.refresh_token):
        raise OAuthError("invalid_grant", "expired access/refresh token")
    if not simulator.rotate_refresh_tokens:
        return {}
    renewed = f"5Aep861{hashlib.sha256(given.encode()).hexdigest()}"
    simulator.replace_refresh_token(renewed)
    return {"refresh_token": renewed}


def _granted(
    simulator: "Simulator", request: Request, user_id: str, extra: dict[str, str]
) -> Response:
    org = simulator.org
    issued_at = str(int(org.clock.timestamp() * 1000))
    # A real org names login.salesforce.com here, which a test must never be led to.
    identity = simulator.identity_url(request, user_id)
    signature = hmac.new(
        simulator.credentials.consumer_secret.encode(), (identity + issued_at).encode(), "sha256"
    ).digest()
    return answer(
        {
            "access_token": simulator.sessions.open(org.org_id, user_id),
            "scope": "api refresh_token",
            "instance_url": simulator.instance_url(request),
            "id": identity,
            "token_type": "Bearer",
            "issued_at": issued_at,
            "signature": base64.b64encode(signature).decode(),
            **extra,
        }
    )


def _host(request: Request) -> str:
    return request.headers.get("host", "").lower().split(":")[0]


_ENDPOINTS: dict[tuple[str, str], Callable[["Simulator", Request], Response]] = {
    ("POST", "/services/oauth2/token"): token,
    ("GET", "/services/oauth2/userinfo"): userinfo,
    ("POST", "/services/oauth2/userinfo"): userinfo,
    ("POST", "/services/oauth2/revoke"): revoke,
    ("GET", "/services/oauth2/revoke"): revoke,
}
