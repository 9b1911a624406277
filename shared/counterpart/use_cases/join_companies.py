"""Join companies: contacts that came before their Account belong to its company once it is here.

What they wait for is known here, so Salesforce is not asked. A crash leaves some of them waiting,
whom applying the same page again finds, or the nightly sweep.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.latecomers import joined, linked_lately
from counterpart.errors import ChangedMeanwhileError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Company
    from counterpart.ports import ContactRepository

# Of how many Accounts the index is asked at once, and how many contacts are written before somebody
# asks for the time.
_ACCOUNTS = 100
AT_ONCE = 500

# Each try loses only to somebody else's success.
_TRIES = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Joined:
    """What became of those who waited.

    Attributes:
        contacts: How many belong to their company now, or would.
        finished: Nobody was left for want of time.
    """

    contacts: int
    finished: bool


def no_time() -> bool:
    """Leave to the nightly sweep whoever is not among the first few hundred."""
    return False


def join_companies(
    companies: Iterable[Company],
    *,
    contacts: ContactRepository,
    now: datetime,
    has_time: Callable[[], bool],
    dry_run: bool = False,
) -> Joined:
    """Let contacts that wait for the Accounts of *companies* belong to them.

    Args:
        companies: As they are; those that were linked long ago have been joined.
        contacts: Where they are stored.
        now: By our clock.
        has_time: Asked before more are taken than a first few hundred.
        dry_run: Count them and write nothing.

    Raises:
        ChangedMeanwhileError: others kept changing the same contacts.
    """
    wanted = linked_lately(companies, now=now)
    account_ids = sorted(wanted)
    todo: deque[tuple[Sequence[str], str | None]] = deque(
        (account_ids[start : start + _ACCOUNTS], None)
        for start in range(0, len(account_ids), _ACCOUNTS)
    )
    count, begun = 0, False
    while todo:
        asked, after = todo.popleft()
        found = contacts.awaiting(asked, limit=AT_ONCE, after=after)
        waiting = [contact_id for ids in found.values() for contact_id in ids]
        for start in range(0, len(waiting), AT_ONCE):
            if begun and not has_time():
                return Joined(contacts=count, finished=False)
            batch = waiting[start : start + AT_ONCE]
            count += _join(batch, wanted, contacts, dry_run=dry_run)
            begun = True
        todo.extendleft(
            ([account_id], ids[-1]) for account_id, ids in found.items() if len(ids) == AT_ONCE
        )
    return Joined(contacts=count, finished=True)


def _join(
    contact_ids: Collection[str],
    companies: Mapping[str, str],
    contacts: ContactRepository,
    *,
    dry_run: bool,
) -> int:
    """Return how many of these contacts, as they are by now, have joined."""
    count, left = 0, contact_ids
    for _ in range(_TRIES):
        there = contacts.get_many(left).values()
        after = [each for each in (joined(contact, companies) for contact in there) if each]
        left = contacts.save_many(after) if after and not dry_run else ()
        count += len(after) - len(left)
        if not left:
            return count
    raise ChangedMeanwhileError(f"{len(left)} contacts keep being changed by others")
