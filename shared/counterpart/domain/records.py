"""A record: one row of Salesforce, read through the mapping and so in our own words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from counterpart.domain.ids import given_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from counterpart.domain.values import Value


class SObject(StrEnum):
    """The Salesforce objects that are kept in step, by API name."""

    ACCOUNT = "Account"
    CONTACT = "Contact"
    LEAD = "Lead"

    @property
    def is_person(self) -> bool:
        """Whether its rows become contacts; an Account becomes a company."""
        return self is not SObject.ACCOUNT


class CampaignObject(StrEnum):
    """The Salesforce objects that a campaign is made of, by API name."""

    CAMPAIGN = "Campaign"
    MEMBER = "CampaignMember"
    STATUS = "CampaignMemberStatus"


AnyObject = SObject | CampaignObject


# Of a Contact; where the Account is the person, it is no company's name, and is not read.
ACCOUNT_NAME = "account.name"

# The first three characters of an id name its object (global describe, `keyPrefix`).
_PREFIXES = {"001": SObject.ACCOUNT, "003": SObject.CONTACT, "00Q": SObject.LEAD}


def object_of(record_id: str) -> SObject | None:
    """Return the object that a Salesforce id belongs to, or `None` for one that we don't sync."""
    return _PREFIXES.get(record_id[:3])


def record_id_in(text: str) -> str | None:
    """Return the record that *text* names, by its 18 characters, or `None` if it names none."""
    record_id = given_id(text)
    return record_id if record_id and object_of(record_id) else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversion:
    """What became of a converted lead. Ids have 18 characters."""

    contact_id: str | None
    account_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class BounceMark:
    """What a row says of mail to its address; without a time, that none came back."""

    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One row of Salesforce at one moment.

    Attributes:
        id: 18 characters.
        modified_at: `LastModifiedDate`, when a user last changed it; conflicts are judged by it.
        modstamp: `SystemModstamp`, when anything last changed it; selection goes by it.
        values: By our field names, in normal form. A mapped field that the row did not carry,
            because it is hidden or set aside, is absent; a blank one is `None`.
        unreadable: Our names of fields whose value is not of the type that the mapping says, or
            too large to be kept.
        account_id: The Account of a Contact.
        deleted: In the recycle bin.
        master_id: The winner, if this row was merged away.
        conversion: Set for a converted lead.
        is_person_account: A Contact that is its own Account, or that Account; `None` where it was
            not asked, or the org has none.
        created_at: `CreatedDate` of a Contact; `None` where it was not asked.
        bounce: `None` where our user does not see it.
    """

    id: str
    object: SObject
    modified_at: datetime
    modstamp: datetime
    values: Mapping[str, Value]
    unreadable: tuple[str, ...] = ()
    account_id: str | None = None
    deleted: bool = False
    master_id: str | None = None
    conversion: Conversion | None = None
    is_person_account: bool | None = None
    created_at: datetime | None = None

    @property
    def is_a_person(self) -> bool:
        """Whether it is an Account that is a person, whose Contact comes in instead."""
        return self.object is SObject.ACCOUNT and bool(self.is_person_account)

    bounce: BounceMark | None = None


class Readable(Protocol):
    """A row that was read through a mapping, as far as the decisions on its fields go."""

    @property
    def object(self) -> AnyObject: ...

    @property
    def modified_at(self) -> datetime: ...

    @property
    def values(self) -> Mapping[str, Value]: ...

    @property
    def unreadable(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainRecord:
    """One row of an object that becomes neither a contact nor a company, by API names.

    Attributes:
        id: 18 characters.
        modified_at: `LastModifiedDate`, when a user last changed it.
        modstamp: `SystemModstamp`, when anything last changed it.
        values: By API name or dotted path, as JSON bears them; a moment is a text.
        deleted: In the recycle bin.
    """

    id: str
    object: str
    modified_at: datetime
    modstamp: datetime
    values: Mapping[str, str | int | float | bool | None]
    deleted: bool = False
