"""Mark a contact: change one by a rule, once more for as long as others change it meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.wishes import Written
from counterpart.errors import ChangedMeanwhileError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpart.domain.contacts import Contact
    from counterpart.domain.editing import Edited
    from counterpart.ports import ContactRepository

_TRIES = 6


def mark_contact(
    contact_id: str, rule: Callable[[Contact], Edited], *, contacts: ContactRepository
) -> Written:
    """Store what *rule* makes of a contact.

    Raises:
        NotFoundError: there is no such contact.
        ChangedMeanwhileError: others kept changing it.
    """
    for _ in range(_TRIES):
        contact = contacts.get_many([contact_id]).get(contact_id)
        if contact is None:
            raise NotFoundError(f"there is no contact {contact_id}", field="id")
        result = rule(contact)
        if result.contact is contact:
            return Written(contact=contact, notices=result.notices)
        if not contacts.save_many([result.contact]):
            stored = replace(result.contact, version=contact.version + 1)
            return Written(contact=stored, notices=result.notices)
    raise ChangedMeanwhileError("others kept changing this contact; try again")
