"""Finds what exists and makes what doesn't."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import zip_longest
from typing import TYPE_CHECKING

from counterpart.adapters.salesforce import soql
from counterpart.adapters.salesforce.person_accounts import PersonAccounts
from counterpart.adapters.salesforce.queries import all_rows
from counterpart.adapters.salesforce.row_writes import MOST_ROWS, Collection, RowWrite, write
from counterpart.adapters.salesforce.rows import EXTERNAL_ID, row_reader
from counterpart.adapters.salesforce.schema import Schema
from counterpart.adapters.salesforce.transport import write_headers
from counterpart.domain.emails import email_key
from counterpart.domain.records import SObject
from counterpart.errors import ConfigurationError, MissingFieldError
from counterpart.ports import (
    AccountFound,
    ApiUsage,
    LookUp,
    NewRecord,
    PersonFound,
    RowAnswer,
    WriteAnswer,
)

if TYPE_CHECKING:
    from collections.abc import Collection as Many
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from counterpart.adapters.salesforce.client import SalesforceClient
    from counterpart.domain.mapping import FieldMapping

# Accounts first: Contacts refer to them.
_ORDER = (SObject.ACCOUNT, SObject.CONTACT, SObject.LEAD)
_ACCOUNT_COLUMNS = ("Id", "Name", "Website", "LastModifiedDate")
# What the header says for the rule that is active, and for none.
_ASSIGNMENTS = {"default": "TRUE", "": "FALSE"}
_PEOPLE = {SObject.CONTACT: [], SObject.LEAD: ["IsConverted = false"]}


class SalesforceCreator:
    """Looks up by e-mail and website; creates by upserting under our external id."""

    def __init__(self, client: SalesforceClient) -> None:
        self._client = client
        self._schema = Schema(client)
        self._persons = PersonAccounts()
        # Objects of this org that lack our external id.
        self._keyless: set[SObject] = set()

    def look_up(
        self,
        *,
        emails: Many[str],
        domains: Many[str],
        fields: Sequence[FieldMapping],
        contact_ids: Many[str] = (),
        company_ids: Many[str] = (),
    ) -> LookUp:
        known = self._persons.there
        try:
            found = self._look_up(emails, domains, fields, contact_ids, company_ids)
        except MissingFieldError:
            if not self._learn_keyless(_ORDER):
                raise
            found = self._look_up(emails, domains, fields, contact_ids, company_ids)
        if self._persons.there and not known:
            # It was learned just now; of these nobody knows who is a person account.
            found = self._look_up(emails, domains, fields, contact_ids, company_ids)
        return found

    def _look_up(
        self,
        emails: Many[str],
        domains: Many[str],
        fields: Sequence[FieldMapping],
        contact_ids: Many[str],
        company_ids: Many[str],
    ) -> LookUp:
        asked = []
        for sobject, unconverted in _PEOPLE.items():
            besides = [*self._persons.columns(sobject), *self._key(sobject)]
            columns = [*soql.paths(sobject, fields, besides), "Email"]
            addresses = soql.lists("{}", sorted(emails))
            asked += [
                (sobject, soql.select(sobject, _once(columns), [either, *unconverted]))
                for either in _either(addresses, self._borne(sobject, contact_ids))
            ]
        # Nobody else can belong to a person account.
        companies = [f"{one} = false" for one in self._persons.columns(SObject.ACCOUNT)]
        columns = [*_ACCOUNT_COLUMNS, *self._key(SObject.ACCOUNT)]
        sites = soql.lists("Website LIKE '%{:like}%'", sorted(domains), glue=" OR ")
        borne = self._borne(SObject.ACCOUNT, company_ids)
        asked += [
            (SObject.ACCOUNT, soql.select(SObject.ACCOUNT, columns, [either, *companies]))
            for either in _either(sites, borne, first="{}")
        ]
        readers = {sobject: row_reader(sobject, fields) for sobject in _PEOPLE}
        people: dict[str, PersonFound] = {}
        accounts: dict[str, AccountFound] = {}
        statements = [statement for _, statement in asked]
        for place, row in all_rows(self._client, statements, gone_too=False, persons=self._persons):
            sobject = asked[place][0]
            if sobject is SObject.ACCOUNT:
                accounts[row["Id"]] = AccountFound(
                    record_id=row["Id"],
                    name=row["Name"],
                    website=row["Website"],
                    modified_at=datetime.fromisoformat(row["LastModifiedDate"]),
                    external_id=row.get(EXTERNAL_ID),
                )
            else:
                people[row["Id"]] = PersonFound(
                    record=readers[sobject](row),
                    email_key=email_key(row["Email"]) or "",
                    external_id=row.get(EXTERNAL_ID),
                )
        return LookUp(people=list(people.values()), accounts=list(accounts.values()))

    def _key(self, sobject: SObject) -> Sequence[str]:
        """Return the field of our id, if the object has it."""
        return () if sobject in self._keyless else (EXTERNAL_ID,)

    def _borne(self, sobject: SObject, ids: Many[str]) -> Iterator[str]:
        """Yield lists of ids of ours that records of the object may bear."""
        return soql.lists("{}", () if sobject in self._keyless else sorted(ids))

    def _learn_keyless(self, objects: Iterable[SObject]) -> bool:
        """Find out which objects lack our id; return whether that is news.

        Nobody asks beforehand, since nearly every org has the field.
        """
        keyless = {each for each in objects if EXTERNAL_ID not in self._schema.facts(each)}
        news = not keyless <= self._keyless
        self._keyless |= keyless
        return news

    def create(
        self,
        records: Sequence[NewRecord],
        *,
        allow_duplicates: bool = False,
        assignment_rule: str = "",
    ) -> WriteAnswer:
        if not records:
            raise ValueError("nothing to create")
        if len({(record.object, record.external_id) for record in records}) < len(records):
            raise ValueError("an external id stands twice in one list")
        for sobject in _ORDER:
            rows = sum(record.object is sobject for record in records)
            if rows > MOST_ROWS:
                raise ValueError(f"one call takes {MOST_ROWS} of each object, not {rows}")
        headers = write_headers(allow_duplicates=allow_duplicates)
        for_leads = {"Sforce-Auto-Assign": _ASSIGNMENTS.get(assignment_rule, assignment_rule)}
        try:
            return self._write(records, headers, for_leads)
        except (ConfigurationError, MissingFieldError):
            if not self._learn_keyless({record.object for record in records}):
                raise
        return self._write(records, headers, for_leads)

    def _write(
        self,
        records: Sequence[NewRecord],
        headers: Mapping[str, str],
        for_leads: Mapping[str, str],
    ) -> WriteAnswer:
        if SObject.ACCOUNT not in self._keyless:
            return self._write_at_once(records, headers, for_leads)
        accounts = [record for record in records if record.object is SObject.ACCOUNT]
        people = [record for record in records if record.object is not SObject.ACCOUNT]
        if not accounts or not people:
            return self._write_at_once(records, headers, for_leads)

        # Without our id there, a Contact can name its Account only once that has one.
        first = self._write_at_once(accounts, headers, for_leads)
        said = dict(zip((account.external_id for account in accounts), first.rows, strict=True))
        ready, answers = [], {}
        for person in people:
            above = said.get(person.account_external_id or "")
            if above is None or person.account_id:
                ready.append(person)
            elif above.record_id:
                ready.append(replace(person, account_id=above.record_id))
            else:
                answers[person.object, person.external_id] = RowAnswer(refusal=above.refusal)
        as_of = first.as_of
        if ready:
            second = self._write_at_once(ready, headers, for_leads)
            as_of = second.as_of
            for person, row in zip(ready, second.rows, strict=True):
                answers[person.object, person.external_id] = row
        answers |= {(SObject.ACCOUNT, key): row for key, row in said.items()}
        rows = [answers[record.object, record.external_id] for record in records]
        return WriteAnswer(rows=rows, as_of=as_of)

    def _write_at_once(
        self,
        records: Sequence[NewRecord],
        headers: Mapping[str, str],
        for_leads: Mapping[str, str],
    ) -> WriteAnswer:
        places = {(record.object, record.external_id): at for at, record in enumerate(records)}
        collections = []
        for sobject in _ORDER:
            plain = sobject in self._keyless
            rows = [
                RowWrite(
                    place=at,
                    body=_body(record, plain=plain),
                    parent=places.get((SObject.ACCOUNT, record.account_external_id or "")),
                )
                for at, record in enumerate(records)
                if record.object is sobject
            ]
            if rows:
                collections.append(
                    Collection(
                        method="POST" if plain else "PATCH",
                        path="composite/sobjects" + ("" if plain else f"/{sobject}/{EXTERNAL_ID}"),
                        rows=rows,
                        headers=for_leads if sobject is SObject.LEAD else {},
                    )
                )
        # Made twice under our id, a record is the same record: after a lost answer the same may be
        # sent again. A plain insert may not; the next try looks up first.
        repeatable = not any(record.object in self._keyless for record in records)
        return write(self._client, collections, headers=headers, repeatable=repeatable)

    def usage(self) -> ApiUsage:
        return self._client.meter.read()


def _once(columns: Iterable[str]) -> list[str]:
    """Return each column once: an org refuses to select a field twice."""
    return list({column.lower(): column for column in columns}.values())


def _either(
    firsts: Iterable[str], ids: Iterable[str], *, first: str = "Email IN ({})"
) -> Iterator[str]:
    """Yield conditions that take a list of the first kind, or of our ids, or one of each."""
    for one, other in zip_longest(firsts, ids):
        parts = [first.format(one)] if one else []
        parts += [f"{EXTERNAL_ID} IN ({other})"] if other else []
        yield f"({' OR '.join(parts)})"


def _body(record: NewRecord, *, plain: bool) -> dict[str, object]:
    body: dict[str, object] = {"attributes": {"type": record.object}, **record.values}
    if not plain:
        body[EXTERNAL_ID] = record.external_id
    if record.object is not SObject.CONTACT:
        return body
    if record.account_id:
        body["AccountId"] = record.account_id
    elif record.account_external_id:
        body["Account"] = {EXTERNAL_ID: record.account_external_id}
    return body
