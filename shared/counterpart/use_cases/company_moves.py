"""Contacts whose Account became a company of ours after they were pulled.

So it does when Accounts are switched on later or begin to be selected; and a merge may move people
without touching them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.contacts import Contact
from counterpart.domain.records import SObject
from counterpart.domain.subjects import People

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.contacts import Company
    from counterpart.domain.records import Record
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import LinkRepository


def moved_contacts(
    subjects: Sequence[Contact | Company],
    records: Mapping[str, Record],
    *,
    links: LinkRepository,
    settings: SyncSettings,
) -> list[Contact]:
    """Return those contacts among *subjects* that belong to another company by now, with it.

    Args:
        subjects: Linked to a record.
        records: Theirs, by id, as they are in Salesforce; a record that is missing says nothing.
        links: What each Account means to us.
        settings: Where Contacts do not come in, nothing of theirs moves.
    """
    if not settings.inbound.objects[SObject.CONTACT].enabled:
        return []
    account_ids = {record.account_id for record in records.values() if record.account_id}
    people = People(links=links.get_many(account_ids) if account_ids else {})
    moved = []
    for subject in subjects:
        record = records.get(subject.counterpart.record_id) if subject.counterpart else None
        if not isinstance(subject, Contact) or record is None or record.deleted:
            continue
        after = people.settled(subject, record)
        if record.object is SObject.CONTACT and after is not subject:
            moved.append(after)
    return moved
