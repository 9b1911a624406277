"""Creating: lead or contact, with which values.

All of it is decided on values that were looked up before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.creation_settings import Creation, NameSource
from counterpart.domain.keeping import fitted, outgoing
from counterpart.domain.mapping import EMAIL, Mode
from counterpart.domain.records import SObject
from counterpart.domain.values import FieldType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.values import Value

_USUAL = Creation()

# What stands where Salesforce insists on a value and nobody has given one, unless settings differ.
NOT_PROVIDED = _USUAL.not_provided

# Standard lengths (describe of Lead and Contact): a fallback must not be refused for its length.
_LONGEST_LAST_NAME = 80
_LONGEST_COMPANY = 255


def object_for(settings: Creation, create_as: CreateAs | None) -> SObject:
    """Return what a new contact becomes: what the job says, or else the setting."""
    chosen = create_as or settings.create_as
    return SObject.CONTACT if chosen is CreateAs.CONTACT else SObject.LEAD


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


def new_account_values(
    contact: Contact,
    domain: str | None,
    rules: Creation = _USUAL,
    *,
    company: Company | None = None,
) -> dict[str, str]:
    """Return the values of the Account that is made for a new Contact.

    Args:
        contact: Who is to be in it.
        domain: The contact's, unless it is one of mail for everybody.
        rules: From the settings.
        company: Whose Account it is, if that is stored; what it is called by now stands.
    """
    own = company.ledger.values if company else {}
    name = own.get("name") or contact.ledger.values.get("company_name")
    values = {"Name": str(name or domain or rules.not_provided)[:_LONGEST_COMPANY]}
    website = own.get("website") or domain
    if website:
        values["Website"] = str(website)
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
