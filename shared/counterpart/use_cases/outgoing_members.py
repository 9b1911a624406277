"""Members on their way out, each with its row as it was just read, or as it is to be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from counterpart.domain.member_push import having_met, plan_member
from counterpart.domain.member_rows import MemberRow
from counterpart.ports import WRITE_SIZE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from counterpart.domain.member_push import MemberPush, PushGround
    from counterpart.domain.members import Member
    from counterpart.ports import Json

_NEVER = datetime.min.replace(tzinfo=UTC)
_PATHS = {"003": "ContactId", "00Q": "LeadId"}


@dataclass(frozen=True, kw_only=True, slots=True)
class OutgoingMember:
    """A member that goes out, with its row as it was just read, or as it is to be."""

    member: Member
    row: MemberRow
    push: MemberPush

    def without(self, paths: Collection[str]) -> OutgoingMember:
        """Return it without some fields, by their API names."""
        values = {path: value for path, value in self.push.values.items() if path not in paths}
        sent = {
            name: value
            for name, value in self.push.fields.sent.items()
            if name not in _names(paths, self.push)
        }
        fields = replace(self.push.fields, sent=sent)
        return replace(self, push=replace(self.push, values=values, fields=fields))

    @property
    def loses(self) -> bool:
        """Return whether something is lost by it, on either side, that has still to be told."""
        return bool(self.push.overruled or self.push.lost)

    def announced(self) -> OutgoingMember:
        """Return it after what it replaces there, or gives up, was told, and counts as seen."""
        member = replace(self.member, ledger=self.push.left) if self.push.lost else self.member
        if self.push.overruled:
            member = having_met(member, self.push, self.row)
        return replace(self, member=member, push=replace(self.push, overruled={}, lost={}))

    def stored(self) -> OutgoingMember:
        """Return it after the member was stored as it is."""
        return replace(self, member=replace(self.member, version=self.member.version + 1))


def outgoing(member: Member, row: MemberRow, ground: PushGround) -> OutgoingMember:
    """Return a member that goes out to a row, with what of it does."""
    return OutgoingMember(member=member, row=row, push=plan_member(member, row, ground))


def next_batch(
    queue: Sequence[OutgoingMember],
) -> tuple[list[OutgoingMember], list[OutgoingMember]]:
    """Return what one call takes, of rows to be made or of rows to be changed, and the rest."""
    new = not queue[0].row.id
    batch: list[OutgoingMember] = []
    for out in queue:
        if (not out.row.id) is not new or len(batch) == WRITE_SIZE:
            break
        batch.append(out)
    return batch, list(queue[len(batch) :])


def new_values(out: OutgoingMember) -> dict[str, Json]:
    """Return a new row as Salesforce is told."""
    person_id = out.row.person_ids[0]
    return {
        "CampaignId": out.row.campaign_id,
        _PATHS[person_id[:3]]: person_id,
        **out.push.values,
    }


def person_of(out: OutgoingMember) -> str:
    """Return whom a member's row is about."""
    return out.row.person_ids[0]


def _names(paths: Collection[str], push: MemberPush) -> set[str]:
    """Return our names of fields that were to go to these paths."""
    return {name for name, path in push.paths.items() if path in paths}


def row_gone(member: Member) -> MemberRow:
    """Return the row that a member has lost without a trace."""
    held = member.counterpart
    if held is None:
        raise ValueError("a member without a counterpart has no row to lose")
    return MemberRow(
        id=held.record_id,
        campaign_id=held.campaign_record_id,
        person_ids=(held.person_id,),
        status=held.agreed.theirs if held.agreed else "",
        responded=held.responded,
        created_at=held.linked_at,
        modified_at=_NEVER,
        modstamp=_NEVER,
        deleted=True,
    )
