"""The hands of people in the simulator, which the real adapter speaks to: slower, stricter."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from counterpart.domain.opportunities import OPPORTUNITY, ROLE
from counterpart.domain.records import CampaignObject, object_of
from simulator import Simulator
from simulator.simulator import PROJECT
from tests.contracts.salesforce.orgs import CREDENTIALS, TOKEN, SimulatedOrg
from tests.convergence.fields import TABLE
from tests.convergence.hands import JOBS_DRAG, NEAT, PAGE_SIZE, RAW
from tests.convergence.hands.simulator_rows import (
    CAMPAIGN_QUERIES,
    DEAL_QUERIES,
    QUERIES,
    rows_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from counterpart.adapters.salesforce.rows import Row
    from counterpart.ports import (
        Clock,
        OrgSurvey,
        PlainReader,
        RecordCreator,
        RecordJobs,
        RecordReader,
        RecordWriter,
    )
    from counterpart.ports.campaigns import CampaignWriter


class SimulatorHands:
    """The simulator, spoken to through the real adapter: slower, and stricter."""

    def __init__(self, clock: Clock, skew: float) -> None:
        self._clock, self._skew = clock, timedelta(seconds=skew)
        self._org = SimulatedOrg(_simulator())
        self._core = self._org.simulator.org
        self.reader: RecordReader = self._org.reader
        self.plain: PlainReader = self._org.plain
        self.writer: RecordWriter = self._org.writer
        self.creator: RecordCreator = self._org.creator
        self.jobs: RecordJobs = self._org.jobs
        self.campaigns: CampaignWriter = self._org.campaigns
        self.survey: OrgSurvey = self._org.survey
        # Transactions: when they commit, and what they hold locked.
        self._pending: list[tuple[datetime, str, str]] = []
        self._org.control("features", {"page_size": PAGE_SIZE, "automation": _AUTOMATION})
        self.tick()

    def now(self) -> datetime:
        return (self._clock() + self._skew).replace(microsecond=0)

    def tick(self) -> None:
        now = self._clock() + self._skew
        self._core.clock.freeze(now)
        for due, name, _ in self._pending:
            if due <= now:
                self._core.transactions.commit(name)
        self._pending = [item for item in self._pending if item[0] > now]

    def rows(self) -> Sequence[Row]:
        """Return them as the core holds them, past the API and what it hides."""
        return rows_of(self._core, QUERIES)

    def deals(self) -> Sequence[Row]:
        return rows_of(self._core, DEAL_QUERIES)

    def campaign_rows(self, sobject: CampaignObject) -> Sequence[Row]:
        return rows_of(self._core, [CAMPAIGN_QUERIES[sobject]])

    def are_members_under_way(self) -> bool:
        return any(held.startswith(_MEMBER) for _, _, held in self._pending)

    @contextmanager
    def _seeing_all(self) -> Iterator[None]:
        """Let people see and write what is hidden from our user."""
        shown = self._core.schema
        self._core.schema = self._core.base
        yield
        self._core.schema = shown

    def add(self, sobject: str, values: Mapping[str, Any], late: float) -> str | None:
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

    def convert(self, lead_id: str, contact_id: str | None, deal: str | None = None) -> str | None:
        body = {"lead_id": lead_id, "contact_id": contact_id, "opportunity_name": deal}
        made = self._control("convert", body)
        return str(made["contact_id"]) if made else None

    def bounce(self, record_id: str) -> bool:
        at = self.now().isoformat()
        marks = {"EmailBouncedDate": at, "EmailBouncedReason": "no such mailbox"}
        return self._person("PATCH", _path(record_id), marks, 0) is not None

    def hide(self, hidden: Sequence[str]) -> None:
        self._org.control("features", {"hide_fields": list(hidden)})

    def fix(self, fixed: Sequence[str]) -> None:
        self._org.control("features", {"read_only_fields": list(fixed)})

    def bar(self, barred: Sequence[str]) -> None:
        self._org.control("features", {"hide_objects": list(barred)})

    def mind_duplicates(self, rule: str) -> None:
        self._org.control("features", {"duplicate_rule": rule})

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

    def let_jobs(self, how: str) -> None:
        rows, delay = int(how == "fail"), float(JOBS_DRAG * (how == "drag"))
        self._org.control("features", {"bulk_delay_s": delay, "bulk_fail_after_rows": rows})
        if how == "refuse":
            match: dict[str, Any] = {"path": "*/jobs/ingest", "method": "POST", "times": 3}
            refused = {"do": "status", "status": 400, "error_code": "FEATURENOTENABLED"}
            self._org.control("faults", {"match": match, **refused, "message": "Not enabled."})
        elif how == "lose":
            match = {"path": "*/jobs/ingest/*", "times": 1}
            self._org.control("faults", {"match": match, "when": "after", "do": "drop"})
        elif how == "forget":
            self._core.jobs.clear()

    def heal(self) -> None:
        self._org.control("faults", method="DELETE")
        fields: dict[str, Any] = {"hide_fields": [], "read_only_fields": [], "hide_objects": []}
        self._org.control("features", fields | {"duplicate_rule": "off"})
        self.let_jobs("work")

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
            told = answer.json() if answer.body else {}
            held = told.get("id") if isinstance(told, dict) else None
            self._pending.append((due, name, str(held or path.rpartition("/")[2])))
        if answer.status >= 300:
            return None
        return answer.json() if answer.body else {}


_AUTOMATION = [
    {"object": name, "when": f"Title LIKE '{RAW}%'", "set": {"Title": NEAT}}
    for name in ("Lead", "Contact")
]


_MEMBER = "00v"
_PREFIXES = {
    "701": CampaignObject.CAMPAIGN,
    _MEMBER: CampaignObject.MEMBER,
    "01Y": CampaignObject.STATUS,
    "006": OPPORTUNITY,
    "00K": ROLE,
}
_FIELD = f"""<?xml version="1.0" encoding="UTF-8"?>
<CustomField xmlns="http://soap.sforce.com/2006/04/metadata">
    <fullName>{TABLE}</fullName>
    <label>Table</label>
    <length>40</length>
    <type>Text</type>
</CustomField>
"""


def _path(record_id: str) -> str:
    sobject = object_of(record_id) or _PREFIXES[record_id[:3]]
    return f"sobjects/{sobject}/{record_id}"


@cache
def _simulator() -> Simulator:
    """Return the one simulator, whose members of campaigns have a field of their own."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        shutil.copytree(PROJECT, project)
        fields = project / "objects" / CampaignObject.MEMBER / "fields"
        fields.mkdir(parents=True)
        (fields / f"{TABLE}.field-meta.xml").write_text(_FIELD, encoding="utf-8")
        return Simulator(project=project, credentials=CREDENTIALS, access_token=TOKEN)
