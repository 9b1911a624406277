"""Waits: what of a contact waits to go out, and when it goes, for people who ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.creation import object_for
from counterpart.domain.openings import is_paused
from counterpart.domain.opt_outs import owes_opt_out
from counterpart.domain.outbound_settings import Pace
from counterpart.domain.waiting import Lane

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.contacts import Contact
    from counterpart.domain.guard import Hold
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.domain.waiting import Waiting


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """What waits to go out.

    Attributes:
        since: When it was marked; `None` where only the next try is known.
        attempts: How often it was tried in vain, also before it was set aside or sent again.
        goes_at: The latest moment at which it goes; `None` if it does not.
    """

    lane: Lane
    since: datetime | None
    attempts: int
    goes_at: datetime | None
    message: str


def what_waits(contact: Contact, settings: SyncSettings, *, hold: Hold | None) -> Wait | None:
    """Return what of a contact waits to go out, and when it goes; `None` if nothing does.

    Args:
        contact: Whose.
        settings: By which it goes.
        hold: What keeps it, if anything does.
    """
    waiting, outbound = contact.waiting, settings.outbound
    if waiting is None:
        return None
    marked_at = waiting.next_push_at
    # Whoever is set aside, or sent again after that, begins to count anew on the mark alone.
    attempts = waiting.attempts + (contact.parked.attempts if contact.parked else 0)
    since: datetime | None = marked_at
    goes_at: datetime | None = marked_at
    if waiting.lane is Lane.CREATE:
        return _for_a_record(contact, waiting, settings)
    if waiting.lane is Lane.OPT_OUT:
        goes_at, message = None, "its opt-out goes out as soon as outbound is on again"
    elif kept := _kept(contact, settings):
        goes_at, message = None, f"it stays here, because {kept}; the next look takes the mark away"
    elif waiting.lane is Lane.SENT:
        goes_at, message = None, "a job carries it, whose answer is not known yet"
    elif waiting.lane is Lane.PARKED:
        parked = contact.parked
        since = parked.first_at if parked else None
        words = f"{parked.code}: {parked.message}" if parked else "it was refused"
        message = f"it was set aside, and is tried again then; {words}"
    elif hold:
        goes_at, message = None, f"it would blank a value; it stays until a yes to {hold.id}"
    elif waiting.lane is Lane.RETRY:
        since, message = None, _after_tries(attempts)
    elif outbound.pace is Pace.NEAR_REAL_TIME:
        message = "it goes at the next look, within a minute"
    else:
        goes_at = marked_at + timedelta(minutes=outbound.max_wait_minutes)
        message = f"it goes then, or as soon as {outbound.max_waiting} contacts wait"
    return Wait(lane=waiting.lane, since=since, attempts=attempts, goes_at=goes_at, message=message)


def _kept(contact: Contact, settings: SyncSettings) -> str | None:
    """Return why what waits may not go at all; `None` if it may."""
    if contact.counterpart is None:
        return "the contact is not linked to a record"
    if is_paused(contact) and not owes_opt_out(contact, settings):
        return "the contact's sync tag was taken away"
    if not settings.outbound.writes(contact.counterpart.object):
        return f"outbound is switched off for {contact.counterpart.object}"
    return None


def _after_tries(attempts: int) -> str:
    """Return what is told of a row that is tried again."""
    if not attempts:
        return "it is tried again then"
    often = "once" if attempts == 1 else f"{attempts} times"
    return f"it was tried {often} in vain, and is tried again"


def _for_a_record(contact: Contact, waiting: Waiting, settings: SyncSettings) -> Wait:
    """Return what somebody waits for whose record is to be made."""
    request = contact.creation
    goes_at: datetime | None = waiting.next_push_at
    message = "its creation job is on the queue; should it get lost, it is sent again then"
    if contact.counterpart:
        message = "it met its record meanwhile; what that lacks goes once its creation job was seen"
    sobject = object_for(settings.creation, request.create_as if request else None)
    if not settings.outbound.writes(sobject):
        goes_at, message = None, "nobody is created; its job takes the request away"
    since = request.requested_at if request else None
    return Wait(
        lane=waiting.lane, since=since, attempts=waiting.attempts, goes_at=goes_at, message=message
    )
