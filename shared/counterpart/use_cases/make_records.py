"""Make records: upsert people and their Accounts, and do what each row's answer asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.creation import new_values
from counterpart.domain.keeping import cut_in, shortened
from counterpart.domain.latecomers import companies_of
from counterpart.domain.links import Counterpart, LinkedBy
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import SObject
from counterpart.ports import NewRecord
from counterpart.use_cases.create_accounts import (
    claim_companies,
    in_company,
    on_account,
    settle_accounts,
)
from counterpart.use_cases.creation_ports import KEPT_CHANGING, claim_record
from counterpart.use_cases.made_beside import let_go
from counterpart.use_cases.refused_creations import RefusedCreation
from counterpart.use_cases.written_down import write_down

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.values import Value
    from counterpart.ports import RowAnswer
    from counterpart.use_cases.creation_ports import CreationBatch, Person
    from counterpart.use_cases.ended_requests import EndedRequests
    from counterpart.use_cases.refused_creations import RefusedCreations


class RecordMaker:
    """Makes the records of one batch.

    Args:
        batch: Whose they are; those that others kept changing are added to what failed of it.
        requests: Ends the request of whoever has its record.
        refusals: Does what a refusal asks for.
    """

    def __init__(
        self, batch: CreationBatch, *, requests: EndedRequests, refusals: RefusedCreations
    ) -> None:
        self._batch = batch
        self._ports = batch.ports
        self._settings = batch.settings
        self._notes = batch.notes
        self._requests = requests
        self._refusals = refusals

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

    def _upsert(self, people: Sequence[Person], *, allow_duplicates: bool) -> list[Person]:
        """Upsert people and their Accounts; return those who are to be tried in another way."""
        people, rows = self._written_down(people)
        if not people:
            return []
        accounts = claim_companies(people, self._batch)
        found = {
            person.account.company_id: person.account.account_id
            for person in people
            if person.account.company_id and person.account.account_id
        }
        answer = self._ports.salesforce.create(
            [*accounts, *(row for row, _ in rows)],
            allow_duplicates=allow_duplicates,
            assignment_rule=self._settings.creation.records[SObject.LEAD].assignment_rule,
        )
        settled = settle_accounts(
            accounts, answer.rows[: len(accounts)], found, self._batch, as_of=answer.as_of
        )
        companies = self._companies_of([on_account(person, settled) for person in people])
        refused = []
        for person, (row, sent), said in zip(
            people, rows, answer.rows[len(accounts) :], strict=True
        ):
            if said.refusal:
                refused.append(RefusedCreation(person=person, row=row, refusal=said.refusal))
            elif said.record_id:
                made = in_company(on_account(person, settled), companies)
                self._created(made, said, sent, answer.as_of)
        return self._refusals.decide(refused, settled)

    def _companies_of(self, people: Sequence[Person]) -> Mapping[str, str]:
        """Return, by Account, the companies that these people's Accounts are here."""
        account_ids = {person.account.account_id for person in people}
        wanted = {account_id for account_id in account_ids if account_id}
        return companies_of(self._ports.links.get_many(wanted).values()) if wanted else {}

    def _written_down(
        self, people: Sequence[Person]
    ) -> tuple[list[Person], list[tuple[NewRecord, dict[str, Value]]]]:
        """Store what goes out before it goes; return who still goes, with their rows."""
        rows = {person.contact.id: self._row(person) for person in people}
        written = write_down(
            {person.contact.id: (person.contact, rows[person.contact.id][1]) for person in people},
            contacts=self._ports.contacts,
            now=self._batch.now,
        )
        self._batch.failed.update(dict.fromkeys(written.failed, KEPT_CHANGING))
        for contact in written.linked:
            self._requests.close(contact)
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
            self._ports,
            record_id=record_id,
            sobject=person.object,
            subject_id=contact_id,
            by=LinkedBy.CREATION,
            now=self._batch.now,
        ):
            self._requests.give_up(person.contact, record_id)
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
            linked_at=self._batch.now,
            linked_by=LinkedBy.CREATION,
            written_at=self._ports.clock(),
            written_until=as_of,
        )
        stored = self._requests.end(person.contact, counterpart, sent, person.account)
        if stored:
            # A pull may have linked it to another record while this one was being made.
            let_go(stored, record_id, person.object, self._batch, how="made for")
