"""Delete a contact here. Nothing is ever deleted in Salesforce."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.contact_merge_plans import records_of
from counterpart.domain.links import Counterpart, Link, LinkState
from counterpart.domain.opt_outs import owes_opt_out
from counterpart.errors import ChangedMeanwhileError, ConflictError, NotFoundError
from counterpart.ports import LinkClaim
from counterpart.use_cases.forget_memberships import forget_memberships

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.contacts import Contact
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import ContactRepository, LinkRepository
    from counterpart.ports.campaigns import MemberRepository

_TRIES = 6
_NOT_TOLD = (
    "Salesforce does not know yet that this person refuses to be mailed; delete the contact once "
    "its next push has told it so, or at once with ?untold=true, and the refusal is forgotten"
)


def delete_contact(
    contact_id: str,
    *,
    contacts: ContactRepository,
    links: LinkRepository,
    members: MemberRepository,
    settings: SyncSettings,
    now: datetime,
    untold: bool = False,
) -> None:
    """Delete a contact and its memberships, and see to it that its record does not bring it back.

    A refusal to be mailed would be forgotten with the contact, so it has to reach Salesforce first.

    The link is marked first, and the memberships go before the contact does. A crash after that
    leaves a contact which can be deleted again; the other way round it would leave a record that
    makes a new contact at its next change. Memberships that come to light later go with one of the
    next runs, as the contact is noted as one that goes.

    Args:
        contact_id: Which.
        contacts: Where it is stored.
        links: Where it is kept in mind that its record stays outside.
        members: Where its memberships are.
        settings: By which a refusal goes out.
        now: By our clock.
        untold: Delete it although Salesforce does not know of its refusal.

    Raises:
        NotFoundError: there is no such contact.
        ConflictError: its refusal has not gone out yet.
        ChangedMeanwhileError: others kept changing it.
    """
    for _ in range(_TRIES):
        contact = contacts.get_many([contact_id]).get(contact_id)
        if contact is None:
            raise NotFoundError(f"there is no contact {contact_id}", field="id")
        if not untold and owes_opt_out(contact, settings):
            raise ConflictError(_NOT_TOLD, field="id")
        if _keep_outside(contact, links=links):
            continue
        person_ids = [one.record_id for one in records_of(contact)]
        members.unsettle([contact_id], now=now, person_ids=person_ids)
        forget_memberships(contact_id, members=members, now=now, person_ids=person_ids)
        try:
            contacts.delete(contact)
        except ChangedMeanwhileError:
            continue
        # Whoever looked for the contact before it was gone may have added it meanwhile.
        forget_memberships(contact_id, members=members, now=now, person_ids=person_ids)
        return
    raise ChangedMeanwhileError("others kept changing this contact; try again")


def _keep_outside(contact: Contact, *, links: LinkRepository) -> bool:
    """Mark the links of a contact as deleted here; return whether one changed meanwhile."""
    held = (contact.counterpart, contact.former, *contact.secondaries)
    records = {one.record_id: one for one in held if one}
    if not records:
        return False
    known = links.get_many(records)
    claims = []
    for record_id, record in records.items():
        link = known.get(record_id)
        if link is None:
            link = Link(
                record_id=record_id,
                object=record.object,
                state=LinkState.LINKED,
                subject_id=contact.id,
                linked_at=record.linked_at,
                linked_by=record.linked_by if isinstance(record, Counterpart) else None,
            )
        # A record that belongs to another contact by now is none of our business.
        if link.subject_id == contact.id and link.state is not LinkState.DELETED_HERE:
            marked = replace(link, state=LinkState.DELETED_HERE)
            claims.append(LinkClaim(link=marked, expected=known.get(record_id)))
    return bool(claims and links.claim_many(claims))
