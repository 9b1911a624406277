"""Laws about what is entered in members of campaigns, by histories that are told by hand."""

from __future__ import annotations

import pytest

from tests.convergence.campaign_acts import CampaignActs
from tests.convergence.campaign_org_acts import CampaignOrgActs
from tests.convergence.chronicle import Chronicle
from tests.convergence.fields import TABLE
from tests.convergence.rest import come_to_rest, judge
from tests.convergence.telling import let_ada_join, plain_world
from tests.convergence.world import Mishap

# Of the numbers of a step, those that mean: of the only member the field, cleared or not.
CLEARED = (0, 0, 0, 0, 0, 1)
ENTERED = (0, 0, 0, 0, 1, 1)


@pytest.mark.parametrize("answered", [False, True])
def test_somebody_there_clears_what_we_wrote_without_an_answer(*, answered: bool) -> None:
    """It is what we saw last, so it looks like no edit, and ours goes there again."""
    world, chronicle = plain_world(), Chronicle()
    row_id = let_ada_join(world)
    CampaignActs(world, chronicle).shift(ENTERED, Mishap())
    world.pass_time(600)
    if answered:
        world.sync_campaigns({}, turns=0, mishap=Mishap())
    else:
        # Our write, of which nobody here was told.
        world.hands.edit(row_id, {TABLE: "ours1"}, 0)
    world.pass_time(600)

    CampaignOrgActs(world, chronicle).their_shift(CLEARED)

    wrongs = [*come_to_rest(world, chronicle), *judge(world, chronicle)]
    (row,) = world.campaigns.rows()
    assert (row[TABLE], wrongs) == (None if answered else "ours1", [])
