"""What rows of CampaignMember do to our members, in the making."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from counterpart.domain.members import MemberKey
from counterpart.use_cases.member_lookups import follows

if TYPE_CHECKING:
    from collections.abc import Collection

    from counterpart.domain.member_rows import MemberRow
    from counterpart.domain.member_steps import MemberChange, MemberStep
    from counterpart.domain.members import Member
    from counterpart.domain.outcomes import Outcome, Reason


NOBODY = MemberKey("", "")


@dataclass(kw_only=True)
class MemberDraft:
    """What is to be written, and what was decided so far counts as done.

    Attributes:
        members: As they are by now; `None` for one that goes.
        places: Under which key a row's member may be found, by its id.
        saves: By key, at the version they were read at.
        deletions: By key.
        sources: By key, the rows that it comes from.
        former: By row, who followed it before.
        outside: Rows of people who are no contacts here, by campaign.
        inside: People who are, or who are members no longer, by campaign.
        later: Rows that follow somebody whose link may still move, by campaign.
        linked: People whose link leads to a contact.
        further: People who are further records of contacts.
    """

    members: dict[MemberKey, Member | None]
    places: dict[str, MemberKey]
    linked: Collection[str]
    further: set[str] = field(default_factory=set)
    saves: dict[MemberKey, Member] = field(default_factory=dict)
    deletions: dict[MemberKey, Member] = field(default_factory=dict)
    sources: dict[MemberKey, set[str]] = field(default_factory=dict)
    former: dict[str, MemberKey] = field(default_factory=dict)
    outside: dict[str, list[MemberRow]] = field(default_factory=dict)
    inside: dict[str, set[str]] = field(default_factory=dict)
    later: dict[str, list[MemberRow]] = field(default_factory=dict)
    verdicts: dict[str, MemberChange | Reason] = field(default_factory=dict)
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)

    def knows(self, person_id: str) -> bool:
        """Return whether a person is a contact here."""
        return person_id in self.linked

    def held(self, row: MemberRow) -> Member | None:
        """Return the member that follows this very row, as it is by now."""
        member = self.members.get(self.places.get(row.id, NOBODY))
        return member if member and follows(member, row.id) else None

    def look_later(self, row: MemberRow, campaign_id: str) -> None:
        """Have a row looked at again: whose it is in the end, the links will tell."""
        self.later.setdefault(campaign_id, []).append(row)

    def carry(self, row: MemberRow, key: MemberKey, step: MemberStep) -> None:
        """Note what a row does."""
        self.verdicts[row.id] = step.verdict
        self.outcomes.setdefault(row.id, []).extend(step.outcomes)
        before = self.members.get(key)
        if save := step.save:
            gone = self.deletions.pop(key, None)
            if gone and not save.version:
                # A member by another row takes the place of the one that was about to go.
                save = replace(save, version=gone.version)
            self.members[key] = save
            self.saves[key] = save
        elif step.delete:
            self.members[key] = None
            self.saves.pop(key, None)
            self.deletions[key] = step.delete
        else:
            return
        # The row that it loses may be another one than *row*: whoever loses that goes on by this.
        if (had := _row_of(before)) and had != _row_of(self.members[key]):
            self.former.setdefault(had, key)
        self.sources.setdefault(key, set()).add(row.id)

    def turns(self) -> tuple[list[set[MemberKey]], set[MemberKey]]:
        """Return in which turns members are stored, and who is left.

        Who loses a row goes before whoever has it now: once that one follows the row, nobody asks
        who did before. Those who are left have each other's rows, so that none of them can be
        first.
        """
        had = {key: self.former.get(_row_of(one) or "", key) for key, one in self.saves.items()}
        turns: list[set[MemberKey]] = []
        todo = set(self.saves)
        while ready := {key for key in todo if had[key] == key or had[key] not in todo}:
            turns.append(ready)
            todo -= ready
        return turns, todo


def _row_of(member: Member | None) -> str | None:
    return member.counterpart.record_id if member and member.counterpart else None
