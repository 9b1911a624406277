"""Make records: upsert people and their Accounts, and do what each row's answer asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.contacts import (
    Counterpart,
    CreationRequest,
    Lane,
    Link,
    LinkedBy,
    LinkState,
    Waiting,
)
from counterpart.domain.creation import AccountChoice, new_values
from counterpart.domain.keeping import cut_in, shortened
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.pushing import goes_out, pending
from counterpart.domain.records import SObject, object_of
from counterpart.domain.refusals import Remedy
from counterpart.domain.sent_values import met
from counterpart.domain.subjects import linked
from counterpart.domain.sync_settings import OnDuplicate
from counterpart.ports import LinkClaim, NewRecord
from counterpart.use_cases.create_accounts import AccountRows, claim_companies, settle_accounts
from counterpart.use_cases.creation_ports import TRIES, CreatePorts, Person, claim_record
from counterpart.use_cases.made_beside import let_go
from counterpart.use_cases.written_down import write_down

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Contact
    from counterpart.domain.refusals import Refusal
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.domain.values import Value
    from counterpart.ports import RowAnswer
    from counterpart.use_cases.existing_records import ExistingRecords
    from counterpart.use_cases.notes import Notes

DUPLICATES = "DUPLICATES_DETECTED"
_CONVERTED = "CANNOT_UPDATE_CONVERTED_LEAD"

# A record cannot be made without these, so they are never left out of it.
_REQUIRED = frozenset({"LastName", "Company", "Email"})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Refused:
    """A person whose row was refused, and what was sent."""

    person: Person
    row: NewRecord
    refusal: Refusal


class RecordMaker:
    """Makes the records of one batch.

    Attributes:
        failed: By contact, why its job has to be delivered again.
    """

    def __init__(
        self,
        ports: CreatePorts,
        settings: SyncSettings,
        notes: Notes,
        existing: ExistingRecords,
        *,
        now: datetime,
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._notes = notes
        self._existing = existing
        self._now = now
        self.failed: dict[str, str] = {}

    def make(self, people: Sequence[Person]) -> None:
        """Upsert them, and once more those of whom a refusal says how they may go."""
        # Rows of one Account together, which spares locks.
        left = sorted(
            people,
            key=lambda person: (
                person.account.company_id or person.account.account_id or "",
                person.contact.id,
            ),
        )
        while left:
            again: list[Person] = []
            for allowed in (False, True):
                group = [person for person in left if person.allowed is allowed]
                if group:
                    again += self._upsert(group, allow_duplicates=allowed)
            left = again

    def close(self, contact: Contact) -> None:
        """End the request of a contact that has its record already."""
        self._save(contact, contact.counterpart, None)

    def give_up(self, contact: Contact, record_id: str) -> None:
        """End the request of a contact whose record a pull has linked to another of its address."""
        self._notes.tell(
            Action.WARNED, Reason.DUPLICATE_EMAIL, contact.id, message=f"{record_id} is taken"
        )
        self._notes.keep()
        self._save(contact, None, None)

    # --- one call -------------------------------------------------------------------------------

    def _upsert(self, people: Sequence[Person], *, allow_duplicates: bool) -> list[Person]:
        """Upsert people and their Accounts; return those who are to be tried in another way."""
        rules = self._settings.creation
        people, rows = self._written_down(people)
        if not people:
            return []
        accounts = claim_companies(people, ports=self._ports, rules=rules, now=self._now)
        found = {
            person.account.company_id: person.account.account_id
            for person in people
            if person.account.company_id and person.account.account_id
        }
        answer = self._ports.salesforce.create(
            [*accounts, *(row for row, _ in rows)],
            allow_duplicates=allow_duplicates,
            assignment_rule=rules.records[SObject.LEAD].assignment_rule,
        )
        settled = settle_accounts(
            accounts,
            answer.rows[: len(accounts)],
            found,
            ports=self._ports,
            notes=self._notes,
            now=self._now,
        )
        refused = []
        for person, (row, sent), said in zip(
            people, rows, answer.rows[len(accounts) :], strict=True
        ):
            if said.refusal:
                refused.append(_Refused(person=person, row=row, refusal=said.refusal))
            elif said.record_id:
                self._created(_on_account(person, settled), said, sent, answer.as_of)
        return self._decide(refused, settled)

    def _written_down(
        self, people: Sequence[Person]
    ) -> tuple[list[Person], list[tuple[NewRecord, dict[str, Value]]]]:
        """Store what goes out before it goes; return who still goes, with their rows."""
        rows = {person.contact.id: self._row(person) for person in people}
        written = write_down(
            {person.contact.id: (person.contact, rows[person.contact.id][1]) for person in people},
            contacts=self._ports.contacts,
            now=self._now,
        )
        self.failed |= dict.fromkeys(written.failed, "others kept changing this contact")
        for contact in written.linked:
            self.close(contact)
        going = [
            replace(person, contact=written.stored[person.contact.id])
            for person in people
            if person.contact.id in written.stored
        ]
        return going, [rows[person.contact.id] for person in going]

    def _row(self, person: Person) -> tuple[NewRecord, dict[str, Value]]:
        fields = tuple(
            mapping
            for mapping in self._settings.fields_of(person.object)
            if mapping.name not in person.left_out
        )
        values, sent = new_values(
            person.contact,
            fields,
            person.object,
            domain=person.domain,
            rules=self._settings.creation,
        )
        record = NewRecord(
            object=person.object,
            external_id=person.contact.id,
            values=values,
            account_id=person.account.account_id,
            account_external_id=person.account.company_id,
        )
        return record, sent

    def _created(
        self, person: Person, said: RowAnswer, sent: Mapping[str, Value], as_of: datetime
    ) -> None:
        record_id = said.record_id or ""
        contact_id = person.contact.id
        if not claim_record(
            self._ports.links,
            record_id=record_id,
            sobject=person.object,
            subject_id=contact_id,
            by=LinkedBy.CREATION,
            now=self._now,
        ):
            self.give_up(person.contact, record_id)
            return
        self._notes.count(person.object, "created" if said.created else "found_again")
        self._notes.tell(
            Action.CREATED,
            Reason.CREATED,
            contact_id,
            sobject=person.object,
            message=f"{person.object} {record_id}",
        )
        for name, length in cut_in(person.contact.ledger.values, sent).items():
            self._notes.tell(
                Action.WARNED,
                Reason.TRUNCATED,
                contact_id,
                sobject=person.object,
                name=name,
                message=shortened(length),
            )
        counterpart = Counterpart(
            record_id=record_id,
            object=person.object,
            linked_at=self._now,
            linked_by=LinkedBy.CREATION,
            written_at=self._ports.clock(),
            written_until=as_of,
        )
        stored = self._save(person.contact, counterpart, sent, person.account)
        if stored:
            # A pull may have linked it to another record while this one was being made.
            let_go(stored, record_id, person.object, links=self._ports.links, notes=self._notes)

    def _save(
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
            after = met(contact, now=self._now, answered=sent)
            after = replace(after, ledger=ledger, creation=None, waiting=None)
            if counterpart is None:
                # Its record is another's by now, and nothing that it holds is for this one.
                after = replace(after, sent=None)
            if counterpart and contact.counterpart is None:
                after = linked(after, counterpart)
                if account:
                    # What is not known yet, the pull of the new record brings.
                    account_id, company_id = account.account_id, account.company_id
                    after = replace(after, account_id=account_id, company_id=company_id)
            if after.counterpart and any(
                goes_out(mapping)
                and mapping.writes_to(after.counterpart.object)
                and pending(after.ledger, mapping, after.counterpart.object)
                for mapping in self._settings.fields_of(after.counterpart.object)
            ):
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
        self.failed[contact.id] = "others kept changing this contact"
        return None

    def _keep_outside(self, contact_id: str, counterpart: Counterpart) -> None:
        """See to it that the record of a contact deleted meanwhile does not bring it back."""
        held = self._ports.links.get_many([counterpart.record_id]).get(counterpart.record_id)
        if held and held.subject_id == contact_id and held.state is LinkState.LINKED:
            gone: Link = replace(held, state=LinkState.DELETED_HERE)
            self._ports.links.claim_many([LinkClaim(link=gone, expected=held)])

    # --- refusals -------------------------------------------------------------------------------

    def _decide(self, refused: Sequence[_Refused], accounts: AccountRows) -> list[Person]:
        """Do what each refusal asks for; return those who may go in another way."""
        again: list[Person] = []
        twins: list[_Refused] = []
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
        return [_on_account(person, accounts) for person in again + self._duplicates(twins)]

    def _try_later(self, one: _Refused) -> None:
        self._notes.count(one.person.object, "retried_later")
        self.failed[one.person.contact.id] = f"{one.refusal.code}: {one.refusal.message}"

    def _without_account(self, one: _Refused) -> list[Person]:
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

    def _without_fields(self, one: _Refused) -> list[Person]:
        """Leave out the fields that Salesforce blames; what cannot go without is parked."""
        person, refusal = one.person, one.refusal
        blamed = {
            mapping.name
            for mapping in self._settings.fields_of(person.object)
            if refusal.blames(mapping.paths[person.object])
            and mapping.paths[person.object] in one.row.values
            and mapping.paths[person.object] not in _REQUIRED
        }
        if not blamed:
            self._park(one, self._words(one))
            return []
        for name in sorted(blamed):
            self._notes.tell(
                Action.WARNED,
                Reason.FIELD_SET_ASIDE,
                person.contact.id,
                sobject=person.object,
                refusal=refusal,
                name=name,
            )
        return [replace(person, left_out=person.left_out | blamed)]

    def _duplicates(self, twins: Sequence[_Refused]) -> list[Person]:
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

    def _words(self, one: _Refused) -> str:
        """Return what Salesforce said, with the candidates and whose they are."""
        refusal = one.refusal
        words = f"{refusal.code}: {refusal.message}"
        # The answer to a collection may leave out which records were matched.
        matches = refusal.matches
        if refusal.code == DUPLICATES and not matches:
            matches = self._existing.alike(one.person)
        if not matches:
            return words
        links = self._ports.links.get_many(matches)
        named = [
            f"{match} is linked to contact {link.subject_id}"
            if (link := links.get(match)) and link.subject_id
            else match
            for match in matches
        ]
        return f"{words} ({', '.join(named)})"

    def _park(self, one: _Refused, words: str) -> None:
        """Set a job aside with its reason, where people see it and can send it again."""
        person, refusal = one.person, one.refusal
        self._notes.count(person.object, "refused")
        self._notes.tell(
            Action.REFUSED,
            Reason.DUPLICATES_DETECTED if refusal.code == DUPLICATES else Reason.REFUSED,
            person.contact.id,
            sobject=person.object,
            refusal=replace(refusal, message=words.removeprefix(f"{refusal.code}: ")),
        )
        self._ports.queue.park(person.job, reason=words)
        contact = person.contact
        for _ in range(TRIES):
            request = contact.creation or CreationRequest(requested_at=self._now)
            parked = replace(contact, creation=replace(request, refusal=words), waiting=None)
            if not self._ports.contacts.save_many([parked]):
                return
            fresh = self._ports.contacts.get_many([contact.id]).get(contact.id)
            if fresh is None or fresh.counterpart:
                return
            contact = fresh


def _on_account(person: Person, accounts: AccountRows) -> Person:
    """Return the person with the Account that was made, which is not to be named anew."""
    account_id = accounts.made.get(person.account.company_id or "")
    if account_id is None:
        return person
    return replace(person, account=replace(person.account, account_id=account_id))
