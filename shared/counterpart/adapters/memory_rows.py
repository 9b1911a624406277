"""How an org in memory keeps its rows: by id, in order, and until their transactions commit."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from counterpart.adapters.salesforce.rows import EXTERNAL_ID
from counterpart.domain.ids import to_18
from counterpart.domain.records import SObject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.adapters.salesforce.rows import Row

_PREFIXES: Mapping[str, str] = {
    SObject.ACCOUNT: "001",
    SObject.CONTACT: "003",
    SObject.LEAD: "00Q",
    "Campaign": "701",
    "CampaignMember": "00v",
    "CampaignMemberStatus": "01Y",
    "Opportunity": "006",
    "OpportunityContactRole": "00K",
}
_OBJECTS = {prefix: sobject for sobject, prefix in _PREFIXES.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """A row as it will be once its transaction commits."""

    row: Row
    commit_at: datetime


class MemoryRows:
    """Rows as they are put, be they in the recycle bin or not.

    Attributes:
        pending: Rows whose transactions are under way, by id.
    """

    def __init__(self) -> None:
        self.pending: dict[str, Pending] = {}
        self._rows: dict[str, Row] = {}
        self._external: dict[tuple[str, str], str] = {}
        self._numbers = count(1)
        self._sorted: dict[str, list[Row]] = {}

    def new_id(self, sobject: str) -> str:
        """Return an id for a row to come."""
        return to_18(f"{_PREFIXES[sobject]}MEM{next(self._numbers):09d}")

    def row(self, record_id: str) -> Row:
        """Return a row that there is."""
        return self._rows[record_id]

    def find(self, record_id: str) -> Row | None:
        """Return a row, or `None` if there is none."""
        return self._rows.get(record_id)

    def all_of(self, sobject: str) -> Sequence[Row]:
        """Return all rows of an object in the order (`SystemModstamp`, `Id`)."""
        if sobject not in self._sorted:
            self._sorted[sobject] = sorted(
                (row for row in self._rows.values() if row["Id"].startswith(_PREFIXES[sobject])),
                key=lambda row: (row["SystemModstamp"], row["Id"]),
            )
        return self._sorted[sobject]

    def id_behind(self, sobject: str, external_id: str) -> str | None:
        """Return the id of the last row that was put with this external id, whatever its case."""
        return self._external.get((sobject, external_id.lower()))

    def put(self, row: Row) -> None:
        """Keep a row as it is by now."""
        sobject = object_of(row["Id"])
        self._rows[row["Id"]] = row
        self._sorted.pop(sobject, None)
        if row.get(EXTERNAL_ID):
            self._external[sobject, row[EXTERNAL_ID].lower()] = row["Id"]

    def drop(self, record_id: str) -> None:
        """Lose a row for good."""
        self._sorted.pop(object_of(record_id), None)
        del self._rows[record_id]

    def take_due(self, now: datetime) -> Sequence[Row]:
        """Return the rows whose transactions have committed; they are pending no more."""
        due = [each.row for each in self.pending.values() if each.commit_at <= now]
        self.pending = {
            each: pending for each, pending in self.pending.items() if pending.commit_at > now
        }
        return due


def object_of(record_id: str) -> str:
    """Return the object that an id is of."""
    return _OBJECTS[record_id[:3]]
