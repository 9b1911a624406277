"""Write contacts: create or update many, each with an answer of its own, in order.

One contact's value, time, waiting mark and creation request are stored by one write. Jobs are sent
after it: should one get lost, the minute's look finds the request and sends it again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.contacts import Contact
from counterpart.domain.editing import is_expected
from counterpart.domain.emails import email_key
from counterpart.domain.notices import creation_delayed, possible_duplicate
from counterpart.domain.waiting import Lane
from counterpart.domain.wishes import Wish, Written, fulfil, id_for
from counterpart.errors import ChangedMeanwhileError, CounterpartError, InputError
from counterpart.ports import CreationJob

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import ContactRepository, CreationQueue, SettingsRepository

Answer = Written | InputError | ChangedMeanwhileError

_TRIES = 6


def write_contact(
    wish: Wish,
    *,
    now: datetime,
    contacts: ContactRepository,
    settings: SettingsRepository,
    queue: CreationQueue,
) -> Written:
    """Fulfil one wish.

    Raises:
        InputError: it cannot be fulfilled.
        ChangedMeanwhileError: others kept changing the contact.
    """
    (answer,) = write_contacts(
        [wish], lane=Lane.FRESH, now=now, contacts=contacts, settings=settings, queue=queue
    )
    if isinstance(answer, CounterpartError):
        raise answer
    return answer


def write_contacts(
    wishes: Sequence[Wish],
    *,
    lane: Lane,
    now: datetime,
    contacts: ContactRepository,
    settings: SettingsRepository,
    queue: CreationQueue,
) -> Sequence[Answer]:
    """Fulfil each wish by itself; answer each, in order.

    Wishes about one contact are fulfilled in order, by one write.
    """
    namesakes = contacts.find_by_email(
        {key for wish in wishes if (key := email_key(wish.email)) is not None}
    )
    batch = _Batch(wishes, settings=settings.current(), lane=lane, now=now)
    for _ in range(_TRIES):
        changed = batch.plan(contacts.get_many(batch.open_ids - batch.new_ids))
        if changed:
            batch.settle(changed, lost=contacts.save_many(changed))
        if not batch.open_ids:
            break
    batch.give_up()
    batch.warn_of(namesakes)

    jobs = batch.jobs()
    try:
        if jobs:
            queue.send(list(jobs.values()))
    except CounterpartError:
        batch.delay(jobs)
    return batch.answers


class _Batch:
    """The wishes, by the contact that each is about, and their answers as they come about."""

    def __init__(
        self, wishes: Sequence[Wish], *, settings: SyncSettings, lane: Lane, now: datetime
    ) -> None:
        self._wishes = wishes
        self._settings = settings
        self._lane = lane
        self._now = now
        self._answers: dict[int, Answer] = {}
        self._places: dict[str, list[int]] = {}
        # Made up just now, so there is nothing to be read under them.
        self.new_ids: set[str] = set()
        for place, wish in enumerate(wishes):
            contact_id = id_for(wish, now=now)
            self._places.setdefault(contact_id, []).append(place)
            if wish.contact_id is None and not wish.request:
                self.new_ids.add(contact_id)
        self.open_ids = set(self._places)

    @property
    def answers(self) -> list[Answer]:
        """Return the answers in the order of the wishes."""
        return [self._answers[place] for place in range(len(self._wishes))]

    def plan(self, known: Mapping[str, Contact]) -> list[Contact]:
        """Return the contacts to be stored; wishes that change nothing are settled already."""
        changed = []
        for contact_id in sorted(self.open_ids):
            stored = contact = known.get(contact_id)
            for place in self._places[contact_id]:
                try:
                    answer = fulfil(
                        self._wishes[place],
                        contact_id,
                        contact,
                        settings=self._settings,
                        lane=self._lane,
                        now=self._now,
                    )
                except InputError as exc:
                    self._answers[place] = exc
                else:
                    self._answers[place] = answer
                    contact = answer.contact
            if contact is None or contact is stored:
                self.open_ids.discard(contact_id)
            else:
                changed.append(contact)
        return changed

    def settle(self, changed: Sequence[Contact], *, lost: Collection[str]) -> None:
        """Take note of what was stored; what was lost stays open."""
        for contact in changed:
            if contact.id in lost:
                continue
            self.open_ids.discard(contact.id)
            for place, answer in self._written(contact.id):
                stored = replace(answer.contact, version=contact.version + 1)
                self._answers[place] = replace(answer, contact=stored)

    def give_up(self) -> None:
        """Answer the wishes whose contacts others kept changing."""
        for contact_id in self.open_ids:
            for place, _ in self._written(contact_id):
                message = "others kept changing this contact; try again"
                self._answers[place] = ChangedMeanwhileError(message)

    def warn_of(self, namesakes: Mapping[str, Sequence[Contact]]) -> None:
        """Add to each answer the contacts that have its address already, this batch included."""
        seen = {key: [contact.id for contact in found] for key, found in namesakes.items()}
        for place, wish in enumerate(self._wishes):
            answer, key = self._answers[place], email_key(wish.email)
            if key is None or not isinstance(answer, Written):
                continue
            ids = seen.setdefault(key, [])
            others = [one for one in ids if one != answer.contact.id]
            if others and not answer.replayed:
                notices = (*answer.notices, possible_duplicate(others))
                self._answers[place] = replace(answer, notices=notices)
            ids.append(answer.contact.id)

    def jobs(self) -> dict[str, CreationJob]:
        """Return the creation jobs that go with what was written or repeated, by contact."""
        written = [
            self._answers[place]
            for place, wish in enumerate(self._wishes)
            if wish.sync_to_salesforce
        ]
        return {
            answer.contact.id: job
            for answer in written
            if isinstance(answer, Written) and (job := job_for(answer.contact))
        }

    def delay(self, contact_ids: Collection[str]) -> None:
        """Note that the jobs of these contacts could not be sent."""
        for contact_id in contact_ids:
            for place, answer in self._written(contact_id):
                notices = (*answer.notices, creation_delayed())
                self._answers[place] = replace(answer, notices=notices)

    def _written(self, contact_id: str) -> list[tuple[int, Written]]:
        return [
            (place, answer)
            for place in self._places[contact_id]
            if isinstance(answer := self._answers[place], Written)
        ]


def job_for(contact: Contact) -> CreationJob | None:
    """Return the job that should be on its way for *contact*, if one should."""
    if contact.creation is None or not is_expected(contact):
        return None
    return CreationJob(
        contact_id=contact.id,
        requested_at=contact.creation.requested_at,
        create_as=contact.creation.create_as,
    )
