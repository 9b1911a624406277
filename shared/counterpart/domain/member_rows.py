"""Rows of CampaignMember, and of the statuses that a campaign in Salesforce has."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from counterpart.domain.campaigns import status_key
from counterpart.domain.days import as_read
from counterpart.domain.records import CampaignObject
from counterpart.domain.room import leave_out
from counterpart.domain.values import normalise, parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import PlainRecord
    from counterpart.domain.values import Value

# A label of a status has as many characters in CampaignMember.Status, and no more.
LONGEST_LABEL = 40

CONVERTED_CONTACT = "Lead.ConvertedContactId"
_PATHS = ("CampaignId", "LeadId", "ContactId", CONVERTED_CONTACT, "Status", "HasResponded")
_STATUS_PATHS = ("CampaignId", "Label", "IsDefault", "HasResponded", "SortOrder")


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberRow:
    """One CampaignMember at one moment. Ids have 18 characters.

    Attributes:
        person_ids: Whom it is about, the one that counts most first: its Contact, the Contact that
            its lead has become, its lead.
        status: The label of its status.
        values: Of mapped fields, by our names, in normal form.
        unreadable: Our names of fields whose value is not of the type that the mapping says, or
            too large to be kept.
    """

    id: str
    campaign_id: str
    person_ids: tuple[str, ...]
    status: str
    responded: bool
    created_at: datetime
    modified_at: datetime
    modstamp: datetime
    deleted: bool = False
    values: Mapping[str, Value] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()

    @property
    def object(self) -> CampaignObject:
        """What it is a row of."""
        return CampaignObject.MEMBER


def member_paths(fields: Sequence[FieldMapping]) -> list[str]:
    """Return what is read of a CampaignMember, by API name."""
    mapped = (each.paths[CampaignObject.MEMBER] for each in fields)
    return list(dict.fromkeys((*_PATHS, "CreatedDate", *mapped)))


def member_row(record: PlainRecord, fields: Sequence[FieldMapping]) -> MemberRow:
    """Return what a record of CampaignMember says."""
    raw = record.values
    values: dict[str, Value] = {}
    unreadable = []
    for each in fields:
        path = each.paths[CampaignObject.MEMBER]
        if path not in raw:
            continue
        try:
            values[each.name] = as_read(each.type, raw[path], each.zone)
        except ValueError:
            unreadable.append(each.name)
    unreadable += leave_out(values)
    persons = (raw.get(path) for path in ("ContactId", CONVERTED_CONTACT, "LeadId"))
    return MemberRow(
        id=record.id,
        campaign_id=str(raw["CampaignId"]),
        person_ids=tuple(str(person) for person in persons if person),
        status=str(raw.get("Status") or ""),
        responded=raw.get("HasResponded") is True,
        created_at=parse_time(str(raw["CreatedDate"])),
        modified_at=record.modified_at,
        modstamp=record.modstamp,
        deleted=record.deleted,
        values=values,
        unreadable=tuple(unreadable),
    )


def new_row(
    *, campaign_id: str, person_id: str, fields: Sequence[FieldMapping], now: datetime
) -> MemberRow:
    """Return the row of somebody who is no member yet: everything in it is blank."""
    return MemberRow(
        id="",
        campaign_id=campaign_id,
        person_ids=(person_id,),
        status="",
        responded=False,
        created_at=now,
        modified_at=datetime.min.replace(tzinfo=UTC),
        modstamp=now,
        values={each.name: normalise(each.type, None) for each in fields},
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class TheirStatus:
    """One of the statuses that a Salesforce campaign has."""

    record_id: str
    campaign_id: str
    label: str
    default: bool
    responded: bool
    sort_order: int


def status_paths() -> Sequence[str]:
    """Return what is read of a CampaignMemberStatus, by API name."""
    return _STATUS_PATHS


def their_status(record: PlainRecord) -> TheirStatus:
    """Return what a record of CampaignMemberStatus says."""
    raw = record.values
    return TheirStatus(
        record_id=record.id,
        campaign_id=str(raw["CampaignId"]),
        label=str(raw["Label"]),
        default=raw["IsDefault"] is True,
        responded=raw["HasResponded"] is True,
        sort_order=int(raw["SortOrder"] or 0),
    )


def short_label(label: str) -> str:
    """Return a label as Salesforce can hold it."""
    return label.strip()[:LONGEST_LABEL].rstrip()


def find_status(label: str, statuses: Sequence[TheirStatus]) -> TheirStatus | None:
    """Return the status with that label, however it is spelt and cut, or `None`."""
    wanted = status_key(short_label(label))
    return next((each for each in statuses if status_key(short_label(each.label)) == wanted), None)
