"""Laws about campaigns that were deleted there, by histories that are told by hand."""

from __future__ import annotations

import pytest

from tests.convergence.campaign_end_laws import members_outlive_their_campaign
from tests.convergence.campaign_operator_acts import CampaignOperatorActs
from tests.convergence.campaign_org_acts import CampaignOrgActs
from tests.convergence.chronicle import Chronicle
from tests.convergence.org_life_acts import OrgLifeActs
from tests.convergence.rest import come_to_rest, judge
from tests.convergence.telling import let_ada_join, plain_world
from tests.convergence.world import Mishap

# Of the numbers of a step, those that mean: the first; and a new campaign for it.
FIRST = (0, 0, 0, 0, 0, 1)
A_NEW_ONE = (0, 1, 3, 0, 0, 1)


@pytest.mark.parametrize("for_good", [False, True])
def test_who_goes_over_to_another_campaign_is_deleted_there(*, for_good: bool) -> None:
    """That takes the membership along here, too; the end of the former campaign did not."""
    world, chronicle = plain_world(), Chronicle()
    let_ada_join(world)
    CampaignOperatorActs(world, chronicle).choose_sync(A_NEW_ONE, Mishap())
    world.pass_time(60)
    CampaignOrgActs(world, chronicle).their_end(FIRST)
    world.pass_time(60)
    world.sync_campaigns({}, turns=0, mishap=Mishap())
    assert [each.present for each in world.campaigns.members()] == [True]
    OrgLifeActs(world, chronicle).delete(FIRST)
    world.pass_time(60)
    world.sync_campaigns({}, turns=0, mishap=Mishap())
    if for_good:
        OrgLifeActs(world, chronicle).purge(FIRST)

    wrongs = [*come_to_rest(world, chronicle), *judge(world, chronicle)]

    assert world.campaigns.members() == []
    assert wrongs == []


@pytest.mark.parametrize("goes_over", [False, True])
def test_a_membership_that_is_lost_with_its_campaign(*, goes_over: bool) -> None:
    """Something is wrong, be it that the members should have gone over to another campaign."""
    world, chronicle = plain_world(), Chronicle()
    let_ada_join(world)
    if goes_over:
        CampaignOperatorActs(world, chronicle).choose_sync(A_NEW_ONE, Mishap())
        world.pass_time(60)
    CampaignOrgActs(world, chronicle).their_end(FIRST)
    world.members.delete_many(world.campaigns.members())
    world.pass_time(60)
    world.sync_campaigns({}, turns=0, mishap=Mishap())

    rows = {row["Id"]: row for row in world.hands.rows()}
    assert [*members_outlive_their_campaign(world, chronicle, rows)]
