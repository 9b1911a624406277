"""How new contacts become records, by the settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.records import SObject

if TYPE_CHECKING:
    from collections.abc import Mapping


class OnDuplicate(StrEnum):
    """What happens when a duplicate rule of Salesforce holds a new record for a duplicate."""

    # Link to the record that it names, if that is one and free.
    LINK = "link"
    # Save it all the same, where the rule only warns.
    ALLOW = "allow"
    PARK = "park"


class OnExistingMatch(StrEnum):
    """What happens when whoever has the address of a new record there is another contact's."""

    # Link to a record of that address if one is free; else set the request aside.
    LINK = "link"
    # Link to one that is free; else make a further record of that address.
    CREATE = "create"


class NameSource(StrEnum):
    """Where a last name comes from if the contact has none."""

    FULL_NAME = "full_name"
    EMAIL = "email"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRecords:
    """What new records of one object bear besides their mapped fields; blank is Salesforce's own.

    Attributes:
        record_type_id: A record type.
        owner_id: A user or queue.
        lead_source: Where the contact itself names none.
        assignment_rule: `default`, or the id of a rule; blank runs none.
    """

    record_type_id: str = ""
    owner_id: str = ""
    lead_source: str = ""
    assignment_rule: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Creation:
    """How new contacts become records.

    Attributes:
        match_accounts_by_domain: Link a new Contact to the Account of its e-mail's domain.
        create_accounts: Make an Account where none was matched.
        free_mail_domains: Domains that belong to nobody's employer, besides the built-in lists.
        work_domains: Domains that belong to an employer, although a built-in list has them.
        last_name_from: What stands for a last name that is missing, in this order.
        company_from_domain: The domain stands for a company name that is missing.
        not_provided: What stands where nothing else is known and Salesforce insists.
        records: What new records bear, by object.
    """

    create_as: CreateAs = CreateAs.LEAD
    match_accounts_by_domain: bool = True
    create_accounts: bool = False
    free_mail_domains: tuple[str, ...] = ()
    work_domains: tuple[str, ...] = ()
    on_existing_match: OnExistingMatch = OnExistingMatch.LINK
    on_duplicate: OnDuplicate = OnDuplicate.LINK
    last_name_from: tuple[NameSource, ...] = tuple(NameSource)
    company_from_domain: bool = True
    not_provided: str = "[not provided]"
    records: Mapping[SObject, NewRecords] = field(
        default_factory=lambda: {sobject: NewRecords() for sobject in SObject}
    )
