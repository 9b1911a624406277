"""Assignment rules: who owns a lead that was created or changed over the API."""

from typing import TYPE_CHECKING

from simulator.schema import ObjectType

if TYPE_CHECKING:
    from simulator.org import Org


def run(org: "Org", kind: ObjectType, record_id: str, wanted: bool | str) -> None:  # noqa: FBT001
    """Give a lead to whom the rule says, unless the request asked for none."""
    if kind.name != "Lead" or wanted is False:
        return
    if not org.features.assignment_rules and wanted != org.assignment_rule_id:
        return
    row = org.store.get(kind, record_id)
    if row is not None and row["OwnerId"] != org.assignee_id:
        org.store.update(kind, record_id, {"OwnerId": org.assignee_id})
