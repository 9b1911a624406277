"""The member writer: rows of members go to Salesforce, and each refusal is followed up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import CampaignObject
from counterpart.domain.refusals import Remedy
from counterpart.domain.told_conflicts import lost_values
from counterpart.errors import TransientError
from counterpart.ports import RecordChange
from counterpart.use_cases.outgoing_members import new_values, next_batch, person_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from counterpart.domain.refusals import Refusal
    from counterpart.ports import WriteAnswer
    from counterpart.use_cases.adopted_members import MemberAdopter
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts
    from counterpart.use_cases.member_settler import MemberSettler
    from counterpart.use_cases.notes import Notes
    from counterpart.use_cases.outgoing_members import OutgoingMember
    from counterpart.use_cases.written_members import WrittenMembers


class MemberWriter:
    """Writes members of one campaign.

    Args:
        ports: The world.
        adopter: Finds the rows of those who are members already.
        written: Reads back what was written.
        settler: Stores what became of those that were not.
        notes: What was written is counted here.
        keep: Holds the right to write this campaign; called before each write.
    """

    def __init__(
        self,
        ports: CampaignPorts,
        *,
        adopter: MemberAdopter,
        written: WrittenMembers,
        settler: MemberSettler,
        notes: Notes,
        keep: Callable[[], None],
    ) -> None:
        self._ports = ports
        self._adopter = adopter
        self._written = written
        self._settler = settler
        self._notes = notes
        self._keep = keep

    def write(self, outs: Sequence[OutgoingMember]) -> None:
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
                batch = self._announced(batch)
                if not batch:
                    continue
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
            self._written.read_back(written)
            raise
        self._written.read_back(written)

    def _announced(self, batch: Sequence[OutgoingMember]) -> list[OutgoingMember]:
        """Tell what is written over that nobody here has seen, or given up; return what may go.

        It is told before nothing shows it any more, and that it was seen is stored, so that no
        further try tells it again.
        """
        if not any(out.loses for out in batch):
            return list(batch)
        now = self._ports.clock()
        for out in batch:
            for kept, replaced in (("ours", out.push.overruled), ("theirs", out.push.lost)):
                self._notes.outcomes += lost_values(
                    replaced, out.row, kept=kept, subject_id=out.member.contact_id, at=now
                )
        self._notes.keep()
        told = [out.announced() if out.loses else out for out in batch]
        changed = {
            out.member.key: out.member
            for out, before in zip(told, batch, strict=True)
            if out.member is not before.member
        }
        lost = self._ports.members.save_many(list(changed.values()))
        return [
            out.stored() if out.member.key in changed else out
            for out in told
            # Whoever was changed meanwhile keeps the mark, and is looked at again.
            if out.member.key not in lost
        ]

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
            blamed = set(refusal.fields) & set(out.push.values) - {"Status"}
            passes = refusal.remedy is Remedy.RETRY
            if refusal.code == "DUPLICATE_VALUE" and not out.row.id:
                adopt.append(out)
            elif passes or (refusal.remedy is Remedy.RESOLVE and not blamed):
                later.append((out.member, refusal))
            elif blamed:
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
        return again + self._adopter.adopted(adopt)
