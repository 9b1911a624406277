"""Changes records that exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.adapters.salesforce.composite import MOST_PARTS
from counterpart.adapters.salesforce.row_writes import MOST_ROWS, Collection, RowWrite, write
from counterpart.adapters.salesforce.transport import write_headers
from counterpart.ports import ApiUsage, RecordChange, WriteAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.adapters.salesforce.client import SalesforceClient

_MOST_CHANGES = MOST_PARTS * MOST_ROWS


class SalesforceWriter:
    """Updates rows by id, each for itself.

    A lost answer is not followed by the same write again: meanwhile somebody may have changed the
    record, and their newer value would be lost. Whoever pushes reads it afresh first.

    Args:
        allow_duplicates: Save a row although a duplicate rule warns of it.
    """

    def __init__(self, client: SalesforceClient, *, allow_duplicates: bool = False) -> None:
        self._client = client
        self._headers = write_headers(allow_duplicates=allow_duplicates)

    def update(self, changes: Sequence[RecordChange]) -> WriteAnswer:
        if not 0 < len(changes) <= _MOST_CHANGES:
            raise ValueError(f"one call takes 1 to {_MOST_CHANGES} changes, not {len(changes)}")
        # Salesforce takes no more than ten changes of type within a collection: types together.
        # The order within a type is the caller's, who knows which rows share a parent.
        rows = [
            RowWrite(
                place=place,
                body={
                    "attributes": {"type": change.object},
                    "id": change.record_id,
                    **change.values,
                },
            )
            for place, change in sorted(enumerate(changes), key=lambda item: item[1].object)
        ]
        return write(
            self._client,
            [
                Collection(path="composite/sobjects", rows=rows[start : start + MOST_ROWS])
                for start in range(0, len(rows), MOST_ROWS)
            ],
            headers=self._headers,
            repeatable=False,
        )

    def usage(self) -> ApiUsage:
        return self._client.meter.read()
