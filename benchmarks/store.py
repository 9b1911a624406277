"""The product's tables, filled in bulk: a database that has stood for years, made in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from counterpart.adapters.dynamodb.companies import DynamoCompanyRepository
    from counterpart.adapters.dynamodb.contacts import DynamoContactRepository
    from counterpart.adapters.dynamodb.links import DynamoLinkRepository
    from counterpart.domain.contacts import Contact
    from counterpart.domain.links import Link
    from counterpart.ports import CompanyRepository, ContactRepository, LinkRepository

_PAGE = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Store:
    """What is stored.

    The product writes each item by itself, under a condition; nobody watches here, so items go in
    batches, by the product's own means and in its own form.
    """

    contacts: DynamoContactRepository
    companies: DynamoCompanyRepository
    links: DynamoLinkRepository

    def put(self, contacts: list[Contact]) -> None:
        """Store contacts."""
        subjects = self.contacts._contacts  # noqa: SLF001 - no repository writes in bulk
        subjects._table.put_all([subjects.item(contact) for contact in contacts])  # noqa: SLF001

    def load(
        self, contacts: ContactRepository, companies: CompanyRepository, links: LinkRepository
    ) -> None:
        """Store everything that other repositories hold."""
        for page in pages_of(contacts):
            self.put(page)
            found = links.get_many(
                [contact.counterpart.record_id for contact in page if contact.counterpart]
            )
            self._put_links(found.values())
        items = companies.page(limit=100_000).items
        subjects = self.companies._companies  # noqa: SLF001 - no repository writes in bulk
        subjects._table.put_all([subjects.item(company) for company in items])  # noqa: SLF001
        found = links.get_many([item.counterpart.record_id for item in items if item.counterpart])
        self._put_links(found.values())

    def _put_links(self, links: Iterable[Link]) -> None:
        table = self.links._table  # noqa: SLF001 - no repository writes in bulk
        table.put_all([self.links._to_item(link) for link in links])  # noqa: SLF001


def pages_of(contacts: ContactRepository) -> Iterator[list[Contact]]:
    """Yield all contacts."""
    after = None
    while True:
        listing = contacts.page(limit=_PAGE, after=after)
        yield list(listing.items)
        after = listing.next
        if after is None:
            return
