"""How new contacts become records, as a part of the settings document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.creation_settings import (
    Creation,
    NameSource,
    NewRecords,
    OnDuplicate,
    OnExistingMatch,
)
from counterpart.domain.document import Section, choose
from counterpart.domain.ids import given_id
from counterpart.domain.records import SObject
from counterpart.domain.websites import host_of
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.)+[\w-]{2,63}")
_MOST_DOMAINS = 1000
# Salesforce ids begin with what they are (https://help.salesforce.com, "Standard Field Types").
_RECORD_TYPE = ("012",)
_OWNER = ("005", "00G")
_ASSIGNMENT_RULE = ("01Q",)
_USUAL_RULE = "default"
# The standard picklist field holds this much; a last name twice as much as any other name.
_LONGEST_LEAD_SOURCE = 255
_LONGEST_NOT_PROVIDED = 80

# What each object can bear; assignment rules are for leads, and an Account has no lead source.
_KEYS = {
    SObject.LEAD: ("record_type_id", "owner_id", "lead_source", "assignment_rule"),
    SObject.CONTACT: ("record_type_id", "owner_id", "lead_source"),
    SObject.ACCOUNT: ("record_type_id", "owner_id"),
}


def creation_to_document(creation: Creation) -> dict[str, object]:
    """Return how new contacts become records, as JSON."""
    document: dict[str, object] = {
        "create_as": creation.create_as.value,
        "match_accounts_by_domain": creation.match_accounts_by_domain,
        "create_accounts": creation.create_accounts,
        "free_mail_domains": list(creation.free_mail_domains),
        "work_domains": list(creation.work_domains),
        "on_existing_match": creation.on_existing_match.value,
        "on_duplicate": creation.on_duplicate.value,
        "last_name_from": [source.value for source in creation.last_name_from],
        "company_from_domain": creation.company_from_domain,
        "not_provided": creation.not_provided,
    }
    for sobject, keys in _KEYS.items():
        bears = creation.records[sobject]
        document[sobject.value.lower()] = {key: getattr(bears, key) or None for key in keys}
    return document


def creation_from_document(content: object, *, base: Creation) -> Creation:
    """Return what *content* describes; what it leaves out stays as in *base*.

    Raises:
        InputError: something is wrong with it.
    """
    section = Section(content, path="creation", allowed=tuple(creation_to_document(base)))
    free = _domains(section, "free_mail_domains", base.free_mail_domains)
    work = _domains(section, "work_domains", base.work_domains)
    for domain in work:
        if domain in free:
            message = f"{domain} is among free_mail_domains as well"
            raise InputError(message, field=section.where("work_domains"))
    not_provided = section.text("not_provided", default=base.not_provided) or base.not_provided
    if len(not_provided) > _LONGEST_NOT_PROVIDED:
        message = f"must be a text of up to {_LONGEST_NOT_PROVIDED} characters"
        raise InputError(message, field=section.where("not_provided"))
    return Creation(
        create_as=section.choice("create_as", CreateAs, default=base.create_as),
        match_accounts_by_domain=section.boolean(
            "match_accounts_by_domain", default=base.match_accounts_by_domain
        ),
        create_accounts=section.boolean("create_accounts", default=base.create_accounts),
        free_mail_domains=free,
        work_domains=work,
        on_existing_match=section.choice(
            "on_existing_match", OnExistingMatch, default=base.on_existing_match
        ),
        on_duplicate=section.choice("on_duplicate", OnDuplicate, default=base.on_duplicate),
        last_name_from=_sources(section, base.last_name_from),
        company_from_domain=section.boolean(
            "company_from_domain", default=base.company_from_domain
        ),
        not_provided=not_provided,
        records={
            sobject: _new_records(section, sobject, keys, base.records)
            for sobject, keys in _KEYS.items()
        },
    )


def _sources(section: Section, base: tuple[NameSource, ...]) -> tuple[NameSource, ...]:
    names = section.texts("last_name_from")
    if names is None:
        return base
    path = section.where("last_name_from")
    return tuple(dict.fromkeys(choose(name, NameSource, path=path) for name in names))


def _domains(section: Section, key: str, base: tuple[str, ...]) -> tuple[str, ...]:
    if key not in section:
        return base
    names = section.texts(key) or ()
    if len(names) > _MOST_DOMAINS:
        raise InputError(f"may name {_MOST_DOMAINS} domains", field=section.where(key))
    domains = []
    for index, name in enumerate(names):
        # Compared in ASCII, as domains of addresses are.
        domain = host_of(name) if _DOMAIN.fullmatch(name) else None
        if domain is None:
            message = "must be a domain, such as example.com"
            raise InputError(message, field=f"{section.where(key)}.{index}")
        domains.append(domain)
    return tuple(dict.fromkeys(domains))


def _new_records(
    section: Section,
    sobject: SObject,
    keys: tuple[str, ...],
    base: Mapping[SObject, NewRecords],
) -> NewRecords:
    name = sobject.value.lower()
    before = base[sobject]
    if name not in section:
        return before
    bears = Section(section.get(name), path=section.where(name), allowed=keys)
    lead_source = _text(bears, "lead_source", before.lead_source)
    if len(lead_source) > _LONGEST_LEAD_SOURCE:
        message = f"must be a text of up to {_LONGEST_LEAD_SOURCE} characters"
        raise InputError(message, field=bears.where("lead_source"))
    rule = _text(bears, "assignment_rule", before.assignment_rule)
    if rule != _USUAL_RULE:
        rule = _id(bears, "assignment_rule", rule, _ASSIGNMENT_RULE, "or default, or null")
    owner = _text(bears, "owner_id", before.owner_id)
    if owner and rule:
        message = "an assignment rule gives the lead to somebody else; choose one of the two"
        raise InputError(message, field=bears.where("assignment_rule"))
    record_type = _text(bears, "record_type_id", before.record_type_id)
    return NewRecords(
        record_type_id=_id(bears, "record_type_id", record_type, _RECORD_TYPE, "or null"),
        owner_id=_id(bears, "owner_id", owner, _OWNER, "or null"),
        lead_source=lead_source,
        assignment_rule=rule,
    )


def _text(section: Section, key: str, before: str) -> str:
    """Return a text; null takes away what was there before."""
    return (section.text(key) or "") if key in section else before


def _id(section: Section, key: str, value: str, prefixes: tuple[str, ...], other: str) -> str:
    if not value:
        return ""
    found = given_id(value)
    if found is None or not found.startswith(prefixes):
        expected = " or ".join(f"{prefix}…" for prefix in prefixes)
        message = f"must be an id ({expected}), 15 or 18 characters, {other}"
        raise InputError(message, field=section.where(key))
    return found
