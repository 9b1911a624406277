"""Which part of a host somebody registered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.adapters.public_suffixes import PublicSuffixes
from counterpart.ports import DomainNames

DOMAINS: DomainNames = PublicSuffixes()

HOSTS = st.builds(
    lambda labels, suffix: ".".join([*labels, suffix]),
    st.lists(st.text("abc-é", min_size=1, max_size=5), max_size=3),
    st.sampled_from(["com", "co.uk", "github.io", "example", "kawasaki.jp"]),
)


@pytest.mark.parametrize(
    ("host", "registrable"),
    [
        ("acme.example", "acme.example"),
        ("www.acme.example", "acme.example"),
        ("a.b.acme.co.uk", "acme.co.uk"),
        ("Shop.ACME.Example.", "acme.example"),
        ("acme.github.io", "acme.github.io"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("www.city.kawasaki.jp", "city.kawasaki.jp"),
    ],
)
def test_a_host_below_a_public_suffix(host: str, registrable: str) -> None:
    """The suffix and one label; spelling does not matter."""
    assert DOMAINS.registrable(host) == registrable


@pytest.mark.parametrize(
    "host",
    [
        "",
        " ",
        "com",
        "co.uk",
        "github.io",
        "localhost",
        "10.0.0.1",
        "[::1]",
        "::1",
        ".",
        "a..b",
        "x" * 70,
    ],
)
def test_a_host_that_nobody_registered(host: str) -> None:
    """Bare suffixes, addresses of numbers and nonsense belong to nobody."""
    assert DOMAINS.registrable(host) is None


@given(st.text(max_size=40) | HOSTS)
def test_any_text_has_an_answer(text: str) -> None:
    """And what is registrable stays so."""
    registrable = DOMAINS.registrable(text)

    if registrable is not None:
        assert DOMAINS.registrable(registrable) == registrable


@pytest.mark.parametrize(
    ("domain", "everybody"),
    [
        ("gmail.com", True),
        ("yahoo.co.uk", True),
        # Access providers.
        ("comcast.net", True),
        ("t-online.de", True),
        ("wanadoo.fr", True),
        ("btinternet.com", True),
        # Addresses to throw away.
        ("mailinator.com", True),
        ("guerrillamail.com", True),
        ("acme.example", False),
        ("notgmail.com", False),
        ("gmail.com.acme.example", False),
        ("", False),
    ],
)
def test_who_gives_addresses_to_everybody(domain: str, *, everybody: bool) -> None:
    """By lists that others maintain, which come with their packages."""
    assert DOMAINS.provides_mail(domain) is everybody
