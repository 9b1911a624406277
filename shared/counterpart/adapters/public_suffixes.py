"""The public-suffix list, as it came with its package: no download at run time."""

from __future__ import annotations

import ipaddress
from functools import cached_property

from publicsuffixlist import PublicSuffixList


class PublicSuffixes:
    """Registrable domains by https://publicsuffix.org, its private section included.

    So `acme.github.io` is one customer's domain and not GitHub's. A top-level domain that the list
    does not know counts as a public suffix.
    """

    def registrable(self, host: str) -> str | None:
        """Return the registrable domain in lower case and ASCII (IDNA)."""
        try:
            name = host.strip().rstrip(".").encode("idna").decode("ascii").lower()
        except UnicodeError:
            return None
        if not name or _is_address(name):
            return None
        return self._suffixes.privatesuffix(name)

    @cached_property
    def _suffixes(self) -> PublicSuffixList:
        # Read when first asked: it takes about 0.1 s, and most invocations never ask.
        return PublicSuffixList()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
