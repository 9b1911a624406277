"""Contacts and companies in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.adapters.memory.shelf import Shelf
from counterpart.adapters.memory.writes import unwatched
from counterpart.domain.contacts import Company, Contact
from counterpart.domain.emails import email_key
from counterpart.domain.likeness import name_key
from counterpart.errors import ChangedMeanwhileError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.adapters.memory.writes import WriteHook
    from counterpart.domain.waiting import Lane
    from counterpart.ports import Listing


class InMemoryContactRepository:
    """Contacts.

    Args:
        contacts: Stored to begin with, each with its next version.
        lagging_index: Indexes learn of writes only when `catch_up` is called.
        before_write: Called before each write; what it raises keeps the write from happening.
        after_write: Called after each write that happened.
    """

    def __init__(
        self,
        *contacts: Contact,
        lagging_index: bool = False,
        before_write: WriteHook = unwatched,
        after_write: WriteHook = unwatched,
    ) -> None:
        self._shelf: Shelf[Contact] = Shelf(
            "contacts",
            keys={"by_email": _email_key, "by_awaited": _awaits},
            lagging_index=lagging_index,
            before_write=before_write,
            after_write=after_write,
        )
        self._shelf.stock(contacts)

    def get_many(self, contact_ids: Collection[str]) -> Mapping[str, Contact]:
        return self._shelf.get_many(contact_ids)

    def find_by_email(self, email_keys: Collection[str]) -> Mapping[str, Sequence[Contact]]:
        found = self._shelf.find("by_email", email_keys)
        for contacts in found.values():
            contacts.sort(key=lambda contact: (contact.updated_at, contact.id), reverse=True)
        return found

    def find_by_name(self, name_keys: Collection[str]) -> Mapping[str, Sequence[Contact]]:
        found: dict[str, list[Contact]] = {}
        for contact in self._shelf.everything() if name_keys else ():
            key = name_key(contact)
            if key and key in name_keys:
                found.setdefault(key, []).append(contact)
        for contacts in found.values():
            contacts.sort(key=lambda contact: (contact.updated_at, contact.id), reverse=True)
        return found

    def awaiting(
        self, account_ids: Collection[str], *, limit: int, after: str | None = None
    ) -> Mapping[str, Sequence[str]]:
        return self._shelf.ids("by_awaited", account_ids, limit=limit, after=after)

    def save_many(self, contacts: Sequence[Contact]) -> Collection[str]:
        return self._shelf.save_many(contacts)

    def delete(self, contact: Contact) -> None:
        if not self._shelf.delete(contact):
            raise ChangedMeanwhileError(f"Contact {contact.id} was changed by somebody else")

    def page(self, *, limit: int, after: str | None = None) -> Listing[Contact]:
        return self._shelf.page(limit=limit, after=after)

    def waiting(self, lane: Lane, *, until: datetime, limit: int) -> Sequence[str]:
        return self._shelf.waiting(lane, until=until, limit=limit)

    def oldest_wait(self, lane: Lane) -> datetime | None:
        return self._shelf.oldest_wait(lane)

    def count_waiting(self, lane: Lane) -> int:
        return self._shelf.count_waiting(lane)

    def exchange(self, saved: Sequence[Contact], deleted: Sequence[Contact]) -> bool:
        """Store and delete all of them at once, unless one changed since; no hook is called."""
        return self._shelf.exchange(saved, deleted)

    def catch_up(self, writes: int | None = None) -> None:
        """Let lagging indexes learn of the oldest *writes* they don't know; of all by default."""
        self._shelf.catch_up(writes)


class InMemoryCompanyRepository:
    """Companies.

    Args:
        companies: Stored to begin with, each with its next version.
        lagging_index: Indexes learn of writes only when `catch_up` is called.
        before_write: Called before each write; what it raises keeps the write from happening.
        after_write: Called after each write that happened.
    """

    def __init__(
        self,
        *companies: Company,
        lagging_index: bool = False,
        before_write: WriteHook = unwatched,
        after_write: WriteHook = unwatched,
    ) -> None:
        self._shelf: Shelf[Company] = Shelf(
            "companies",
            keys={"by_domain": _domain},
            lagging_index=lagging_index,
            before_write=before_write,
            after_write=after_write,
        )
        self._shelf.stock(companies)

    def get_many(self, company_ids: Collection[str]) -> Mapping[str, Company]:
        return self._shelf.get_many(company_ids)

    def find_by_domain(self, domains: Collection[str]) -> Mapping[str, Sequence[Company]]:
        found = self._shelf.find("by_domain", domains)
        for companies in found.values():
            companies.sort(key=lambda company: company.id)
        return found

    def save_many(self, companies: Sequence[Company]) -> Collection[str]:
        return self._shelf.save_many(companies)

    def page(self, *, limit: int, after: str | None = None) -> Listing[Company]:
        return self._shelf.page(limit=limit, after=after)

    def waiting(self, lane: Lane, *, until: datetime, limit: int) -> Sequence[str]:
        return self._shelf.waiting(lane, until=until, limit=limit)

    def oldest_wait(self, lane: Lane) -> datetime | None:
        return self._shelf.oldest_wait(lane)

    def count_waiting(self, lane: Lane) -> int:
        return self._shelf.count_waiting(lane)

    def catch_up(self, writes: int | None = None) -> None:
        """Let lagging indexes learn of the oldest *writes* they don't know; of all by default."""
        self._shelf.catch_up(writes)


def _email_key(contact: Contact) -> str | None:
    return email_key(contact.email)


def _awaits(contact: Contact) -> str | None:
    return contact.awaits


def _domain(company: Company) -> str | None:
    return company.domain
