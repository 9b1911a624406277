"""Tabular reports: declared as a feature, cut at 2,000 rows."""

from typing import Any

from simulator.errors import SalesforceError, not_found, unsupported
from simulator.ids import make_id
from simulator.messages import Response, answer
from simulator.rest.call import Call
from simulator.rest.router import Route
from simulator.schema import ObjectType

MOST_ROWS = 2_000
USUAL_COLUMNS = ("Id", "Name", "Email", "Company", "Title", "CreatedDate")
OPERATORS = {
    "equals": "=",
    "notEqual": "!=",
    "lessThan": "<",
    "greaterThan": ">",
    "lessOrEqual": "<=",
    "greaterOrEqual": ">=",
    "contains": "LIKE",
    "startsWith": "LIKE",
}


def reports_of(call: Call) -> list[dict[str, Any]]:
    """Return the reports of the org: one for each object of people, and the declared ones."""
    built_in = [{"name": f"All {kind}s", "object": kind} for kind in ("Contact", "Lead")]
    return [
        {"where": None, **one, "id": make_id("00O", position)}
        for position, one in enumerate([*built_in, *call.org.features.reports], 1)
    ]


def list_reports(call: Call) -> Response:
    """List the reports."""
    base = f"{call.root}/analytics/reports"
    return answer(
        [
            {
                "id": one["id"],
                "name": one["name"],
                "url": f"{base}/{one['id']}",
                "describeUrl": f"{base}/{one['id']}/describe",
                "instancesUrl": f"{base}/{one['id']}/instances",
            }
            for one in reports_of(call)
        ]
    )


def describe_report(call: Call, report_id: str) -> Response:
    """Answer what a report shows."""
    report = _report(call, report_id)
    kind = call.org.kind(report["object"])
    columns = _columns(report, kind)
    return answer(
        {
            "attributes": _attributes(call, report),
            "reportMetadata": _metadata(report, columns, []),
            "reportExtendedMetadata": _extended(kind, columns),
        }
    )


def run_report(call: Call, report_id: str) -> Response:
    """Run a report at once, perhaps with further filters."""
    report = _report(call, report_id)
    kind = call.org.kind(report["object"])
    columns = _columns(report, kind)
    filters: list[dict[str, Any]] = []
    if call.request.method == "POST":
        filters = _filters(call.request.json_object())
    tests = [f"({report['where']})"] if report["where"] else []
    tests += [_filter(kind, one) for one in filters]
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    named = dict.fromkeys((*columns, "Id"))
    page = call.query(
        f"SELECT {', '.join(named)} FROM {kind.name}{where} ORDER BY Id LIMIT {MOST_ROWS + 1}",
    )
    more = page.locator is not None or len(page.records) > MOST_ROWS
    rows = page.records[:MOST_ROWS]
    total = call.query(f"SELECT COUNT() FROM {kind.name}{where}").total
    details = call.request.query.get("includeDetails", "true").lower() == "true"
    fact: dict[str, Any] = {"aggregates": [{"label": str(total), "value": total}]}
    if details:
        fact["rows"] = [
            {
                "dataCells": [
                    {
                        "label": "-" if record.get(name) is None else str(record[name]),
                        "value": record.get(name),
                    }
                    for name in columns
                ]
            }
            for record in rows
        ]
    return answer(
        {
            "allData": not more,
            "attributes": _attributes(call, report),
            "factMap": {"T!T": fact},
            "groupingsAcross": {"groupings": []},
            "groupingsDown": {"groupings": []},
            "hasDetailRows": details,
            "reportExtendedMetadata": _extended(kind, columns),
            "reportMetadata": _metadata(report, columns, filters),
        }
    )


def _filters(body: dict[str, Any]) -> list[dict[str, Any]]:
    given = body.get("reportMetadata") or {}
    filters = given.get("reportFilters") or [] if isinstance(given, dict) else None
    if not isinstance(filters, list) or not all(isinstance(one, dict) for one in filters):
        raise SalesforceError("BAD_REQUEST", "reportFilters has to be a list of objects.")
    return filters


def run_later(call: Call, report_id: str) -> Response:
    """Refuse to run a report in the background."""
    _report(call, report_id)
    raise unsupported("Reports run at once here; instances are not kept.")


def _report(call: Call, report_id: str) -> dict[str, Any]:
    for one in reports_of(call):
        if one["id"][:15] == report_id[:15]:
            return one
    raise not_found()


def _columns(report: dict[str, Any], kind: ObjectType) -> list[str]:
    return list(report.get("columns") or [name for name in USUAL_COLUMNS if kind.has(name)])


def _filter(kind: ObjectType, one: dict[str, Any]) -> str:
    item = kind.get(str(one.get("column", "")).rpartition(".")[2])
    operator = OPERATORS.get(str(one.get("operator")))
    if item is None or operator is None:
        raise SalesforceError("BAD_REQUEST", "A filter needs a known column and operator.")
    value = str(one.get("value", ""))
    if item.is_text or item.is_id:
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        edges = {"contains": ("%", "%"), "startsWith": ("", "%")}.get(one["operator"], ("", ""))
        value = f"'{edges[0]}{escaped}{edges[1]}'"
    return f"{item.name} {operator} {value}"


def _attributes(call: Call, report: dict[str, Any]) -> dict[str, Any]:
    base = f"{call.root}/analytics/reports/{report['id']}"
    return {
        "describeUrl": f"{base}/describe",
        "instancesUrl": f"{base}/instances",
        "reportId": report["id"],
        "reportName": report["name"],
        "type": "Report",
    }


def _metadata(
    report: dict[str, Any], columns: list[str], filters: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "aggregates": ["RowCount"],
        "detailColumns": columns,
        "developerName": report["name"].replace(" ", "_"),
        "groupingsAcross": [],
        "groupingsDown": [],
        "hasDetailRows": True,
        "id": report["id"],
        "name": report["name"],
        "reportFilters": filters,
        "reportFormat": "TABULAR",
        "reportType": {"label": f"{report['object']}s", "type": f"{report['object']}List"},
    }


def _extended(kind: ObjectType, columns: list[str]) -> dict[str, Any]:
    shown = {}
    for name in columns:
        item = kind.get(name)
        shown[name] = {
            "dataType": item.type if item is not None else "string",
            "label": item.label if item is not None else name,
        }
    return {
        "aggregateColumnInfo": {"RowCount": {"dataType": "int", "label": "Record Count"}},
        "detailColumnInfo": shown,
        "groupingColumnInfo": {},
    }


_ALL = "/analytics/reports"
_ONE = f"{_ALL}/{{report_id}}"
ROUTES = (
    Route(method="GET", path=_ALL, resource=list_reports, kind="reports"),
    Route(method="GET", path=f"{_ONE}/describe", resource=describe_report, kind="reports"),
    Route(method="GET", path=_ONE, resource=run_report, kind="reports"),
    Route(method="POST", path=_ONE, resource=run_report, kind="reports"),
    Route(method="POST", path=f"{_ONE}/instances", resource=run_later, kind="reports"),
    Route(method="GET", path=f"{_ONE}/instances", resource=run_later, kind="reports"),
)
