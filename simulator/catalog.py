"""Reads the objects of an org: the standard ones from here, the custom ones from a project."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from simulator.schema import (
    NUMBER_TYPES,
    SHORT_TEXT,
    TEXT_TYPES,
    Field,
    ObjectType,
    PicklistValue,
)

STANDARD = Path(__file__).parent / "metadata"

# What an object may be asked to do unless its file says otherwise.
OBJECT_FLAGS = {
    "compactLayoutable": True,
    "createable": True,
    "deepCloneable": False,
    "deletable": True,
    "feedEnabled": False,
    "layoutable": True,
    "mergeable": False,
    "mruEnabled": True,
    "queryable": True,
    "replicateable": True,
    "retrieveable": True,
    "searchLayoutable": True,
    "searchable": True,
    "triggerable": True,
    "undeletable": True,
    "updateable": True,
}
# Properties that are printed by describe and decide nothing here.
DESCRIBED_ONLY = (
    "calculated",
    "extraTypeInfo",
    "htmlFormatted",
    "inlineHelpText",
    "nameField",
    "namePointing",
    "permissionable",
    "polymorphicForeignKey",
    "searchPrefilterable",
)


def read_standard_objects(folder: Path = STANDARD) -> list[ObjectType]:
    """Return the standard objects, by name."""
    return [
        object_from(json.loads(path.read_text(encoding="utf-8")))
        for path in sorted(folder.glob("*.json"))
    ]


def object_from(raw: dict[str, Any], *, custom: bool = False) -> ObjectType:
    """Return the object that *raw* describes."""
    return ObjectType(
        name=raw["name"],
        label=raw["label"],
        label_plural=raw["labelPlural"],
        prefix=raw["keyPrefix"],
        fields=tuple(field_from(item, custom=custom) for item in raw["fields"]),
        custom=custom,
        flags={name: raw.get(name, usual) for name, usual in OBJECT_FLAGS.items()},
        urls=tuple(raw.get("urls", ("describe", "rowTemplate", "sobject"))),
        scopes=raw.get("supportedScopes", {"everything": f"All {raw['labelPlural'].lower()}"}),
    )


def field_from(raw: dict[str, Any], *, custom: bool = False) -> Field:
    """Return the field that *raw* describes, with what follows from its type."""
    kind: str = raw["type"]
    length: int = 18 if kind in {"id", "reference"} else raw.get("length", 0)
    long = kind == "textarea" and length > SHORT_TEXT
    default = raw.get("defaultValue", False if kind == "boolean" else None)
    number = kind in NUMBER_TYPES - {"int"}
    return Field(
        name=raw["name"],
        label=raw["label"],
        type=kind,
        length=length,
        precision=raw.get("precision", 18 if number else 0),
        scale=raw.get("scale", 0),
        nillable=raw.get("nillable", True),
        createable=raw.get("createable", True),
        updateable=raw.get("updateable", True),
        unique=raw.get("unique", False),
        external_id=raw.get("externalId", False),
        id_lookup=raw.get("idLookup", kind == "id"),
        case_sensitive=raw.get("caseSensitive", False),
        restricted=raw.get("restrictedPicklist", False),
        values=picklist_from(raw.get("values", ()), default),
        default=default,
        defaulted_on_create=raw.get(
            "defaultedOnCreate", kind in {"id", "boolean"} or default is not None
        ),
        reference_to=tuple(raw.get("referenceTo", ())),
        relationship_name=raw.get("relationshipName"),
        child_relationship=raw.get("childRelationship"),
        on_delete=raw.get("onDelete", "keep"),
        compound=raw.get("compoundFieldName"),
        filterable=raw.get("filterable", not long),
        sortable=raw.get("sortable", kind != "address" and not long),
        groupable=raw.get("groupable", _groupable(kind) and not long),
        aggregatable=raw.get("aggregatable", kind not in {"boolean", "address"} and not long),
        custom=custom,
        column=raw["name"],
        auto_number=raw.get("autoNumber"),
        expression=raw.get("expression"),
        described=_described(raw, kind),
    )


def picklist_from(values: Iterable[str | list[str]], default: object) -> tuple[PicklistValue, ...]:
    """Return the entries of a picklist: a value, or a value and what people see for it."""
    pairs = [(entry, entry) if isinstance(entry, str) else (entry[0], entry[1]) for entry in values]
    return tuple(
        PicklistValue(value=value, label=label, default=value == default) for value, label in pairs
    )


def _groupable(kind: str) -> bool:
    return kind not in {"double", "currency", "percent", "datetime", "address"}


def _described(raw: dict[str, Any], kind: str) -> dict[str, Any]:
    open_to_people = raw.get("createable", True) or raw.get("updateable", True)
    usual = {
        "calculated": False,
        "extraTypeInfo": "plaintextarea" if kind == "textarea" else None,
        "permissionable": open_to_people and raw.get("nillable", True),
    }
    return {name: raw.get(name, usual.get(name)) for name in DESCRIBED_ONLY} | {
        "bytes": 3 if kind in TEXT_TYPES else 1
    }
