"""Push members of one campaign: decide, write, read back, settle each.

What Salesforce made of a row is read back, since it replaces a status that a campaign lacks
without a word. A crash between a write and its settling leaves members that are written again:
whoever is a member already is found by campaign and person, and linked.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from counterpart.domain.campaigns import status_key
from counterpart.domain.member_push import PushGround, plan_member
from counterpart.domain.member_rows import MemberRow, member_paths, member_row, new_row
from counterpart.domain.members import Member, MemberKey, against
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import CampaignObject
from counterpart.domain.refusals import Remedy
from counterpart.errors import TransientError
from counterpart.ports import RecordChange
from counterpart.use_cases.member_lookups import contact_of, read_members_of
from counterpart.use_cases.member_settler import MemberSettler, record_of
from counterpart.use_cases.outgoing_members import (
    OutgoingMember,
    new_values,
    next_batch,
    person_of,
    row_gone,
)
from counterpart.use_cases.remove_members import Removals

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from counterpart.domain.contacts import Contact
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.member_rows import TheirStatus
    from counterpart.domain.refusals import Refusal
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import WriteAnswer
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
        self._keep = keep
        self._dry_run = dry_run
        self._settler = MemberSettler(
            ports,
            self._ground,
            notes=notes,
            max_attempts=settings.outbound.max_attempts,
            dry_run=dry_run,
        )
        self._removals = Removals(ports, self._ground, home, settler=self._settler, keep=keep)

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
                self._tell_unknown(out, out.row)
        self._settler.settle(settled, None)
        self._write([each for each in outs if not each.row.id or each.push.values])

    # --- gather and decide ----------------------------------------------------------------------

    def _updates(self, members: Sequence[Member]) -> list[OutgoingMember]:
        """Return what goes out to rows that we know; what is gone is applied instead."""
        by_row = {record_of(member): member for member in members}
        rows = self._read(by_row)
        gone = []
        outs = []
        for record_id, member in by_row.items():
            row = rows.get(record_id) or row_gone(member)
            if row.deleted:
                gone.append(row)
            else:
                outs.append(self._out(member, row))
        if gone and not self._dry_run:
            self._puller.apply(
                gone,
                followed={self._home.record_id: self._home},
                fields=self._ground.fields,
                asked_at=self._ports.clock(),
            )
        return outs

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
            outs.append(self._out(member, row))
        self._settler.skip(later)
        return outs

    def _out(self, member: Member, row: MemberRow) -> OutgoingMember:
        return OutgoingMember(member=member, row=row, push=plan_member(member, row, self._ground))

    # --- write ----------------------------------------------------------------------------------

    def _write(self, outs: Sequence[OutgoingMember]) -> None:
        """Write all; who is a member already is linked, who is refused for a field goes without."""
        queue = [
            *sorted((each for each in outs if not each.row.id), key=person_of),
            *(each for each in outs if each.row.id),
        ]
        written: dict[datetime, list[OutgoingMember]] = {}
        try:
            while queue:
                self._keep()
                batch, queue = next_batch(queue)
                answer = self._answer(batch)
                refused = []
                for out, said in zip(batch, answer.rows, strict=True):
                    if said.refusal:
                        refused.append((out, said.refusal))
                        continue
                    name = "sent_updated" if out.row.id else "sent_created"
                    self._notes.count(CampaignObject.MEMBER, name)
                    done = replace(out, row=replace(out.row, id=str(said.record_id)))
                    written.setdefault(answer.as_of, []).append(done)
                queue += self._follow_up(refused)
        except TransientError:
            # What was written and answered is settled all the same.
            self._read_back(written)
            raise
        self._read_back(written)

    def _answer(self, batch: Sequence[OutgoingMember]) -> WriteAnswer:
        if not batch[0].row.id:
            rows = [new_values(each) for each in batch]
            return self._ports.writer.insert(CampaignObject.MEMBER, rows)
        return self._ports.writer.update(
            [
                RecordChange(
                    object=CampaignObject.MEMBER, record_id=each.row.id, values=each.push.values
                )
                for each in batch
            ]
        )

    def _follow_up(self, refused: Sequence[tuple[OutgoingMember, Refusal]]) -> list[OutgoingMember]:
        """Do what refusals ask for; return what may be written after all."""
        again: list[OutgoingMember] = []
        adopt, later = [], []
        for out, refusal in refused:
            if refusal.code == "DUPLICATE_VALUE" and not out.row.id:
                adopt.append(out)
            elif refusal.remedy in {Remedy.RETRY, Remedy.RESOLVE}:
                later.append((out.member, refusal))
            else:
                blamed = set(refusal.fields) & set(out.push.values) - {"Status"}
                if blamed:
                    message = f"{', '.join(sorted(blamed))}: {refusal.message}"
                    self._settler.tell(
                        Action.WARNED,
                        Reason.FIELD_SET_ASIDE,
                        out.member,
                        message=message,
                        code=refusal.code,
                    )
                    again.append(out.without(blamed))
                else:
                    self._settler.give_up(out.member, refusal, Action.REFUSED, Reason.REFUSED)
        self._settler.put_off(later)
        return again + self._adopted(adopt)

    def _adopted(self, outs: Sequence[OutgoingMember]) -> list[OutgoingMember]:
        """Return what goes out to rows by which people were members already."""
        if not outs:
            return []
        rows = read_members_of(
            ports=self._ports,
            campaign_ids={self._home.record_id},
            persons={each.row.person_ids[0] for each in outs},
            fields=self._ground.fields,
        )
        rows = self._without_others(outs, rows)
        by_person = {person_id: row for row in rows for person_id in row.person_ids}
        found, unfound = [], []
        for out in outs:
            row = by_person.get(out.row.person_ids[0])
            if row is None:
                unfound.append((out.member, None))
                continue
            self._notes.count(CampaignObject.MEMBER, "linked")
            found.append(self._out(out.member, row))
        self._settler.put_off(unfound)
        self._settler.settle([each for each in found if not each.push.values], None)
        return [each for each in found if each.push.values]

    def _without_others(
        self, outs: Sequence[OutgoingMember], rows: Sequence[MemberRow]
    ) -> list[MemberRow]:
        """Return the rows that are nobody else's; the links decide whose the others are.

        A contact that is being deleted names a record that may be another one's by now. Whoever
        follows its row since this run began, the index does not know yet.
        """
        wanted = {person_id: out.member.key for out in outs for person_id in out.row.person_ids}
        followers = self._ports.members.find_by_record([row.id for row in rows])
        links = self._ports.links.get_many({each for row in rows for each in row.person_ids})
        disputed = []
        for row in rows:
            keys = {wanted.get(person_id) for person_id in row.person_ids}
            follower, owner = followers.get(row.id), contact_of(row, links)
            is_followed = follower is not None and follower.key not in keys
            if is_followed or (owner and MemberKey(self._home.campaign.id, owner) not in keys):
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

    # --- settle ---------------------------------------------------------------------------------

    def _read_back(self, written: Mapping[datetime, Sequence[OutgoingMember]]) -> None:
        """Settle what was written, by the moments at which that was answered."""
        rows = self._read([out.row.id for outs in written.values() for out in outs])
        there: dict[datetime, list[OutgoingMember]] = {}
        for until, outs in written.items():
            for out in outs:
                row = rows.get(out.row.id)
                if row is None or row.deleted:
                    self._settler.put_off([(out.member, None)])
                    continue
                there.setdefault(until, []).append(replace(out, row=row))
                self._tell_status(out, row, until)
        self._notes.keep()
        for until, settled in there.items():
            self._settler.settle(settled, until)

    def _tell_status(self, out: OutgoingMember, row: MemberRow, until: datetime) -> None:
        wanted = out.push.wanted
        if "Status" not in out.push.values or row.modified_at > until:
            return
        if status_key(row.status) != status_key(wanted.label):
            message = f"Salesforce stored {row.status!r} where {wanted.label!r} was sent."
            self._settler.tell(
                Action.WARNED, Reason.STATUS_REPLACED, out.member, row, message=message
            )
        elif not wanted.known:
            self._tell_unknown(out, row)

    def _tell_unknown(self, out: OutgoingMember, row: MemberRow) -> None:
        """Tell of a status that Salesforce lacks, and of the default that stands for it."""
        ours = out.push.ours
        mapped = self._home.campaign.status_map.theirs(ours)
        missing = f"{mapped!r}, which is to stand for {ours!r}" if mapped else repr(ours)
        message = (
            f"The campaign in Salesforce has no status {missing}; the member has {row.status!r} "
            "there, and keeps its own here. Add the status there, or map it, before the member's "
            "next change."
        )
        self._settler.tell(Action.WARNED, Reason.STATUS_UNKNOWN, out.member, row, message=message)

    # --- small things ---------------------------------------------------------------------------

    def _read(self, record_ids: Collection[str]) -> dict[str, MemberRow]:
        fields = self._ground.fields
        records = self._ports.reader.read_plain(
            CampaignObject.MEMBER, member_paths(fields), among={"Id": record_ids}
        )
        return {record.id: member_row(record, fields) for record in records}
