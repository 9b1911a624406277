"""What is asked of sync_campaigns, read strictly."""

from __future__ import annotations

import pytest

from counterpart.domain.campaign_requests import (
    CampaignSearchRequest,
    CampaignsRequest,
    parse_campaigns_request,
)
from counterpart.errors import InputError


def test_an_empty_payload_asks_for_everything_now() -> None:
    """As with the other functions."""
    assert parse_campaigns_request({}) == CampaignsRequest()


def test_a_search_stands_alone() -> None:
    """It is another errand."""
    assert parse_campaigns_request({"search": " launch "}) == CampaignSearchRequest(name="launch")

    with pytest.raises(InputError, match="unknown key 'dry_run'"):
        parse_campaigns_request({"search": "launch", "dry_run": True})


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"campaign": "launch"}, "campaign"),
        ({"campaign_id": 7}, "campaign_id"),
        ({"campaign_id": ""}, "campaign_id"),
        ({"dry_run": "yes"}, "dry_run"),
        ({"scheduled": 1}, "scheduled"),
        ({"continues": None}, "continues"),
        ({"search": None}, "search"),
        ({"search": ""}, "search"),
    ],
)
def test_what_is_not_allowed_is_refused_by_name(payload: dict[str, object], field: str) -> None:
    """A typing error must never become a full sync."""
    with pytest.raises(InputError) as refused:
        parse_campaigns_request(payload)

    assert refused.value.field == field


@pytest.mark.parametrize(
    "request_made",
    [
        CampaignsRequest(scheduled=True),
        CampaignsRequest(campaign_id="launch"),
        CampaignsRequest(),
    ],
)
def test_a_hand_over_asks_for_the_same_at_once(request_made: CampaignsRequest) -> None:
    """Whatever the interval says."""
    asked = parse_campaigns_request(request_made.payload())

    assert isinstance(asked, CampaignsRequest)
    assert asked.continues
    assert (asked.campaign_id, asked.scheduled) == (
        request_made.campaign_id,
        request_made.scheduled,
    )
