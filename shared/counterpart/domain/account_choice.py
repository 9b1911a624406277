"""Choosing the Account of a new Contact.

The rule is one table, `ACCOUNTS`, and a change of settings touches future contacts alone because
nothing here looks back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.creation_requests import AccountWish
from counterpart.domain.creation_settings import Creation
from counterpart.domain.emails import domain_of
from counterpart.domain.ids import derived_id

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

# (match_accounts_by_domain, create_accounts) → wish. A new Lead never has an Account.
ACCOUNTS = {
    (True, True): AccountWish.FIND_OR_MAKE,
    (True, False): AccountWish.FIND,
    # With matching off, every new Contact makes an Account, even if its domain has one.
    (False, True): AccountWish.MAKE,
    (False, False): AccountWish.NONE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountChoice:
    """The Account of a new Contact.

    Attributes:
        account_id: It exists, under this id.
        company_id: It is ours to make, under our company's id.
        others: Further Accounts that were as good a match.
    """

    account_id: str | None = None
    company_id: str | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountMatch:
    """An Account of a domain.

    Attributes:
        exact: Its host is the very host of the address.
        bare: Its host is the registrable domain.
    """

    account_id: str
    exact: bool
    bare: bool = False
    modified_at: float = 0.0


def account_wish(
    settings: Creation, *, domain: str | None, settled: AccountWish | None = None
) -> AccountWish:
    """Return which Account a new Contact wants.

    Args:
        settings: As they are now.
        domain: `None` for a free-mail address.
        settled: What was wished when the creation was requested, which stands.
    """
    wish = settled or ACCOUNTS[settings.match_accounts_by_domain, settings.create_accounts]
    if domain is None and wish is not AccountWish.MAKE:
        return AccountWish.NONE
    return wish


def choose_account(
    wish: AccountWish,
    *,
    contact_id: str,
    domain: str | None,
    matches: Sequence[AccountMatch],
) -> AccountChoice:
    """Return the Account of a new Contact.

    Several matches are settled the same way each time: the exact host first, then the bare domain,
    then the one most recently modified, then the smaller id.
    """
    if wish is AccountWish.NONE:
        return AccountChoice()
    if wish is AccountWish.MAKE or domain is None:
        return AccountChoice(company_id=derived_id("account of", contact_id))
    ranked = sorted(
        matches,
        key=lambda match: (not match.exact, not match.bare, -match.modified_at, match.account_id),
    )
    if ranked:
        others = tuple(match.account_id for match in ranked[1:])
        return AccountChoice(account_id=ranked[0].account_id, others=others)
    if wish is AccountWish.FIND_OR_MAKE:
        return AccountChoice(company_id=company_id_for(domain))
    return AccountChoice()


def company_id_for(domain: str) -> str:
    """Return the id of the company that is made for *domain*: whoever claims it gets the same."""
    return derived_id("domain", domain)


def work_domain(
    email: str | None,
    *,
    registrable: str | None,
    free_mail: Container[str],
    work: Container[str] = (),
) -> str | None:
    """Return the domain of somebody's employer, or `None` for a free-mail address or none at all.

    Args:
        email: The address.
        registrable: What the public-suffix list makes of its domain.
        free_mail: Domains that say nothing.
        work: Domains that are an employer's all the same.
    """
    if email is None or registrable is None:
        return None
    names = (registrable, domain_of(email))
    if any(name in work for name in names):
        return registrable
    return None if any(name in free_mail for name in names) else registrable
