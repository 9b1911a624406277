"""Selects the fields of a record that a caller wants."""

from typing import Any

from simulator.records.given import no_such_column
from simulator.rest.call import Call
from simulator.schema import ObjectType
from simulator.soql.shapes import Record


def record_of(call: Call, kind: ObjectType, record_id: str) -> Record:
    """Return a record with the fields that the request wants, or all."""
    names = select_list(kind, call.request.query.get("fields"))
    text = f"SELECT {names} FROM {kind.name} WHERE Id = '{record_id}'"
    return call.query(text, all_rows=True).records[0]


def select_list(kind: ObjectType, wanted: str | None) -> str:
    """Return the fields to select: the *wanted* ones, or all."""
    if not wanted:
        return ", ".join(item.name for item in kind.fields)
    names: dict[str, Any] = {}
    for name in (part.strip() for part in wanted.split(",")):
        if "." not in name and not kind.has(name):
            raise no_such_column(kind, name)
        names[name.lower()] = name
    return ", ".join(names.values())
