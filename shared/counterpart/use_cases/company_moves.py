"""Contacts whose Account became a company of ours after they were pulled.

So it does when Accounts are switched on later or begin to be selected; and a merge may move people
without touching them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.contacts import Contact
from counterpart.domain.latecomers import companies_of, joined
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

    Whoever waits for an Account joins its company also where nothing is known of the record.

    Args:
        subjects: That have a record, or had one.
        records: Theirs, by id, as they are in Salesforce; a record that is missing says nothing.
        links: What each Account means to us.
        settings: Where Contacts do not come in, nothing of theirs moves.
    """
    contacts = [subject for subject in subjects if isinstance(subject, Contact)]
    comes_in = settings.inbound.objects[SObject.CONTACT].enabled
    living = {
        record.id: record
        for record in records.values()
        if comes_in and record.object is SObject.CONTACT and not record.deleted
    }
    account_ids = {record.account_id for record in living.values() if record.account_id}
    account_ids.update(contact.awaits for contact in contacts if contact.awaits)
    known = links.get_many(account_ids) if account_ids else {}
    people, companies = People(links=known), companies_of(known.values())
    moved = []
    for contact in contacts:
        record = living.get(contact.record_id) if contact.record_id else None
        after = people.settled(contact, record) if record else joined(contact, companies)
        if after and after is not contact:
            moved.append(after)
    return moved
