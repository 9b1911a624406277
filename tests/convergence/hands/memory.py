"""The hands of people in an org in memory: fast."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from counterpart.adapters.memory_campaigns import InMemoryCampaigns
from counterpart.adapters.memory_org import MemoryOrg
from counterpart.adapters.memory_salesforce import InMemorySalesforce
from counterpart.adapters.memory_survey import InMemorySurvey
from counterpart.domain.opportunities import OPPORTUNITY, ROLE
from counterpart.domain.records import CampaignObject, SObject
from counterpart.domain.refusals import Refusal
from counterpart.domain.standard_fields import COMPANY_FIELDS
from counterpart.errors import QuotaExhaustedError, ThrottledError, TransientError
from tests.convergence.fields import CONTACT_FIELDS, TABLE
from tests.convergence.hands import JOBS_DRAG, NEAT, PAGE_SIZE, RAW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

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


class _TidyOrg(MemoryOrg):
    """An org in memory with automation, whose campaigns are locked by who writes their members."""

    def objection(
        self, sobject: str, values: Mapping[str, Any], record_id: str | None, key: str
    ) -> Refusal | None:
        row = self.find(record_id) if record_id else values
        if row and row.get("CampaignId") in self.members_under_way():
            return Refusal(code="UNABLE_TO_LOCK_ROW", message="unable to lock the campaign")
        return super().objection(sobject, values, record_id, key)

    def members_under_way(self) -> set[str]:
        """Return the campaigns of which a member was written and is not seen yet."""
        self.find("")
        rows = (pending.row for pending in self.kept.pending.values())
        return {row["CampaignId"] for row in rows if "CampaignId" in row}

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
        self.org.types[CampaignObject.MEMBER][TABLE] = "string"
        self._salesforce = InMemorySalesforce(self.org, page_size=PAGE_SIZE)
        self._campaigns = InMemoryCampaigns(self._salesforce)
        self.campaigns: CampaignWriter = self._campaigns
        self.survey: OrgSurvey = InMemorySurvey(self.org)
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

    def deals(self) -> Sequence[Row]:
        return [row for sobject in (OPPORTUNITY, ROLE) for row in self.org.rows(sobject)]

    def campaign_rows(self, sobject: CampaignObject) -> Sequence[Row]:
        return self.org.rows(sobject)

    def are_members_under_way(self) -> bool:
        return bool(self.org.members_under_way())

    def add(self, sobject: str, values: Mapping[str, Any], late: float) -> str | None:
        if sobject is CampaignObject.MEMBER and (
            self.org.members_under_way() or self._campaigns._clash(sobject, values)
        ):
            return None
        return self.org.add(sobject, values, commit_at=self._later(late))

    def edit(self, record_id: str, values: Mapping[str, Any], late: float) -> bool:
        if not self._may(record_id) or self._waits(record_id):
            return False
        self.org.edit(record_id, values, commit_at=self._later(late))
        return True

    def touch(self, record_id: str) -> bool:
        if not self._may(record_id):
            return False
        self.org.touch(record_id)
        return True

    def delete(self, record_id: str) -> bool:
        if not self._may_with_children(record_id) or self._waits(record_id):
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
        if not (self._may(winner_id) and self._may_with_children(loser_id)):
            return False
        self.org.merge(winner_id, loser_id)
        return True

    def convert(self, lead_id: str, contact_id: str | None, deal: str | None = None) -> str | None:
        if not self._may(lead_id) or (contact_id and not self._may(contact_id)):
            return None
        return self.org.convert(lead_id, contact_id=contact_id, opportunity_name=deal)

    def bounce(self, record_id: str) -> bool:
        if not self._may(record_id):
            return False
        self.org.bounce(record_id, "no such mailbox")
        return True

    def hide(self, hidden: Sequence[str]) -> None:
        self.org.hidden = set(map(_parted, hidden))

    def fix(self, fixed: Sequence[str]) -> None:
        self.org.read_only = set(map(_parted, fixed))

    def bar(self, barred: Sequence[str]) -> None:
        self.org.hidden_objects = set(barred)

    def mind_duplicates(self, rule: str) -> None:
        self.org.duplicate_rule = rule

    def accident(self, kind: str, times: int) -> None:
        if kind == "lost":
            self._salesforce.lose_answers(times)
        elif kind == "locked":
            members = self.org.rows(CampaignObject.MEMBER)
            for rows in (self.rows(), members):
                self.org.locked |= set([row["Id"] for row in rows if not row["IsDeleted"]][-times:])
        else:
            errors = {
                "throttled": ThrottledError("slow down"),
                "quota": QuotaExhaustedError("TotalRequests Limit exceeded."),
            }
            error = errors.get(kind, TransientError("no connection"))
            self._salesforce.fail(*[error] * times)

    def let_jobs(self, how: str) -> None:
        jobs = self._salesforce.jobs
        jobs.available = how != "refuse"
        jobs.work = timedelta(seconds=JOBS_DRAG if how == "drag" else 0)
        jobs.tries = 1 if how == "fail" else None
        if how == "lose":
            jobs.lose_answers()
        elif how == "forget":
            jobs.forget()

    def heal(self) -> None:
        self._salesforce._troubles.clear()
        self._salesforce._lost_answers = self._salesforce.jobs._lost_answers = 0
        self.let_jobs("work")
        for trouble in (self.org.locked, self.org.hidden, self.org.read_only):
            trouble.clear()
        self.org.hidden_objects.clear()
        self.org.duplicate_rule = "off"

    def _later(self, late: float) -> datetime | None:
        return self.org.now() + timedelta(seconds=late) if late else None

    def _waits(self, record_id: str) -> bool:
        """Return whether a member's campaign is locked."""
        row = self.org.row(record_id)
        return row.get("CampaignId") in self.org.members_under_way()

    def _may_with_children(self, record_id: str) -> bool:
        """Return whether a row is free, and what goes where it goes, such as Contacts and roles."""
        paths = ("AccountId", "ContactId", "OpportunityId")
        family, rows = {record_id}, [*self.rows(), *self.deals()]
        for row in rows:
            if any(row.get(path) in family for path in paths):
                family.add(row["Id"])
        return self._may(record_id) and not family & self.org.kept.pending.keys()

    def _may(self, record_id: str) -> bool:
        row = self.org.find(record_id)
        lives = row is not None and not row["IsDeleted"] and not row.get("IsConverted")
        return lives and record_id not in self.org.kept.pending


def _parted(name: str) -> tuple[str, str]:
    sobject, _, path = name.partition(".")
    return sobject, path
