"""Contacts and companies, and what is known of each of their fields on both sides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from counterpart.domain.mapping import EMAIL, OPTED_OUT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.bounces import Bounce
    from counterpart.domain.creation_requests import CreationRequest, Sent
    from counterpart.domain.links import Counterpart, Secondary
    from counterpart.domain.values import Value
    from counterpart.domain.waiting import InFlight, Parked, Waiting


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """What is known of each field, on both sides.

    Attributes:
        values: Ours, in normal form. A field that was explicitly cleared is `None`; one that never
            had a value is absent.
        times: When each of our values became what it is. A value that was pulled has the
            record's time, not the time of the pull.
        shadows: The value last seen in, or written to, Salesforce. Absent means: never seen.
        insisted: Fields in which somebody took ours once over what the mode protects there, or in
            which a write of ours has replaced there what ours had come from.
        passing: What ours was, by field, since it was last what Salesforce was known to hold.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    times: Mapping[str, datetime] = field(default_factory=dict)
    shadows: Mapping[str, Value] = field(default_factory=dict)
    insisted: frozenset[str] = frozenset()
    passing: Mapping[str, Sequence[Value]] = field(default_factory=dict)


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
    def record_id(self) -> str | None:
        """The id of its counterpart, if it has one."""
        return self.counterpart.record_id if self.counterpart else None

    @property
    def email(self) -> str | None:
        """The address as it was given."""
        value = self.ledger.values.get(EMAIL)
        return value if isinstance(value, str) else None

    @property
    def awaits(self) -> str | None:
        """The Account whose company it waits for; that of a person account is never one."""
        alone = self.counterpart is not None and self.counterpart.person_account
        return None if self.company_id or alone else self.account_id

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

    @property
    def record_id(self) -> str | None:
        """The id of its counterpart, if it has one."""
        return self.counterpart.record_id if self.counterpart else None
