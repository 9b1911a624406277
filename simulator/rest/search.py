"""Search: SOSL for look-ups by text, and its parameterized form."""

import re
from typing import Any

from simulator.errors import SalesforceError, unsupported
from simulator.messages import Response, answer
from simulator.rest.call import Call
from simulator.rest.router import Route
from simulator.schema import ObjectType
from simulator.soql.shapes import Record

MOST_FOUND = 2_000
SEARCHED_TYPES = {
    "EMAIL": {"email"},
    "NAME": {"name"},
    "PHONE": {"phone"},
    "ALL": {"string", "email", "phone", "url", "textarea", "picklist"},
}
_SOSL = re.compile(
    r"\s*FIND\s*\{(?P<term>(?:[^\\}]|\\.)*)\}\s*"
    r"(?:IN\s+(?P<where>ALL|EMAIL|NAME|PHONE|SIDEBAR)\s+FIELDS\s*)?"
    r"(?:RETURNING\s+(?P<returning>.+?)\s*)?(?:LIMIT\s+(?P<limit>\d+)\s*)?",
    re.IGNORECASE | re.DOTALL,
)
_TARGET = re.compile(
    r"\s*(?P<name>\w+)\s*(?:\((?P<fields>(?:[^()]|\([^()]*\))*)\))?\s*(?:,|$)", re.DOTALL
)
_CLAUSES = re.compile(r"\b(WHERE|ORDER\s+BY|LIMIT|OFFSET)\b", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(.)")
SHORTEST_TERM = 2


def search(call: Call) -> Response:
    """Answer a SOSL search."""
    text = call.request.query.get("q", "")
    match = _SOSL.fullmatch(text)
    if match is None:
        raise SalesforceError("MALFORMED_SEARCH", f"No viable alternative at: {text[:60]}")
    limit = int(match["limit"] or MOST_FOUND)
    term = _ESCAPED.sub(r"\1", match["term"])
    found: list[Record] = []
    for name, fields in _targets(match["returning"]):
        found += _found(call, name, fields, term, (match["where"] or "ALL").upper())
    return answer({"searchRecords": found[:limit]})


def parameterized(call: Call) -> Response:
    """Answer a search whose parts are given one by one."""
    given: dict[str, Any] = dict(call.request.query)
    if call.request.method == "POST":
        given = call.request.json_object()
        objects = given.get("sobjects") or []
        if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
            raise SalesforceError("MALFORMED_SEARCH", "sobjects has to be a list of objects")
        targets = [
            (str(one.get("name")), ", ".join(one.get("fields") or given.get("fields") or ["Id"]))
            for one in objects
        ]
    else:
        names = [name for name in str(given.get("sobject", "")).split(",") if name]
        targets = [(name, str(given.get("fields", "Id"))) for name in names]
    targets = targets or [(name, "Id") for name in ("Account", "Contact", "Lead")]
    where = str(given.get("in", "ALL")).upper()
    found: list[Record] = []
    for name, fields in targets:
        found += _found(call, name, fields, str(given.get("q", "")), where)
    most = int(given.get("overallLimit") or MOST_FOUND)
    return answer({"searchRecords": found[:most]})


def _targets(returning: str | None) -> list[tuple[str, str]]:
    if returning is None:
        return [(name, "Id") for name in ("Account", "Contact", "Lead")]
    targets = [(match["name"], match["fields"] or "Id") for match in _TARGET.finditer(returning)]
    if not targets:
        raise SalesforceError("MALFORMED_SEARCH", "RETURNING names no object")
    return targets


def _found(call: Call, name: str, fields: str, term: str, where: str) -> list[Record]:
    kind = call.org.schema.find(name)
    if kind is None:
        raise SalesforceError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    plain = term.strip().strip('"').strip()
    if len(plain.replace("*", "").replace("?", "")) < SHORTEST_TERM:
        raise SalesforceError("MALFORMED_SEARCH", "search term must be longer than one character")
    if re.search(r"\s(?:AND|OR|NOT)\s", f" {plain} "):
        raise unsupported("Searches with AND, OR and NOT are not worked out here.")
    tests = [_test(item.name, plain, item.type) for item in _searched(kind, where)]
    if not tests:
        return []
    clauses = _CLAUSES.split(fields, maxsplit=1)
    rest = "".join(clauses[1:])
    condition = f"({' OR '.join(tests)})"
    if clauses[1:] and clauses[1].upper() == "WHERE":
        rest = re.sub(r"^\s*WHERE\s+", "", rest, flags=re.IGNORECASE)
        split = re.split(r"\b(?=ORDER\s+BY|LIMIT|OFFSET)", rest, maxsplit=1, flags=re.IGNORECASE)
        condition = f"{condition} AND ({split[0]})"
        rest = split[1] if len(split) > 1 else ""
    text = f"SELECT {clauses[0]} FROM {kind.name} WHERE {condition} {rest}"
    return call.query(text).records


def _searched(kind: ObjectType, where: str) -> list[Any]:
    types = SEARCHED_TYPES.get(where, SEARCHED_TYPES["ALL"])
    return [
        item
        for item in kind.fields
        if item.filterable
        and item.expression is None
        and (item.type in types or ("name" in types and item.described.get("nameField")))
    ]


def _test(name: str, term: str, kind: str) -> str:
    """Return the SOQL test of one field: words begin with the term, an e-mail is the term."""
    safe = term.replace("\\", "\\\\").replace("'", "\\'").replace("_", "\\_").replace("%", "\\%")
    pattern = safe.replace("*", "%").replace("?", "_")
    if kind == "email" or "*" in term:
        return f"{name} LIKE '{pattern}'"
    return f"({name} LIKE '{pattern}%' OR {name} LIKE '% {pattern}%')"


ROUTES = (
    Route(method="GET", path="/search", resource=search, kind="search"),
    Route(method="GET", path="/parameterizedSearch", resource=parameterized, kind="search"),
    Route(method="POST", path="/parameterizedSearch", resource=parameterized, kind="search"),
)
