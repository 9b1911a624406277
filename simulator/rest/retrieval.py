"""Reads many records by id in one call."""

from simulator.errors import SalesforceError
from simulator.ids import long_id
from simulator.messages import Response, answer
from simulator.rest.call import Call
from simulator.rest.router import Route
from simulator.rest.selecting import select_list
from simulator.schema import ObjectType

MOST_READ = 2_000


def retrieve(call: Call, name: str) -> Response:
    """Read up to 2,000 records by id; what is missing is null."""
    kind = call.org.kind(name)
    body = call.request.json_object()
    fields, ids = body.get("fields"), body.get("ids")
    if not isinstance(fields, list) or not isinstance(ids, list) or not fields:
        raise SalesforceError("INVALID_ARGUMENT_TYPE", "The body takes lists of ids and fields.")
    return _retrieve(call, kind, ",".join(map(str, fields)), [str(one) for one in ids])


def retrieve_by_get(call: Call, name: str) -> Response:
    """Read records by the ids in the query string."""
    kind = call.org.kind(name)
    ids = [one for one in call.request.query.get("ids", "").split(",") if one]
    fields = call.request.query.get("fields", "")
    if not fields:
        raise SalesforceError("MALFORMED_QUERY", "The parameter 'fields' is missing.")
    return _retrieve(call, kind, fields, ids)


def _retrieve(call: Call, kind: ObjectType, fields: str, ids: list[str]) -> Response:
    if len(ids) > MOST_READ:
        raise SalesforceError(
            "EXCEEDED_ID_LIMIT", f"Too many ids: at most {MOST_READ} can be retrieved at once."
        )
    wanted = []
    for one in ids:
        full = long_id(one)
        if full is None:
            raise SalesforceError("MALFORMED_ID", f"malformed id {one}")
        wanted.append(full)
    names = select_list(kind, fields)
    found = call.org.engine.by_ids(
        f"SELECT {names} FROM {kind.name}",
        wanted,
        schema=call.org.schema,
        root=call.root,
        user_id=call.user_id,
    )
    return answer([found.get(one) for one in wanted])


_PATH = "/composite/sobjects/{name}"
ROUTES = (
    Route(method="POST", path=_PATH, resource=retrieve, kind="collections_retrieve"),
    Route(method="GET", path=_PATH, resource=retrieve_by_get, kind="collections_retrieve"),
)
