"""What people do in the org while we measure: it is filled, and edited."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import requests

from benchmarks.mapping import FIELDS
from counterpart.domain.records import SObject

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.services import Services

_VERSION = "66.0"
_ROWS = 200
_COLLECTIONS = 5
_ACCOUNTS = 1000
_BULK = 1000
_AGO = timedelta(hours=2)


class Org:
    """An org in the simulator, by the doors that any client uses."""

    def __init__(self, services: Services) -> None:
        self._url = services.salesforce_url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {services.token}"

    def fill(self, contacts: int) -> None:
        """Make it an org of so many Contacts on a thousand Accounts, all made two hours ago."""
        self._control("POST", "reset")
        began = datetime.now(UTC) - _AGO
        self._control("POST", "clock", {"freeze": began.isoformat()})
        accounts = self._insert(
            {
                "attributes": {"type": SObject.ACCOUNT},
                "Name": f"Example {number}",
                "Website": f"https://www.example-{number}.example",
            }
            for number in range(_ACCOUNTS)
        )
        for start in range(0, contacts, _BULK):
            # A thousand rows share a stamp, as after a bulk load.
            self._control("POST", "clock", {"advance_s": 1})
            numbers = range(start, min(start + _BULK, contacts))
            self._insert(_contact(number, accounts) for number in numbers)
        self._control("POST", "clock", {"run": True})
        org_now = datetime.fromisoformat(self._control("GET", "clock")["now"])
        behind = (datetime.now(UTC) - org_now).total_seconds()
        self._control("POST", "clock", {"advance_s": behind})

    def edit(self, count: int) -> None:
        """Change the city of so many Contacts."""
        rows = self._get(f"query?q=SELECT+Id+FROM+Contact+ORDER+BY+Id+LIMIT+{count}")["records"]
        self._write(
            "PATCH",
            (
                {"attributes": {"type": "Contact"}, "id": row["Id"], "MailingCity": "Elsewhere"}
                for row in rows
            ),
        )

    def enrol(self, full: str, empty: str) -> int:
        """Make a campaign with all Contacts as members and one with none; return how many."""
        ids = []
        for name in (full, empty):
            row = {"attributes": {"type": "Campaign"}, "Name": name, "IsActive": True}
            ids += self._insert([row])
        found: list[str] = []
        page = self._get("query?q=SELECT+Id+FROM+Contact")
        while True:
            found += [row["Id"] for row in page["records"]]
            if page["done"]:
                break
            page = self._get(page["nextRecordsUrl"].partition(f"v{_VERSION}/")[2])
        self._insert(
            {
                "attributes": {"type": "CampaignMember"},
                "CampaignId": ids[0],
                "ContactId": contact_id,
                "Status": "Responded",
            }
            for contact_id in found
        )
        return len(found)

    def empty(self) -> None:
        """Make it an org without records."""
        self._control("POST", "reset")

    def count(self, sobject: str) -> int:
        """Return how many records of an object it has."""
        total: int = self._get(f"query?q=SELECT+COUNT()+FROM+{sobject}")["totalSize"]
        return total

    def forget_calls(self) -> None:
        """Begin to count anew."""
        self._control("DELETE", "calls")

    def calls(self) -> int:
        """Return how many calls it would have charged since then."""
        total: int = self._control("GET", "calls")["total"]
        return total

    def _insert(self, rows: Iterable[dict[str, Any]]) -> list[str]:
        return [answer["id"] for answer in self._write("POST", rows)]

    def _write(self, method: str, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = []
        waiting = list(rows)
        step = _ROWS * _COLLECTIONS
        for start in range(0, len(waiting), step):
            parts = [
                {
                    "method": method,
                    "url": f"/services/data/v{_VERSION}/composite/sobjects",
                    "referenceId": f"part{at}",
                    "body": {"allOrNone": False, "records": waiting[at : at + _ROWS]},
                }
                for at in range(start, min(start + step, len(waiting)), _ROWS)
            ]
            body = {"allOrNone": False, "compositeRequest": parts}
            answer = self._session.post(
                f"{self._url}/services/data/v{_VERSION}/composite", json=body, timeout=120
            )
            answer.raise_for_status()
            for part in answer.json()["compositeResponse"]:
                answers += part["body"]
        refused = [answer for answer in answers if not answer["success"]]
        if refused:
            raise SystemExit(f"The simulator refused {len(refused)} rows, such as {refused[0]}")
        return answers

    def _get(self, path: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        answer = self._session.get(f"{self._url}/services/data/v{_VERSION}/{path}", timeout=120)
        answer.raise_for_status()
        return answer.json()

    def _control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - whatever JSON holds
        answer = self._session.request(
            method, f"{self._url}/_simulator/{path}", json=body, timeout=120
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None


def contact_values(number: int) -> dict[str, Any]:
    """Return what a Contact holds by API names; every mapped field of its own has a value."""
    values = {
        mapping.paths[SObject.CONTACT]: f"{mapping.name.replace('_', ' ').capitalize()} {number}"
        for mapping in FIELDS
        if mapping.writes_to(SObject.CONTACT)
    }
    return values | {
        "Email": f"person.{number}@example-{number % _ACCOUNTS}.example",
        "Birthdate": f"{1950 + number % 50}-{1 + number % 12:02d}-{1 + number % 28:02d}",
        "LeadSource": "Web",
        "HasOptedOutOfEmail": number % 10 == 0,
        "DoNotCall": False,
    }


def _contact(number: int, accounts: Sequence[str]) -> dict[str, Any]:
    return {
        "attributes": {"type": "Contact"},
        "AccountId": accounts[number % _ACCOUNTS],
        **contact_values(number),
    }
