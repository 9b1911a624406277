"""Apply rows of CampaignMember to our members.

Each member is one conditional write; whoever loses it to somebody else is planned again. A crash
between two writes leaves a state that applying the same rows again completes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from counterpart.domain.contacts import LinkState
from counterpart.domain.member_pull import (
    Ground,
    MemberChange,
    MemberStep,
    both_moved,
    pull_removal,
    pull_row,
)
from counterpart.domain.member_rows import member_paths, member_row
from counterpart.domain.members import MemberKey
from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.domain.records import CampaignObject
from counterpart.errors import ChangedMeanwhileError
from counterpart.use_cases.make_statuses import read_statuses
from counterpart.use_cases.outsiders import Outsiders

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Link
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.member_rows import MemberRow, TheirStatus
    from counterpart.domain.members import Member
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts, Followed
    from counterpart.use_cases.notes import Notes

_TRIES = 6
_CONTACT_PREFIX = "003"
_NOBODY = MemberKey("", "")


@dataclass(kw_only=True)
class _Draft:
    """What is to be written, and what was decided so far counts as done.

    Attributes:
        members: As they are by now; `None` for one that goes.
        places: Under which key a row's member may be found, by its id.
        saves: By key, at the version they were read at.
        deletions: By key.
        sources: By key, the rows that it comes from.
        outside: Rows of people who are no contacts here, by campaign.
        inside: People who are, or who are members no longer, by campaign.
        later: Rows that follow somebody whose link may still move, by campaign.
        linked: People whose link leads to a contact.
    """

    members: dict[MemberKey, Member | None]
    places: dict[str, MemberKey]
    linked: Collection[str]
    saves: dict[MemberKey, Member] = field(default_factory=dict)
    deletions: dict[MemberKey, Member] = field(default_factory=dict)
    sources: dict[MemberKey, set[str]] = field(default_factory=dict)
    outside: dict[str, list[MemberRow]] = field(default_factory=dict)
    inside: dict[str, set[str]] = field(default_factory=dict)
    later: dict[str, list[MemberRow]] = field(default_factory=dict)
    verdicts: dict[str, MemberChange | Reason] = field(default_factory=dict)
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)

    def knows(self, person_id: str) -> bool:
        """Return whether a person is a contact here."""
        return person_id in self.linked

    def carry(self, row: MemberRow, key: MemberKey, step: MemberStep) -> None:
        """Note what a row does."""
        self.verdicts[row.id] = step.verdict
        self.outcomes.setdefault(row.id, []).extend(step.outcomes)
        if step.save:
            self.members[key] = step.save
            self.saves[key] = step.save
            self.deletions.pop(key, None)
        elif step.delete:
            self.members[key] = None
            self.saves.pop(key, None)
            self.deletions[key] = step.delete
        else:
            return
        self.sources.setdefault(key, set()).add(row.id)


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
    ) -> _Draft:
        links = self._ports.links.get_many({each for row in rows for each in row.person_ids})
        contacts = {row.id: _contact_of(row, links) for row in rows}
        keys = {
            row.id: MemberKey(followed[row.campaign_id].campaign.id, contact_id)
            for row in rows
            if (contact_id := contacts[row.id])
        }
        members = dict(self._ports.members.get_many(set(keys.values())))
        strange = [
            row.id
            for row in rows
            if not ((one := members.get(keys.get(row.id, _NOBODY))) and _follows(one, row.id))
        ]
        by_record = {} if first_time else self._ports.members.find_by_record(strange)
        draft = _Draft(
            members={**members, **{one.key: one for one in by_record.values()}},
            places={**keys, **{row_id: one.key for row_id, one in by_record.items()}},
            linked={each for each, link in links.items() if _contact(link)},
        )
        statuses = self._statuses(rows, draft, followed)
        gone, others = self._confirm([row for row in rows if row.deleted], draft, fields)
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
            )
            if row.deleted:
                self._remove(row, others.get(row.id), ground, draft)
            else:
                self._take(row, contacts[row.id], ground, draft)
        return draft

    def _statuses(
        self, rows: Sequence[MemberRow], draft: _Draft, followed: Mapping[str, Followed]
    ) -> Mapping[str, Sequence[TheirStatus]]:
        """Return the statuses of campaigns in which both sides have moved somebody."""
        concerned = {
            row.campaign_id
            for row in rows
            if (held := self._held(row, draft))
            and both_moved(row, held, followed[row.campaign_id].kind)
        }
        return read_statuses(self._ports, concerned)

    def _take(
        self,
        row: MemberRow,
        contact_id: str | None,
        ground: Ground,
        draft: _Draft,
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
                # Whose it is in the end, the links will tell.
                draft.later.setdefault(campaign_id, []).append(row)
            return
        if contact_id is None:
            draft.verdicts[source.id] = Reason.NOT_A_CONTACT
            draft.outside.setdefault(campaign_id, []).append(row)
            return
        if held and held.campaign_id == campaign_id:
            # It went over to somebody else who is a contact here as well.
            draft.carry(source, held.key, pull_removal(row, held, ground))
        key = MemberKey(campaign_id, contact_id)
        draft.carry(source, key, pull_row(row, draft.members.get(key), contact_id, ground))
        draft.inside.setdefault(campaign_id, set()).update(row.person_ids)

    def _remove(
        self, row: MemberRow, other: MemberRow | None, ground: Ground, draft: _Draft
    ) -> None:
        held = self._held(row, draft)
        if held is None or held.campaign_id != ground.campaign.id:
            draft.verdicts[row.id] = Reason.UNKNOWN_RECORD
            draft.inside.setdefault(ground.campaign.id, set()).update(row.person_ids)
        elif other:
            draft.members[held.key] = replace(held, counterpart=None)
            self._take(other, held.contact_id, ground, draft, because=row)
            draft.later.setdefault(ground.campaign.id, []).append(other)
        else:
            draft.carry(row, held.key, pull_removal(row, held, ground))

    @staticmethod
    def _held(row: MemberRow, draft: _Draft) -> Member | None:
        """Return the member that follows this very row, as it is by now."""
        member = draft.members.get(draft.places.get(row.id, _NOBODY))
        return member if member and _follows(member, row.id) else None

    def _confirm(
        self, removed: Sequence[MemberRow], draft: _Draft, fields: Sequence[FieldMapping]
    ) -> tuple[set[str], dict[str, MemberRow]]:
        """Return campaigns that are gone, and by which other row people are members still."""
        concerned = [row for row in removed if self._held(row, draft)]
        if not concerned:
            return set(), {}
        reader = self._ports.reader
        campaign_ids = {row.campaign_id for row in concerned}
        found = reader.read_plain(CampaignObject.CAMPAIGN, [], among={"Id": campaign_ids})
        live = {record.id for record in found if not record.deleted}
        persons = {each for row in concerned for each in row.person_ids}
        rows = read_members_of(ports=self._ports, campaign_ids=live, persons=persons, fields=fields)
        others = {}
        links = self._ports.links.get_many({each for row in rows for each in row.person_ids})
        for row in concerned:
            held = self._held(row, draft)
            for other in rows:
                owner = _contact_of(other, links)
                if held is None or owner not in {None, held.contact_id}:
                    continue
                same_person = set(other.person_ids) & set(row.person_ids)
                if other.campaign_id == row.campaign_id and other.id != row.id and same_person:
                    others[row.id] = other
        followers = self._ports.members.find_by_record([each.id for each in others.values()])
        for record_id, follower in followers.items():
            draft.places.setdefault(record_id, follower.key)
            draft.members.setdefault(follower.key, follower)
        return campaign_ids - live, others

    # --- apply ----------------------------------------------------------------------------------

    def _carry_out(self, draft: _Draft) -> set[str]:
        """Return the ids of rows that lost a write to somebody else."""
        members = self._ports.members
        lost: set[str] = set()
        for key in members.save_many(list(draft.saves.values())) if draft.saves else ():
            lost |= draft.sources[key]
        for key in members.delete_many(list(draft.deletions.values())) if draft.deletions else ():
            if key in members.get_many([key]):
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

    def _tell(self, rows: Sequence[MemberRow], draft: _Draft) -> None:
        for row in rows:
            verdict = draft.verdicts[row.id]
            self._notes.count(CampaignObject.MEMBER, "read")
            if isinstance(verdict, MemberChange):
                self._notes.count(CampaignObject.MEMBER, verdict)
            else:
                self._notes.skip(verdict)
            self._notes.outcomes += draft.outcomes.get(row.id, ())


def read_members_of(
    *,
    ports: CampaignPorts,
    campaign_ids: set[str],
    persons: set[str],
    fields: Sequence[FieldMapping],
) -> list[MemberRow]:
    """Return the live rows by which these people are members of these campaigns."""
    found = {}
    for path, wanted in (
        ("ContactId", {each for each in persons if each.startswith(_CONTACT_PREFIX)}),
        ("LeadId", {each for each in persons if not each.startswith(_CONTACT_PREFIX)}),
    ):
        among = {"CampaignId": campaign_ids, path: wanted}
        for record in ports.reader.read_plain(
            CampaignObject.MEMBER, member_paths(fields), among=among
        ):
            if not record.deleted:
                found[record.id] = member_row(record, fields)
    return list(found.values())


def _contact_of(row: MemberRow, links: Mapping[str, Link]) -> str | None:
    """Return which contact a row is about, if it is one."""
    for person_id in row.person_ids:
        link = links.get(person_id)
        if link and (contact_id := _contact(link)):
            return contact_id
    return None


def _contact(link: Link) -> str | None:
    return link.subject_id if link.state is LinkState.LINKED else None


def _follows(member: Member, record_id: str) -> bool:
    return member.counterpart is not None and member.counterpart.record_id == record_id
