"""Employers: which domain somebody's address tells of, by our lists and by the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.account_choice import work_domain
from counterpart.domain.emails import domain_of
from counterpart.domain.websites import host_of

if TYPE_CHECKING:
    from counterpart.domain.creation_settings import Creation
    from counterpart.ports import DomainNames


class Employers:
    """Domains of employers.

    Args:
        rules: Which domains are free mail, or an employer's, besides the lists.
        domains: The lists.
    """

    def __init__(self, rules: Creation, domains: DomainNames) -> None:
        self._added = frozenset(rules.free_mail_domains)
        self._work = rules.work_domains
        self._domains = domains

    def of(self, email: str | None) -> tuple[str | None, str | None]:
        """Return the registrable domain, `None` for free mail, and what stands after the @."""
        host = host_of(domain_of(email)) if email else None
        domain = work_domain(
            email,
            registrable=self._domains.registrable(host) if host else None,
            free_mail=self,
            work=self._work,
        )
        return domain, host

    def __contains__(self, domain: object) -> bool:
        """Return whether a domain gives addresses to everybody."""
        return isinstance(domain, str) and (
            domain in self._added or self._domains.provides_mail(domain)
        )
