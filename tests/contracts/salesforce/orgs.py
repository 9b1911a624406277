"""Two orgs with one set of hands: the one in memory, and the simulator behind the real adapter."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

from counterpart.adapters.memory_campaigns import InMemoryCampaigns
from counterpart.adapters.memory_org import MemoryOrg
from counterpart.adapters.memory_salesforce import InMemorySalesforce
from counterpart.adapters.memory_survey import InMemorySurvey
from counterpart.adapters.salesforce.campaign_search import SalesforceCampaignSearch
from counterpart.adapters.salesforce.campaign_writer import SalesforceCampaignWriter
from counterpart.adapters.salesforce.client import SalesforceClient
from counterpart.adapters.salesforce.creator import SalesforceCreator
from counterpart.adapters.salesforce.credentials import ClientCredentials
from counterpart.adapters.salesforce.jobs import SalesforceJobs
from counterpart.adapters.salesforce.plain_reader import SalesforcePlainReader
from counterpart.adapters.salesforce.reader import SalesforceReader
from counterpart.adapters.salesforce.survey import SalesforceSurvey
from counterpart.adapters.salesforce.transport import open_session
from counterpart.adapters.salesforce.writer import SalesforceWriter
from counterpart.domain.records import SObject, object_of
from simulator import Simulator
from simulator.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterpart.ports import (
        OrgSurvey,
        PlainReader,
        RecordCreator,
        RecordJobs,
        RecordReader,
        RecordWriter,
    )
    from counterpart.ports.campaigns import CampaignSearch, CampaignWriter

# What ids of objects begin with that become neither contacts nor companies.
_PLAIN = {
    "701": "Campaign",
    "00v": "CampaignMember",
    "01Y": "CampaignMemberStatus",
    "006": "Opportunity",
    "00K": "OpportunityContactRole",
}

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOKEN = "people's token"
CREDENTIALS = Credentials(
    consumer_key="key",
    consumer_secret="secret",
    username="integration@example.com",
    public_key="",
    refresh_token="refresh",
)


class Org(Protocol):
    """What contract tests need of an org: the three ports, and hands that arrange things."""

    reader: RecordReader
    plain: PlainReader
    writer: RecordWriter
    creator: RecordCreator
    jobs: RecordJobs
    survey: OrgSurvey
    campaigns: CampaignWriter
    search: CampaignSearch

    def now(self) -> datetime:
        """Return the org's time."""

    def advance(self, seconds: float) -> None:
        """Let time pass; transactions that end meanwhile commit."""

    def add(self, sobject: str, **values: Any) -> str:  # noqa: ANN401 - any field
        """Create a record as a person would."""

    def edit(self, record_id: str, **values: Any) -> None:  # noqa: ANN401 - any field
        """Change a record as a person would."""

    def edit_slowly(self, record_id: str, *, seconds: float, **values: Any) -> None:  # noqa: ANN401
        """Change a record in a transaction that commits later than it stamps."""

    def touch(self, record_id: str) -> None:
        """Move `SystemModstamp` alone."""

    def bounce(self, record_id: str, reason: str) -> None:
        """Note that mail to a record came back."""

    def delete(self, record_id: str) -> None:
        """Put a record into the recycle bin."""

    def undelete(self, record_id: str) -> None:
        """Take a record out of the recycle bin."""

    def purge(self, record_id: str) -> None:
        """Delete a record for good."""

    def merge(self, winner_id: str, loser_id: str) -> None:
        """Merge one record into another."""

    def convert(self, lead_id: str, opportunity_name: str | None = None) -> tuple[str, str]:
        """Convert a lead, to an opportunity as well if it is named; return Contact and Account."""

    def hide(self, sobject: str, path: str) -> None:
        """Take our user's right to see a field."""

    def show_all(self) -> None:
        """Give our user the right to see every field."""

    def fix(self, sobject: str, path: str) -> None:
        """Take our user's right to write a field."""

    def hide_object(self, sobject: str) -> None:
        """Take our user's right to see an object."""

    def allow_person_accounts(self) -> None:
        """Give the org person accounts."""

    def add_person_account(self, **values: Any) -> tuple[str, str]:  # noqa: ANN401 - any field
        """Create an Account that is a person; return its id, and that of the Contact behind it."""

    def lose_answer(self) -> None:
        """Let the next write happen and its answer get lost."""

    def let_jobs_fail_after(self, rows: int) -> None:
        """Let bulk jobs end after they have tried so many rows."""

    def values(self, record_id: str) -> Mapping[str, Any]:
        """Return a record's values by API name."""


class InMemoryOrg:
    """The org in memory."""

    def __init__(self) -> None:
        self._now = NOON
        self._org = MemoryOrg(self.now)
        self._salesforce = InMemorySalesforce(self._org)
        self.reader = self.plain = self.writer = self.creator = self._salesforce
        self.jobs: RecordJobs = self._salesforce.jobs
        self.survey: OrgSurvey = InMemorySurvey(self._org)
        self.campaigns = self.search = InMemoryCampaigns(self._salesforce)

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    def add(self, sobject: str, **values: Any) -> str:  # noqa: ANN401 - any field
        return self._org.add(sobject, values)

    def edit(self, record_id: str, **values: Any) -> None:  # noqa: ANN401 - any field
        self._org.edit(record_id, values)

    def edit_slowly(self, record_id: str, *, seconds: float, **values: Any) -> None:  # noqa: ANN401
        self._org.edit(record_id, values, commit_at=self._now + timedelta(seconds=seconds))

    def touch(self, record_id: str) -> None:
        self._org.touch(record_id)

    def bounce(self, record_id: str, reason: str) -> None:
        self._org.bounce(record_id, reason)

    def delete(self, record_id: str) -> None:
        self._org.delete(record_id)

    def undelete(self, record_id: str) -> None:
        self._org.undelete(record_id)

    def purge(self, record_id: str) -> None:
        self._org.purge(record_id)

    def merge(self, winner_id: str, loser_id: str) -> None:
        self._org.merge(winner_id, loser_id)

    def convert(self, lead_id: str, opportunity_name: str | None = None) -> tuple[str, str]:
        contact_id = self._org.convert(lead_id, opportunity_name=opportunity_name)
        return contact_id, self._org.row(contact_id)["AccountId"]

    def hide(self, sobject: str, path: str) -> None:
        self._org.hidden.add((sobject, path))

    def show_all(self) -> None:
        self._org.hidden.clear()

    def fix(self, sobject: str, path: str) -> None:
        self._org.read_only.add((sobject, path))

    def hide_object(self, sobject: str) -> None:
        self._org.hidden_objects.add(sobject)

    def allow_person_accounts(self) -> None:
        self._org.allow_person_accounts()

    def add_person_account(self, **values: Any) -> tuple[str, str]:  # noqa: ANN401 - any field
        return self._org.add_person_account(values)

    def lose_answer(self) -> None:
        self._salesforce.lose_answers()

    def let_jobs_fail_after(self, rows: int) -> None:
        self._salesforce.jobs.tries = rows

    def values(self, record_id: str) -> Mapping[str, Any]:
        return self._org.row(record_id)


class Loopback(BaseAdapter):
    """Hands requests to a simulator in the same process; no socket is opened."""

    def __init__(self, simulator: Simulator) -> None:
        super().__init__()
        self._simulator = simulator

    def send(
        self,
        request: requests.PreparedRequest,
        *_args: Any,  # noqa: ANN401 - there is no network to set limits to
        **_kwargs: Any,  # noqa: ANN401 - there is no network to set limits to
    ) -> requests.Response:
        url = urlsplit(request.url or "")
        answer = self._simulator.handle(
            request.method or "GET",
            f"{url.path}?{url.query}",
            headers={**request.headers, "Host": url.netloc},
            body=request.body,
        )
        if answer.dropped:
            raise requests.ConnectionError("the connection was cut")
        response = requests.Response()
        response.status_code = answer.status
        response.headers.update(answer.headers)
        response._content = answer.body
        response.request = request
        response.url = request.url or ""
        return response

    def close(self) -> None:
        """Leave nothing open."""


@cache
def _simulator() -> Simulator:
    return Simulator(credentials=CREDENTIALS, access_token=TOKEN)


class SimulatedOrg:
    """The simulator, and the real adapter in front of it.

    Args:
        simulator: Emptied; by default the one of all tests, as to build one takes longer than most
            of them.
    """

    def __init__(self, simulator: Simulator | None = None) -> None:
        self.simulator = simulator or _simulator()
        self.control("reset")
        self._pending: list[tuple[datetime, str]] = []
        self.control("clock", {"freeze": NOON.isoformat()})
        session = open_session()
        session.mount("https://", Loopback(self.simulator))
        # No proxy leads to what is in this very process.
        session.trust_env = False
        self.client = SalesforceClient(
            session=session,
            credentials=lambda: ClientCredentials(consumer_key="key", consumer_secret="secret"),
            domain="acme.my",
            api_version="66.0",
            clock=self.now,
            sleep=lambda _: None,
        )
        self.reader = SalesforceReader(self.client)
        self.plain = SalesforcePlainReader(self.client)
        self.writer = SalesforceWriter(self.client)
        self.creator = SalesforceCreator(self.client)
        self.jobs: RecordJobs = SalesforceJobs(self.client)
        self.survey: OrgSurvey = SalesforceSurvey(self.client)
        self.campaigns = SalesforceCampaignWriter(self.client)
        self.search = SalesforceCampaignSearch(self.client)

    def control(self, path: str, body: object = None, *, method: str = "POST") -> Any:  # noqa: ANN401
        """Call the simulator's control plane."""
        answer = self.simulator.handle(method, f"/_simulator/{path}", body=json.dumps(body or {}))
        assert answer.status < 300, answer.body
        return answer.json()

    def person(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> Mapping[str, Any]:
        """Do what a person does, who has more rights than our user and spends no call of ours."""
        answer = self.simulator.handle(
            method,
            f"/services/data/v66.0/{path}",
            headers={"Authorization": f"Bearer {TOKEN}", "Sforce-Auto-Assign": "FALSE", **headers},
            body=None if body is None else json.dumps(body),
        )
        assert answer.status < 300, answer.body
        told: Mapping[str, Any] = answer.json() if answer.body else {}
        return told

    def now(self) -> datetime:
        return self.simulator.clock.now()

    def advance(self, seconds: float) -> None:
        self.control("clock", {"advance_s": seconds})
        due = [name for at, name in self._pending if at <= self.now()]
        for name in due:
            self.control(f"transactions/{name}/commit")
        self._pending = [item for item in self._pending if item[1] not in due]

    def add(self, sobject: str, **values: Any) -> str:  # noqa: ANN401 - any field
        return str(self.person("POST", f"sobjects/{sobject}", values)["id"])

    def edit(self, record_id: str, **values: Any) -> None:  # noqa: ANN401 - any field
        self.person("PATCH", _path(record_id), values)

    def edit_slowly(self, record_id: str, *, seconds: float, **values: Any) -> None:  # noqa: ANN401
        name = self.control("transactions")["id"]
        self.person("PATCH", _path(record_id), values, **{"X-Simulator-Transaction": name})
        self._pending.append((self.now() + timedelta(seconds=seconds), name))

    def touch(self, record_id: str) -> None:
        self.control("touch", {"ids": [record_id]})

    def bounce(self, record_id: str, reason: str) -> None:
        marks = {"EmailBouncedDate": self.now().isoformat(), "EmailBouncedReason": reason}
        self.person("PATCH", _path(record_id), marks)

    def delete(self, record_id: str) -> None:
        self.person("DELETE", _path(record_id))

    def undelete(self, record_id: str) -> None:
        self.control("undelete", {"ids": [record_id]})

    def purge(self, record_id: str) -> None:
        self.control("purge", {"ids": [record_id]})

    def merge(self, winner_id: str, loser_id: str) -> None:
        merged = {"object": object_of(winner_id), "master_id": winner_id}
        self.control("merge", merged | {"duplicate_ids": [loser_id]})

    def convert(self, lead_id: str, opportunity_name: str | None = None) -> tuple[str, str]:
        made = self.control("convert", {"lead_id": lead_id, "opportunity_name": opportunity_name})
        return made["contact_id"], made["account_id"]

    def hide(self, sobject: str, path: str) -> None:
        self.control("features", {"hide_fields": [f"{sobject}.{path}"]})

    def show_all(self) -> None:
        self.control("features", {"hide_fields": []})

    def fix(self, sobject: str, path: str) -> None:
        self.control("features", {"read_only_fields": [f"{sobject}.{path}"]})

    def hide_object(self, sobject: str) -> None:
        self.control("features", {"hide_objects": [sobject]})

    def allow_person_accounts(self) -> None:
        self.control("features", {"person_accounts": True})

    def add_person_account(self, **values: Any) -> tuple[str, str]:  # noqa: ANN401 - any field
        own = {"FirstName", "LastName", "Phone"}
        account_id = self.add(
            SObject.ACCOUNT,
            **{name if name in own else f"Person{name}": each for name, each in values.items()},
        )
        return account_id, str(self.values(account_id)["PersonContactId"])

    def lose_answer(self) -> None:
        match = {"path": "*/composite", "times": 1}
        self.control("faults", {"match": match, "when": "after", "do": "drop"})

    def let_jobs_fail_after(self, rows: int) -> None:
        self.control("features", {"bulk_fail_after_rows": rows})

    def values(self, record_id: str) -> Mapping[str, Any]:
        return self.person("GET", _path(record_id))


def _path(record_id: str) -> str:
    return f"sobjects/{object_of(record_id) or _PLAIN[record_id[:3]]}/{record_id}"
