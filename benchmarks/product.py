"""The product, plugged together as in production but for its place and its latency."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from requests.adapters import BaseAdapter

from benchmarks.mapping import SETTINGS
from benchmarks.store import Store
from counterpart.adapters.dynamodb.companies import DynamoCompanyRepository
from counterpart.adapters.dynamodb.contacts import DynamoContactRepository
from counterpart.adapters.dynamodb.database import Database
from counterpart.adapters.dynamodb.links import DynamoLinkRepository
from counterpart.adapters.dynamodb.runs import DynamoRunRepository
from counterpart.adapters.dynamodb.streams import DynamoStreamRepository
from counterpart.adapters.memory import (
    InMemoryCompanyRepository,
    InMemoryContactRepository,
    InMemoryCreationQueue,
    InMemoryLinkRepository,
    InMemoryMemberRepository,
    InMemoryOpportunityRepository,
    InMemorySettingsRepository,
    InMemorySuccessor,
)
from counterpart.adapters.public_suffixes import PublicSuffixes
from counterpart.adapters.salesforce.client import SalesforceClient
from counterpart.adapters.salesforce.credentials import JwtBearer
from counterpart.adapters.salesforce.jobs import SalesforceJobs
from counterpart.adapters.salesforce.plain_reader import SalesforcePlainReader
from counterpart.adapters.salesforce.reader import SalesforceReader
from counterpart.adapters.salesforce.transport import open_session
from counterpart.adapters.salesforce.writer import SalesforceWriter
from counterpart.domain.requests import PullRequest, PushRequest
from counterpart.use_cases.apply_page import PagePorts
from counterpart.use_cases.pull_ports import PullPorts
from counterpart.use_cases.pull_records import pull_records
from counterpart.use_cases.push_edits import push_edits
from counterpart.use_cases.push_ports import PushPorts

if TYPE_CHECKING:
    import requests

    from counterpart.use_cases.reports import Report

# What is added to each API call: a usual way there and back, and the work of a small query.
LATENCY_S = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where the product's world is.

    Attributes:
        prefix: Of the tables.
    """

    salesforce_url: str
    login: str
    prefix: str


class Product:
    """Pulls and pushes, on DynamoDB and over HTTP.

    Args:
        in_memory: Keep contacts, companies and links in this process rather than in DynamoDB.
    """

    def __init__(self, place: Place, *, in_memory: bool = False) -> None:
        self.database = Database()
        client = new_client(place)
        self.store = Store(
            contacts=DynamoContactRepository(f"{place.prefix}-Contacts", self.database),
            companies=DynamoCompanyRepository(f"{place.prefix}-Companies", self.database),
            links=DynamoLinkRepository(f"{place.prefix}-Links", self.database),
        )
        self.pages = PagePorts(
            salesforce=SalesforceReader(client),
            contacts=InMemoryContactRepository() if in_memory else self.store.contacts,
            companies=InMemoryCompanyRepository() if in_memory else self.store.companies,
            links=InMemoryLinkRepository() if in_memory else self.store.links,
            members=InMemoryMemberRepository(),
            domains=PublicSuffixes(),
            clock=now,
        )
        self._plain = SalesforcePlainReader(client)
        self._writer = SalesforceWriter(client)
        self._jobs = SalesforceJobs(client)
        self._streams = DynamoStreamRepository(f"{place.prefix}-SyncState", self.database)
        self._settings = InMemorySettingsRepository(SETTINGS)
        self._runs = DynamoRunRepository(f"{place.prefix}-Runs", self.database)

    def pull(self) -> Report:
        """Pull what the schedule would."""
        ports = PullPorts(
            pages=self.pages,
            plain=self._plain,
            opportunities=InMemoryOpportunityRepository(),
            streams=self._streams,
            settings=self._settings,
            runs=self._runs,
            successor=InMemorySuccessor(),
        )
        return pull_records(PullRequest(), ports=ports, time_left=_enough)

    def push(self, *, bulk_above: int | None = None) -> Report:
        """Push everything that waits, by the settings or with another limit for jobs."""
        settings = SETTINGS
        if bulk_above is not None:
            outbound = replace(settings.outbound, bulk_above=bulk_above)
            settings = replace(settings, outbound=outbound)
        ports = PushPorts(
            pages=self.pages,
            salesforce=self._writer,
            streams=self._streams,
            settings=InMemorySettingsRepository(settings),
            runs=self._runs,
            queue=InMemoryCreationQueue(),
            jobs=self._jobs,
            pause=lambda pause: time.sleep(pause.total_seconds()),
        )
        return push_edits(PushRequest(everything_waiting=True), ports=ports, time_left=_enough)


def new_client(place: Place) -> SalesforceClient:
    """Return a client of its own session, as far from Salesforce as usual."""
    return SalesforceClient(
        session=_slowed(open_session(endpoint_url=place.salesforce_url)),
        credentials=lambda: _login(Path(place.login)),
        domain="login",
        api_version="66.0",
    )


def now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


def _enough() -> timedelta:
    return timedelta(hours=1)


def _login(file: Path) -> JwtBearer:
    known = json.loads(file.read_text())
    return JwtBearer(
        consumer_key=known["consumer_key"],
        username=known["username"],
        private_key=known["private_key"],
    )


def _slowed(session: requests.Session) -> requests.Session:
    session.mount("https://", _Distance(session.get_adapter("https://")))
    return session


class _Distance(BaseAdapter):
    """Puts Salesforce as far away as it is."""

    def __init__(self, inner: BaseAdapter) -> None:
        super().__init__()
        self._inner = inner

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401 - passed on
        time.sleep(LATENCY_S)
        return self._inner.send(*args, **kwargs)

    def close(self) -> None:
        self._inner.close()
