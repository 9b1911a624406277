"""Backfills: what may be asked, and how a count is confirmed."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.backfill import (
    Backfill,
    BackfillErrand,
    BackfillWanted,
    check_confirmed,
    chosen_fields,
    parse_backfill,
)
from counterpart.domain.ids import to_18
from counterpart.domain.pull_errands import parse_pull_errand
from counterpart.domain.records import SObject
from counterpart.domain.requests import PullRequest
from counterpart.domain.sync_settings import SyncSettings
from counterpart.errors import InputError
from tests.domain.samples import NOON, law

LEAD_ID, CONTACT_ID = to_18("00Q000000000001"), to_18("003000000000001")


def test_a_whole_request() -> None:
    """Everything that may be said of a span of time."""
    wanted = parse_backfill(
        {
            "backfill": {
                "object": "Contact",
                "fields": ["job_title", "phone", "job_title"],
                "since": "2026-11-22T11:00:00Z",
                "until": "2026-11-22T13:00:00+01:00",
            },
            "confirm": 48,
        }
    )

    assert wanted == BackfillWanted(
        what=Backfill(
            object=SObject.CONTACT,
            fields=("job_title", "phone"),
            since=NOON - timedelta(hours=1),
            until=NOON,
        ),
        confirm=48,
    )


def test_ids_tell_their_object() -> None:
    """Nobody has to say twice what an id begins with."""
    wanted = parse_backfill({"backfill": {"ids": ["00Q000000000001"]}})

    assert isinstance(wanted, BackfillWanted)
    assert wanted.what == Backfill(object=SObject.LEAD, ids=(LEAD_ID,))
    assert wanted.confirm is None


@pytest.mark.parametrize("errand", BackfillErrand)
def test_what_is_asked_of_the_open_one(errand: BackfillErrand) -> None:
    """One word."""
    assert parse_backfill({"backfill": errand.value}) is errand


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"backfill": {}}, "backfill.object"),
        ({"backfill": {"object": "Opportunity"}}, "backfill.object"),
        ({"backfill": {"object": "Lead", "field": "phone"}}, "backfill.field"),
        ({"backfill": {"object": "Lead", "fields": []}}, "backfill.fields"),
        ({"backfill": {"object": "Lead", "fields": "phone"}}, "backfill.fields"),
        ({"backfill": {"object": "Lead", "since": "yesterday"}}, "backfill.since"),
        (
            {
                "backfill": {
                    "object": "Lead",
                    "since": "2026-11-22T12:00:00Z",
                    "until": "2026-11-22T12:00:00Z",
                }
            },
            "backfill.until",
        ),
        ({"backfill": {"ids": []}}, "backfill.ids"),
        ({"backfill": {"ids": ["006000000000001AAA"]}}, "backfill.ids"),
        ({"backfill": {"ids": [LEAD_ID, CONTACT_ID]}}, "backfill.ids"),
        ({"backfill": {"object": "Contact", "ids": [LEAD_ID]}}, "backfill.ids"),
        ({"backfill": {"ids": [LEAD_ID], "since": "2026-11-22T12:00:00Z"}}, "backfill.ids"),
        ({"backfill": {"object": "Lead"}, "confirm": True}, "confirm"),
        ({"backfill": {"object": "Lead"}, "confirm": -1}, "confirm"),
        ({"backfill": {"object": "Lead"}, "confirm": 1, "dry_run": True}, "confirm"),
        ({"backfill": {"object": "Lead"}, "start": True}, "start"),
        ({"backfill": "stop"}, "backfill"),
        ({"backfill": "cancel", "confirm": 1}, "confirm"),
        ({"backfill": "cancel", "dry_run": True}, "dry_run"),
        ({"backfill": True}, "backfill"),
    ],
)
def test_what_may_not_be_asked(payload: dict[str, object], field: str) -> None:
    """The complaint names the place."""
    with pytest.raises(InputError) as told:
        parse_backfill(payload)

    assert told.value.field == field


def test_a_payload_without_a_backfill_pulls() -> None:
    """What could be asked before, can be asked still."""
    assert parse_pull_errand({"objects": ["Lead"]}) == PullRequest(objects=(SObject.LEAD,))
    assert parse_pull_errand({"backfill": "status"}) is BackfillErrand.STATUS


def test_the_fields_of_a_backfill() -> None:
    """All that are mapped, or those that are named, if all of them are."""
    fields = SyncSettings().fields_of(SObject.LEAD)
    named = Backfill(object=SObject.LEAD, fields=("phone", "job_title"))

    assert chosen_fields(Backfill(object=SObject.LEAD), fields) == fields
    assert [field.name for field in chosen_fields(named, fields)] == ["phone", "job_title"]
    with pytest.raises(InputError, match="'shoe_size' is not mapped to Lead"):
        chosen_fields(Backfill(object=SObject.LEAD, fields=("shoe_size",)), fields)


@law
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_number_is_confirmed_up_to_a_tenth_more(confirmed: int, counted: int) -> None:
    """Fewer records are no surprise, and neither are some that came since."""
    if counted <= confirmed + confirmed / 10:
        check_confirmed(confirmed, counted)
    else:
        with pytest.raises(InputError, match=f"confirm {counted}"):
            check_confirmed(confirmed, counted)
