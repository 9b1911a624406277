"""Records that an earlier try made, and whose answer was lost: they bear our ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.records import SObject

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from counterpart.domain.records import Record
    from counterpart.ports import ContactRepository, LookUp
    from counterpart.use_cases.creation_ports import Person


def own_records(found: LookUp, people: Sequence[Person]) -> Mapping[str, Record]:
    """Return the record that bears a contact's id, by that id; a Contact comes before a Lead."""
    wanted = {person.contact.id for person in people}
    leads_first = sorted(found.people, key=lambda match: match.record.object is SObject.CONTACT)
    return {
        match.external_id: match.record
        for match in leads_first
        if match.external_id and match.external_id in wanted
    }


def awaited_records(
    found: LookUp, people: Sequence[Person], contacts: ContactRepository
) -> Collection[str]:
    """Return the records that somebody else's creation has made, or is about to find again.

    They have that person's address, and so perhaps the address of others.
    """
    here = {person.contact.id for person in people}
    bearers = {match.external_id: match.record.id for match in found.people if match.external_id}
    elsewhere = bearers.keys() - here
    others = contacts.get_many(elsewhere) if elsewhere else {}
    waiting = here | {
        contact.id
        for contact in others.values()
        if contact.creation and contact.counterpart is None
    }
    return {record_id for contact_id, record_id in bearers.items() if contact_id in waiting}
