"""A power cut after each single write of a sync of campaigns, and what the next run makes of it."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest

from counterpart.domain.sync_settings import SyncSettings
from tests.use_cases.campaigning import CampaignWorld, a_member_field
from tests.use_cases.world import PowerCutError

if TYPE_CHECKING:
    from collections.abc import Callable

Story = tuple[CampaignWorld, str]


def a_new_campaign() -> Story:
    """Return a world in which a campaign and its members are to be made there."""
    world = CampaignWorld(SyncSettings(member_fields=(a_member_field(),)), page_size=2)
    people = world.linked(*(f"{number}@example.com" for number in range(3)))
    world.campaign(new=True)
    for contact_id, _ in people:
        world.join("launch", contact_id, "Attended", table="1")
    return world, "launch"


def two_existing_campaigns() -> Story:
    """Return a world in which members are to come in and to go out, and some to be removed."""
    world = CampaignWorld(page_size=2)
    people = world.linked(*(f"{number}@example.com" for number in range(5)))
    record_id = world.their_campaign(labels=["Registered", "Attended"])
    for _, there in people[:3]:
        world.their_member(record_id, there, "Registered")
    world.their_member(record_id, world.lead("eve@example.com"), "Attended")
    world.campaign(to=record_id)
    for contact_id, _ in people[3:]:
        world.join("launch", contact_id, "Attended")
    world.wait(1)
    return world, "launch"


def a_busy_day() -> Story:
    """Return a world in which members were moved and removed on both sides."""
    world, campaign_id = two_existing_campaigns()
    world.sync()
    world.wait(30)
    counterpart = world.the_campaign().counterpart
    assert counterpart
    ours = sorted(world.members_here())
    world.move(campaign_id, ours[0], "No show")
    world.remove(campaign_id, ours[1])
    rows = {
        contact_id: held.record_id
        for contact_id in ours
        if (held := world.member(campaign_id, contact_id).counterpart)
    }
    world.org.edit(rows[ours[2]], {"Status": "Attended"})
    world.org.delete(rows[ours[3]])
    world.wait(5)
    return world, campaign_id


def settle(world: CampaignWorld) -> None:
    """Let the function run until it has nothing left to do."""
    for _ in range(4):
        world.sync()
        world.go_on()
        world.wait(10)


def ending(story: Story) -> tuple[object, object, object]:
    """Return how it all ended: members here, members there, and who waits."""
    world, campaign_id = story
    counterpart = world.the_campaign(campaign_id).counterpart
    assert counterpart
    listing = world.people.page(campaign_id, limit=100)
    statuses = world.statuses_there(counterpart.record_id)
    return (
        sorted(world.members_here(campaign_id).items()),
        (sorted(world.members_there(counterpart.record_id).items()), statuses),
        [each.contact_id for each in listing.items if each.waiting or not each.present],
    )


@pytest.mark.parametrize("make", [a_new_campaign, two_existing_campaigns, a_busy_day])
def test_a_crash_after_any_write_is_healed_by_the_next_run(make: Callable[[], Story]) -> None:
    """Nothing is lost, nothing is made twice, and it ends as if nothing had happened."""
    whole = make()
    settle(whole[0])
    wanted = ending(whole)

    for writes in count():
        story = world, _ = make()
        world.cut_the_power_after(writes)
        try:
            world.sync()
        except PowerCutError:
            world.start_again()
            settle(world)
            assert ending(story) == wanted, f"after {writes} writes"
        else:
            break
    assert writes > 10
