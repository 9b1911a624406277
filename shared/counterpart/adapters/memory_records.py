"""Records of an org in memory, as far as our user sees their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.adapters.salesforce.rows import row_reader
from counterpart.domain.records import SObject
from counterpart.errors import MissingFieldError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from counterpart.adapters.memory_org import MemoryOrg
    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import Record


def records_of(
    org: MemoryOrg, sobject: SObject, rows: Iterable[Row], fields: Sequence[FieldMapping]
) -> Iterable[Record]:
    """Return the records of *rows*.

    Raises:
        MissingFieldError: the org lacks a field, or hides it.
    """
    paths = [field.paths[sobject] for field in fields if sobject in field.paths]
    require_seen(org, sobject, *paths)
    read = row_reader(sobject, fields, to_moment=lambda moment: moment)
    if any("." in path for path in paths):
        return (read(with_parents(org, row)) for row in rows)
    return map(read, rows)


def require_seen(org: MemoryOrg, sobject: str, *paths: str) -> None:
    """Make sure that our user sees these fields.

    Raises:
        MissingFieldError: it does not, or not even the object.
    """
    org.seen_fields(sobject)
    for path in paths:
        if lacks(org, sobject, path):
            raise MissingFieldError(f"No such column '{path}' on sobject of type {sobject}")


def lacks(org: MemoryOrg, sobject: str, path: str) -> bool:
    """Return whether our user does not see a field; of a parent's, it may miss an Account's."""
    parent, _, name = path.lower().rpartition(".")
    if parent == SObject.ACCOUNT.lower():
        if SObject.ACCOUNT in org.hidden_objects:
            return True
        return name not in map(str.lower, org.seen_fields(SObject.ACCOUNT))
    # Whatever other parent there is shows everything.
    wanted = f"{parent.partition('.')[0]}id" if parent else name
    return wanted not in map(str.lower, org.seen_fields(sobject))


def kind_of(org: MemoryOrg, sobject: SObject, path: str) -> str | None:
    """Return the Salesforce type of a field, or of a parent's."""
    parent, _, name = path.lower().rpartition(".")
    types = org.types[SObject.ACCOUNT if parent else sobject]
    return next((kind for known, kind in types.items() if known.lower() == name), None)


def with_parents(org: MemoryOrg, row: Row) -> Row:
    """Return a row with the Account it is part of."""
    account_id = row.get("AccountId")
    return row | {"Account": org.find(account_id) if account_id else None}


def is_gone(row: Row) -> bool:
    """Return whether a row was deleted, or is a lead that was converted."""
    return bool(row["IsDeleted"] or row.get("IsConverted"))
