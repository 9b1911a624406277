"""What a merge of two contacts is, as it is planned and kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.links import OWNED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Contact
    from counterpart.domain.links import Counterpart, Link, Secondary


class Choice(StrEnum):
    """Whose value a field of the survivor gets."""

    # The survivor's, or the loser's where that is blank.
    SURVIVOR = "survivor"
    LOSER = "loser"
    NEWEST = "newest"


class MergeState(StrEnum):
    """Whether a merge stands."""

    DONE = "done"
    UNDONE = "undone"


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactMerge:
    """A merge as it is kept: known by the loser's id, which it leads on from, and can be undone.

    Attributes:
        loser: As it was.
        survivor: As it was.
        taken: Fields that the survivor got from the loser, with the time they bear since.
        campaign_ids: What the loser was a member of; each of these members of the survivor knows
            what both were.
    """

    loser: Contact
    survivor: Contact
    taken: Mapping[str, datetime]
    merged_at: datetime
    campaign_ids: tuple[str, ...] = ()
    state: MergeState = MergeState.DONE
    undone_at: datetime | None = None

    @property
    def id(self) -> str:
        """Return the id of the contact that is no more."""
        return self.loser.id


@dataclass(frozen=True, kw_only=True, slots=True)
class MergePlan:
    """What a merge, or undoing one, writes; all of it or nothing.

    Attributes:
        links: Each with what it replaces.
        kept: What could not be undone, for people.
        revised: Other merges into the survivor that stand, as they are to be undone from now on.
    """

    merge: ContactMerge
    survivor: Contact
    loser: Contact
    links: Sequence[tuple[Link, Link | None]]
    kept: tuple[str, ...] = ()
    revised: tuple[ContactMerge, ...] = ()


def record_ids_of(contact: Contact) -> list[str]:
    """Return the Salesforce ids of all records that a contact has, or had before a deletion."""
    former = [contact.former.record_id] if contact.former else []
    return [*(one.record_id for one in records_of(contact)), *former]


def records_of(contact: Contact) -> list[Counterpart | Secondary]:
    """Return the records that a contact has."""
    own = [contact.counterpart] if contact.counterpart else []
    return [*own, *contact.secondaries]


def is_held(link: Link | None, contact: Contact) -> bool:
    """Return whether a record is there, and belongs to *contact*."""
    return link is not None and link.subject_id == contact.id and link.state in OWNED
