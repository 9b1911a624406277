"""Sessions: access tokens, who they belong to and until when."""

import hashlib
from dataclasses import dataclass

from simulator.clock import Clock


@dataclass(kw_only=True, slots=True)
class Session:
    """One access token at work."""

    user_id: str
    used_at: float


class Sessions:
    """The access tokens that an org accepts; a session ends when it is not used for a while."""

    def __init__(self, clock: Clock, *, fixed_token: str | None, user_id: str) -> None:
        self._clock = clock
        self._fixed_token = fixed_token
        self._user_id = user_id
        self._sessions: dict[str, Session] = {}
        self._count = 0

    def open(self, org_id: str, user_id: str) -> str:
        """Return a new access token for a user."""
        self._count += 1
        seed = f"{org_id}{user_id}{self._count}".encode()
        token = f"{org_id[:15]}!AQ{hashlib.sha256(seed).hexdigest()}"
        self._sessions[token] = Session(user_id=user_id, used_at=self._clock.timestamp())
        return token

    def user_of(self, token: str, timeout_s: float) -> str | None:
        """Return whose token it is, or None if it is nobody's or has ended."""
        if self._fixed_token is not None and token == self._fixed_token:
            return self._user_id
        session = self._sessions.get(token)
        if session is None:
            return None
        now = self._clock.timestamp()
        if now - session.used_at > timeout_s:
            del self._sessions[token]
            return None
        session.used_at = now
        return session.user_id

    def end(self, token: str | None = None) -> None:
        """End one session, or all of them; the fixed token lives on."""
        if token is None:
            self._sessions.clear()
        else:
            self._sessions.pop(token, None)
