"""Every type of ours on every type of Salesforce that it fits: what crosses comes to rest."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.adapters.salesforce.rows import row_reader
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.records import SObject
from counterpart.domain.salesforce_types import BEST, FITS
from counterpart.domain.values import FieldType, Value, normalise, same, to_salesforce
from simulator.catalog import field_from
from simulator.errors import RequestError, SalesforceError
from simulator.values import read_value
from tests.adapters.salesforce.test_rows import ROW
from tests.domain.samples import RAW_VALUES, law

PAIRS = [(ours, theirs) for ours, fitting in FITS.items() for theirs in sorted(fitting)]


def stored(kind: str, value: object) -> Any:  # noqa: ANN401 - what JSON holds
    """Return what an org answers for a field of this type after *value* was written to it.

    Raises:
        SalesforceError: it refuses the value.
        RequestError: it cannot read it.
    """
    described = {"name": "Any__c", "label": "Any", "type": kind, "length": 60, "scale": 2}
    kept = read_value(field_from(described, custom=True), value)
    return bool(kept) if kind == "boolean" else kept


def read(kind: FieldType, raw: object) -> Value:
    """Return what comes in of a field of ours."""
    field = FieldMapping(name="any", type=kind, mode=Mode.TWO_WAY, paths={SObject.LEAD: "Any__c"})
    record = row_reader(SObject.LEAD, [field])(ROW | {"Any__c": raw})
    assert record.unreadable == ()
    return record.values["any"]


@pytest.mark.failure("F49")
@law
@given(st.data(), st.sampled_from(PAIRS))
def test_what_is_written_comes_to_rest(data: st.DataObject, pair: tuple[FieldType, str]) -> None:
    """Salesforce may trim, round, reorder or refuse; what it keeps is read, and kept the next time.

    So a value goes to and fro once at most, whichever side wins.
    """
    kind, theirs_kind = pair
    try:
        ours = normalise(kind, data.draw(RAW_VALUES[kind]))
        there = stored(theirs_kind, to_salesforce(kind, ours))
    except (ValueError, SalesforceError, RequestError):
        return

    back = read(kind, there)

    again = read(kind, stored(theirs_kind, to_salesforce(kind, back)))
    assert same(kind, back, again)


@pytest.mark.failure("F49")
@pytest.mark.failure("F62")
@pytest.mark.parametrize(
    ("theirs_kind", "written", "kept"),
    [
        ("string", " Ada ", "Ada"),
        ("textarea", "one\r\ntwo ", "one\ntwo"),
        ("double", 1.005, 1.01),
        ("double", 5, 5),
        ("percent", 25, 25),
        ("currency", "12.50", 12.5),
        ("int", 7.0, 7),
        ("boolean", None, False),
        ("date", "2026-11-22", "2026-11-22"),
        ("datetime", "2026-11-22T11:00:00+01:00", "2026-11-22T10:00:00Z"),
        ("email", "Ada@Example.com", "Ada@Example.com"),
        ("multipicklist", ["tea", "chess"], ("chess", "tea")),
        ("multipicklist", "tea;chess;tea", ("chess", "tea")),
        ("picklist", "Hot", "Hot"),
        ("combobox", "Ms.", "Ms."),
        ("phone", "+1 (415) 555-0132", "+1 (415) 555-0132"),
        ("url", "https://acme.example", "https://acme.example"),
        ("time", "10:00:00.000Z", "10:00:00.000Z"),
        ("encryptedstring", "1234", "1234"),
        ("reference", "00590000001AbCd", "00590000001AbCdAAK"),
        ("id", "00590000001AbCd", "00590000001AbCdAAK"),
    ],
)
def test_each_type_where_it_fits_best(theirs_kind: str, written: object, kept: Value) -> None:
    """There and back, in its normal form."""
    kind = BEST[theirs_kind]

    back = read(kind, stored(theirs_kind, to_salesforce(kind, normalise(kind, written))))

    assert back == kept
    assert type(back) is type(kept)


def test_every_type_of_an_org_has_been_tried() -> None:
    """A type that is added to the table is added to the examples, too."""
    (mark,) = [
        mark
        for mark in test_each_type_where_it_fits_best.pytestmark  # type: ignore[attr-defined] # pytest puts it there
        if mark.name == "parametrize"
    ]
    assert {row[0] for row in mark.args[1]} == {*BEST} - {"long"}


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (FieldType.NUMBER, "many"),
        (FieldType.DATE, "soon"),
        (FieldType.DATETIME, "2026-11-22T10:00"),
        (FieldType.BOOLEAN, "perhaps"),
        (FieldType.STRING, True),
    ],
)
def test_one_bad_value_costs_one_field(kind: FieldType, raw: object) -> None:
    """The rest of the record comes in, and the field is named."""
    fields = [
        FieldMapping(name=name, type=each, mode=Mode.TWO_WAY, paths={SObject.LEAD: path})
        for name, each, path in (("any", kind, "Any__c"), ("title", FieldType.STRING, "Title"))
    ]

    record = row_reader(SObject.LEAD, fields)(ROW | {"Any__c": raw, "Title": "CTO"})

    assert record.values == {"title": "CTO"}
    assert record.unreadable == ("any",)
