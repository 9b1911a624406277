"""A client at the end of a wire that says what it is told to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from counterpart.adapters.salesforce.client import SalesforceClient
from counterpart.adapters.salesforce.credentials import ClientCredentials, SalesforceCredentials
from counterpart.adapters.salesforce.transport import open_session
from tests.adapters.salesforce.wire import NOON, Wire

if TYPE_CHECKING:
    from collections.abc import Callable

KEY_AND_SECRET = ClientCredentials(consumer_key="key", consumer_secret="secret")


@pytest.fixture
def wire() -> Wire:
    """Return what takes the place of the network."""
    return Wire()


@pytest.fixture
def connect(wire: Wire) -> Callable[..., SalesforceClient]:
    """Return a function that makes a client at the end of the wire."""

    def connected(
        credentials: SalesforceCredentials = KEY_AND_SECRET, domain: str = "acme.my"
    ) -> SalesforceClient:
        session = open_session()
        session.mount("https://", wire)
        return SalesforceClient(
            session=session,
            credentials=lambda: credentials,
            domain=domain,
            api_version="66.0",
            clock=lambda: NOON,
            sleep=wire.pauses.append,
        )

    return connected


@pytest.fixture
def client(connect: Callable[..., SalesforceClient]) -> SalesforceClient:
    """Return a client at the end of the wire."""
    return connect()
