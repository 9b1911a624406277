"""People who are members in Salesforce already: their rows are adopted, unless they are others'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.members import MemberKey
from counterpart.domain.records import CampaignObject
from counterpart.use_cases.member_lookups import contact_of, read_members_of
from counterpart.use_cases.outgoing_members import OutgoingMember, outgoing
from counterpart.use_cases.outsiders import Outsiders

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.domain.member_push import PushGround
    from counterpart.domain.member_rows import MemberRow
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts, Followed
    from counterpart.use_cases.member_settler import MemberSettler
    from counterpart.use_cases.notes import Notes
    from counterpart.use_cases.pull_members import MemberPuller


class MemberAdopter:
    """Finds the rows of members that Salesforce will not have twice.

    Args:
        ports: The world.
        ground: What holds for their campaign.
        home: The campaign.
        puller: Takes rows that turn out to be somebody else's.
        settler: Stores what became of those that need no write.
        notes: Who was found is counted here.
    """

    def __init__(
        self,
        ports: CampaignPorts,
        ground: PushGround,
        home: Followed,
        *,
        puller: MemberPuller,
        settler: MemberSettler,
        notes: Notes,
    ) -> None:
        self._ports = ports
        self._ground = ground
        self._home = home
        self._puller = puller
        self._settler = settler
        self._notes = notes
        self._outsiders = Outsiders(ports.members, ports.clock)

    def adopted(self, outs: Sequence[OutgoingMember]) -> list[OutgoingMember]:
        """Return what goes out to rows by which people were members already."""
        if not outs:
            return []
        rows = read_members_of(
            ports=self._ports,
            campaign_ids={self._home.record_id},
            persons={each.row.person_ids[0] for each in outs},
            fields=self._ground.fields,
        )
        self._look_once_more(rows)
        rows = self._without_others(outs, rows)
        by_person = {person_id: row for row in rows for person_id in row.person_ids}
        found, unfound = [], []
        for out in outs:
            row = by_person.get(out.row.person_ids[0])
            if row is None:
                unfound.append((out.member, None))
                continue
            self._notes.count(CampaignObject.MEMBER, "linked")
            found.append(outgoing(out.member, row, self._ground))
        self._settler.put_off(unfound)
        self._settler.settle([each for each in found if not each.push.values], None)
        return [each for each in found if each.push.values]

    def _look_once_more(self, rows: Sequence[MemberRow]) -> None:
        """Have the next run ask who else follows these rows.

        They may have gone over, as by a merge there, since this run let somebody follow them whom
        the index does not know yet; and once their new members do, no reading asks who did before.
        """
        people = {row.person_ids[0] for row in rows}
        if people:
            self._outsiders.look_now(self._home.campaign.id, people)

    def _without_others(
        self, outs: Sequence[OutgoingMember], rows: Sequence[MemberRow]
    ) -> list[MemberRow]:
        """Return the rows that are nobody else's; the links decide whose the others are.

        A contact that is being deleted names a record that may be another one's by now. Whoever
        follows its row since this run began, the index does not know yet.
        """
        wanted = {person_id: out.member.key for out in outs for person_id in out.row.person_ids}
        campaign_id = self._home.campaign.id
        followers = self._ports.members.find_by_record({row.id: campaign_id for row in rows})
        links = self._ports.links.get_many({each for row in rows for each in row.person_ids})
        disputed = []
        for row in rows:
            keys = {wanted.get(person_id) for person_id in row.person_ids}
            follower, owner = followers.get(row.id), contact_of(row, links)
            is_followed = follower is not None and follower.key not in keys
            if is_followed or (owner and MemberKey(campaign_id, owner) not in keys):
                disputed.append(row)
        if disputed:
            self._puller.apply(
                disputed,
                followed={self._home.record_id: self._home},
                fields=self._ground.fields,
                asked_at=self._ports.clock(),
            )
        theirs = {row.id for row in disputed}
        return [row for row in rows if row.id not in theirs]
