"""Contacts and companies, and what ties each to its counterpart in Salesforce."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.mapping import EMAIL, OPTED_OUT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from counterpart.domain.bounces import Bounce
    from counterpart.domain.records import SObject
    from counterpart.domain.values import Value


class LinkedBy(StrEnum):
    """How a link came about."""

    RECORD = "record"
    EMAIL = "email"
    DOMAIN = "domain"
    CREATION = "creation"
    CONVERSION = "conversion"
    MERGE = "merge"
    UNDELETION = "undeletion"
    # Its contact was merged into this one, here.
    LOCAL_MERGE = "local_merge"


class LinkState(StrEnum):
    """What a Salesforce id means to us."""

    LINKED = "linked"
    # Of a contact that was merged here into this one, which has another counterpart: what changes
    # in the record comes in to it, and nothing goes out.
    SECONDARY = "secondary"
    # Gone in Salesforce; our contact stays, and is linked again should the record return.
    DELETED_THERE = "deleted_there"
    # A lead that became a Contact, or a record that was merged into another.
    CONVERTED = "converted"
    MERGED = "merged"
    # Deleted here: the record does not come back in by itself.
    DELETED_HERE = "deleted_here"
    # Seen, and left outside for a reason.
    SKIPPED = "skipped"


class Lane(StrEnum):
    """Why something waits; lanes keep a backlog from starving a fresh edit."""

    FRESH = "fresh"
    BULK = "bulk"
    RETRY = "retry"
    CREATE = "create"
    # On its way in a job, whose answer is not known yet.
    SENT = "sent"
    # An opt-out that was made while outbound was off; it goes once that is on again.
    OPT_OUT = "opt_out"
    # Set aside with its reason; tried again now and then, or when somebody says so.
    PARKED = "parked"


class CreateAs(StrEnum):
    """What a new contact becomes in Salesforce."""

    LEAD = "lead"
    CONTACT = "contact"


class AccountWish(StrEnum):
    """Which Account a new Contact belongs to."""

    NONE = "none"
    # The one of its domain, if there is one.
    FIND = "find"
    # The one of its domain, made if there is none.
    FIND_OR_MAKE = "find_or_make"
    # One of its own.
    MAKE = "make"


@dataclass(frozen=True, kw_only=True, slots=True)
class Counterpart:
    """The record that a contact or company is linked to.

    Attributes:
        modstamp: The `SystemModstamp` last applied, or `None` while none was.
        written_at: By our clock, when our last write to it was answered. A page that was asked for
            earlier than that may show the record as it was before, and is read again.
        written_until: The same moment by Salesforce's clock. A `LastModifiedDate` no later than
            this is our own write coming back.
        person_account: A Contact that is its own Account; that Account is no company of ours.
        origin: How its predecessor had come to be linked, where a merge or an undeletion put this
            one in its place.
    """

    record_id: str
    object: SObject
    linked_at: datetime
    linked_by: LinkedBy
    modstamp: datetime | None = None
    written_at: datetime | None = None
    written_until: datetime | None = None
    person_account: bool = False
    origin: LinkedBy | None = None

    @property
    def began_by(self) -> LinkedBy:
        """How the contact first came to be linked, or became a Contact."""
        return self.origin or self.linked_by


@dataclass(frozen=True, kw_only=True, slots=True)
class Secondary:
    """A further record of a contact, from another contact that was merged into it here.

    Attributes:
        came_from: The contact that was merged.
        modstamp: The `SystemModstamp` last applied, or `None` while none was.
        shadows: The values last seen in it, by our field names.
    """

    record_id: str
    object: SObject
    linked_at: datetime
    came_from: str
    modstamp: datetime | None = None
    shadows: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """The mark that something must go out.

    Attributes:
        next_push_at: When it was marked, or after a set-back when it may be tried again.
        attempts: How often it was tried in vain.
    """

    lane: Lane
    next_push_at: datetime
    attempts: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class InFlight:
    """What a job carries to the counterpart; Salesforce may hold it by now, or not yet.

    Attributes:
        record_id: The record that it goes to.
        sent: By our field names.
        version: Of the contact or company, as it was stored along with this. A later one means
            that somebody has changed it since.
    """

    job_id: str
    record_id: str
    sent: Mapping[str, Value]
    version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Parked:
    """Why something of an edit was set aside, for people to see and to send again.

    Attributes:
        code: Salesforce's status code, or our reason where it said nothing.
        message: Its own words.
        fields: Ours, if it is about some fields alone and the others have crossed.
        attempts: How often it was tried.
        run_id: The run that tried it last.
        further: What else was said of it by the same try, where one refusal followed another:
            codes and words.
    """

    code: str
    message: str
    fields: tuple[str, ...]
    attempts: int
    first_at: datetime
    last_at: datetime
    run_id: str
    further: tuple[tuple[str, str], ...] = ()

    def is_about(self, code: str) -> bool:
        """Return whether *code* is among the reasons."""
        return code in {self.code, *(other for other, _ in self.further)}


@dataclass(frozen=True, kw_only=True, slots=True)
class CreationRequest:
    """Somebody asked for this contact to be created in Salesforce.

    What it becomes and which Account it wants is settled by the settings of that moment.

    Attributes:
        create_as: Overrides the setting, if given.
        account: Overrides the settings, if given.
        refusal: Why it was parked, in Salesforce's words, if it was.
    """

    requested_at: datetime
    create_as: CreateAs | None = None
    account: AccountWish | None = None
    refusal: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """What went out to make a record of a contact, written down before it went.

    Attributes:
        values: By our field names, each value that a try has sent; any of these tries may have
            taken effect.
        at: When the last of them began, by our clock.
    """

    values: Mapping[str, tuple[Value, ...]]
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """What is known of each field, on both sides.

    Attributes:
        values: Ours, in normal form. A field that was explicitly cleared is `None`; one that never
            had a value is absent.
        times: When each of our values became what it is. A value that was pulled has the
            record's time, not the time of the pull.
        shadows: The value last seen in, or written to, Salesforce. Absent means: never seen.
        insisted: Fields in which somebody took ours once over what the mode protects there.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    times: Mapping[str, datetime] = field(default_factory=dict)
    shadows: Mapping[str, Value] = field(default_factory=dict)
    insisted: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """A person in our database. Stored as one item, changed by one conditional write.

    Attributes:
        account_id: The Account of the linked Contact, also while no company is known for it.
        former: The counterpart that it was linked to before that was deleted.
        tags: Those that people gave.
        outbound_paused_at: Since when nothing but a refusal goes out; `None` if all does.
        outbound_resumed_at: When its last pause ended; edits before that stay here.
        bounce: Mail to its present address came back.
        sent: What went out to make its record, as long as that may be met without an answer.
        request_key: Fingerprint of the API request that made it, for safe repetition.
        secondaries: Further records, of contacts that were merged into it here.
        merged: Ids of those contacts, the last one last.
        version: Counts the writes; 0 means that it was never stored.
    """

    id: str
    ledger: Ledger
    created_at: datetime
    updated_at: datetime
    counterpart: Counterpart | None = None
    former: Counterpart | None = None
    company_id: str | None = None
    account_id: str | None = None
    tags: tuple[str, ...] = ()
    outbound_paused_at: datetime | None = None
    outbound_resumed_at: datetime | None = None
    bounce: Bounce | None = None
    waiting: Waiting | None = None
    in_flight: InFlight | None = None
    parked: Parked | None = None
    creation: CreationRequest | None = None
    sent: Sent | None = None
    request_key: str | None = None
    secondaries: tuple[Secondary, ...] = ()
    merged: tuple[str, ...] = ()
    version: int = 0

    @property
    def email(self) -> str | None:
        """The address as it was given."""
        value = self.ledger.values.get(EMAIL)
        return value if isinstance(value, str) else None

    @property
    def opted_out(self) -> bool:
        """Whether this person must not be mailed: a refusal on either side stands.

        Whoever was opted in again here stays out until Salesforce has taken that.
        """
        refused_there = self.ledger.shadows.get(OPTED_OUT) is True and self.counterpart is not None
        return self.ledger.values.get(OPTED_OUT) is True or refused_there


@dataclass(frozen=True, kw_only=True, slots=True)
class Company:
    """An organisation in our database; its counterpart is an Account.

    Attributes:
        domain: Registrable domain of its website, or `None`.
    """

    id: str
    ledger: Ledger
    created_at: datetime
    updated_at: datetime
    domain: str | None = None
    counterpart: Counterpart | None = None
    former: Counterpart | None = None
    waiting: Waiting | None = None
    in_flight: InFlight | None = None
    parked: Parked | None = None
    version: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """What one Salesforce id means to us. Uniqueness of a counterpart is kept here.

    Attributes:
        record_id: 18 characters; the key.
        subject_id: Our contact or company; `None` for a record that was skipped.
        reason: Why it was skipped.
        modstamp: The `SystemModstamp` at which it was skipped, so that an overlap is free.
    """

    record_id: str
    object: SObject
    state: LinkState
    subject_id: str | None = None
    linked_at: datetime | None = None
    linked_by: LinkedBy | None = None
    reason: str | None = None
    modstamp: datetime | None = None
