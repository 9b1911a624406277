"""The shapes of opportunities, as the API gives them out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pydantic import BaseModel, Field

from counterpart.domain.opportunities import RollUp
from counterpart.domain.values import format_time
from counterpart.use_cases.read_opportunities import Deals, Part
from http_api.views import Json


class AmountShown(BaseModel):
    """A sum in one currency."""

    currency: str | None = Field(description="ISO code; null in an org of one currency.")
    amount: str = Field(description="A decimal, such as `12000.50`.")


class RollUpShown(BaseModel):
    """What all opportunities of somebody come to."""

    count: int
    open_count: int
    open_amounts: list[AmountShown]
    won_count: int
    won_amounts: list[AmountShown]
    lost_count: int
    latest_stage: str | None = Field(description="Of the one that was changed last.")
    next_close_date: str | None = Field(
        description="The earliest, from today on, at which an open one is expected to close."
    )
    overdue_count: int = Field(description="Open ones that should have closed by now.")

    @classmethod
    def of(cls, roll_up: RollUp) -> RollUpShown:
        """Return *roll_up* in this shape."""
        return cls(
            count=roll_up.count,
            open_count=roll_up.open_count,
            open_amounts=_amounts(roll_up.open_amounts),
            won_count=roll_up.won_count,
            won_amounts=_amounts(roll_up.won_amounts),
            lost_count=roll_up.lost_count,
            latest_stage=roll_up.latest_stage,
            next_close_date=roll_up.next_close_date,
            overdue_count=roll_up.overdue,
        )


class RoleShown(BaseModel):
    """The part that a contact has in an opportunity."""

    name: str | None = Field(description="Such as `Decision Maker`; may be blank.")
    primary: bool


class OpportunityShown(BaseModel):
    """An opportunity, by its Salesforce id."""

    id: str
    name: str
    stage: str
    amount: str | None = Field(description="A decimal, such as `12000.50`.")
    currency: str | None
    close_date: str | None
    closed: bool
    won: bool
    fields: dict[str, Json] = Field(description="By the names of `opportunity_fields`.")
    account_id: str | None
    company_id: str | None
    role: RoleShown | None = Field(
        description="The contact's; null where a company was asked for, or it has none."
    )
    modified_at: str

    @classmethod
    def of(cls, part: Part) -> OpportunityShown:
        """Return *part* in this shape."""
        one, role = part.opportunity, part.role
        return cls(
            id=one.id,
            name=one.name,
            stage=one.stage,
            amount=None if one.amount is None else _plain(one.amount),
            currency=one.currency,
            close_date=one.close_date,
            closed=one.closed,
            won=one.won,
            fields={
                name: list(value) if isinstance(value, tuple) else value
                for name, value in one.fields.items()
            },
            account_id=one.account_id,
            company_id=part.company_id,
            role=RoleShown(name=role.role, primary=role.primary) if role else None,
            modified_at=format_time(one.modified_at),
        )


class Opportunities(BaseModel):
    """The opportunities of somebody: open ones first, the latest before the others."""

    summary: RollUpShown
    items: list[OpportunityShown]

    @classmethod
    def of(cls, deals: Deals) -> Opportunities:
        """Return *deals* in this shape."""
        return cls(
            summary=RollUpShown.of(deals.roll_up),
            items=[OpportunityShown.of(part) for part in deals.parts],
        )


def _amounts(sums: Mapping[str | None, Decimal]) -> list[AmountShown]:
    return [
        AmountShown(currency=currency, amount=_plain(sums[currency]))
        for currency in sorted(sums, key=str)
    ]


def _plain(amount: Decimal) -> str:
    return f"{amount:f}"
