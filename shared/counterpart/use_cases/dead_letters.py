"""Dead letters: creation jobs that were set aside, why, and how they are sent again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from counterpart.domain.creation import object_for
from counterpart.domain.marking import with_request
from counterpart.domain.values import format_time

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Contact
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import (
        ContactRepository,
        CreationJob,
        CreationQueue,
        DeadLetter,
        DeadLetters,
    )

_TRIES = 6
_BATCH = 100
# Letters that one request handles; what is left is reached by asking again.
MOST_LETTERS = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedLetter:
    """A dead letter as people see it.

    Attributes:
        contact_id: `None` if the message holds no job.
        reason: Why it was set aside, as far as anybody knows.
        state: What became of its contact: `waiting`, `linked`, `local` or `deleted`.
    """

    id: str
    contact_id: str | None
    reason: str
    state: str | None
    parked_at: datetime | None

    def answer(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "id": self.id,
            "contact_id": self.contact_id,
            "reason": self.reason,
            "state": self.state,
            "parked_at": format_time(self.parked_at) if self.parked_at else None,
        }


@dataclass(kw_only=True)
class Redriven:
    """What became of dead letters.

    Attributes:
        redriven: Jobs that were sent again.
        dropped: Letters that nobody needs any more, by reason.
        kept: Letters that stay where they are, by reason.
        not_found: What was named and is not there.
        more_remains: There are letters that this request did not reach.
    """

    redriven: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    not_found: list[str] = field(default_factory=list)
    more_remains: bool = False

    def answer(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "redriven": self.redriven,
            "dropped": dict(self.dropped),
            "kept": dict(self.kept),
            "not_found": list(self.not_found),
            "more_remains": self.more_remains,
        }


def list_dead_letters(
    *,
    limit: int,
    letters: DeadLetters,
    contacts: ContactRepository,
    reason: str | None = None,
) -> list[ListedLetter]:
    """Look at up to *limit* dead letters, and return those whose reason contains some words.

    They stay where they are.
    """
    taken: list[DeadLetter] = []
    try:
        _take(taken, letters, limit=limit)
        known = contacts.get_many({one.job.contact_id for one in taken if one.job})
    finally:
        letters.put_back(taken)
    listed = [_listed(one, known) for one in taken if _is_about(one, known, reason)]
    return sorted(listed, key=lambda one: (str(one.parked_at or ""), one.id))


def redrive(
    ids: Collection[str] | None,
    *,
    now: datetime,
    settings: SyncSettings,
    letters: DeadLetters,
    contacts: ContactRepository,
    queue: CreationQueue,
    reason: str | None = None,
) -> Redriven:
    """Send jobs again: those of the letters or contacts that are named, of a reason, or all.

    The request is stored, then the job sent, then the letter removed; after a crash between two of
    them the same may be asked again. Where outbound is off, letters stay, since a job would only
    withdraw its request.

    All letters are taken before the first job is sent: one that fails at once is a letter again,
    and would come round for as long as the request lasts.
    """
    told = Redriven()
    wanted = None if ids is None else set(ids)
    taken: list[DeadLetter] = []
    done: set[str] = set()
    try:
        _take(taken, letters, limit=MOST_LETTERS)
        known = contacts.get_many({one.job.contact_id for one in taken if one.job and reason})
        chosen = [
            one
            for one in taken
            if (wanted is None or _names(one) & wanted) and _is_about(one, known, reason)
        ]
        for start in range(0, len(chosen), _BATCH):
            done |= _sent_again(
                chosen[start : start + _BATCH],
                told,
                now=now,
                settings=settings,
                contacts=contacts,
                queue=queue,
                letters=letters,
            )
    finally:
        letters.put_back([one for one in taken if one.id not in done])
    told.more_remains = len(taken) >= MOST_LETTERS
    told.not_found = sorted((wanted or set()).difference(*map(_names, chosen)))
    return told


def _take(taken: list[DeadLetter], letters: DeadLetters, *, limit: int) -> None:
    """Take up to *limit* letters into *taken*, whose owner puts them back whatever happens."""
    while len(taken) < limit:
        batch = letters.take(min(_BATCH, limit - len(taken)))
        if not batch:
            break
        taken += batch


def _sent_again(
    chosen: Sequence[DeadLetter],
    told: Redriven,
    *,
    now: datetime,
    settings: SyncSettings,
    contacts: ContactRepository,
    queue: CreationQueue,
    letters: DeadLetters,
) -> set[str]:
    """Handle some letters; return the ids of those that are gone."""
    done: list[DeadLetter] = []
    jobs = {}
    for one in chosen:
        if one.job is None:
            told.kept["no_job"] += 1
            continue
        state = _ask_again(one.job, settings, contacts, now)
        if state == "requested":
            if one.job.contact_id not in jobs:
                told.redriven += 1
            jobs[one.job.contact_id] = one.job
            done.append(one)
        elif state in {"changed_meanwhile", "outbound_disabled"}:
            told.kept[state] += 1
        else:
            told.dropped[state] += 1
            done.append(one)
    if jobs:
        queue.send(list(jobs.values()))
    letters.remove(done)
    return {one.id for one in done}


def _ask_again(
    job: CreationJob, settings: SyncSettings, contacts: ContactRepository, now: datetime
) -> str:
    """Let the request of a contact start anew; return what is the case with it."""
    for _ in range(_TRIES):
        contact = contacts.get_many([job.contact_id]).get(job.contact_id)
        if contact is None:
            return "no_such_contact"
        if contact.counterpart:
            return "already_linked"
        if contact.creation is None:
            return "not_requested"
        wanted = object_for(settings.creation, job.create_as or contact.creation.create_as)
        if not settings.outbound.writes(wanted):
            return "outbound_disabled"
        fresh = with_request(contact, replace(contact.creation, refusal=None), now=now)
        if not contacts.save_many([fresh]):
            return "requested"
    return "changed_meanwhile"


def _names(letter: DeadLetter) -> set[str]:
    return {letter.id, letter.job.contact_id} if letter.job else {letter.id}


def _listed(letter: DeadLetter, known: Mapping[str, Contact]) -> ListedLetter:
    contact_id = letter.job.contact_id if letter.job else None
    return ListedLetter(
        id=letter.id,
        contact_id=contact_id,
        reason=_reason(letter, known),
        state=_state(known.get(contact_id)) if contact_id else None,
        parked_at=letter.parked_at,
    )


def _reason(letter: DeadLetter, known: Mapping[str, Contact]) -> str:
    if letter.job is None:
        return letter.reason or "the message holds no job"
    contact = known.get(letter.job.contact_id)
    refusal = contact.creation.refusal if contact and contact.creation else None
    return (
        letter.reason
        or refusal
        or "the queue gave it up: create_records failed each time; its log tells why"
    )


def _is_about(letter: DeadLetter, known: Mapping[str, Contact], reason: str | None) -> bool:
    return reason is None or reason.casefold() in _reason(letter, known).casefold()


def _state(contact: Contact | None) -> str:
    if contact is None:
        return "deleted"
    if contact.counterpart:
        return "linked"
    return "waiting" if contact.creation else "local"
