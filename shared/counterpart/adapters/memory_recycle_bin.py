"""The recycle bin of an org in memory: what goes into it together comes back together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.adapters import memory_campaigns as campaigns
from counterpart.adapters import memory_opportunities as opportunities
from counterpart.adapters.memory_rows import object_of
from counterpart.domain.records import CampaignObject, SObject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.adapters.memory_org import MemoryOrg
    from counterpart.adapters.memory_rows import MemoryRows


class RecycleBin:
    """Deletes rows, brings them back, and knows what went with which.

    Args:
        org: Whose rows go.
        rows: Where they are lost for good.
    """

    def __init__(self, org: MemoryOrg, rows: MemoryRows) -> None:
        self._org = org
        self._rows = rows
        self._gone_with: dict[str, list[str]] = {}
        self._statuses_gone: dict[str, list[str]] = {}

    def delete(self, record_id: str) -> None:
        """Put a row into the recycle bin, with its Contacts, deals, roles, members and statuses."""
        self._org.edit(record_id, {"IsDeleted": True})
        for row in list(campaigns.statuses_of(self._org, record_id)):
            self._org.edit(row["Id"], {"IsDeleted": True})
            self._statuses_gone.setdefault(record_id, []).append(row["Id"])
        contacts = [
            row
            for row in self._org.rows(SObject.CONTACT)
            if row["AccountId"] == record_id and not row["IsDeleted"]
        ]
        for row in (
            *campaigns.members_with(self._org, record_id),
            *contacts,
            *opportunities.hanging_on(self._org, record_id),
        ):
            # A role may have gone a moment ago, with the Contact.
            if not self._org.row(row["Id"])["IsDeleted"]:
                self.delete(row["Id"])
                self._gone_with.setdefault(record_id, []).append(row["Id"])

    def undelete(self, record_id: str) -> None:
        """Take a row out of the recycle bin, and what went with it.

        A member whose other parent was deleted meanwhile comes back with that one. What had lost a
        merge is no part of the winner any more.
        """
        changes: dict[str, bool | None] = {"IsDeleted": False}
        if self._org.row(record_id).get("MasterRecordId"):
            changes["MasterRecordId"] = None
        self._org.edit(record_id, changes)
        for status_id in self._statuses_gone.pop(record_id, ()):
            self._org.edit(status_id, {"IsDeleted": False})
        for others in self._gone_with.values():
            # It came back by itself, and goes its own way from now on.
            others[:] = [each for each in others if each != record_id]
        for child_id in self._gone_with.pop(record_id, ()):
            row = self._org.find(child_id)
            if row is None or not row["IsDeleted"]:
                continue
            is_member = object_of(child_id) == CampaignObject.MEMBER
            if is_member and (gone := campaigns.parents_in_the_bin(self._org, row)):
                self._gone_with.setdefault(gone[0], []).append(child_id)
            else:
                self.undelete(child_id)

    def gone_with(self, record_id: str) -> Sequence[str]:
        """Return the ids of what comes back with a row."""
        return self._gone_with.get(record_id, ())

    def purge(self, record_id: str) -> None:
        """Delete a row for good, and what went into the recycle bin with it."""
        if not self._org.row(record_id)["IsDeleted"]:
            self.delete(record_id)
        gone = [*self._statuses_gone.pop(record_id, ()), *self._gone_with.pop(record_id, ())]
        for child_id in gone:
            row = self._org.find(child_id)
            if row is not None and row["IsDeleted"]:
                self.purge(child_id)
        self._rows.drop(record_id)
