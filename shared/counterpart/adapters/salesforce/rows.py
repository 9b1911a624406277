"""Turns Salesforce's rows into records. It runs for every row of every page, so it is frugal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from counterpart.domain.bounces import BOUNCED_DATE, BOUNCED_REASON
from counterpart.domain.days import as_read
from counterpart.domain.records import (
    ACCOUNT_NAME,
    BounceMark,
    Conversion,
    PlainRecord,
    Record,
    SObject,
)
from counterpart.domain.room import leave_out
from counterpart.domain.values import FieldType, Value, normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from counterpart.domain.mapping import FieldMapping

Row = dict[str, Any]
# Our name, the API name, how it is read, its blank, and whether it is plain text.
_Column = tuple[str, str, Callable[[object], Value], Any, bool]

# Where our id stands on each object: a unique external id.
EXTERNAL_ID = "Counterpart_Id__c"
# On Contacts and Accounts, in orgs that know person accounts.
IS_PERSON_ACCOUNT = "IsPersonAccount"
_MISSING: Any = object()
_NOT_BOUNCED = BounceMark()
# They tell of an address, and are no values of ours.
_BOUNCES = frozenset({BOUNCED_DATE, BOUNCED_REASON})
_TEXTS = frozenset(
    {FieldType.STRING, FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.URL}
    | {FieldType.ENUM}
)


def row_reader(
    sobject: SObject,
    fields: Sequence[FieldMapping],
    *,
    to_moment: Callable[[Any], datetime] = datetime.fromisoformat,
) -> Callable[[Row], Record]:
    """Return a function that turns a row of *sobject* into a record.

    What is the same for all rows is worked out here, once.

    Args:
        to_moment: Reads a time in a row.
    """
    own: list[_Column] = [
        (
            field.name,
            field.paths[sobject],
            _reading(field),
            normalise(field.type, None),
            field.type in _TEXTS,
        )
        for field in fields
        if "." not in field.paths.get(sobject, ".") and field.name not in _BOUNCES
    ]
    of_parents = [
        (field.name, field.paths[sobject].split("."), _reading(field))
        for field in fields
        if "." in field.paths.get(sobject, "")
    ]
    of_a_person = [each for each in of_parents if ".".join(each[1]).lower() != ACCOUNT_NAME]
    is_contact = sobject is SObject.CONTACT
    is_lead = sobject is SObject.LEAD
    tells_bounces = any(field.name == BOUNCED_DATE and sobject in field.paths for field in fields)
    spelled: list[_Column] = []

    def read(row: Row) -> Record:
        values: dict[str, Value] = {}
        unreadable: list[str] = []
        get = row.get
        for name, path, to_value, blank, is_text in spelled or _spell(spelled, own, row):
            raw = get(path, _MISSING)
            if raw is None:
                values[name] = blank
            elif raw.__class__ is str and is_text and "\r" not in raw:
                # What `to_value` would do; most values take this way, and it is far shorter.
                values[name] = raw.strip() or None
            elif raw is not _MISSING:
                try:
                    values[name] = to_value(raw)
                except ValueError:
                    unreadable.append(name)
        is_person_account = get(IS_PERSON_ACCOUNT)
        for name, steps, to_value in of_a_person if is_person_account else of_parents:
            raw = _follow(row, steps)
            if raw is not _MISSING:
                try:
                    values[name] = to_value(raw)
                except ValueError:
                    unreadable.append(name)
        unreadable += leave_out(values)
        return Record(
            id=row["Id"],
            object=sobject,
            modified_at=to_moment(row["LastModifiedDate"]),
            modstamp=to_moment(row["SystemModstamp"]),
            values=values,
            unreadable=tuple(unreadable),
            account_id=row["AccountId"] if is_contact else None,
            deleted=row["IsDeleted"],
            master_id=row["MasterRecordId"],
            conversion=_conversion(row) if is_lead else None,
            is_person_account=is_person_account,
            created_at=to_moment(made) if is_contact and (made := get("CreatedDate")) else None,
            bounce=_bounce(row, to_moment) if tells_bounces else None,
        )

    return read


def plain_reader(sobject: str, paths: Iterable[str]) -> Callable[[Row], PlainRecord]:
    """Return a function that turns a row of any object into a plain record."""
    steps = [(path, path.split(".")) for path in paths]

    def read(row: Row) -> PlainRecord:
        return PlainRecord(
            id=row["Id"],
            object=sobject,
            modified_at=datetime.fromisoformat(row["LastModifiedDate"]),
            modstamp=datetime.fromisoformat(row["SystemModstamp"]),
            values={
                path: found
                for path, names in steps
                if (found := _follow(row, names)) is not _MISSING
            },
            deleted=row["IsDeleted"],
        )

    return read


def _reading(field: FieldMapping) -> Callable[[object], Value]:
    """Return what reads the values of a field."""
    kind, zone = field.type, field.zone
    if kind is FieldType.BOOLEAN:
        # A checkbox holds neither days nor moments.
        return partial(normalise, kind)
    return lambda raw: as_read(kind, raw, zone)


def _spell(spelled: list[_Column], columns: Iterable[_Column], row: Row) -> list[_Column]:
    """Return columns by the names that Salesforce gives them, whatever their case in the mapping.

    Args:
        spelled: Where they are kept for the rows that follow.
        columns: As they are mapped.
        row: Any.
    """
    names = {key.lower(): key for key in row}
    spelled += [
        (name, names.get(path.lower(), path), to_value, blank, is_text)
        for name, path, to_value, blank, is_text in columns
    ]
    return spelled


def _follow(row: Row, steps: Sequence[str]) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return what lies at the end of a path; where there is no parent, its fields are blank."""
    found: Any = row
    for step in steps:
        if found is None:
            return None
        found = named(found, step)
        if found is _MISSING:
            return _MISSING
    return found


def named(row: Row, name: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return a value of a row by the name of its field, which ignores case."""
    found = row.get(name, _MISSING)
    if found is not _MISSING:
        return found
    return next((row[key] for key in row if key.lower() == name.lower()), _MISSING)


def _bounce(row: Mapping[str, Any], to_moment: Callable[[Any], datetime]) -> BounceMark:
    at = row[BOUNCED_DATE]
    if at is None:
        return _NOT_BOUNCED
    return BounceMark(at=to_moment(at), reason=row.get(BOUNCED_REASON) or "")


def _conversion(row: Mapping[str, Any]) -> Conversion | None:
    if not row["IsConverted"]:
        return None
    return Conversion(contact_id=row["ConvertedContactId"], account_id=row["ConvertedAccountId"])
