"""Refusals to be mailed in stories: the box of a record, and how a person is opted in again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.opting_in import opted_in
from counterpart.use_cases.mark_contact import mark_contact

if TYPE_CHECKING:
    from counterpart.domain.contacts import Contact
    from counterpart.domain.wishes import Written
    from tests.use_cases.world import World

BOX = "HasOptedOutOfEmail"


def ticked(world: World, record_id: str) -> bool:
    """Return whether a record says that its person does not want to be mailed."""
    return bool(world.org.row(record_id)[BOX])


def answer_to_opt_in(world: World, contact_id: str) -> Written:
    """Return what whoever opts a person in is answered."""
    return mark_contact(
        contact_id,
        lambda contact: opted_in(contact, settings=world.settings.current(), now=world.now),
        contacts=world.contacts,
    )


def opt_in(world: World, contact_id: str) -> Contact:
    """Say that a person asked to be mailed again."""
    return answer_to_opt_in(world, contact_id).contact
