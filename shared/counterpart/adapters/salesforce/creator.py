"""Finds what exists and makes what doesn't."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from counterpart.adapters.salesforce import soql
from counterpart.adapters.salesforce.queries import all_rows
from counterpart.adapters.salesforce.row_writes import MOST_ROWS, Collection, RowWrite, write
from counterpart.adapters.salesforce.rows import EXTERNAL_ID, row_reader
from counterpart.adapters.salesforce.transport import write_headers
from counterpart.domain.emails import email_key
from counterpart.domain.records import SObject
from counterpart.ports import AccountFound, ApiUsage, LookUp, NewRecord, PersonFound, WriteAnswer

if TYPE_CHECKING:
    from collections.abc import Collection as Many
    from collections.abc import Sequence

    from counterpart.adapters.salesforce.client import SalesforceClient
    from counterpart.domain.mapping import FieldMapping

# Accounts first: Contacts refer to them.
_ORDER = (SObject.ACCOUNT, SObject.CONTACT, SObject.LEAD)
_ACCOUNT_COLUMNS = ("Id", "Name", "Website", "LastModifiedDate")
_PEOPLE = {SObject.CONTACT: [], SObject.LEAD: ["IsConverted = false"]}


class SalesforceCreator:
    """Looks up by e-mail and website; creates by upserting under our external id.

    Args:
        allow_duplicates: Save a row although a duplicate rule warns of it.
    """

    def __init__(self, client: SalesforceClient, *, allow_duplicates: bool = False) -> None:
        self._client = client
        self._headers = write_headers(allow_duplicates=allow_duplicates)

    def look_up(
        self,
        *,
        emails: Many[str],
        domains: Many[str],
        fields: Sequence[FieldMapping],
    ) -> LookUp:
        asked = [
            (sobject, _people(sobject, addresses, fields))
            for sobject in _PEOPLE
            for addresses in soql.lists("{}", sorted(emails))
        ]
        asked += [
            (SObject.ACCOUNT, soql.select(SObject.ACCOUNT, _ACCOUNT_COLUMNS, [f"({sites})"]))
            for sites in soql.lists("Website LIKE '%{:like}%'", sorted(domains), glue=" OR ")
        ]
        readers = {sobject: row_reader(sobject, fields) for sobject in _PEOPLE}
        people: list[PersonFound] = []
        accounts: dict[str, AccountFound] = {}
        statements = [statement for _, statement in asked]
        for place, row in all_rows(self._client, statements, gone_too=False):
            sobject = asked[place][0]
            if sobject is SObject.ACCOUNT:
                accounts[row["Id"]] = AccountFound(
                    record_id=row["Id"],
                    name=row["Name"],
                    website=row["Website"],
                    modified_at=datetime.fromisoformat(row["LastModifiedDate"]),
                )
            elif key := email_key(row["Email"]):
                people.append(PersonFound(record=readers[sobject](row), email_key=key))
        return LookUp(people=people, accounts=list(accounts.values()))

    def create(self, records: Sequence[NewRecord]) -> WriteAnswer:
        if not records:
            raise ValueError("nothing to create")
        places = {(record.object, record.external_id): at for at, record in enumerate(records)}
        if len(places) < len(records):
            raise ValueError("an external id stands twice in one list")
        collections = []
        for sobject in _ORDER:
            rows = [
                RowWrite(
                    place=at,
                    body=_body(record),
                    parent=places.get((SObject.ACCOUNT, record.account_external_id or "")),
                )
                for at, record in enumerate(records)
                if record.object is sobject
            ]
            if len(rows) > MOST_ROWS:
                raise ValueError(f"one call takes {MOST_ROWS} of each object, not {len(rows)}")
            if rows:
                path = f"composite/sobjects/{sobject}/{EXTERNAL_ID}"
                collections.append(Collection(path=path, rows=rows))
        # Made twice, a record is the same record: after a lost answer the same may be sent again.
        return write(self._client, collections, headers=self._headers, repeatable=True)

    def usage(self) -> ApiUsage:
        return self._client.meter.read()


def _people(sobject: SObject, addresses: str, fields: Sequence[FieldMapping]) -> str:
    columns = soql.paths(sobject, fields)
    if "Email" not in columns:
        columns.append("Email")
    return soql.select(sobject, columns, [f"Email IN ({addresses})", *_PEOPLE[sobject]])


def _body(record: NewRecord) -> dict[str, object]:
    body: dict[str, object] = {
        "attributes": {"type": record.object},
        EXTERNAL_ID: record.external_id,
        **record.values,
    }
    if record.object is not SObject.CONTACT:
        return body
    if record.account_id:
        body["AccountId"] = record.account_id
    elif record.account_external_id:
        body["Account"] = {EXTERNAL_ID: record.account_external_id}
    return body
