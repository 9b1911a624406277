"""Ended requests: a contact is linked to its new record, and nothing asks for one any more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.links import Link, LinkState
from counterpart.domain.opt_outs import unaware
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.outgoing_fields import is_due
from counterpart.domain.sent_values import met
from counterpart.domain.subjects import linked
from counterpart.domain.waiting import Lane, Waiting
from counterpart.ports import LinkClaim
from counterpart.use_cases.creation_ports import KEPT_CHANGING, TRIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterpart.domain.account_choice import AccountChoice
    from counterpart.domain.contacts import Contact
    from counterpart.domain.links import Counterpart
    from counterpart.domain.values import Value
    from counterpart.use_cases.creation_ports import CreationBatch


class EndedRequests:
    """Ends the requests of one batch.

    Args:
        batch: Whose they are; those that cannot be ended now are added to what failed of it.
    """

    def __init__(self, batch: CreationBatch) -> None:
        self._batch = batch
        self._ports = batch.ports
        self._notes = batch.notes

    def close(self, contact: Contact) -> None:
        """End the request, if there is one, of a contact that has its record already."""
        if contact.creation:
            self.end(contact, contact.counterpart, None)

    def give_up(self, contact: Contact, record_id: str) -> None:
        """End the request of a contact whose record a pull has linked to another of its address."""
        self._notes.tell(
            Action.WARNED, Reason.DUPLICATE_EMAIL, contact.id, message=f"{record_id} is taken"
        )
        self._notes.keep()
        self.end(contact, None, None)

    def end(
        self,
        contact: Contact,
        counterpart: Counterpart | None,
        sent: Mapping[str, Value] | None,
        account: AccountChoice | None = None,
    ) -> Contact | None:
        """Link the contact, and end its request; an edit since the upsert goes out as an edit.

        Args:
            contact: Which.
            counterpart: What it is linked to; `None` if to nothing.
            sent: What was sent, if that was answered.
            account: Of its new record.

        Returns:
            The contact as it is stored; `None` if it was deleted, or others kept changing it.
        """
        for _ in range(TRIES):
            ledger = contact.ledger
            if (
                contact.counterpart is None
                or counterpart is None
                or (contact.counterpart.record_id == counterpart.record_id)
            ):
                ledger = replace(ledger, shadows={**ledger.shadows, **(sent or {})})
            after = met(contact, now=self._batch.now, answered=sent)
            after = replace(after, ledger=ledger, creation=None, waiting=None)
            if counterpart is None:
                # Its record is another's by now, and nothing that it holds is for this one.
                after = replace(after, sent=None)
            if counterpart and contact.counterpart is None:
                after = linked(after, counterpart)
                if account:
                    # What is not known yet, the pull of the new record or the Account brings.
                    account_id, company_id = account.account_id, account.company_id
                    after = replace(after, account_id=account_id, company_id=company_id)
            settings = self._batch.settings
            goes = after.counterpart is not None and any(
                is_due(after.ledger, mapping, after.counterpart.object)
                for mapping in settings.fields_of(after.counterpart.object)
            )
            if goes or (after.counterpart and unaware(after, settings)):
                waiting = Waiting(lane=Lane.FRESH, next_push_at=self._ports.clock())
                after = replace(after, waiting=waiting)
            if not self._ports.contacts.save_many([after]):
                return after
            fresh = self._ports.contacts.get_many([contact.id]).get(contact.id)
            if fresh is None:
                if counterpart:
                    self._keep_outside(contact.id, counterpart)
                return None
            contact = fresh
        self._batch.failed[contact.id] = KEPT_CHANGING
        return None

    def _keep_outside(self, contact_id: str, counterpart: Counterpart) -> None:
        """See to it that the record of a contact deleted meanwhile does not bring it back."""
        held = self._ports.links.get_many([counterpart.record_id]).get(counterpart.record_id)
        if held and held.subject_id == contact_id and held.state is LinkState.LINKED:
            gone: Link = replace(held, state=LinkState.DELETED_HERE)
            self._ports.links.claim_many([LinkClaim(link=gone, expected=held)])
