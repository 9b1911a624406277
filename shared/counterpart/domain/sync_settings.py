"""The settings: what comes in, what goes out, what is created, and which field by which mode."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.creation_settings import Creation
from counterpart.domain.days import zone_of
from counterpart.domain.inbound_settings import Inbound
from counterpart.domain.mapping import ConflictPolicy, FieldMapping, synced_fields
from counterpart.domain.opportunities import OpportunitySettings
from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.records import CampaignObject, SObject
from counterpart.domain.standard_fields import COMPANY_FIELDS, CONTACT_FIELDS
from counterpart.domain.values import FieldType

if TYPE_CHECKING:
    from counterpart.domain.mapping import FieldMapping as _Field

_TIMES = frozenset({FieldType.DATE, FieldType.DATETIME})


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
