"""Rows become records."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from counterpart.adapters.salesforce.rows import row_reader
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.records import SObject
from counterpart.domain.values import FieldType, normalise

ROW: dict[str, Any] = {
    "Id": "00QAB00000abcDE2AY",
    "SystemModstamp": "2026-11-22T12:00:00.000+0000",
    "LastModifiedDate": "2026-11-22T11:00:00.000+0000",
    "IsDeleted": False,
    "MasterRecordId": None,
    "IsConverted": False,
    "ConvertedContactId": None,
    "ConvertedAccountId": None,
}

json_values = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.text("a\r\n\t ;1.-:TZ")
)


@given(kind=st.sampled_from(FieldType), raw=json_values, nested=st.booleans())
def test_a_value_is_in_normal_form_or_unreadable(
    kind: FieldType, raw: object, *, nested: bool
) -> None:
    """The short way that most texts take leads to the same place as the long one."""
    path = "Owner.Field__c" if nested else "Field__c"
    field = FieldMapping(name="any", type=kind, mode=Mode.TWO_WAY, paths={SObject.LEAD: path})
    row = ROW | ({"Owner": {"Field__c": raw}} if nested else {"Field__c": raw})

    record = row_reader(SObject.LEAD, [field])(row)

    try:
        expected = {"any": normalise(kind, raw)}
    except ValueError:
        expected = {}
    assert repr(record.values) == repr(expected)
    assert record.unreadable == (() if expected else ("any",))


def test_a_field_that_a_row_does_not_carry_is_absent() -> None:
    """Absent is not blank: nobody may conclude that it was cleared."""
    fields = [
        FieldMapping(
            name=path, type=FieldType.STRING, mode=Mode.TWO_WAY, paths={SObject.LEAD: path}
        )
        for path in ("Title", "Owner.Name", "Owner.Manager.Name")
    ]

    record = row_reader(SObject.LEAD, fields)(ROW | {"Owner": {"Manager": None}})

    assert record.values == {"Owner.Manager.Name": None}


def test_a_field_that_is_mapped_in_another_case() -> None:
    """API names ignore case, and rows come with Salesforce's own spelling."""
    field = FieldMapping(
        name="job_title",
        type=FieldType.STRING,
        mode=Mode.TWO_WAY,
        paths={SObject.LEAD: "TITLE"},
    )
    read = row_reader(SObject.LEAD, [field])

    records = [read(ROW | {"Title": title}) for title in ("Analyst", "Director")]

    assert [record.values for record in records] == [
        {"job_title": "Analyst"},
        {"job_title": "Director"},
    ]
