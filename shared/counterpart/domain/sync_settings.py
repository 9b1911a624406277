"""The settings document: what comes in, what goes out, what is created, which field by which mode.

A change takes effect at once for what happens afterwards and never for what happened before:
switching something on remembers the moment, and what is older stays where it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.days import zone_of
from counterpart.domain.mapping import (
    ConflictPolicy,
    FieldMapping,
    placed_at,
    synced_fields,
)
from counterpart.domain.opportunities import OpportunitySettings
from counterpart.domain.records import CampaignObject, SObject
from counterpart.domain.selection import Selection, SelectionMode
from counterpart.domain.standard_fields import COMPANY_FIELDS, CONTACT_FIELDS
from counterpart.domain.values import FieldType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping as _Field
    from counterpart.domain.records import Record


class OnRemoteDelete(StrEnum):
    """What the deletion of a record does to its contact."""

    UNLINK = "unlink"
    DELETE = "delete"
    IGNORE = "ignore"


class Pace(StrEnum):
    """When waiting edits go out."""

    # When enough contacts wait, or one has waited long enough.
    BATCHED = "batched"
    # Each minute.
    NEAR_REAL_TIME = "near_real_time"


_TIMES = frozenset({FieldType.DATE, FieldType.DATETIME})

# Minutes between two polls of an object; 0 means by hand only.
INTERVALS = (0, 5, 60, 120, 180, 240, 360, 480, 720, 1440)


@dataclass(frozen=True, kw_only=True, slots=True)
class InboundObject:
    """How one object comes in.

    Attributes:
        enabled_at: When it last began to come in, because it was switched on or its selection
            stopped to be `none`; `None` if it has from the start. Records changed before that
            stay outside.
    """

    enabled: bool = True
    enabled_at: datetime | None = None
    interval_minutes: int = 5
    selection: Selection = field(default_factory=Selection)

    @property
    def comes_in(self) -> bool:
        """Return whether any record of it comes in."""
        return self.enabled and self.selection.mode is not SelectionMode.NONE

    @property
    def interval(self) -> timedelta | None:
        """Return the time between two polls; `None` means by hand only."""
        return timedelta(minutes=self.interval_minutes) if self.interval_minutes else None

    def takes(self, record: Record) -> bool:
        """Return whether *record* comes in for certain."""
        return self._is_read(record) and self.selection.mode is SelectionMode.ALL

    def may_take(self, record: Record) -> bool:
        """Return whether it is for Salesforce to judge whether *record* comes in."""
        certain = {SelectionMode.ALL, SelectionMode.NONE}
        return self._is_read(record) and self.selection.mode not in certain

    def _is_read(self, record: Record) -> bool:
        fresh = self.enabled_at is None or record.modstamp >= self.enabled_at
        return self.enabled and fresh


@dataclass(frozen=True, kw_only=True, slots=True)
class Inbound:
    """How records come in."""

    objects: Mapping[SObject, InboundObject] = field(
        default_factory=lambda: {sobject: InboundObject() for sobject in SObject}
    )
    overlap_minutes: int = 15
    on_remote_delete: OnRemoteDelete = OnRemoteDelete.UNLINK


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboundObject:
    """Whether edits go out to one object, and since when."""

    enabled: bool = True
    enabled_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outbound:
    """How edits go out.

    Attributes:
        max_waiting: Go when as many contacts wait.
        max_wait_minutes: Go when one has waited as long.
        max_attempts: Give up on a row after as many passing failures, and show it.
        api_share_percent: Leave the rest of the org's daily API allowance to others.
        bulk_above: More rows of one object than this go by a job in the background; 0 is never.
    """

    enabled: bool = True
    enabled_at: datetime | None = None
    objects: Mapping[SObject, OutboundObject] = field(
        default_factory=lambda: {sobject: OutboundObject() for sobject in SObject}
    )
    pace: Pace = Pace.BATCHED
    max_waiting: int = 100
    max_wait_minutes: int = 10
    max_attempts: int = 10
    api_share_percent: int = 90
    bulk_above: int = 2000

    def open_since(self, sobject: SObject) -> datetime | None:
        """Return the moment before which no edit goes out to *sobject*, if there is one."""
        moments = [at for at in (self.enabled_at, self.objects[sobject].enabled_at) if at]
        return max(moments, default=None)

    def writes(self, sobject: SObject) -> bool:
        """Return whether edits go out to *sobject* now."""
        return self.enabled and self.objects[sobject].enabled


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


class OnRemoteRemoval(StrEnum):
    """What it does to a member here that it was removed in Salesforce."""

    REMOVE = "remove"
    KEEP = "keep"


@dataclass(frozen=True, kw_only=True, slots=True)
class Campaigns:
    """How campaigns are kept in step.

    Attributes:
        create_missing_statuses: Give a campaign that existed in Salesforce before the statuses of
            ours that it lacks, instead of falling back to its default.
    """

    interval_minutes: int = 5
    create_missing_statuses: bool = False
    on_remote_removal: OnRemoteRemoval = OnRemoteRemoval.REMOVE

    @property
    def interval(self) -> timedelta | None:
        """Return how often they are synced by themselves; `None` means by hand only."""
        return timedelta(minutes=self.interval_minutes) if self.interval_minutes else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """How much a run may delete, unlink, move or blank before somebody has to say yes.

    Attributes:
        share_percent: Of an object's records, no more than this; 100 lets everything pass.
        minimum: Fewer than this always pass.
    """

    share_percent: int = 20
    minimum: int = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncSettings:
    """The whole document, at one version; 0 is what holds before anybody changed anything.

    Attributes:
        conflict_policy: How two-way fields are settled.
        time_zone: Where a day begins, whose moments stand for it on the other side; its IANA name.
        auto_detect_custom_fields: Custom fields that the org has join the mapping by themselves.
        member_fields: What members of campaigns have besides their status.
    """

    version: int = 0
    conflict_policy: ConflictPolicy = ConflictPolicy.THREE_WAY
    time_zone: str = "UTC"
    auto_detect_custom_fields: bool = False
    inbound: Inbound = field(default_factory=Inbound)
    outbound: Outbound = field(default_factory=Outbound)
    creation: Creation = field(default_factory=Creation)
    campaigns: Campaigns = field(default_factory=Campaigns)
    guard: Guard = field(default_factory=Guard)
    fields: tuple[FieldMapping, ...] = CONTACT_FIELDS
    company_fields: tuple[FieldMapping, ...] = COMPANY_FIELDS
    member_fields: tuple[FieldMapping, ...] = ()
    opportunities: OpportunitySettings = field(default_factory=OpportunitySettings)

    def fields_of_members(self) -> tuple[_Field, ...]:
        """Return the fields that cross to and from CampaignMembers, each with its policy."""
        return self._by_policy(synced_fields(self.member_fields, CampaignObject.MEMBER))

    def fields_of(self, sobject: SObject) -> tuple[_Field, ...]:
        """Return the fields that cross between us and *sobject*, each with its policy."""
        fields = self.fields if sobject.is_person else self.company_fields
        return self._by_policy(synced_fields(fields, sobject))

    def _by_policy(self, fields: tuple[_Field, ...]) -> tuple[_Field, ...]:
        """Return fields with what the whole deployment has in common."""
        if self.conflict_policy is not ConflictPolicy.THREE_WAY:
            fields = tuple(replace(field, conflict=self.conflict_policy) for field in fields)
        zone = zone_of(self.time_zone)
        if zone is UTC:
            return fields
        return tuple(
            replace(field, zone=zone) if field.type in _TIMES else field for field in fields
        )


def switched(before: SyncSettings, after: SyncSettings, *, now: datetime) -> SyncSettings:
    """Return *after* as the next version of *before*, with the moment at what was switched on."""
    inbound = {
        sobject: replace(
            wanted,
            enabled_at=_comes_in_since(before.inbound.objects[sobject], wanted, now),
            selection=_since(before.inbound.objects[sobject].selection, wanted.selection, now),
        )
        for sobject, wanted in after.inbound.objects.items()
    }
    outbound = {
        sobject: replace(
            wanted, enabled_at=_enabled_at(before.outbound.objects[sobject], wanted, now)
        )
        for sobject, wanted in after.outbound.objects.items()
    }
    return replace(
        after,
        version=before.version + 1,
        fields=placed_at(before.fields, after.fields, now=now),
        company_fields=placed_at(before.company_fields, after.company_fields, now=now),
        inbound=replace(after.inbound, objects=inbound),
        outbound=replace(
            after.outbound,
            objects=outbound,
            enabled_at=_enabled_at(before.outbound, after.outbound, now),
        ),
        opportunities=replace(
            after.opportunities,
            enabled_at=_enabled_at(before.opportunities, after.opportunities, now),
        ),
    )


class _Switch(Protocol):
    """What remembers since when it is on."""

    @property
    def enabled(self) -> bool: ...

    @property
    def enabled_at(self) -> datetime | None: ...


def _enabled_at(before: _Switch, after: _Switch, now: datetime) -> datetime | None:
    return now if after.enabled and not before.enabled else before.enabled_at


def _comes_in_since(before: InboundObject, after: InboundObject, now: datetime) -> datetime | None:
    return now if after.comes_in and not before.comes_in else before.enabled_at


def _since(before: Selection, after: Selection, now: datetime) -> Selection:
    return replace(after, since=before.since if after.mode is before.mode else now)
