"""Reads records."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from counterpart.adapters.salesforce import soql
from counterpart.adapters.salesforce.composite import MOST_PARTS
from counterpart.adapters.salesforce.criteria import condition
from counterpart.adapters.salesforce.person_accounts import (
    BEARERS,
    PersonAccounts,
    describe_part,
)
from counterpart.adapters.salesforce.queries import all_rows, page_of, query_part, total_of
from counterpart.adapters.salesforce.rows import IS_PERSON_ACCOUNT, row_reader
from counterpart.adapters.salesforce.schema import Schema, understood
from counterpart.domain.records import SObject
from counterpart.errors import MissingFieldError
from counterpart.ports import ApiUsage, FieldFacts, PageQuery, Poll

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from counterpart.adapters.salesforce.client import SalesforceClient
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import Record
    from counterpart.domain.selection import Selection


class SalesforceReader:
    """Reads with SOQL, always by `queryAll`: rows that are gone are news as well."""

    def __init__(self, client: SalesforceClient) -> None:
        self._client = client
        self._schema = Schema(client)
        self._persons = PersonAccounts()

    def poll(
        self, queries: Sequence[PageQuery], describe: Collection[SObject] = ()
    ) -> Poll[Record]:
        if not 0 < len(queries) <= MOST_PARTS:
            raise ValueError(f"a poll asks 1 to {MOST_PARTS} queries, not {len(queries)}")
        wanted = sorted(describe)
        aside = self._persons.question([query.object for query in queries])
        answer = self._client.composite(
            [
                *(query_part(self._statement(query), gone_too=True) for query in queries),
                *map(describe_part, wanted),
                *aside,
            ],
            repeatable=True,
        )
        if aside and self._persons.hear(answer.parts[-1]):
            return self.poll(queries, describe)
        parts = answer.parts[: len(queries)]
        described = zip(wanted, answer.parts[len(queries) :], strict=False)
        return Poll(
            as_of=answer.earliest,
            pages=[
                page_of(part, row_reader(query.object, query.fields), query.limit)
                for query, part in zip(queries, parts, strict=True)
            ],
            facts={
                sobject: understood(part.body, sobject).fields
                for sobject, part in described
                if part.status == HTTPStatus.OK
            },
        )

    def read(
        self, wanted: Mapping[SObject, Collection[str]], fields: Sequence[FieldMapping]
    ) -> Mapping[str, Record]:
        known = self._persons.there
        found = self._read(wanted, fields)
        if self._persons.there and not known:
            # It was learned just now, and these were read without that column.
            found = self._read(wanted, fields)
        return found

    def count(self, query: PageQuery) -> int | None:
        statement = soql.count(query, self._condition(query))
        answer = self._client.composite([query_part(statement, gone_too=True)], repeatable=True)
        return total_of(answer.parts[0])

    def hidden(self, sobject: SObject, paths: Collection[str]) -> Collection[str]:
        # What was seen a while ago may be hidden by now.
        self._schema = Schema(self._client)
        return {path for path in paths if self._schema.lacks(sobject, path)}

    def describe(self, sobject: str) -> Mapping[str, FieldFacts]:
        return self._schema.facts(sobject)

    def usage(self) -> ApiUsage:
        return self._client.meter.read()

    def _read(
        self, wanted: Mapping[SObject, Collection[str]], fields: Sequence[FieldMapping]
    ) -> dict[str, Record]:
        columns = {
            sobject: soql.paths(sobject, fields, self._persons.columns(sobject))
            for sobject in wanted
        }
        asked = [
            (sobject, soql.select(sobject, columns[sobject], [f"Id IN ({ids})"]))
            for sobject, record_ids in wanted.items()
            for ids in soql.lists("{}", sorted(record_ids))
        ]
        readers = {sobject: row_reader(sobject, fields) for sobject in wanted}
        rows = all_rows(
            self._client,
            [statement for _, statement in asked],
            gone_too=True,
            persons=self._persons if BEARERS & wanted.keys() else None,
        )
        records = (readers[asked[place][0]](row) for place, row in rows)
        return {record.id: record for record in records}

    def _statement(self, query: PageQuery) -> str:
        besides = self._persons.columns(query.object)
        return soql.page(query, self._condition(query), besides)

    def _condition(self, query: PageQuery) -> str:
        if query.selection is None:
            return ""
        chosen = self._chosen(query.object, query.selection)
        if query.object is SObject.ACCOUNT and self._persons.columns(query.object):
            # The Contact of a person account comes in; its Account is no company.
            chosen = " AND ".join(filter(None, (f"{IS_PERSON_ACCOUNT} = false", chosen)))
            chosen = f"({chosen})"
        return chosen

    def _chosen(self, sobject: SObject, selection: Selection) -> str:
        was_described = self._schema.knows(sobject)
        try:
            return condition(selection, partial(self._schema.type_of, sobject))
        except MissingFieldError:
            if not was_described:
                raise
        # A field may have been made, shown to us or changed since the object was described.
        self._schema = Schema(self._client)
        return condition(selection, partial(self._schema.type_of, sobject))
