"""Take a contact that is deleted here out of all its campaigns.

Nothing is deleted in Salesforce: its CampaignMembers stay, as its Lead or Contact does. Should that
come to belong to another contact, as by a merge there, they make that one a member; so they are
kept aside, like those of any stranger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.errors import ChangedMeanwhileError
from counterpart.use_cases.outsiders import Outsiders

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from counterpart.ports.campaigns import MemberRepository

_TRIES = 6


def forget_memberships(
    contact_id: str,
    *,
    members: MemberRepository,
    now: datetime,
    person_ids: Collection[str] = (),
) -> None:
    """Delete whatever a contact is a member of; doing so twice changes nothing.

    Args:
        contact_id: Whose.
        members: Where they are stored.
        now: By our clock.
        person_ids: Its records, as far as they are known.

    Raises:
        ChangedMeanwhileError: others kept changing one of these.
    """
    outsiders = Outsiders(members, lambda: now)
    for _ in range(_TRIES):
        found = members.find_by_contact([contact_id]).get(contact_id, ())
        # First, so that a crash between the two leaves members that are found again.
        outsiders.keep_those_of(found, person_ids)
        if not found or not members.delete_many(found):
            return
    raise ChangedMeanwhileError("others kept changing a membership of this contact; try again")
