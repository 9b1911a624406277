"""E-mail addresses: which are the same, and which are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.emails import domain_of, email_key, is_email
from counterpart.domain.values import FieldType, normalise, same
from tests.domain.samples import law

ADDRESSES = st.emails() | st.text(max_size=30)


@law
@given(ADDRESSES)
def test_a_key_is_its_own_key(text: str) -> None:
    """Idempotent: it does not matter how often an address was compared before."""
    key = email_key(text)

    assert email_key(key) == key


@pytest.mark.failure("F42")
@law
@given(st.emails())
def test_spelling_does_not_tell_people_apart(address: str) -> None:
    """Capitals and spaces around it are no part of an address."""
    assert email_key(f" {address.upper()}\n") == email_key(address.lower())


@law
@given(ADDRESSES, ADDRESSES)
def test_what_is_the_same_value_has_the_same_key(one: str, other: str) -> None:
    """A match by e-mail never disagrees with the comparison of the field."""
    for second in (other, one.upper(), one.lower()):
        ours, theirs = normalise(FieldType.EMAIL, one), normalise(FieldType.EMAIL, second)
        if same(FieldType.EMAIL, ours, theirs):
            assert email_key(one) == email_key(second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.com", "ada+news@example.com"),
        ("ada.l@example.com", "adal@example.com"),
        ("ada@example.com", "ada@example.org"),
    ],
)
def test_only_its_owner_knows_what_tags_and_dots_mean(one: str, other: str) -> None:
    """They are kept: two people may well share a domain and differ by a dot."""
    assert email_key(one) != email_key(other)


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_nobody_is_matched_by_a_blank(blank: str | None) -> None:
    """A blank address has no key."""
    assert email_key(blank) is None


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.com",
        "ada.lovelace+news@mail.example.co.uk",
        "o'neill@example.com",
        "ÄDA@bücher.example",
        "x@xn--bcher-kva.example",
        "a@b.museum",
        f"{'a' * 64}@example.com",
    ],
)
def test_an_address(text: str) -> None:
    """One address with a dotted domain."""
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@example",
        "ada@@example.com",
        "ada@exa mple.com",
        "ada @example.com",
        "ada@example.com, bob@example.com",
        "Ada <ada@example.com>",
        "ada..l@example.com",
        "ada@.example.com",
        "ada@example.c",
        "ada@10.0.0.1",
        f"{'a' * 65}@example.com",
        f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 20}.com",
        "a@" + "b." * 5000 + "!",
    ],
)
def test_no_address(text: str) -> None:
    """Nobody could deliver to it."""
    assert not is_email(text)


@law
@given(st.emails())
def test_the_domain_of_an_address(address: str) -> None:
    """It is what stands after the last @, in small letters."""
    domain = domain_of(address)

    assert "@" not in domain
    assert address.lower().endswith(f"@{domain}")
