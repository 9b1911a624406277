"""Companies in a DynamoDB table, one item each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from counterpart.adapters.dynamodb.subjects import SubjectItem, SubjectTable
from counterpart.domain.contacts import Company

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.adapters.dynamodb.database import Database
    from counterpart.domain.waiting import Lane
    from counterpart.ports import Listing


class _ByDomainIndex(GlobalSecondaryIndex["_CompanyItem"]):  # type: ignore[no-untyped-call] # PynamoDB has no types here
    class Meta:
        index_name = "by_domain"
        projection = KeysOnlyProjection()

    domain = UnicodeAttribute(hash_key=True)


class _CompanyItem(SubjectItem):
    domain = UnicodeAttribute(null=True)

    by_domain = _ByDomainIndex()


class DynamoCompanyRepository:
    """Companies, found by id, by domain and by what waits."""

    def __init__(self, table_name: str, database: Database) -> None:
        self._companies = SubjectTable(
            _CompanyItem, table_name, database, attributes=_attributes, subject_of=_to_company
        )

    def get_many(self, company_ids: Collection[str]) -> Mapping[str, Company]:
        return self._companies.get_many(company_ids)

    def find_by_domain(self, domains: Collection[str]) -> Mapping[str, Sequence[Company]]:
        found: dict[str, list[Company]] = {}
        for company in self._companies.find("by_domain", domains):
            # The index may still have it under a domain that it no longer has.
            if company.domain and company.domain in domains:
                found.setdefault(company.domain, []).append(company)
        for companies in found.values():
            companies.sort(key=lambda company: company.id)
        return found

    def save_many(self, companies: Sequence[Company]) -> Collection[str]:
        return self._companies.save_many(companies)

    def page(self, *, limit: int, after: str | None = None) -> Listing[Company]:
        return self._companies.page(limit=limit, after=after)

    def waiting(self, lane: Lane, *, until: datetime, limit: int) -> Sequence[str]:
        return self._companies.waiting(lane, until=until, limit=limit)

    def oldest_wait(self, lane: Lane) -> datetime | None:
        return self._companies.oldest_wait(lane)

    def count_waiting(self, lane: Lane) -> int:
        return self._companies.count_waiting(lane)


def _attributes(company: Company) -> dict[str, Any]:
    return {"domain": company.domain}


def _to_company(item: _CompanyItem, shared: Mapping[str, Any]) -> Company:
    return Company(domain=item.domain, **shared)
