"""Members that were removed here: their rows are deleted, and then what is left of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.members import against, lapsed
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.refusals import Remedy
from counterpart.use_cases.member_lookups import read_members_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from counterpart.domain.contacts import Contact
    from counterpart.domain.member_push import PushGround
    from counterpart.domain.members import Member
    from counterpart.ports import RowAnswer
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts, Followed
    from counterpart.use_cases.member_settler import MemberSettler

_WRITE_SIZE = 1000


class Removals:
    """Lets removals cross.

    Args:
        ports: The world.
        ground: What holds for their campaign.
        home: The campaign.
        settler: Stores what became of those whose row could not be deleted.
        keep: Holds the right to write this campaign; called before each write.
    """

    def __init__(
        self,
        ports: CampaignPorts,
        ground: PushGround,
        home: Followed,
        *,
        settler: MemberSettler,
        keep: Callable[[], None],
    ) -> None:
        self._ports = ports
        self._ground = ground
        self._home = home
        self._settler = settler
        self._keep = keep

    def remove(self, members: Sequence[Member], contacts: Mapping[str, Contact]) -> None:
        """Delete the rows of these members.

        Args:
            members: Each was removed here.
            contacts: Of them, by id.
        """
        targets: dict[str, Member] = {}
        over: list[Member] = []
        strangers: dict[str, Member] = {}
        for member in members:
            known = against(member, self._home.record_id)
            contact = contacts.get(member.contact_id)
            if known.counterpart:
                targets[known.counterpart.record_id] = member
            elif lapsed(known, self._home.campaign.sync.chosen_at):
                over.append(member)
            elif contact and contact.counterpart:
                strangers[contact.counterpart.record_id] = member
            else:
                over.append(member)
        found = self._rows_of(strangers)
        targets |= found
        settled = {member.key for member in found.values()}
        over += [each for each in strangers.values() if each.key not in settled]

        ids = list(targets)
        for start in range(0, len(ids), _WRITE_SIZE):
            self._keep()
            batch = ids[start : start + _WRITE_SIZE]
            answer = self._ports.writer.delete(batch)
            over += [
                targets[record_id]
                for record_id, said in zip(batch, answer.rows, strict=True)
                if self._is_gone(targets[record_id], said)
            ]
        if over:
            # Who was added again meanwhile stays, and goes out anew.
            self._ports.members.delete_many(over)

    def _rows_of(self, strangers: Mapping[str, Member]) -> dict[str, Member]:
        """Return the rows that people may have whose write was never answered."""
        if not strangers:
            return {}
        rows = read_members_of(
            ports=self._ports,
            campaign_ids={self._home.record_id},
            persons=set(strangers),
            fields=self._ground.fields,
        )
        return {
            row.id: strangers[person_id]
            for row in rows
            for person_id in row.person_ids
            if person_id in strangers
        }

    def _is_gone(self, member: Member, said: RowAnswer) -> bool:
        if said.refusal is None or said.refusal.remedy is Remedy.RESOLVE:
            self._settler.count_deletion()
            return True
        if said.refusal.remedy is Remedy.RETRY:
            self._settler.put_off([(member, said.refusal)])
        else:
            self._settler.give_up(member, said.refusal, Action.REFUSED, Reason.REFUSED)
        return False
