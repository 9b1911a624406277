"""Lost requests: contacts that were to be created, and whose job never came."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.marking import awaiting_job
from counterpart.domain.waiting import Lane, Waiting
from counterpart.ports import CreationJob

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.ports import ContactRepository, CreationQueue

_MOST_RESENT = 200


def resend_lost_requests(
    *, contacts: ContactRepository, queue: CreationQueue, now: datetime
) -> int:
    """Send the jobs of requests again that should have been worked off; return how many."""
    ids = contacts.waiting(Lane.CREATE, until=now, limit=_MOST_RESENT)
    if not ids:
        return 0
    jobs = []
    renewed = []
    for contact in contacts.get_many(ids).values():
        if contact.waiting is None or contact.waiting.lane is not Lane.CREATE:
            # The index lags: what waits by now is something else, or nothing.
            continue
        if contact.counterpart:
            # A pull has linked it meanwhile, and what had to go out found this mark in place.
            waiting = Waiting(lane=Lane.FRESH, next_push_at=now)
            renewed.append(replace(contact, creation=None, waiting=waiting))
            continue
        if contact.creation is None:
            renewed.append(replace(contact, waiting=None))
            continue
        renewed.append(replace(contact, waiting=awaiting_job(now=now)))
        jobs.append(
            CreationJob(
                contact_id=contact.id,
                requested_at=contact.creation.requested_at,
                create_as=contact.creation.create_as,
            )
        )
    # The jobs first: one that is sent twice makes one record, one that is not sent makes none.
    if jobs:
        queue.send(jobs)
    contacts.save_many(renewed)
    return len(jobs)
