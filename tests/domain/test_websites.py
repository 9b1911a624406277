"""Websites: the host that people mean, however they write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.websites import host_of
from tests.domain.samples import law

LABELS = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
HOSTS = st.builds(
    lambda labels, end: ".".join([*labels, end]),
    st.lists(LABELS, min_size=1, max_size=3),
    st.sampled_from(["com", "co.uk", "example"]),
)


@pytest.mark.parametrize(
    "website",
    [
        "acme.example",
        "ACME.example",
        "  acme.example\n",
        "acme.example.",
        "www.acme.example",
        "WWW.Acme.Example",
        "//acme.example",
        "http://acme.example",
        "HTTPS://www.acme.example:8443/en/home?x=1#top",
        "https://user:secret@acme.example/",
        "acme.example/shop?ref=www.other.example",
        "acme.example:8080",
        "ftp://acme.example",
    ],
)
def test_ways_to_write_one_host(website: str) -> None:
    """Scheme, user, port, path, www and capitals say nothing about whose it is."""
    assert host_of(website) == "acme.example"


@pytest.mark.parametrize(
    ("website", "host"),
    [
        ("shop.acme.example", "shop.acme.example"),
        ("notacme.example", "notacme.example"),
        ("www2.acme.example", "www2.acme.example"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("https://XN--BCHER-KVA.example/", "xn--bcher-kva.example"),
        # A domain that somebody registered under the name of www.
        ("www.com", "www.com"),
        ("https://www.www.com", "www.com"),
    ],
)
def test_hosts_that_differ(website: str, host: str) -> None:
    """Everything else of a host counts."""
    assert host_of(website) == host


@pytest.mark.parametrize(
    "website",
    [
        "",
        "   ",
        "acme",
        "http://",
        "http:///path",
        "n/a",
        "-",
        "[not provided]",
        "http://[::1",
        "acme..example",
        "acme .example",
        f"{'a' * 64}.example",
        ".".join(["a" * 60] * 5) + ".example",
    ],
)
def test_no_host(website: str) -> None:
    """What people write into the field to leave it blank names no host."""
    assert host_of(website) is None


@law
@given(HOSTS)
def test_a_host_is_its_own_host(host: str) -> None:
    """Idempotent, also where `www` stands in front of itself."""
    found = host_of(host)

    assert found is not None
    for written in (found, f"www.{found}", f"https://{found.upper()}/", f"www.www.{found}"):
        assert host_of(written) == found


@law
@given(st.text(max_size=40) | st.text("htp:/.w[]@#?é。-", max_size=20))
def test_whatever_stands_in_the_field(website: str) -> None:
    """Total: a host or none, never an error."""
    host = host_of(website)

    assert host is None or host == host.lower().strip(".")
    assert host is None or host_of(host) == host
