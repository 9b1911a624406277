"""Found Accounts: which Account a new Contact belongs to, among those that exist."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.account_choice import (
    AccountChoice,
    AccountMatch,
    account_wish,
    choose_account,
)
from counterpart.domain.creation_requests import AccountWish
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import SObject
from counterpart.domain.websites import host_of, spellings

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from counterpart.domain.contacts import Company
    from counterpart.ports import AccountFound
    from counterpart.use_cases.creation_ports import CreationBatch, Person

_LOOKED_FOR = {AccountWish.FIND, AccountWish.FIND_OR_MAKE}


class FoundAccounts:
    """Finds the Accounts of people, by the domains of their addresses.

    Args:
        batch: That of the people.
    """

    def __init__(self, batch: CreationBatch) -> None:
        self._settings = batch.settings
        self._notes = batch.notes
        self._known = batch.ports.companies
        self._domains = batch.ports.domains
        self._companies: dict[str, list[Company]] = {}

    def unseen(self, people: Sequence[Person]) -> Collection[str]:
        """Return by which websites to ask; an Account that a pull has seen is not asked for."""
        domains = {
            person.domain
            for person in people
            if person.domain
            and person.object is SObject.CONTACT
            and self._wish(person) in _LOOKED_FOR
        }
        known = self._known.find_by_domain(domains) if domains else {}
        self._companies = {
            domain: [company for company in companies if company.counterpart]
            for domain, companies in known.items()
        }
        return {
            spelling
            for domain in domains
            if not self._companies.get(domain)
            for spelling in spellings(domain)
        }

    def made_before(self, people: Sequence[Person]) -> Collection[str]:
        """Return the companies whose Accounts an earlier try may have made."""
        wanted = {self._choice(person, ()).company_id for person in people}
        return {company_id for company_id in wanted if company_id}

    def choose(self, person: Person, accounts: Sequence[AccountFound]) -> Person:
        """Return the person with the Account that it belongs to, among what Salesforce has told."""
        choice = self._choice(person, self._matches(person, accounts))
        if choice.company_id:
            made = {each.external_id: each.record_id for each in accounts if each.external_id}
            return replace(person, account=replace(choice, account_id=made.get(choice.company_id)))
        if choice.others:
            self._notes.tell(
                Action.WARNED,
                Reason.AMBIGUOUS_ACCOUNT,
                person.contact.id,
                message=f"took {choice.account_id}; also {', '.join(choice.others)}",
            )
        return replace(person, account=choice)

    def _choice(self, person: Person, matches: Sequence[AccountMatch]) -> AccountChoice:
        """Return the Account that a person belongs to, if only these match."""
        if person.object is not SObject.CONTACT:
            return AccountChoice()
        return choose_account(
            self._wish(person),
            contact_id=person.contact.id,
            domain=person.domain,
            matches=matches,
        )

    def _wish(self, person: Person) -> AccountWish:
        """Return which Account a new Contact wants, by the settings of when it was asked for."""
        settled = person.contact.creation.account if person.contact.creation else None
        return account_wish(self._settings.creation, domain=person.domain, settled=settled)

    def _matches(self, person: Person, accounts: Sequence[AccountFound]) -> list[AccountMatch]:
        if person.domain is None:
            return []
        seen = [
            (company.counterpart.record_id, host, company.updated_at)
            for company in self._companies.get(person.domain, ())
            if company.counterpart
            for host in [host_of(str(company.ledger.values.get("website") or ""))]
        ]
        found = seen or [
            (account.record_id, host, account.modified_at)
            for account in accounts
            if (host := host_of(account.website or ""))
            and self._domains.registrable(host) == person.domain
        ]
        return [
            AccountMatch(
                account_id=account_id,
                exact=host == person.host,
                bare=host == person.domain,
                modified_at=modified_at.timestamp(),
            )
            for account_id, host, modified_at in found
        ]
