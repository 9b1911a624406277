"""The page at /_simulator/: what is in the org, what was asked of it, and what goes wrong."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from simulator.errors import not_found
from simulator.messages import Request, Response, text
from simulator.schema import ObjectType
from simulator.usage import LoggedCall

if TYPE_CHECKING:
    from simulator.simulator import Simulator

HTML = "text/html; charset=UTF-8"
ROWS = 50
COLUMNS = ("Id", "Name", "Email", "Website", "Status", "AccountId", "IsDeleted", "SystemModstamp")
STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884 }
td { overflow-wrap: anywhere } th { font-weight: 600 }
"""


def handle(simulator: "Simulator", request: Request) -> Response | None:
    """Return a page if the path is one, else None."""
    if request.method != "GET":
        return None
    path = request.path.rstrip("/")
    if path == "/_simulator":
        return _page("Simulator", _overview(simulator))
    parts = path.split("/")
    if path.startswith("/_simulator/objects/"):
        kind = simulator.org.base.find(parts[3])
        if kind is None:
            raise not_found()
        if len(parts) == len(("", "_simulator", "objects", "name")):
            return _page(kind.label_plural, _records(simulator, kind, request.query.get("q", "")))
        return _page(f"{kind.label} {parts[4]}", _record(simulator, kind, parts[4]))
    return None


def _page(title: str, body: str) -> Response:
    head = f"<title>{escape(title)}</title><style>{STYLE}</style>"
    back = "" if title == "Simulator" else '<p><a href="/_simulator/">Simulator</a></p>'
    return text(
        f'<!doctype html><html lang="en"><meta charset="utf-8">{head}'
        f"<body>{back}<h1>{escape(title)}</h1>{body}</body></html>",
        HTML,
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose cells are HTML already."""
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{one}</td>" for one in row) + "</tr>" for row in rows)
    return f"<table><tr>{names}</tr>{body}</table>" if body else "<p>Nothing.</p>"


def _overview(simulator: "Simulator") -> str:
    org = simulator.org
    clock = f"{simulator.clock.now():%Y-%m-%d %H:%M:%S} UTC"
    standing = ", standing still" if simulator.clock.frozen else ""
    used = f"{simulator.usage.used()} of {org.features.daily_limit} calls in 24 hours"
    objects = (
        (
            f'<a href="/_simulator/objects/{kind.name}">{escape(kind.name)}</a>',
            str(org.store.count(kind)),
            str(len(kind.fields)),
        )
        for kind in sorted(org.base.objects.values(), key=lambda one: one.name)
    )
    faults = (
        (str(one["id"]), escape(str(one["match"])), escape(_does(one)), str(one["struck"]))
        for one in simulator.faults.as_list()
    )
    summary = simulator.usage.summary()
    kinds = ((escape(kind), str(number)) for kind, number in summary["by_kind"].items())
    calls = (
        tuple(map(escape, (call.at[11:19], call.method, call.path, call.kind, _status(call))))
        for call in reversed(simulator.usage.log)
    )
    usual = type(org.features)().as_dict()
    features = (
        (escape(name), escape(str(value)))
        for name, value in org.features.as_dict().items()
        if value != usual[name]
    )
    return (
        f"<p>{clock}{standing}. {used}. {len(org.transactions)} open transactions.</p>"
        f"<h2>Objects</h2>{_table(('object', 'records', 'fields'), objects)}"
        f"<h2>Faults in force</h2>{_table(('id', 'match', 'does', 'struck'), faults)}"
        f"<h2>Features that are not as usual</h2>{_table(('feature', 'value'), features)}"
        f"<h2>Calls by kind</h2><p>{summary['total']} calls, {summary['logins']} logins.</p>"
        f"{_table(('kind', 'calls'), kinds)}"
        f"<h2>Last calls</h2>{_table(('at', 'method', 'path', 'kind', 'status'), calls)}"
    )


def _status(call: LoggedCall) -> str:
    return str(call.status) if call.status else "dropped"


def _does(fault: dict[str, object]) -> str:
    told = [str(fault["do"]), str(fault["when"])]
    told += [str(fault[name]) for name in ("status", "error_code", "delay_s") if name in fault]
    return " ".join(told)


def _records(simulator: "Simulator", kind: ObjectType, wanted: str) -> str:
    names = [name for name in COLUMNS if kind.has(name)]
    name = next((one for one in ("Name", "Label", "Subject") if kind.has(one)), None)
    safe = wanted.replace("\\", "\\\\").replace("'", "\\'")
    where = f" WHERE {name} LIKE '%{safe}%'" if wanted and name is not None else ""
    query = f"SELECT {', '.join(names)} FROM {kind.name}{where} ORDER BY Id DESC LIMIT {ROWS}"
    records = simulator.org.system_query(query)
    rows = (
        [
            f'<a href="/_simulator/objects/{kind.name}/{record["Id"]}">{record["Id"]}</a>',
            *(escape(str(record[one] if record[one] is not None else "")) for one in names[1:]),
        ]
        for record in records
    )
    form = (
        f'<form><input name="q" value="{escape(wanted)}" placeholder="name"> '
        "<button>Search</button></form>"
    )
    return f"{form}<p>The newest {ROWS} at most.</p>{_table(names, rows)}"


def _record(simulator: "Simulator", kind: ObjectType, record_id: str) -> str:
    row = simulator.org.store.get(kind, record_id)
    if row is None:
        raise not_found()
    rows = ((escape(name), _linked(simulator, value)) for name, value in row.items())
    return _table(("column", "value"), rows)


def _linked(simulator: "Simulator", value: object) -> str:
    if value is None:
        return ""
    shown = escape(str(value))
    kind = simulator.org.base.of_id(shown) if len(shown) == len("003000000000000AAA") else None
    if kind is None:
        return shown
    return f'<a href="/_simulator/objects/{kind.name}/{quote(shown)}">{shown}</a>'
