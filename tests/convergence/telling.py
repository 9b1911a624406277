"""What histories that are told by hand begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.mapping import ConflictPolicy
from counterpart.domain.records import CampaignObject, SObject
from counterpart.domain.sync_settings import Guard
from tests.convergence.world import Mishap, World

if TYPE_CHECKING:
    from tests.convergence.world import OrgKind


def plain_world(org: OrgKind = "memory") -> World:
    """Return a world by the usual settings, whose clocks and indexes are in step."""
    return World(
        org,
        skew=0,
        lagging=False,
        two_way=(),
        policy=ConflictPolicy.THREE_WAY,
        guard=Guard(),
        bulk_above=2000,
        deals=False,
    )


def let_ada_join(world: World) -> str:
    """Add a Contact to the campaign that is followed, let both come in, and return her row."""
    person = world.hands.add(SObject.CONTACT, {"LastName": "Ada", "Email": "ada@acme.example"}, 0)
    (campaign, *_) = world.campaigns.rows(CampaignObject.CAMPAIGN)
    values = {"CampaignId": campaign["Id"], "ContactId": person, "Status": "Registered"}
    row_id = world.hands.add(CampaignObject.MEMBER, values, 0)
    world.pass_time(60)
    world.pull({}, turns=0, mishap=Mishap())
    world.sync_campaigns({}, turns=0, mishap=Mishap())
    world.pass_time(600)
    return str(row_id)
