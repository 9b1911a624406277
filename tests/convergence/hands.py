"""The hands of people in an org: the one in memory, and the simulator behind the real adapter."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from counterpart.adapters.memory_org import MemoryOrg
from counterpart.adapters.memory_salesforce import InMemorySalesforce
from counterpart.adapters.salesforce.rows import EXTERNAL_ID
from counterpart.domain.records import SObject, object_of
from counterpart.domain.standard_fields import COMPANY_FIELDS
from counterpart.errors import QuotaExhaustedError, ThrottledError, TransientError
from tests.contracts.salesforce.orgs import SimulatedOrg
from tests.convergence.fields import CONTACT_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from counterpart.adapters.salesforce.rows import Row
    from counterpart.ports import (
        Clock,
        PlainReader,
        RecordCreator,
        RecordJobs,
        RecordReader,
        RecordWriter,
    )

# What automation in the org does to a title, right after anybody wrote it.
RAW, NEAT = "raw", "neat"
PAGE_SIZE = 3


class Hands(Protocol):
    """What people and accidents do in an org. What they cannot do just now returns `False`."""

    reader: RecordReader
    plain: PlainReader
    writer: RecordWriter
    creator: RecordCreator
    jobs: RecordJobs

    def now(self) -> datetime:
        """Return the org's time, in whole seconds."""

    def tick(self) -> None:
        """Notice that time has passed: transactions that are due commit."""

    def rows(self) -> Sequence[Row]:
        """Return every row, deleted ones included, by API names and with times."""

    def add(self, sobject: SObject, values: Mapping[str, Any], late: float) -> str | None:
        """Create a row, which appears *late* seconds after its stamp."""

    def edit(self, record_id: str, values: Mapping[str, Any], late: float) -> bool:
        """Change a row, which is seen *late* seconds after its stamp."""

    def touch(self, record_id: str) -> bool:
        """Move `SystemModstamp` alone."""

    def delete(self, record_id: str) -> bool:
        """Put a row into the recycle bin."""

    def undelete(self, record_id: str) -> bool:
        """Take a row out of the recycle bin."""

    def purge(self, record_id: str) -> bool:
        """Delete a row for good."""

    def merge(self, winner_id: str, loser_id: str) -> bool:
        """Merge one row into another."""

    def convert(self, lead_id: str, contact_id: str | None) -> str | None:
        """Convert a lead, into an existing Contact if one is given."""

    def hide(self, hidden: Sequence[str]) -> None:
        """Let our user see everything but these fields, such as `Lead.Title`."""

    def accident(self, kind: str, times: int) -> None:
        """Let something go wrong with one of our next calls."""

    def heal(self) -> None:
        """End all accidents, and show everything."""


class _TidyOrg(MemoryOrg):
    """An org in memory with automation."""

    def _put(self, row: Row, commit_at: datetime | None = None) -> None:
        if str(row.get("Title") or "").startswith(RAW):
            row = row | {"Title": NEAT}
        super()._put(row, commit_at)


class MemoryHands:
    """An org in memory: fast."""

    def __init__(self, clock: Clock, skew: float) -> None:
        self.org = _TidyOrg(
            lambda: clock() + timedelta(seconds=skew), fields=(*CONTACT_FIELDS, *COMPANY_FIELDS)
        )
        self._salesforce = InMemorySalesforce(self.org, page_size=PAGE_SIZE)
        self.reader: RecordReader = self._salesforce
        self.plain: PlainReader = self._salesforce
        self.writer: RecordWriter = self._salesforce
        self.creator: RecordCreator = self._salesforce
        self.jobs: RecordJobs = self._salesforce.jobs

    def now(self) -> datetime:
        return self.org.now()

    def tick(self) -> None:
        self.org.find("")

    def rows(self) -> Sequence[Row]:
        return [row for sobject in SObject for row in self.org.rows(sobject)]

    def add(self, sobject: SObject, values: Mapping[str, Any], late: float) -> str | None:
        return self.org.add(sobject, values, commit_at=self._later(late))

    def edit(self, record_id: str, values: Mapping[str, Any], late: float) -> bool:
        if not self._may(record_id):
            return False
        self.org.edit(record_id, values, commit_at=self._later(late))
        return True

    def touch(self, record_id: str) -> bool:
        if not self._may(record_id):
            return False
        self.org.touch(record_id)
        return True

    def delete(self, record_id: str) -> bool:
        if not self._may_with_contacts(record_id):
            return False
        self.org.delete(record_id)
        return True

    def undelete(self, record_id: str) -> bool:
        row = self.org.find(record_id)
        if row is None or not row["IsDeleted"] or row["MasterRecordId"]:
            return False
        self.org.undelete(record_id)
        return True

    def purge(self, record_id: str) -> bool:
        row = self.org.find(record_id)
        if row is None or not row["IsDeleted"]:
            return False
        self.org.purge(record_id)
        return True

    def merge(self, winner_id: str, loser_id: str) -> bool:
        if not (self._may(winner_id) and self._may_with_contacts(loser_id)):
            return False
        self.org.merge(winner_id, loser_id)
        return True

    def convert(self, lead_id: str, contact_id: str | None) -> str | None:
        if not self._may(lead_id) or (contact_id and not self._may(contact_id)):
            return None
        return self.org.convert(lead_id, contact_id=contact_id)

    def hide(self, hidden: Sequence[str]) -> None:
        pairs = (name.split(".") for name in hidden)
        self.org.hidden = {(SObject(sobject), path) for sobject, path in pairs}

    def accident(self, kind: str, times: int) -> None:
        if kind == "lost":
            self._salesforce.lose_answers(times)
        elif kind == "locked":
            people = [row["Id"] for row in self.rows() if not row["IsDeleted"]]
            self.org.locked |= set(people[-times:])
        else:
            errors = {
                "throttled": ThrottledError("slow down"),
                "quota": QuotaExhaustedError("TotalRequests Limit exceeded."),
            }
            error = errors.get(kind, TransientError("no connection"))
            self._salesforce.fail(*[error] * times)

    def heal(self) -> None:
        self._salesforce._troubles.clear()
        self._salesforce._lost_answers = 0
        self.org.locked.clear()
        self.org.hidden.clear()

    def _later(self, late: float) -> datetime | None:
        return self.org.now() + timedelta(seconds=late) if late else None

    def _may_with_contacts(self, record_id: str) -> bool:
        """Return whether an Account and the Contacts that go where it goes are free."""
        rows = self.org.rows(SObject.CONTACT)
        contacts = [row["Id"] for row in rows if row["AccountId"] == record_id]
        return self._may(record_id) and all(one not in self.org._pending for one in contacts)

    def _may(self, record_id: str) -> bool:
        row = self.org.find(record_id)
        lives = row is not None and not row["IsDeleted"] and not row.get("IsConverted")
        return lives and record_id not in self.org._pending


_COLUMNS = ("Id", "IsDeleted", "MasterRecordId", "LastModifiedDate", "SystemModstamp", EXTERNAL_ID)
_EXTRA = {
    SObject.ACCOUNT: (),
    SObject.CONTACT: ("AccountId",),
    SObject.LEAD: ("IsConverted", "ConvertedContactId"),
}


class SimulatorHands:
    """The simulator, spoken to through the real adapter: slower, and stricter."""

    def __init__(self, clock: Clock, skew: float) -> None:
        self._clock, self._skew = clock, timedelta(seconds=skew)
        self._org = SimulatedOrg()
        self.reader: RecordReader = self._org.reader
        self.plain: PlainReader = self._org.plain
        self.writer: RecordWriter = self._org.writer
        self.creator: RecordCreator = self._org.creator
        self.jobs: RecordJobs = self._org.jobs
        self._pending: list[tuple[datetime, str]] = []
        self._hidden: list[str] = []
        self._org.control("features", {"page_size": PAGE_SIZE, "automation": _AUTOMATION})
        self.tick()

    def now(self) -> datetime:
        return (self._clock() + self._skew).replace(microsecond=0)

    def tick(self) -> None:
        now = self._clock() + self._skew
        self._org.control("clock", {"freeze": now.isoformat()})
        for due, name in self._pending:
            if due <= now:
                self._org.control(f"transactions/{name}/commit")
        self._pending = [item for item in self._pending if item[0] > now]

    def rows(self) -> Sequence[Row]:
        with self._seeing_all():
            return self._rows()

    @contextmanager
    def _seeing_all(self) -> Iterator[None]:
        """Let people see and write what is hidden from our user."""
        if self._hidden:
            self._org.control("features", {"hide_fields": []})
        yield
        if self._hidden:
            self._org.control("features", {"hide_fields": self._hidden})

    def _rows(self) -> Sequence[Row]:
        found = []
        for sobject in SObject:
            fields = COMPANY_FIELDS if sobject is SObject.ACCOUNT else CONTACT_FIELDS
            paths = {field.paths[sobject] for field in fields if sobject in field.paths}
            columns = sorted({*_COLUMNS, *_EXTRA[sobject], *paths})
            query = f"SELECT {', '.join(columns)} FROM {sobject} LIMIT 2000"  # noqa: S608 - no input
            path: str | None = f"queryAll?q={query.replace(' ', '+')}"
            while path:
                page = self._org.person("GET", path)
                found += [_with_times(row) for row in page["records"]]
                path = str(page.get("nextRecordsUrl") or "").partition("/v66.0/")[2] or None
        return found

    def add(self, sobject: SObject, values: Mapping[str, Any], late: float) -> str | None:
        told = self._person("POST", f"sobjects/{sobject}", values, late)
        return str(told["id"]) if told else None

    def edit(self, record_id: str, values: Mapping[str, Any], late: float) -> bool:
        return self._person("PATCH", _path(record_id), values, late) is not None

    def touch(self, record_id: str) -> bool:
        return self._control("touch", {"ids": [record_id]}) is not None

    def delete(self, record_id: str) -> bool:
        return self._person("DELETE", _path(record_id), None, 0) is not None

    def undelete(self, record_id: str) -> bool:
        return self._control("undelete", {"ids": [record_id]}) is not None

    def purge(self, record_id: str) -> bool:
        return self._control("purge", {"ids": [record_id]}) is not None

    def merge(self, winner_id: str, loser_id: str) -> bool:
        body = {"object": object_of(winner_id), "master_id": winner_id, "duplicate_ids": [loser_id]}
        return self._control("merge", body) is not None

    def convert(self, lead_id: str, contact_id: str | None) -> str | None:
        body = {"lead_id": lead_id} | ({"contact_id": contact_id} if contact_id else {})
        made = self._control("convert", body)
        return str(made["contact_id"]) if made else None

    def hide(self, hidden: Sequence[str]) -> None:
        self._hidden = list(hidden)
        self._org.control("features", {"hide_fields": self._hidden})

    def accident(self, kind: str, times: int) -> None:
        if kind == "token":
            self._org.control("sessions", method="DELETE")
            return
        fault: dict[str, Any] = {"match": {"path": "*/composite*", "times": times}}
        acts: dict[str, dict[str, Any]] = {
            "lost": {"when": "after", "do": "drop"},
            "throttled": {
                "do": "status",
                "status": 403,
                "error_code": "REQUEST_LIMIT_EXCEEDED",
                "message": "ConcurrentPerOrgLongTxn Limit exceeded.",
            },
            "quota": {
                "do": "status",
                "status": 403,
                "error_code": "REQUEST_LIMIT_EXCEEDED",
                "message": "TotalRequests Limit exceeded.",
            },
            "locked": {"do": "row_error", "error_code": "UNABLE_TO_LOCK_ROW"},
        }
        fault |= acts.get(kind, {"do": "status", "status": 503})
        if kind == "locked":
            fault["match"] = {"times": times}
        elif kind != "lost":
            # The client tries three times by itself.
            fault["match"]["times"] = 3 * times
        self._org.control("faults", fault)

    def heal(self) -> None:
        self._org.control("faults", method="DELETE")
        self.hide([])

    def _control(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
        answer = self._org.simulator.handle("POST", f"/_simulator/{path}", body=dict(body))
        return answer.json() if answer.status < 300 else None

    def _person(
        self, method: str, path: str, values: Mapping[str, Any] | None, late: float
    ) -> Mapping[str, Any] | None:
        headers = {"Authorization": "Bearer people's token", "Sforce-Auto-Assign": "FALSE"}
        name = self._org.control("transactions")["id"] if late else None
        if name:
            headers["X-Simulator-Transaction"] = name
        with self._seeing_all():
            answer = self._org.simulator.handle(
                method,
                f"/services/data/v66.0/{path}",
                headers=headers,
                body=None if values is None else dict(values),
            )
        if name:
            due = self._clock() + self._skew + timedelta(seconds=late)
            self._pending.append((due, name))
        if answer.status >= 300:
            return None
        return answer.json() if answer.body else {}


_AUTOMATION = [
    {"object": name, "when": f"Title LIKE '{RAW}%'", "set": {"Title": NEAT}}
    for name in ("Lead", "Contact")
]


def _path(record_id: str) -> str:
    return f"sobjects/{object_of(record_id)}/{record_id}"


def _with_times(row: Mapping[str, Any]) -> Row:
    times = {
        name: datetime.fromisoformat(row[name]) for name in ("LastModifiedDate", "SystemModstamp")
    }
    return {name: value for name, value in row.items() if name != "attributes"} | times
