"""Ids: Salesforce's in their long form, ours derived or fresh."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.ids import derived_id, given_id, is_salesforce_id, new_id, to_18
from counterpart.domain.records import SObject, object_of, record_id_in
from tests.domain.samples import NOON, law

SHORT_IDS = st.from_regex(r"[a-zA-Z0-9]{15}", fullmatch=True)
ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


@pytest.mark.failure("F16")
@pytest.mark.parametrize(
    ("short", "long"),
    [
        # As Salesforce's own documents and recordings of an org show them.
        ("0035500001H9cak", "0035500001H9cakAAB"),
        ("0035500001H9ka4", "0035500001H9ka4AAB"),
        ("01gD0000002HU6K", "01gD0000002HU6KIAW"),
        ("000000000000000", "000000000000000AAA"),
        ("aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaAAA"),
        ("AAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAA555"),
    ],
)
def test_a_short_id_gets_its_suffix(short: str, long: str) -> None:
    """The suffix says which letters are capitals."""
    assert to_18(short) == long


@law
@given(SHORT_IDS)
def test_a_long_id_stays(short: str) -> None:
    """Idempotent, and the first fifteen characters are never touched."""
    long = to_18(short)

    assert to_18(long) == long
    assert long[:15] == short
    assert is_salesforce_id(long)


@law
@given(SHORT_IDS, SHORT_IDS)
def test_ids_stay_apart_where_case_is_ignored(one: str, other: str) -> None:
    """Lossless: two short ids are the same if and only if their long forms are, in any case."""
    for second in (other, one.swapcase(), one):
        assert (one == second) == (to_18(one).lower() == to_18(second).lower())


@law
@given(st.text(max_size=20) | SHORT_IDS | SHORT_IDS.map(to_18))
def test_what_is_no_id_is_refused(text: str) -> None:
    """Total: a text is converted or refused with a sentence."""
    if is_salesforce_id(text):
        assert len(to_18(text)) == 18
    else:
        with pytest.raises(ValueError, match="15 or 18"):
            to_18(text)


@law
@given(SHORT_IDS)
def test_an_id_that_somebody_gave(short: str) -> None:
    """In each of its forms it is the same; a long one gets the case back that was lost."""
    long = to_18(short)

    assert {given_id(each) for each in (short, long, long.lower(), long.upper())} == {long}


@pytest.mark.parametrize(
    "text",
    ["0035500001H9caKAAB", "0035500001H9cakAAC", "00Qxxxxxxxxxxxxxxx", "00qxxxxxxxxxxxxaa!", ""],
)
def test_an_id_that_was_mistyped(text: str) -> None:
    """Its last characters contradict the others, or it is none."""
    assert given_id(text) is None


@pytest.mark.parametrize("text", ["", "0035500001H9ca", "0035500001H9cakA", "0035500001H9ca\n"])
def test_an_id_of_another_length(text: str) -> None:
    """Only 15 and 18 are lengths of ids."""
    assert not is_salesforce_id(text)


@pytest.mark.parametrize(
    ("record_id", "sobject"),
    [
        ("001000000000001AAA", SObject.ACCOUNT),
        ("003000000000001AAA", SObject.CONTACT),
        ("00Q000000000001EAA", SObject.LEAD),
        ("00q000000000001AAA", None),
        ("701000000000001AAA", None),
        ("", None),
    ],
)
def test_the_object_of_an_id(record_id: str, sobject: SObject | None) -> None:
    """The first three characters tell, capitals included."""
    assert object_of(record_id) is sobject


@pytest.mark.parametrize(
    ("text", "record_id"),
    [
        ("00q000000000001eaa", "00Q000000000001EAA"),
        ("00Q000000000001", "00Q000000000001EAA"),
        ("00Q000000000001AAA", None),
        ("701000000000001AAA", None),
    ],
)
def test_the_record_that_somebody_named(text: str, record_id: str | None) -> None:
    """Of an object that is synced, and told by its long form."""
    assert record_id_in(text) == record_id


@law
@given(st.lists(st.text(max_size=5), max_size=3), st.lists(st.text(max_size=5), max_size=3))
def test_a_derived_id_is_the_same_again(parts: list[str], others: list[str]) -> None:
    """Whoever derives it after a crash gets the same, and nobody else does."""
    assert ULID.fullmatch(derived_id(*parts))
    assert derived_id(*parts) == derived_id(*parts)
    if parts != others and "\x1f" not in "".join(parts + others) and parts and others:
        assert derived_id(*parts) != derived_id(*others)


@law
@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_a_fresh_id_sorts_by_time(start: int, later: int) -> None:
    """Monotone: what was made later comes later, and no two are the same."""
    first = NOON + timedelta(milliseconds=start)
    second = first + timedelta(milliseconds=later)

    assert ULID.fullmatch(new_id(first))
    assert new_id(first) < new_id(second)
    assert new_id(first) != new_id(first)
