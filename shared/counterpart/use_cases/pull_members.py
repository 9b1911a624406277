"""Apply rows of CampaignMember to our members.

Each member is one conditional write; whoever loses it to somebody else is planned again. A crash
between two writes leaves a state that applying the same rows again completes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.contact_merge_plans import records_of
from counterpart.domain.member_pull import pull_removal, pull_row, weight_of
from counterpart.domain.member_status import may_be_our_write
from counterpart.domain.member_steps import Ground, MemberChange
from counterpart.domain.members import MemberKey
from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.domain.records import CampaignObject
from counterpart.errors import ChangedMeanwhileError
from counterpart.use_cases.make_statuses import read_statuses
from counterpart.use_cases.member_drafts import MemberDraft
from counterpart.use_cases.member_lookups import (
    contact_behind,
    contact_of,
    follows,
    further_among,
    read_members_of,
)
from counterpart.use_cases.outsiders import Outsiders

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.member_rows import MemberRow, TheirStatus
    from counterpart.domain.members import Member
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts, Followed
    from counterpart.use_cases.notes import Notes

_TRIES = 6
_CONTACT_PREFIX = "003"
_NOBODY = MemberKey("", "")


class MemberPuller:
    """Applies rows to members.

    Args:
        ports: The world.
        settings: Which fields cross, and what a removal does.
        notes: What became of rows is noted here.
        dry_run: Plan for real and write nothing.
    """

    def __init__(
        self, ports: CampaignPorts, settings: SyncSettings, notes: Notes, *, dry_run: bool
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._notes = notes
        self._dry_run = dry_run
        self._outsiders = Outsiders(ports.members, ports.clock)
        self._there: dict[str, Sequence[TheirStatus]] = {}

    def apply(
        self,
        rows: Sequence[MemberRow],
        *,
        followed: Mapping[str, Followed],
        fields: Sequence[FieldMapping],
        asked_at: datetime,
        first_time: bool = False,
    ) -> None:
        """Apply rows, in the order they were read.

        Args:
            rows: Those of campaigns that are not followed are left alone.
            followed: By the id of their campaign in Salesforce.
            fields: What was read of the mapped fields.
            asked_at: By our clock, when the rows were asked for.
            first_time: Nothing is known by its row in this campaign; spares a look for each.

        Raises:
            ChangedMeanwhileError: others kept changing the same members.
        """
        known = [row for row in rows if row.campaign_id in followed and row.person_ids]
        # Rows that are gone come first: a person may be a member by another one.
        todo = sorted(known, key=lambda row: not row.deleted)
        for _ in range(_TRIES):
            draft = self._plan(todo, followed, fields, asked_at, first_time=first_time)
            lost = set() if self._dry_run else self._carry_out(draft)
            self._tell([row for row in todo if row.id not in lost], draft)
            todo = [row for row in todo if row.id in lost]
            if not todo:
                return
        raise ChangedMeanwhileError(f"{len(todo)} members keep being changed by others")

    # --- plan -----------------------------------------------------------------------------------

    def _plan(
        self,
        rows: Sequence[MemberRow],
        followed: Mapping[str, Followed],
        fields: Sequence[FieldMapping],
        asked_at: datetime,
        *,
        first_time: bool,
    ) -> MemberDraft:
        links = self._ports.links.get_many({each for row in rows for each in row.person_ids})
        contacts = {row.id: contact_of(row, links) for row in rows}
        keys = {
            row.id: MemberKey(followed[row.campaign_id].campaign.id, contact_id)
            for row in rows
            if (contact_id := contacts[row.id])
        }
        members = dict(self._ports.members.get_many(set(keys.values())))
        strange = [
            row.id
            for row in rows
            if not ((one := members.get(keys.get(row.id, _NOBODY))) and follows(one, row.id))
        ]
        by_record = {} if first_time else self._ports.members.find_by_record(strange)
        instead = self._ports.links.get_many(self._followed_instead(rows, keys, members))
        draft = MemberDraft(
            members={**members, **{one.key: one for one in by_record.values()}},
            places={**keys, **{row_id: one.key for row_id, one in by_record.items()}},
            linked={each for each, link in links.items() if contact_behind(link)},
            further=further_among(rows, {**links, **instead}),
        )
        statuses = self._statuses(rows, draft, followed)
        lost = [row for row in rows if self._has_lost(row, contacts[row.id], draft)]
        gone, others = self._confirm(lost, draft, fields)
        for row in rows:
            if row.campaign_id in gone:
                draft.verdicts[row.id] = Reason.CAMPAIGN_DELETED
                continue
            home = followed[row.campaign_id]
            ground = Ground(
                campaign=home.campaign,
                kind=home.kind,
                fields=fields,
                on_remote_removal=self._settings.campaigns.on_remote_removal,
                now=self._ports.clock(),
                asked_at=asked_at,
                statuses=statuses.get(row.campaign_id, ()),
                further=draft.further,
            )
            if row.deleted:
                self._remove(row, others.get(row.id), ground, draft)
                continue
            if (other := others.get(row.id)) and (held := self._held(row, draft)):
                self._go_on(row, other, held, ground, draft)
            self._take(row, contacts[row.id], ground, draft)
        return draft

    @staticmethod
    def _followed_instead(
        rows: Sequence[MemberRow],
        keys: Mapping[str, MemberKey],
        members: Mapping[MemberKey, Member],
    ) -> set[str]:
        """Return the people whose rows are followed by members who have these rows as well."""
        known = [(row.id, members.get(keys.get(row.id, _NOBODY))) for row in rows]
        return {
            one.counterpart.person_id
            for row_id, one in known
            if one and one.counterpart and not follows(one, row_id)
        }

    def _statuses(
        self, rows: Sequence[MemberRow], draft: MemberDraft, followed: Mapping[str, Followed]
    ) -> Mapping[str, Sequence[TheirStatus]]:
        """Return the statuses of campaigns in which a row may have its own from us."""
        concerned = set()
        for row in rows:
            home = followed[row.campaign_id]
            member = draft.members.get(draft.places.get(row.id, _NOBODY))
            if member and may_be_our_write(row, member, campaign=home.campaign, kind=home.kind):
                concerned.add(row.campaign_id)
        if unread := concerned - self._there.keys():
            self._there |= read_statuses(self._ports, unread)
        return self._there

    def _take(
        self,
        row: MemberRow,
        contact_id: str | None,
        ground: Ground,
        draft: MemberDraft,
        *,
        because: MemberRow | None = None,
    ) -> None:
        """Take a live row in; *because* is the row that was read, if it is another one."""
        source = because or row
        campaign_id = ground.campaign.id
        held = self._held(row, draft)
        if held and held.campaign_id == campaign_id and contact_id in {None, held.contact_id}:
            # The row is the one that we know, whatever person it is about by now.
            draft.carry(source, held.key, pull_row(row, held, held.contact_id, ground))
            if contact_id is None or not draft.knows(row.person_ids[0]):
                self._look_later(row, ground, draft)
            return
        if contact_id is None:
            draft.verdicts[source.id] = Reason.NOT_A_CONTACT
            draft.outside.setdefault(campaign_id, []).append(row)
            return
        if held and held.campaign_id == campaign_id:
            # It went over to somebody else who is a contact here as well.
            draft.carry(source, held.key, pull_removal(row, held, ground))
        key = MemberKey(campaign_id, contact_id)
        member = draft.members.get(key)
        step = pull_row(row, member, contact_id, ground, instead=because is not None)
        draft.carry(source, key, step)
        draft.inside.setdefault(campaign_id, set()).update(row.person_ids)
        if not draft.knows(row.person_ids[0]):
            self._look_later(row, ground, draft)

    @staticmethod
    def _look_later(row: MemberRow, ground: Ground, draft: MemberDraft) -> None:
        """Have a row looked at again: whose it is in the end, the links will tell."""
        draft.later.setdefault(ground.campaign.id, []).append(row)

    def _remove(
        self, row: MemberRow, other: MemberRow | None, ground: Ground, draft: MemberDraft
    ) -> None:
        held = self._held(row, draft)
        if held is None or held.campaign_id != ground.campaign.id:
            draft.verdicts[row.id] = Reason.UNKNOWN_RECORD
            # The Contact that its lead has become may be outside by a row of its own.
            draft.inside.setdefault(ground.campaign.id, set()).update(row.person_ids[-1:])
        elif other:
            self._go_on(row, other, held, ground, draft)
        else:
            draft.carry(row, held.key, pull_removal(row, held, ground))

    def _go_on(
        self, row: MemberRow, other: MemberRow, held: Member, ground: Ground, draft: MemberDraft
    ) -> None:
        """Let a member that loses its row go on by the other one of its person."""
        self._take(other, held.contact_id, ground, draft, because=row)
        self._look_later(other, ground, draft)

    def _has_lost(self, row: MemberRow, contact_id: str | None, draft: MemberDraft) -> bool:
        """Return whether the member that follows a row loses it: it is gone, or somebody else's."""
        held = self._held(row, draft)
        return held is not None and (row.deleted or contact_id not in {None, held.contact_id})

    @staticmethod
    def _held(row: MemberRow, draft: MemberDraft) -> Member | None:
        """Return the member that follows this very row, as it is by now."""
        member = draft.members.get(draft.places.get(row.id, _NOBODY))
        return member if member and follows(member, row.id) else None

    def _confirm(
        self, concerned: Sequence[MemberRow], draft: MemberDraft, fields: Sequence[FieldMapping]
    ) -> tuple[set[str], dict[str, MemberRow]]:
        """Return campaigns that are gone, and by which other row people are members still."""
        if not concerned:
            return set(), {}
        reader = self._ports.reader
        campaign_ids = {row.campaign_id for row in concerned}
        found = reader.read_plain(CampaignObject.CAMPAIGN, [], among={"Id": campaign_ids})
        live = {record.id for record in found if not record.deleted}
        persons = {each for row in concerned for each in row.person_ids} | self._persons_of(
            [held for row in concerned if (held := self._held(row, draft))]
        )
        rows = read_members_of(ports=self._ports, campaign_ids=live, persons=persons, fields=fields)
        others = {}
        links = self._ports.links.get_many({each for row in rows for each in row.person_ids})
        draft.further |= further_among(rows, links)
        # Of several, the one that counts most comes last.
        rows.sort(key=lambda each: weight_of(each.person_ids[0], draft.further))
        for row in concerned:
            held = self._held(row, draft)
            for other in rows:
                owner = contact_of(other, links)
                if held is None or owner not in {None, held.contact_id}:
                    continue
                # Whoever has a row now that went over is not who had it.
                alike = row.deleted and set(other.person_ids) & set(row.person_ids)
                same_person = owner is not None or alike
                if other.campaign_id == row.campaign_id and other.id != row.id and same_person:
                    others[row.id] = other
        followers = self._ports.members.find_by_record([each.id for each in others.values()])
        for record_id, follower in followers.items():
            draft.places.setdefault(record_id, follower.key)
            draft.members.setdefault(follower.key, follower)
        return campaign_ids - live, others

    def _persons_of(self, members: Sequence[Member]) -> set[str]:
        """Return whom members are linked to by now, be it since a merge or a conversion."""
        contacts = self._ports.contacts.get_many([each.contact_id for each in members])
        return {record.record_id for each in contacts.values() for record in records_of(each)}

    # --- apply ----------------------------------------------------------------------------------

    def _carry_out(self, draft: MemberDraft) -> set[str]:
        """Return the ids of rows that lost a write to somebody else."""
        members = self._ports.members
        lost: set[str] = set()
        # Who has lost a row goes before whoever has it now: once that one follows the row, nobody
        # asks who did before.
        for key in members.delete_many(list(draft.deletions.values())) if draft.deletions else ():
            if key in members.get_many([key]):
                lost |= draft.sources[key]
        for key in members.save_many(list(draft.saves.values())) if draft.saves else ():
            lost |= draft.sources[key]
        for campaign_id, people in draft.inside.items():
            self._outsiders.forget(campaign_id, people)
        for campaign_id, rows in draft.later.items():
            known = self._outsiders.known(campaign_id, {row.person_ids[0] for row in rows})
            self._outsiders.keep(
                campaign_id, [row for row in rows if row.person_ids[0] not in known]
            )
        for campaign_id, rows in draft.outside.items():
            known = self._outsiders.known(campaign_id, {row.person_ids[0] for row in rows})
            new = [row for row in rows if row.person_ids[0] not in known]
            self._outsiders.keep(campaign_id, new)
            for row in new:
                draft.outcomes.setdefault(row.id, []).append(self._not_a_contact(row))
        return lost

    def _not_a_contact(self, row: MemberRow) -> Outcome:
        return Outcome(
            action=Action.SKIPPED,
            reason=Reason.NOT_A_CONTACT,
            at=self._ports.clock(),
            object=CampaignObject.MEMBER,
            record_id=row.id,
            message=f"{row.person_ids[0]} is no contact here; it is a member once it is one.",
        )

    def _tell(self, rows: Sequence[MemberRow], draft: MemberDraft) -> None:
        for row in rows:
            verdict = draft.verdicts[row.id]
            self._notes.count(CampaignObject.MEMBER, "read")
            if isinstance(verdict, MemberChange):
                self._notes.count(CampaignObject.MEMBER, verdict)
            else:
                self._notes.skip(verdict)
            self._notes.outcomes += draft.outcomes.get(row.id, ())
