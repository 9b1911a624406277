"""Reads custom fields and objects from the source project that a team deploys to a real org."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from simulator.catalog import field_from, object_from
from simulator.errors import SalesforceError
from simulator.schema import ObjectType

NAMESPACE = {"m": "http://soap.sforce.com/2006/04/metadata"}
# Metadata's own words for types, and the words of describe.
TYPES = {
    "AutoNumber": "string",
    "Checkbox": "boolean",
    "Currency": "currency",
    "Date": "date",
    "DateTime": "datetime",
    "Email": "email",
    "Html": "textarea",
    "LongTextArea": "textarea",
    "Lookup": "reference",
    "MasterDetail": "reference",
    "MultiselectPicklist": "multipicklist",
    "Number": "double",
    "Percent": "percent",
    "Phone": "phone",
    "Picklist": "picklist",
    "Text": "string",
    "TextArea": "textarea",
    "Url": "url",
}
LENGTHS = {"AutoNumber": 30, "Email": 80, "Phone": 40, "Url": 255, "TextArea": 255, "Picklist": 255}
MULTI_LENGTH = 4099
FIRST_CUSTOM_PREFIX = 0


def extend(objects: list[ObjectType], project: Path) -> list[ObjectType]:
    """Return *objects* with the custom fields and objects that lie in *project*."""
    found = {item.name: item for item in objects}
    for number, folder in enumerate(sorted(_object_folders(project)), FIRST_CUSTOM_PREFIX):
        base = found.get(folder.name) or _custom_object(folder, number)
        if base is None:
            continue
        fields = [
            field_from(_field(ET.parse(path).getroot(), base.name), custom=True)  # noqa: S314
            for path in sorted((folder / "fields").glob("*.field-meta.xml"))
        ]
        found[folder.name] = replace(base, fields=(*base.fields, *fields))
    return list(found.values())


def _object_folders(project: Path) -> Iterator[Path]:
    for objects in project.rglob("objects"):
        yield from (path for path in objects.iterdir() if path.is_dir())


def _text(node: ET.Element, path: str) -> str | None:
    found = node.find("/".join(f"m:{step}" for step in path.split("/")), NAMESPACE)
    return found.text if found is not None else None


def _flag(node: ET.Element, path: str) -> bool:
    return _text(node, path) == "true"


def _field(node: ET.Element, owner: str) -> dict[str, Any]:
    name, kind = _text(node, "fullName"), _text(node, "type")
    if name is None or kind not in TYPES:
        raise SalesforceError("INVALID_TYPE", f"{owner}.{name}: no field type {kind!r}")
    formula = _text(node, "formula") is not None
    read_only = formula or kind == "AutoNumber"
    raw: dict[str, Any] = {
        "name": name,
        "label": _text(node, "label") or name,
        "type": TYPES[kind],
        "calculated": formula,
        "createable": not read_only,
        "updateable": not read_only and kind != "MasterDetail",
        "nillable": not (_flag(node, "required") or kind in {"Checkbox", "MasterDetail"}),
        "unique": _flag(node, "unique"),
        "externalId": _flag(node, "externalId"),
        "idLookup": _flag(node, "externalId"),
        "caseSensitive": _flag(node, "caseSensitive"),
        "inlineHelpText": _text(node, "inlineHelpText"),
        "length": int(_text(node, "length") or LENGTHS.get(kind, 0)),
    }
    if kind == "Html":
        raw |= {"htmlFormatted": True, "extraTypeInfo": "richtextarea"}
    if kind == "AutoNumber":
        raw["autoNumber"] = _text(node, "displayFormat") or "{0}"
    return raw | _numbers(node, kind) | _choices(node, kind) | _lookup(node, kind, name)


def _numbers(node: ET.Element, kind: str) -> dict[str, Any]:
    if kind not in {"Number", "Currency", "Percent"}:
        return {"defaultValue": _text(node, "defaultValue") == "true"} if kind == "Checkbox" else {}
    return {
        "precision": int(_text(node, "precision") or 18),
        "scale": int(_text(node, "scale") or 0),
    }


def _choices(node: ET.Element, kind: str) -> dict[str, Any]:
    if kind not in {"Picklist", "MultiselectPicklist"}:
        return {}
    entries = node.findall("m:valueSet/m:valueSetDefinition/m:value", NAMESPACE)
    active = [entry for entry in entries if _text(entry, "isActive") != "false"]
    chosen = [_text(entry, "fullName") for entry in active if _flag(entry, "default")]
    choices: dict[str, Any] = {
        "values": [_text(entry, "fullName") or "" for entry in active],
        "restrictedPicklist": _flag(node, "valueSet/restricted"),
    }
    if chosen:
        choices["defaultValue"] = chosen[0]
    return choices | ({"length": MULTI_LENGTH} if kind == "MultiselectPicklist" else {})


def _lookup(node: ET.Element, kind: str, name: str) -> dict[str, Any]:
    if kind not in {"Lookup", "MasterDetail"}:
        return {}
    children = _text(node, "relationshipName")
    rule = {"Cascade": "cascade", "Restrict": "restrict"}.get(
        _text(node, "deleteConstraint") or "", "clear"
    )
    return {
        "referenceTo": [_text(node, "referenceTo") or ""],
        "relationshipName": name.removesuffix("__c") + "__r",
        "childRelationship": f"{children}__r" if children else None,
        "onDelete": "cascade" if kind == "MasterDetail" else rule,
    }


def _custom_object(folder: Path, number: int) -> ObjectType | None:
    path = folder / f"{folder.name}.object-meta.xml"
    if not path.exists():
        return None
    node = ET.parse(path).getroot()  # noqa: S314
    label = _text(node, "label") or folder.name
    naming = node.find("m:nameField", NAMESPACE)
    auto = naming is not None and _text(naming, "type") == "AutoNumber"
    name = {
        "name": "Name",
        "label": (_text(naming, "label") if naming is not None else None) or f"{label} Name",
        "type": "string",
        "length": 80,
        "nameField": True,
        "createable": not auto,
        "updateable": not auto,
        "defaultedOnCreate": True,
    }
    if auto and naming is not None:
        name["autoNumber"] = _text(naming, "displayFormat") or "{0}"
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    raw = {
        "name": folder.name,
        "label": label,
        "labelPlural": _text(node, "pluralLabel") or f"{label}s",
        "keyPrefix": f"a{digits[number // 36]}{digits[number % 36]}",
        "fields": [*_SYSTEM_FIELDS[:2], _OWNER, name, *_SYSTEM_FIELDS[2:]],
    }
    made = object_from(raw)
    return replace(made, custom=True)


_READ_ONLY = {"createable": False, "updateable": False}
_STAMPED = {**_READ_ONLY, "nillable": False, "defaultedOnCreate": True}
_USER = {"type": "reference", "referenceTo": ["User"]}
_OWNER: dict[str, Any] = {
    "name": "OwnerId",
    "label": "Owner ID",
    "type": "reference",
    "referenceTo": ["Group", "User"],
    "relationshipName": "Owner",
    "polymorphicForeignKey": True,
    "nillable": False,
    "defaultedOnCreate": True,
}
_SYSTEM_FIELDS: list[dict[str, Any]] = [
    {"name": "Id", "label": "Record ID", "type": "id", **_STAMPED},
    {"name": "IsDeleted", "label": "Deleted", "type": "boolean", **_STAMPED},
    {"name": "CreatedDate", "label": "Created Date", "type": "datetime", **_STAMPED},
    {
        "name": "CreatedById",
        "label": "Created By ID",
        **_USER,
        "relationshipName": "CreatedBy",
        **_STAMPED,
    },
    {"name": "LastModifiedDate", "label": "Last Modified Date", "type": "datetime", **_STAMPED},
    {
        "name": "LastModifiedById",
        "label": "Last Modified By ID",
        **_USER,
        "relationshipName": "LastModifiedBy",
        **_STAMPED,
    },
    {"name": "SystemModstamp", "label": "System Modstamp", "type": "datetime", **_STAMPED},
]
