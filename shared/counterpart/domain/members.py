"""A member: one contact in one campaign, how far it has come, and what Salesforce knows of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from counterpart.domain.contacts import Ledger

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.outcomes import Reason
    from counterpart.domain.waiting import Waiting


class MemberKey(NamedTuple):
    """Who is meant: a contact is a member of a campaign once."""

    campaign_id: str
    contact_id: str


class ChangedBy(StrEnum):
    """Who gave a member its status. People may go back; automation goes forward only."""

    PERSON = "person"
    AUTOMATION = "automation"
    SALESFORCE = "salesforce"


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """Both sides' statuses when they were last brought together.

    A side has changed if its status differs from this, and only then. Where one side does not
    have the other's status, the two labels differ: a fallback is no change, and never crosses.

    Attributes:
        ours: Our label.
        theirs: Salesforce's label, as it was read back; the source status behind a fallback.
    """

    ours: str
    theirs: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberCounterpart:
    """The CampaignMember that a member is linked to. Ids have 18 characters.

    Attributes:
        record_id: The CampaignMember.
        campaign_record_id: The Salesforce campaign that it belongs to.
        person_id: Its Contact or Lead.
        agreed: `None` until the statuses were compared.
        modstamp: The `SystemModstamp` last applied, or `None` while none was.
        written_at: By our clock, when our last write to it was answered.
        written_until: The same moment by Salesforce's clock. A `LastModifiedDate` no later than
            this is our own write coming back.
        responded: Salesforce's `HasResponded`, which follows from its status.
        made_here: Whether a write of ours has made it, and that was answered; somebody there may
            have made the others.
    """

    record_id: str
    campaign_record_id: str
    person_id: str
    linked_at: datetime
    agreed: Agreement | None = None
    modstamp: datetime | None = None
    written_at: datetime | None = None
    written_until: datetime | None = None
    responded: bool = False
    made_here: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Skip:
    """Why a member cannot go out as yet. It stays marked as waiting, and is looked at again."""

    reason: Reason
    since: datetime
    message: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Absorbed:
    """What a member was united with when another contact was merged into its own.

    Attributes:
        loser: As it was; its contact is no more.
        before: What the member was before; `None` if its contact was none.
        took_status: Whether it has had the loser's status since.
    """

    loser: Member
    before: Member | None
    took_status: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A contact in a campaign. Stored as one item, changed by one conditional write.

    Attributes:
        status: A label of the campaign's type, as stored; `CampaignType.resolve` says what it
            stands for today.
        status_changed_at: A status that was pulled has the record's time, not that of the pull.
        ledger: The member's own fields, as a contact's.
        passing: What `status` was, since both sides last agreed; while there is something, ours
            has still to cross.
        removed_at: Set while a removal has still to cross; the member is gone for everybody else.
        absorbed: By merges of contacts that may still be undone, oldest first.
        version: Counts the writes; 0 means that it was never stored.
    """

    campaign_id: str
    contact_id: str
    status: str
    status_changed_at: datetime
    changed_by: ChangedBy
    created_at: datetime
    updated_at: datetime
    ledger: Ledger = field(default_factory=Ledger)
    passing: tuple[str, ...] = ()
    counterpart: MemberCounterpart | None = None
    waiting: Waiting | None = None
    skip: Skip | None = None
    removed_at: datetime | None = None
    absorbed: tuple[Absorbed, ...] = ()
    version: int = 0

    @property
    def key(self) -> MemberKey:
        """Who this is."""
        return MemberKey(self.campaign_id, self.contact_id)

    @property
    def present(self) -> bool:
        """Whether it is a member still."""
        return self.removed_at is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsettled:
    """A contact that comes or goes, by a merge, its undoing or a deletion; or whose record does.

    Its memberships are looked after until nothing can be left of them.

    Attributes:
        noted_at: By our clock, before it came or went.
        person_ids: The records that it leaves behind in Salesforce, if it goes for good.
        moved: The record that is its no longer, or counts more or less for it than before; `None`
            if it is the contact that comes or goes.
    """

    contact_id: str
    noted_at: datetime
    person_ids: frozenset[str] = frozenset()
    moved: str | None = None


def lapsed(member: Member, chosen_at: datetime | None) -> bool:
    """Return whether a removal was meant for what the campaign synced with before.

    Nobody is removed there for what happened before somebody chose it.

    Args:
        member: Removed here, and seen against the campaign that was chosen.
        chosen_at: When that was.
    """
    if member.counterpart or member.removed_at is None or chosen_at is None:
        return False
    return member.removed_at < chosen_at


def against(member: Member, campaign_record_id: str) -> Member:
    """Return *member* as far as it says something about this Salesforce campaign.

    What is known of a CampaignMember of another campaign, with which ours was synced before, is
    left out.
    """
    counterpart = member.counterpart
    if counterpart and counterpart.campaign_record_id == campaign_record_id:
        return member
    if counterpart is None and not member.ledger.shadows:
        return member
    return unlinked(member)


def unlinked(member: Member) -> Member:
    """Return *member* without its row, and without what was known of that."""
    ledger = replace(member.ledger, shadows={})
    return replace(member, counterpart=None, ledger=ledger, passing=())
