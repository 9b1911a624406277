"""Creating: lead or contact, on which Account, with which values.

All of it is decided on values that were looked up before; BEHAVIOUR of the settings is one table,
`ACCOUNTS`, and setting changes touch future contacts alone because nothing here looks back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.creation_requests import AccountWish, CreateAs
from counterpart.domain.creation_settings import Creation, NameSource
from counterpart.domain.emails import domain_of
from counterpart.domain.ids import derived_id
from counterpart.domain.keeping import fitted, outgoing
from counterpart.domain.links import LinkState
from counterpart.domain.mapping import EMAIL, Mode
from counterpart.domain.records import SObject
from counterpart.domain.values import FieldType

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Mapping, Sequence

    from counterpart.domain.contacts import Contact
    from counterpart.domain.links import Link
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import Record
    from counterpart.domain.values import Value

__all__ = [
    "ACCOUNTS",
    "NOT_PROVIDED",
    "AccountChoice",
    "AccountMatch",
    "AccountWish",
    "account_wish",
    "choose_account",
    "company_id_for",
    "free_record",
    "new_account_values",
    "new_values",
    "object_for",
    "occupied",
    "work_domain",
]

_USUAL = Creation()

# What stands where Salesforce insists on a value and nobody has given one, unless settings differ.
NOT_PROVIDED = _USUAL.not_provided

# Standard lengths (describe of Lead and Contact): a fallback must not be refused for its length.
_LONGEST_LAST_NAME = 80
_LONGEST_COMPANY = 255

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


def object_for(settings: Creation, create_as: CreateAs | None) -> SObject:
    """Return what a new contact becomes: what the job says, or else the setting."""
    chosen = create_as or settings.create_as
    return SObject.CONTACT if chosen is CreateAs.CONTACT else SObject.LEAD


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


def free_record(
    found: Sequence[Record], links: Mapping[str, Link], contact_id: str, taken: Collection[str]
) -> tuple[Record | None, tuple[str, ...]]:
    """Return the record that a contact is linked to instead of creating one, and the others.

    One that was linked to it already comes first: an earlier try broke off right after that. A
    Contact comes before a Lead; among several, the most recently modified, then the smaller id.
    A record that belongs to another contact is not free; one whose contact was deleted here is.
    """
    free = [
        record
        for record in found
        if record.id not in taken
        and not record.deleted
        and record.conversion is None
        and _belongs_to_nobody_else(links.get(record.id), contact_id)
    ]
    free.sort(
        key=lambda record: (
            not _belongs_to(links.get(record.id), contact_id),
            record.object is not SObject.CONTACT,
            -record.modified_at.timestamp(),
            record.id,
        )
    )
    if not free:
        return None, ()
    return free[0], tuple(record.id for record in free[1:])


def occupied(
    found: Sequence[Record], links: Mapping[str, Link], contact_id: str, taken: Collection[str]
) -> tuple[str, ...]:
    """Return the records, of those with a contact's address, that are another contact's."""
    return tuple(
        record.id
        for record in found
        if not record.deleted
        and record.conversion is None
        and (record.id in taken or not _belongs_to_nobody_else(links.get(record.id), contact_id))
    )


def _belongs_to(link: Link | None, contact_id: str) -> bool:
    return link is not None and link.state is LinkState.LINKED and link.subject_id == contact_id


def _belongs_to_nobody_else(link: Link | None, contact_id: str) -> bool:
    if link is None or link.subject_id in {None, contact_id}:
        return True
    return link.state is LinkState.DELETED_HERE


def new_values(
    contact: Contact,
    fields: Sequence[FieldMapping],
    sobject: SObject,
    *,
    domain: str | None,
    rules: Creation = _USUAL,
) -> tuple[dict[str, str | int | float | bool | None], dict[str, Value]]:
    """Return the values of a new record, by API name, and the shadows that they leave, by ours.

    Fields that only ever come in are left to Salesforce; what it insists on has a fallback. The
    shadows remember that, and what is blank, so that nothing comes back as if somebody had
    entered it.
    """
    values: dict[str, str | int | float | bool | None] = {}
    sent: dict[str, Value] = {}
    for field in fields:
        blank = False if field.type is FieldType.BOOLEAN else None
        value = contact.ledger.values.get(field.name)
        if field.mode is Mode.ALWAYS_SALESFORCE and field.name not in {EMAIL, "last_name"}:
            value = None
        if value is None or not field.writes_to(sobject):
            sent[field.name] = blank
            continue
        value = fitted(field, sobject, value)
        sent[field.name] = value
        # An unticked box is left to Salesforce, where an org may have a rule for new records.
        if value is not False:
            values[field.paths[sobject]] = outgoing(field, sobject, value)

    bears = rules.records[sobject]
    fallbacks = {"LastName": _last_name(contact, rules), "LeadSource": bears.lead_source}
    if sobject is SObject.LEAD:
        fallbacks["Company"] = _company(contact, domain, rules)
    names = {field.paths.get(sobject): field.name for field in fields}
    for path, fallback in fallbacks.items():
        if fallback and not values.get(path):
            values[path] = fallback
            if path in names:
                sent[names[path]] = fallback
    return values | _kind_and_owner(rules, sobject), sent


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


def new_account_values(
    contact: Contact, domain: str | None, rules: Creation = _USUAL
) -> dict[str, str]:
    """Return the values of the Account that is made for a new Contact."""
    name = contact.ledger.values.get("company_name")
    values = {"Name": str(name or domain or rules.not_provided)[:_LONGEST_COMPANY]}
    if domain:
        values["Website"] = domain
    return values | _kind_and_owner(rules, SObject.ACCOUNT)


def _kind_and_owner(rules: Creation, sobject: SObject) -> dict[str, str]:
    bears = rules.records[sobject]
    wanted = {"RecordTypeId": bears.record_type_id, "OwnerId": bears.owner_id}
    return {path: record_id for path, record_id in wanted.items() if record_id}


def _last_name(contact: Contact, rules: Creation) -> str:
    values = contact.ledger.values
    full_name = str(values.get("full_name") or "").split()
    sources = {
        NameSource.FULL_NAME: full_name[-1] if full_name else "",
        NameSource.EMAIL: (contact.email or "").partition("@")[0],
    }
    names = [str(values.get("last_name") or ""), *(sources[one] for one in rules.last_name_from)]
    fitting = (name[:_LONGEST_LAST_NAME].strip() for name in names)
    return next(filter(None, fitting), rules.not_provided)


def _company(contact: Contact, domain: str | None, rules: Creation) -> str:
    known = domain if rules.company_from_domain else None
    name = contact.ledger.values.get("company_name") or known or rules.not_provided
    return str(name)[:_LONGEST_COMPANY]
