"""Members that were written: read back, told of where that differs, and settled.

Salesforce replaces a status that a campaign lacks without a word.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.campaigns import status_key
from counterpart.domain.outcomes import Action, Reason
from counterpart.use_cases.member_lookups import read_member_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.member_push import PushGround
    from counterpart.domain.member_rows import MemberRow
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts
    from counterpart.use_cases.member_settler import MemberSettler
    from counterpart.use_cases.notes import Notes
    from counterpart.use_cases.outgoing_members import OutgoingMember


class WrittenMembers:
    """Sees to members of one campaign once they were written.

    Args:
        ports: The world.
        ground: What holds for their campaign.
        settler: Stores what became of them.
        notes: Keeps what is told of them before they are settled.
    """

    def __init__(
        self, ports: CampaignPorts, ground: PushGround, *, settler: MemberSettler, notes: Notes
    ) -> None:
        self._ports = ports
        self._ground = ground
        self._settler = settler
        self._notes = notes

    def read_back(self, written: Mapping[datetime, Sequence[OutgoingMember]]) -> None:
        """Settle what was written, by the moments at which that was answered."""
        rows = read_member_rows(
            ports=self._ports,
            record_ids=[out.row.id for outs in written.values() for out in outs],
            fields=self._ground.fields,
        )
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
            self.tell_unknown(out, row)

    def tell_unknown(self, out: OutgoingMember, row: MemberRow) -> None:
        """Tell of a status that Salesforce lacks, and of the default that stands for it."""
        ours = out.push.ours
        mapped = self._ground.campaign.status_map.theirs(ours)
        missing = f"{mapped!r}, which is to stand for {ours!r}" if mapped else repr(ours)
        message = (
            f"The campaign in Salesforce has no status {missing}; the member has {row.status!r} "
            "there, and keeps its own here. Add the status there, or map it, before the member's "
            "next change."
        )
        self._settler.tell(Action.WARNED, Reason.STATUS_UNKNOWN, out.member, row, message=message)
