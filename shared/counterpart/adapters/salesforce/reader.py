"""Reads records."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from counterpart.adapters.salesforce import soql
from counterpart.adapters.salesforce.composite import MOST_PARTS
from counterpart.adapters.salesforce.criteria import condition
from counterpart.adapters.salesforce.queries import all_rows, first_rows, query_part
from counterpart.adapters.salesforce.rows import row_reader
from counterpart.adapters.salesforce.schema import Schema
from counterpart.adapters.salesforce.trouble import timed_out
from counterpart.ports import ApiUsage, FieldFacts, PageQuery, Poll, RecordPage

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from counterpart.adapters.salesforce.client import SalesforceClient
    from counterpart.adapters.salesforce.composite import PartAnswer
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import Record, SObject


class SalesforceReader:
    """Reads with SOQL, always by `queryAll`: rows that are gone are news as well."""

    def __init__(self, client: SalesforceClient) -> None:
        self._client = client
        self._schema = Schema(client)

    def poll(self, queries: Sequence[PageQuery]) -> Poll:
        if not 0 < len(queries) <= MOST_PARTS:
            raise ValueError(f"a poll asks 1 to {MOST_PARTS} queries, not {len(queries)}")
        answer = self._client.composite(
            [query_part(self._statement(query), gone_too=True) for query in queries],
            repeatable=True,
        )
        return Poll(
            as_of=answer.earliest,
            pages=[_page(query, part) for query, part in zip(queries, answer.parts, strict=True)],
        )

    def read(
        self, wanted: Mapping[SObject, Collection[str]], fields: Sequence[FieldMapping]
    ) -> Mapping[str, Record]:
        asked = [
            (sobject, soql.select(sobject, soql.paths(sobject, fields), [f"Id IN ({ids})"]))
            for sobject, record_ids in wanted.items()
            for ids in soql.lists("{}", sorted(record_ids))
        ]
        readers = {sobject: row_reader(sobject, fields) for sobject in wanted}
        statements = [statement for _, statement in asked]
        records = (
            readers[asked[place][0]](row)
            for place, row in all_rows(self._client, statements, gone_too=True)
        )
        return {record.id: record for record in records}

    def describe(self, sobject: SObject) -> Mapping[str, FieldFacts]:
        return self._schema.facts(sobject)

    def usage(self) -> ApiUsage:
        return self._client.meter.read()

    def _statement(self, query: PageQuery) -> str:
        if query.selection is None:
            return soql.page(query, "")
        return soql.page(
            query, condition(query.selection, partial(self._schema.type_of, query.object))
        )


def _page(query: PageQuery, answer: PartAnswer) -> RecordPage:
    if timed_out(answer.body):
        return RecordPage(records=(), finished=False, timed_out=True)
    rows, following = first_rows(answer)
    read = row_reader(query.object, query.fields)
    return RecordPage(
        records=[read(row) for row in rows],
        # A page may hold fewer rows than asked for and not be the last: wide rows make it so.
        finished=following is None and len(rows) < query.limit,
    )
