"""Opportunities: what a row says, when it is news, and what many come to."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.days import zone_of
from counterpart.domain.opportunities import (
    OPPORTUNITY,
    ROLE,
    Opportunity,
    OpportunityField,
    OpportunitySettings,
    is_news,
    opportunity_of,
    role_of,
    rolled_up,
)
from counterpart.domain.records import PlainRecord
from counterpart.domain.room import MOST_BYTES
from counterpart.domain.settings_document import from_document, to_document
from counterpart.domain.switching import switched
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import FieldType
from counterpart.errors import InputError
from tests.domain.samples import HOUR, NOON, law, moments

TODAY = date(2026, 11, 22)
NEXT_STEP = OpportunityField(name="next_step", type=FieldType.STRING, path="NextStep")


def a_row(sobject: str = OPPORTUNITY, **values: str | float | bool | None) -> PlainRecord:
    """Return a row."""
    return PlainRecord(
        id="006000000000001AAA", object=sobject, modified_at=NOON, modstamp=NOON, values=values
    )


def a_deal(number: int = 1, **details: object) -> Opportunity:
    """Return an opportunity."""
    bare = Opportunity(id=f"006{number:012d}AAA", modified_at=NOON, modstamp=NOON)
    return replace(bare, **details)  # type: ignore[arg-type] # as each test gives them


def test_a_row_becomes_an_opportunity() -> None:
    """Amounts are decimals as people write them, not the doubles behind them."""
    row = a_row(
        Name="Analytical Engine",
        Amount=1234.1,
        StageName="Prospecting",
        CloseDate="2026-12-31",
        AccountId="001000000000001AAA",
        IsClosed=False,
        IsWon=False,
        CurrencyIsoCode="GBP",
        NextStep=" Call ",
    )

    deal = opportunity_of(row, [NEXT_STEP])

    assert deal == a_deal(
        name="Analytical Engine",
        stage="Prospecting",
        amount=Decimal("1234.1"),
        currency="GBP",
        close_date="2026-12-31",
        account_id="001000000000001AAA",
        fields={"next_step": "Call"},
    )


def test_what_a_row_does_not_show_is_blank() -> None:
    """A hidden amount is unknown, not nothing; a value of another type than mapped is left out."""
    number = OpportunityField(name="next_step", type=FieldType.NUMBER, path="NextStep")

    deal = opportunity_of(a_row(Name="Engine", NextStep="Call"), [number])

    assert (deal.amount, deal.currency, deal.fields) == (None, None, {})


def test_an_opportunity_that_is_larger_than_we_can_keep() -> None:
    """Its largest value is left blank, and the rest comes in."""
    brief = OpportunityField(name="brief", type=FieldType.TEXT, path="Brief__c")
    row = a_row(Name="Engine", NextStep="Call", Brief__c="x" * (MOST_BYTES + 1))

    assert opportunity_of(row, [NEXT_STEP, brief], UTC).fields == {"next_step": "Call"}


@pytest.mark.parametrize(
    ("kind", "there", "here"),
    [
        (FieldType.DATE, "2026-06-30T22:30:00.000+0000", "2026-07-01"),
        (FieldType.DATETIME, "2026-07-01", "2026-06-30T22:00:00Z"),
        (FieldType.DATETIME, "2026-06-30T22:30:00.000+0000", "2026-06-30T22:30:00Z"),
    ],
)
def test_days_and_moments_of_an_opportunity(kind: FieldType, there: str, here: str) -> None:
    """By the time zone of the settings, as in any field."""
    signed = OpportunityField(name="signed", type=kind, path="Signed__c")

    deal = opportunity_of(a_row(Signed__c=there), [signed], zone_of("Europe/Berlin"))

    assert deal.fields == {"signed": here}


@pytest.mark.parametrize("missing", ["OpportunityId", "ContactId"])
def test_a_role_that_leads_to_nobody(missing: str) -> None:
    """It is none."""
    values: dict[str, str | float | bool | None] = {
        "OpportunityId": "006000000000001AAA",
        "ContactId": "003000000000001AAA",
    }
    values[missing] = None

    assert role_of(a_row(ROLE, **values)) is None


@law
@given(moments(), moments(), st.sampled_from(["Prospecting", "Closed Won"]), st.booleans())
def test_rows_read_again_cost_no_write(
    at: datetime,
    stored_at: datetime,
    stage: str,
    deleted: bool,  # noqa: FBT001 - drawn
) -> None:
    """What was stored is no news, and neither is anything older."""
    seen = a_deal(modstamp=at, stage=stage, deleted=deleted)
    stored = a_deal(modstamp=stored_at, stage="Prospecting")

    assert not is_news(seen, seen)
    assert is_news(seen, stored) == (at > stored_at or (at == stored_at and seen != stored))
    assert is_news(seen, None) == (not deleted)


def test_what_opportunities_come_to() -> None:
    """Each currency is summed by itself; what is unknown counts for nothing."""
    deals = [
        a_deal(1, amount=Decimal("0.1"), currency="EUR", close_date="2026-12-31", stage="New"),
        a_deal(2, amount=Decimal("0.2"), currency="EUR", close_date="2026-11-22"),
        a_deal(3, amount=Decimal(5), currency="USD", close_date="2026-11-21"),
        a_deal(4, amount=None, currency="EUR", modified_at=NOON + HOUR, stage="Negotiation/Review"),
        a_deal(5, amount=Decimal(7), currency="USD", closed=True, won=True),
        a_deal(6, amount=Decimal(9), currency="USD", closed=True),
    ]

    summary = rolled_up(deals, today=TODAY)

    assert (summary.count, summary.open_count, summary.won_count, summary.lost_count) == (
        6,
        4,
        1,
        1,
    )
    assert summary.open_amounts == {"EUR": Decimal("0.3"), "USD": Decimal(5)}
    assert summary.won_amounts == {"USD": Decimal(7)}
    assert summary.latest_stage == "Negotiation/Review"
    assert (summary.next_close_date, summary.overdue) == ("2026-11-22", 1)


def test_no_opportunities_come_to_nothing() -> None:
    """There is no stage and no date."""
    summary = rolled_up([], today=TODAY)

    assert (summary.count, summary.latest_stage, summary.next_close_date) == (0, None, None)
    assert summary.open_amounts == {}


@law
@given(
    st.lists(
        st.builds(
            a_deal,
            st.integers(1, 9),
            amount=st.none() | st.decimals(0, 10**9, places=2),
            currency=st.sampled_from([None, "EUR", "USD"]),
            closed=st.booleans(),
            won=st.just(value=False),
        )
    )
)
def test_nothing_is_counted_twice_or_lost(deals: list[Opportunity]) -> None:
    """Open and closed together are all, and so are their amounts."""
    summary = rolled_up(deals, today=TODAY)

    assert summary.open_count + summary.won_count + summary.lost_count == summary.count
    expected = sum((deal.amount for deal in deals if deal.amount and not deal.closed), Decimal())
    assert sum(summary.open_amounts.values(), Decimal()) == expected


# --- Settings -------------------------------------------------------------------------------------


def test_opportunities_are_off_until_somebody_wants_them() -> None:
    """A stored document from before says nothing of them."""
    document = to_document(SyncSettings())
    del document["opportunities"], document["opportunity_fields"]

    assert not from_document(document, base=SyncSettings()).opportunities.enabled


def test_the_document_comes_back() -> None:
    """With every detail."""
    settings = SyncSettings(
        opportunities=OpportunitySettings(
            enabled=True, enabled_at=NOON, interval_minutes=60, fields=(NEXT_STEP,)
        )
    )

    assert from_document(to_document(settings), base=SyncSettings()) == settings


def test_switching_on_remembers_the_moment() -> None:
    """So that nothing is caught up."""
    on = from_document({"opportunities": {"enabled": True}}, base=SyncSettings())

    first = switched(SyncSettings(), on, now=NOON)
    again = switched(first, first, now=NOON + HOUR)

    assert first.opportunities.enabled_at == NOON
    assert again.opportunities.enabled_at == NOON


def test_fields_are_replaced_as_given() -> None:
    """Leaving one out is how it is removed; whether they come in is another key's matter."""
    base = SyncSettings(opportunities=OpportunitySettings(enabled=True, fields=(NEXT_STEP,)))

    after = from_document({"opportunity_fields": {}}, base=base)

    assert after.opportunities == OpportunitySettings(enabled=True)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"opportunities": {"interval_minutes": 7}}, "opportunities.interval_minutes"),
        ({"opportunities": {"enabled": 1}}, "opportunities.enabled"),
        ({"opportunities": {"fields": {}}}, "opportunities.fields"),
        ({"opportunity_fields": []}, "opportunity_fields"),
        ({"opportunity_fields": {"NextStep": {}}}, "opportunity_fields.NextStep"),
        (
            {"opportunity_fields": {"stage": {"salesforce": "StageName"}}},
            "opportunity_fields.stage",
        ),
        ({"opportunity_fields": {"step": {}}}, "opportunity_fields.step.salesforce"),
        (
            {"opportunity_fields": {"step": {"salesforce": "NextStep", "type": "money"}}},
            "opportunity_fields.step.type",
        ),
    ],
)
def test_a_wrong_document(document: dict[str, object], field: str) -> None:
    """The complaint names the place."""
    with pytest.raises(InputError) as refusal:
        from_document(document, base=SyncSettings())

    assert refusal.value.field == field
