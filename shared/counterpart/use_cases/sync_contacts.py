"""Sync later: request the creation of many contacts that so far stay here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from counterpart.domain.contact_filter import filter_from_document
from counterpart.domain.editing import is_expected, requested
from counterpart.errors import CounterpartError, InputError
from counterpart.use_cases.write_contacts import job_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from counterpart.domain.contact_filter import SyncWanted
    from counterpart.domain.contacts import Contact
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import ContactRepository, CreationJob, CreationQueue, SettingsRepository

_TRIES = 6
_EXAMPLES = 5
_CHUNK = 500
# Contacts that one request looks at; more are reached by asking for what follows.
MOST_LOOKED_AT = 10_000
# A function has minutes where the API has seconds.
MOST_LOOKED_AT_BY_FUNCTION = 50_000


@dataclass(kw_only=True)
class SyncAnswer:
    """How many were queued, and why others were not.

    Attributes:
        looked_at: Contacts that were looked at, be they meant or not.
        delayed: Of those queued, how many wait for the minute's look to send their job.
        reasons: How many were not queued, by reason.
        examples: Some of them, by reason.
        next: Where to go on; `None` at the end.
    """

    queued: int = 0
    looked_at: int = 0
    delayed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    next: str | None = None
    dry_run: bool = False

    def leave_out(self, contact_id: str, reason: str) -> None:
        """Note that a contact was not queued."""
        self.reasons[reason] += 1
        examples = self.examples.setdefault(reason, [])
        if len(examples) < _EXAMPLES:
            examples.append(contact_id)

    def answer(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "queued": self.queued,
            "delayed": self.delayed,
            "not_queued": {
                reason: {"count": count, "examples": self.examples[reason]}
                for reason, count in sorted(self.reasons.items())
            },
            "looked_at": self.looked_at,
            "dry_run": self.dry_run,
            "next": self.next,
        }


def sync_contacts(
    wanted: SyncWanted,
    *,
    now: datetime,
    contacts: ContactRepository,
    settings: SettingsRepository,
    queue: CreationQueue,
    may_go_on: Callable[[], bool],
    most: int = MOST_LOOKED_AT,
) -> SyncAnswer:
    """Queue the creation of contacts that are neither linked nor on their way.

    Args:
        wanted: Who is meant.
        now: By our clock.
        contacts: Where they are.
        settings: By which they are created.
        queue: Takes the jobs.
        may_go_on: Whether there is time for more of those that a filter takes.
        most: How many to look at; where to go on is told.

    Raises:
        InputError: the filter is wrong, or nobody here gave out such a `next`.
    """
    rules = settings.current()
    asking = _Asking(wanted, rules, now=now, contacts=contacts, queue=queue)
    if wanted.filter is None:
        for start in range(0, len(wanted.contact_ids), _CHUNK):
            ids = wanted.contact_ids[start : start + _CHUNK]
            found = contacts.get_many(ids)
            for contact_id in ids:
                if contact_id not in found:
                    asking.told.leave_out(contact_id, "no_such_contact")
            asking.told.looked_at += len(ids)
            asking.ask(list(found.values()))
        return asking.told

    known = {mapping.name for mapping in rules.fields} - {"email", "opted_out"}
    chosen = filter_from_document(wanted.filter, known=known)
    after = wanted.after
    while asking.told.looked_at < most and may_go_on():
        try:
            listing = contacts.page(limit=_CHUNK, after=after)
        except InputError as exc:
            # What a list knows as its own token is here whatever the call before has answered.
            raise InputError(exc.detail, field="next") from exc
        asking.told.looked_at += len(listing.items)
        asking.ask([contact for contact in listing.items if chosen.takes(contact)])
        after = listing.next
        if after is None:
            break
    asking.told.next = after
    return asking.told


class _Asking:
    """Requests, contact by contact, and what became of each."""

    def __init__(
        self,
        wanted: SyncWanted,
        rules: SyncSettings,
        *,
        now: datetime,
        contacts: ContactRepository,
        queue: CreationQueue,
    ) -> None:
        self._wanted = wanted
        self._rules = rules
        self._now = now
        self._contacts = contacts
        self._queue = queue
        self.told = SyncAnswer(dry_run=wanted.dry_run)

    def ask(self, found: Sequence[Contact]) -> None:
        """Store the request on each, then send the jobs."""
        jobs: list[CreationJob] = []
        left = list(found)
        for _ in range(_TRIES):
            asked = [after for contact in left if (after := self._asked(contact))]
            if self._wanted.dry_run:
                self.told.queued += len(asked)
                return
            lost = self._contacts.save_many(asked) if asked else ()
            jobs += [job for one in asked if one.id not in lost and (job := job_for(one))]
            if not lost:
                left = []
                break
            again = self._contacts.get_many(lost)
            for contact_id in lost:
                if contact_id not in again:
                    self.told.leave_out(contact_id, "no_such_contact")
            left = list(again.values())
        for contact in left:
            self.told.leave_out(contact.id, "changed_meanwhile")
        self._send(jobs)

    def _asked(self, contact: Contact) -> Contact | None:
        """Return the contact with its request; `None` if there is a reason against it."""
        if contact.counterpart:
            self.told.leave_out(contact.id, "already_linked")
            return None
        create_as = self._wanted.create_as
        result = requested(contact, create_as=create_as, settings=self._rules, now=self._now)
        if result.contact is contact:
            reason = "already_requested" if is_expected(contact) else "outbound_disabled"
            self.told.leave_out(contact.id, "outbound_disabled" if result.notices else reason)
            return None
        return result.contact

    def _send(self, jobs: Sequence[CreationJob]) -> None:
        self.told.queued += len(jobs)
        try:
            if jobs:
                self._queue.send(jobs)
        except CounterpartError:
            # The minute's look finds the requests.
            self.told.delayed += len(jobs)
