"""Writes campaigns, their statuses and their members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.adapters.salesforce.composite import MOST_PARTS
from counterpart.adapters.salesforce.row_writes import MOST_ROWS, Collection, RowWrite, write
from counterpart.adapters.salesforce.rows import EXTERNAL_ID
from counterpart.adapters.salesforce.transport import write_headers
from counterpart.domain.records import CampaignObject
from counterpart.ports import ApiUsage, RecordChange, RowAnswer, WriteAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.adapters.salesforce.client import SalesforceClient
    from counterpart.ports import Json

_PATH = "composite/sobjects"
_MOST = MOST_PARTS * MOST_ROWS


class SalesforceCampaignWriter:
    """Writes in collections; a lost answer is followed by a look, not by the same write again."""

    def __init__(self, client: SalesforceClient) -> None:
        self._client = client
        self._headers = write_headers()

    def make_campaign(self, campaign_id: str, values: Mapping[str, Json]) -> RowAnswer:
        body = {
            "attributes": {"type": CampaignObject.CAMPAIGN},
            EXTERNAL_ID: campaign_id,
            **values,
        }
        path = f"{_PATH}/{CampaignObject.CAMPAIGN}/{EXTERNAL_ID}"
        row = RowWrite(place=0, body=body)
        # Made twice under our id, it is the same campaign.
        answer = write(
            self._client,
            [Collection(path=path, rows=[row])],
            headers=self._headers,
            repeatable=True,
        )
        return answer.rows[0]

    def insert(self, sobject: CampaignObject, rows: Sequence[Mapping[str, Json]]) -> WriteAnswer:
        return self._write("POST", [{"attributes": {"type": sobject}, **row} for row in rows])

    def update(self, changes: Sequence[RecordChange]) -> WriteAnswer:
        return self._write(
            "PATCH",
            [
                {"attributes": {"type": change.object}, "id": change.record_id, **change.values}
                for change in changes
            ],
        )

    def delete(self, record_ids: Sequence[str]) -> WriteAnswer:
        return self._write("DELETE", [{"id": record_id} for record_id in record_ids])

    def usage(self) -> ApiUsage:
        return self._client.meter.read()

    def _write(self, method: str, bodies: Sequence[Mapping[str, object]]) -> WriteAnswer:
        if not 0 < len(bodies) <= _MOST:
            raise ValueError(f"one call takes 1 to {_MOST} rows, not {len(bodies)}")
        rows = [RowWrite(place=place, body=body) for place, body in enumerate(bodies)]
        return write(
            self._client,
            [
                Collection(method=method, path=_PATH, rows=rows[start : start + MOST_ROWS])
                for start in range(0, len(rows), MOST_ROWS)
            ],
            headers=self._headers,
            repeatable=False,
        )
