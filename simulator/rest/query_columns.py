"""What the columns of a query are, for command lines that print a table (``columns=true``)."""

from collections.abc import Iterator
from typing import Any

from simulator.rest.call import Call
from simulator.schema import NUMBER_TYPES, TEXT_TYPES, Field, ObjectType
from simulator.soql.functions import is_aggregate
from simulator.soql.parser import parse
from simulator.soql.tree import Call as Function
from simulator.soql.tree import Children, Item, Path, Query, TypeOf


def columns_body(call: Call, text: str) -> dict[str, Any]:
    """Return the columns of a query that is known to be answered."""
    tree = parse(text)
    kind = call.org.kind(tree.target.text)
    columns = list(_columns(call, tree, kind))
    return {
        "columnMetadata": columns,
        "entityName": kind.name,
        "groupBy": bool(tree.group),
        "idSelected": any(one["columnName"] == "Id" for one in columns),
        "keyPrefix": kind.prefix,
    }


def _columns(call: Call, tree: Query, kind: ObjectType | None) -> Iterator[dict[str, Any]]:
    prefixes = {(tree.alias or tree.target.text).lower(), tree.target.text.lower()}
    unnamed = 0
    for item in tree.selection:
        if isinstance(item, Children):
            name = item.query.target.text
            yield _column(name, joined=list(_columns(call, item.query, None)), aggregate=True)
        elif isinstance(item, TypeOf):
            yield _column(item.relationship)
        elif isinstance(item.term, Path):
            names = item.term.names
            if len(names) > 1 and names[0].lower() in prefixes:
                names = names[1:]
            yield _path(names, kind)
        elif item.term.name.upper() == "FIELDS":
            yield from _all_fields(item.term, kind)
        elif is_aggregate(item.term):
            yield _column(item.alias or f"expr{unnamed}", aggregate=True)
            unnamed += item.alias is None
        else:
            yield _column(_name_of(item, unnamed))
            unnamed += item.alias is None


def _name_of(item: Item, unnamed: int) -> str:
    """Return under which name a worked-out value comes: its own, or that of its field."""
    if item.alias is not None:
        return item.alias
    if isinstance(item.term, Function) and item.term.name.lower() in {"tolabel", "format"}:
        first = item.term.arguments[0]
        if isinstance(first, Path):
            return first.text
    return f"expr{unnamed}"


def _all_fields(function: Function, kind: ObjectType | None) -> Iterator[dict[str, Any]]:
    which = function.arguments[0]
    word = which.text.upper() if isinstance(which, Path) else "ALL"
    for item in kind.fields if kind is not None else ():
        if word == "ALL" or item.custom is (word == "CUSTOM"):
            yield _column(item.name, item)


def _path(names: tuple[str, ...], kind: ObjectType | None) -> dict[str, Any]:
    if len(names) > 1:
        return _column(names[0], joined=[_path(names[1:], None)])
    item = kind.get(names[0]) if kind is not None else None
    return _column(item.name if item is not None else names[0], item)


def _column(
    name: str,
    item: Field | None = None,
    *,
    joined: list[dict[str, Any]] | None = None,
    aggregate: bool = False,
) -> dict[str, Any]:
    kind = item.type if item is not None else "string"
    return {
        "aggregate": aggregate,
        "apexType": kind.capitalize(),
        "booleanType": kind == "boolean",
        "columnName": name,
        "custom": item is not None and item.custom,
        "displayName": name,
        "foreignKeyName": item.relationship_name if item is not None else None,
        "insertable": item is not None and item.createable,
        "joinColumns": joined or [],
        "numberType": kind in NUMBER_TYPES,
        "textType": kind in TEXT_TYPES,
        "updatable": item is not None and item.updateable,
    }
