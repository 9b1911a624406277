"""The statements that are asked, to the letter."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from counterpart.adapters.salesforce import soql
from counterpart.adapters.salesforce.criteria import condition
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.passes import Rows
from counterpart.domain.records import SObject
from counterpart.domain.selection import (
    Criterion,
    CriterionValue,
    Group,
    Junction,
    Operator,
    Selection,
    SelectionMode,
)
from counterpart.domain.values import FieldType
from counterpart.domain.windows import Keyset
from counterpart.errors import MissingFieldError
from counterpart.ports import PageQuery, PlainQuery

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def field(path: str) -> FieldMapping:
    """Return a field of a Contact."""
    return FieldMapping(
        name="any", type=FieldType.STRING, mode=Mode.TWO_WAY, paths={SObject.CONTACT: path}
    )


def criterion(operator: Operator, value: CriterionValue, *, kind: str = "string") -> str:
    """Return the condition for one criterion on a field of this Salesforce type."""
    group = Group(
        junction=Junction.ALL, members=(Criterion(field="F", operator=operator, value=value),)
    )
    selection = Selection(mode=SelectionMode.CRITERIA, criteria=group)
    return condition(selection, lambda _: kind)


def test_a_first_page_is_bounded_by_its_window() -> None:
    """Times are in UTC and without quotes, to the millisecond if they have one."""
    query = PageQuery(
        object=SObject.CONTACT,
        rows=Rows.LIVE,
        fields=[field("Title"), field("Account.Name"), field("title"), field("Id")],
        lower=NOON - timedelta(milliseconds=1),
        upper=NOON,
        limit=200,
    )

    assert soql.page(query, "Title != null") == (
        "SELECT Id, SystemModstamp, LastModifiedDate, IsDeleted, MasterRecordId, CreatedDate,"
        " AccountId, Title, Account.Name FROM Contact"
        " WHERE SystemModstamp >= 2026-11-22T11:59:59.999Z"
        " AND SystemModstamp < 2026-11-22T12:00:00Z"
        " AND IsDeleted = false AND Title != null"
        " ORDER BY SystemModstamp, Id LIMIT 200"
    )


def test_a_later_page_begins_right_after_the_last_row() -> None:
    """F02, F03: by stamp, and by id within a stamp."""
    query = PageQuery(
        object=SObject.LEAD,
        rows=Rows.GONE,
        fields=(),
        lower=NOON - timedelta(hours=1),
        after=Keyset(modstamp=NOON, record_id="00QAB00000abcDE2AY"),
    )

    assert soql.page(query, "") == (
        "SELECT Id, SystemModstamp, LastModifiedDate, IsDeleted, MasterRecordId, IsConverted,"
        " ConvertedContactId, ConvertedAccountId FROM Lead"
        " WHERE SystemModstamp >= 2026-11-22T12:00:00Z"
        " AND (SystemModstamp > 2026-11-22T12:00:00Z"
        " OR (SystemModstamp = 2026-11-22T12:00:00Z AND Id > '00QAB00000abcDE2AY'))"
        " AND (IsDeleted = true OR IsConverted = true)"
        " ORDER BY SystemModstamp, Id LIMIT 2000"
    )


def test_a_page_of_everything_has_no_condition() -> None:
    """The first backfill of all rows asks for no more than it needs."""
    query = PageQuery(object=SObject.ACCOUNT, rows=Rows.ALL, fields=())

    assert soql.page(query, "") == (
        "SELECT Id, SystemModstamp, LastModifiedDate, IsDeleted, MasterRecordId FROM Account"
        " ORDER BY SystemModstamp, Id LIMIT 2000"
    )
    assert " WHERE (IsDeleted = true OR Id = null) ORDER" in soql.page(query, "Id = null")


@pytest.mark.parametrize("path", ["", "1st", "Na me", "Id FROM User", "Account..Name", "Näme"])
def test_what_is_no_name_never_becomes_soql(path: str) -> None:
    """F42: paths come from settings, that is from people."""
    with pytest.raises(MissingFieldError):
        soql.paths(SObject.CONTACT, [field(path)])


@pytest.mark.failure("F42")
@given(st.text())
def test_no_text_ends_its_own_literal(text: str) -> None:
    """F42: apostrophes and backslashes are escaped, and what is escaped can be read back."""
    (literal,) = soql.lists("{}", [text])

    assert literal[0] == literal[-1] == "'"
    assert not re.search(r"(?<!\\)(?:\\\\)*'", literal[1:-1])
    plain = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
    unescaped = re.sub(r"\\(.)", lambda m: plain.get(m[1], m[1]), literal[1:-1], flags=re.DOTALL)
    assert unescaped == text


@pytest.mark.failure("F35")
@example(["00QAB00000abcDE2AY"] * 2000)
@given(st.lists(st.text(max_size=60), max_size=300))
def test_lists_are_cut_where_they_grow_long_and_nowhere_else(texts: list[str]) -> None:
    """F35: nothing is lost, nothing is too long, and short lists stay whole."""
    lists = list(soql.lists("{}", texts))

    assert ",".join(lists) == ",".join(soql.lists("{}", [text]).__next__() for text in texts)
    assert all(len(part) <= 18_000 for part in lists)
    assert len(lists) <= 1 + sum(map(len, lists)) // 17_000


@pytest.mark.parametrize(
    ("kind", "value", "literal"),
    [
        ("string", "O'Brien", r"'O\'Brien'"),
        ("picklist", 7, "'7'"),
        ("boolean", True, "true"),
        ("boolean", "False", "false"),
        ("double", "1.50", "1.5"),
        ("int", 3, "3"),
        ("currency", 1e6, "1000000"),
        ("double", 1e-7, "0.0000001"),
        ("double", "1e22", "10000000000000000000000"),
        ("time", "09:30", "09:30:00.000Z"),
        ("time", "23:59:59.999Z", "23:59:59.999Z"),
        ("date", "2026-11-22", "2026-11-22"),
        ("datetime", "2026-11-22T13:00:00+01:00", "2026-11-22T12:00:00Z"),
        ("double", None, "null"),
        ("multipicklist", ("a", "b"), "'a;b'"),
    ],
)
def test_a_value_is_written_as_its_type_wants_it(
    kind: str, value: CriterionValue, literal: str
) -> None:
    """Numbers, dates and checkboxes bear no quotes."""
    assert criterion(Operator.EQUALS, value, kind=kind) == f"(F = {literal})"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("double", "many"),
        ("double", "inf"),
        ("boolean", "maybe"),
        ("date", "today"),
        ("datetime", "2026-11-22T12:00"),
        ("time", "noon"),
        ("time", "10:00:00+01:00"),
    ],
)
def test_a_value_of_another_type_stops_its_own_object_alone(kind: str, value: str) -> None:
    """The field may have changed its type since the criterion was set."""
    with pytest.raises(MissingFieldError, match=f"F is a {kind}"):
        criterion(Operator.EQUALS, value, kind=kind)


@pytest.mark.parametrize(
    ("operator", "value", "written"),
    [
        (Operator.NOT_EQUALS, "x", "(F != 'x')"),
        (Operator.LESS_THAN, "x", "(F < 'x')"),
        (Operator.GREATER_THAN, "x", "(F > 'x')"),
        (Operator.AT_MOST, "x", "(F <= 'x')"),
        (Operator.AT_LEAST, "x", "(F >= 'x')"),
        (Operator.CONTAINS, "50%_'", r"(F LIKE '%50\%\_\'%')"),
        (Operator.STARTS_WITH, "x", "(F LIKE 'x%')"),
        (Operator.IN, ("a", "b"), "(F IN ('a','b'))"),
        (Operator.IN, (), "(Id = null)"),
        (Operator.NOT_IN, "a", "(F NOT IN ('a'))"),
        (Operator.INCLUDES, ("a", "b"), "(F INCLUDES ('a','b'))"),
        (Operator.IS_BLANK, None, "(F = null)"),
        (Operator.IS_NOT_BLANK, None, "(F != null)"),
    ],
)
def test_each_operator_has_its_words(
    operator: Operator, value: CriterionValue, written: str
) -> None:
    """The table of operators is complete."""
    assert criterion(operator, value) == written


def test_empty_groups_are_all_or_nothing() -> None:
    """All of nothing holds, any of nothing doesn't; no criteria at all take no record."""
    empty = [
        Selection(mode=SelectionMode.CRITERIA, criteria=Group(junction=junction, members=()))
        for junction in (Junction.ALL, Junction.ANY)
    ]

    assert [condition(one, str) for one in empty] == ["Id != null", "Id = null"]
    assert condition(Selection(mode=SelectionMode.CRITERIA), str) == "Id = null"


def test_a_page_of_any_object_names_whom_its_rows_belong_to() -> None:
    """Values are quoted; what every row carries is read once."""
    query = PlainQuery(
        object="CampaignMember",
        paths=["Status", "id", "Contact.AccountId"],
        among={"CampaignId": ["701A", "7'1"]},
        upper=NOON,
        limit=200,
    )

    assert soql.plain_page(query) == (
        "SELECT Id, SystemModstamp, LastModifiedDate, IsDeleted, Status, Contact.AccountId"
        " FROM CampaignMember WHERE SystemModstamp < 2026-11-22T12:00:00Z"
        " AND CampaignId IN ('701A','7\\'1') ORDER BY SystemModstamp, Id LIMIT 200"
    )


def test_two_thousand_ids_go_into_one_statement() -> None:
    """As many as one page holds; further ones go into further statements."""
    ids = [f"00v00000000{number:04d}AAA" for number in range(2001)]

    statements = soql.plain_rows("CampaignMember", ["Status"], {"Id": ids, "CampaignId": ["701A"]})

    assert [statement.count("00v0") for statement in statements] == [2000, 1]
    assert all("CampaignId IN ('701A') AND Id IN (" in statement for statement in statements)
    assert all(len(statement) < 100_000 for statement in statements)


def test_a_page_among_too_many_is_no_page() -> None:
    """Its list would be cut, and what lies beyond would never be read."""
    ids = [f"00v00000000{number:04d}AAA" for number in range(2001)]

    with pytest.raises(ValueError, match="not thousands"):
        soql.plain_page(PlainQuery(object="CampaignMember", paths=[], among={"Id": ids}))
