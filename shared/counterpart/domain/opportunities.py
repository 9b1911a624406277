"""Opportunities: deals that come in, one way, with the part that people have in each.

They are kept by their Salesforce ids. Who of ours has a part in one is read from the links when
somebody asks, so a role that comes before its contact is linked needs no second look, and a
contact that is linked anew, converted or merged finds what its record has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from counterpart.domain.days import as_read, is_day, start_of
from counterpart.domain.room import leave_out
from counterpart.domain.values import FieldType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime, tzinfo

    from counterpart.domain.records import PlainRecord
    from counterpart.domain.values import Value

OPPORTUNITY = "Opportunity"
ROLE = "OpportunityContactRole"

# Orgs of one currency lack it.
CURRENCY = "CurrencyIsoCode"
# What is read of every opportunity.
FIXED = ("Name", "Amount", "StageName", "CloseDate", "AccountId", "IsClosed", "IsWon", CURRENCY)
ROLE_PATHS = ("OpportunityId", "ContactId", "Role", "IsPrimary")


@dataclass(frozen=True, kw_only=True, slots=True)
class OpportunityField:
    """A further field of opportunities that comes in.

    Attributes:
        name: Ours.
        path: API name, or a dotted path to a parent's field.
    """

    name: str
    type: FieldType
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OpportunitySettings:
    """Whether and how opportunities come in.

    Attributes:
        enabled_at: When it was last switched on; what changed before stays outside.
        interval_minutes: Between two polls; 0 means by hand only.
        fields: Besides name, amount, stage and expected close date.
    """

    enabled: bool = False
    enabled_at: datetime | None = None
    interval_minutes: int = 5
    fields: tuple[OpportunityField, ...] = ()

    @property
    def interval(self) -> timedelta | None:
        """Return the time between two polls; `None` means by hand only."""
        return timedelta(minutes=self.interval_minutes) if self.interval_minutes else None

    @property
    def paths(self) -> tuple[str, ...]:
        """Return what is read of an opportunity, by API name, each once."""
        return tuple(dict.fromkeys((*FIXED, *(one.path for one in self.fields))))


@dataclass(frozen=True, kw_only=True, slots=True)
class Opportunity:
    """One opportunity, as it was last seen.

    Attributes:
        id: 18 characters.
        account_id: Whose; `None` for nobody's.
        amount: In *currency*; `None` while it is unknown.
        currency: ISO code; `None` in an org of one currency.
        close_date: When it is, or was, expected to close, such as `2026-12-31`.
        fields: Those that the settings map, by our names, in normal form.
        modified_at: When a user last changed it.
        deleted: In the recycle bin; nobody is shown it.
    """

    id: str
    modified_at: datetime
    modstamp: datetime
    name: str = ""
    stage: str = ""
    account_id: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    close_date: str | None = None
    closed: bool = False
    won: bool = False
    fields: Mapping[str, Value] = field(default_factory=dict)
    deleted: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactRole:
    """The part that a Contact has in an opportunity.

    Attributes:
        id: 18 characters.
        contact_record_id: The Contact in Salesforce, whoever that is to us.
        role: Such as `Decision Maker`; may be blank.
    """

    id: str
    opportunity_id: str
    contact_record_id: str
    modstamp: datetime
    role: str | None = None
    primary: bool = False
    deleted: bool = False


def opportunity_of(
    record: PlainRecord, fields: Iterable[OpportunityField], zone: tzinfo = UTC
) -> Opportunity:
    """Return the opportunity in a row; what the row does not show is blank.

    Args:
        record: The row.
        fields: What is read besides what every opportunity has.
        zone: Where the days lie that stand for moments.
    """
    get = record.values.get
    amount = get("Amount")
    return Opportunity(
        id=record.id,
        modified_at=record.modified_at,
        modstamp=record.modstamp,
        name=str(get("Name") or ""),
        stage=str(get("StageName") or ""),
        account_id=_text(get("AccountId")),
        # By way of its shortest text: the binary double behind 0.1 is no amount of money.
        amount=None if amount is None else Decimal(str(amount)),
        currency=_text(get(CURRENCY)),
        close_date=_text(get("CloseDate")),
        closed=get("IsClosed") is True,
        won=get("IsWon") is True,
        fields=_values(fields, record, zone),
        deleted=record.deleted,
    )


def role_of(record: PlainRecord) -> ContactRole | None:
    """Return the role in a row; `None` for one that leads to nobody."""
    get = record.values.get
    opportunity_id, contact_id = get("OpportunityId"), get("ContactId")
    if opportunity_id is None or contact_id is None:
        return None
    return ContactRole(
        id=record.id,
        opportunity_id=str(opportunity_id),
        contact_record_id=str(contact_id),
        modstamp=record.modstamp,
        role=_text(get("Role")),
        primary=get("IsPrimary") is True,
        deleted=record.deleted,
    )


def _text(value: object) -> str | None:
    return str(value) if value is not None else None


def _values(
    fields: Iterable[OpportunityField], record: PlainRecord, zone: tzinfo
) -> dict[str, Value]:
    values: dict[str, Value] = {
        one.name: value
        for one in fields
        if one.path in record.values and (value := _value(one, record, zone)) is not None
    }
    # What is larger than all that can be kept is left blank.
    leave_out(values)
    return values


def _value(one: OpportunityField, record: PlainRecord, zone: tzinfo) -> Value:
    try:
        value = as_read(one.type, record.values[one.path], zone)
        day = one.type is FieldType.DATETIME and is_day(value)
        return start_of(str(value), zone) if day else value
    except ValueError:
        # A field that is mapped as another type than it has is left blank.
        return None


def is_news(seen: Opportunity | ContactRole, stored: Opportunity | ContactRole | None) -> bool:
    """Return whether what was just read is to be stored: rows read again cost no write."""
    if stored is None:
        # What was gone before anybody knew of it is no loss.
        return not seen.deleted
    if seen.modstamp != stored.modstamp:
        return seen.modstamp > stored.modstamp
    return seen != stored


# --- The roll-up ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class RollUp:
    """What all opportunities of somebody come to.

    Attributes:
        open_amounts: By currency; an amount that is unknown counts for nothing.
        latest_stage: Of the one that a user changed last.
        next_close_date: The earliest, from today on, at which an open one is expected to close.
        overdue: How many open ones should have closed by now.
    """

    count: int = 0
    open_count: int = 0
    open_amounts: Mapping[str | None, Decimal] = field(default_factory=dict)
    won_count: int = 0
    won_amounts: Mapping[str | None, Decimal] = field(default_factory=dict)
    lost_count: int = 0
    latest_stage: str | None = None
    next_close_date: str | None = None
    overdue: int = 0


def rolled_up(opportunities: Sequence[Opportunity], *, today: date) -> RollUp:
    """Return what *opportunities*, none of them deleted, come to on a day."""
    still_open = [one for one in opportunities if not one.closed]
    won = [one for one in opportunities if one.won]
    lost = [one for one in opportunities if one.closed and not one.won]
    latest = max(opportunities, key=lambda one: (one.modified_at, one.id), default=None)
    dates = [one.close_date for one in still_open if one.close_date]
    day = today.isoformat()
    return RollUp(
        count=len(opportunities),
        open_count=len(still_open),
        open_amounts=_sums(still_open),
        won_count=len(won),
        won_amounts=_sums(won),
        lost_count=len(lost),
        latest_stage=latest.stage if latest else None,
        next_close_date=min((one for one in dates if one >= day), default=None),
        overdue=sum(one < day for one in dates),
    )


def _sums(opportunities: Iterable[Opportunity]) -> dict[str | None, Decimal]:
    sums: dict[str | None, Decimal] = {}
    for one in opportunities:
        if one.amount is not None:
            sums[one.currency] = sums.get(one.currency, Decimal()) + one.amount
    return sums
