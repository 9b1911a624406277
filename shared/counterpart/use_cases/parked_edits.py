"""Parked edits: what a push has set aside, why, and how it is sent again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import chain, islice
from typing import TYPE_CHECKING, Generic, Protocol

from counterpart.domain.openings import is_paused
from counterpart.domain.opt_outs import owes_opt_out
from counterpart.domain.subjects import Subject
from counterpart.domain.values import format_time
from counterpart.domain.waiting import Lane, Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.parked_requests import Narrowing, RedriveParked
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import CompanyRepository, ContactRepository, SettingsRepository
    from counterpart.use_cases.waiting_line import WaitingRepository

# What one request lists.
MOST_PARKED = 1000
_BATCH = 500
_TRIES = 6
_FAR = timedelta(days=3650)


class ParkedStores(Protocol):
    """Where parked edits are."""

    @property
    def contacts(self) -> ContactRepository:
        """Of people."""

    @property
    def companies(self) -> CompanyRepository:
        """Of organisations."""

    @property
    def settings(self) -> SettingsRepository:
        """By which edits go out at all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """Some parked edits, those that have rested for longest first.

    Attributes:
        more_remains: There are others, or may be, where time ran short.
    """

    items: Sequence[Mapping[str, object]]
    more_remains: bool

    def answer(self) -> dict[str, object]:
        """Return it as JSON."""
        return {"items": list(self.items), "more_remains": self.more_remains}


@dataclass(kw_only=True)
class Redriven:
    """What became of parked edits.

    Attributes:
        redriven: They go with the next push.
        kept: They stay where they are, by reason.
        not_found: What was named and has nothing parked.
        more_remains: Time ran short; there may be some that this request did not reach.
    """

    redriven: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    not_found: list[str] = field(default_factory=list)
    more_remains: bool = False

    def answer(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "redriven": self.redriven,
            "kept": dict(self.kept),
            "not_found": list(self.not_found),
            "more_remains": self.more_remains,
        }


def list_parked(
    narrowing: Narrowing,
    *,
    limit: int,
    now: datetime,
    stores: ParkedStores,
    may_go_on: Callable[[], bool],
) -> Listed:
    """Return up to *limit* parked edits of contacts and companies, those that are meant.

    Args:
        narrowing: Which are.
        limit: How many at most.
        now: By our clock.
        stores: Where they are.
        may_go_on: Whether there is time to look at more of them.
    """
    found: list[Mapping[str, object]] = []
    contacts = _ParkedLine(stores.contacts, now, may_go_on)
    companies = _ParkedLine(stores.companies, now, may_go_on)
    subjects: Iterable[Contact | Company] = chain(contacts, companies)
    for subject in subjects:
        if narrowing.takes(subject):
            if len(found) == limit:
                return Listed(items=found, more_remains=True)
            found.append(_told(subject))
    return Listed(items=found, more_remains=contacts.is_cut_short or companies.is_cut_short)


def redrive_parked(
    wanted: RedriveParked,
    *,
    now: datetime,
    stores: ParkedStores,
    may_go_on: Callable[[], bool],
) -> Redriven:
    """Let parked edits go with the next push: those that are named, or some of them, or all.

    Args:
        wanted: Which of them.
        now: By our clock.
        stores: Where they are.
        may_go_on: Whether there is time for more of them.
    """
    told = Redriven()
    settings = stores.settings.current()
    contacts = _ParkedLine(stores.contacts, now, may_go_on)
    companies = _ParkedLine(stores.companies, now, may_go_on)
    found = _redrive(contacts, wanted, settings, now, told)
    found |= _redrive(companies, wanted, settings, now, told)
    told.more_remains = contacts.is_cut_short or companies.is_cut_short
    told.not_found = sorted(set(wanted.ids or ()) - found)
    return told


def _redrive(
    line: _ParkedLine[Subject],
    wanted: RedriveParked,
    settings: SyncSettings,
    now: datetime,
    told: Redriven,
) -> set[str]:
    """Redrive what is parked in one repository; return the ids of what was named and found."""
    if wanted.ids is not None:
        known = line.repository.get_many(wanted.ids)
        _send_again(line.repository, list(known.values()), settings, now, told)
        return {key for key, subject in known.items() if subject.parked}
    chosen = (one for one in line if wanted.narrowing.takes(one))
    while batch := list(islice(chosen, _BATCH)):
        _send_again(line.repository, batch, settings, now, told)
    return set()


def _send_again(
    repository: WaitingRepository[Subject],
    subjects: Sequence[Subject],
    settings: SyncSettings,
    now: datetime,
    told: Redriven,
) -> None:
    left = {subject.id: subject for subject in subjects if subject.parked}
    for _ in range(_TRIES):
        marked = []
        for subject in left.values():
            counterpart = subject.counterpart
            if counterpart is None or not settings.outbound.writes(counterpart.object):
                told.kept["outbound_disabled" if counterpart else "not_linked"] += 1
            elif is_paused(subject) and not owes_opt_out(subject, settings):
                told.kept["outbound_paused"] += 1
            elif subject.waiting and subject.waiting.lane is not Lane.PARKED:
                told.kept["already_waiting"] += 1
            else:
                waiting = Waiting(lane=Lane.RETRY, next_push_at=now)
                marked.append(replace(subject, waiting=waiting))
        if not marked:
            return
        lost = repository.save_many(marked)
        told.redriven += len(marked) - len(lost)
        left = (
            {key: one for key, one in repository.get_many(lost).items() if one.parked}
            if lost
            else {}
        )
    told.kept["changed_meanwhile"] += len(left)


class _ParkedLine(Generic[Subject]):
    """Goes through what is parked; whoever is moved meanwhile is not met twice.

    The index begins with those who stay where they are, so each time twice as many are asked for;
    or else a long line of them would be read again and again.

    Attributes:
        repository: Where it is.
        is_cut_short: There was no time for all of them.
    """

    def __init__(
        self,
        repository: WaitingRepository[Subject],
        now: datetime,
        may_go_on: Callable[[], bool],
    ) -> None:
        self.repository: WaitingRepository[Subject] = repository
        self._until = now + _FAR
        self._may_go_on = may_go_on
        self.is_cut_short = False

    def __iter__(self) -> Iterator[Subject]:
        seen: set[str] = set()
        while True:
            limit = max(_BATCH, 2 * len(seen))
            ids = self.repository.waiting(Lane.PARKED, until=self._until, limit=limit)
            fresh = [one for one in ids if one not in seen]
            if not fresh:
                return
            seen.update(fresh)
            for start in range(0, len(fresh), _BATCH):
                if not self._may_go_on():
                    self.is_cut_short = True
                    return
                some = self.repository.get_many(fresh[start : start + _BATCH])
                yield from (one for one in some.values() if _is_parked(one))


def _is_parked(subject: Contact | Company) -> bool:
    # The index may lag behind.
    return bool(subject.parked and subject.waiting and subject.waiting.lane is Lane.PARKED)


def _told(subject: Contact | Company) -> dict[str, object]:
    parked, counterpart, waiting = subject.parked, subject.counterpart, subject.waiting
    if parked is None:
        return {}
    return {
        "id": subject.id,
        "object": counterpart.object.value if counterpart else None,
        "record_id": counterpart.record_id if counterpart else None,
        "code": parked.code,
        "message": parked.message,
        "fields": list(parked.fields),
        "further": [{"code": other, "message": words} for other, words in parked.further],
        "attempts": parked.attempts,
        "first_at": format_time(parked.first_at),
        "last_at": format_time(parked.last_at),
        "next_at": format_time(waiting.next_push_at) if waiting else None,
        "run_id": parked.run_id,
    }
