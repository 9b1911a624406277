"""List views: declared as a feature, with two that every object has."""

from datetime import UTC
from typing import Any

from simulator.clock import parse_stamp
from simulator.errors import SalesforceError, not_found
from simulator.ids import make_id
from simulator.messages import Response, answer
from simulator.rest.call import Call
from simulator.rest.router import Route
from simulator.schema import Field, ObjectType

DEFAULT_SIZE, LARGEST_SIZE = 25, 2_000
# How list views write a moment, which is like nowhere else.
MOMENT = "%a %b %d %H:%M:%S GMT %Y"
USUAL_COLUMNS = (
    "Name",
    "Company",
    "Email",
    "Title",
    "Phone",
    "Status",
    "CreatedDate",
    "SystemModstamp",
)


def views_of(call: Call, kind: ObjectType) -> list[dict[str, Any]]:
    """Return the list views of an object."""
    columns = [name for name in USUAL_COLUMNS if kind.has(name)]
    built_in = [
        {"developerName": f"All{kind.name}s", "label": f"All {kind.label_plural}"},
        {
            "developerName": f"My{kind.name}s",
            "label": f"My {kind.label_plural}",
            "scope": "mine",
        },
    ]
    declared = [one for one in call.org.features.list_views if one.get("object") == kind.name]
    ordinal = sorted(call.org.base.objects).index(kind.name) * 1_000
    return [
        {
            "columns": columns,
            "scope": "everything",
            "where": None,
            "order": "Name ASC NULLS FIRST, Id ASC NULLS FIRST" if kind.has("Name") else "Id ASC",
            **view,
            "id": make_id("00B", ordinal + position),
        }
        for position, view in enumerate([*built_in, *declared], 1)
    ]


def list_views(call: Call, name: str) -> Response:
    """List the list views of an object."""
    kind = call.org.kind(name)
    base = f"{call.root}/sobjects/{kind.name}/listviews"
    views = [
        {
            "describeUrl": f"{base}/{view['id']}/describe",
            "developerName": view["developerName"],
            "id": view["id"],
            "label": view["label"],
            "resultsUrl": f"{base}/{view['id']}/results",
            "soqlCompatible": True,
            "url": f"{base}/{view['id']}",
        }
        for view in views_of(call, kind)
    ]
    return answer(
        {
            "done": True,
            "listviews": views,
            "nextRecordsUrl": None,
            "size": len(views),
            "sobjectType": kind.name,
        }
    )


def describe_view(call: Call, name: str, view_id: str) -> Response:
    """Answer what a list view shows, its query above all."""
    kind = call.org.kind(name)
    view = _view(call, kind, view_id)
    return answer(
        {
            "columns": [_column(kind, path) for path in view["columns"]],
            "id": view["id"],
            "orderBy": [
                {
                    "fieldNameOrPath": part.split()[0],
                    "nullsPosition": "first",
                    "sortDirection": "descending" if " DESC" in part.upper() else "ascending",
                }
                for part in view["order"].split(",")
            ],
            "query": _query(kind, view),
            "relatedEntityId": None,
            "scope": view["scope"],
            "scopeEntityId": None,
            "sobjectType": kind.name,
            "whereCondition": {"soql": view["where"]}
            if view["where"]
            else {"conditions": [], "conjunction": "and"},
        }
    )


def results(call: Call, name: str, view_id: str) -> Response:
    """Answer the rows of a list view, 25 unless asked for more."""
    kind = call.org.kind(name)
    view = _view(call, kind, view_id)
    limit = _number(call, "limit", DEFAULT_SIZE, LARGEST_SIZE)
    offset = _number(call, "offset", 0, LARGEST_SIZE)
    page = call.query(f"{_query(kind, view)} LIMIT {limit + 1} OFFSET {offset}")
    shown = page.records[:limit]
    paths = [*view["columns"], *(one for one in ("Id",) if one not in view["columns"])]
    return answer(
        {
            "columns": [_column(kind, path) for path in paths],
            "developerName": view["developerName"],
            "done": len(page.records) <= limit,
            "id": view["id"],
            "label": view["label"],
            "records": [
                {
                    "columns": [
                        {"fieldNameOrPath": path, "value": _shown(kind, path, record)}
                        for path in paths
                    ]
                }
                for record in shown
            ],
            "size": len(shown),
        }
    )


def _view(call: Call, kind: ObjectType, view_id: str) -> dict[str, Any]:
    for view in views_of(call, kind):
        if view["id"][:15] == view_id[:15] or view["developerName"] == view_id:
            return view
    raise not_found()


def _query(kind: ObjectType, view: dict[str, Any]) -> str:
    selected = []
    for path in view["columns"]:
        item = kind.get(path)
        labelled = item is not None and item.type == "picklist"
        selected.append(f"toLabel({path})" if labelled else path)
    if "Id" not in view["columns"]:
        selected.append("Id")
    scope = f" USING SCOPE {view['scope']}" if view["scope"] != "everything" else ""
    where = f" WHERE {view['where']}" if view["where"] else ""
    return f"SELECT {', '.join(selected)} FROM {kind.name}{scope}{where} ORDER BY {view['order']}"


def _column(kind: ObjectType, path: str) -> dict[str, Any]:
    item: Field | None = kind.get(path)
    return {
        "ascendingLabel": None,
        "descendingLabel": None,
        "fieldNameOrPath": path,
        "hidden": path in {"Id", "SystemModstamp"},
        "label": item.label if item is not None else path,
        "searchable": False,
        "selectListItem": f"toLabel({path})"
        if item is not None and item.type == "picklist"
        else path,
        "sortDirection": None,
        "sortIndex": None,
        "sortable": item is None or item.sortable,
        "type": item.type if item is not None else "string",
    }


def _shown(kind: ObjectType, path: str, record: dict[str, Any]) -> str | None:
    value: Any = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    item = kind.get(path)
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if item is not None and item.type == "datetime":
        return parse_stamp(value).astimezone(UTC).strftime(MOMENT)
    # Ids lose their suffix here.
    return str(value)[:15] if item is not None and item.type == "id" else str(value)


def _number(call: Call, name: str, usual: int, largest: int) -> int:
    text = call.request.query.get(name, str(usual))
    if not text.isdecimal() or int(text) > largest:
        raise SalesforceError("INVALID_QUERY_FILTER_OPERATOR", f"{name} is at most {largest}")
    return int(text)


_ALL = "/sobjects/{name}/listviews"
ROUTES = (
    Route(method="GET", path=_ALL, resource=list_views, kind="list_views"),
    Route(
        method="GET", path=_ALL + "/{view_id}/describe", resource=describe_view, kind="list_views"
    ),
    Route(method="GET", path=_ALL + "/{view_id}/results", resource=results, kind="list_views"),
)
