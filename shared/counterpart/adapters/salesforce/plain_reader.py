"""Reads rows of any object, as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.adapters.salesforce import soql
from counterpart.adapters.salesforce.composite import MOST_PARTS
from counterpart.adapters.salesforce.queries import all_rows, page_of, query_part
from counterpart.adapters.salesforce.rows import plain_reader
from counterpart.adapters.salesforce.schema import Schema
from counterpart.ports import ApiUsage, FieldFacts, PlainQuery, Poll

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from counterpart.adapters.salesforce.client import SalesforceClient
    from counterpart.domain.records import PlainRecord


class SalesforcePlainReader:
    """Reads with SOQL, always by `queryAll`: rows that are gone are news as well."""

    def __init__(self, client: SalesforceClient) -> None:
        self._client = client
        self._schema = Schema(client)

    def poll_plain(self, queries: Sequence[PlainQuery]) -> Poll[PlainRecord]:
        if not 0 < len(queries) <= MOST_PARTS:
            raise ValueError(f"a poll asks 1 to {MOST_PARTS} queries, not {len(queries)}")
        parts = [query_part(soql.plain_page(query), gone_too=True) for query in queries]
        answer = self._client.composite(parts, repeatable=True)
        return Poll(
            as_of=answer.earliest,
            pages=[
                page_of(part, plain_reader(query.object, query.paths), query.limit)
                for query, part in zip(queries, answer.parts, strict=True)
            ],
        )

    def read_plain(
        self, sobject: str, paths: Sequence[str], *, among: Mapping[str, Collection[str]]
    ) -> Sequence[PlainRecord]:
        statements = soql.plain_rows(sobject, paths, among)
        read = plain_reader(sobject, paths)
        return [read(row) for _, row in all_rows(self._client, statements, gone_too=True)]

    def hidden(self, sobject: str, paths: Collection[str]) -> Collection[str]:
        # What was seen a while ago may be hidden by now.
        self._schema = Schema(self._client)
        return {path for path in paths if self._schema.lacks(sobject, path)}

    def describe(self, sobject: str) -> Mapping[str, FieldFacts]:
        return self._schema.facts(sobject)

    def usage(self) -> ApiUsage:
        return self._client.meter.read()
