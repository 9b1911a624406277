"""The settings as a JSON document: how people read them, and how they change them.

What a document leaves out stays as it is, down to single keys; the two mappings alone are
replaced as a whole, because leaving a field out is how it is removed.
"""

from __future__ import annotations

import re

from counterpart.domain.contacts import CreateAs
from counterpart.domain.directions_document import (
    inbound_from_document,
    inbound_to_document,
    outbound_from_document,
    outbound_to_document,
)
from counterpart.domain.document import Section
from counterpart.domain.mapping_document import (
    check_identity,
    mapping_from_document,
    mapping_to_document,
)
from counterpart.domain.records import SObject
from counterpart.domain.sync_settings import Creation, SyncSettings
from counterpart.errors import InputError

_SECTIONS = ("version", "inbound", "outbound", "creation", "fields", "company_fields")

_PEOPLE = tuple(sobject for sobject in SObject if sobject.is_person)
_COMPANIES = tuple(sobject for sobject in SObject if not sobject.is_person)
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.)+[\w-]{2,63}")
_MOST_DOMAINS = 1000


def to_document(settings: SyncSettings) -> dict[str, object]:
    """Return *settings* as JSON."""
    creation = settings.creation
    return {
        "version": settings.version,
        "inbound": inbound_to_document(settings.inbound),
        "outbound": outbound_to_document(settings.outbound),
        "creation": {
            "create_as": creation.create_as.value,
            "match_accounts_by_domain": creation.match_accounts_by_domain,
            "create_accounts": creation.create_accounts,
            "free_mail_domains": list(creation.free_mail_domains),
        },
        "fields": mapping_to_document(settings.fields),
        "company_fields": mapping_to_document(settings.company_fields),
    }


def from_document(document: object, *, base: SyncSettings) -> SyncSettings:
    """Return the settings that *document* describes, on the ground of *base*.

    The moments that it bears are read, so that a stored document comes back whole. Whoever takes
    a document from outside passes the result through `switched`, which sets them anew.

    Raises:
        InputError: something is wrong; it says where, and what is allowed.
    """
    root = Section(document, path="", allowed=_SECTIONS)
    inbound, outbound, creation = base.inbound, base.outbound, base.creation
    fields, company_fields = base.fields, base.company_fields
    if "inbound" in root:
        inbound = inbound_from_document(root.get("inbound"), base=inbound)
    if "outbound" in root:
        outbound = outbound_from_document(root.get("outbound"), base=outbound)
    if "creation" in root:
        creation = _creation(root.get("creation"), base=creation)
    if "fields" in root:
        fields = mapping_from_document(root.get("fields"), objects=_PEOPLE, path="fields")
        check_identity(fields, people=_PEOPLE)
    if "company_fields" in root:
        company_fields = mapping_from_document(
            root.get("company_fields"), objects=_COMPANIES, path="company_fields"
        )
    return SyncSettings(
        version=root.whole("version", default=base.version, least=0, most=2**53),
        inbound=inbound,
        outbound=outbound,
        creation=creation,
        fields=fields,
        company_fields=company_fields,
    )


def _creation(content: object, *, base: Creation) -> Creation:
    section = Section(
        content,
        path="creation",
        allowed=(
            "create_as",
            "match_accounts_by_domain",
            "create_accounts",
            "free_mail_domains",
        ),
    )
    return Creation(
        create_as=section.choice("create_as", CreateAs, default=base.create_as),
        match_accounts_by_domain=section.boolean(
            "match_accounts_by_domain", default=base.match_accounts_by_domain
        ),
        create_accounts=section.boolean("create_accounts", default=base.create_accounts),
        free_mail_domains=_domains(section, base.free_mail_domains),
    )


def _domains(section: Section, base: tuple[str, ...]) -> tuple[str, ...]:
    key = "free_mail_domains"
    if key not in section:
        return base
    domains = [domain.lower() for domain in section.texts(key) or ()]
    if len(domains) > _MOST_DOMAINS:
        raise InputError(f"may name {_MOST_DOMAINS} domains", field=section.where(key))
    for index, domain in enumerate(domains):
        if not _DOMAIN.fullmatch(domain):
            message = "must be a domain, such as example.com"
            raise InputError(message, field=f"{section.where(key)}.{index}")
    return tuple(dict.fromkeys(domains))
