"""Making records in Salesforce, and finding what is there already."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from counterpart.domain.mapping import FieldMapping
from counterpart.domain.records import Record, SObject
from counterpart.ports.reading import ApiUsage
from counterpart.ports.world import Json
from counterpart.ports.writing import WriteAnswer


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonFound:
    """A Contact or unconverted Lead that has an address, or an id of ours, that we look for.

    Attributes:
        email_key: Its normalised address; empty if it has none.
        external_id: The id of ours that it bears, if it bears one.
    """

    record: Record
    email_key: str
    external_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountFound:
    """An Account whose Website may belong to a domain we look for, or that bears an id of ours.

    Attributes:
        name: Its name.
        website: As written in Salesforce; the caller verifies whether it is a match.
        external_id: The id of ours that it bears, if it bears one.
    """

    record_id: str
    name: str
    website: str | None
    modified_at: datetime
    external_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LookUp:
    """What Salesforce already knows of some people and organisations."""

    people: Sequence[PersonFound]
    accounts: Sequence[AccountFound]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRecord:
    """A record to be made, or found again, under our external id.

    Attributes:
        external_id: Our contact's or company's id.
        values: By API name.
        account_id: The Account of a Contact, if it is known by its Salesforce id.
        account_external_id: The Account of a Contact, if it is known by our company's id.
    """

    object: SObject
    external_id: str
    values: Mapping[str, Json]
    account_id: str | None = None
    account_external_id: str | None = None


class AddressClaims(Protocol):
    """Which contact of an address is being created at present."""

    def take(
        self, wanted: Mapping[str, str], *, now: datetime, lasts: timedelta
    ) -> Collection[str]:
        """Claim addresses for contacts, and return the ids of those who come too late.

        A claim of the same contact is renewed; one that has lasted for long enough is nobody's.

        Args:
            wanted: By contact, its normalised address; no two have the same.
            now: By our clock.
            lasts: How long a claim counts, should nobody give it back.
        """

    def give_back(self, contact_id: str, address: str) -> None:
        """End a contact's claim, if it still has it."""


class RecordCreator(Protocol):
    """Finds what exists and makes what doesn't."""

    def look_up(
        self,
        *,
        emails: Collection[str],
        domains: Collection[str],
        fields: Sequence[FieldMapping],
        contact_ids: Collection[str] = (),
        company_ids: Collection[str] = (),
    ) -> LookUp:
        """Return what exists already, in one call for what one batch of jobs asks for.

        Args:
            emails: Normalised addresses of people.
            domains: What the Website of an Account may mention.
            fields: What to read of people.
            contact_ids: Ids of ours that people may bear, made by an earlier try.
            company_ids: The same of Accounts.
        """

    def create(
        self,
        records: Sequence[NewRecord],
        *,
        allow_duplicates: bool = False,
        assignment_rule: str = "",
    ) -> WriteAnswer:
        """Upsert Accounts, Contacts and Leads by our external id, Accounts first, in one call.

        Takes up to 200 of each object. Made twice, a record is the same record: a lost answer or a
        job that is delivered again creates nothing anew. Where an object lacks the external id,
        its rows are plainly inserted; then whoever looks up before each try is safe.

        Args:
            records: What is wanted.
            allow_duplicates: Save a row although a duplicate rule warns of it.
            assignment_rule: Who gets a new Lead: `default`, the id of a rule, or nobody else.
        """

    def usage(self) -> ApiUsage:
        """Return what the calls so far have cost. Costs nothing itself."""
