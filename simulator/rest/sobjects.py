"""Single records: describe, create, read, change, upsert and delete."""

from typing import Any

from simulator.describe import describe_basic, describe_global, describe_object
from simulator.errors import SalesforceError
from simulator.ids import long_id
from simulator.messages import Response, answer, no_content
from simulator.records.lifecycle import delete
from simulator.records.writer import ManyMatchesError, key_field
from simulator.rest import conditional
from simulator.rest.call import Call
from simulator.rest.related import read_related
from simulator.rest.router import Route
from simulator.rest.selecting import record_of
from simulator.schema import ObjectType
from simulator.values import read_value

# Before this version an upsert that updated answered nothing.
UPSERT_TELLS = 46.0


def list_objects(call: Call) -> Response:
    """Answer describe global."""
    return answer(describe_global(call.org.schema, call.root))


def basic(call: Call, name: str) -> Response:
    """Answer an object's basic description and what was looked at last."""
    kind = call.org.kind(name)
    return answer({"objectDescribe": describe_basic(kind, call.root), "recentItems": []})


def describe(call: Call, name: str) -> Response:
    """Answer an object's whole description."""
    kind = call.org.kind(name)
    since = call.request.headers.get("if-modified-since")
    if since is not None and not conditional.changed_since(call.org.described_at, since):
        return Response(status=304)
    url = call.simulator.instance_url(call.request)
    return answer(
        describe_object(call.org.schema, kind, call.root, url),
        headers={"Last-Modified": conditional.http_date(call.org.described_at)},
    )


def create(call: Call, name: str) -> Response:
    """Create a record."""
    kind = call.org.kind(name)
    call.simulator.fail_row(call, kind.name)
    outcome = call.writer.create(kind, call.request.json_object())
    call.simulator.fail_row_after()
    location = f"{call.root}/sobjects/{kind.name}/{outcome.record_id}"
    body = {"id": outcome.record_id, "success": True, "errors": []}
    return answer(body, 201, {"Location": location})


def read(call: Call, name: str, record_id: str) -> Response:
    """Read a record by id."""
    kind = call.org.kind(name)
    row = call.writer.existing(kind, record_id)
    conditional.check(call.request, row)
    return answer(record_of(call, kind, row["Id"]), headers=conditional.stamps(kind.name, row))


def update(call: Call, name: str, record_id: str) -> Response:
    """Change some fields of a record."""
    kind = call.org.kind(name)
    call.simulator.fail_row(call, kind.name)
    row = call.writer.existing(kind, record_id)
    conditional.check(call.request, row)
    call.writer.update(kind, record_id, call.request.json_object())
    call.simulator.fail_row_after()
    return no_content()


def remove(call: Call, name: str, record_id: str) -> Response:
    """Delete a record."""
    kind = call.org.kind(name)
    call.simulator.fail_row(call, kind.name)
    row = call.writer.existing(kind, record_id)
    delete(call.org, row["Id"], call.options)
    call.simulator.fail_row_after()
    return no_content()


def read_by_key(call: Call, name: str, field: str, value: str) -> Response:
    """Read the record that an external id names, or what hangs on the record of an id."""
    kind = call.org.kind(name)
    full = long_id(field)
    if full is not None and full.startswith(kind.prefix) and not kind.has(field):
        return read_related(call, kind, full, value)
    found = _find(call, kind, field, value)
    return answer(record_of(call, kind, found))


def upsert(call: Call, name: str, field: str, value: str) -> Response:
    """Change the record that an external id names, or create it."""
    kind = call.org.kind(name)
    key = key_field(kind, field)
    given = call.request.json_object()
    if key.type != "id" and any(one.lower() == key.name.lower() for one in given):
        raise SalesforceError(
            "INVALID_FIELD",
            f"The {key.name} field should not be specified in the sobject data.",
            fields=[],
        )
    call.simulator.fail_row(call, kind.name)
    try:
        outcome = call.writer.upsert(
            kind, key, value, given, update_only=call.request.flag("updateOnly")
        )
    except ManyMatchesError as exc:
        return _several(call, kind, exc.record_ids)
    call.simulator.fail_row_after()
    body: dict[str, Any] = {"id": outcome.record_id, "success": True, "errors": []}
    if float(call.version) >= UPSERT_TELLS:
        body["created"] = outcome.created
    elif not outcome.created:
        return no_content()
    return answer(body, 201 if outcome.created else 200)


def remove_by_key(call: Call, name: str, field: str, value: str) -> Response:
    """Delete the record that an external id names."""
    kind = call.org.kind(name)
    delete(call.org, _find(call, kind, field, value), call.options)
    return no_content()


def _find(call: Call, kind: ObjectType, field: str, value: str) -> str:
    key = key_field(kind, field)
    found = call.org.store.matches(kind, key, read_value(key, value), limit=200)
    if not found:
        raise SalesforceError("NOT_FOUND", "The requested resource does not exist")
    if len(found) > 1:
        raise ManyMatchesError(found)
    return found[0]


def _several(call: Call, kind: ObjectType, record_ids: list[str]) -> Response:
    return answer([f"{call.root}/sobjects/{kind.name}/{one}" for one in record_ids], 300)


_ONE = "/sobjects/{name}/{record_id}"
_KEY = "/sobjects/{name}/{field}/{value}"
ROUTES = (
    Route(method="GET", path="/sobjects", resource=list_objects, kind="describe_global"),
    Route(method="GET", path="/sobjects/{name}", resource=basic, kind="describe_basic"),
    Route(method="GET", path="/sobjects/{name}/describe", resource=describe, kind="describe"),
    Route(method="POST", path="/sobjects/{name}", resource=create, kind="create"),
    Route(method="GET", path=_ONE, resource=read, kind="read"),
    Route(method="PATCH", path=_ONE, resource=update, kind="update"),
    Route(method="DELETE", path=_ONE, resource=remove, kind="delete"),
    Route(method="GET", path=_KEY, resource=read_by_key, kind="read"),
    Route(method="PATCH", path=_KEY, resource=upsert, kind="upsert"),
    Route(method="DELETE", path=_KEY, resource=remove_by_key, kind="delete"),
)
