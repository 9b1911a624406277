"""Push members of one campaign: what waits is read afresh, decided, and written if it has to be.

A crash between a write and its settling leaves members that are written again: whoever is a member
already is found by campaign and person, and linked.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.member_push import PushGround
from counterpart.domain.member_rows import new_row
from counterpart.domain.members import MemberKey, against, unlinked
from counterpart.domain.records import CampaignObject
from counterpart.use_cases.adopted_members import MemberAdopter
from counterpart.use_cases.member_lookups import of_others, read_member_rows
from counterpart.use_cases.member_settler import MemberSettler, record_of
from counterpart.use_cases.member_writer import MemberWriter
from counterpart.use_cases.outgoing_members import OutgoingMember, outgoing, row_gone
from counterpart.use_cases.remove_members import Removals
from counterpart.use_cases.stored_changes import store_changed
from counterpart.use_cases.written_members import WrittenMembers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from counterpart.domain.contacts import Contact
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.member_rows import MemberRow, TheirStatus
    from counterpart.domain.members import Member
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts, Followed
    from counterpart.use_cases.notes import Notes
    from counterpart.use_cases.pull_members import MemberPuller


class MemberPusher:
    """Pushes members of one campaign, some thousands at a time.

    Args:
        ports: The world.
        settings: Which fields cross, and after how many failures a member is given up.
        home: The campaign.
        statuses: Those that it has in Salesforce.
        fields: Of members, those that cross and that the org shows us.
        puller: Takes what turns out to be gone.
        notes: What became of members is noted here.
        keep: Holds the right to write this campaign; called before each write.
        dry_run: Plan for real and write nothing.
    """

    def __init__(
        self,
        ports: CampaignPorts,
        settings: SyncSettings,
        home: Followed,
        *,
        statuses: Sequence[TheirStatus],
        fields: Sequence[FieldMapping],
        puller: MemberPuller,
        notes: Notes,
        keep: Callable[[], None],
        dry_run: bool,
    ) -> None:
        self._ports = ports
        self._home = home
        self._ground = PushGround(
            campaign=home.campaign,
            kind=home.kind,
            statuses=statuses,
            fields=fields,
            open_since=settings.outbound.enabled_at,
        )
        self._puller = puller
        self._notes = notes
        self._dry_run = dry_run
        self._settler = MemberSettler(
            ports,
            self._ground,
            notes=notes,
            max_attempts=settings.outbound.max_attempts,
            dry_run=dry_run,
        )
        self._removals = Removals(
            ports,
            self._ground,
            home,
            overlap=timedelta(minutes=settings.inbound.overlap_minutes),
            puller=puller,
            settler=self._settler,
            keep=keep,
        )
        self._written = WrittenMembers(ports, self._ground, settler=self._settler, notes=notes)
        self._writer = MemberWriter(
            ports,
            adopter=MemberAdopter(
                ports, self._ground, home, puller=puller, settler=self._settler, notes=notes
            ),
            written=self._written,
            settler=self._settler,
            notes=notes,
            keep=keep,
        )

    def push(self, contact_ids: Sequence[str]) -> None:
        """Push these members, as far as they wait.

        Raises:
            ChangedMeanwhileError: others kept changing the same members.
        """
        campaign_id = self._home.campaign.id
        keys = [MemberKey(campaign_id, each) for each in contact_ids]
        found = self._ports.members.get_many(keys)
        members = [each for key in keys if (each := found.get(key)) and each.waiting]
        contacts = self._ports.contacts.get_many([each.contact_id for each in members])
        known, unknown, removals = [], [], []
        for member in members:
            if not member.present:
                removals.append(member)
            elif against(member, self._home.record_id).counterpart:
                known.append(member)
            else:
                unknown.append(member)
        outs = [*self._updates(known), *self._creations(unknown, contacts)]
        if self._dry_run:
            planned = sum(bool(each.push.values) or not each.row.id for each in outs)
            self._notes.count(CampaignObject.MEMBER, "would_send", planned + len(removals))
            return
        self._removals.remove(removals, contacts)
        settled = [each for each in outs if each.row.id and not each.push.values]
        for out in settled:
            if out.push.crosses and not out.push.wanted.known:
                self._written.tell_unknown(out, out.row)
        self._settler.settle(settled, None)
        self._writer.write([each for each in outs if not each.row.id or each.push.values])

    def _updates(self, members: Sequence[Member]) -> list[OutgoingMember]:
        """Return what goes out to rows that we know; what is gone is applied instead."""
        by_row = {record_of(member): member for member in members}
        rows = read_member_rows(ports=self._ports, record_ids=by_row, fields=self._ground.fields)
        taken = self._taken(by_row, rows)
        gone = []
        outs = []
        for record_id, member in by_row.items():
            row = rows.get(record_id) or row_gone(member)
            if row.deleted:
                gone.append(row)
            elif record_id not in taken:
                outs.append(outgoing(member, row, self._ground))
        if taken and not self._dry_run:
            # They wait on, and the next run looks for a row of their own.
            store_changed(
                self._ports.members,
                {by_row[each].key: by_row[each] for each in taken},
                unlinked,
                concerns=lambda one: record_of(one) in taken,
                noun="members",
            )
        if gone and not self._dry_run:
            self._puller.apply(
                gone,
                followed={self._home.record_id: self._home},
                fields=self._ground.fields,
                asked_at=self._ports.clock(),
            )
        return outs

    def _taken(self, by_row: Mapping[str, Member], rows: Mapping[str, MemberRow]) -> set[str]:
        """Return the rows that are about other contacts by now, as after a merge there.

        Or after a conversion, which leaves the lead in the row beside the Contact. The pull that
        read such a row may have known nothing of who followed it, as indexes lag.
        """
        moved = {
            record_id: row
            for record_id, row in rows.items()
            if not row.deleted and _person_of(by_row[record_id]) not in row.person_ids[:1]
        }
        if not moved:
            return set()
        return of_others(ports=self._ports, rows=moved, whose=by_row)

    def _creations(
        self, members: Sequence[Member], contacts: Mapping[str, Contact]
    ) -> list[OutgoingMember]:
        """Return what goes out to rows that are yet to be; nobody is created for it."""
        outs, later = [], []
        for member in members:
            contact = contacts.get(member.contact_id)
            if contact is None or contact.counterpart is None:
                later.append(member)
                continue
            row = new_row(
                campaign_id=self._home.record_id,
                person_id=contact.counterpart.record_id,
                fields=self._ground.fields,
                now=self._ports.clock(),
            )
            outs.append(outgoing(member, row, self._ground))
        self._settler.skip(later)
        return outs


def _person_of(member: Member) -> str | None:
    """Return whom the row of a member was about when it was last seen."""
    return member.counterpart.person_id if member.counterpart else None
