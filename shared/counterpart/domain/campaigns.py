"""Campaigns, the types that say which statuses their members pass through, and the sync of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


def status_key(label: str) -> str:
    """Return what two labels of one status have in common, however they are spelt."""
    return label.strip().casefold()


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberStatus:
    """One step of a campaign.

    Attributes:
        success: Who gets here has responded; Salesforce calls it `HasResponded`.
    """

    label: str
    success: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Removal:
    """A status that was taken out of a type, and what stands for it ever since.

    Attributes:
        label: As it was spelt.
        settled: No member is stored with it any more.
    """

    label: str
    replacement: str
    removed_at: datetime
    settled: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignType:
    """What its campaigns have in common. Stored as one item.

    Attributes:
        statuses: In the order in which members pass through them; the first is the default, and
            at least one is a success.
        removals: Statuses that it had, oldest first. None of them is among *statuses*.
        request_key: Fingerprint of the API request that made it, for safe repetition.
        deleted_at: Since then no campaign begins with it. It is kept all the same, for whoever
            began one in that very moment.
        version: Counts the writes; 0 means that it was never stored.
    """

    id: str
    name: str
    statuses: tuple[MemberStatus, ...]
    created_at: datetime
    updated_at: datetime
    description: str = ""
    removals: tuple[Removal, ...] = ()
    request_key: str | None = None
    deleted_at: datetime | None = None
    version: int = 0

    @property
    def default(self) -> MemberStatus:
        """The status of who is added without one."""
        return self.statuses[0]

    def find(self, label: str) -> MemberStatus | None:
        """Return the status with that label, however it is spelt, or `None`."""
        wanted = status_key(label)
        return next((each for each in self.statuses if status_key(each.label) == wanted), None)

    def lead(self, label: str) -> MemberStatus | None:
        """Return the status that a label stands for today; `None` if the type never had it.

        A status that was removed stands for its replacement, from the moment of the removal on.
        """
        replacements = {status_key(each.label): each.replacement for each in self.removals}
        while (found := self.find(label)) is None:
            following = replacements.pop(status_key(label), None)
            if following is None:
                return None
            label = following
        return found

    def replaced_at(self, label: str) -> datetime | None:
        """Return when a label came to stand for what it does; `None` if it stands for itself."""
        removals = {status_key(each.label): each for each in self.removals}
        at: datetime | None = None
        while self.find(label) is None:
            removal = removals.pop(status_key(label), None)
            if removal is None:
                break
            at = max(removal.removed_at, at or removal.removed_at)
            label = removal.replacement
        return at

    def resolve(self, label: str) -> MemberStatus:
        """Return the status that a stored label stands for today, at the least the default."""
        return self.lead(label) or self.default

    def rank(self, label: str) -> int:
        """Return how far along a stored label is; 0 is the first step."""
        return self.statuses.index(self.resolve(label))


class SyncOption(StrEnum):
    """Whether a campaign has a counterpart in Salesforce, and how it comes by it."""

    NONE = "none"
    EXISTING = "existing"
    NEW = "new"


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncChoice:
    """What somebody chose for a campaign.

    Attributes:
        chosen_at: By our clock; what members did before that takes part like everything else.
        record_id: The campaign to sync with, of `EXISTING` alone; 18 characters.
        refusal: Why the choice came to nothing, or to an end; nothing is tried until somebody
            chooses again.
    """

    option: SyncOption = SyncOption.NONE
    chosen_at: datetime | None = None
    record_id: str | None = None
    refusal: str | None = None


class CampaignLinkedBy(StrEnum):
    """How a campaign came by its counterpart."""

    CHOICE = "choice"
    CREATION = "creation"


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignCounterpart:
    """The Salesforce campaign that a campaign is linked to.

    Attributes:
        record_id: 18 characters.
        followed_from: Up to here, by Salesforce's clock, its members were read by themselves; what
            changed since is read along with those of all campaigns. `None` while the first
            reading has not come to its end.
    """

    record_id: str
    linked_at: datetime
    linked_by: CampaignLinkedBy
    followed_from: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusMap:
    """Which status stands for which, where the labels differ; set by hand.

    Attributes:
        to_theirs: Salesforce's labels by ours, as somebody spelt them.
        to_ours: Our labels by Salesforce's, as somebody spelt them.
    """

    to_theirs: Mapping[str, str] = field(default_factory=dict)
    to_ours: Mapping[str, str] = field(default_factory=dict)

    def theirs(self, label: str) -> str | None:
        """Return which label of Salesforce's stands for *label* of ours, if somebody said so."""
        return _lookup(self.to_theirs, label)

    def completed(self, other: StatusMap) -> StatusMap:
        """Return this map with those entries of *other* that it lacks."""
        return StatusMap(
            to_theirs={
                **{each: label for each, label in other.to_theirs.items() if not self.theirs(each)},
                **self.to_theirs,
            },
            to_ours={
                **{each: label for each, label in other.to_ours.items() if not self.ours(each)},
                **self.to_ours,
            },
        )

    def ours(self, label: str) -> str | None:
        """Return which label of ours stands for *label* of Salesforce's, if somebody said so."""
        return _lookup(self.to_ours, label)


@dataclass(frozen=True, kw_only=True, slots=True)
class Campaign:
    """Something that people are members of, each with a status. Stored as one item.

    Its statuses are those of its type, at every moment.

    Attributes:
        counterpart: `None` while the choice has not been carried out, and after it has ended.
        request_key: Fingerprint of the API request that made it, for safe repetition.
        version: Counts the writes; 0 means that it was never stored.
    """

    id: str
    name: str
    type_id: str
    created_at: datetime
    updated_at: datetime
    sync: SyncChoice = SyncChoice()
    counterpart: CampaignCounterpart | None = None
    status_map: StatusMap = StatusMap()
    request_key: str | None = None
    version: int = 0

    @property
    def syncs(self) -> bool:
        """Whether members' edits are to go out, now or once the campaign is linked."""
        return self.sync.option is not SyncOption.NONE and self.sync.refusal is None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeletedCampaign:
    """A campaign that was deleted here, whose members have still to go."""

    id: str
    deleted_at: datetime


def _lookup(labels: Mapping[str, str], label: str) -> str | None:
    wanted = status_key(label)
    return next((named for each, named in labels.items() if status_key(each) == wanted), None)
