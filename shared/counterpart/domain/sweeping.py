"""A sweep looks whether the records that we are linked to are still there.

A record that was deleted for good, or whose deletion passed while nothing ran for longer than
Salesforce keeps its recycle bin (15 days), is told by no query for changes. Neither is one that
came out of it and is not selected, or whose object was off by then.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from counterpart.domain.links import LinkState
from counterpart.domain.opportunities import ContactRole, Opportunity
from counterpart.domain.records import Record
from counterpart.domain.subjects import is_half_linked, secondaries_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.links import Counterpart, Link, Secondary
    from counterpart.domain.records import SObject

# Salesforce empties its recycle bin after 15 days; a pull may have told of the deletion later.
_LAID_IN_BIN = timedelta(days=16)

Deal = TypeVar("Deal", Opportunity, ContactRole)


def held_records(subjects: Iterable[Contact | Company]) -> list[Counterpart | Secondary]:
    """Return what *subjects* are linked to: their counterparts, and further records that live."""
    held: list[Counterpart | Secondary] = []
    for one in subjects:
        held += [one.counterpart] if one.counterpart else []
        held += [record for record in secondaries_of(one) if not record.gone]
    return held


def nowhere(record_id: str, sobject: SObject, *, now: datetime) -> Record:
    """Return a record that Salesforce lacks; it counts as deleted, and cannot come back."""
    return Record(
        id=record_id,
        object=sobject,
        modified_at=now,
        modstamp=now - _LAID_IN_BIN,
        values={},
        deleted=True,
    )


def gone_records(
    held: Iterable[Counterpart | Secondary], found: Mapping[str, Record], *, now: datetime
) -> list[Record]:
    """Return the records that do not live any more, as they would have been read.

    Args:
        held: What we are linked to.
        found: What Salesforce has of it, its recycle bin included; one that it lacks is deleted,
            and cannot come back.
        now: By our clock.
    """
    gone = []
    for one in held:
        record = found.get(one.record_id) or nowhere(one.record_id, one.object, now=now)
        if record.deleted or record.conversion:
            gone.append(record)
    return gone


def lost_records(subject: Contact | Company) -> list[Counterpart | Secondary]:
    """Return the records that *subject* lacks, and may have again.

    They are what it was linked to if it has no counterpart now, and further records of whoever was
    merged here that were deleted; or any of those, if one of them is to be its counterpart.
    """
    lost: list[Counterpart | Secondary] = []
    lost += [subject.former] if subject.former and subject.counterpart is None else []
    for record in secondaries_of(subject):
        lost += [record] if record.gone or subject.counterpart is None else []
    return lost


def may_return(subject: Contact | Company, link: Link | None, *, now: datetime) -> bool:
    """Return whether *subject* may have a record again, by what is known of its link.

    It may still come out of the recycle bin, or has, and a run broke off before it came to the
    subject.

    Args:
        subject: Who lacks the record.
        link: Of the record, if it has one.
        now: By our clock.
    """
    if is_half_linked(subject, link):
        return True
    if link is None or link.state is not LinkState.DELETED_THERE or link.modstamp is None:
        return False
    return now - link.modstamp < _LAID_IN_BIN


def gone_deals(stored: Iterable[Deal], living: Collection[str]) -> list[Deal]:
    """Return the opportunities, or roles, that do not live any more, as they are to be kept.

    Each keeps its stamp: what somebody reads of a later version is news, and so is the same one,
    should our user see it again.

    Args:
        stored: As they were last seen.
        living: The ids of those that Salesforce has, outside of its recycle bin.
    """
    return [replace(one, deleted=True) for one in stored if one.id not in living]
