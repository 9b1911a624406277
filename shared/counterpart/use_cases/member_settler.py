"""What becomes of members here once their rows were written, or were not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from counterpart.domain.members import Skip
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.patience import is_worn_out
from counterpart.domain.records import CampaignObject
from counterpart.domain.settled_members import settle_member
from counterpart.use_cases.set_backs import set_back
from counterpart.use_cases.stored_changes import store_changed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from counterpart.domain.member_push import MemberPush, PushGround
    from counterpart.domain.member_rows import MemberRow
    from counterpart.domain.members import Member
    from counterpart.domain.refusals import Refusal
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts
    from counterpart.use_cases.notes import Notes


class Sent(Protocol):
    """A member, what of it went out, and its row as it was read back."""

    @property
    def member(self) -> Member: ...

    @property
    def push(self) -> MemberPush: ...

    @property
    def row(self) -> MemberRow: ...


class MemberSettler:
    """Stores what became of members, each in one write.

    Args:
        ports: The world.
        ground: What holds for their campaign.
        notes: What became of them is noted here.
        max_attempts: After as many passing failures a member is given up.
        dry_run: Plan for real and write nothing.
    """

    def __init__(
        self,
        ports: CampaignPorts,
        ground: PushGround,
        *,
        notes: Notes,
        max_attempts: int,
        dry_run: bool,
    ) -> None:
        self._members = ports.members
        self._clock = ports.clock
        self._ground = ground
        self._notes = notes
        self._max_attempts = max_attempts
        self._dry_run = dry_run

    def settle(self, sent: Sequence[Sent], until: datetime | None) -> None:
        """Remember what both sides agree on, in one write for each; an edit since stays.

        Args:
            sent: With the rows as they are now.
            until: When they were written, by Salesforce's clock; `None` if nothing was.

        Raises:
            ChangedMeanwhileError: others kept changing the same members.
        """
        by_key = {each.member.key: each for each in sent}
        now = self._clock()
        store_changed(
            self._members,
            {key: each.member for key, each in by_key.items()},
            lambda member: settle_member(
                member,
                by_key[member.key].push,
                by_key[member.key].row,
                self._ground,
                now=now,
                written_until=until,
            ),
            noun="members",
        )

    def skip(self, members: Sequence[Member]) -> None:
        """Leave members here whose contacts are not in Salesforce; they are looked at again."""
        now = self._clock()
        saves = []
        for member in members:
            self._notes.skip(Reason.NOT_LINKED)
            told = member.skip is not None and member.skip.reason is Reason.NOT_LINKED
            if not told:
                message = (
                    "The contact is neither a Lead nor a Contact in Salesforce; its membership "
                    "goes out once it is."
                )
                self.tell(Action.SKIPPED, Reason.NOT_LINKED, member, message=message)
            skip = member.skip if told else Skip(reason=Reason.NOT_LINKED, since=now)
            saves.append(replace(member, skip=skip, waiting=set_back(member.waiting, now=now)))
        if saves and not self._dry_run:
            self._notes.keep()
            # Whoever was edited meanwhile keeps the mark of that edit.
            self._members.save_many(saves)

    def put_off(self, failed: Iterable[tuple[Member, Refusal | None]]) -> None:
        """Let members wait that failed in passing, or give them up after too many attempts."""
        later = []
        for member, refusal in failed:
            if refusal and is_worn_out(member.waiting, refusal, most=self._max_attempts):
                self.give_up(member, refusal, Action.FAILED, Reason.GAVE_UP)
                continue
            self._notes.count(CampaignObject.MEMBER, "retried_later")
            mark = set_back(member.waiting, refusal, now=self._clock())
            later.append(replace(member, waiting=mark))
        if later:
            # An edit that came meanwhile has renewed the mark; then there is nothing to put off.
            self._members.save_many(later)

    def give_up(self, member: Member, refusal: Refusal, action: Action, reason: Reason) -> None:
        """Take a member's mark off, and show why; its next change goes out again."""
        self._notes.count(CampaignObject.MEMBER, "refused")
        self.tell(action, reason, member, message=refusal.message, code=refusal.code)
        self._notes.keep()
        skip = Skip(reason=reason, since=self._clock(), message=refusal.message)
        self._members.save_many([replace(member, waiting=None, skip=skip)])

    def count_deletion(self) -> None:
        """Count a member whose row is gone."""
        self._notes.count(CampaignObject.MEMBER, "sent_deleted")

    def tell(
        self,
        action: Action,
        reason: Reason,
        member: Member,
        row: MemberRow | None = None,
        *,
        message: str,
        code: str | None = None,
    ) -> None:
        """Note something that somebody may ask about."""
        self._notes.tell_of(
            CampaignObject.MEMBER,
            action,
            reason,
            record_id=row.id if row else record_of(member) or None,
            subject_id=member.contact_id,
            code=code,
            message=message,
        )


def record_of(member: Member) -> str:
    """Return the CampaignMember that a member is linked to, or an empty text."""
    return member.counterpart.record_id if member.counterpart else ""
