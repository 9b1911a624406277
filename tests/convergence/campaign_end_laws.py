"""Laws at rest about campaigns that were deleted there: what becomes of their members here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.records import CampaignObject
from tests.convergence.campaign_scene import Scene, homes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from counterpart.adapters.salesforce.rows import Row
    from tests.convergence.chronicle import Chronicle
    from tests.convergence.world import World


def members_outlive_their_campaign(
    world: World, chronicle: Chronicle, rows: dict[str, Row]
) -> Iterator[str]:
    """A deletion there takes the link of a campaign away, and nobody's membership here."""
    known = chronicle.campaigns
    there = {row["Id"]: row for row in world.hands.campaign_rows(CampaignObject.CAMPAIGN)}
    contacts = {contact.id for contact in world.all_contacts()} - chronicle.merged
    here = {campaign.id for campaign in world.campaigns.all()}
    scenes = {home.campaign.id: Scene(home, world, rows) for home in homes(world)}
    for key, bereaved in known.bereaved.items():
        if key.contact_id not in contacts or key.campaign_id not in here:
            continue
        back = not there[bereaved.record_id]["IsDeleted"]
        if back or known.chosen[key.campaign_id] > bereaved.at:
            continue
        scene = scenes.get(key.campaign_id)
        if scene and _left_again(key.contact_id, scene, chronicle):
            continue
        removed = any(each.status is None and each.at > bereaved.at for each in known.ours[key])
        member = world.members.get_many([key]).get(key)
        if not removed and (member is None or not member.present):
            yield f"{key} went with {bereaved.record_id}"


def _left_again(contact_id: str, scene: Scene, chronicle: Chronicle) -> bool:
    """Return whether a contact went over to the campaign that was chosen, and is gone from there.

    Its row was deleted, perhaps with its person, who may be gone for good.
    """
    gone = any(row["IsDeleted"] for row in scene.rows_of(contact_id))
    return gone or bool(scene.records_of(contact_id) & chronicle.purged)
