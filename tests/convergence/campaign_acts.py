"""What people and schedules on our side do to the members of campaigns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.members import MemberKey
from counterpart.domain.memberships import Became, Fulfilled, MemberAct, MemberWish
from counterpart.domain.waiting import Lane
from counterpart.use_cases.write_members import write_members
from tests.convergence.our_acts import UnkeptPromiseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpart.domain.campaigns import Campaign
    from tests.convergence.chronicle import Chronicle
    from tests.convergence.steps import Numbers
    from tests.convergence.world import Mishap, World

OURS = ("Registered", "Attended", "No show", "Invited")


class CampaignActs:
    """Acts about campaigns, written down in the chronicle as they are accepted."""

    def __init__(self, world: World, chronicle: Chronicle) -> None:
        self._world, self._side = world, world.campaigns
        self._chronicle = chronicle.campaigns

    # --- the schedule ---------------------------------------------------------------------------

    def sync_campaigns(self, numbers: Numbers, mishap: Mishap) -> str:
        """Run the sync: what was handed over, the scheduled one, one by hand, or a rehearsal."""
        kind, successor = numbers[1] % 20, self._side.successor
        payload: dict[str, object] = {"scheduled": True}
        if successor.payloads and numbers[2] % 4:
            payload = successor.payloads.pop(0)
        elif kind < 6:
            payload = {}
        elif kind < 10:
            payload = {"campaign_id": campaign_of(self._world, numbers[2]).id}
        elif kind == 10:
            payload = {"dry_run": True}
        turns = 1 + numbers[3] % 5 if numbers[4] % 6 == 0 else 0
        ended = self._world.sync_campaigns(payload, turns=turns, mishap=mishap)
        return f"{payload} turns={turns} {ended}"

    # --- people on our side ---------------------------------------------------------------------

    def enroll(self, numbers: Numbers, mishap: Mishap) -> str:
        """Add a contact to a campaign, with a status or without."""
        contacts = self._world.all_contacts()
        if not contacts:
            return "nobody"
        wish = MemberWish(
            contact_id=contacts[numbers[2] % len(contacts)].id,
            status=OURS[numbers[3] % 3] if numbers[3] % 5 else None,
            fields={"table": f"ours{numbers[4]}"} if numbers[4] % 3 == 0 else {},
            automated=numbers[5] % 3 == 0,
        )
        return self._write(campaign_of(self._world, numbers[1]), wish, mishap)

    def shift(self, numbers: Numbers, mishap: Mishap) -> str:
        """Give a member another status, by hand or by a program, or another field."""
        key = self._member(numbers)
        if key is None:
            return "nobody"
        wish = MemberWish(contact_id=key.contact_id, act=MemberAct.CHANGE)
        if numbers[3] % 4 == 0:
            value = f"ours{numbers[4]}" if numbers[4] % 5 else None
            wish = replace(wish, fields={"table": value})
        else:
            status = OURS[numbers[4] % len(OURS)]
            wish = replace(wish, status=status, automated=numbers[5] % 3 == 0)
        return self._write(self._side.stores.campaign(key.campaign_id), wish, mishap)

    def leave(self, numbers: Numbers, mishap: Mishap) -> str:
        """Take a member out of a campaign."""
        key = self._member(numbers)
        if key is None:
            return "nobody"
        wish = MemberWish(contact_id=key.contact_id, act=MemberAct.REMOVE)
        return self._write(self._side.stores.campaign(key.campaign_id), wish, mishap)

    def _write(self, campaign: Campaign, wish: MemberWish, mishap: Mishap) -> str:
        world, key = self._world, MemberKey(campaign.id, wish.contact_id)
        kind = self._side.stores.type_of(campaign)
        before = world.members.get_many([key]).get(key)
        answers: list[object] = []

        def act() -> None:
            answers.extend(
                write_members(
                    campaign.id,
                    [wish],
                    lane=Lane.FRESH,
                    now=world.clock(),
                    ports=self._side.member_ports,
                )
            )

        world.invoke(act, mishap)
        after = world.members.get_many([key]).get(key)
        named = wish.status is not None
        self._chronicle.note_ours(before, after, world.clock(), named=named)
        went_back = (
            wish.automated
            and before is not None
            and before.present
            and after is not None
            and kind.rank(after.status) < kind.rank(before.status)
        )
        if went_back:
            raise UnkeptPromiseError(f"automation moved a member back: {wish}")
        became = [one.became for one in answers if isinstance(one, Fulfilled)]
        if became == [Became.ADDED] and after is None:
            raise UnkeptPromiseError(f"acknowledged and not stored: {wish}")
        return f"{key} {wish.act} {wish.status} {dict(wish.fields)} {became or answers}"

    def _member(self, numbers: Numbers) -> MemberKey | None:
        here = sorted(each.key for each in self._side.members() if each.present)
        return here[numbers[2] % len(here)] if here else None


def campaign_of(world: World, number: int) -> Campaign:
    """Return a campaign here; the one that syncs from the start, most of the time."""
    fair, launch = world.campaigns.all()
    return fair if number % 3 == 0 else launch


CAMPAIGN_RUNS: dict[str, Callable[[CampaignActs, Numbers, Mishap], str]] = {
    "sync_campaigns": CampaignActs.sync_campaigns
}
CAMPAIGN_ACTS: dict[str, Callable[[CampaignActs, Numbers, Mishap], str]] = {
    name: getattr(CampaignActs, name) for name in ("enroll", "shift", "leave")
}
