"""Read companies, and change them: their edits go out to Accounts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from counterpart.domain.company_editing import edited_company
from counterpart.domain.contact_document import read_edit
from counterpart.domain.waiting import Lane
from counterpart.domain.websites import host_of
from counterpart.errors import (
    ChangedMeanwhileError,
    InputError,
    NotFoundError,
    StaleVersionError,
)
from counterpart.ports import Listing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from counterpart.domain.contacts import Company
    from counterpart.domain.notices import Notice
    from counterpart.ports import CompanyRepository, DomainNames, SettingsRepository

_TRIES = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedCompany:
    """A company as it was written, and what its writer should know."""

    company: Company
    notices: tuple[Notice, ...] = ()


def get_company(company_id: str, *, companies: CompanyRepository) -> Company:
    """Return a company.

    Raises:
        NotFoundError: there is no such company.
    """
    company = companies.get_many([company_id]).get(company_id)
    if company is None:
        raise NotFoundError(f"there is no company {company_id}", field="id")
    return company


def list_companies(
    *,
    domain: str | None,
    limit: int,
    after: str | None,
    companies: CompanyRepository,
    domains: DomainNames,
) -> Listing[Company]:
    """Return companies, of one domain or all, at most *limit* at once.

    Raises:
        InputError: *domain* is none, or nobody here gave out such an *after*.
    """
    if domain is None:
        return companies.page(limit=limit, after=after)
    if after is not None:
        raise InputError("goes with the whole list, not with a domain", field="next")
    key = _registrable(domain, domains)
    if key is None:
        raise InputError("must be a domain, such as acme.example", field="domain")
    return Listing(items=companies.find_by_domain([key]).get(key, ())[:limit])


def change_company(
    company_id: str,
    *,
    fields: Mapping[str, object],
    version: int | None,
    now: datetime,
    companies: CompanyRepository,
    domains: DomainNames,
    settings: SettingsRepository,
) -> ChangedCompany:
    """Change fields of a company; a null clears.

    Raises:
        InputError: a field does not exist, or a value is not of its type.
        NotFoundError: there is no such company.
        StaleVersionError: it has another version than *version* by now.
        ChangedMeanwhileError: others kept changing it.
    """
    rules = settings.current()
    values = read_edit(fields=fields, mapping=rules.company_fields).values
    for _ in range(_TRIES):
        company = get_company(company_id, companies=companies)
        if version is not None and version != company.version:
            message = f"the company has changed: its version is {company.version} by now"
            raise StaleVersionError(message, field="version")
        result = edited_company(
            company,
            values,
            settings=rules,
            lane=Lane.FRESH,
            registrable=partial(_registrable, domains=domains),
            now=now,
        )
        if result.company is company:
            return ChangedCompany(company=company, notices=result.notices)
        if not companies.save_many([result.company]):
            stored = replace(result.company, version=company.version + 1)
            return ChangedCompany(company=stored, notices=result.notices)
    raise ChangedMeanwhileError("others kept changing this company; try again")


def _registrable(website: str, domains: DomainNames) -> str | None:
    host = host_of(website)
    return domains.registrable(host) if host else None
