"""Apply rows of CampaignMember to our members.

Each member is one conditional write; whoever loses it to somebody else is planned again. A crash
between two writes leaves a state that applying the same rows again completes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.member_steps import MemberChange
from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.domain.records import CampaignObject
from counterpart.domain.told_conflicts import conflicts_among
from counterpart.errors import ChangedMeanwhileError
from counterpart.use_cases.member_planner import MemberPlanner
from counterpart.use_cases.outsiders import Outsiders

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.member_rows import MemberRow
    from counterpart.domain.members import Member
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts, Followed
    from counterpart.use_cases.member_drafts import MemberDraft
    from counterpart.use_cases.notes import Notes

_TRIES = 6


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
        self._notes = notes
        self._dry_run = dry_run
        self._planner = MemberPlanner(ports, settings)
        self._outsiders = Outsiders(ports.members, ports.clock)

    def apply(
        self,
        rows: Sequence[MemberRow],
        *,
        followed: Mapping[str, Followed],
        fields: Sequence[FieldMapping],
        asked_at: datetime,
        first_time: bool = False,
        disputed: bool = False,
    ) -> None:
        """Apply rows, in the order they were read.

        Args:
            rows: Those of campaigns that are not followed are left alone.
            followed: By the id of their campaign in Salesforce.
            fields: What was read of the mapped fields.
            asked_at: By our clock, when the rows were asked for.
            first_time: Nothing is known by its row in this campaign; spares a look for each.
            disputed: A row may be followed by another member as well as by its own.

        Raises:
            ChangedMeanwhileError: others kept changing the same members.
        """
        known = [row for row in rows if row.campaign_id in followed and row.person_ids]
        # Rows that are gone come first: a person may be a member by another one.
        todo = sorted(known, key=lambda row: not row.deleted)
        for _ in range(_TRIES):
            draft = self._planner.plan(
                todo, followed, fields, asked_at, first_time=first_time, disputed=disputed
            )
            self._tell_conflicts(draft)
            lost = set() if self._dry_run else self._carry_out(draft)
            self._tell([row for row in todo if row.id not in lost], draft)
            todo = [row for row in todo if row.id in lost]
            if not todo:
                return
        raise ChangedMeanwhileError(f"{len(todo)} members keep being changed by others")

    def _tell_conflicts(self, draft: MemberDraft) -> None:
        """Tell what somebody loses, perhaps twice of who is planned again."""
        before = len(self._notes.outcomes)
        for row_id, outcomes in draft.outcomes.items():
            conflicts, draft.outcomes[row_id] = conflicts_among(outcomes)
            self._notes.outcomes += conflicts
        if len(self._notes.outcomes) > before and not self._dry_run:
            self._notes.keep()

    def _carry_out(self, draft: MemberDraft) -> set[str]:
        """Return the ids of rows that lost a write to somebody else."""
        members = self._ports.members
        lost: set[str] = set()
        # Who has lost a row goes before whoever has it now.
        kept = members.delete_many(list(draft.deletions.values())) if draft.deletions else ()
        for key in members.get_many(kept) if kept else ():
            lost |= draft.sources[key]
        turns, entangled = draft.turns()
        asked_about = self._look_once_more([draft.saves[key] for key in entangled])
        for turn in (*turns, entangled):
            saves = {key: one for key, one in draft.saves.items() if key in turn}
            # Somebody has changed the one who had the row, and is asked once more.
            early = {key for key in saves if draft.sources[key] & lost}
            todo = [one for key, one in saves.items() if key not in early]
            for key in early.union(members.save_many(todo) if todo else ()):
                lost |= draft.sources[key]
        for campaign_id, people in draft.inside.items():
            self._outsiders.forget(campaign_id, people - asked_about)
        for campaign_id, rows in draft.later.items():
            self._keep_new(campaign_id, rows)
        for campaign_id, rows in draft.outside.items():
            for row in self._keep_new(campaign_id, rows):
                draft.outcomes.setdefault(row.id, []).append(self._not_a_contact(row))
        return lost

    def _look_once_more(self, members: Sequence[Member]) -> set[str]:
        """Have it asked once more who follows the rows of these; return whom they are about.

        Should one of them be stored and another one not, a row is followed by two, and read as that
        of its own member alone.
        """
        people = set()
        for one in members:
            if held := one.counterpart:
                self._outsiders.look_now(one.campaign_id, [held.person_id])
                people.add(held.person_id)
        return people

    def _keep_new(self, campaign_id: str, rows: Sequence[MemberRow]) -> list[MemberRow]:
        """Keep people aside who are not yet, and return their rows."""
        known = self._outsiders.known(campaign_id, {row.person_ids[0] for row in rows})
        new = [row for row in rows if row.person_ids[0] not in known]
        self._outsiders.keep(campaign_id, new)
        return new

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
