"""Reads the record that a client sent: which fields, with which values."""

from typing import TYPE_CHECKING, Any, Literal

from simulator.errors import SalesforceError
from simulator.schema import Field, ObjectType
from simulator.store import Row
from simulator.values import malformed_id, read_value

if TYPE_CHECKING:
    from simulator.org import Org

AUDIT_FIELDS = frozenset({"createddate", "createdbyid", "lastmodifieddate", "lastmodifiedbyid"})
Act = Literal["create", "update"]


def read_record(org: "Org", kind: ObjectType, given: dict[str, Any], act: Act) -> Row:
    """Return the columns that *given* sets."""
    row: Row = {}
    refused: list[str] = []
    for name, raw in given.items():
        lower = name.lower()
        if lower == "attributes":
            continue
        if lower == "id":
            raise SalesforceError(
                "INVALID_FIELD", "The Id field should not be specified in the sobject data."
            )
        item = kind.by_name.get(lower)
        if item is None:
            parent = kind.by_relationship.get(lower)
            if parent is None or not (raw is None or isinstance(raw, dict)):
                raise no_such_column(kind, name)
            item, raw = parent, _parent_id(org, parent, raw)  # noqa: PLW2901
        if not _writable(org, item, act):
            refused.append(item.name)
            continue
        row[item.column] = read_value(item, raw)
    if refused:
        raise not_writable(refused)
    _check_references(org, kind, row)
    return row


def no_such_column(kind: ObjectType, name: str) -> SalesforceError:
    """Return the refusal of a field that does not exist, or is hidden, which looks the same."""
    return SalesforceError(
        "INVALID_FIELD", f"No such column '{name}' on sobject of type {kind.name}"
    )


def not_writable(names: list[str]) -> SalesforceError:
    """Return the refusal of fields that exist and can't be set."""
    return SalesforceError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(names)}. Please check the security settings "
        "of this field and verify that it is read/write for your profile or permission set.",
        fields=names,
    )


def _writable(org: "Org", item: Field, act: Act) -> bool:
    if act == "update":
        return item.updateable
    return item.createable or (org.features.audit_fields and item.name.lower() in AUDIT_FIELDS)


def _parent_id(org: "Org", reference: Field, raw: dict[str, Any] | None) -> str | None:
    """Return the id of the parent that is named by a key of its own."""
    if raw is None:
        return None
    keys = {name: value for name, value in raw.items() if name != "attributes"}
    said = raw.get("attributes")
    wanted = said.get("type") if isinstance(said, dict) else None
    if len(keys) != 1:
        raise SalesforceError(
            "INVALID_FIELD",
            f"The relationship {reference.relationship_name} has to be named by one external ID.",
        )
    name, value = next(iter(keys.items()))
    for target in reference.reference_to:
        kind = org.schema.find(target)
        item = kind.get(name) if kind is not None else None
        if kind is None or item is None or (wanted is not None and kind.name != wanted):
            continue
        if not (item.external_id or item.id_lookup):
            raise SalesforceError(
                "INVALID_FIELD",
                f"{name} is not an External ID or indexed field for {kind.name}",
            )
        key = read_value(item, value)
        found = org.store.matches(kind, item, key) if key is not None else []
        if len(found) > 1:
            raise SalesforceError(
                "DUPLICATE_EXTERNAL_ID",
                f"Foreign key external ID: {value} matches more than one record of {kind.name}",
                fields=[item.name],
            )
        if not found:
            raise SalesforceError(
                "INVALID_FIELD",
                f"Foreign key external ID: {value} not found for field {item.name} in entity "
                f"{kind.name}",
            )
        return found[0]
    raise SalesforceError(
        "INVALID_FIELD", f"No such column '{name}' on sobject of type {reference.reference_to[0]}"
    )


def _check_references(org: "Org", kind: ObjectType, row: Row) -> None:
    for column, value in row.items():
        item = kind.get(column)
        if item is None or item.type != "reference" or value is None:
            continue
        target = org.base.of_id(value)
        if target is None or target.name not in item.reference_to:
            raise malformed_id(item, value)
        if not org.alive(target, value):
            raise SalesforceError(
                "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[item.name]
            )
