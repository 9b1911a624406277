"""Builds the records of an answer from the rows of SQLite."""

from collections.abc import Callable, Sequence
from typing import Any

Record = dict[str, Any]
Values = Sequence[Any]
Builder = Callable[[Values], Any]
# The parts of a compound address, as they are printed.
ADDRESS_PARTS = (
    ("city", "City"),
    ("country", "Country"),
    ("geocodeAccuracy", "GeocodeAccuracy"),
    ("latitude", "Latitude"),
    ("longitude", "Longitude"),
    ("postalCode", "PostalCode"),
    ("state", "State"),
    ("street", "Street"),
)


def value_builder(index: int, kind: str) -> Builder:
    """Return what reads one value; SQLite has no booleans, and counts can be whole floats."""
    if kind == "boolean":
        return lambda row: None if row[index] is None else bool(row[index])
    if kind == "int":
        return lambda row: int(row[index]) if isinstance(row[index], float) else row[index]
    if kind in {"double", "currency", "percent"}:
        return lambda row: float(row[index]) if isinstance(row[index], int) else row[index]
    return lambda row: row[index]


def address_builder(indexes: Sequence[int]) -> Builder:
    """Return what puts an address together; one of nothing is nothing."""
    names = [name for name, _ in ADDRESS_PARTS]

    def build(row: Values) -> Record | None:
        parts = [row[index] for index in indexes]
        if all(part is None for part in parts):
            return None
        return dict(zip(names, parts, strict=True))

    return build


def flat_builder(
    kind: str, base: str, names: Sequence[str], special: Sequence[tuple[str, Builder]]
) -> Builder:
    """Return what builds a record whose values follow its id in the row."""

    def build(row: Values) -> Record:
        record: Record = {"attributes": {"type": kind, "url": base + row[0]}}
        record.update(zip(names, row[1:], strict=False))
        for name, builder in special:
            record[name] = builder(row)
        return record

    return build


def nested_builder(
    kind: str | int, root: str, id_index: int, parts: Sequence[tuple[str, Builder]]
) -> Builder:
    """Return what builds a record, or nothing where there is no such row.

    *kind* is the object, or the index of the value that says which object it is.
    """

    def build(row: Values) -> Record | None:
        record_id = row[id_index]
        if record_id is None:
            return None
        name = row[kind] if isinstance(kind, int) else kind
        record: Record = {"attributes": {"type": name, "url": f"{root}/{name}/{record_id}"}}
        for key, builder in parts:
            record[key] = builder(row)
        return record

    return build


def aggregate_builder(parts: Sequence[tuple[str, Builder]]) -> Builder:
    """Return what builds one row of a grouped answer."""

    def build(row: Values) -> Record:
        record: Record = {"attributes": {"type": "AggregateResult"}}
        for key, builder in parts:
            record[key] = builder(row)
        return record

    return build
