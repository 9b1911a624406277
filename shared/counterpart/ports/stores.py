"""Our own store: contacts and companies, what ties them, what they are told of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from counterpart.domain.contact_merge_plans import ContactMerge
from counterpart.domain.contacts import Company, Contact
from counterpart.domain.links import Link
from counterpart.domain.opportunities import ContactRole, Opportunity
from counterpart.domain.waiting import Lane
from counterpart.ports.world import Listing


class ContactRepository(Protocol):
    """Contacts, each one item, each written by one conditional write."""

    def get_many(self, contact_ids: Collection[str]) -> Mapping[str, Contact]:
        """Return contacts by id, read consistently."""

    def find_by_email(self, email_keys: Collection[str]) -> Mapping[str, Sequence[Contact]]:
        """Return the contacts of each normalised address, most recently updated first.

        Reads an index, which may lag behind; the contacts themselves are as they are now.
        """

    def find_by_name(self, name_keys: Collection[str]) -> Mapping[str, Sequence[Contact]]:
        """Return the contacts of each `likeness.name_key`, most recently updated first.

        Reads an index, as above.
        """

    def awaiting(
        self, account_ids: Collection[str], *, limit: int, after: str | None = None
    ) -> Mapping[str, Sequence[str]]:
        """Return, by Account, ids of contacts that wait for its company, in their order.

        At most *limit* of each, and those that follow *after*. Reads an index, as above, and that
        alone: whoever is named may wait no more.
        """

    def save_many(self, contacts: Sequence[Contact]) -> Collection[str]:
        """Store each contact unless it changed since; return the ids of those that had.

        A contact's `version` is the one that it was read at (0: must not exist yet); it is stored
        with the next one.
        """

    def delete(self, contact: Contact) -> None:
        """Delete a contact unless it changed since.

        Raises:
            ChangedMeanwhileError: the stored version is another one.
        """

    def page(self, *, limit: int, after: str | None = None) -> Listing[Contact]:
        """Return contacts in no particular order, each once."""

    def waiting(self, lane: Lane, *, until: datetime, limit: int) -> Sequence[str]:
        """Return ids of contacts whose mark in *lane* is due by *until*, longest wait first."""

    def oldest_wait(self, lane: Lane) -> datetime | None:
        """Return the earliest due time in *lane*, or `None` if nothing waits there."""

    def count_waiting(self, lane: Lane) -> int:
        """Return how many bear a mark in *lane*, be it due or not."""


class CompanyRepository(Protocol):
    """Companies, stored as contacts are."""

    def get_many(self, company_ids: Collection[str]) -> Mapping[str, Company]:
        """Return companies by id, read consistently."""

    def find_by_domain(self, domains: Collection[str]) -> Mapping[str, Sequence[Company]]:
        """Return the companies of each registrable domain, oldest id first."""

    def save_many(self, companies: Sequence[Company]) -> Collection[str]:
        """Store each company unless it changed since; return the ids of those that had."""

    def page(self, *, limit: int, after: str | None = None) -> Listing[Company]:
        """Return companies in no particular order, each once."""

    def waiting(self, lane: Lane, *, until: datetime, limit: int) -> Sequence[str]:
        """Return ids of companies whose mark in *lane* is due by *until*, longest wait first."""

    def oldest_wait(self, lane: Lane) -> datetime | None:
        """Return the earliest due time in *lane*, or `None` if nothing waits there."""

    def count_waiting(self, lane: Lane) -> int:
        """Return how many bear a mark in *lane*, be it due or not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkClaim:
    """A link to be stored, provided that what is stored is still *expected*.

    Attributes:
        expected: What was read before; `None` if there was nothing.
    """

    link: Link
    expected: Link | None = None


class LinkRepository(Protocol):
    """What each Salesforce id means to us; here, and nowhere else, a counterpart is unique."""

    def get_many(self, record_ids: Collection[str]) -> Mapping[str, Link]:
        """Return links by 18-character Salesforce id, read consistently."""

    def claim_many(self, claims: Sequence[LinkClaim]) -> Collection[str]:
        """Store each link unless it changed since; return the record ids of those that had.

        Two links are the same if their subject and state are.
        """


class MergeRepository(Protocol):
    """Merges of contacts, by the id of the contact that is no more."""

    def get(self, loser_id: str) -> ContactMerge | None:
        """Return the last merge of a contact into another, read consistently."""

    def page(self, *, limit: int, after: str | None = None) -> Listing[ContactMerge]:
        """Return merges in no particular order, each once."""

    def store(
        self,
        merge: ContactMerge,
        *,
        survivor: Contact,
        loser: Contact,
        links: Sequence[LinkClaim],
        revised: Sequence[ContactMerge] = (),
    ) -> bool:
        """Store a merge, or that it was undone, and all that it changes, or nothing of it.

        The survivor is saved; the loser is deleted by a merge, and stored anew by undoing one.
        Merges that are *revised* along with it have to stand.

        Returns:
            Whether nobody had changed any of it since.

        Raises:
            InputError: the two contacts are too large to be kept with the merge.
        """


class OpportunityRepository(Protocol):
    """Opportunities and people's roles in them, by their Salesforce ids."""

    def get_many(self, opportunity_ids: Collection[str]) -> Mapping[str, Opportunity]:
        """Return opportunities by id, read consistently."""

    def get_roles(self, role_ids: Collection[str]) -> Mapping[str, ContactRole]:
        """Return roles by id, read consistently."""

    def of_accounts(self, account_ids: Collection[str]) -> Sequence[Opportunity]:
        """Return the opportunities of these Accounts, by their Salesforce ids, in order of ids.

        Reads an index, which may lag behind; the opportunities themselves are as they are now.
        """

    def roles_of(self, contact_record_ids: Collection[str]) -> Sequence[ContactRole]:
        """Return the roles of these Contacts, by their Salesforce ids; likewise."""

    def page(self, *, limit: int, after: str | None = None) -> Listing[Opportunity | ContactRole]:
        """Return opportunities and roles, mixed and in no particular order, each once."""

    def save_many(self, opportunities: Sequence[Opportunity]) -> None:
        """Store each opportunity unless a later version of it is stored."""

    def save_roles(self, roles: Sequence[ContactRole]) -> None:
        """Store each role unless a later version of it is stored."""
