"""Sync one contact now: push it if it is linked, create it in Salesforce if it is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.editing import Edited, hurried, requested
from counterpart.domain.notices import creation_delayed
from counterpart.domain.wishes import Written
from counterpart.errors import ChangedMeanwhileError, CounterpartError, NotFoundError
from counterpart.use_cases.write_contacts import job_for

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.creation_requests import CreateAs
    from counterpart.ports import ContactRepository, CreationQueue, SettingsRepository

_TRIES = 6


def sync_contact(
    contact_id: str,
    *,
    create_as: CreateAs | None,
    now: datetime,
    contacts: ContactRepository,
    settings: SettingsRepository,
    queue: CreationQueue,
) -> Written:
    """Mark a linked contact for the next look; request the creation of one that is not.

    Args:
        contact_id: Whom.
        create_as: For one that is not linked, what it becomes; `None` leaves it to the settings.
        now: By our clock.
        contacts: Where contacts are stored.
        settings: By which it is decided.
        queue: Where creation jobs go.

    Raises:
        NotFoundError: there is no such contact.
        ChangedMeanwhileError: others kept changing it.
    """
    rules = settings.current()
    for _ in range(_TRIES):
        contact = contacts.get_many([contact_id]).get(contact_id)
        if contact is None:
            raise NotFoundError(f"there is no contact {contact_id}", field="id")
        if contact.counterpart:
            result = hurried(contact, settings=rules, now=now)
        else:
            result = requested(contact, create_as=create_as, settings=rules, now=now)
        if result.contact is contact:
            return _sent(result, queue=queue)
        if not contacts.save_many([result.contact]):
            stored = replace(result.contact, version=contact.version + 1)
            return _sent(replace(result, contact=stored), queue=queue)
    raise ChangedMeanwhileError("others kept changing this contact; try again")


def _sent(result: Edited, *, queue: CreationQueue) -> Written:
    notices = result.notices
    job = job_for(result.contact)
    try:
        if job and not notices:
            queue.send([job])
    except CounterpartError:
        notices = (*notices, creation_delayed())
    return Written(contact=result.contact, notices=notices)
