"""Links: what a Salesforce id means to us, and which record a contact or company is linked to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from counterpart.domain.bounces import Bounce
    from counterpart.domain.records import SObject
    from counterpart.domain.values import Value


class LinkedBy(StrEnum):
    """How a link came about."""

    RECORD = "record"
    EMAIL = "email"
    DOMAIN = "domain"
    CREATION = "creation"
    CONVERSION = "conversion"
    MERGE = "merge"
    UNDELETION = "undeletion"
    # Its contact was merged into this one, here.
    LOCAL_MERGE = "local_merge"


class LinkState(StrEnum):
    """What a Salesforce id means to us."""

    LINKED = "linked"
    # Of a contact that was merged here into this one, which has another counterpart: what changes
    # in the record comes in to it, and nothing goes out.
    SECONDARY = "secondary"
    # Gone in Salesforce; our contact stays, and is linked again should the record return.
    DELETED_THERE = "deleted_there"
    # A lead that became a Contact, or a record that was merged into another.
    CONVERTED = "converted"
    MERGED = "merged"
    # Deleted here: the record does not come back in by itself.
    DELETED_HERE = "deleted_here"
    # Seen, and left outside for a reason.
    SKIPPED = "skipped"


# What a link says while its record is somebody's.
OWNED = frozenset({LinkState.LINKED, LinkState.SECONDARY})


@dataclass(frozen=True, kw_only=True, slots=True)
class Counterpart:
    """The record that a contact or company is linked to.

    Attributes:
        modstamp: The `SystemModstamp` last applied, or `None` while none was.
        written_at: By our clock, when our last write to it was answered. A page that was asked for
            earlier than that may show the record as it was before, and is read again.
        written_until: The same moment by Salesforce's clock. A `LastModifiedDate` no later than
            this is our own write coming back.
        placed: When the place was given in which a field was seen, by its name, as far as that was
            after the version that was applied.
        lifted_over: The `LastModifiedDate` that it, or the record from which it took over, bore
            when an opt-in went out of which no answer is known.
        may_refuse: It took over from the record in which a refusal was seen, and may hold another
            of its own; not so any more once its box was seen.
        bounce: What was last seen in it of mail to its own address, whatever ours is by now.
        person_account: A Contact that is its own Account; that Account is no company of ours.
        origin: How its predecessor had come to be linked, where a merge or an undeletion put this
            one in its place.
        came_from: The contact that had it, or what it took over from, when it was merged into this
            one; `None` for a record of its own.
    """

    record_id: str
    object: SObject
    linked_at: datetime
    linked_by: LinkedBy
    modstamp: datetime | None = None
    written_at: datetime | None = None
    written_until: datetime | None = None
    placed: Mapping[str, datetime] = field(default_factory=dict)
    lifted_over: datetime | None = None
    may_refuse: bool = False
    bounce: Bounce | None = None
    person_account: bool = False
    origin: LinkedBy | None = None
    came_from: str | None = None

    @property
    def began_by(self) -> LinkedBy:
        """How the contact first came to be linked, or became a Contact."""
        return self.origin or self.linked_by


@dataclass(frozen=True, kw_only=True, slots=True)
class Secondary:
    """A further record of a contact: of another one that was merged into it here, or a former own.

    Attributes:
        came_from: The contact that was merged, or the contact itself.
        modstamp: The `SystemModstamp` last applied, or `None` while none was.
        shadows: The values last seen in it, by our field names.
        lifted_at: When the contact was opted in again while a refusal of ours may have been on its
            way to this record; until one is seen there.
        gone: It was deleted in Salesforce, and is kept in mind, should it come back.
    """

    record_id: str
    object: SObject
    linked_at: datetime
    came_from: str
    modstamp: datetime | None = None
    shadows: Mapping[str, Value] = field(default_factory=dict)
    lifted_at: datetime | None = None
    gone: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """What one Salesforce id means to us. Uniqueness of a counterpart is kept here.

    Attributes:
        record_id: 18 characters; the key.
        subject_id: Our contact or company; of a record that was skipped, whose it once was.
        reason: Why it was skipped; `deleted_here` of a linked record that had been left since its
            former contact was deleted here.
        modstamp: The `SystemModstamp` at which it was skipped, so that an overlap is free, or with
            which it was deleted.
    """

    record_id: str
    object: SObject
    state: LinkState
    subject_id: str | None = None
    linked_at: datetime | None = None
    linked_by: LinkedBy | None = None
    reason: str | None = None
    modstamp: datetime | None = None


class Move(NamedTuple):
    """A record that is a contact's no longer, or counts more or less for it than before."""

    contact_id: str
    record_id: str


def move_by(link: Link, former: Link | None) -> Move | None:
    """Return what a write of *link* over *former* moves, if it moves anything.

    Whose a record is first of all is no move, nor is the end of its link: until it is another
    contact's, whatever followed it goes on. What a contact leaves that is deleted here is looked
    after by itself.
    """
    if former is None or former.subject_id is None or not link.object.is_person:
        return None
    if former.state is LinkState.DELETED_HERE:
        return None
    if link.subject_id == former.subject_id and not (
        link.state in OWNED and former.state in OWNED and link.state is not former.state
    ):
        return None
    return Move(former.subject_id, link.record_id)
