"""What rules are tried on: moments, fields, records and ledgers, and how often."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from counterpart.domain.contacts import Company, Contact, Ledger
from counterpart.domain.ids import to_18
from counterpart.domain.links import Counterpart, LinkedBy
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.records import AnyObject, Record, SObject
from counterpart.domain.values import FieldType, Value

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

# Many examples for a law, few enough that all laws together take seconds.
law = settings(max_examples=60, deadline=None)

API_NAMES = {
    "email": "Email",
    "last_name": "LastName",
    "job_title": "Title",
    "city": "City",
    "interests": "Interests__c",
    "score": "Score__c",
    "opted_out": "HasOptedOutOfEmail",
}


def a_field(
    name: str = "job_title",
    mode: Mode = Mode.TWO_WAY,
    kind: FieldType = FieldType.STRING,
    **paths: str,
) -> FieldMapping:
    """Return a field that every object has, unless *paths* say which do."""
    path = API_NAMES.get(name, name)
    everywhere: dict[AnyObject, str] = dict.fromkeys(SObject, path)
    named: dict[AnyObject, str] = {SObject(key): value for key, value in paths.items()}
    return FieldMapping(name=name, type=kind, mode=mode, paths=named or everywhere)


def record_id(number: int, sobject: SObject = SObject.LEAD) -> str:
    """Return the id of the *number*th record of an object."""
    prefix = {SObject.ACCOUNT: "001", SObject.CONTACT: "003", SObject.LEAD: "00Q"}[sobject]
    return to_18(f"{prefix}TST{number:09d}")


def a_record(
    number: int = 1,
    sobject: SObject = SObject.LEAD,
    *,
    at: datetime = NOON,
    modstamp: datetime | None = None,
    **details: Any,  # noqa: ANN401 - what a record has
) -> Record:
    """Return a record; *values* is given whole, or by what else is given."""
    return Record(
        **{
            "id": record_id(number, sobject),
            "object": sobject,
            "modified_at": at,
            "modstamp": modstamp or at,
            "values": {},
            **details,
        }
    )


def a_ledger(
    known: Mapping[str, Value] | None = None,
    *,
    at: datetime = NOON,
    seen: bool = True,
    **values: Value,
) -> Ledger:
    """Return a ledger in which both sides agree, or on which only we have an opinion."""
    values = {**(known or {}), **values}
    return Ledger(values=values, times=dict.fromkeys(values, at), shadows=values if seen else {})


def a_counterpart(
    number: int = 1,
    sobject: SObject = SObject.LEAD,
    **details: Any,  # noqa: ANN401 - what a counterpart has
) -> Counterpart:
    """Return the counterpart of whoever is linked to the *number*th record."""
    return Counterpart(
        **{
            "record_id": record_id(number, sobject),
            "object": sobject,
            "linked_at": NOON,
            "linked_by": LinkedBy.RECORD,
            **details,
        }
    )


def a_contact(contact_id: str = "ada", **details: Any) -> Contact:  # noqa: ANN401 - as above
    """Return a contact as it is stored."""
    return Contact(
        **{
            "id": contact_id,
            "ledger": Ledger(),
            "created_at": NOON,
            "updated_at": NOON,
            "version": 1,
            **details,
        }
    )


def a_company(company_id: str = "acme", **details: Any) -> Company:  # noqa: ANN401 - as above
    """Return a company as it is stored."""
    return Company(
        **{
            "id": company_id,
            "ledger": Ledger(),
            "created_at": NOON,
            "updated_at": NOON,
            "version": 1,
            **details,
        }
    )


def moments(*, hours: int = 2) -> SearchStrategy[datetime]:
    """Return whole seconds around noon: few enough that some are the same."""
    return st.integers(-60 * hours, 60 * hours).map(lambda minutes: NOON + minutes * MINUTE)


# Texts that differ, that are blank, and that are the same but for what does not matter.
TEXTS: SearchStrategy[Value] = st.sampled_from(["Engineer", "Analyst", "Director", None])

# What comes from JSON, CSV, a form or another system, and is a value of the type, or looks like it.
RAW_VALUES: dict[FieldType, SearchStrategy[object]] = {
    **dict.fromkeys(
        (FieldType.STRING, FieldType.TEXT, FieldType.PHONE, FieldType.URL, FieldType.ENUM),
        st.text(max_size=20)
        | st.text("a \r\n\t;", max_size=8)
        | st.integers()
        | st.floats(allow_nan=False),
    ),
    FieldType.EMAIL: st.emails() | st.text(max_size=20),
    FieldType.NUMBER: st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False).map(str)
    | st.integers().map(lambda number: f" {number}.0 "),
    FieldType.BOOLEAN: st.booleans() | st.sampled_from(["true", "FALSE", " True ", "", None]),
    FieldType.DATE: st.dates().map(str) | st.datetimes().map(str),
    FieldType.DATETIME: st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat()),
    FieldType.MULTI_ENUM: st.lists(st.text("ab ;", max_size=4), max_size=4)
    | st.text("ab ;", max_size=10),
}
