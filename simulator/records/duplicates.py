"""Duplicate rules: an alert can be passed by a header, a block can't."""

from typing import TYPE_CHECKING, Any

from simulator.errors import SalesforceError
from simulator.records.options import WriteOptions
from simulator.schema import ObjectType
from simulator.store import Row

if TYPE_CHECKING:
    from simulator.org import Org

# Which objects are looked through for each, and by which fields they match.
MATCHED = {"Contact": ("Contact", "Lead"), "Lead": ("Lead", "Contact"), "Account": ("Account",)}
MATCH_FIELD = {"Contact": "Email", "Lead": "Email", "Account": "Name"}


def check(
    org: "Org", kind: ObjectType, row: Row, before: Row | None, options: WriteOptions
) -> None:
    """Refuse a record that looks like another one."""
    rule = org.features.duplicate_rule
    if rule == "off" or kind.name not in MATCHED:
        return
    if rule == "alert" and options.allow_duplicates:
        return
    own = MATCH_FIELD[kind.name]
    value = row.get(own)
    if value is None or (before is not None and before.get(own) == value):
        return
    results = []
    for name in MATCHED[kind.name]:
        other = org.base.objects[name]
        item = other.get(MATCH_FIELD[name])
        if item is None:
            continue
        found = org.store.matches(other, item, value, but=row["Id"], limit=5)
        if name == "Lead":
            found = [one for one in found if not (org.store.get(other, one) or {})["IsConverted"]]
        if found:
            results.append(_match_result(org, other, found, options))
    if results:
        raise SalesforceError(
            "DUPLICATES_DETECTED",
            "Use one of these records?",
            fields=[],
            extra={"duplicateResult": _duplicate_result(kind, rule, results)},
        )


def _duplicate_result(kind: ObjectType, rule: str, results: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "allowSave": rule == "alert",
        "duplicateRule": f"Standard_{kind.name}_Duplicate_Rule",
        "duplicateRuleEntityType": kind.name,
        "errorMessage": "Use one of these records?",
        "matchResults": results,
    }


def _match_result(
    org: "Org", kind: ObjectType, found: list[str], options: WriteOptions
) -> dict[str, Any]:
    records = []
    for record_id in found:
        record: dict[str, Any] = {"attributes": {"type": kind.name}, "Id": record_id}
        if options.duplicate_details:
            row = org.store.get(kind, record_id) or {}
            record["Name"] = row.get("Name")
        records.append(
            {
                "additionalInformation": [],
                "fieldDiffs": [],
                "matchConfidence": 100.0,
                "record": record,
            }
        )
    return {
        "entityType": kind.name,
        "errors": [],
        "matchEngine": "ExactMatchEngine",
        "matchRecords": records,
        "rule": f"Standard_{kind.name}_Match_Rule_v1_1",
        "size": len(records),
        "success": True,
    }
