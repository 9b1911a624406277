"""Laws that hold for every id, every date literal and every condition."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Simulator
from simulator.credentials import Credentials
from simulator.ids import long_id, make_id
from simulator.soql.periods import span
from tests.simulator.conftest import TOKEN, Client

DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31))
UNITS = ("WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR")


@given(number=st.integers(min_value=1, max_value=62**8))
def test_an_id_survives_the_loss_of_its_suffix_or_its_case(number: int) -> None:
    """15 characters, 18 characters and 18 without case are one id."""
    whole = make_id("003", number)

    assert long_id(whole) == long_id(whole[:15]) == long_id(whole.lower()) == whole


@given(first=st.integers(1, 62**8), second=st.integers(1, 62**8))
def test_later_ids_sort_later(first: int, second: int) -> None:
    """Ids are compared by their characters, case included."""
    assert (make_id("003", first) < make_id("003", second)) == (first < second)


@given(today=DAYS, unit=st.sampled_from(UNITS))
def test_last_this_and_next_follow_one_another(today: date, unit: str) -> None:
    """There is no gap and no overlap, and today is in this one."""
    last, this, after = (span(f"{which}_{unit}", today) for which in ("LAST", "THIS", "NEXT"))

    assert last[1] == this[0] <= today < this[1] == after[0]
    assert span(f"N_{unit}S_AGO:1", today) == last


@given(today=DAYS, count=st.integers(1, 400))
def test_the_last_days_end_with_today(today: date, count: int) -> None:
    """LAST_N_DAYS:n spans n days and today."""
    start, end = span(f"LAST_N_DAYS:{count}", today)

    assert (today - start, end - today) == (timedelta(days=count), timedelta(days=1))


@pytest.fixture(scope="module")
def crowd(credentials: Credentials) -> Client:
    """People with and without a title, an e-mail address and an account."""
    client = Client(simulator=Simulator(credentials=credentials, access_token=TOKEN))
    account = client.create("Account", Name="Acme", NumberOfEmployees=5)
    for number in range(24):
        client.create(
            "Contact",
            LastName=f"N{number}",
            Title=[None, "CEO", "ceo", "Жук"][number % 4],
            Email=f"n{number}@example.com" if number % 3 else None,
            AccountId=account if number % 2 else None,
        )
    return client


TESTS = st.sampled_from(
    [
        "Title = 'CEO'",
        "Title != 'CEO'",
        "Title = null",
        "Title LIKE '%ж%'",
        "Title IN ('ceo', null)",
        "Email > 'n2@example.com'",
        "Email NOT IN ('n1@example.com')",
        "Account.Name = 'acme'",
        "Account.NumberOfEmployees < 9",
        "CreatedDate = TODAY",
        "AccountId IN (SELECT Id FROM Account)",
        "AccountId NOT IN (SELECT Id FROM Account)",
        "DAY_ONLY(CreatedDate) >= 2026-01-01",
    ]
)
CONDITIONS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        inner.map(lambda one: f"(NOT ({one}))"),
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(
            lambda parts: f"(({parts[0]}) {parts[1]} ({parts[2]}))"
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(condition=CONDITIONS)
def test_every_row_meets_a_condition_or_its_opposite(crowd: Client, condition: str) -> None:
    """Nothing is unknown: a condition and its negation part the rows between them."""

    def found(where: str) -> set[str]:
        return set(crowd.values(f"SELECT Id FROM Contact WHERE {where}"))

    whole, half, rest = found("Id != null"), found(condition), found(f"NOT ({condition})")

    assert half | rest == whole
    assert half & rest == set()


@settings(max_examples=60, deadline=None)
@given(first=CONDITIONS, second=CONDITIONS)
def test_conditions_combine_as_sets_do(crowd: Client, first: str, second: str) -> None:
    """AND is what both find, OR is what either finds."""

    def found(where: str) -> set[str]:
        return set(crowd.values(f"SELECT Id FROM Contact WHERE {where}"))

    one, other = found(first), found(second)

    assert found(f"({first}) AND ({second})") == one & other
    assert found(f"({first}) OR ({second})") == one | other
