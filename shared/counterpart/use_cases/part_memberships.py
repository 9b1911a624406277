"""Give a contact whose merge was undone its memberships back.

Each is stored with the contact that is back before it changes with the one that stayed, so that a
crash between the two leaves something that doing it once more completes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.contact_merge_plans import record_ids_of, records_of
from counterpart.domain.member_unions import absorbed_from
from counterpart.domain.member_unmerges import Parted, Scene, parted
from counterpart.domain.members import MemberKey
from counterpart.domain.waiting import Lane
from counterpart.errors import ChangedMeanwhileError
from counterpart.use_cases.outsiders import Outsiders

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from counterpart.domain.contact_merge_plans import ContactMerge
    from counterpart.domain.members import Absorbed, Member
    from counterpart.ports import ContactRepository
    from counterpart.use_cases.campaign_stores import CampaignStores

_TRIES = 6


def part_memberships(
    merge: ContactMerge, *, now: datetime, contacts: ContactRepository, stores: CampaignStores
) -> Sequence[str]:
    """Part what *merge* has united, and return what stays as it is; doing so twice changes nothing.

    Args:
        merge: As it is kept; it was undone, and both contacts are there.
        now: By our clock.
        contacts: Where both are.
        stores: Where campaigns are kept.

    Raises:
        ChangedMeanwhileError: others kept changing a membership.
    """
    parting = _Parting(merge, now=now, contacts=contacts, stores=stores)
    for _ in range(_TRIES):
        if parting.is_done():
            return parting.kept
    raise ChangedMeanwhileError("others kept changing a membership of this contact; try again")


class _Parting:
    """The memberships of one merge.

    Attributes:
        kept: What stays as it is because it is newer, for people.
    """

    def __init__(
        self,
        merge: ContactMerge,
        *,
        now: datetime,
        contacts: ContactRepository,
        stores: CampaignStores,
    ) -> None:
        self.kept: list[str] = []
        self._survivor_id, self._loser_id = merge.survivor.id, merge.id
        self._campaign_ids = set(merge.campaign_ids)
        both = contacts.get_many([self._survivor_id, self._loser_id])
        survivor, loser = both.get(self._survivor_id), both.get(self._loser_id)
        self._survivor_ids = [one.record_id for one in records_of(survivor)] if survivor else []
        # One that was deleted meanwhile is its own all the same, and takes its rows along.
        self._loser_ids = record_ids_of(loser) if loser else []
        # Those that it had may be gone meanwhile, and have taken along a row that it follows again.
        self._looked_at = {*self._loser_ids, *record_ids_of(merge.loser)}
        # What the survivor is a member of, be it by a record that is the loser's again.
        self._joined: set[str] = set()
        self._now = now
        self._stores = stores

    def is_done(self) -> bool:
        """Part all that can be parted now; return whether nothing is left to do."""
        united = list(self._united())
        found = {member.campaign_id for member, _ in united}
        losers = self._stores.members.get_many(
            {MemberKey(each, self._loser_id) for each in self._campaign_ids | found}
        )
        back = {key.campaign_id for key in losers}
        self.kept += [
            f"{self._survivor_id} is no member of campaign {each} by that merge any more"
            for each in sorted(self._campaign_ids - found - back)
        ]
        self._look_at_rows(self._campaign_ids | self._joined)
        self._campaign_ids = found
        if not united:
            return True
        return not self._stored(list(self._parted(united)), back=back)

    def _look_at_rows(self, campaign_ids: Collection[str]) -> None:
        """Have the next run see what became of the loser's rows while it was not there."""
        outsiders = Outsiders(self._stores.members, lambda: self._now)
        for campaign in self._stores.campaigns.get_many(campaign_ids).values():
            if campaign.syncs:
                outsiders.look_now(campaign.id, self._looked_at)

    def _united(self) -> Iterator[tuple[Member, Absorbed]]:
        """Yield the survivor's members that were united with one of the loser."""
        members = self._stores.members
        indexed = members.find_by_contact([self._survivor_id]).get(self._survivor_id, ())
        campaign_ids = self._campaign_ids | {each.campaign_id for each in indexed}
        found = members.get_many({MemberKey(each, self._survivor_id) for each in campaign_ids})
        self._joined = {key.campaign_id for key in found}
        for key in sorted(found):
            absorbed = absorbed_from(found[key], self._loser_id)
            if absorbed:
                yield found[key], absorbed

    def _parted(
        self, united: Sequence[tuple[Member, Absorbed]]
    ) -> Iterator[tuple[Member, Absorbed, Parted]]:
        campaigns = self._stores.campaigns.get_many({each.campaign_id for each, _ in united})
        types = self._stores.types.get_many({each.type_id for each in campaigns.values()})
        for member, absorbed in united:
            # That of a campaign that was deleted goes by itself.
            if campaign := campaigns.get(member.campaign_id):
                scene = Scene(
                    campaign=campaign,
                    kind=types[campaign.type_id],
                    survivor_ids=self._survivor_ids,
                    loser_ids=self._loser_ids,
                    lane=Lane.FRESH,
                    now=self._now,
                )
                yield member, absorbed, parted(member, absorbed, scene)

    def _stored(self, parts: Sequence[tuple[Member, Absorbed, Parted]], *, back: set[str]) -> bool:
        """Store both sides of each; return whether somebody else was quicker with one."""
        members = self._stores.members
        # Who is back in a campaign already stays as it is: by a crash, or by somebody's wish.
        losers = [part.loser for _, _, part in parts if part.loser]
        members.save_many([each for each in losers if each.campaign_id not in back])
        saves = [part.survivor for _, _, part in parts if part.survivor]
        lost = {key.campaign_id for key in members.save_many(saves)}
        gone = [member for member, _, part in parts if part.survivor is None]
        lost |= {key.campaign_id for key in members.delete_many(gone)}
        for member, _, part in parts:
            if member.campaign_id not in lost:
                self.kept += part.kept
        return bool(lost)
