"""Does what a bulk job asks for, row by row in batches of 200."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from simulator.errors import RequestError, SalesforceError
from simulator.ids import long_id
from simulator.records.lifecycle import delete, purge
from simulator.records.writer import ManyMatchesError, Outcome, key_field
from simulator.rest.call import Call
from simulator.rest.collections import without_id
from simulator.rest.rows import Result, write_chunk
from simulator.schema import ObjectType

CHUNK = 200
WRITES = ("insert", "update", "upsert", "delete", "hardDelete")
Record = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What is to be done with which records."""

    kind: ObjectType
    operation: str
    key: str | None = None
    # Whether assignment rules run; bulk jobs run none unless they name one.
    assignment_rule: str | None = None


def check_order(call: Call, order: Order) -> None:
    """Refuse an operation that does not exist or that lacks its key."""
    if order.operation not in WRITES:
        raise SalesforceError("INVALIDJOB", f"Invalid operation: {order.operation}")
    if order.operation == "upsert":
        if not order.key or not isinstance(order.key, str):
            raise SalesforceError(
                "INVALIDJOB", "External ID was not specified for an upsert operation"
            )
        key_field(call.org.kind(order.kind.name), order.key)


def do_rows(call: Call, order: Order, records: Sequence[Record]) -> list[Result]:
    """Write the records and return what became of each, in their order."""
    quiet = {**call.request.headers, "sforce-auto-assign": order.assignment_rule or "FALSE"}
    call = replace(call, request=replace(call.request, headers=quiet))
    repeated = _repeated(order, records)

    def write(index: int) -> Outcome:
        try:
            return _write(call, order, records[index], repeated)
        except RequestError as exc:
            # In a table a value that can't be read spoils its own row only.
            raise SalesforceError(
                "INVALID_TYPE_ON_FIELD_IN_RECORD", f"Value not of required type. {exc.message}"
            ) from exc

    kinds = [order.kind] * len(records)
    results: list[Result] = []
    for start in range(0, len(records), CHUNK):
        indexes = range(start, min(start + CHUNK, len(records)))
        results += write_chunk(call, kinds, indexes, write)
    return results


def _write(call: Call, order: Order, record: Record, repeated: set[str]) -> Outcome:
    given = {name: value for name, value in record.items() if name.lower() != "id"}
    record_id = next((record[name] for name in record if name.lower() == "id"), None)
    if order.operation == "insert":
        return call.writer.create(order.kind, without_id(record))
    if order.operation == "upsert":
        return _upsert(call, order, record, repeated)
    if record_id is None:
        raise SalesforceError("MISSING_ARGUMENT", "Id not specified", fields=["Id"])
    try:
        if order.operation == "update":
            return call.writer.update(order.kind, record_id, given)
        call.writer.existing(order.kind, record_id)
        delete(call.org, record_id, call.options)
        if order.operation == "hardDelete":
            purge(call.org, record_id)
        return Outcome(record_id=long_id(record_id) or record_id)
    except SalesforceError as exc:
        if exc.code == "NOT_FOUND":
            raise SalesforceError(
                "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"
            ) from exc
        raise


def _upsert(call: Call, order: Order, record: Record, repeated: set[str]) -> Outcome:
    key = key_field(order.kind, order.key or "")
    value = next((record[name] for name in record if name.lower() == key.name.lower()), None)
    error = SalesforceError(
        "DUPLICATE_EXTERNAL_ID",
        "A user-specified external ID matches more than one record during an upsert.",
        fields=[key.name],
    )
    if str(value).lower() in repeated:
        raise error
    given = {
        name: one for name, one in record.items() if name.lower() not in {key.name.lower(), "id"}
    }
    try:
        return call.writer.upsert(order.kind, key, value, given)
    except ManyMatchesError as exc:
        raise error from exc


def _repeated(order: Order, records: Sequence[Record]) -> set[str]:
    """Return the keys that come twice in one batch of 200."""
    if order.operation != "upsert" or order.key is None:
        return set()
    lower = order.key.lower()
    seen: set[tuple[int, str]] = set()
    twice: set[str] = set()
    for index, record in enumerate(records):
        value = next((one for name, one in record.items() if name.lower() == lower), None)
        if value is not None:
            entry = (index // CHUNK, str(value).lower())
            if entry in seen:
                twice.add(entry[1])
            seen.add(entry)
    return twice


def error_text(error: SalesforceError) -> str:
    """Return a refusal as the error column of bulk results prints it."""
    fields = ", ".join(error.fields or [])
    return f"{error.code}:{error.message}:{f'{fields} ' if fields else ''}--"
