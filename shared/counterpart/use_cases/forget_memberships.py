"""Take a contact that is deleted here out of all its campaigns.

Nothing is deleted in Salesforce: its CampaignMembers stay, as its Lead or Contact does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.errors import ChangedMeanwhileError

if TYPE_CHECKING:
    from collections.abc import Collection

    from counterpart.ports.campaigns import MemberRepository

_TRIES = 6


def forget_memberships(contact_ids: Collection[str], *, members: MemberRepository) -> None:
    """Delete whatever these contacts are members of; doing so twice changes nothing.

    Raises:
        ChangedMeanwhileError: others kept changing one of them.
    """
    for _ in range(_TRIES):
        found = [
            member
            for memberships in members.find_by_contact(contact_ids).values()
            for member in memberships
        ]
        if not found or not members.delete_many(found):
            return
    raise ChangedMeanwhileError("others kept changing a membership of this contact; try again")
