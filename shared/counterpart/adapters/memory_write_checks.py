"""What an org in memory checks before a write: whether it may be, and whether it is a duplicate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from counterpart.adapters import memory_schema as schema
from counterpart.domain.records import SObject
from counterpart.domain.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterpart.adapters.memory_org import MemoryOrg


def objection(
    org: MemoryOrg, sobject: str, values: Mapping[str, Any], record_id: str | None, key: str
) -> Refusal | None:
    """Return why a write is refused, if it is.

    Args:
        record_id: The row to be changed; `None` for one to be created.
        key: The id or external id by which a test may have ordered a refusal.
    """
    row = org.find(record_id) if record_id else None
    busy = record_id in org.locked or record_id in org.kept.pending
    obstacles = (
        (record_id and not row, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
        (row and row["IsDeleted"], "ENTITY_IS_DELETED", "entity is deleted"),
        (
            row and row.get("IsConverted"),
            "CANNOT_UPDATE_CONVERTED_LEAD",
            "cannot reference converted lead",
        ),
        (
            busy,
            "UNABLE_TO_LOCK_ROW",
            "unable to obtain exclusive access to this record or 1 records",
        ),
    )
    for stands, code, message in obstacles:
        if stands:
            return Refusal(code=code, message=message)
    values = org.spelt(sobject, values)
    fixed = [path for path in values if (sobject, path) in org.read_only]
    refusal = (
        org.refusals.get(key)
        or schema.objection(sobject, values, row, org.places(sobject, values))
        or schema.unwritable(fixed)
    )
    if refusal:
        # Nobody could say how the row would be.
        return refusal
    after = (row or {}) | org.stored(sobject, values)
    return next(filter(None, (rule(sobject, after) for rule in org.rules)), None)


def suspicion(
    org: MemoryOrg, sobject: SObject, values: Mapping[str, Any], *, allow_duplicates: bool
) -> Refusal | None:
    """Return why a new row is held for a duplicate, if it is.

    People are known by their address, Accounts by their name.
    """
    if org.duplicate_rule == "off" or (org.duplicate_rule == "alert" and allow_duplicates):
        return None
    own = "Email" if sobject.is_person else "Name"
    wanted = str(values.get(own) or "").lower()
    alike = tuple(
        row["Id"]
        for other in SObject
        if other.is_person == sobject.is_person
        for row in org.rows(other)
        if wanted and str(row[own] or "").lower() == wanted
        if not (row["IsDeleted"] or row.get("IsConverted"))
    )
    if not alike:
        return None
    return Refusal(code="DUPLICATES_DETECTED", message="Use one of these records?", matches=alike)
