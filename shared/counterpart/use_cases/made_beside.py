"""Made beside: records of ours whose contact had met another record before we knew of them.

They were made for it, or linked to it, by a try that broke off right after that. They are
duplicates in Salesforce, which people are told of. Their links lead nobody there any more; what
changes in them comes in as if they were anybody's, unless their former contact was deleted here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.links import Link, LinkState
from counterpart.domain.outcomes import Action, Reason
from counterpart.ports import LinkClaim
from counterpart.use_cases.claimed_links import claim_links

if TYPE_CHECKING:
    from counterpart.domain.contacts import Contact
    from counterpart.domain.records import SObject
    from counterpart.use_cases.creation_ports import CreationBatch


def let_go(
    contact: Contact,
    record_id: str,
    sobject: SObject,
    batch: CreationBatch,
    *,
    how: str,
) -> None:
    """Tell of a record that a try got for a contact with another counterpart, and end its link.

    Args:
        contact: As it is now.
        record_id: Of the record that was made for it, or linked to it.
        sobject: What that is.
        batch: That of the contact.
        how: What the try did with the record.
    """
    counterpart = contact.counterpart
    if counterpart is None or counterpart.record_id == record_id:
        return
    batch.notes.tell(
        Action.WARNED,
        Reason.DUPLICATE_AFTER_CREATION,
        contact.id,
        sobject=sobject,
        message=f"{record_id} was {how} it, which is linked to {counterpart.record_id}",
    )
    batch.notes.keep()
    links = batch.ports.links
    held = links.get_many([record_id]).get(record_id)
    if held and held.state is LinkState.LINKED and held.subject_id == contact.id:
        stays_out = held.reason == Reason.DELETED_HERE
        left = Link(
            record_id=record_id,
            object=sobject,
            state=LinkState.DELETED_HERE if stays_out else LinkState.SKIPPED,
            reason=held.reason if stays_out else Reason.DUPLICATE_AFTER_CREATION,
        )
        claim_links([LinkClaim(link=left, expected=held)], batch.ports)
