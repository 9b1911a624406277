"""Validation rules and simple automation, declared as data.

A rule says for which object it is and, as a SOQL condition, when it applies:

* a validation rule: ``{"object", "when", "message", "field"?, "code"?}``;
* an automation: ``{"object", "on"?: ["create", "update"], "when"?, "set"?: {field: value},
  "touch"?: true, "error"?: {"code", "message"}}``.

A value to set is taken as it stands, or is worked out: ``{"field": name}``, ``{"upper": name}``,
``{"lower": name}``, ``{"concat": [name or {"text": ...}, ...]}``.
"""

from typing import TYPE_CHECKING, Any

from simulator.errors import SalesforceError
from simulator.records.derive import RULES
from simulator.schema import ObjectType
from simulator.store import Row
from simulator.values import read_value

if TYPE_CHECKING:
    from simulator.org import Org

BOTH = ("create", "update")


def validate(org: "Org", kind: ObjectType, record_id: str) -> None:
    """Refuse a record for which the condition of a validation rule holds."""
    for rule in org.features.validation_rules:
        if rule["object"] == kind.name and holds(org, kind, record_id, rule["when"]):
            raise SalesforceError(
                rule.get("code", "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
                rule["message"],
                fields=[rule["field"]] if "field" in rule else [],
            )


def run(org: "Org", kind: ObjectType, record_id: str, act: str) -> None:
    """Let automation change the record that was just written, without a user's hand."""
    for rule in org.features.automation:
        if rule["object"] != kind.name or act not in rule.get("on", BOTH):
            continue
        if "when" in rule and not holds(org, kind, record_id, rule["when"]):
            continue
        if "error" in rule:
            raise SalesforceError(
                rule["error"].get("code", "CANNOT_EXECUTE_FLOW_TRIGGER"),
                rule["error"].get("message", "We can't save this record because a flow failed."),
                fields=[],
            )
        _apply(org, kind, record_id, rule.get("set", {}))


def holds(org: "Org", kind: ObjectType, record_id: str, condition: str) -> bool:
    """Return whether a SOQL condition holds for a record."""
    query = f"SELECT Id FROM {kind.name} WHERE Id = '{record_id}' AND ({condition})"
    return bool(org.system_query(query))


def _apply(org: "Org", kind: ObjectType, record_id: str, changes: dict[str, Any]) -> None:
    # A flow sees what the integration user does not.
    kind = org.base.objects[kind.name]
    before = org.store.get(kind, record_id)
    if before is None:
        return
    row = dict(before)
    for name, wanted in changes.items():
        item = kind.get(name)
        if item is None:
            raise SalesforceError(
                "CANNOT_EXECUTE_FLOW_TRIGGER", f"The flow names no field: {name}", fields=[]
            )
        row[item.column] = read_value(item, _value(row, wanted))
    row |= org.touched()
    rule = RULES.get(kind.name)
    if rule is not None:
        rule(org, row, before)
    changed = {name: value for name, value in row.items() if before.get(name) != value}
    if changed:
        org.store.update(kind, record_id, changed)


def _value(row: Row, wanted: Any) -> Any:  # noqa: ANN401 - values of any field
    if not isinstance(wanted, dict):
        return wanted
    (how, what), *_ = wanted.items()
    if how == "field":
        return row.get(what)
    if how == "concat":
        return "".join(
            str(one["text"] if isinstance(one, dict) else row.get(one) or "") for one in what
        )
    text = row.get(what)
    if text is None:
        return None
    return str(text).upper() if how == "upper" else str(text).lower()
