"""Refused creations: what each refusal asks for, be it another try or a person to look at it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.account_choice import AccountChoice
from counterpart.domain.blamed_fields import blamed_fields
from counterpart.domain.creation_requests import CreationRequest
from counterpart.domain.creation_settings import OnDuplicate
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import SObject, object_of
from counterpart.domain.refusals import Refusal, Remedy
from counterpart.use_cases.create_accounts import on_account
from counterpart.use_cases.creation_ports import TRIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.ports import NewRecord
    from counterpart.use_cases.claimed_addresses import ClaimedAddresses
    from counterpart.use_cases.create_accounts import AccountRows
    from counterpart.use_cases.creation_ports import CreationBatch, Person
    from counterpart.use_cases.existing_records import ExistingRecords

DUPLICATES = "DUPLICATES_DETECTED"
# Our own, among Salesforce's codes.
EXISTING = "EXISTING_MATCH"
_CONVERTED = "CANNOT_UPDATE_CONVERTED_LEAD"

# A record cannot be made without these, so they are never left out of it.
_REQUIRED = frozenset({"LastName", "Company", "Email"})


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedCreation:
    """A person whose row was refused, and what was sent."""

    person: Person
    row: NewRecord
    refusal: Refusal


class RefusedCreations:
    """Does what the refusals of one batch ask for.

    Args:
        batch: Whose they are; those that are to be tried later are added to what failed of it.
        existing: Finds the records that they are duplicates of.
        addresses: Those of who is set aside are claimed no more.
    """

    def __init__(
        self, batch: CreationBatch, existing: ExistingRecords, addresses: ClaimedAddresses
    ) -> None:
        self._batch = batch
        self._ports = batch.ports
        self._settings = batch.settings
        self._notes = batch.notes
        self._existing = existing
        self._addresses = addresses

    def decide(self, refused: Sequence[RefusedCreation], accounts: AccountRows) -> list[Person]:
        """Do what each refusal asks for; return those who may go in another way."""
        again: list[Person] = []
        twins: list[RefusedCreation] = []
        for one in refused:
            company_id = one.person.account.company_id or ""
            if company_id in accounts.refused:
                refusal = accounts.refused[company_id]
                again += self._without_account(replace(one, refusal=refusal))
            elif company_id in accounts.others and one.refusal.code != DUPLICATES:
                # Somebody else's write of the same Account came first, by a blink.
                account = AccountChoice(account_id=accounts.others[company_id])
                again.append(replace(one.person, account=account))
            elif one.refusal.code == _CONVERTED:
                # Made by an earlier try whose answer was lost, and converted since: no further try
                # can succeed, and whose Contact it has become is for a person to say.
                self._park(one, self._words(one))
            elif one.refusal.remedy is Remedy.RESOLVE and self._blamed(one):
                # What one of its fields refers to is gone, or was never there.
                again += self._without_fields(one)
            elif one.refusal.remedy is Remedy.RESOLVE and one.person.account.account_id:
                # The Account that was chosen is gone; no further try can succeed by itself.
                self._park(one, f"its Account is gone: {self._words(one)}")
            elif one.refusal.remedy in {Remedy.RETRY, Remedy.RESOLVE}:
                # A reference that is not there yet is the Account's, whose row failed in passing.
                self._try_later(one)
            elif one.refusal.remedy is Remedy.ADOPT:
                twins.append(one)
            else:
                again += self._without_fields(one)
        return [on_account(person, accounts) for person in again + self._duplicates(twins)]

    def park_beside(self, person: Person, whose: str) -> None:
        """Set aside somebody whose address belongs to another contact's record."""
        message = f"its address is that of another contact's record ({whose}); merge the contacts"
        refusal = Refusal(code=EXISTING, message=message)
        self.park(person, refusal, f"{EXISTING}: {message}", reason=Reason.EXISTING_MATCH)

    def _try_later(self, one: RefusedCreation) -> None:
        self._notes.count(one.person.object, "retried_later")
        self._batch.failed[one.person.contact.id] = f"{one.refusal.code}: {one.refusal.message}"

    def _without_account(self, one: RefusedCreation) -> list[Person]:
        """Decide on a Contact whose Account was refused."""
        refusal, policy = one.refusal, self._settings.creation.on_duplicate
        if refusal.remedy is Remedy.RETRY:
            self._try_later(one)
            return []
        if refusal.code == DUPLICATES and policy is OnDuplicate.LINK:
            matches = [match for match in refusal.matches if object_of(match) is SObject.ACCOUNT]
            if len(matches) == 1:
                return [replace(one.person, account=AccountChoice(account_id=matches[0]))]
        if refusal.code == DUPLICATES and policy is OnDuplicate.ALLOW and not one.person.allowed:
            return [replace(one.person, allowed=True)]
        self._park(one, f"the Account was refused: {self._words(one)}")
        return []

    def _without_fields(self, one: RefusedCreation) -> list[Person]:
        """Leave out the fields that Salesforce blames; what cannot go without is parked."""
        person, refusal = one.person, one.refusal
        blamed = self._blamed(one)
        if not blamed:
            self._park(one, self._words(one))
            return []
        for name, path in sorted(blamed.items()):
            self._notes.tell(
                Action.WARNED,
                Reason.FIELD_SET_ASIDE,
                person.contact.id,
                sobject=person.object,
                refusal=refusal.about(path),
                name=name,
            )
        return [replace(person, left_out=person.left_out | blamed.keys())]

    def _blamed(self, one: RefusedCreation) -> Mapping[str, str]:
        """Return the fields that Salesforce blames and that it can go without, and their places."""
        sobject = one.person.object
        blamed = blamed_fields(one.refusal, self._settings.fields_of(sobject), sobject)
        return {
            name: path
            for name, path in blamed.items()
            if path in one.row.values and path not in _REQUIRED
        }

    def _duplicates(self, twins: Sequence[RefusedCreation]) -> list[Person]:
        """Follow the policy for rows that Salesforce holds for duplicates."""
        policy = self._settings.creation.on_duplicate
        # A unique field that is taken is no matter of policy: only the record that has it will do.
        to_link = [
            one for one in twins if policy is OnDuplicate.LINK or one.refusal.code != DUPLICATES
        ]
        adopted = self._existing.adopt([(one.person, one.refusal) for one in to_link])
        again = []
        for one in twins:
            if one.person.contact.id in adopted:
                continue
            may_go = policy is OnDuplicate.ALLOW and one.refusal.code == DUPLICATES
            if may_go and not one.person.allowed:
                again.append(replace(one.person, allowed=True))
            else:
                self._park(one, self._words(one))
        return again

    def _words(self, one: RefusedCreation) -> str:
        """Return what Salesforce said, with the candidates and whose they are."""
        refusal = one.refusal
        words = "; ".join(f"{said.code}: {said.message}" for said in (refusal, *refusal.others))
        # The answer to a collection may leave out which records were matched.
        matches = refusal.matches
        if refusal.code == DUPLICATES and not matches:
            matches = self._existing.alike(one.person)
        if not matches:
            return words
        return f"{words} ({self._existing.named(matches)})"

    def _park(self, one: RefusedCreation, words: str) -> None:
        """Set aside a job whose row was refused."""
        duplicate = one.refusal.code == DUPLICATES
        reason = Reason.DUPLICATES_DETECTED if duplicate else Reason.REFUSED
        self.park(one.person, one.refusal, words, reason=reason)
        self._addresses.give_back(one.person)

    def park(self, person: Person, refusal: Refusal, words: str, *, reason: Reason) -> None:
        """Set a job aside with its reason, where people see it and can send it again."""
        told = replace(refusal, message=words.removeprefix(f"{refusal.code}: "))
        self._notes.refuse(person.contact.id, person.object, told, reason=reason)
        self._ports.queue.park(person.job, reason=words)
        contact = person.contact
        for _ in range(TRIES):
            request = contact.creation or CreationRequest(requested_at=self._batch.now)
            parked = replace(contact, creation=replace(request, refusal=words), waiting=None)
            if not self._ports.contacts.save_many([parked]):
                return
            fresh = self._ports.contacts.get_many([contact.id]).get(contact.id)
            if fresh is None or fresh.counterpart:
                return
            contact = fresh
