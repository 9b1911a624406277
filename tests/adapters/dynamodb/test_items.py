"""What people see who look into the tables, and what DynamoDB makes of our numbers."""

from decimal import Context, Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from counterpart.adapters.dynamodb.attributes import MomentAttribute, ValuesAttribute
from counterpart.adapters.dynamodb.contacts import DynamoContactRepository
from counterpart.adapters.dynamodb.database import Database
from counterpart.adapters.dynamodb.runs import DynamoRunRepository
from counterpart.adapters.dynamodb.settings import DynamoSettingsRepository
from counterpart.domain.contacts import Ledger
from counterpart.domain.links import Counterpart, LinkedBy
from counterpart.domain.outcomes import Action, Outcome, Reason, Run, RunKind, RunStatus
from counterpart.domain.records import SObject
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import Value
from tests.aws import create_table
from tests.contracts.stores.samples import (
    ACCOUNT_ID,
    LEAD_ID,
    MINUTE,
    NOON,
    a_contact,
    a_counterpart,
    due,
)
from tests.contracts.stores.strategies import MOMENTS, NAMES, VALUES


def test_a_contact_is_readable(contacts: DynamoContactRepository) -> None:
    """Values are a native map; id, address, record and mark are attributes of their own."""
    values: dict[str, Value] = {
        "email": "Ada@Example.com",
        "city": None,
        "employees": 250,
        "score": 0.5,
        "active": True,
        "interests": ("chess", "tea"),
    }
    contact = a_contact(
        "ada",
        ledger=Ledger(values=values, times={"email": NOON, "city": NOON}),
        counterpart=a_counterpart(),
        waiting=due(NOON),
    )

    item = contacts._contacts.item(contact).serialize()

    assert item["fields"] == {
        "M": {
            "email": {"S": "Ada@Example.com"},
            "city": {"NULL": True},
            "employees": {"N": "250"},
            "score": {"N": "0.5"},
            "active": {"BOOL": True},
            "interests": {"L": [{"S": "chess"}, {"S": "tea"}]},
        }
    }
    assert item["email"] == {"S": "Ada@Example.com"}
    assert item["email_key"] == {"S": "ada@example.com"}
    assert item["record_id"] == {"S": LEAD_ID}
    assert item["record_object"] == {"S": "Lead"}
    assert item["waiting"]["S"].startswith("fresh#")
    assert item["next_push_at"] == {"S": "2026-11-22T12:00:00.000000Z"}
    assert item["version"] == {"N": "1"}
    assert item["ledger"] == {
        "S": '{"times":{"2026-11-22T12:00:00Z":["email","city"]},"shadows":{}}'
    }


def test_what_is_not_there_takes_no_room(contacts: DynamoContactRepository) -> None:
    """A contact without a mark is not in the index of what waits."""
    item = contacts._contacts.item(a_contact("ada")).serialize()

    assert item.keys() == {"id", "fields", "ledger", "tags", "created_at", "updated_at", "version"}


def test_a_bulk_edit_is_spread_over_shards(contacts: DynamoContactRepository) -> None:
    """No key of the index is hot; a contact always has the same shard."""
    marks = [
        contacts._contacts.item(a_contact(f"contact-{number}", waiting=due(NOON))).waiting
        for number in [*range(100), *range(100)]
    ]

    assert set(marks) == {"fresh#0", "fresh#1", "fresh#2", "fresh#3"}
    assert marks[:100] == marks[100:]


@given(st.dictionaries(NAMES, VALUES))
def test_values_survive_dynamodb(values: dict[str, Value]) -> None:
    """Also when numbers come back in DynamoDB's own form, with a type no value had before."""
    native = ValuesAttribute().serialize(values)

    back = ValuesAttribute().deserialize({key: _as_stored(each) for key, each in native.items()})

    assert back == values
    assert [type(each) for each in back.values()] == [type(each) for each in values.values()]


def _as_stored(native: dict[str, Any]) -> dict[str, Any]:
    """Return a value as DynamoDB gives it back: numbers lose their trailing zeros."""
    if "N" not in native:
        return native
    number = Decimal(native["N"])
    digits = number.as_tuple().digits
    assert len(digits) <= 38
    assert number == 0 or Decimal("1E-130") <= abs(number) <= Decimal("9.9E+125")
    return {"N": str(number.normalize(Context(prec=38)))}


@given(MOMENTS, MOMENTS)
def test_moments_sort_as_texts(one: Any, other: Any) -> None:  # noqa: ANN401 - a moment
    """An index over texts is an index over time."""
    moments = MomentAttribute()

    assert (moments.serialize(one) < moments.serialize(other)) == (one < other)
    assert moments.deserialize(moments.serialize(one)) == one


def test_a_run_expires(table_name: str, database: Database) -> None:
    """A run and its outcomes are deleted 90 days after it ended."""
    runs = DynamoRunRepository(table_name, database)
    create_table(runs._runs)
    run = Run(
        id="run",
        kind=RunKind.PULL,
        status=RunStatus.COMPLETED,
        started_at=NOON,
        finished_at=NOON + MINUTE,
        summary="",
    )
    runs.record(run, [Outcome(action=Action.SKIPPED, reason=Reason.NO_EMAIL, at=NOON)])

    client = database.connection.client
    raws = client._make_api_call("Scan", {"TableName": table_name})["Items"]

    assert sorted(raw["entry"]["S"] for raw in raws) == ["outcome#000000001", "run"]
    expires_at = int((NOON + MINUTE).timestamp()) + 90 * 24 * 60 * 60
    assert {raw["expires_at"]["N"] for raw in raws} == {str(expires_at)}


def test_settings_tell_who_changed_them(table_name: str, database: Database) -> None:
    """Each version says by whom and when."""
    settings = DynamoSettingsRepository(table_name, database)
    create_table(settings._table)

    settings.save(SyncSettings(version=1), changed_by="ada@example.com", changed_at=NOON)

    [item] = settings._table.query("sync")
    assert (item.changed_by, item.changed_at) == ("ada@example.com", NOON)


def test_a_contact_that_was_pulled_takes_one_write_unit(
    contacts: DynamoContactRepository,
) -> None:
    """Nine fields with their times and shadows stay within 1 KB; more would cost twice as much."""
    values: dict[str, Value] = {
        "email": "ada.lovelace@example.com",
        "first_name": "Augusta Ada",
        "last_name": "Lovelace",
        "job_title": "Chief Analyst",
        "phone": "+44 20 7946 0000",
        "city": "London",
        "country": "United Kingdom",
        "company_name": "Analytical Engines Ltd",
        "opted_out": False,
    }
    contact = a_contact(
        "01JD9X7N3M0000000000000000",
        ledger=Ledger(values=values, times=dict.fromkeys(values, NOON), shadows=values),
        counterpart=Counterpart(
            record_id=LEAD_ID,
            object=SObject.LEAD,
            linked_at=NOON.replace(microsecond=1),
            linked_by=LinkedBy.CREATION,
            modstamp=NOON,
        ),
        account_id=ACCOUNT_ID,
        company_id="01JD9X7N3M0000000000000000",
    )

    assert _size(contacts._contacts.item(contact).serialize()) <= 1024


def _size(native: Any) -> int:  # noqa: ANN401 - any part of an item
    """Return the bytes that DynamoDB counts: names and values."""
    if isinstance(native, str):
        return len(native.encode())
    if isinstance(native, list):
        return 3 + sum(map(_size, native))
    if isinstance(native, dict):
        return sum(
            (0 if name in {"S", "N", "M", "L", "BOOL", "NULL"} else len(name.encode()) + 1)
            + _size(each)
            for name, each in native.items()
        )
    return 1
