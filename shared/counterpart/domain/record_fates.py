"""Why a record of Salesforce has, or has not, become a contact here."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.explaining import Why
from counterpart.domain.links import LinkState
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import SObject
from counterpart.domain.streams import EVERYTHING
from counterpart.domain.subjects import People
from counterpart.domain.windows import lower_bound

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.links import Link
    from counterpart.domain.records import Record
    from counterpart.domain.streams import StreamState
    from counterpart.domain.sync_settings import SyncSettings


class Fate(StrEnum):
    """What no run has a reason for, because it is no news or has not happened."""

    LINKED = "linked"
    SECONDARY = "secondary"
    MERGED_THERE = "merged_there"
    CHANGED_BEFORE = "changed_before"
    BY_HAND = "by_hand"
    HELD = "held"
    NOT_YET_READ = "not_yet_read"
    NOT_ASKED = "not_asked"


def fate_of(
    sobject: SObject,
    record: Record | None,
    link: Link | None,
    *,
    left_out: Why | None,
    stream: StreamState,
    settings: SyncSettings,
) -> Why:
    """Return what became of a record, and why.

    Args:
        sobject: Which object it is of.
        record: As it is now; `None` if Salesforce has none, or hides it.
        link: What it means to us.
        left_out: Why the object's selection does not take it; `None` if it does.
        stream: How far its object has been read.
        settings: As they are now.
    """
    linked = link is not None and link.state is LinkState.LINKED
    if linked and record is None:
        return never_read(sobject)
    if link and linked:
        whose = link.subject_id if sobject.is_person else f"the company {link.subject_id}"
        return Why(reason=Fate.LINKED, message=f"it is the counterpart of {whose}")
    if link and link.state is LinkState.SECONDARY:
        message = f"it is a further record of {link.subject_id}, which takes its changes in"
        return Why(reason=Fate.SECONDARY, message=message)
    if link and link.state is LinkState.DELETED_HERE:
        former = f"contact {link.subject_id}" if link.subject_id else "former contact"
        message = f"its {former} was deleted here, so it stays outside"
        return Why(reason=Reason.DELETED_HERE, message=message)
    if record is None:
        message = "Salesforce has no such record, or hides it from our user"
        return Why(reason=Reason.NOT_FOUND, message=message)
    return (
        _gone(record)
        or _kept_out(record, left_out, settings)
        or _unfit(record)
        or _late(record, stream, settings)
    )


def nothing_known(asked_for: str, *, silent: bool) -> str:
    """Return what is told where neither a contact nor a record is meant.

    Args:
        asked_for: By somebody, who may have mistyped it.
        silent: Salesforce did not answer.
    """
    if "@" not in asked_for:
        return (
            "nothing is known by this; ask by the id or address of a contact, or by the id of a "
            "Lead, a Contact or an Account"
        )
    there = (
        "Salesforce could not be asked for one"
        if silent
        else "Salesforce shows our user no Lead or Contact of it"
    )
    return f"no contact here has this address, and {there}"


def filtered_out(sobject: SObject) -> Why:
    """Return why no pull reads a record that the selection of its object does not take."""
    message = f"the selection of {sobject} does not take it"
    return Why(reason=Reason.FILTERED_OUT, message=message)


def unselectable(sobject: SObject, missing: str) -> Why:
    """Return why no pull reads any record of an object.

    Args:
        sobject: Whose selection Salesforce does not take.
        missing: Its words.
    """
    message = (
        f"Salesforce does not take the selection of {sobject}, so pulls of it stand still: "
        f"{missing}; it is tried again every hour"
    )
    return Why(reason=Reason.OBJECT_UNAVAILABLE, message=message)


def never_read(sobject: SObject) -> Why:
    """Return why no pull reads the record of a linked contact that Salesforce does not show."""
    message = (
        f"Salesforce has no such {sobject}, or hides it from our user; the nightly sweep, or the "
        "next push of its contact, sees to the link"
    )
    return Why(reason=Reason.NOT_FOUND, message=message)


def when_read(
    record: Record,
    applied: datetime | None,
    *,
    news: bool,
    left_out: Why | None,
    stream: StreamState,
    settings: SyncSettings,
) -> Why:
    """Return whether the next pull reads the record of a linked contact, and if not, why.

    Args:
        record: As it is now.
        applied: The stamp that was applied last; `None` if none was.
        news: A pull that reads it would change something, as after a merge here.
        left_out: Why the object's selection does not take it; `None` if it does.
        stream: How far its object has been read.
        settings: As they are now.
    """
    gone = _gone(record)
    if gone:
        # What a pull has left as it is, because deletions are ignored, it does not read again.
        lower = _lower(stream, settings, not_before=None)
        if lower and record.modstamp < lower:
            return gone
        read = _next_read(record, stream, "that it is gone")
        stands_still = left_out and left_out.reason == Reason.OBJECT_UNAVAILABLE
        return (
            _not_followed(record, settings)
            or _held(stream)
            or _by_hand(record, settings)
            or (left_out if stands_still else None)
            or _unseen_yet(stream)
            or read
        )
    kept_out = _kept_out(record, left_out, settings)
    if kept_out:
        return kept_out
    if record.modstamp == applied and not news:
        message = "it was applied as it is; it is read again when it changes"
        return Why(reason=Reason.NO_CHANGE, message=message)
    late = _late(record, stream, settings)
    if late.reason == Fate.CHANGED_BEFORE and not news:
        # Such as an address that is none, of which a pull stores nothing.
        message = "nothing in it is news; it is read again when it changes"
        return Why(reason=Reason.NO_CHANGE, message=message)
    return late


def _gone(record: Record) -> Why | None:
    if record.deleted and record.master_id:
        message = f"it was merged into {record.master_id}"
        return Why(reason=Fate.MERGED_THERE, message=message)
    if record.deleted:
        return Why(reason=Reason.DELETED_THERE, message="it is in Salesforce's recycle bin")
    if record.conversion:
        message = f"the Contact {record.conversion.contact_id} that it became comes in instead"
        return Why(reason=Reason.LEAD_CONVERTED, message=message)
    return None


def _kept_out(record: Record, left_out: Why | None, settings: SyncSettings) -> Why | None:
    if not settings.inbound.objects[record.object].enabled:
        message = f"{record.object} is switched off in the settings"
        return Why(reason=Reason.OBJECT_DISABLED, message=message)
    return left_out


def _unfit(record: Record) -> Why | None:
    if record.object is SObject.ACCOUNT:
        if not record.is_person_account:
            return None
        message = "it is a person, whose Contact comes in instead"
        return Why(reason=Reason.PERSON_ACCOUNT, message=message)
    obstacle = People(links={}).obstacle(record)
    if obstacle is None:
        return None
    message = "it has no address that a contact could be known by"
    return Why(reason=obstacle, message=message)


def _late(record: Record, stream: StreamState, settings: SyncSettings) -> Why:
    entry = settings.inbound.objects[record.object]
    lower = _lower(stream, settings, not_before=entry.enabled_at)
    if lower and record.modstamp < lower:
        message = "it last changed before what is read now; pull it by its id"
        return Why(reason=Fate.CHANGED_BEFORE, message=message)
    held = _held(stream)
    if held:
        return held
    return _by_hand(record, settings) or _unseen_yet(stream) or _next_read(record, stream, "it")


def _next_read(record: Record, stream: StreamState, what: str) -> Why:
    """Return that a record is read; a window that is being read ends where it ended at first."""
    message = f"the next pull reads {what}"
    if stream.upper and record.modstamp >= stream.upper:
        message = f"pulls read {what} as soon as they are through with what changed before it"
    return Why(reason=Fate.NOT_YET_READ, message=message)


def _not_followed(record: Record, settings: SyncSettings) -> Why | None:
    """Return why no pull reads that a record is gone, if nothing of people comes in at all."""
    if settings.inbound.follows(record.object):
        return None
    enabled = settings.inbound.objects[record.object].enabled
    message = (
        f"no pull reads what is gone of {record.object} while neither leads nor contacts come in; "
        "the nightly sweep, or the next push of its contact, sees to the link"
    )
    return Why(reason=Reason.FILTERED_OUT if enabled else Reason.OBJECT_DISABLED, message=message)


def _by_hand(record: Record, settings: SyncSettings) -> Why | None:
    """Return why no tick reads a record, if somebody has to ask for it."""
    if settings.inbound.objects[record.object].interval is not None:
        return None
    message = f"{record.object} is pulled by hand only"
    return Why(reason=Fate.BY_HAND, message=message)


def _held(stream: StreamState) -> Why | None:
    """Return why no pull moves a stream on, if somebody has to say yes first."""
    if stream.hold is None or stream.hold.approved:
        return None
    message = f"{stream.stream} stands still until somebody says yes to {stream.hold.id}"
    return Why(reason=Fate.HELD, message=message)


def _unseen_yet(stream: StreamState) -> Why | None:
    """Return why the next pulls leave a stream alone, though our user may read it by now."""
    if EVERYTHING not in stream.set_aside:
        return None
    message = (
        f"Salesforce did not let {stream.stream} be read when a pull looked last; pulls look again "
        "within the hour"
    )
    return Why(reason=Reason.OBJECT_UNAVAILABLE, message=message)


def _lower(
    stream: StreamState, settings: SyncSettings, *, not_before: datetime | None
) -> datetime | None:
    """Return where the next window begins; `None` is the beginning of time."""
    overlap = timedelta(minutes=settings.inbound.overlap_minutes)
    return lower_bound(watermark=stream.watermark, overlap=overlap, not_before=not_before)
