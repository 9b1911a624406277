"""Campaigns when our share of the org's API calls is used up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from counterpart.domain.outcomes import RunStatus
from tests.use_cases.campaigning import CampaignWorld

if TYPE_CHECKING:
    from counterpart.use_cases.reports import Report

DAILY = 100
A_DAY = 24 * 60 + 1


def spend(world: CampaignWorld, *, until: int = 95) -> None:
    """Let others make so many calls, of which we are told."""
    while world.salesforce.usage().used < until:
        world.salesforce.update([])


def stands_still(report: Report) -> bool:
    """Return whether a run stopped before it called anybody, and said so."""
    told = any("calls are used" in note for note in report.notes)
    return (report.status, report.api_calls, told) == (RunStatus.BUDGET, 0, True)


@pytest.mark.failure("F29")
@pytest.mark.parametrize("alone", [False, True])
def test_a_campaign_that_is_to_be_made(alone: bool) -> None:  # noqa: FBT001 - a parameter
    """It is made once calls are free again, with its members."""
    world = CampaignWorld(daily_calls=DAILY)
    ((ada, ada_there),) = world.linked("ada@example.com")
    world.campaign(new=True)
    world.join("launch", ada)
    spend(world)

    assert stands_still(world.sync(campaign_id="launch" if alone else None))
    assert world.the_campaign().counterpart is None

    world.wait(A_DAY)
    world.sync()
    campaign = world.the_campaign()
    assert campaign.counterpart
    world.wait(10)
    world.sync()
    assert world.members_there(campaign.counterpart.record_id) == {ada_there: "Registered"}


@pytest.mark.failure("F29")
def test_the_share_is_used_up_between_two_campaigns() -> None:
    """Each costs some calls; the second is made another day."""
    world = CampaignWorld(daily_calls=DAILY)
    for name in ("launch", "party"):
        world.campaign(name, name=name, new=True)
    spend(world, until=89)

    assert world.sync().status is RunStatus.BUDGET
    assert [bool(world.the_campaign(name).counterpart) for name in ("launch", "party")] == [
        True,
        False,
    ]

    world.wait(A_DAY)
    world.sync()
    assert world.the_campaign("party").counterpart


@pytest.mark.failure("F29")
@pytest.mark.parametrize("alone", [False, True])
def test_a_campaign_that_is_linked(alone: bool) -> None:  # noqa: FBT001 - a parameter
    """What was changed on either side meanwhile crosses once calls are free again."""
    world = CampaignWorld(daily_calls=DAILY)
    (ada, ada_there), (bob, bob_there) = world.linked("ada@example.com", "bob@example.com")
    record_id = world.their_campaign(labels=["Registered", "Attended"])
    bobs = world.their_member(record_id, bob_there, "Registered")
    world.campaign(to=record_id)
    for _ in range(3):
        world.wait(10)
        world.sync()
    spend(world)
    world.join("launch", ada, "Attended")
    world.org.edit(bobs, {"Status": "Attended"})

    assert stands_still(world.sync(campaign_id="launch" if alone else None))
    assert world.members_here() == {ada: "Attended", bob: "Registered"}

    world.wait(A_DAY)
    world.sync()
    assert world.members_here() == dict.fromkeys((ada, bob), "Attended")
    assert world.members_there(record_id) == dict.fromkeys((ada_there, bob_there), "Attended")
