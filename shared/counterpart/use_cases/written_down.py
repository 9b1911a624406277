"""Written down: what is about to be sent is stored before it is sent.

So whoever meets the record later, by whatever way and after any crash, knows what of it is ours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.sent_values import tried
from counterpart.use_cases.creation_ports import TRIES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from counterpart.domain.contacts import Contact
    from counterpart.domain.values import Value
    from counterpart.ports import ContactRepository


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenDown:
    """Who may be sent now.

    Attributes:
        stored: Those with whom it is written down, as they are stored, by id.
        linked: Those that have met a record meanwhile.
        failed: Ids of those that others kept changing.
    """

    stored: Mapping[str, Contact]
    linked: Collection[Contact]
    failed: Collection[str]


def write_down(
    going: Mapping[str, tuple[Contact, Mapping[str, Value]]],
    *,
    contacts: ContactRepository,
    now: datetime,
) -> WrittenDown:
    """Store with each contact what is about to be sent to make its record.

    Who was edited meanwhile goes all the same, as it was read; the edit follows by a push. Who was
    deleted meanwhile, or whose request was withdrawn, goes no more.

    Args:
        going: By id, each contact as it was read, and what is sent, by our field names.
        contacts: Where they are stored.
        now: By our clock.
    """
    stored: dict[str, Contact] = {}
    linked: list[Contact] = []
    left = {contact_id: contact for contact_id, (contact, _) in going.items()}
    for _ in range(TRIES):
        after = {
            key: tried(contact, going[key][0], going[key][1], at=now)
            for key, contact in left.items()
        }
        # What an earlier try of this invocation has sent is written down already.
        new = [each for key, each in after.items() if each.sent is not left[key].sent]
        lost = contacts.save_many(new) if new else ()
        saved = {each.id for each in new} - set(lost)
        stored |= {
            key: replace(each, version=each.version + 1) if key in saved else each
            for key, each in after.items()
            if key not in lost
        }
        if not lost:
            return WrittenDown(stored=stored, linked=linked, failed=())
        fresh = contacts.get_many(lost)
        linked += [each for each in fresh.values() if each.counterpart]
        left = {
            key: each
            for key, each in fresh.items()
            if each.counterpart is None and each.creation is not None
        }
    return WrittenDown(stored=stored, linked=linked, failed=left.keys())
