"""Made beside: records of ours whose contact had met another record before we knew of them.

They are duplicates in Salesforce, which people are told of. Their links lead nobody there any
more; what changes in them comes in as if they were anybody's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.links import Link, LinkState
from counterpart.domain.outcomes import Action, Reason
from counterpart.ports import LinkClaim

if TYPE_CHECKING:
    from counterpart.domain.contacts import Contact
    from counterpart.domain.records import SObject
    from counterpart.use_cases.creation_ports import CreationBatch


def let_go(contact: Contact, record_id: str, sobject: SObject, batch: CreationBatch) -> None:
    """Tell of a record that was made for a contact with another counterpart, and end its link."""
    counterpart = contact.counterpart
    if counterpart is None or counterpart.record_id == record_id:
        return
    batch.notes.tell(
        Action.WARNED,
        Reason.DUPLICATE_AFTER_CREATION,
        contact.id,
        sobject=sobject,
        message=f"{record_id} was made for it, which is linked to {counterpart.record_id}",
    )
    batch.notes.keep()
    links = batch.ports.links
    held = links.get_many([record_id]).get(record_id)
    if held and held.state is LinkState.LINKED and held.subject_id == contact.id:
        left = Link(
            record_id=record_id,
            object=sobject,
            state=LinkState.SKIPPED,
            reason=Reason.DUPLICATE_AFTER_CREATION,
        )
        links.claim_many([LinkClaim(link=left, expected=held)])
