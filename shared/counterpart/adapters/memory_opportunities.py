"""Opportunities of an org in memory: how they hang on Accounts, and people's roles on both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.opportunities import OPPORTUNITY, ROLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from counterpart.adapters.memory_org import MemoryOrg
    from counterpart.adapters.salesforce.rows import Row

_WON, _LOST = "Closed Won", "Closed Lost"
# What goes with its parent: an object, and by which field it hangs on it.
_HANGS_BY = ((OPPORTUNITY, "AccountId"), (ROLE, "OpportunityId"), (ROLE, "ContactId"))
# How far a lead that becomes an opportunity has come.
_FIRST_STAGE = "Qualification"


def settle(row: Row) -> Row:
    """Return an opportunity's row with what follows from its stage."""
    stage = row["StageName"]
    return row | {"IsClosed": stage in {_WON, _LOST}, "IsWon": stage == _WON}


def hanging_on(org: MemoryOrg, record_id: str) -> list[Row]:
    """Return the live opportunities of an Account, or the live roles of whatever has some."""
    return [row for row, _ in _hanging_on(org, record_id) if not row["IsDeleted"]]


def move(org: MemoryOrg, before_id: str, after_id: str) -> None:
    """Let what hangs on the loser of a merge hang on the winner; no user has changed it by that."""
    for row, path in list(_hanging_on(org, before_id)):
        org.touch(row["Id"], {path: after_id})


def of_lead(org: MemoryOrg, name: str, *, account_id: str, contact_id: str) -> str:
    """Create the opportunity that a lead is converted to, with its Contact as the primary one."""
    values = {
        "Name": name,
        "AccountId": account_id,
        "StageName": _FIRST_STAGE,
        "CloseDate": f"{org.now():%Y-%m-%d}",
    }
    opportunity_id = org.add(OPPORTUNITY, values)
    role = {"OpportunityId": opportunity_id, "ContactId": contact_id, "IsPrimary": True}
    org.add(ROLE, role)
    return opportunity_id


def _hanging_on(org: MemoryOrg, record_id: str) -> Iterator[tuple[Row, str]]:
    for sobject, path in _HANGS_BY:
        for row in list(org.rows(sobject)):
            if row[path] == record_id:
                yield row, path
