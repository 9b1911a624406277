"""sObject collections: up to 200 records a call, each with an answer of its own."""

from collections.abc import Callable, Iterator
from typing import Any

from simulator.errors import RequestError, SalesforceError
from simulator.ids import long_id
from simulator.messages import Response, answer
from simulator.records.lifecycle import delete
from simulator.records.writer import ManyMatchesError, Outcome, key_field
from simulator.rest.call import Call
from simulator.rest.router import Route
from simulator.rest.rows import Result, Write, write_chunk
from simulator.schema import ObjectType

MOST_RECORDS = 200
MOST_CHUNKS = 10
ROLLED_BACK = (
    "Record rolled back because not all records were valid and the request was using "
    "AllOrNone header"
)
DUPLICATE_KEY = "A user-specified external ID matches more than one record during an upsert."

Body = dict[str, Any]


def create(call: Call) -> Response:
    """Create records of up to ten runs of objects."""
    records, all_or_none = _records(call)
    kinds = [_kind_of(call, record) for record in records]
    _check_chunks(kinds)

    def write(index: int) -> Outcome:
        return call.writer.create(kinds[index], without_id(records[index]))

    return answer(_run(call, kinds, write, all_or_none=all_or_none))


def without_id(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record to create; one that has an id already can't be created."""
    if any(name.lower() == "id" and value is not None for name, value in record.items()):
        raise SalesforceError(
            "INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", fields=["Id"]
        )
    return {name: value for name, value in record.items() if name.lower() != "id"}


def update(call: Call) -> Response:
    """Change records, each named by its id."""
    records, all_or_none = _records(call)
    kinds = [_kind_of(call, record) for record in records]
    _check_chunks(kinds)

    def write(index: int) -> Outcome:
        given = dict(records[index])
        record_id = next((given.pop(name) for name in list(given) if name.lower() == "id"), None)
        if record_id is None:
            raise SalesforceError("MISSING_ARGUMENT", "Id not specified in an update call")
        return _existing_or_row_error(
            lambda: call.writer.update(kinds[index], str(record_id), given)
        )

    return answer(_run(call, kinds, write, all_or_none=all_or_none))


def upsert(call: Call, name: str, field: str) -> Response:
    """Change or create records of one object, each named by an external id."""
    kind = call.org.kind(name)
    key = key_field(kind, field)
    records, all_or_none = _records(call)
    kinds = [_kind_of(call, record) for record in records]
    if any(one.name != kind.name for one in kinds):
        raise SalesforceError("INVALID_FIELD", f"Only records of {kind.name} are upserted here.")
    values = [_named(record, key.name) for record in records]
    seen = [str(value).lower() for value in values if value is not None]
    repeated = (
        {value for value in seen if seen.count(value) > 1} if len(set(seen)) < len(seen) else set()
    )

    def write(index: int) -> Outcome:
        value = values[index]
        if str(value).lower() in repeated:
            raise SalesforceError("DUPLICATE_EXTERNAL_ID", DUPLICATE_KEY, fields=[key.name])
        given = {
            name: one
            for name, one in records[index].items()
            if name.lower() not in {"id", key.name.lower()}
        }
        try:
            return call.writer.upsert(kind, key, value, given)
        except ManyMatchesError as exc:
            raise SalesforceError(
                "DUPLICATE_EXTERNAL_ID", DUPLICATE_KEY, fields=[key.name]
            ) from exc

    return answer(_run(call, kinds, write, all_or_none=all_or_none, upserting=True))


def remove(call: Call) -> Response:
    """Delete records by id."""
    ids = [one for one in call.request.query.get("ids", "").split(",") if one]
    _check_count(len(ids))
    kinds = [_kind_of_id(call, one) for one in ids]

    def write(index: int) -> Outcome:
        def act() -> Outcome:
            delete(call.org, ids[index], call.options)
            return Outcome(record_id=long_id(ids[index]) or ids[index])

        return _existing_or_row_error(act)

    return answer(_run(call, kinds, write, all_or_none=call.request.flag("allOrNone")))


def _records(call: Call) -> tuple[list[dict[str, Any]], bool]:
    body = call.request.json_object()
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise RequestError("JSON_PARSER_ERROR", "The body has to hold a list of records.")
    _check_count(len(records))
    return records, body.get("allOrNone") in {True, "true"}


def _check_count(count: int) -> None:
    if count == 0:
        raise SalesforceError("MISSING_ARGUMENT", "At least one record has to be given.")
    if count > MOST_RECORDS:
        raise SalesforceError(
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {MOST_RECORDS} records into this call",
        )


def _check_chunks(kinds: list[ObjectType]) -> None:
    chunks = sum(
        1 for index, kind in enumerate(kinds) if index == 0 or kinds[index - 1].name != kind.name
    )
    if chunks > MOST_CHUNKS:
        raise SalesforceError(
            "LIMIT_EXCEEDED",
            f"Cannot have more than {MOST_CHUNKS} chunks in a single operation. Please rearrange "
            "the data to reduce chunking.",
        )


def _kind_of(call: Call, record: dict[str, Any]) -> ObjectType:
    said = record.get("attributes")
    name = said.get("type") if isinstance(said, dict) else None
    if not isinstance(name, str):
        raise SalesforceError(
            "INVALID_TYPE", "Each record needs attributes that name its type.", fields=[]
        )
    kind = call.org.schema.find(name)
    if kind is None:
        raise SalesforceError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return kind


def _kind_of_id(call: Call, record_id: str) -> ObjectType:
    """Return the object of an id; one that is none is refused as a row of any object."""
    full = long_id(record_id)
    found = call.org.schema.of_id(full) if full is not None else None
    return found or call.org.base.objects["Account"]


def _named(record: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - as the client sent it
    return next((value for key, value in record.items() if key.lower() == name.lower()), None)


def _existing_or_row_error(act: Callable[[], Outcome]) -> Outcome:
    """Answer for a row that is gone what collections answer, which is not what a path does."""
    try:
        return act()
    except SalesforceError as exc:
        if exc.code == "NOT_FOUND":
            raise SalesforceError(
                "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[]
            ) from exc
        raise


def _run(
    call: Call,
    kinds: list[ObjectType],
    write: Write,
    *,
    all_or_none: bool,
    upserting: bool = False,
) -> list[Body]:
    results: list[Result] = []
    with call.org.store.transaction() as unit:
        for start, end in _runs(kinds):
            results += write_chunk(call, kinds, range(start, end), write)
        if all_or_none and any(isinstance(result, SalesforceError) for result in results):
            unit.cancel()
            failure = SalesforceError("ALL_OR_NONE_OPERATION_ROLLED_BACK", ROLLED_BACK)
            results = [one if isinstance(one, SalesforceError) else failure for one in results]
    return [_body(result, upserting=upserting) for result in results]


def _runs(kinds: list[ObjectType]) -> Iterator[tuple[int, int]]:
    start = 0
    for index in range(1, len(kinds) + 1):
        if index == len(kinds) or kinds[index].name != kinds[start].name:
            yield start, index
            start = index


def _body(result: Result, *, upserting: bool) -> Body:
    if isinstance(result, SalesforceError):
        return {"success": False, "errors": [result.as_row()]}
    body: Body = {"id": result.record_id, "success": True, "errors": []}
    return body | {"created": result.created} if upserting else body


_ALL = "/composite/sobjects"
ROUTES = (
    Route(method="POST", path=_ALL, resource=create, kind="collections_create"),
    Route(method="PATCH", path=_ALL, resource=update, kind="collections_update"),
    Route(method="DELETE", path=_ALL, resource=remove, kind="collections_delete"),
    Route(
        method="PATCH",
        path="/composite/sobjects/{name}/{field}",
        resource=upsert,
        kind="collections_upsert",
    ),
)
