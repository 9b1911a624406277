"""Members that were removed here: their rows are deleted, and then what is left of them.

A row that is about another contact by now stays, and is taken in as that contact's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.contact_merge_plans import records_of
from counterpart.domain.members import against, lapsed, unlinked
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.refusals import Remedy
from counterpart.domain.waiting import Lane, Waiting
from counterpart.ports import WRITE_SIZE
from counterpart.use_cases.member_lookups import (
    of_others,
    read_member_rows,
    read_members_by_lead,
    read_members_of,
)
from counterpart.use_cases.member_settler import record_of
from counterpart.use_cases.stored_changes import store_changed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import timedelta

    from counterpart.domain.contacts import Contact
    from counterpart.domain.member_push import PushGround
    from counterpart.domain.member_rows import MemberRow
    from counterpart.domain.members import Member, MemberKey
    from counterpart.ports import RowAnswer
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts, Followed
    from counterpart.use_cases.member_settler import MemberSettler
    from counterpart.use_cases.pull_members import MemberPuller


class Removals:
    """Lets removals cross.

    Args:
        ports: The world.
        ground: What holds for their campaign.
        home: The campaign.
        overlap: As much later than its stamp a row may come to light.
        puller: Takes rows that turn out to be somebody else's.
        settler: Stores what became of those whose row could not be deleted.
        keep: Holds the right to write this campaign; called before each write.
    """

    def __init__(
        self,
        ports: CampaignPorts,
        ground: PushGround,
        home: Followed,
        *,
        overlap: timedelta,
        puller: MemberPuller,
        settler: MemberSettler,
        keep: Callable[[], None],
    ) -> None:
        self._ports = ports
        self._ground = ground
        self._home = home
        self._overlap = overlap
        self._puller = puller
        self._settler = settler
        self._keep = keep

    def remove(self, members: Sequence[Member], contacts: Mapping[str, Contact]) -> None:
        """Delete the rows of these members.

        Args:
            members: Each was removed here.
            contacts: Of them, by id.

        Raises:
            ChangedMeanwhileError: others kept changing the same members.
        """
        targets, living = self._followed(members)
        following = {member.key for member in targets.values()}
        over: list[Member] = []
        everybody: dict[str, Member] = {}
        strangers: dict[str, Member] = {}
        for member in members:
            known = against(member, self._home.record_id)
            contact = contacts.get(member.contact_id)
            person_ids = {one.record_id for one in records_of(contact)} if contact else set()
            found: set[str] = set()
            if known.counterpart and member.key in following:
                # It may be a member by each of its records; otherwise it would stay one there.
                found = _whose_only(living.get(record_of(known)), known.counterpart.person_id)
                person_ids.add(known.counterpart.person_id)
            elif known.counterpart and person_ids:
                member = unlinked(member)  # noqa: PLW2901 - the same member, without another's row
            elif lapsed(known, self._home.campaign.sync.chosen_at) or not person_ids:
                over.append(member)
                continue
            everybody |= dict.fromkeys(person_ids, member)
            strangers |= dict.fromkeys(person_ids - found, member)
        targets = self._rows_of(strangers, everybody) | targets
        settled = {member.key for member in targets.values()}
        unfound = {each.key: each for each in strangers.values() if each.key not in settled}
        over += self._not_awaited(unfound.values())

        ids = list(targets)
        gone: set[str] = set()
        for start in range(0, len(ids), WRITE_SIZE):
            self._keep()
            batch = ids[start : start + WRITE_SIZE]
            answer = self._ports.writer.delete(batch)
            gone |= {
                record_id
                for record_id, said in zip(batch, answer.rows, strict=True)
                if self._is_gone(targets[record_id], said)
            }
        left = {targets[record_id].key for record_id in ids if record_id not in gone}
        done = {member.key: member for member in targets.values() if member.key not in left}
        over += done.values()
        kept = self._ports.members.delete_many(over) if over else ()
        if kept:
            self._let_go(kept, gone)

    def _not_awaited(self, unfound: Collection[Member]) -> list[Member]:
        """Return who has no row, and cannot get one any more by what was done before the removal.

        Somebody there may have added the person in a transaction that takes its time. The others
        wait until it would have come to light, so that it is removed then.
        """
        now = self._ports.clock()
        until = {
            each.key: each.removed_at + self._overlap
            for each in unfound
            if each.removed_at and now < each.removed_at + self._overlap
        }
        waiting = [
            replace(each, waiting=Waiting(lane=Lane.RETRY, next_push_at=until[each.key]))
            for each in unfound
            if each.key in until
        ]
        if waiting:
            # Who was added again meanwhile has called the removal off.
            self._ports.members.save_many(waiting)
        return [each for each in unfound if each.key not in until]

    def _let_go(self, keys: Collection[MemberKey], gone: Collection[str]) -> None:
        """Have members who were added again meanwhile go out anew; their rows are no more."""

        def was_added_again(member: Member) -> bool:
            return member.present and record_of(member) in gone

        found = self._ports.members.get_many(keys)
        store_changed(
            self._ports.members,
            {key: member for key, member in found.items() if was_added_again(member)},
            unlinked,
            concerns=was_added_again,
            noun="members",
        )

    def _followed(
        self, members: Sequence[Member]
    ) -> tuple[dict[str, Member], Mapping[str, MemberRow]]:
        """Return the rows that members follow, and that are theirs still; and those that live."""
        known = (against(member, self._home.record_id) for member in members)
        by_row = {record_of(member): member for member in known if member.counterpart}
        rows = read_member_rows(ports=self._ports, record_ids=by_row, fields=self._ground.fields)
        living = {row_id: row for row_id, row in rows.items() if not row.deleted}
        others = self._others(living, by_row)
        targets = {row_id: member for row_id, member in by_row.items() if row_id not in others}
        return targets, living

    def _rows_of(
        self, strangers: Mapping[str, Member], everybody: Mapping[str, Member]
    ) -> dict[str, Member]:
        """Return the rows that people have besides those that are followed.

        Args:
            strangers: By each person of whom no row is known, as a write may not have been
                answered.
            everybody: By each person; it may have a row by a lead that it was, besides its own.
        """
        if not everybody:
            return {}
        home, fields = self._home.record_id, self._ground.fields
        found = read_members_by_lead(
            ports=self._ports, campaign_ids={home}, persons=everybody, fields=fields
        )
        if strangers:
            found += read_members_of(
                ports=self._ports, campaign_ids={home}, persons=set(strangers), fields=fields
            )
        rows = {row.id: row for row in found}
        by_row = {
            row.id: next(everybody[each] for each in row.person_ids if each in everybody)
            for row in found
        }
        others = self._others(rows, by_row)
        return {row_id: member for row_id, member in by_row.items() if row_id not in others}

    def _others(self, rows: Mapping[str, MemberRow], by_row: Mapping[str, Member]) -> set[str]:
        """Return the rows that others' are by now, once those are members by them.

        A lead may have become a Contact that is another contact's, and one that is being deleted
        names a record that may be another's; nobody has removed these.
        """
        others = of_others(ports=self._ports, rows=rows, whose=by_row)
        if others:
            self._puller.apply(
                [rows[each] for each in sorted(others)],
                followed={self._home.record_id: self._home},
                fields=self._ground.fields,
                asked_at=self._ports.clock(),
            )
        return others

    def _is_gone(self, member: Member, said: RowAnswer) -> bool:
        if said.refusal is None or said.refusal.remedy is Remedy.RESOLVE:
            self._settler.count_deletion()
            return True
        if said.refusal.remedy is Remedy.RETRY:
            self._settler.put_off([(member, said.refusal)])
        else:
            self._settler.give_up(member, said.refusal, Action.REFUSED, Reason.REFUSED)
        return False


def _whose_only(row: MemberRow | None, person_id: str) -> set[str]:
    """Return the person of a row that is followed, unless it may have another one of its own.

    Salesforce has a person in a campaign once, and once more by each lead that it was.
    """
    return set() if row and len(row.person_ids) > 1 else {person_id}
