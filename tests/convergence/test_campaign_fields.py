"""Laws about what is entered in members of campaigns, by histories that are told by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.convergence.campaign_acts import CampaignActs
from tests.convergence.campaign_org_acts import CampaignOrgActs
from tests.convergence.chronicle import Chronicle
from tests.convergence.fields import TABLE
from tests.convergence.people_acts import PeopleActs
from tests.convergence.rest import come_to_rest, judge
from tests.convergence.steps import Step
from tests.convergence.telling import let_ada_join, plain_world
from tests.convergence.world import Mishap

if TYPE_CHECKING:
    from tests.convergence.steps import Numbers
    from tests.convergence.world import World

# Of the numbers of a step, those that mean: of the only member the field, cleared or not.
CLEARED = (0, 0, 0, 0, 0, 1)
ENTERED = (0, 0, 0, 0, 1, 1)
# Another value, and another status.
REPLACED = (0, 0, 0, 0, 2, 1)
ATTENDED = (0, 0, 0, 1, 1, 1)
# A contact with Ada's address, which is to become a Contact.
HER_TWIN = (0, 1, 0, 0, 1, 2, 0)


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


@pytest.mark.parametrize(
    ("late", "expected"), [(None, "ours3"), (REPLACED, "ours2"), (ATTENDED, "ours1")]
)
def test_a_row_is_met_after_we_wrote_it_for_another(late: Numbers | None, expected: str) -> None:
    """All of it is as new as that, be it another field; what is given before gives way, told."""
    world, chronicle = plain_world(), Chronicle()
    acts = CampaignActs(world, chronicle)
    people = PeopleActs(world, chronicle, lambda _: Mishap())
    row_id = let_ada_join(world)
    acts.shift(ENTERED, Mishap())
    world.sync_campaigns({}, turns=0, mishap=Mishap())
    world.pass_time(600)
    if late:
        acts.shift(late, Mishap())
    people.create(Step("create", HER_TWIN))
    ada, twin = sorted((0, 1), key=lambda place: world.all_contacts()[place].counterpart is None)
    acts.enroll((0, 1, twin, 1, 3, 1), Mishap())
    world.pass_time(600)
    if late:
        world.sync_campaigns({}, turns=0, mishap=Mishap())
        world.pass_time(600)
    # Her record is free from then on, and her twin's.
    people.remove(Step("remove", (0, ada)))

    wrongs = [*come_to_rest(world, chronicle), *judge(world, chronicle)]

    (row,) = world.campaigns.rows()
    assert (row[TABLE], wrongs) == (expected, [])
    world.hands.edit(row_id, {TABLE: "ours1"}, 0)
    assert is_lost(world, chronicle) is (late is None)
    world.runs._outcomes.clear()
    assert is_lost(world, chronicle)


def is_lost(world: World, chronicle: Chronicle) -> bool:
    """Return whether a value of ours is missing there, and nobody was told why."""
    return any("was given Entered" in wrong for wrong in judge(world, chronicle))
