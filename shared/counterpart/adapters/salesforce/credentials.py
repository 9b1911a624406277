"""What a server-to-server integration signs in with. Secrets stay out of `repr`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class JwtBearer:
    """A signed assertion that our app may act for one user; nothing secret crosses the wire.

    Attributes:
        private_key: RSA key in PEM, whose certificate the app in Salesforce knows.
    """

    consumer_key: str
    username: str
    private_key: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientCredentials:
    """The app's own key and secret; Salesforce takes them on a My Domain host alone."""

    consumer_key: str
    consumer_secret: str = field(repr=False)


SalesforceCredentials = JwtBearer | ClientCredentials
